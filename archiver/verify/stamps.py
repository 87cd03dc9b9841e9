"""Tells whether a time is written in the one form of the format; it reads no clock."""

from __future__ import annotations

from typing import Final

from archiver import times
from archiver.errors import FormatError

_LENGTH: Final = len("2026-11-23T01:35:12.123456Z")


def is_stamp(text: str) -> bool:
    """Tell whether a text is a UTC time with exactly six digits after the point."""
    try:
        times.parse(text)
    except FormatError:
        return False
    return len(text) == _LENGTH and text.isascii()
