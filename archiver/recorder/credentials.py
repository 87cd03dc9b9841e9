"""Knows the credentials of one session and where they stand in what it sends and receives; it changes nothing.

They are learned as they are sent and as they come: from header fields, from the cookies that a session with a login is
given, and from the answer in which X gives out a guest token. A session that has none knows nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, unquote, urlsplit

from archiver.model import Redaction
from archiver.recorder.redact import SECRET_FIELDS, find_set_cookies, find_values, overwrite

LEAST = 16
"""Characters from which a value is looked for everywhere; a shorter one would be found where it is none."""

_NOT_TOLD = "https://not-told.invalid/"
_ACTIVATE = "/guest/activate.json"
_GUEST_TOKEN = re.compile(rb'"guest_token"\s*:\s*"?([^"\\\s,}]+)')


class Credentials:
    """The credentials of one session.

    Args:
        login: whether the session is that of a login, so that every cookie that is set in it is a credential.
        values: what is known from the beginning (a proxy's password, for one), each with what it is said to be.
    """

    def __init__(self, *, login: bool = False, values: Iterable[tuple[str, str]] = ()) -> None:
        self._login = login
        self._values: dict[bytes, str] = {}
        for what, value in values:
            self._learn(value, what)

    def __bool__(self) -> bool:
        """Tell whether there is anything to hide."""
        return self._login or bool(self._values)

    def learn_request(self, fields: Iterable[tuple[str, str]]) -> None:
        """Learn from the header fields of a request that is about to be sent."""
        for name, value in fields:
            what = name.lower()
            if what == "cookie":
                # The cookies of a guest are nobody's.
                for pair in value.split(";") if self._login else ():
                    self._learn(pair.partition("=")[2], what)
            elif what in SECRET_FIELDS:
                self._learn(value, what)
                self._learn(value.partition(" ")[2], what)

    def learn_head(self, head: bytes) -> None:
        """Learn from the head of a response: in a session with a login, the cookies that it sets."""
        for item in find_set_cookies(head) if self._login else ():
            self._learn(head[item.offset : item.offset + item.length].decode("latin-1"), item.what)

    def learn_answer(self, url: str, content: bytes) -> Iterator[Redaction]:
        """Learn the guest token from the answer that gives it out, and yield where it stands in that, however short."""
        if urlsplit(url).path.endswith(_ACTIVATE):
            for match in _GUEST_TOKEN.finditer(content):
                self._learn(match[1].decode("latin-1"), "guest_token")
                yield Redaction(offset=match.start(1), length=len(match[1]), what="guest_token")

    def in_head(self, head: bytes) -> Iterator[Redaction]:
        """Yield where credentials stand in the head of a response."""
        if self._login:
            yield from find_set_cookies(head)
        yield from find_values(head, self._values)

    def anywhere(self, data: bytes) -> Iterator[Redaction]:
        """Yield where credentials stand in any bytes."""
        return find_values(data, self._values)

    def betrayed_by(self, url: str) -> bool:
        """Tell whether a URL has a credential in it, so that asking for it would hand it on."""
        spellings = [text.lower().encode("utf-8", "replace") for text in (url, unquote(url))]
        return any(value.lower() in text for value in self._values for text in spellings)

    def conceal_url(self, url: str) -> str:
        """Return a URL as it may be told of: nothing of it, where a credential is in it in some other spelling."""
        concealed = self.conceal(url)
        return _NOT_TOLD if self.betrayed_by(concealed) else concealed

    def conceal(self, text: str) -> str:
        """Return a text with `X` in place of every credential."""
        raw = text.encode("utf-8", "surrogatepass")
        return overwrite(raw, self.anywhere(raw))[0].decode("utf-8", "replace")

    def _learn(self, value: str, what: str) -> None:
        value = value.strip().strip('"')
        for form in (value, unquote(value), quote(value, safe=""), value.replace("/", "\\/")):
            if len(form) >= LEAST:
                self._values.setdefault(form.encode("utf-8", "surrogatepass"), what)
