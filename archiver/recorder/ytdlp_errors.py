"""Tells from an error of yt-dlp what stands behind it, for the table that says what that means; it catches nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from archiver.errors import NetworkError
from archiver.platforms.ytdlp_trouble import PROGRAM, Trouble

LONGEST = 1000
"""Characters of a message that are kept."""


def behind(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all that it came from, in Python's ways and in yt-dlp's."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        item = waiting.pop(0)
        if not isinstance(item, BaseException) or id(item) in seen:
            continue
        seen.add(id(item))
        yield item
        origin = getattr(item, "exc_info", None) or (None, None)
        waiting += [origin[1], getattr(item, "cause", None), item.__cause__, item.__context__]


def trouble(error: BaseException, conceal: Callable[[str], str]) -> Trouble:
    """Return what stands behind an error: the extractor's own words, the status, our reason.

    Args:
        error: what was raised.
        conceal: takes credentials out of a text.
    """
    chain = tuple(behind(error))
    named = next((item for item in chain if hasattr(item, "orig_msg")), chain[0])
    words = str(getattr(named, "orig_msg", None) or getattr(named, "msg", None) or named)
    known = type(named).__module__.startswith("yt_dlp")
    return Trouble(
        kind=type(named).__name__ if known else PROGRAM,
        words=conceal(words if known else f"{type(named).__name__}: {words}")[:LONGEST],
        status=next((code for item in chain if isinstance(code := getattr(item, "status", None), int)), 0),
        failure=next((item.reason for item in chain if isinstance(item, NetworkError)), ""),
    )
