"""Reads WARC/1.1 records back strictly (ISO 28500:2017); it takes a file only if its records tile it without a gap.

That is more than the checkers in common use ask for: they accept deleted records, and bytes after the last one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from archiver.errors import FormatError
from archiver.hashing import BLOCK
from archiver.model import Record
from archiver.warc import VERSION

MAX_HEADER = 1 << 16
"""Bytes that a record header may have when it is read back."""

_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_RECORD_ID = re.compile(r"<(urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})>")
_LENGTH = re.compile(r"0|[1-9][0-9]{0,17}")
_REPEATABLE = frozenset({"warc-concurrent-to", "warc-protocol"})


class RecordHeader(Record, frozen=True, kw_only=True):
    """The header of a record that was read back.

    Attributes:
        id: WARC-Record-ID without angle brackets.
        type: WARC-Type.
        offset: first byte of the record in the file.
        header_length: bytes of the header with its blank line.
        block_length: Content-Length.
        fields: names and values as written, in order.
    """

    id: str
    type: str
    offset: int
    header_length: int
    block_length: int
    fields: tuple[tuple[str, str], ...]

    @property
    def length(self) -> int:
        """Bytes of the whole record: header, block and the two line ends after it."""
        return self.header_length + self.block_length + 4

    def get(self, name: str) -> str | None:
        """Return the first value of a field, by its name in any case, or None."""
        return next((value for key, value in self.fields if key.lower() == name.lower()), None)


def parse_header(raw: bytes, offset: int) -> RecordHeader:
    """Parse a record header, from its version line to its blank line.

    Args:
        raw: the bytes, blank line included.
        offset: where they stand in the file, for the messages and the result.

    Raises:
        FormatError: it is no WARC/1.1 header in the form that FORMAT.md allows.
    """
    lines = raw.split(b"\r\n")
    if lines[0] != VERSION.encode() or lines[-2:] != [b"", b""]:
        raise FormatError(f"no WARC/1.1 record begins at byte {offset}")
    fields: list[tuple[str, str]] = []
    for line in lines[1:-2]:
        name, colon, value = line.partition(b": ")
        if not (colon and _NAME.fullmatch(name)) or b"\r" in value or b"\n" in value or value != value.strip(b" \t"):
            raise FormatError(f"the record at byte {offset} has a malformed header line")
        try:
            fields.append((name.decode("ascii"), value.decode("utf-8")))
        except UnicodeDecodeError:
            raise FormatError(f"the record at byte {offset} has a header that is not UTF-8") from None
    values = {name.lower(): value for name, value in fields}
    record_id = _RECORD_ID.fullmatch(values.get("warc-record-id", ""))
    length = _LENGTH.fullmatch(values.get("content-length", ""))
    if record_id is None or length is None or "warc-type" not in values:
        raise FormatError(f"the record at byte {offset} lacks a proper id, type or length")
    single = [name.lower() for name, _ in fields if name.lower() not in _REPEATABLE]
    if len(single) != len(set(single)):
        raise FormatError(f"the record at byte {offset} has a header twice")
    return RecordHeader(
        id=record_id[1],
        type=values["warc-type"],
        offset=offset,
        header_length=len(raw),
        block_length=int(length[0]),
        fields=tuple(fields),
    )


def read_header(stream: BinaryIO, offset: int) -> RecordHeader | None:
    """Read the next record header from a buffered stream; None at the end of the file.

    Raises:
        FormatError: what follows is no record header.
        OSError: the stream cannot be read.
    """
    raw = bytearray()
    while not raw.endswith(b"\r\n\r\n"):
        line = stream.readline(MAX_HEADER)
        raw += line
        if not line or len(raw) > MAX_HEADER:
            if not raw:
                return None
            raise FormatError(f"the record header at byte {offset} does not end")
    return parse_header(bytes(raw), offset)


def iter_records(stream: BinaryIO) -> Iterator[tuple[RecordHeader, Iterator[bytes]]]:
    """Read records one after the other, each with its block in pieces of at most 1 MiB; blocks may be left unread.

    Raises:
        FormatError: the records do not tile the stream: something stands between, before or after them.
        OSError: the stream cannot be read.
    """
    offset = 0
    while (header := read_header(stream, offset)) is not None:
        pieces = _block(stream, header)
        yield header, pieces
        for _ in pieces:
            pass
        if stream.read(4) != b"\r\n\r\n":
            raise FormatError(f"the record at byte {offset} does not end where its length says")
        offset += header.length


def _block(stream: BinaryIO, header: RecordHeader) -> Iterator[bytes]:
    left = header.block_length
    while left:
        data = stream.read(min(BLOCK, left))
        if not data:
            raise FormatError(f"the record at byte {header.offset} is cut short")
        left -= len(data)
        yield data
