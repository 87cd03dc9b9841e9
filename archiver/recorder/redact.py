"""Overwrites the values of credentials in request heads before anything is hashed or stored; lengths stay the same."""

from __future__ import annotations

import re

from archiver.model import Redaction

_SECRET = re.compile(
    rb"^(authorization|proxy-authorization|cookie|x-csrf-token|x-guest-token):[ \t]*([^\r\n]*)", re.I | re.M
)


def redact_request(raw: bytes) -> tuple[bytes, tuple[Redaction, ...]]:
    """Overwrite the credentials in the head of a request with `X`.

    Returns:
        The request as it may be stored, and what was overwritten. Both are unchanged and empty if there was nothing.
    """
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
