"""What an installation remembers of its log in a case, outside the case; it decides nothing and touches no case.

One file for each case, in the data folder: `writers/<uuid of the case>.json`. It is no evidence. The log on the disk is
compared with it, so that a clone or a restored copy is noticed before a chain is forked.
"""

from __future__ import annotations

import os
import re
import secrets
import uuid
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from archiver import canonical
from archiver.case import layout
from archiver.custody.chain import ZERO, Head, parse_line
from archiver.errors import FormatError
from archiver.hashing import sha256_hex
from archiver.model import Record, prepare

FORMAT: Final = "archiver-writer/1"
FOLDER: Final = "writers"

_CASE_ID: Final = re.compile(r"urn:uuid:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_MULTICAST: Final = 1 << 40


class Memory(Record, frozen=True, kw_only=True):
    """A log as it stands after the last append that ended, and the append that is under way.

    Attributes:
        format: of the file.
        machine: what `mark` gave where the log was begun.
        salt: what the mark was made with.
        key: fingerprint of the key that signs the log's heads; empty if nothing is signed.
        writer: name of the log.
        sequence: number of its last line; 0 before the first.
        digest: SHA-256 of that line without the newline.
        length: bytes of the log.
        words: bytes of the file of its words.
        pending: the line that is being appended, without newline; empty if none is.
        pending_text: the words of that line, without newline; empty if it has none.
        torn: SHA-256 of the bytes that were found of a line which was then completed; empty once the log tells of it.
    """

    format: str = FORMAT
    machine: str
    salt: str
    key: str
    writer: str
    sequence: int = 0
    digest: str = ZERO
    length: int = 0
    words: int = 0
    pending: str = ""
    pending_text: str = ""
    torn: str = ""


prepare(Memory)


def case_name(case_id: str) -> str:
    """Return the part of a case's id that files are named by.

    Raises:
        FormatError: the id has another form than this program gives to cases.
    """
    found = _CASE_ID.fullmatch(case_id)
    if found is None:
        raise FormatError("the id in case.json is no UUID, so that nothing can be remembered of the case")
    return found[1]


def memory_path(home: Path, case_id: str) -> Path:
    """Return where the memory of a case is; its lock stands beside it.

    Raises:
        FormatError: see `case_name`.
    """
    return home / FOLDER / f"{case_name(case_id)}.json"


def read(path: Path) -> Memory | None:
    """Return what is remembered; None if that is nothing, or cannot be made out: a log is then begun anew.

    Raises:
        OSError: the file is there and cannot be read.
    """
    try:
        memory = msgspec.json.decode(path.read_bytes(), type=Memory)
        if memory.pending and parse_line(memory.pending.encode("utf-8")).seq != memory.sequence + 1:
            return None
    except (FileNotFoundError, FormatError, msgspec.MsgspecError, ValueError):
        return None
    known = memory.format == FORMAT and layout.WRITER.fullmatch(memory.writer) is not None
    counted = memory.sequence >= 0 and memory.length >= 0 and memory.words >= 0
    return memory if known and counted and (memory.sequence or memory.pending) else None


def write(path: Path, memory: Memory) -> None:
    """Replace what is remembered, all at once. It need not outlive a power cut: a log is then begun anew.

    Raises:
        OSError: it cannot be written; the old memory stands.
    """
    draft = path.with_suffix(".new")
    draft.write_bytes(canonical.encode(msgspec.to_builtins(memory)))
    draft.replace(path)


def remembered(home: Path, case_id: str) -> Head | None:
    """Return the end of this installation's log in a case as it is remembered, None if it remembers none.

    Raises:
        OSError: the memory is there and cannot be read.
        FormatError: see `case_name`.
    """
    memory = read(memory_path(home, case_id))
    if memory is None or not memory.sequence:
        return None
    return Head(digest=memory.digest, length=memory.length, sequence=memory.sequence, writer=memory.writer)


def new_salt() -> str:
    """Return a salt for the mark of a machine."""
    return secrets.token_hex(16)


def mark(salt: str, home: Path) -> str:
    """Return what stands for this machine and this data folder: another machine or a copied folder has another.

    It never leaves the data folder, and the salt keeps it from telling the machine's id to anybody who has it.
    """
    return sha256_hex(f"{salt} {_machine()} ".encode("ascii") + os.fsencode(home.resolve()))


@cache
def _machine() -> str:
    try:
        name = Path("/etc/machine-id").read_text("ascii").strip()
    except (OSError, ValueError):
        name = ""
    if name:
        return name
    node = uuid.getnode()
    # Python makes up a number where there is no network card, another one in each process, and marks it so.
    return "" if node & _MULTICAST else f"{node:012x}"
