"""Takes a URL apart without guessing: where readers of URLs disagree about the host, it says so and names no host.

The grammar is RFC 3986's, with the scheme optional. Python's own splitter is not used: it raises on some inputs,
drops control characters silently and lets a backslash stand in a host.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from archiver.model import Record

_PARTS = re.compile(
    r"(?:(?P<scheme>https?|twitter):(?P<slashes>//?)|(?P<relative>//))?"
    r"(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?",
    re.ASCII | re.IGNORECASE | re.DOTALL,
)
_UNWANTED = re.compile(r"[\s\x00-\x20\x7f-\x9f<>\"\ud800-\udfff]")
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\]")
_HOST_ANY = re.compile(r"[\w.·・-]+")
_PORT = re.compile(r"(?P<host>.*?)(?::(?P<port>[0-9]{0,5}))?", re.DOTALL)

_BEGINS_WHOLE = re.compile(r"[a-z][a-z0-9+.-]*:|//|\\\\", re.IGNORECASE)

PLAIN_PORTS: Final = frozenset({"", "80", "443"})


class Parts(Record, frozen=True, kw_only=True):
    """A URL in its parts, as written except where said.

    Attributes:
        scheme: "http", "https" or "twitter" in lower case; empty where it is left out.
        host: lower case, without the final dot; empty where the URL is deceptive.
        port: digits, or empty.
        path: from the first slash on, still percent-encoded.
        query, fragment: without their marks; None where they are absent.
        deceptive: what makes readers disagree about the host; empty for an honest URL.
    """

    scheme: str
    host: str
    port: str
    path: str
    query: str | None
    fragment: str | None
    deceptive: str

    @property
    def segments(self) -> list[str]:
        """The parts of the path between slashes, empty ones left out, still percent-encoded."""
        return [segment for segment in self.path.split("/") if segment]

    def parameter(self, *names: str) -> str | None:
        """Return the decoded value of the first query parameter that has one of these names and is not empty."""
        for pair in (self.query or "").split("&"):
            name, _, value = pair.partition("=")
            if value and name.lower() in names:
                return unquote(value.replace("+", " "))
        return None


def split_url(text: str) -> Parts | None:
    """Take apart a URL with or without scheme; None for what holds white space, controls, or no host at all."""
    if _UNWANTED.search(text):
        return None
    match = _PARTS.fullmatch(text)
    if match is None or not match["authority"]:
        return None
    authority, path = match["authority"], match["path"]
    deceptive = ""
    if "\\" in authority or "\\" in path:
        deceptive = "a backslash"
    elif "@" in authority or "%" in authority:
        deceptive = "a user name before its host" if "@" in authority else "a percent sign in its host"
    port = _PORT.fullmatch(authority)
    if port is None:
        return None
    host = port["host"].lower().removesuffix(".")
    if not deceptive and not (_HOST.fullmatch(host) or (not host.isascii() and _HOST_ANY.fullmatch(host))):
        return None
    return Parts(
        scheme=(match["scheme"] or "").lower(),
        host="" if deceptive else host,
        port=port["port"] or "",
        path=path,
        query=match["query"],
        fragment=match["fragment"],
        deceptive=deceptive,
    )


def has_scheme(text: str) -> bool:
    """Tell whether a text begins like a URL: a scheme that is handled here, or two slashes."""
    match = _PARTS.match(text)
    return match is not None and bool(match["scheme"] or match["relative"])


def joined(base: str, relative: str) -> str:
    """Return an address that a page writes in relation to its base, as a whole one; no page at all gives nothing.

    Args:
        base: the address of the page, or what its <base> says.
        relative: path, query or fragment, as written.
    """
    parts = split_url(base)
    if parts is None or not parts.host or not parts.scheme or _BEGINS_WHOLE.match(relative):
        return ""
    root = f"{parts.scheme}://{parts.host}{':' + parts.port if parts.port else ''}"
    if relative.startswith("/"):
        return root + relative
    if relative.startswith(("?", "#")):
        return root + (parts.path or "/") + relative
    steps = parts.path.rpartition("/")[0].split("/")
    while relative.startswith(("./", "../")):
        dots, _, relative = relative.partition("/")
        steps = steps[:-1] if dots == ".." and len(steps) > 1 else steps
    return f"{root}{'/'.join(steps)}/{relative}"
