"""Small bodies that decode to huge ones, in gzip, deflate and brotli; made piece by piece, never held whole.

Standards: RFC 1952, RFC 1950, RFC 7932. They are valid to the last byte, so that only their size can be held against
them; a gigabyte of zeros is about a megabyte in the first two and about a kilobyte in the third.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Coding = Literal["gzip", "deflate", "br"]

_STEP = 1 << 20
_ZEROS = bytes(_STEP)
_BROTLI_STEP = 1 << 24
_BROTLI_STORED = 1 << 16
_BROTLI_SHORTEST = 1 + 2118
_BROTLI_ALIGN = ((0, 1), (3, 2), (0, 1), (0, 2))


@dataclass(frozen=True)
class Packed:
    """A compressed body: its length in bytes, and what it is made of."""

    length: int
    pieces: Iterator[bytes]


def pack(coding: Coding, size: int, start: bytes) -> Packed:
    """Return a body that decodes to `size` bytes: `start`, then zeros.

    Raises:
        ValueError: the start is longer than the whole.
    """
    if size < len(start):
        raise ValueError("the start does not fit")
    return _brotli(size, start) if coding == "br" else _deflate(coding, size, start)


def _deflate(coding: Literal["gzip", "deflate"], size: int, start: bytes) -> Packed:
    count, left = divmod(size - len(start), _STEP)
    head = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" if coding == "gzip" else b"\x78\xda"
    parts = [head, _flushed(start), *[_flushed(_ZEROS)] * count, _flushed(bytes(left)), b"\x03\x00"]

    def pieces() -> Iterator[bytes]:
        yield from parts
        # The checksum is worked out last: a reader that stops in time saves both sides the labour.
        check = zlib.crc32 if coding == "gzip" else zlib.adler32
        value = check(start)
        for _ in range(count):
            value = check(_ZEROS, value)
        value = check(bytes(left), value)
        if coding == "gzip":
            yield value.to_bytes(4, "little") + (size % (1 << 32)).to_bytes(4, "little")
        else:
            yield value.to_bytes(4, "big")

    return Packed(sum(map(len, parts)) + (8 if coding == "gzip" else 4), pieces())


def _flushed(data: bytes) -> bytes:
    """Return data as deflate blocks that end at a byte and refer to nothing before them, so that they can repeat."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH)


def _brotli(size: int, start: bytes) -> Packed:
    count, left = divmod(size - len(start), _BROTLI_STEP)
    # A window of 64 KiB (one bit), then the empty block that fills up the byte.
    parts = [_bits((0, 1), *_BROTLI_ALIGN), *_stored(start), *[_zeros(_BROTLI_STEP)] * count]
    parts += [_zeros(left)] if left >= _BROTLI_SHORTEST else _stored(bytes(left))
    parts.append(b"\x03")
    return Packed(sum(map(len, parts)), iter(parts))


def _zeros(count: int) -> bytes:
    """Return a meta-block (RFC 7932, 9.2) of one literal zero and one copy of it, at distance 1, over all the rest.

    Each alphabet has one symbol, which therefore takes no bits: literal 0; insert 1 and copy 2118 or more (399);
    distance code 16, whose one extra bit says 1.
    """
    compressed_and_one_block_type_each = (0, 1), (0, 1), (0, 1), (0, 1)
    no_distance_parameters_and_contexts = (0, 2 + 4), (0, 2), (0, 1), (0, 1)
    one_symbol = (1, 2), (0, 2)
    return _bits(
        *_length(count),
        *compressed_and_one_block_type_each,
        *no_distance_parameters_and_contexts,
        *(*one_symbol, (0, 8)),
        *(*one_symbol, (399, 10)),
        *(*one_symbol, (16, 6)),
        (count - _BROTLI_SHORTEST, 24),
        (0, 1),
        *_BROTLI_ALIGN,
    )


def _stored(data: bytes) -> list[bytes]:
    blocks = [data[place : place + _BROTLI_STORED] for place in range(0, len(data), _BROTLI_STORED)]
    return [_bits(*_length(len(block)), (1, 1)) + block for block in blocks]


def _length(count: int) -> tuple[tuple[int, int], ...]:
    nibbles = max(4, -(-(count - 1).bit_length() // 4))
    return (0, 1), (nibbles - 4, 2), (count - 1, 4 * nibbles)


def _bits(*fields: tuple[int, int]) -> bytes:
    """Return fields of (value, number of bits), lowest bit first, filled up with zeros to the next byte."""
    number = place = 0
    for value, width in fields:
        number |= value << place
        place += width
    return number.to_bytes(-(-place // 8), "little")
