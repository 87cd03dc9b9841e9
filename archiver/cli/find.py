"""Finds the captures that the user means: a path, any unique part of an id, a post's link or id, or `last`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from archiver.case.index import Entry, entries, folder_of, received_entries
from archiver.errors import CaseNotFound, UsageError
from archiver.intake.links import parse_link


def find_one(case: Path, text: str, *, keep: bool = True) -> tuple[Entry, Path]:
    """Return the one capture that a text designates, and its folder; of several captures of one post the newest.

    One made in this case goes before one that came in a package.

    Args:
        case: folder of the case.
        text: any unique part of a capture's id, a post's link or id, or "last".
        keep: whether the index of the case may be written.

    Raises:
        CaseNotFound: there is none.
        UsageError: there are several, of different posts.
    """
    return find_all(case, (text,), keep=keep)[0]


def find_all(case: Path, texts: Iterable[str], *, keep: bool = True) -> list[tuple[Entry, Path]]:
    """Return the capture that each of several texts designates, as `find_one` does; the case is read once."""
    listed = [*received_entries(case), *entries(case, keep=keep)]
    return [(entry, folder_of(case, entry)) for entry in (_choose(case, listed, text) for text in texts)]


def _choose(case: Path, listed: list[Entry], text: str) -> Entry:
    found = list(_matching(listed, text))
    if not found:
        raise CaseNotFound(f"no capture in {case} matches {text!r}", advice="'archiver list' shows what there is")
    if len({(entry.platform, entry.post) for entry in found}) > 1:
        shown = ", ".join(entry.id for entry in found[:5])
        raise UsageError(f"{text!r} matches {len(found)} captures: {shown} …", advice="give more of the id")
    return found[-1]


def _matching(listed: list[Entry], text: str) -> Iterator[Entry]:
    if text == "last":
        yield from listed[-1:]
        return
    link = parse_link(text)
    reference = link.reference if link is not None else None
    for entry in listed:
        by_link = reference is not None and (entry.platform, entry.post) == (reference.platform, reference.id)
        if by_link or entry.post == text or text in entry.id or text in entry.inputs:
            yield entry
