"""Says which request is made for a URL and where an answer leads; it sends nothing."""

from __future__ import annotations

from urllib.parse import quote

import httpx

from archiver.model import Exchange, Record

_URL_MARKS = ":/?#[]@!$&'()*+,;=%~"


class Asking(Record, frozen=True, kw_only=True):
    """What is asked for, and what that may take.

    Attributes:
        url: what is asked for; a password or a fragment in it is left out.
        purpose: what the exchanges are recorded as.
        method: request method, in capitals.
        fields: header fields, in order. User-Agent and what frames the request are added.
        content: body of the request.
        most: bytes that the body of the answer may have.
        seconds: seconds that the answer may take.
    """

    url: str
    purpose: str
    method: str = "GET"
    fields: tuple[tuple[str, str], ...] = ()
    content: bytes = b""
    most: int
    seconds: float

    @property
    def repeatable(self) -> bool:
        """Whether asking twice does no more than asking once: it only reads, or it hands nothing in."""
        return self.method in ("GET", "HEAD") or not self.content

    def request(self, user_agent: str) -> httpx.Request | None:
        """Return the request, or None where the URL, the method or a field is none."""
        named = {name.lower() for name, _ in self.fields}
        fields = [*self.fields] if "user-agent" in named else [("User-Agent", user_agent), *self.fields]
        content = self.content if self.content or self.method not in ("GET", "HEAD") else None
        try:
            url = httpx.URL(self.url).copy_with(userinfo=b"", fragment=None)
            return httpx.Request(self.method, url, headers=fields, content=content)
        except (httpx.InvalidURL, ValueError):
            return None


def quoted(url: str) -> str:
    """Return a text that is no URL as one line of ASCII, so that it can be told of."""
    return quote(url, safe=_URL_MARKS, errors="replace")


def join(base: str, location: str) -> str | None:
    """Return where a redirect leads; None where it would log in somewhere.

    What is no web address is returned as it stands: asked for, it is refused, and the refusal is on record.
    """
    try:
        url = httpx.URL(base).join(location).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError):
        return location
    return None if url.userinfo else str(url)


def head_bytes(exchange: Exchange) -> int:
    """Return the bytes of an exchange's records, and of what is told of them, beyond its body."""
    said = len(exchange.request) + len(exchange.head) + len(exchange.stray) + sum(map(len, exchange.interim))
    overwritten = len(exchange.redactions) + len(exchange.response_redactions)
    overwritten += sum(map(len, exchange.beside_redactions))
    return said + 4 * len(exchange.url) + 128 * overwritten
