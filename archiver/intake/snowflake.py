"""Judges the numeric ids of X: which ones can be a post, and when it was made; it knows nothing of links."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from archiver.errors import FormatError

_ID = re.compile(r"[1-9][0-9]{0,18}")
_EPOCH_MS = 1288834974657
_LAST_SEQUENTIAL = 30_000_000_000
# The first snowflakes are of 2010-11-04T21:35Z, near 3·10¹⁴; the bound leaves half an hour before them, for to
# refuse a real post is worse than to ask for an id that never was.
_FIRST_SNOWFLAKE = 290_000_000_000_000
_LARGEST = 2**63 - 1
_CLOCK_TOLERANCE = timedelta(minutes=1)
_ADVICE = "compare the number with the link that you were given; a digit may be missing or changed"
_UNIX = datetime(1970, 1, 1, tzinfo=UTC)


def snowflake_time(id: str, *, now: datetime | None = None) -> datetime | None:
    """Return the moment (UTC, milliseconds) at which X gave out an id, or None for the sequential ids before 2010-11.

    Args:
        id: the id in ASCII digits, without leading zeros.
        now: the present moment, aware; the machine's clock when left out.

    Raises:
        FormatError: no post can have this id: it is not such a number, is over 63 bits, lies in the gap between the
            sequential ids and the first snowflakes, or is more than a minute ahead of now.
    """
    if _ID.fullmatch(id) is None:
        raise FormatError(
            f"{_shown(id)} is not a post id: it has to be 1 to 19 digits without leading zeros", advice=_ADVICE
        )
    number = int(id)
    if number <= _LAST_SEQUENTIAL:
        return None
    if number < _FIRST_SNOWFLAKE:
        raise FormatError(f"post id {id} was never given out: X went from 3·10¹⁰ to 3·10¹⁴ in 2010", advice=_ADVICE)
    if number > _LARGEST:
        raise FormatError(f"post id {id} is larger than any that X can give out", advice=_ADVICE)
    moment = _UNIX + timedelta(milliseconds=(number >> 22) + _EPOCH_MS)
    if moment > (now or datetime.now(UTC)) + _CLOCK_TOLERANCE:
        raise FormatError(f"post id {id} lies in the future ({moment:%Y-%m-%d %H:%M} UTC)", advice=_ADVICE)
    return moment


def _shown(id: str) -> str:
    return ascii(id if len(id) <= 40 else id[:40] + "…")
