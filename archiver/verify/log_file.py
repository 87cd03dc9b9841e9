"""Reads one custody log, each of its files once, into a frozen record; it judges nothing, `logs` does."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import chain as joined
from typing import Final

from archiver.case import layout
from archiver.custody import chain, sshsig
from archiver.custody.chain import ChainFault, Head, Line, Tail
from archiver.custody.sshsig import PublicKey
from archiver.errors import FormatError
from archiver.hashing import BLOCK, sha256_hex
from archiver.model import Record
from archiver.verify.places import CHANGED, Spot
from archiver.verify.reading import Readable, Seen, Unread, parsed

LINES: Final = ".jsonl"
HEAD: Final = ".head"
WORDS: Final = ".texts"

_TRIES = 5
_MOST_FAULTS = 20
_EVENTS = {event: event for event in chain.EVENTS}


class Logged(Record, frozen=True, kw_only=True, gc=False):
    """One line of a log, as little of it as there may be many.

    Attributes:
        writer: name of the log in which it stands, by the name of the file.
        seq, at, event, capture, details, sha256, what: as in `chain.Line`.
        digest: SHA-256 of the line without its newline.
        end: bytes of the whole log up to its end.
    """

    writer: str
    seq: int
    at: str
    event: str
    capture: str
    details: str
    sha256: str
    what: str
    digest: str
    end: int


class Chain(Record, frozen=True, kw_only=True):
    """The lines of a log.

    Attributes:
        lines: those that can be read, in the order in which they stand.
        sound: how many of them, from the first on, are chained to each other.
        fault: what the first that is not has against it; None if all are.
        torn: the bytes behind the last line end; empty if there are none.
        lost: whether there are lines that cannot be read.
    """

    lines: tuple[Logged, ...]
    sound: int
    fault: ChainFault | None
    torn: bytes
    lost: bool


class SignedHead(Record, frozen=True, kw_only=True):
    """The head of a log.

    Attributes:
        head: what it says.
        key: who validly signed it, None if nobody did, or what is the matter with the signature.
    """

    head: Head
    key: PublicKey | FormatError | None


class Words(Record, frozen=True, kw_only=True):
    """The words of a log's events.

    Attributes:
        digests: SHA-256 of each line without its newline, by the number of the event.
        torn: whether the last line does not end.
        faults: what is the matter with lines, the first few.
    """

    digests: dict[int, str]
    torn: bool
    faults: tuple[str, ...]


class Log(Record, frozen=True, kw_only=True):
    """A custody log as it was when it was read. Of each file, None means that no regular file of that name is there.

    Attributes:
        writer: its name.
        first: the number that its first line has to have; above 1 in a package, which holds a run of lines only.
        chain, head, words: its three files, or why one could not be read.
    """

    writer: str
    first: int
    chain: Chain | Unread | None
    head: SignedHead | FormatError | Unread | None
    words: Words | Unread | None

    @property
    def lines(self) -> tuple[Logged, ...]:
        """Every line that can be read, chained or not."""
        return self.chain.lines if isinstance(self.chain, Chain) else ()

    @property
    def lost(self) -> bool:
        """Whether the log may tell of something that could not be read."""
        return not isinstance(self.chain, Chain) or self.chain.lost

    @property
    def key(self) -> PublicKey | None:
        """Who validly signed its head; None if nobody did."""
        key = self.head.key if isinstance(self.head, SignedHead) else None
        return key if isinstance(key, PublicKey) else None

    @property
    def follows(self) -> tuple[Tail, ...]:
        """The ends of logs that it names in its first line."""
        opened = next((line for line in self.lines[:1] if line.event == chain.OPENED), None)
        return chain.parse_tails(opened.what) if opened is not None else ()

    def line(self, number: int) -> Logged | None:
        """Return the line of a number, None if there is none; of several, the one that stands where it has to."""
        place = number - self.first
        if 0 <= place < len(self.lines) and self.lines[place].seq == number:
            return self.lines[place]
        # Only in a log with a fault do numbers and places differ.
        return next((line for line in self.lines if line.seq == number), None)

    def path(self, suffix: str) -> str:
        """Return the path of one of its files from the top of the case."""
        return f"{layout.CUSTODY}/{self.writer}{suffix}"


def read_log(folder: Spot, writer: str, *, first: int = 1, offset: int = 0) -> Log:
    """Read a log. Whatever is the matter with it is in the record; nothing is raised.

    Args:
        folder: the `custody/` folder.
        writer: name of the log.
        first: number of its first line.
        offset: bytes of the log before that.
    """
    lines, head, words = (folder / f"{writer}{suffix}" for suffix in (LINES, HEAD, WORDS))
    for _ in range(_TRIES):
        before = _small(head)
        found = Log(
            writer=writer,
            first=first,
            chain=_read(lines, writer, first, offset),
            head=None if before is None else _open(before),
            words=words.read_with(_read_words) if words.kind() == "file" else None,
        )
        # A run may be appending: then the files are of different moments, and are read again.
        if _small(head) == before and CHANGED not in (before, found.chain, found.words):
            break
    return found


def _small(spot: Spot) -> Seen | Unread | None:
    return spot.read_small() if spot.kind() == "file" else None


def _open(seen: Seen | Unread) -> SignedHead | FormatError | Unread:
    return seen if isinstance(seen, Unread) else parsed(seen, _parse_head)


def _parse_head(data: bytes) -> SignedHead:
    armour, signed, head = chain.parse_head(data)
    if not armour:
        return SignedHead(head=head, key=None)
    try:
        return SignedHead(head=head, key=sshsig.verify(armour, signed, sshsig.LOG))
    except FormatError as fault:
        return SignedHead(head=head, key=fault)


def _read(spot: Spot, writer: str, first: int, offset: int) -> Chain | Unread | None:
    if spot.kind() != "file":
        return None
    return spot.read_with(lambda file, size: _read_chain(file, size, writer, first, offset))


def _read_chain(file: Readable, size: int, writer: str, first: int, offset: int) -> Chain:
    pieces = _Pieces(chain.pieces(_buffered(file, size)))
    lines: list[Logged] = []
    fault, sound, torn, lost = None, None, b"", False
    try:
        for link in chain.follow(pieces, writer, first=first, offset=offset):
            line = _logged(link.line, writer, link.digest, link.end)
            lines.append(line)
    except ChainFault as found:
        sound = len(lines)
        fault = None if found.reason == "torn" else found
        for raw in joined((pieces.last,), pieces):
            stray = _stray(raw)
            if stray is not None:
                lines.append(_logged(stray, writer, sha256_hex(raw[:-1]), offset + pieces.done))
            lost = lost or (stray is None and raw.endswith(b"\n"))
        if not pieces.last.endswith(b"\n"):
            torn = pieces.last
    return Chain(lines=tuple(lines), sound=len(lines) if sound is None else sound, fault=fault, torn=torn, lost=lost)


def _stray(raw: bytes) -> Line | None:
    """Read a line that is not chained, so that one defect is not told once more for all that stands behind it."""
    try:
        return chain.parse_line(raw[:-1]) if raw.endswith(b"\n") else None
    except FormatError:
        return None


def _logged(line: Line, writer: str, digest: str, end: int) -> Logged:
    return Logged(
        writer=writer,
        seq=line.seq,
        at=line.at,
        event=_EVENTS[line.event],
        capture=line.capture,
        details=line.details,
        sha256=line.sha256,
        what=line.what,
        digest=digest,
        end=end,
    )


def _read_words(file: Readable, size: int) -> Words:
    digests: dict[int, str] = {}
    faults: list[str] = []
    last, torn = 0, False
    for number, raw in enumerate(chain.pieces(_buffered(file, size), chain.MAX_TEXT), 1):
        data = raw.removesuffix(b"\n")
        if data == raw and len(raw) <= chain.MAX_TEXT:
            torn = True
            continue
        try:
            text = chain.parse_text(data)
        except FormatError as error:
            faults.append(f"line {number} holds no words of an event: {error}")
            continue
        if text.seq <= last:
            faults.append(f"line {number} has the words of event {text.seq} behind those of event {last}")
        last = text.seq
        digests[text.seq] = sha256_hex(data)
    return Words(digests=digests, torn=torn, faults=tuple(faults[:_MOST_FAULTS]))


class _Pieces:
    """Lines on their way to somebody, with the last one that was taken, and the bytes up to its end."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self.last = b""
        self.done = 0
        self._lines = iter(lines)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        self.last = next(self._lines)
        self.done += len(self.last)
        return self.last


class _Raw(io.RawIOBase):
    """A file up to the size that it had when it was opened, as the standard library reads one."""

    def __init__(self, file: Readable, size: int) -> None:
        self._file = file
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        count = self._file.readinto(memoryview(buffer)[: self._left])
        self._left -= count
        return count


def _buffered(file: Readable, size: int) -> io.BufferedReader:
    return io.BufferedReader(_Raw(file, size), BLOCK)
