"""A case as a folder: makes it, opens it, takes captures in by one rename; it reads no capture."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from archiver import canonical
from archiver.case import layout
from archiver.case.files import sync_folder, write_new
from archiver.errors import ArchiverError, CaseNotFound, FormatError, UsageError
from archiver.hashing import sha256_hex
from archiver.model import Record
from archiver.times import to_warc_date

CASE_FORMAT = "archiver-case/1"

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


def open_case(path: Path, *, writing: bool = False) -> Case:
    """Open a case that exists.

    Args:
        path: its folder.
        writing: whether something is to be written to it.

    Raises:
        CaseNotFound: there is no case in this folder.
        FormatError: its `case.json` is damaged.
        UsageError: it is to be written to, and is a package that somebody handed over.
    """
    try:
        data = (path / layout.CASE_FILE).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise CaseNotFound(f"there is no case in {path}") from None
    if writing and (path / layout.TRANSFER).exists():
        raise UsageError(
            f"{path} is a package that was handed over, and stays as it is",
            advice="name a case of your own with -C, into which 'archiver import' takes packages over",
        )
    return Case(path=path, record=parse_case(data), sha256=sha256_hex(data))


def open_or_make(path: Path, title: str = "") -> tuple[Case, bool]:
    """Open a case, or make it where there is none.

    Args:
        path: its folder.
        title: what a new case is called; the folder's name if empty.

    Returns:
        The case, and whether it was made just now.

    Raises:
        UsageError: the folder holds something else, or a package.
        ArchiverError: it cannot be made.
        FormatError: its `case.json` is damaged.
    """
    try:
        return open_case(path, writing=True), False
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
