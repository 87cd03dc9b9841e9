"""Finds the lines that X sets under an embedded post, `— Name (@handle) March 8, 2025`; it looks for no link.

Names hold brackets, dashes, emoji and right-to-left script, so a signature is read from its handle outwards.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator

from archiver.intake.dates import leading_day, parse_day
from archiver.intake.marks import INVISIBLE, trimmed
from archiver.model import Record

_HANDLE = re.compile(rf"\([\s{INVISIBLE}]{{0,4}}@([A-Za-z0-9_]{{1,15}})[\s{INVISIBLE}]{{0,4}}\)")
_DASH = re.compile(r"—|–|―|--|&mdash;|&ndash;|&#8212;|&#x2014;")
_HYPHEN = re.compile(r"(?<=\s)-(?=\s)")
_OPENING = re.compile(rf"[\s{INVISIBLE}\"'>*_“”«]*(?:—|–|―|--|&mdash;|&ndash;|&#8212;|&#x2014;|-(?=\s))")
_REST_OF_LINE = re.compile(rf"[\s{INVISIBLE}]*(?:\n|\Z)")
_LONGEST_NAME = 200
_AFTER = 120


class Signature(Record, frozen=True, kw_only=True):
    """One signature in a text.

    Attributes:
        start: offset of its dash, or of its line where that begins with the dash or has none.
        handle_end: offset after the bracket that closes the handle.
        end: offset after the day, or after the handle where there is none.
        handle: account name without the @.
        name: display name as written; None where there is none.
        day: the printed day (YYYY-MM-DD).
    """

    start: int
    handle_end: int
    end: int
    handle: str
    name: str | None
    day: str | None


def signatures(text: str) -> Iterator[Signature]:
    """Yield the signatures of running text, in order: a dash, a name, a bracketed handle, and a day after it.

    Without a day, the signature has to be alone on its line.
    """
    previous = 0
    for match in _HANDLE.finditer(text):
        start, alone = _dash_before(text, match.start(), previous)
        if start is None:
            continue
        signature = _signature(text, match, start)
        if signature.day is not None or (alone and _REST_OF_LINE.match(text, match.end())):
            previous = signature.end
            yield signature


def last_signature(text: str, end: int) -> Signature | None:
    """Return the signature of an embed: its last bracketed handle before an offset, after a dash or before a day."""
    last = next(iter(deque(_HANDLE.finditer(text, 0, end), maxlen=1)), None)
    if last is None:
        return None
    start, _ = _dash_before(text, last.start(), 0)
    if start is None:
        rest = trimmed(text[last.end() : end])
        if rest and parse_day(rest) is None:
            return None
        start = _line_start(text, last.start(), 0)
    return _signature(text, last, start)


def _signature(text: str, handle: re.Match[str], start: int) -> Signature:
    head = text[start : handle.start()]
    dash = _OPENING.match(head)
    dated = _day_after(text, handle.end())
    return Signature(
        start=start,
        handle_end=handle.end(),
        end=handle.end() if dated is None else dated[1],
        handle=handle[1],
        name=trimmed(head[dash.end() :] if dash else head) or None,
        day=None if dated is None else dated[0],
    )


def _dash_before(text: str, handle: int, previous: int) -> tuple[int | None, bool]:
    """Return where a signature opens (its dash, or the line that the dash opens), and whether it opens its line."""
    begin = _line_start(text, handle, previous)
    head = text[begin:handle]
    if begin > handle - _LONGEST_NAME and _OPENING.match(head):
        return begin, begin == 0 or text[begin - 1] in "\n\u2028"
    dashes = list(_DASH.finditer(head)) or list(_HYPHEN.finditer(head))
    return (begin + dashes[-1].start() if dashes else None), False


def _line_start(text: str, at: int, previous: int) -> int:
    lowest = max(previous, at - _LONGEST_NAME, 0)
    return max(text.rfind("\n", lowest, at) + 1, text.rfind("\u2028", lowest, at) + 1, lowest)


def _day_after(text: str, end: int) -> tuple[str, int] | None:
    after = text[end : end + _AFTER]
    line, newline, rest = after.partition("\n")
    dated = leading_day(line)
    if dated is not None:
        return dated[0], end + dated[1]
    if newline and not trimmed(line):
        dated = leading_day(rest.partition("\n")[0])
        return None if dated is None else (dated[0], end + len(line) + 1 + dated[1])
    return None
