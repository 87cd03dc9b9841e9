"""Reads the custody logs of a case as they stand: their ends for a seal, their events for people; it judges nothing.

What is damaged is passed over here. That it is damaged is for verification to say.
"""

from __future__ import annotations

import heapq
import os
import stat
from collections.abc import Iterator, Mapping
from io import BufferedReader, BytesIO, FileIO
from pathlib import Path
from typing import BinaryIO, Final

from archiver.case import layout
from archiver.custody.chain import (
    MAX_HEAD,
    MAX_LINE,
    MAX_TEXT,
    OPENED,
    Head,
    Line,
    Link,
    Tail,
    Text,
    parse_head,
    parse_line,
    parse_tails,
    parse_text,
    pieces,
)
from archiver.custody.sshsig import LOG, PublicKey, verify
from archiver.errors import FormatError
from archiver.hashing import sha256_hex
from archiver.model import Record

LINES: Final = ".jsonl"
HEAD: Final = ".head"
TEXTS: Final = ".texts"

# A pipe that somebody put there would wait for a writer, and a link could lead out of the case.
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class Event(Record, frozen=True, kw_only=True):
    """A line of a log with its words, None if it has none or they are not there."""

    line: Line
    text: Mapping[str, str | tuple[str, ...]] | None = None


def log_path(case: Path, writer: str, suffix: str) -> Path:
    """Return one of the files of a log: its lines, its head or its words."""
    return case / layout.CUSTODY / f"{writer}{suffix}"


def writers(case: Path) -> tuple[str, ...]:
    """Return the names of all logs of a case, sorted.

    Raises:
        OSError: the folder is there and cannot be read.
    """
    try:
        names = [item.name for item in (case / layout.CUSTODY).iterdir()]
    except FileNotFoundError:
        return ()
    found = (name.removesuffix(LINES) for name in names if name.endswith(LINES))
    return tuple(sorted(name for name in found if layout.WRITER.fullmatch(name)))


def heads(case: Path) -> tuple[Head, ...]:
    """Return where every log of a case ends, for a seal: at its last whole line, whatever follows that.

    It needs no lock: an append that is under way has not been told to anybody. It reads a few kilobytes of each log.

    Raises:
        OSError: a log is there and cannot be read.
    """
    found = []
    for writer in writers(case):
        link = last_link(case, writer)
        if link is not None:
            found.append(Head(digest=link.digest, length=link.end, sequence=link.line.seq, writer=writer))
    return tuple(found)


def last_link(case: Path, writer: str) -> Link | None:
    """Return the last whole line of a log in its place; None if there is no log, or that line is none of it.

    Raises:
        OSError: the log is there and cannot be read.
    """
    stream = open_regular(log_path(case, writer, LINES))
    if stream is None:
        return None
    with stream:
        size = stream.seek(0, os.SEEK_END)
        start = stream.seek(max(0, size - 2 * MAX_LINE))
        data = stream.read(size - start)
    data = data[: data.rfind(b"\n") + 1]
    last = last_line(data)
    line = _line(last, writer)
    if line is None:
        return None
    return Link(line=line, digest=sha256_hex(last[:-1]), end=start + len(data))


def signed_head(case: Path, writer: str) -> tuple[Head, PublicKey] | None:
    """Return what the head of a log says and who signed it; None if it is not there, not signed or not in order.

    Raises:
        OSError: the head is there and cannot be read.
    """
    stream = open_regular(log_path(case, writer, HEAD))
    if stream is None:
        return None
    with stream:
        data = stream.read(MAX_HEAD + 1)
    try:
        armour, signed, head = parse_head(data)
        key = verify(armour, signed, LOG)
    except FormatError:
        return None
    return (head, key) if head.writer == writer else None


def follows(case: Path, writer: str) -> tuple[Tail, ...]:
    """Return the tails that a log names in its first line; none if that line is not in order.

    Raises:
        OSError: the log is there and cannot be read.
    """
    with open_regular(log_path(case, writer, LINES)) or BytesIO() as stream:
        line = _line(next(pieces(stream), b""), writer)
    return parse_tails(line.what) if line is not None and line.event == OPENED else ()


def events(case: Path) -> Iterator[Event]:
    """Yield the events of all logs of a case by time; those of one log always in its own order.

    Raises:
        OSError: a log is there and cannot be read.
    """
    logs = [_events(case, writer) for writer in writers(case)]
    return heapq.merge(*logs, key=lambda event: event.line.at)


def open_regular(path: Path) -> BinaryIO | None:
    """Open a file of a log; None if there is none, or something else stands there.

    Raises:
        OSError: it is there and cannot be read.
    """
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return None
    except FileNotFoundError:
        return None
    return BufferedReader(FileIO(path, opener=lambda name, _: os.open(name, _FLAGS)))


def last_line(data: bytes) -> bytes:
    """Return the last line of bytes that end with a newline, with it."""
    return data[data.rfind(b"\n", 0, -1) + 1 :]


def _line(raw: bytes, writer: str) -> Line | None:
    try:
        line = parse_line(raw.removesuffix(b"\n"))
    except FormatError:
        return None
    return line if raw.endswith(b"\n") and line.writer == writer else None


def _events(case: Path, writer: str) -> Iterator[Event]:
    words = _words(case, writer)
    spoken = next(words, None)
    with open_regular(log_path(case, writer, LINES)) or BytesIO() as stream:
        for raw in pieces(stream):
            line = _line(raw, writer)
            if line is None:
                continue
            # Words stand in the order of their lines, so that the two files are read side by side.
            while spoken is not None and line.details and spoken[0].seq < line.seq:
                spoken = next(words, None)
            told = spoken is not None and spoken[1] == line.details
            yield Event(line=line, text=spoken[0].text if spoken is not None and told else None)


def _words(case: Path, writer: str) -> Iterator[tuple[Text, str]]:
    """Yield the words of a log's events with the digests of their lines."""
    with open_regular(log_path(case, writer, TEXTS)) or BytesIO() as stream:
        for raw in pieces(stream, MAX_TEXT):
            try:
                text = parse_text(raw.removesuffix(b"\n"))
            except FormatError:
                continue
            yield text, sha256_hex(raw.removesuffix(b"\n"))
