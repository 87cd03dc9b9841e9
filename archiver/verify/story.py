"""Checks what the custody logs tell against what is there: captures, the files of seals, and what was received.

What a kill leaves between a file and its line is told from what somebody took away or put there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Final

from archiver import times
from archiver.case import layout
from archiver.custody import manifest as schema
from archiver.custody import seal
from archiver.custody.manifest import CustodyManifest
from archiver.model import Finding
from archiver.verify.custody import RECEIVED, SEALED, SIGNED, STAMPED, Custody, is_seal_file
from archiver.verify.findings import concluded, counted, failure, note, ok, shown, warning
from archiver.verify.log_file import LINES, Logged
from archiver.verify.places import Spot
from archiver.verify.reading import Seen
from archiver.verify.snapshot import Snapshot
from archiver.verify.stamps import is_stamp

_CHECK = "story"
_FAR: Final = timedelta(minutes=5)
_CHECKS = {SEALED: "seal", SIGNED: "seal", STAMPED: "time-stamp", RECEIVED: "transfer"}
_OF_A_SEAL: Final = re.compile(rf"{layout.SEALS}/{seal.NAME.pattern}/(.+)")
_OF_A_TRANSFER: Final = re.compile(rf"{layout.RECEIVED}/({seal.NAME.pattern})")


def check_story(snapshot: Snapshot, custody: Custody) -> Iterator[Finding]:
    """Check that the logs tell of a capture what it tells of itself."""
    if not custody.logs:
        # Said once, of the whole case.
        return
    lines = custody.acquired.get(snapshot.name, ())
    known = isinstance(snapshot.account, CustodyManifest) and snapshot.seen(layout.TAGMANIFEST) is not None
    where = f"log {lines[0].writer}" if lines else "the log"
    conclusion = ok(_CHECK, "", f"{where} tells what the capture tells of itself, and names its digest")
    yield from concluded(_told(snapshot, custody, lines), conclusion, whole=known)


def _told(snapshot: Snapshot, custody: Custody, lines: tuple[Logged, ...]) -> Iterator[Finding]:
    if not lines:
        if custody.whole:
            yield failure("added", "", "no log tells that this capture was acquired")
        else:
            yield note(_CHECK, "", "not checked: a log that may tell of the capture cannot be read")
        return
    account, listed = snapshot.account, snapshot.seen(layout.TAGMANIFEST)
    for line in lines:
        if listed is not None and line.sha256 != listed.sha256:
            detail = f"it is not the one that was there when the capture was acquired ({_place(line)})"
            yield failure(_CHECK, layout.TAGMANIFEST, detail)
    if isinstance(account, CustodyManifest):
        yield from _agree(account, custody, lines)


def _agree(account: CustodyManifest, custody: Custody, lines: tuple[Logged, ...]) -> Iterator[Finding]:
    begun = [line for line in custody.started.get(lines[0].capture, ()) if _precedes(custody, line, lines[0])]
    if not begun:
        if custody.whole:
            yield failure(_CHECK, "", f"no log tells that it was begun before it was acquired ({_place(lines[0])})")
        return
    # The log of a capture can tell only in this way what it was begun for.
    commitment = schema.commitment(account.salt, account.url)
    for line in begun:
        if line.sha256 != commitment:
            detail = f"the capture was begun for something else than it says ({_place(line)})"
            yield failure(_CHECK, layout.CUSTODY_MANIFEST, detail)
    yield from _in_time(account, begun[0], lines[0])


def _in_time(account: CustodyManifest, begun: Logged, acquired: Logged) -> Iterator[Finding]:
    steps = (
        ("the capture's start", account.started),
        (f"the line in the log that says so ({_place(begun)})", begun.at),
        ("its end", account.ended),
        (f"the line that says so ({_place(acquired)})", acquired.at),
    )
    if not all(is_stamp(moment) for _, moment in steps):
        return
    for (one, earlier), (other, later) in pairwise(steps):
        if times.parse(earlier) - times.parse(later) > _FAR:
            detail = f"{other} has an earlier time, {later}, than {one}, {earlier}"
            yield warning("clock", layout.CUSTODY_MANIFEST, detail)


def _precedes(custody: Custody, one: Logged, other: Logged) -> bool:
    """Tell whether a line stands before another: in the same log, or in one that this log follows from there on."""
    if one.writer == other.writer:
        return one.seq < other.seq
    seen, waiting = {other.writer}, [other.writer]
    while waiting:
        log = custody.logs.get(waiting.pop())
        # A run of lines in a package does not begin with what its log follows.
        if log is not None and log.first > 1:
            return True
        for tail in log.follows if log is not None else ():
            if tail.writer == one.writer and tail.sequence >= one.seq:
                return True
            if tail.writer not in seen:
                seen.add(tail.writer)
                waiting.append(tail.writer)
    return False


def check_captures(custody: Custody, case: Spot) -> Iterator[Finding]:
    """Check that every capture is there of which a log tells that it was acquired."""
    ids = [capture_id for capture_id in custody.acquired if capture_id and custody.went(capture_id)]
    held = f"every capture of which a log tells is there ({len(ids)})"
    yield from concluded(_missing(custody, case, ids), ok(_CHECK, layout.CAPTURES, held), whole=bool(ids))
    if custody.transfer is None:
        yield from _unended(custody)


def _missing(custody: Custody, case: Spot, ids: list[str]) -> Iterator[Finding]:
    days: dict[str, bool] = {}
    staged: dict[str, Spot] | None = None
    for capture_id in ids:
        path = layout.capture_path(capture_id)
        day = path.rpartition("/")[0]
        if day not in days:
            days[day] = _is_folder(case, day)
        if days[day] and (case / path).kind() == "folder":
            continue
        staged = dict(_staged(case)) if staged is None else staged
        line = custody.acquired[capture_id][-1]
        if capture_id not in custody.sealed and _digest(staged.get(capture_id)) == line.sha256:
            detail = "it is acquired and was not moved to its place before the program was stopped"
            yield warning("interrupted", path, f"{detail}; the next run does it", "provable")
        else:
            yield failure("missing", path, f"the capture is not there, and was acquired ({_place(line)})")


def _staged(case: Spot) -> Iterator[tuple[str, Spot]]:
    """Yield the bags that runs left, by capture id."""
    for corner in (case / layout.WORK).entries() or () if _is_folder(case, layout.WORK) else ():
        path = f"{layout.WORK}/{corner.name}/staging"
        if corner.kind == "folder" and _is_folder(case, path):
            for bag in (case / path).entries() or ():
                if bag.kind == "folder" and layout.CAPTURE_ID.fullmatch(bag.name):
                    yield bag.name, case / path / bag.name


def _digest(bag: Spot | None) -> str:
    seen = (bag / layout.TAGMANIFEST).read_small() if bag is not None else None
    return seen.sha256 if isinstance(seen, Seen) else ""


def _is_folder(case: Spot, path: str) -> bool:
    """Tell whether a path leads through folders only, so that no link leads out of the case."""
    parts = path.split("/")
    return all((case / "/".join(parts[:count])).kind() == "folder" for count in range(1, len(parts) + 1))


def _unended(custody: Custody) -> Iterator[Finding]:
    ended = {
        line.capture for log in custody.logs.values() for line in log.lines if line.event in ("acquired", "failed")
    }
    if count := sum(capture_id not in ended for capture_id in custody.started):
        detail = f"the log tells that {counted(count, 'capture')} began, and of no end: stopped, or still under way"
        yield note("interrupted", layout.CUSTODY, detail)


def check_files(custody: Custody) -> Iterator[Finding]:
    """Check that the files of seals, and what was received, are as the logs tell, and that the logs tell of them."""
    went = None if custody.transfer is None else {file.path for file in custody.transfer.files}
    for (event, path), lines in custody.told.items():
        # Of a package, that is there which it says went into it; what was received before never goes along.
        if went is None or path in went:
            yield from _file(custody, event, path, lines)
    if custody.transfer is None and custody.logs and custody.whole:
        yield from _untold(custody)


def _file(custody: Custody, event: str, path: str, lines: tuple[Logged, ...]) -> Iterator[Finding]:
    found = _OF_A_TRANSFER.fullmatch(path) if event == RECEIVED else _OF_A_SEAL.fullmatch(path)
    if found is None or not (event == RECEIVED or is_seal_file(found[1])):
        detail = f"event {lines[0].seq}, {event}, is about {shown(path)}, which no case has"
        yield failure("log", f"{layout.CUSTODY}/{lines[0].writer}{LINES}", detail)
        return
    seen = custody.received.get(found[1]) if event == RECEIVED else custody.seen(path)
    where = f"{path}/package/{layout.TRANSFER}" if event == RECEIVED else path
    if seen is None:
        yield failure("missing", where, f"it is not there, and the log tells that it was {event} ({_place(lines[0])})")
        return
    for line in lines:
        if isinstance(seen, Seen) and line.sha256 != seen.sha256:
            yield failure(_CHECKS[event], where, f"it is not the one that was {event} ({_place(line)})")


def _untold(custody: Custody) -> Iterator[Finding]:
    due = [(RECEIVED, f"{layout.RECEIVED}/{name}") for name in custody.received]
    for folder in custody.seals.values():
        for name in folder.files:
            if name != seal.OPEN:
                event = {seal.SEAL: SEALED, seal.SEAL_SIGNATURE: SIGNED}.get(name, STAMPED)
                due.append((event, folder.path(name)))
    for event, path in due:
        if (event, path) not in custody.told:
            detail = f"no log tells that it was {event}: the program was stopped before, or somebody put it there"
            yield warning("interrupted", path, detail, "provable")


def _place(line: Logged) -> str:
    return f"event {line.seq} of log {line.writer}"
