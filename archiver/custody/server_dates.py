"""Reads a server's Date beside the local time of its exchange; capture and verify share the rule, and no clock is read.

The rule is that of RFC 9110, section 5.6.7, and of nothing that a library may read differently years later.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from archiver.custody.manifest import ServerDate
from archiver.times import to_warc_date

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TIME: Final = "([0-9]{2}):([0-9]{2}):([0-9]{2})"
_FIXED: Final = re.compile(rf"[A-Z][a-z]{{2}}, ([0-9]{{2}}) ([A-Z][a-z]{{2}}) ([0-9]{{4}}) {_TIME} GMT")
_RFC_850: Final = re.compile(rf"[A-Z][a-z]{{5,8}}, ([0-9]{{2}})-([A-Z][a-z]{{2}})-([0-9]{{2}}) {_TIME} GMT")
_ASCTIME: Final = re.compile(rf"[A-Z][a-z]{{2}} ([A-Z][a-z]{{2}}) ([ 0-9][0-9]) {_TIME} ([0-9]{{4}})")


def server_date(record: str, date: str | None, started: datetime) -> ServerDate | None:
    """Put a Date beside the local time; None where there is none in a form that HTTP allows.

    Args:
        record: the response record that has it.
        date: the value of the first Date field, if there is one.
        started: when the exchange was begun, by the local clock.
    """
    moment = _read(date or "", started.year)
    if date is None or moment is None:
        return None
    difference = round((moment - started).total_seconds())
    return ServerDate(record=record, date=date, local=to_warc_date(started), seconds=difference)


def _read(text: str, this_year: int) -> datetime | None:
    if found := _FIXED.fullmatch(text) or _RFC_850.fullmatch(text):
        day, month, year, *clock = found.groups()
    elif found := _ASCTIME.fullmatch(text):
        month, day, *clock, year = found.groups()
    else:
        return None
    try:
        hour, minute, second = map(int, clock)
        return datetime(_year(year, this_year), _MONTHS.index(month) + 1, int(day), hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def _year(text: str, this_year: int) -> int:
    """Return a year; one of two digits is not more than 50 years ahead."""
    if len(text) == 4:
        return int(text)
    year = this_year - this_year % 100 + int(text)
    return year - 100 if year > this_year + 50 else year
