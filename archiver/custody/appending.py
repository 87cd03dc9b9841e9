"""One append to a custody log: its order, and how an interrupted one is ended; it changes no byte that is there.

What one append does, in this order, under the lock of its caller:

1. The memory of the installation, outside the case, takes the line and its words as pending.
2. `.texts` gets the words, if there are any, and is flushed to the disk.
3. `.jsonl` gets the line and is flushed.
4. `.head` is replaced by a new one, signed, and flushed with its folder.
5. The memory takes the new end and forgets what was pending.

So whenever it is killed, a case shows one of these, and verification calls that interrupted, not altered:

- The log ends with the line that the head names.
- It has one whole, chained line more, or a torn one that no newline ends. Where there is no head yet, that is line 1.
- The words are ahead of the log by one line at most: their last line is torn, or bears the number after that of the
  log's last whole line. All other words are bound by the `details` of the line that has their number.

The next append first ends what was interrupted. If not a byte of it is in the case, it has not happened. If some are,
and are the beginning of what is pending, the rest is added. Where the line itself was torn, a `repaired` line comes
after it, with the SHA-256 of the bytes that were found, and so of a beginning of the line before it. A log in which
other bytes are found is not gone on with, so that any of these states may stay for ever.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from archiver.case import layout
from archiver.case.files import sync_folder
from archiver.custody import chain, memory
from archiver.custody.chain import Line
from archiver.custody.keys import Signer
from archiver.custody.logs import HEAD, LINES, TEXTS, last_line, log_path, open_regular
from archiver.custody.memory import Memory
from archiver.custody.sshsig import LOG
from archiver.hashing import sha256_hex
from archiver.model import Record
from archiver.times import to_warc_date

_FLAGS: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_flush: Final = getattr(os, "fdatasync", os.fsync)


class Found(Record, frozen=True, kw_only=True):
    """What is in the case of the append that is pending: the first bytes of its line and of its words."""

    line: bytes = b""
    words: bytes = b""


class Appender:
    """Appends to logs of one case.

    Args:
        case: folder of the case, in which `custody/` and `.work/` are.
        path: the file of the memory.
        signers: what signs heads, by the fingerprint that a memory names; None for heads that are not signed.
        now: the clock.
    """

    def __init__(
        self, case: Path, path: Path, signers: Mapping[str, Signer | None], now: Callable[[], datetime]
    ) -> None:
        self._case = case
        self._path = path
        self._signers = signers
        self._now = now

    def begin(
        self,
        known: Memory,
        event: str,
        *,
        capture: str = "",
        sha256: str = "",
        what: str = "",
        text: Mapping[str, str | Sequence[str]] | None = None,
    ) -> tuple[Line, Memory]:
        """Make a line with its words, and remember both as pending.

        Args:
            known: a log that nothing is pending in.
            event, capture, sha256, what, text: as for `CustodyLog.append`.

        Returns:
            The line, and the memory with it.

        Raises:
            FormatError: a value is not one that a line may hold.
            OSError: the memory cannot be written.
        """
        number, words = known.sequence + 1, b""
        if text:
            held = {name: value if isinstance(value, str) else tuple(value) for name, value in text.items()}
            words = chain.text_bytes(chain.Text(salt=memory.new_salt(), seq=number, text=held))
            chain.parse_text(words)
        line = Line(
            at=to_warc_date(self._now()),
            capture=capture,
            details=sha256_hex(words) if words else "",
            event=event,
            prev=known.digest,
            seq=number,
            sha256=sha256,
            what=what,
            writer=known.writer,
        )
        data = chain.line_bytes(line)
        chain.parse_line(data)
        begun = replace(known, pending=data.decode("ascii"), pending_text=words.decode("ascii"), torn="")
        memory.write(self._path, begun)
        return line, begun

    def finish(self, begun: Memory, found: Found | None = None) -> Memory:
        """Bring what is pending, but for what was found of it, into the case; return the memory without it.

        Raises:
            ArchiverError: the key cannot sign. Nothing is written then.
            OSError: something cannot be written.
        """
        found = found or Found()
        line, words = _with_end(begun.pending), _with_end(begun.pending_text)
        head = chain.Head(
            digest=sha256_hex(line[:-1]),
            length=begun.length + len(line),
            sequence=begun.sequence + 1,
            writer=begun.writer,
        )
        signer = self._signers[begun.key]
        armour = signer.sign(chain.signed_bytes(head), LOG) if signer is not None else b""
        if words:
            _extend(log_path(self._case, begun.writer, TEXTS), words[len(found.words) :])
        _extend(log_path(self._case, begun.writer, LINES), line[len(found.line) :])
        self._replace_head(begun.writer, chain.head_bytes(armour, head))
        ended = replace(
            begun,
            sequence=head.sequence,
            digest=head.digest,
            length=head.length,
            words=begun.words + len(words),
            pending="",
            pending_text="",
        )
        memory.write(self._path, ended)
        return ended

    def say(self, known: Memory, event: str, *, sha256: str = "", what: str = "") -> Memory:
        """Append an event of the log's own; return the memory with it."""
        return self.finish(self.begin(known, event, sha256=sha256, what=what)[1])

    def compare(self, known: Memory) -> Found | None:
        """Return what a log holds beyond what is remembered; None unless that is the beginning of what is pending."""
        line = _beyond(log_path(self._case, known.writer, LINES), known.length, known.digest, known.pending)
        words = _beyond(log_path(self._case, known.writer, TEXTS), known.words, "", known.pending_text)
        return Found(line=line, words=words) if line is not None and words is not None else None

    def complete(self, known: Memory, found: Found) -> Memory:
        """End an append that was interrupted, if there is one; return the memory of a log that nothing is pending in.

        Args:
            known: as remembered.
            found: what `compare` found.
        """
        if found.line or found.words:
            if found.line and not found.line.endswith(b"\n"):
                known = replace(known, torn=sha256_hex(found.line))
                memory.write(self._path, known)
            known = self.finish(known, found)
        elif known.pending:
            line = chain.parse_line(known.pending.encode("ascii"))
            # That a line was torn has still to be told.
            torn = line.sha256 if line.event == chain.REPAIRED else ""
            known = replace(known, pending="", pending_text="", torn=torn)
        return self.say(known, chain.REPAIRED, sha256=known.torn) if known.torn else known

    def _replace_head(self, writer: str, data: bytes) -> None:
        path = log_path(self._case, writer, HEAD)
        draft = self._case / layout.WORK / path.name
        with draft.open("wb", buffering=0) as file:
            file.write(data)
            _flush(file.fileno())
        draft.replace(path)
        sync_folder(path.parent)


def _with_end(text: str) -> bytes:
    return text.encode("ascii") + b"\n" if text else b""


def _beyond(path: Path, length: int, digest: str, pending: str) -> bytes | None:
    """Return what a file holds beyond its remembered length; None unless that is the beginning of what is pending.

    Args:
        path: the file.
        length: the remembered length.
        digest: what the last line up to there has to have; empty to take it as it is.
        pending: the line, without newline, that was being added.
    """
    expected = _with_end(pending)
    stream = open_regular(path)
    if stream is None:
        return None if length or os.path.lexists(path) else b""
    with stream:
        size = stream.seek(0, os.SEEK_END)
        if not length <= size <= length + len(expected):
            return None
        start = stream.seek(max(0, length - chain.MAX_LINE))
        data = stream.read(size - start)
    before, rest = data[: length - start], data[length - start :]
    if digest and length and sha256_hex(last_line(before)[:-1]) != digest:
        return None
    return rest if expected.startswith(rest) else None


def _extend(path: Path, data: bytes) -> None:
    """Add bytes to the end of a file, and wait until they are on the disk."""
    descriptor = os.open(path, _FLAGS, 0o644)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        _flush(descriptor)
    finally:
        os.close(descriptor)
