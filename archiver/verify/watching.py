"""Keeps the size and digest of every file that the checks read, so that a list of files is held against one reading.

It stands between the checks and the places that they read, and changes nothing of what they get.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from archiver.case import layout
from archiver.hashing import sha256
from archiver.model import Record
from archiver.verify.places import Spot
from archiver.verify.reading import Readable, Seen, Unread
from archiver.verify.scanned import Scan
from archiver.verify.tree import Entry, Kind

_Result = TypeVar("_Result")


class Digest(Record, frozen=True, kw_only=True):
    """What a file was when it was read."""

    size: int
    sha256: str


class Watch:
    """What was read below a place, by path from there.

    Args:
        top: the place. What is to be seen has to be read through `Watch.top`.
    """

    def __init__(self, top: Spot) -> None:
        self._read: dict[str, Digest] = {}
        self.top: Spot = _Watched(top, "", self._read)

    def digest(self, path: str) -> Digest | Unread:
        """Return what a file was when a check read it; one that none has read is read for that."""
        if path not in self._read:
            found = (self.top / path).read_large()
            if isinstance(found, Unread):
                return found
        return self._read[path]


class _Watched(Spot):
    def __init__(self, spot: Spot, path: str, read: dict[str, Digest]) -> None:
        self._spot = spot
        self._path = path
        self._read = read

    @property
    def name(self) -> str:
        return self._spot.name

    def __truediv__(self, path: str) -> _Watched:
        return _Watched(self._spot / path, f"{self._path}/{path}" if self._path else path, self._read)

    def kind(self) -> Kind:
        return self._spot.kind()

    def size(self) -> int:
        return self._spot.size()

    def entries(self) -> tuple[Entry, ...] | None:
        return self._spot.entries()

    def read_with(self, read: Callable[[Readable, int], _Result]) -> _Result | Unread:
        if not self._path.startswith(f"{layout.CUSTODY}/"):
            result = self._spot.read_with(read)
            if isinstance(result, (Seen, Scan)):
                self._read[self._path] = Digest(size=result.size, sha256=result.sha256)
            return result
        # Logs are read line by line: whoever reads them has no digest of the whole.
        passed: list[_Passing] = []

        def through(file: Readable, size: int) -> _Result:
            passed.append(_Passing(file))
            return read(passed[-1], size)

        result = self._spot.read_with(through)
        if passed and not isinstance(result, Unread):
            self._read[self._path] = passed[-1].digest
        return result


class _Passing:
    """An open file whose bytes are counted and hashed on their way to whoever reads it."""

    def __init__(self, file: Readable) -> None:
        self._file = file
        self._hasher = sha256()
        self._size = 0

    @property
    def digest(self) -> Digest:
        return Digest(size=self._size, sha256=self._hasher.hexdigest())

    def read(self, count: int, /) -> bytes:
        data = self._file.read(count)
        self._took(data)
        return data

    def readinto(self, buffer: memoryview, /) -> int:
        count = self._file.readinto(buffer)
        self._took(buffer[:count])
        return count

    def _took(self, data: bytes | memoryview) -> None:
        self._size += len(data)
        self._hasher.update(data)
