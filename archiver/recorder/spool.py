"""Keeps the body of one response while it arrives: small ones in memory, large ones in a file; it never decodes.

Memory stays flat whatever the size, and a large body is hashed by a thread of its own, so that reading never waits for
hashing.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from archiver.hashing import FollowingDigest, sha256
from archiver.model import Body

IN_MEMORY = 1 << 18
"""Bytes up to which a body is kept in memory, if nothing else is asked for."""


class Spool:
    """Takes in a body piece by piece.

    Args:
        path: the file to make if the body outgrows memory; it must not exist.
        head: what comes before the body in its WARC block, for the block digest.
        in_memory: bytes up to which the body is kept in memory.
    """

    def __init__(self, path: Path, head: bytes = b"", in_memory: int = IN_MEMORY) -> None:
        self.size = 0
        self._in_memory = in_memory
        self._path = path
        self._pieces: list[bytes] = []
        self._file: BinaryIO | None = None
        self._digest: FollowingDigest | None = None
        self._own = sha256()
        self._block = sha256(head)

    def write(self, data: memoryview) -> None:
        """Take in the next bytes.

        Raises:
            OSError: the file cannot be written (the disk is full, for one).
        """
        self.size += len(data)
        if self._file is None and self.size <= self._in_memory:
            self._pieces.append(bytes(data))
            return
        if self._file is None:
            self._file = self._path.open("xb", buffering=0)
            self._digest = FollowingDigest(self._path, self._own, self._block)
        try:
            for piece in self._pieces:
                self._put(memoryview(piece))
            self._pieces.clear()
            self._put(data)
        except OSError:
            self._file.close()
            if self._digest is not None:
                self._digest.finish(0)
            raise
        if self._digest is not None:
            self._digest.advance(self.size)

    def finish(self) -> tuple[Body, str]:
        """Return the body and the digest of head and body together.

        Raises:
            OSError: the file could not be written or read back.
        """
        if self._file is None or self._digest is None:
            data = b"".join(self._pieces)
            self._own.update(data)
            self._block.update(data)
            return Body(data=data, size=self.size, sha256=self._own.hexdigest()), self._block.hexdigest()
        self._file.close()
        self._digest.finish(self.size)
        return Body(path=self._path, size=self.size, sha256=self._own.hexdigest()), self._block.hexdigest()

    def _put(self, data: memoryview) -> None:
        while data and self._file is not None:
            data = data[self._file.write(data) :]
