"""Reads a WARC once, from its first byte to its last: digests, heads, and of the payloads only what is asked for.

It says what is there; whether that is right is for the checks to say. What a hostile file can make it keep is bounded.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain
from typing import BinaryIO, cast

from archiver import codings, http1
from archiver.errors import FormatError
from archiver.hashing import BLOCK, Hasher, sha256
from archiver.verify.lanes import Lane, feed_here
from archiver.verify.reading import Readable
from archiver.verify.scanned import Decoded, Payload, Scan, Scanned, Wants
from archiver.warc_reader import RecordHeader, iter_records

MAX_ANSWER = 16 << 20
"""Bytes of a decoded answer that are looked into; more the recording program does not read either."""
MAX_ANSWERS = 64 << 20
"""Bytes of all answers of a capture that are kept in memory."""
MAX_HEADERS = 16 << 20
"""Bytes that all record headers together may have."""
SMALL_BLOCK = 1 << 18
"""Bytes that a request or metadata block may have to be looked into; up to MAX_HEADERS in all."""

_SMALL_FILE = 8 << 20
_AHEAD = 1 << 16
_COMPRESSIONS = frozenset({"gzip", "x-gzip", "deflate"})
_Feed = Callable[[Hasher, bytes | memoryview], None]


def scan(file: Readable, size: int, wants: Wants) -> Scan:
    """Read a WARC file.

    Args:
        file: the file, at its beginning.
        size: its bytes; what has grown beyond is not read.
        wants: what is asked for.

    Raises:
        OSError: the file cannot be read.
    """
    whole, fault = sha256(), ""
    with ExitStack() as lanes:
        # The reader cuts the file into records while each lane hashes the pieces that it was handed before.
        beside = lanes.enter_context(Lane()).feed if size > _SMALL_FILE else feed_here
        stream = _Stream(file, size, lambda data: beside(whole, data))
        scanner = _Scanner(wants, lanes.enter_context(Lane()).feed, lanes.enter_context(Lane()).feed)
        try:
            for header, pieces in iter_records(cast(BinaryIO, stream)):
                scanner.take(header, pieces)
        except FormatError as error:
            fault = str(error)
        while stream.read(BLOCK):
            pass
    records = tuple(record.finish() for record in scanner.records)
    return Scan(size=stream.done, sha256=whole.hexdigest(), records=records, fault=fault)


class _Stream:
    """A file that shows somebody else every byte which is read of it, and copies as few as it can.

    Large reads hand out the very bytes that were shown: what is hashed twice is in memory once.
    """

    def __init__(self, file: Readable, size: int, show: Callable[[bytes], None]) -> None:
        self.done = 0
        self._file = file
        self._size = size
        self._show = show
        self._ahead = b""
        self._at = 0

    def read(self, count: int) -> bytes:
        """Return so many bytes; fewer only at the end."""
        data = self._ahead[self._at : self._at + count]
        self._at += len(data)
        while len(data) < count and (more := self._fetch(count - len(data))):
            data += more
        return data

    def readline(self, limit: int) -> bytes:
        """Return the bytes up to and with the next line feed, or so many if there is none among them."""
        while not (end := self._ahead.find(b"\n", self._at, self._at + limit) + 1):
            more = self._fetch(_AHEAD) if len(self._ahead) - self._at < limit else b""
            if not more:
                end = min(self._at + limit, len(self._ahead))
                break
            self._ahead, self._at = self._ahead[self._at :] + more, 0
        return self.read(end - self._at)

    def _fetch(self, count: int) -> bytes:
        data = self._file.read(min(count, self._size - self.done)) or b""
        self.done += len(data)
        if data:
            self._show(data)
        return data


@dataclass
class _Open:
    """A record whose digests may still be in the making."""

    header: RecordHeader
    hasher: Hasher = field(default_factory=sha256)
    start: bytes | None = None
    letters: Counter[tuple[int, int]] = field(default_factory=Counter)
    framer: http1.ResponseFramer | None = None
    payload: Hasher = field(default_factory=sha256)
    payload_size: int = 0
    decoded: Hasher | None = None
    decoded_size: int = 0
    data: bytes | None = None
    fault: str = ""

    def finish(self) -> Scanned:
        """Return the record with its digests, once all of its bytes were hashed."""
        return Scanned(
            header=self.header,
            sha256=self.hasher.hexdigest(),
            start=self.start,
            overwritten=frozenset(part for part, count in self.letters.items() if count == part[1]),
            payload=self._finish_payload(),
        )

    def _finish_payload(self) -> Payload | None:
        if self.framer is None or self.framer.parsed is None:
            return None
        return Payload(
            head=self.framer.parsed,
            size=self.payload_size,
            sha256=self.payload.hexdigest(),
            whole=self.framer.complete,
            excess=bool(self.framer.excess),
            decoded=self._finish_decoded(),
        )

    def _finish_decoded(self) -> Decoded | None:
        if self.decoded is None:
            return None
        return Decoded(size=self.decoded_size, sha256=self.decoded.hexdigest(), data=self.data, fault=self.fault)


class _Scanner:
    """Takes records one by one and keeps what is wanted of them."""

    def __init__(self, wants: Wants, feed_block: _Feed, feed_payload: _Feed) -> None:
        self.records: list[_Open] = []
        self._wants = wants
        self._feed_block = feed_block
        self._feed_payload = feed_payload
        self._headers_left = MAX_HEADERS
        self._starts_left = MAX_HEADERS
        self._answers_left = MAX_ANSWERS

    def take(self, header: RecordHeader, pieces: Iterator[bytes]) -> None:
        """Take in one record.

        Raises:
            FormatError: it is cut short, or the file has more in its headers than any WARC of a capture.
        """
        self._headers_left -= header.header_length
        if self._headers_left < 0:
            raise FormatError(f"the record headers are longer than {MAX_HEADERS >> 20} MiB in all")
        record = _Open(header=header)
        feed = self._feed_block if header.block_length > BLOCK else feed_here
        pieces = _hashed(record.hasher, feed, pieces)
        parts = self._wants.overwritten.get(header.id)
        if parts:
            pieces = _searched(record.letters, parts, pieces)
        if header.type == "response":
            self._take_response(record, pieces)
        elif header.block_length <= SMALL_BLOCK:
            record.start = self._kept(b"".join(pieces))
        for _ in pieces:
            pass
        self.records.append(record)

    def _kept(self, data: bytes) -> bytes | None:
        self._starts_left -= len(data)
        return data if self._starts_left >= 0 else None

    def _take_response(self, record: _Open, pieces: Iterator[bytes]) -> None:
        framer = http1.ResponseFramer(self._wants.methods.get(record.header.id, "GET"))
        first = next(pieces, b"")
        framer.feed(first)
        if framer.parsed is None or framer.interim:
            return
        record.framer, record.start = framer, self._kept(framer.head)
        feed = self._feed_payload if record.header.block_length > BLOCK else feed_here
        payload = _counted(
            record, _hashed(record.payload, feed, chain([first[len(framer.head) :]], _framed(framer, pieces)))
        )
        if record.header.id in self._wants.answers or record.header.id in self._wants.decoded:
            self._decode(record, framer.parsed, payload)
        for _ in payload:
            pass
        framer.end()

    def _decode(self, record: _Open, head: http1.ResponseHead, payload: Iterator[bytes]) -> None:
        names = http1.codings(head)
        limit = max(MAX_ANSWER, self._wants.decoded.get(record.header.id, 0))
        parts: list[bytes] | None = [] if record.header.id in self._wants.answers else None
        record.decoded = sha256()
        try:
            _refuse_towers(names)
            for piece in codings.decode(payload, names, limit=limit):
                record.decoded.update(piece)
                record.decoded_size += len(piece)
                if parts is not None:
                    self._answers_left -= len(piece)
                    parts.append(piece)
                    if record.decoded_size > MAX_ANSWER or self._answers_left < 0:
                        parts = None
        except FormatError as error:
            record.fault = str(error)
        record.data = None if parts is None else b"".join(parts)


def _hashed(hasher: Hasher, feed: _Feed, pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        feed(hasher, piece)
        yield piece


def _searched(
    letters: Counter[tuple[int, int]], parts: Iterable[tuple[int, int]], pieces: Iterable[bytes]
) -> Iterator[bytes]:
    """Count the letters X in parts of a block; in one that overlaps with a part before it, too few are counted."""
    waiting, at = deque(sorted(parts)), 0
    for piece in pieces:
        end = at + len(piece)
        while waiting and waiting[0][0] < end:
            offset, length = waiting[0]
            letters[offset, length] += piece.count(b"X", max(offset - at, 0), min(offset + length, end) - at)
            if offset + length > end:
                break
            waiting.popleft()
            while waiting and waiting[0][0] < offset + length:
                waiting.popleft()
        at = end
        yield piece


def _counted(record: _Open, pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        record.payload_size += len(piece)
        yield piece


def _framed(framer: http1.ResponseFramer, pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        # A framer collects what follows the end of the message; once it has some, it need see no more.
        if not framer.excess and framer.broken is None:
            framer.feed(piece)
        yield piece


def _refuse_towers(names: list[str]) -> None:
    """Refuse compression inside compression: a small body could keep the decoder busy for years without a byte out.

    Raises:
        FormatError: there are more codings than a server has reason to apply.
    """
    if sum(name in _COMPRESSIONS for name in names) > 1 or names.count("chunked") > 1:
        raise FormatError("the body is under more codings than are taken off")
