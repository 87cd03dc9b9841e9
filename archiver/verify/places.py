"""The one way in which verification reads: places in a tree of folders, on the disk here or in a zip in `zips`.

On the disk it follows no link below the root that it was given, opens no device and nothing that could block, and opens
each file once.
"""

from __future__ import annotations

import io
import os
import stat
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from archiver.verify.reading import Readable, Seen, Unread, hash_large, hold_small
from archiver.verify.tree import Entry, Kind

CHANGED = Unread(why="it changed while it was being read")

_Result = TypeVar("_Result")
# A named pipe opened without O_NONBLOCK waits for ever for a writer; on Windows there is neither flag nor pipe.
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_LINK_TAGS = frozenset(
    getattr(stat, name, None) for name in ("IO_REPARSE_TAG_SYMLINK", "IO_REPARSE_TAG_MOUNT_POINT")
) - {None}


class Spot(ABC):
    """A place in what is being verified. To name one reads nothing; what stands there, if anything, `kind` says.

    Nothing is raised for what stands there: a folder that cannot be listed is None, an unreadable file Unread.
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """The last part of its path."""

    @abstractmethod
    def __truediv__(self, path: str) -> Spot:
        """Return the place at a relative path, of one or more parts with forward slashes, below this one."""

    @abstractmethod
    def kind(self) -> Kind:
        """Return what stands here itself; "unread" also where nothing does."""

    @abstractmethod
    def size(self) -> int:
        """Return the bytes of the file that stands here; 0 where that cannot be told."""

    @abstractmethod
    def entries(self) -> tuple[Entry, ...] | None:
        """Return what stands in this folder, sorted by name; None if it cannot be read."""

    @abstractmethod
    def read_with(self, read: Callable[[Readable, int], _Result]) -> _Result | Unread:
        """Open the regular file that stands here and hand it with its size to `read`, in a file object of its own.

        Returns:
            What `read` returned, or why the file could not be read from its first byte to its last as one state.
        """

    def read_small(self) -> Seen | Unread:
        """Read a file whole into memory, or only its digest if it is larger than any such file may be."""
        return self.read_with(hold_small)

    def read_large(self) -> Seen | Unread:
        """Read a file of any size and keep its digest and first bytes only."""
        return self.read_with(hash_large)


@dataclass(frozen=True)
class OnDisk(Spot):
    """A place on the disk, by its path."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    def __truediv__(self, path: str) -> OnDisk:
        return OnDisk(self.path / path)

    def kind(self) -> Kind:
        try:
            return _kind_of(self.path.lstat())
        except (OSError, ValueError):
            return "unread"

    def size(self) -> int:
        try:
            return self.path.lstat().st_size
        except OSError:
            return 0

    def entries(self) -> tuple[Entry, ...] | None:
        try:
            with os.scandir(self.path) as items:
                return tuple(sorted((Entry(name=item.name, kind=_kind(item)) for item in items), key=lambda e: e.name))
        except OSError:
            return None

    def read_with(self, read: Callable[[Readable, int], _Result]) -> _Result | Unread:
        def whole(file: io.FileIO, status: os.stat_result) -> _Result | Unread:
            result = read(file, status.st_size)
            return result if file.tell() == status.st_size else CHANGED

        return read_regular(self.path, whole)


def read_regular(path: Path, read: Callable[[io.FileIO, os.stat_result], _Result]) -> _Result | Unread:
    """Open a regular file unbuffered and hand it to `read` with what the system says of it.

    Returns:
        What `read` returned, or why the file could not be read as one state.
    """
    try:
        with io.FileIO(path, opener=_open) as file:
            before = os.fstat(file.fileno())
            if not stat.S_ISREG(before.st_mode):
                return Unread(why="it is no regular file")
            result = read(file, before)
            after = os.fstat(file.fileno())
    except FileNotFoundError:
        return Unread(why="it vanished while the folder was being read")
    except (OSError, ValueError) as error:
        return Unread(why=f"it cannot be read ({getattr(error, 'strerror', None) or 'input/output error'})")
    return result if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns) else CHANGED


def _open(path: str, _flags: int) -> int:
    return os.open(path, _FLAGS)


def _kind(item: os.DirEntry[str]) -> Kind:
    try:
        return _kind_of(item.stat(follow_symlinks=False))
    except OSError:
        return "unread"


def _kind_of(status: os.stat_result) -> Kind:
    # Windows has a second kind of link to folders, the junction, which is a folder by its mode.
    if stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) in _LINK_TAGS:
        return "link"
    if stat.S_ISDIR(status.st_mode):
        return "folder"
    return "file" if stat.S_ISREG(status.st_mode) else "other"
