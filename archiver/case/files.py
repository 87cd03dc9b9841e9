"""Writes files so that they are whole and on the disk before anything names them; it overwrites nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SEALED_MODE = 0o444


def write_new(path: Path, data: bytes) -> None:
    """Make a read-only file with these bytes and wait until they are on the disk.

    Raises:
        FileExistsError: something of that name is there.
        OSError: it cannot be written.
    """
    with path.open("xb", buffering=0) as file:
        view = memoryview(data)
        while view:
            view = view[file.write(view) :]
        os.fsync(file.fileno())
    path.chmod(SEALED_MODE)


def settle(paths: Iterable[Path]) -> None:
    """Make files that were written elsewhere read-only, and wait until all of them are on the disk.

    Raises:
        OSError: a file is not there or cannot be flushed.
    """
    with ThreadPoolExecutor(max_workers=4) as pool:
        for future in [pool.submit(_settle, path) for path in paths]:
            future.result()


def _settle(path: Path) -> None:
    # Windows flushes only what was opened for writing.
    with path.open("r+b") as file:
        os.fsync(file.fileno())
    path.chmod(SEALED_MODE)


def sync_folder(path: Path) -> None:
    """Wait until a folder's entries are on the disk, where the system can do that (not on Windows)."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
