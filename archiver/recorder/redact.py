"""Overwrites the values of credentials in request heads before anything is hashed or stored; lengths stay the same."""

from __future__ import annotations

import re

from archiver.model import Redaction

_SECRET = re.compile(
    rb"^(authorization|proxy-authorization|cookie|x-csrf-token|x-guest-token):[ \t]*([^\r\n]*)", re.I | re.M
)


_SOCKS = b"\x05"


def redact_request(raw: bytes) -> tuple[bytes, tuple[Redaction, ...]]:
    """Overwrite the credentials in the head of a request with `X`.

    Returns:
        The request as it may be stored, and what was overwritten. Both are unchanged and empty if there was nothing.
    """
    if raw.startswith(_SOCKS):
        return _redact_socks(raw)
    end = raw.find(b"\r\n\r\n")
    head = raw if end < 0 else raw[:end]
    redactions = []
    stored = bytearray(raw)
    for match in _SECRET.finditer(head):
        start, stop = match.span(2)
        if stop > start:
            stored[start:stop] = b"X" * (stop - start)
            redactions.append(Redaction(offset=start, length=stop - start, what=match[1].decode("ascii").lower()))
    return bytes(stored), tuple(redactions)


def _redact_socks(raw: bytes) -> tuple[bytes, tuple[Redaction, ...]]:
    """Overwrite name and password, with their lengths, in what a client says to a SOCKS5 proxy (RFC 1928, RFC 1929)."""
    start = 2 + raw[1] if len(raw) > 1 else len(raw)
    if raw[start : start + 1] != b"\x01" or len(raw) < start + 2:
        return raw, ()
    name_end = start + 2 + raw[start + 1]
    end = name_end + 1 + (raw[name_end] if name_end < len(raw) else 0)
    stored = bytearray(raw)
    stored[start + 1 : end] = b"X" * (end - start - 1)
    return bytes(stored), (Redaction(offset=start + 1, length=end - start - 1, what="socks-password"),)
