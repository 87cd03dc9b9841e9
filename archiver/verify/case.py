"""Verifies a case: what stands in it, and its captures beside each other, their findings in the order of their ids."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

from archiver.case import layout
from archiver.custody.transfer import Transfer
from archiver.errors import CaseNotFound, FormatError
from archiver.model import Finding
from archiver.verify import custody, tree
from archiver.verify.capture import findings_of
from archiver.verify.case_file import CaseFile, check_case_file, read_case_file
from archiver.verify.case_wide import check_custody
from archiver.verify.custody import Custody
from archiver.verify.findings import below, failure, note
from archiver.verify.places import OnDisk, Spot
from archiver.verify.seals import Seals
from archiver.verify.tally import Extent
from archiver.verify.trust import NOBODY, Trust

_MOST_WORKERS = 8


class Capture(NamedTuple):
    """A capture that is to be verified: its path in the case, as findings show it, and where it stands."""

    path: str
    bag: Spot


def verify_case(
    case: Path, captures: Sequence[Path] | None = None, *, trust: Trust = NOBODY, workers: int | None = None
) -> Iterator[Finding]:
    """Verify a case, but for what it has received from others.

    Args:
        case: its folder.
        captures: folders of the captures to verify; all that stand in the case, and what stands beside them, if None.
        trust: whom whoever verifies trusts.
        workers: captures that are read at once; as many as there are cores, up to 8, if None.

    Returns:
        Findings with paths relative to the case, as they are made.

    Raises:
        CaseNotFound: there is no folder.
    """
    if not case.is_dir():
        raise CaseNotFound(f"there is no case in {case}")
    chosen = None if captures is None else [Capture(_path_in(case, bag), OnDisk(bag)) for bag in captures]
    return findings_of_case(OnDisk(case), chosen, trust=trust, workers=workers)


def findings_of_case(
    case: Spot,
    captures: Iterable[Capture] | None = None,
    *,
    trust: Trust = NOBODY,
    workers: int | None = None,
    transfer: Transfer | FormatError | None = None,
) -> Generator[Finding, None, Custody]:
    """Read the case in a folder, wherever that is, and yield its findings.

    Args:
        case: the top of it.
        captures, trust, workers: as in `verify_case`.
        transfer: what went along, if it is a package, or what is the matter with what should say so.

    Returns:
        To whoever yields from it: what was read of its custody.
    """
    case_file = read_case_file(case)
    yield from check_case_file(case_file)
    # Listed before the logs are read: of what a run makes meanwhile, a log tells before it is there.
    items = list(_everything(case, package=transfer is not None) if captures is None else captures)
    seals = Seals(custody.take(case, transfer if isinstance(transfer, Transfer) else None), trust)
    # A package that does not say what is in it has no custody that could be judged.
    inside = None if isinstance(transfer, FormatError) else seals
    named: dict[str, str | None] = {}
    belong = 0
    workers = workers or min(os.cpu_count() or 1, _MOST_WORKERS)
    for capture in _in_order(items, partial(_capture, case_file, inside, trust), workers):
        named |= {finding.path.rpartition("/")[2]: finding.key for finding in capture if isinstance(finding, Extent)}
        belong += any(finding.check == "case" and finding.level == "ok" for finding in capture)
        yield from capture
    if named and not belong:
        detail = "no capture names its digest: it has changed, or every capture is of another case"
        yield failure("case", layout.CASE_FILE, detail)
    if inside is not None:
        yield from check_custody(case, case_file, inside, named)
    return seals.custody


def _everything(case: Spot, *, package: bool) -> Iterator[Finding | Capture]:
    """Yield the captures of a case, and findings about what stands beside them."""
    listed = case.entries()
    if listed is None:
        yield failure("unreadable", "", "the folder cannot be read")
        return
    yield from tree.outsiders("", listed)
    for entry in listed:
        if package and entry.name in (layout.TRANSFER, layout.TRANSFER_SIGNATURE):
            continue
        expected = "file" if entry.name in layout.CASE_FILES else "folder"
        if _is_ordinary(entry) and not (entry.name in layout.CASE_ENTRIES and entry.kind == expected):
            yield failure("added", tree.below("", entry.name), f"no case has a {entry.kind} of this name")
    if any(entry.name == layout.CAPTURES and entry.kind == "folder" for entry in listed):
        yield from _days(case / layout.CAPTURES)
    else:
        yield note("tree", "", "the case has no captures")


def _days(captures: Spot) -> Iterator[Finding | Capture]:
    listed = captures.entries()
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


def _day(day: Spot, path: str) -> Iterator[Finding | Capture]:
    listed = day.entries()
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
            yield Capture(tree.below(path, entry.name), day / entry.name)
        elif _is_ordinary(entry):
            yield failure("added", tree.below(path, entry.name), f"no {entry.kind} of this name stands among captures")


def _is_ordinary(entry: tree.Entry) -> bool:
    """Tell whether nothing is said yet of an entry by what it is."""
    return entry.kind in ("file", "folder") and not layout.is_litter(entry.name)


def _path_in(case: Path, bag: Path) -> str:
    return bag.relative_to(case).as_posix() if bag.is_relative_to(case) else bag.name


def _capture(case_file: CaseFile, seals: Seals | None, trust: Trust, capture: Capture) -> tuple[Finding, ...]:
    if capture.bag.kind() != "folder":
        return (failure("missing", capture.path, "there is no capture any more, or it is no folder"),)
    return tuple(below(capture.path, finding) for finding in findings_of(capture.bag, case_file, seals, trust))


def _in_order(
    items: Iterable[Finding | Capture], work: Callable[[Capture], tuple[Finding, ...]], workers: int
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
