"""What a package consists of: files, parts of files and bytes, each read block by block when its turn comes.

It follows no link to a file, and opens nothing that is no regular file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from archiver.custody.logs import open_regular
from archiver.errors import FormatError
from archiver.hashing import BLOCK


@dataclass(frozen=True)
class Member:
    """A file as it is to be in a package.

    Attributes:
        path: from the top of the package.
        most: bytes that it has at the most.
        blocks: reads it from its beginning.
        sha256: digest that it has to have; empty where nothing says.
    """

    path: str
    most: int
    blocks: Callable[[], Iterator[bytes]]
    sha256: str = ""


def of_bytes(path: str, data: bytes) -> Member:
    """Return a member with these bytes."""
    return Member(path, len(data), lambda: iter((data,)))


def of_file(path: str, source: Path, *, sha256: str = "", start: int = 0, end: int | None = None) -> Member:
    """Return a member with the bytes of a file, or with those between two places in it.

    Raises:
        FormatError: there is no regular file.
        OSError: it cannot be read.
    """
    with opened(path, source) as stream:
        end = stream.seek(0, os.SEEK_END) if end is None else end
    return Member(path, end - start, partial(_part, path, source, start, end), sha256)


def read_small(path: str, source: Path, most: int) -> bytes:
    """Return the bytes of a file.

    Raises:
        FormatError: there is no regular file, or it has more than `most` bytes.
        OSError: it cannot be read.
    """
    with opened(path, source) as stream:
        data = stream.read(most + 1)
    if len(data) > most:
        raise FormatError(f"{path} is too large")
    return data


def opened(path: str, source: Path) -> BinaryIO:
    """Open a file; errors name it by its path in the case.

    Raises:
        FormatError: there is no regular file.
        OSError: it cannot be read.
    """
    stream = open_regular(source)
    if stream is None:
        raise FormatError(f"{path} is not there, or is no regular file")
    return stream


def _part(path: str, source: Path, start: int, end: int) -> Iterator[bytes]:
    with opened(path, source) as stream:
        stream.seek(start)
        left = end - start
        while left:
            block = stream.read(min(left, BLOCK))
            if not block:
                raise FormatError(f"{path} became shorter while it was being read")
            left -= len(block)
            yield block
