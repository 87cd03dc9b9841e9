"""Corners of `.work/`, in which runs stage captures: gives them out, and clears up after runs that were killed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Protocol

from filelock import BaseFileLock, FileLock, Timeout

from archiver.case import layout
from archiver.case.bag import parse_manifest
from archiver.case.store import Case, seal
from archiver.errors import ArchiverError, FormatError
from archiver.hashing import sha256_hex

_CORNER: Final = "run-"


class Workshop:
    """The run's own corner of `.work/`: staging folders, and nothing that is evidence.

    Attributes:
        path: the corner; other runs have their own.
        owner: stands for the installation, in the corner's name.
    """

    def __init__(self, path: Path, owner: str = "") -> None:
        self.path = path
        self.owner = owner

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
def workshop(case: Case, owner: str = "") -> Iterator[Workshop]:
    """Give a run its corner of `.work/`, and clear it at the end of what was sealed or given up.

    A corner whose run was killed keeps its staging folders: they may hold the only copy of something. The lock beside
    the corner, which is taken before the corner is there, tells whether its run is alive.

    Args:
        case: the case.
        owner: stands for the installation: letters and digits. On a case that is synchronised between machines, no
            lock tells of a run on another one, so that corners of other owners are let alone.

    Raises:
        ArchiverError: the case cannot be written to.
    """
    work = case.path / layout.WORK
    path = work / f"{_CORNER}{f'{owner}-' if owner else ''}{layout.random_letters(8)}"
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
        yield Workshop(path, owner)
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


def others_left(case: Case, shop: Workshop) -> bool:
    """Tell whether there are corners of other runs: of killed ones, or of some that are under way."""
    return bool(_others(case, shop))


def _others(case: Case, shop: Workshop) -> list[Path]:
    """Return the corners of this installation's other runs, and of those that name no installation."""
    found = (path for path in (case.path / layout.WORK).glob(f"{_CORNER}*") if path.is_dir() and path != shop.path)
    return sorted(path for path in found if path.name.removeprefix(_CORNER).rpartition("-")[0] in ("", shop.owner))


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
    for corner in _others(case, shop):
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
