"""A case as a folder: makes it, opens it, gives out staging folders, seals them by one rename; it reads no capture."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import msgspec
from filelock import BaseFileLock, FileLock, Timeout

from archiver import canonical
from archiver.case import layout
from archiver.case.bag import parse_manifest
from archiver.case.files import sync_folder, write_new
from archiver.errors import ArchiverError, CaseNotFound, FormatError, UsageError
from archiver.hashing import sha256_hex
from archiver.model import Record
from archiver.times import to_warc_date

CASE_FORMAT = "archiver-case/1"

_CORNER = "run-"
_MAKING_SECONDS = 10.0


class CaseRecord(Record, frozen=True, kw_only=True):
    """What `case.json` says: it never changes, and its digest is in every manifest."""

    created: str
    format: str
    id: str
    title: str


class Case(Record, frozen=True, kw_only=True):
    """An opened case.

    Attributes:
        path: its folder.
        record: what its `case.json` says.
        sha256: digest of `case.json`.
    """

    path: Path
    record: CaseRecord
    sha256: str


def parse_case(data: bytes) -> CaseRecord:
    """Read the bytes of a `case.json`.

    Raises:
        FormatError: they are no canonical JSON, or not of this format.
    """
    value = canonical.decode(data)
    if not canonical.is_canonical(data, value):
        raise FormatError("case.json is not in canonical form")
    try:
        record = msgspec.convert(value, CaseRecord)
    except msgspec.ValidationError as error:
        raise FormatError(f"case.json does not follow its schema: {error}") from None
    if record.format != CASE_FORMAT:
        raise FormatError(f"case.json is not of format {CASE_FORMAT}")
    return record


def open_case(path: Path) -> Case:
    """Open a case that exists.

    Raises:
        CaseNotFound: there is no case in this folder.
        FormatError: its `case.json` is damaged.
    """
    try:
        data = (path / layout.CASE_FILE).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise CaseNotFound(f"there is no case in {path}") from None
    return Case(path=path, record=parse_case(data), sha256=sha256_hex(data))


def open_or_make(path: Path, title: str = "") -> tuple[Case, bool]:
    """Open a case, or make it where there is none.

    Args:
        path: its folder.
        title: what a new case is called; the folder's name if empty.

    Returns:
        The case, and whether it was made just now.

    Raises:
        UsageError: the folder holds something else.
        ArchiverError: it cannot be made.
        FormatError: its `case.json` is damaged.
    """
    try:
        return open_case(path), False
    except CaseNotFound:
        pass
    try:
        path.mkdir(parents=True, exist_ok=True)
        names = {item.name for item in path.iterdir()}
        if layout.CASE_FILE not in names and any(name != layout.WORK and not layout.is_litter(name) for name in names):
            raise UsageError(
                f"{path} is not a case and not empty", advice="name an empty or new folder with -C, or an existing case"
            )
        made = _make_case(path, title)
    except (OSError, Timeout) as error:
        why = getattr(error, "strerror", None) or "another run holds it"
        raise ArchiverError(f"the case {path} cannot be made: {why}", advice="name another folder with -C") from None
    return open_case(path), made


def _make_case(path: Path, title: str) -> bool:
    """Write `case.json` so that nobody ever sees a part of it; return False if another run was faster."""
    work = path / layout.WORK
    work.mkdir(exist_ok=True)
    with FileLock(work / "making.lock", timeout=_MAKING_SECONDS):
        if (path / layout.CASE_FILE).exists():
            return False
        record = CaseRecord(
            created=to_warc_date(datetime.now(UTC)),
            format=CASE_FORMAT,
            id=f"urn:uuid:{uuid.uuid4()}",
            title=title or path.resolve().name,
        )
        draft = work / f"{layout.CASE_FILE}.{layout.random_letters(8)}"
        write_new(draft, canonical.encode(msgspec.to_builtins(record)))
        draft.rename(path / layout.CASE_FILE)
        sync_folder(path)
    return True


def seal(case: Case, staged: Path) -> Path:
    """Make a staged capture part of the case, by one rename; whatever is under `captures/` is therefore whole.

    Args:
        case: the case.
        staged: the finished bag, on the disk already; its name is the capture id.

    Returns:
        Where it stands now.

    Raises:
        OSError: it cannot be moved.
    """
    target = layout.capture_folder(case.path, staged.name)
    captures = target.parent.parent
    for folder in (captures, target.parent):
        if not folder.is_dir():
            folder.mkdir(exist_ok=True)
            sync_folder(folder.parent)
    staged.rename(target)
    sync_folder(target.parent)
    return target


class Workshop:
    """The run's own corner of `.work/`: staging folders, and nothing that is evidence.

    Attributes:
        path: the corner; other runs have their own.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def staging(self, capture_id: str) -> Path:
        """Make and return the staging folder of a capture."""
        folder = self.path / "staging" / capture_id
        (folder / layout.DATA).mkdir(parents=True)
        return folder

    def scratch(self, name: str) -> Path:
        """Make and return a folder for bodies while they arrive, on the same file system as the staging folders."""
        folder = self.path / "scratch" / name
        folder.mkdir(parents=True)
        return folder


@contextmanager
def workshop(case: Case) -> Iterator[Workshop]:
    """Give a run its corner of `.work/`, and clear it at the end of what was sealed or given up.

    A corner whose run was killed keeps its staging folders: they may hold the only copy of something. The lock beside
    the corner, which is taken before the corner is there, tells whether its run is alive.

    Raises:
        ArchiverError: the case cannot be written to.
    """
    work = case.path / layout.WORK
    path = work / f"{_CORNER}{layout.random_letters(8)}"
    lock = _lock_of(path)
    try:
        work.mkdir(exist_ok=True)
        lock.acquire(timeout=0)
        path.mkdir()
    except (OSError, Timeout) as error:
        raise ArchiverError(
            f"the case {case.path} cannot be written to: {error}", advice="check its permissions"
        ) from None
    try:
        yield Workshop(path)
    finally:
        _give_up(path, lock)


def _lock_of(corner: Path) -> BaseFileLock:
    return FileLock(corner.with_suffix(".lock"))


def _give_up(corner: Path, lock: BaseFileLock) -> None:
    """Remove a corner and its lock, unless something was left in staging; the lock is ours."""
    staging = corner / "staging"
    kept = staging.is_dir() and any(staging.iterdir())
    if not kept:
        shutil.rmtree(corner, ignore_errors=True)
    lock.release()
    if not kept:
        with suppress(OSError):
            Path(lock.lock_file).unlink()


class Recovery(Protocol):
    """What else has to be done for a bag that a killed run left, before it may be part of the case."""

    def closed(self, staged: Path) -> bool:
        """Finish a bag that is whole; tell whether it may be moved to its place."""

    def given_up(self, staged: Path) -> None:
        """Take note of one that is not."""


def finish_interrupted(case: Case, shop: Workshop, recovery: Recovery) -> list[Path]:
    """Seal what earlier runs had made whole but not renamed when they were killed, and clear up after them.

    Args:
        case: the case.
        shop: the corner of this run.
        recovery: does what belongs to sealing besides the move.

    Returns:
        What was not whole. It stays where it is: it may hold the only copy of something.

    Raises:
        OSError: the case cannot be written to.
    """
    unfinished = []
    for corner in sorted((case.path / layout.WORK).glob(f"{_CORNER}*")):
        if corner == shop.path or not corner.is_dir():
            continue
        lock = _lock_of(corner)
        try:
            lock.acquire(timeout=0)
        except (Timeout, OSError):
            # Its run is alive, or another user's.
            continue
        try:
            for staged in sorted(path for path in (corner / "staging").glob("*") if path.is_dir()):
                there = layout.capture_folder(case.path, staged.name).exists()
                if not there and _is_whole(staged) and recovery.closed(staged):
                    seal(case, staged)
                else:
                    unfinished.append(staged)
                    recovery.given_up(staged)
        finally:
            _give_up(corner, lock)
    return unfinished


def _is_whole(staged: Path) -> bool:
    """Tell whether a staged bag has its tag manifest, which is written last, with everything that it has to list."""
    try:
        listed = parse_manifest((staged / layout.TAGMANIFEST).read_bytes())
        named = layout.CAPTURE_ID.fullmatch(staged.name) is not None and tuple(listed) == layout.TAG_FILES
        return named and all(sha256_hex((staged / name).read_bytes()) == digest for name, digest in listed.items())
    except (OSError, FormatError):
        return False
