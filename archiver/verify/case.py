"""Verifies a case: what stands in it, and its captures beside each other, their findings in the order of their ids."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

from archiver.case import layout
from archiver.errors import CaseNotFound
from archiver.model import Finding
from archiver.verify import tree
from archiver.verify.capture import findings_of
from archiver.verify.case_file import CaseFile, check_case_file, read_case_file
from archiver.verify.findings import below, failure, note

_MOST_WORKERS = 8


def verify_case(case: Path, captures: Sequence[Path] | None = None, *, workers: int | None = None) -> Iterator[Finding]:
    """Verify a case.

    Args:
        case: its folder.
        captures: folders of the captures to verify; all that stand in the case, and what stands beside them, if None.
        workers: captures that are read at once; as many as there are cores, up to 8, if None.

    Returns:
        Findings with paths relative to the case, as they are made.

    Raises:
        CaseNotFound: there is no folder.
    """
    if not case.is_dir():
        raise CaseNotFound(f"there is no case in {case}")
    return _verify(case, captures, workers or min(os.cpu_count() or 1, _MOST_WORKERS))


def _verify(case: Path, captures: Sequence[Path] | None, workers: int) -> Iterator[Finding]:
    case_file = read_case_file(case)
    yield from check_case_file(case_file)
    items = _everything(case) if captures is None else captures
    verified = belong = 0
    for capture in _in_order(items, partial(_capture, case, case_file), workers):
        verified += any(finding.check == "extent" for finding in capture)
        belong += any(finding.check == "case" and finding.level == "ok" for finding in capture)
        yield from capture
    if verified and not belong:
        detail = "no capture names its digest: it has changed, or every capture is of another case"
        yield failure("case", layout.CASE_FILE, detail)


def _everything(case: Path) -> Iterator[Finding | Path]:
    """Yield the captures of a case, and findings about what stands beside them."""
    listed = tree.entries(case)
    if listed is None:
        yield failure("unreadable", "", "the folder cannot be read")
        return
    yield from tree.outsiders("", listed)
    for entry in listed:
        expected = "file" if entry.name == layout.CASE_FILE else "folder"
        if _is_ordinary(entry) and not (entry.name in layout.CASE_ENTRIES and entry.kind == expected):
            yield failure("added", tree.below("", entry.name), f"no case has a {entry.kind} of this name")
    if any(entry.name == layout.CAPTURES and entry.kind == "folder" for entry in listed):
        yield from _days(case / layout.CAPTURES)
    else:
        yield note("tree", "", "the case has no captures")


def _days(captures: Path) -> Iterator[Finding | Path]:
    listed = tree.entries(captures)
    if listed is None:
        yield failure("unreadable", layout.CAPTURES, "the folder cannot be read")
        return
    yield from tree.outsiders(layout.CAPTURES, listed)
    for entry in listed:
        path = tree.below(layout.CAPTURES, entry.name)
        if entry.kind == "folder" and layout.DAY.fullmatch(entry.name) and entry.name.isascii():
            yield from _day(captures / entry.name, path)
        elif _is_ordinary(entry):
            yield failure("added", path, f"no {entry.kind} of this name stands among the days")


def _day(day: Path, path: str) -> Iterator[Finding | Path]:
    listed = tree.entries(day)
    if listed is None:
        yield failure("unreadable", path, "the folder cannot be read")
        return
    yield from tree.outsiders(path, listed)
    if not listed:
        yield note("tree", path, "the folder is empty, as one is when a run was killed while it sealed")
    for entry in listed:
        if entry.kind == "folder" and layout.CAPTURE_ID.fullmatch(entry.name) and entry.name.isascii():
            if f"{entry.name[:4]}-{entry.name[4:6]}-{entry.name[6:8]}" != day.name:
                yield failure("name", tree.below(path, entry.name), "the capture stands in the folder of another day")
            yield day / entry.name
        elif _is_ordinary(entry):
            yield failure("added", tree.below(path, entry.name), f"no {entry.kind} of this name stands among captures")


def _is_ordinary(entry: tree.Entry) -> bool:
    """Tell whether nothing is said yet of an entry by what it is."""
    return entry.kind in ("file", "folder") and not layout.is_litter(entry.name)


def _capture(case: Path, case_file: CaseFile, bag: Path) -> tuple[Finding, ...]:
    path = bag.relative_to(case).as_posix() if bag.is_relative_to(case) else bag.name
    if tree.kind_of(bag) != "folder":
        return (failure("missing", path, "there is no capture any more, or it is no folder"),)
    return tuple(below(path, finding) for finding in findings_of(bag, case_file))


def _in_order(
    items: Iterable[Finding | Path], work: Callable[[Path], tuple[Finding, ...]], workers: int
) -> Iterator[tuple[Finding, ...]]:
    """Do the work beside each other, a few ahead of whoever reads, and yield what comes of it in the order of items."""
    pool = ThreadPoolExecutor(workers, thread_name_prefix="verify")
    waiting: deque[tuple[Finding, ...] | Future[tuple[Finding, ...]]] = deque()
    try:
        for item in items:
            waiting.append((item,) if isinstance(item, Finding) else pool.submit(work, item))
            while len(waiting) > 2 * workers:
                yield _settled(waiting.popleft())
        while waiting:
            yield _settled(waiting.popleft())
    finally:
        pool.shutdown(cancel_futures=True)


def _settled(item: tuple[Finding, ...] | Future[tuple[Finding, ...]]) -> tuple[Finding, ...]:
    return item.result() if isinstance(item, Future) else item
