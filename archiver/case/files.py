"""Writes files so that they are whole and on the disk before anything names them; it overwrites nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from archiver.hashing import hash_file

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


def settle(paths: Iterable[Path], to_hash: Path) -> tuple[str, int]:
    """Make files read-only and wait until all of them are on the disk, while hashing one of them.

    Args:
        paths: the files, `to_hash` among them or not.
        to_hash: the file to hash, which is settled as well.

    Returns:
        SHA-256 and size of `to_hash`.

    Raises:
        OSError: a file cannot be read or flushed.
    """
    with ThreadPoolExecutor(max_workers=4) as pool:
        pending = [pool.submit(_settle, path) for path in {to_hash, *paths}]
        digest = hash_file(to_hash)
        for future in pending:
            future.result()
    return digest


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
