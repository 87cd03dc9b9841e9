"""Reads regular files, once and without changing them; it opens no link, no device and nothing that could block.

A file that cannot be read, or changes while it is read, is an answer like any other here, not an error.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from archiver.errors import FormatError
from archiver.hashing import BLOCK, sha256
from archiver.mediatype import SNIFF_BYTES
from archiver.model import Record

MAX_SMALL = 16 << 20
"""Bytes that any file but media and WARC may have; larger ones are hashed and not looked into."""

_Result = TypeVar("_Result")
# A named pipe opened without O_NONBLOCK waits for ever for a writer; on Windows there is neither flag nor pipe.
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class Seen(Record, frozen=True, kw_only=True):
    """What reading a file gave.

    Attributes:
        size: bytes.
        sha256: of the whole file.
        start: the first bytes, enough to tell the media type.
        data: all bytes of a small file, None for media, WARC and what is too large.
    """

    size: int
    sha256: str
    start: bytes
    data: bytes | None = None


class Unread(Record, frozen=True, kw_only=True):
    """A file that could not be read, and why, as the end of a sentence."""

    why: str


def read_with(path: Path, read: Callable[[io.FileIO, int], _Result]) -> _Result | Unread:
    """Open a regular file unbuffered and hand it with its size to `read`.

    Returns:
        What `read` returned, or why the file could not be read from its first byte to its last as one state.
    """
    try:
        with io.FileIO(path, opener=_open) as file:
            before = os.fstat(file.fileno())
            if not stat.S_ISREG(before.st_mode):
                return Unread(why="it is no regular file")
            result = read(file, before.st_size)
            after = os.fstat(file.fileno())
            position = file.tell()
    except FileNotFoundError:
        return Unread(why="it vanished while the folder was being read")
    except (OSError, ValueError) as error:
        return Unread(why=f"it cannot be read ({getattr(error, 'strerror', None) or 'input/output error'})")
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or position != before.st_size:
        return Unread(why="it changed while it was being read")
    return result


def read_small(path: Path) -> Seen | Unread:
    """Read a file whole into memory, or only its digest if it is larger than any such file may be."""

    def read(file: io.FileIO, size: int) -> Seen:
        if size > MAX_SMALL:
            return hash_large(file, size)
        data = _read_all(file, size)
        return Seen(size=len(data), sha256=sha256(data).hexdigest(), start=data[:SNIFF_BYTES], data=data)

    return read_with(path, read)


def read_large(path: Path) -> Seen | Unread:
    """Read a file of any size and keep its digest and first bytes only."""
    return read_with(path, hash_large)


def hash_large(file: io.FileIO, size: int) -> Seen:
    """Hash a file up to the size that it had when it was opened, so that one which grows for ever has an end."""
    hasher, start, done = sha256(), b"", 0
    buffer = memoryview(bytearray(min(BLOCK, max(size, 1))))
    while done < size:
        count = file.readinto(buffer[: min(len(buffer), size - done)])
        if not count:
            break
        start = start or bytes(buffer[: min(count, SNIFF_BYTES)])
        hasher.update(buffer[:count])
        done += count
    return Seen(size=done, sha256=hasher.hexdigest(), start=start)


def parsed(seen: Seen | Unread | None, parse: Callable[[bytes], _Result]) -> _Result | FormatError:
    """Return what a small file's bytes say, or what is the matter with them."""
    if seen is None:
        return FormatError("it is not there")
    if isinstance(seen, Unread):
        return FormatError(seen.why)
    if seen.data is None:
        return FormatError(f"it is larger than {MAX_SMALL >> 20} MiB")
    try:
        return parse(seen.data)
    except FormatError as error:
        return error


def _open(path: str, _flags: int) -> int:
    return os.open(path, _FLAGS)


def _read_all(file: io.FileIO, size: int) -> bytes:
    data = bytearray()
    while len(data) < size and (piece := file.read(size - len(data))):
        data += piece
    return bytes(data)
