"""Overwrites credentials with `X` before anything is hashed or stored; lengths stay the same, and it decides nothing.

Where one stands is told by its place (a header field) or by its value. `credentials` knows the values of a session.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from archiver.model import Redaction

SECRET_FIELDS = ("authorization", "proxy-authorization", "cookie", "x-csrf-token", "x-guest-token")
"""Fields of a request whose values are credentials, in lower case."""

_SECRET = re.compile(rb"^(" + "|".join(SECRET_FIELDS).encode() + rb"):[ \t]*([^\r\n]*)", re.I | re.M)
_SET_COOKIE = re.compile(rb"^set-cookie[ \t]*:[ \t]*([^\r\n=;]*=)?([^\r\n;]*)", re.I | re.M)
_OF_CODINGS = re.compile(rb"^(content-encoding|transfer-encoding|content-length)(?=[ \t]*:)", re.I | re.M)
_SOCKS = b"\x05"

STORED_DECODED = "stored decoded"
"""What is said to have stood where a response head named a coding, or a length, that its stored body has no more."""


def redact_request(raw: bytes) -> tuple[bytes, tuple[Redaction, ...]]:
    """Overwrite the credentials in the head of a request with `X`.

    Returns:
        The request as it may be stored, and what was overwritten. Both are unchanged and empty if there was nothing.
    """
    if raw.startswith(_SOCKS):
        return _redact_socks(raw)
    end = raw.find(b"\r\n\r\n")
    head = raw if end < 0 else raw[:end]
    found = (
        Redaction(offset=match.start(2), length=len(match[2]), what=match[1].decode("ascii").lower())
        for match in _SECRET.finditer(head)
    )
    return overwrite(raw, found)


def overwrite(raw: bytes, found: Iterable[Redaction]) -> tuple[bytes, tuple[Redaction, ...]]:
    """Overwrite parts of a message; those that overlap or touch become one, named as the first of them.

    Returns:
        The message, and what was overwritten, in order.
    """
    merged: list[Redaction] = []
    for item in sorted(found, key=lambda item: (item.offset, -item.length)):
        last = merged[-1] if merged else None
        if item.length < 1:
            continue
        if last is None or item.offset > last.offset + last.length:
            merged.append(item)
        else:
            length = max(last.length, item.offset + item.length - last.offset)
            merged[-1] = Redaction(offset=last.offset, length=length, what=last.what)
    if not merged:
        return raw, ()
    stored = bytearray(raw)
    for item in merged:
        stored[item.offset : item.offset + item.length] = b"X" * item.length
    return bytes(stored), tuple(merged)


def find_values(raw: bytes, values: Mapping[bytes, str]) -> Iterator[Redaction]:
    """Yield where any of some values stands, each with what it is said to be."""
    for value, what in values.items():
        start = raw.find(value)
        while start >= 0:
            yield Redaction(offset=start, length=len(value), what=what)
            start = raw.find(value, start + 1)


def find_set_cookies(head: bytes) -> Iterator[Redaction]:
    """Yield the values of the cookies that the head of a response sets; their names and attributes stay."""
    for match in _SET_COOKIE.finditer(head):
        yield Redaction(offset=match.start(2), length=len(match[2].rstrip()), what="set-cookie")


def find_codings(head: bytes) -> Iterator[Redaction]:
    """Yield the names of the fields in a response head that tell of codings and of the body's length."""
    for match in _OF_CODINGS.finditer(head):
        yield Redaction(offset=match.start(), length=len(match[1]), what=STORED_DECODED)


def _redact_socks(raw: bytes) -> tuple[bytes, tuple[Redaction, ...]]:
    """Overwrite name and password, with their lengths, in what a client says to a SOCKS5 proxy (RFC 1928, RFC 1929)."""
    start = 2 + raw[1] if len(raw) > 1 else len(raw)
    if raw[start : start + 1] != b"\x01" or len(raw) < start + 2:
        return raw, ()
    name_end = start + 2 + raw[start + 1]
    end = name_end + 1 + (raw[name_end] if name_end < len(raw) else 0)
    return overwrite(raw, [Redaction(offset=start + 1, length=end - start - 1, what="socks-password")])
