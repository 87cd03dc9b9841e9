"""Writes and reads the one form of time that is used on disk: UTC, ISO 8601; it never reads a clock.

A time without a zone is a defect here, never a guess.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from archiver.errors import FormatError

_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)


def to_warc_date(moment: datetime) -> str:
    """Return a time as WARC-Date and the manifest write it: `2026-11-23T01:35:12.123456Z`.

    Raises:
        ValueError: the time has no zone.
    """
    return _utc(moment).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def to_compact(moment: datetime) -> str:
    """Return a time as capture ids write it: `20261123T013512Z`.

    Raises:
        ValueError: the time has no zone.
    """
    return _utc(moment).strftime("%Y%m%dT%H%M%SZ")


def to_day(moment: datetime) -> str:
    """Return the UTC day of a time: `2026-11-23`.

    Raises:
        ValueError: the time has no zone.
    """
    return _utc(moment).strftime("%Y-%m-%d")


def parse(text: str) -> datetime:
    """Read a time in the form that is used on disk.

    Raises:
        FormatError: the text is in another form, or no time.
    """
    if not _STAMP.fullmatch(text):
        raise FormatError(f"not a UTC time: {text[:40]!r}")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise FormatError(f"not a time: {text[:40]!r}") from None


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time without a zone cannot be written")
    return moment.astimezone(UTC)
