"""Takes in files that somebody has opened, each in one pass; it opens nothing, `places` does.

A file that cannot be read, or changes while it is read, is an answer like any other here, not an error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from archiver.errors import FormatError
from archiver.hashing import BLOCK, sha256
from archiver.mediatype import SNIFF_BYTES
from archiver.model import Record

MAX_SMALL = 16 << 20
"""Bytes that any file but media and WARC may have; larger ones are hashed and not looked into."""

_Result = TypeVar("_Result")


class Readable(Protocol):
    """An open file, as far as it is read here: unbuffered, from its first byte on, never back."""

    def read(self, count: int, /) -> bytes: ...
    def readinto(self, buffer: memoryview, /) -> int: ...


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


def hold_small(file: Readable, size: int) -> Seen:
    """Read a file whole into memory, or only its digest if it is larger than any such file may be."""
    if size > MAX_SMALL:
        return hash_large(file, size)
    data = bytearray()
    while len(data) < size and (piece := file.read(size - len(data))):
        data += piece
    held = bytes(data)
    return Seen(size=len(held), sha256=sha256(held).hexdigest(), start=held[:SNIFF_BYTES], data=held)


def hash_large(file: Readable, size: int) -> Seen:
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
