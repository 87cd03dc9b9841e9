"""Writes the zip of a package: stored, the same members always in the same bytes; it overwrites nothing.

PKWARE's APPNOTE.TXT. Every field that could tell of the machine has one value: the earliest date, a plain file that
nobody writes to, the same system everywhere. Zip64 only where a size or an offset needs it.
"""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from archiver.case.files import SEALED_MODE, sync_folder
from archiver.case.layout import random_letters
from archiver.custody.transfer import TransferredFile
from archiver.errors import FormatError, UsageError
from archiver.export.members import Member
from archiver.hashing import sha256

_DATE: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3

Add = Callable[[Member], TransferredFile]
"""Writes a member and returns what was written; raises FormatError if its bytes are not those that it has to have."""


@contextmanager
def new_zip(target: Path) -> Iterator[Add]:
    """Write a zip, which is at its place only when it is whole and on the disk.

    Args:
        target: the file. Members have to be added in the order in which they are to stand.

    Raises:
        UsageError: something of that name is there.
        OSError: it cannot be written; nothing is left of it then.
    """
    _refuse_existing(target)
    draft = target.with_name(f".{target.name[:100]}.{random_letters(8)}.part")
    try:
        with draft.open("xb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                yield lambda member: _add(archive, member)
            file.flush()
            os.fsync(file.fileno())
        _place(draft, target)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(target.parent)


def _add(archive: zipfile.ZipFile, member: Member) -> TransferredFile:
    info = zipfile.ZipInfo(member.path, _DATE)
    info.create_system = _UNIX
    info.external_attr = (stat.S_IFREG | SEALED_MODE) << 16
    # From this the zipfile module tells whether the member needs zip64.
    info.file_size = member.most
    hasher, size = sha256(), 0
    with archive.open(info, "w") as out:
        for block in member.blocks():
            hasher.update(block)
            size += len(block)
            out.write(block)
    digest = hasher.hexdigest()
    if member.sha256 and digest != member.sha256:
        raise FormatError(f"{member.path} has changed since its digest was written down")
    return TransferredFile(path=member.path, bytes=size, sha256=digest)


def _place(draft: Path, target: Path) -> None:
    """Give the draft its name, which nothing has. A rename would replace what somebody else put there meanwhile."""
    try:
        target.hardlink_to(draft)
    except FileExistsError:
        _refuse_existing(target)
        raise
    except OSError:
        # A file system without links, as on many a memory stick.
        _refuse_existing(target)
        draft.rename(target)


def _refuse_existing(target: Path) -> None:
    if os.path.lexists(target):
        raise UsageError(f"{target} is there already", advice="name another file with -o; nothing is overwritten")
