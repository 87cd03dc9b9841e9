"""Takes the transfer and content codings of HTTP off recorded bodies, in bounded pieces; it reads no heads.

Chunked is RFC 9112 section 7.1, gzip and deflate are RFC 9110 section 8.4.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from typing import Literal

from archiver.errors import FormatError

MAX_LINE = 1 << 16
"""Bytes that a chunk-size line or a trailer field may have."""

_STEP = 1 << 20
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,20})[ \t]*(?:;.*)?\r?\n", re.DOTALL)


class ChunkScanner:
    """Follows the chunked coding (RFC 9112 section 7.1) through pieces of any size.

    Attributes:
        complete: whether the last chunk and its trailer section have been seen.
    """

    def __init__(self) -> None:
        self.complete = False
        self._line = b""
        self._left = 0
        self._state: Literal["size", "data", "data-end", "trailer"] = "size"

    def feed(self, view: memoryview) -> int:
        """Take in bytes and return how many of them belong to the message.

        Raises:
            FormatError: the bytes are not in the chunked coding.
        """
        return sum(len(part) for part, _ in self.split(view))

    def split(self, view: memoryview) -> Iterator[tuple[memoryview, bool]]:
        """Cut bytes into parts, each with whether it is content (True) or framing (False); stops at the end.

        Raises:
            FormatError: the bytes are not in the chunked coding.
        """
        position = 0
        while position < len(view) and not self.complete:
            if self._state == "data":
                part = view[position : position + self._left]
                self._left -= len(part)
                if self._left == 0:
                    self._state = "data-end"
                yield part, True
            else:
                part = self._take_line(view[position:])
                yield part, False
            position += len(part)

    def _take_line(self, view: memoryview) -> memoryview:
        window = bytes(view[: MAX_LINE + 1])
        end = window.find(b"\n") + 1
        self._line += window[:end] if end else window
        if len(self._line) > MAX_LINE:
            raise FormatError("line of the chunked coding is too long")
        if end:
            line, self._line = self._line, b""
            self._end_line(line)
            return view[:end]
        return view[: len(window)]

    def _end_line(self, line: bytes) -> None:
        if self._state == "size":
            match = _CHUNK_SIZE.fullmatch(line)
            if match is None:
                raise FormatError("chunk size is not hexadecimal")
            self._left = int(match[1], 16)
            self._state = "data" if self._left else "trailer"
        elif self._state == "data-end":
            if line.strip(b"\r\n"):
                raise FormatError("chunk is longer than its size says")
            self._state = "size"
        elif not line.strip(b"\r\n"):
            self.complete = True


def decode(raw: Iterable[bytes], codings: Iterable[str], *, limit: int | None = None) -> Iterator[bytes]:
    """Take codings off a body, piece by piece.

    Args:
        raw: the body as it was on the wire.
        codings: their names in the order in which they were applied.
        limit: bytes of decoded body at which to stop with an error; what a few bytes can inflate to has no other bound.

    Raises:
        FormatError: a coding is unknown or broken, there is more than one compression, the body is not whole,
            something follows its end, or it exceeds the limit.
    """
    names = [name for name in codings if name not in ("", "identity")]
    if len(names) != len({name == "chunked" for name in names}):
        # Nobody compresses twice but to make a few bytes into very many.
        raise FormatError("body is under more than one compression, or chunked twice")
    pieces: Iterator[bytes] = iter(raw)
    for coding in reversed(names):
        if coding == "chunked":
            pieces = _dechunk(pieces)
        elif coding in ("gzip", "x-gzip"):
            pieces = _inflate(pieces, zlib.MAX_WBITS | 16)
        elif coding == "deflate":
            pieces = _inflate(pieces, zlib.MAX_WBITS)
        else:
            raise FormatError(f"content coding {coding[:40]!r} cannot be decoded")
    total = 0
    for piece in pieces:
        total += len(piece)
        if limit is not None and total > limit:
            raise FormatError(f"body is longer than {limit} bytes when decoded")
        yield piece


def _dechunk(pieces: Iterator[bytes]) -> Iterator[bytes]:
    scanner = ChunkScanner()
    for piece in pieces:
        taken = 0
        for part, is_content in scanner.split(memoryview(piece)):
            taken += len(part)
            if is_content:
                yield bytes(part)
        if taken < len(piece):
            raise FormatError("chunked body has bytes after its end")
    if not scanner.complete:
        raise FormatError("chunked body is not whole")


def _inflate(pieces: Iterator[bytes], window: int) -> Iterator[bytes]:
    """Inflate in steps of 1 MiB, so that a bomb is met with a bounded piece and never with all of what it holds."""
    inflater = None
    for piece in pieces:
        pending = piece
        if inflater is None and pending:
            # Servers send bare deflate streams under the name of the zlib format; browsers read both.
            bare = window == zlib.MAX_WBITS and (pending[0] & 0x0F) != 8
            inflater = zlib.decompressobj(-zlib.MAX_WBITS if bare else window)
        while pending and inflater is not None:
            if inflater.eof:
                raise FormatError("compressed body has bytes after its end")
            out = _step(inflater, pending)
            # The last bytes may be read while some of what they stand for has still to come out.
            while not inflater.unconsumed_tail and len(out) == _STEP:
                yield out
                out = _step(inflater, b"")
            pending = inflater.unconsumed_tail or inflater.unused_data
            if out:
                yield out
    if inflater is not None and not inflater.eof:
        raise FormatError("compressed body is not whole")


def _step(inflater: zlib._Decompress, data: bytes) -> bytes:
    try:
        return inflater.decompress(data, _STEP)
    except zlib.error as error:
        raise FormatError(f"compressed body is broken: {error}") from None
