"""Writes files so that they are whole and on the disk before anything names them; it overwrites nothing."""

from __future__ import annotations

import os
from pathlib import Path

SEALED_MODE = 0o444


def write_new(path: Path, data: bytes, *, mode: int = SEALED_MODE) -> None:
    """Make a file with these bytes and wait until they are on the disk.

    Raises:
        FileExistsError: something of that name is there.
        OSError: it cannot be written.
    """
    with path.open("xb", buffering=0) as file:
        view = memoryview(data)
        while view:
            view = view[file.write(view) :]
        os.fsync(file.fileno())
    path.chmod(mode)


def sync_file(path: Path) -> None:
    """Wait until a file that was written elsewhere is on the disk."""
    with path.open("rb") as file:
        # Windows flushes only what it may write; there the rename that follows is journalled all the same.
        if os.name != "nt":
            os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Wait until a folder's entries are on the disk, where the system can do that (not on Windows)."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
