"""Reads a package where it lies: a zip whose members are places like any other; it extracts, and writes, nothing.

Each file is read out of the zip through a file object of its own, so that threads may read side by side.
"""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from archiver.model import Finding
from archiver.verify.findings import concluded, failure, ok
from archiver.verify.places import CHANGED, Spot, read_regular
from archiver.verify.reading import Readable, Unread, hash_large
from archiver.verify.tree import Entry, Kind
from archiver.verify.zip_index import Folder, Member, ZipFault, read_index

_CHECK = "package"
_TAIL = 22 + 0xFFFF
_Result = TypeVar("_Result")


def claims_to_be_zip(path: Path) -> bool:
    """Tell whether a file is called a zip, begins as one or ends as one, with a comment or without."""

    def look(file: io.FileIO, status: os.stat_result) -> bool:
        start = file.read(4)
        file.seek(max(status.st_size - _TAIL, 0))
        return start in (b"PK\3\4", b"PK\5\6") or b"PK\5\6" in file.read(_TAIL)

    return read_regular(path, look) is True or path.suffix.lower() == ".zip"


class Zip:
    """A zip in the form of a package, and which of its members were read and found to be as its headers say.

    Args:
        path: the file. It is not held open; one that changes meanwhile is no longer read.

    Raises:
        ZipFault: it cannot be read, or is not in that form.
    """

    def __init__(self, path: Path) -> None:
        def read(file: io.FileIO, status: os.stat_result) -> tuple[_Identity, Folder]:
            return _identity(status), read_index(file, status.st_size)

        found = read_regular(path, read)
        if isinstance(found, Unread):
            raise ZipFault(found.why)
        self._path = path
        self._identity, self._top = found
        self._sound: set[int] = set()

    @property
    def root(self) -> InZip:
        """The place at the top of it."""
        return InZip(self, "", self._top)

    def read(self, member: Member, read: Callable[[Readable, int], _Result]) -> _Result | Unread:
        """Read one member as `Spot.read_with` does."""

        def part(file: io.FileIO, status: os.stat_result) -> _Result | Unread:
            if _identity(status) != self._identity:
                return CHANGED
            file.seek(member.offset)
            section = _Section(file, member.size)
            result = read(section, member.size)
            if section.left:
                return CHANGED
            if section.crc == member.crc:
                self._sound.add(member.offset)
            return result

        return read_regular(self._path, part)

    def check_sums(self) -> Iterator[Finding]:
        """Find members whose bytes do not give the stated CRC-32. What was not read yet is read for that."""
        detail = "the zip can be read in one way only, and each member gives the CRC-32 that is stated for it"
        yield from concluded(self._wrong_sums("", self._top), ok(_CHECK, "", detail))

    def _wrong_sums(self, path: str, folder: Folder) -> Iterator[Finding]:
        for name, node in folder.items():
            if isinstance(node, dict):
                yield from self._wrong_sums(f"{path}{name}/", node)
            elif node.offset not in self._sound:
                seen = self.read(node, hash_large)
                if isinstance(seen, Unread):
                    yield failure("unreadable", f"{path}{name}", seen.why)
                elif node.offset not in self._sound:
                    yield failure(_CHECK, f"{path}{name}", "its bytes do not give the CRC-32 that is stated for it")


class InZip(Spot):
    """A place in a zip."""

    def __init__(self, package: Zip, name: str, node: Folder | Member | None) -> None:
        self._zip = package
        self._name = name
        self._node = node

    @property
    def name(self) -> str:
        """The last part of its path; empty at the top."""
        return self._name

    def __truediv__(self, path: str) -> InZip:
        parts, node = path.split("/"), self._node
        for part in parts:
            node = node.get(part) if isinstance(node, dict) else None
        return InZip(self._zip, parts[-1], node)

    def kind(self) -> Kind:
        if self._node is None:
            return "unread"
        return "file" if isinstance(self._node, Member) else "folder"

    def size(self) -> int:
        return self._node.size if isinstance(self._node, Member) else 0

    def entries(self) -> tuple[Entry, ...] | None:
        if not isinstance(self._node, dict):
            return None
        return tuple(
            Entry(name=name, kind="folder" if isinstance(node, dict) else "file")
            for name, node in sorted(self._node.items())
        )

    def read_with(self, read: Callable[[Readable, int], _Result]) -> _Result | Unread:
        if not isinstance(self._node, Member):
            return Unread(why="there is no file of this name in the package")
        return self._zip.read(self._node, read)


class _Section:
    """The bytes of one member, as a file that ends where they end.

    Attributes:
        left: bytes that were not read yet.
        crc: CRC-32 of those that were.
    """

    def __init__(self, file: io.FileIO, size: int) -> None:
        self.left = size
        self.crc = 0
        self._file = file

    def read(self, count: int, /) -> bytes:
        data = self._file.read(min(count, self.left)) or b""
        self._took(data)
        return data

    def readinto(self, buffer: memoryview, /) -> int:
        count = self._file.readinto(buffer[: self.left]) or 0
        self._took(buffer[:count])
        return count

    def _took(self, data: bytes | memoryview) -> None:
        self.left -= len(data)
        self.crc = zlib.crc32(data, self.crc)


_Identity = tuple[int, int, int, int]


def _identity(status: os.stat_result) -> _Identity:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
