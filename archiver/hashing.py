"""SHA-256 over files that are still growing or already whole, in bounded memory; it knows no other algorithm.

Digests are FIPS 180-4 SHA-256, as 64 lowercase hexadecimal digits except where WARC wants base32.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import threading
from pathlib import Path
from typing import BinaryIO, Protocol

FLUSHED = 1 << 26
"""Bytes of a growing file after which they are sent to the disk."""

BLOCK = 1 << 20
"""Bytes read at a time: large enough that hashlib releases the interpreter lock for almost all of the work."""


class Hasher(Protocol):
    """What this module needs of a hashlib object."""

    def update(self, data: bytes | memoryview, /) -> None: ...
    def hexdigest(self) -> str: ...


def sha256(data: bytes = b"") -> Hasher:
    """Return a running SHA-256 that has taken in `data`."""
    return hashlib.sha256(data, usedforsecurity=True)


def sha256_hex(data: bytes) -> str:
    """Return the SHA-256 of `data` as lowercase hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def warc_digest(hexdigest: str) -> str:
    """Return a digest as WARC headers write it: `sha256:` and padded base32, which warcio and fastwarc both read."""
    return "sha256:" + base64.b32encode(bytes.fromhex(hexdigest)).decode("ascii")


def hash_stream(stream: BinaryIO, *hashers: Hasher, limit: int | None = None) -> int:
    """Feed a binary stream to the hashers, from where it stands to its end or for `limit` bytes; return the bytes read.

    Raises:
        OSError: the stream cannot be read.
    """
    buffer = memoryview(bytearray(BLOCK if limit is None else min(BLOCK, max(limit, 1))))
    total = 0
    while limit is None or total < limit:
        wanted = len(buffer) if limit is None else min(len(buffer), limit - total)
        count = stream.readinto(buffer[:wanted])  # type: ignore[attr-defined]
        if not count:
            break
        for hasher in hashers:
            hasher.update(buffer[:count])
        total += count
    return total


def hash_file(path: Path) -> tuple[str, int]:
    """Return the SHA-256 and the size in bytes of a file.

    Raises:
        OSError: the file cannot be read.
    """
    hasher = sha256()
    with path.open("rb", buffering=0) as stream:
        size = hash_stream(stream, hasher)
    return hasher.hexdigest(), size


def _flush(stream: BinaryIO) -> None:
    if hasattr(os, "fdatasync"):
        # Some systems do not flush what was opened for reading. Nothing rests on it.
        with contextlib.suppress(OSError):
            os.fdatasync(stream.fileno())


class FollowingDigest:
    """Hashes a file in a thread of its own while somebody else is still writing it, and sends it to the disk meanwhile.

    The writer calls `advance` with the size that it has written so far, and `finish` at the end. Reading the file back
    out of the page cache costs less than handing blocks over would, and needs no queue: the writer never waits. What is
    sent to the disk early does not have to be waited for at the end; whoever relies on it still has to sync the file.

    Args:
        path: the file, which has to exist already.
        hashers: each is fed the whole file.
    """

    def __init__(self, path: Path, *hashers: Hasher) -> None:
        self._path = path
        self._hashers = hashers
        self._written = 0
        self._ended = False
        self._changed = threading.Condition()
        self._error: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="digest", daemon=True)
        self._thread.start()

    def advance(self, written: int) -> None:
        """Say that `written` bytes of the file are there now. Cheap: it wakes the thread once a block."""
        if written - self._written >= BLOCK:
            with self._changed:
                self._written = written
                self._changed.notify()

    def finish(self, written: int) -> None:
        """Say that the file is whole at `written` bytes and wait until all of it is hashed.

        Raises:
            OSError: the file could not be read back.
        """
        with self._changed:
            self._written = written
            self._ended = True
            self._changed.notify()
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            with self._path.open("rb", buffering=0) as stream:
                done = flushed = 0
                while (available := self._wait(done)) > done:
                    count = hash_stream(stream, *self._hashers, limit=available - done)
                    if not count:
                        raise OSError(f"{self._path.name} is shorter than what was written to it")
                    done += count
                    if done - flushed >= FLUSHED:
                        _flush(stream)
                        flushed = done
        except OSError as error:
            self._error = error

    def _wait(self, done: int) -> int:
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self._written > done)
            return self._written
