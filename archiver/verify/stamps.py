"""Reads times that are written in the one form of the format, and writes them for people; it reads no clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from archiver import times
from archiver.errors import FormatError
from archiver.verify.findings import counted

_LENGTH: Final = len("2026-11-23T01:35:12.123456Z")
_UNITS: Final = (("day", 86400), ("hour", 3600), ("minute", 60))


def is_stamp(text: str) -> bool:
    """Tell whether a text is a UTC time with exactly six digits after the point."""
    return moment_of(text) is not None


def moment_of(text: str) -> datetime | None:
    """Return the time that a text is; None if it is none in the form of the format."""
    try:
        moment = times.parse(text)
    except FormatError:
        return None
    return moment if len(text) == _LENGTH and text.isascii() else None


def readable(moment: datetime) -> str:
    """Return a time as people read it: `2026-11-23 01:35:12 UTC`."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def span(length: timedelta) -> str:
    """Return a length of time in its largest whole unit, without its sign: `2 days`."""
    seconds = round(abs(length.total_seconds()))
    return next(
        (counted(seconds // size, unit) for unit, size in _UNITS if seconds >= size), counted(seconds, "second")
    )
