"""Codings come off as they were put on, in bounded pieces, and whatever is not whole or has more is refused."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver import codings
from archiver.errors import FormatError

MIB = 1 << 20
BODY = b"the quick brown fox " * 400


def chunk(data: bytes, sizes: list[int], extension: bytes = b"", trailer: bytes = b"") -> bytes:
    out, start, turn = [], 0, 0
    while start < len(data):
        part = data[start : start + sizes[turn % len(sizes)]]
        out.append(b"%X%b\r\n%b\r\n" % (len(part), extension, part))
        start += len(part)
        turn += 1
    return b"".join([*out, b"0", extension, b"\r\n", trailer, b"\r\n"])


def bare(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACK = {"gzip": gzip.compress, "x-gzip": gzip.compress, "deflate": zlib.compress}


def cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def decode(data: bytes, *names: str, limit: int | None = None) -> bytes:
    return b"".join(codings.decode([data], names, limit=limit))


@given(
    st.binary(max_size=2000),
    st.lists(st.sampled_from(sorted(PACK)), max_size=1),
    st.lists(st.integers(1, 700), min_size=1, max_size=3),
    st.integers(1, 500),
)
def test_what_was_packed_and_chunked_comes_back_however_it_arrives(body, names, sizes, step):
    wire = body
    for name in names:
        wire = PACK[name](wire)
    wire = chunk(wire, sizes, b";a=b", b"X-T: 1\r\n")
    assert b"".join(codings.decode(cut(wire, step), [*names, "chunked"])) == body


@given(st.binary(max_size=500), st.integers(1, 200))
def test_deflate_without_the_zlib_header_is_read_as_browsers_do(body, step):
    assert b"".join(codings.decode(cut(bare(body), step), ["deflate"])) == body


@pytest.mark.parametrize("beyond", [*range(0, 40, 3), 258, 300])
@pytest.mark.parametrize("pack", [bare, zlib.compress, gzip.compress])
def test_nothing_stays_inside_when_a_step_ends_with_the_input(pack, beyond):
    body = bytes(MIB + beyond)
    name = "gzip" if pack is gzip.compress else "deflate"
    assert decode(pack(body), name) == body


def test_names_that_change_nothing():
    assert decode(BODY, "", "identity") == BODY
    assert decode(b"", "gzip") == b""
    assert decode(BODY) == BODY


@pytest.mark.parametrize("name", ["br", "zstd", "compress", "GZIP", "x" * 1000])
def test_an_unknown_coding_is_refused(name):
    with pytest.raises(FormatError, match="cannot be decoded"):
        decode(BODY, name)


@pytest.mark.parametrize("name", ["gzip", "deflate", "chunked"])
@pytest.mark.parametrize("change", ["cut", "junk", "flip", "twice"])
def test_truncated_damaged_or_trailed_bodies_are_refused(name, change):
    wire = chunk(BODY, [100]) if name == "chunked" else PACK[name](BODY)
    damaged = {
        "cut": wire[:-1],
        "junk": wire + b"\x00",
        "flip": b"\xff" + wire[1:],
        "twice": wire + wire,
    }[change]
    with pytest.raises(FormatError):
        decode(damaged, name)
    with pytest.raises(FormatError):
        b"".join(codings.decode(cut(damaged, 1), [name]))


@pytest.mark.parametrize(
    "wire",
    [
        b"",
        b"5\r\nhello\r\n",
        b"5\r\nhelloX\r\n0\r\n\r\n",
        b"-5\r\nhello\r\n0\r\n\r\n",
        b"0x5\r\nhello\r\n0\r\n\r\n",
        b"\r\n0\r\n\r\n",
        b"5\r\nhello\r\n0\r\nX-T: 1\r\n",
        b"F" * 21 + b"\r\n",
        b"5;" + b"x" * codings.MAX_LINE + b"\r\nhello\r\n0\r\n\r\n",
        b"0\r\n" + b"x" * (codings.MAX_LINE + 1),
    ],
    ids=lambda wire: repr(wire[:12]),
)
def test_what_is_not_chunked_is_refused(wire):
    with pytest.raises(FormatError):
        decode(wire, "chunked")


def test_a_bomb_comes_out_in_bounded_pieces_and_stops_at_the_limit():
    bomb = gzip.compress(bytes(256 * MIB), 9)
    assert len(bomb) < MIB
    pieces = 0
    with pytest.raises(FormatError, match="longer than 4194304 bytes"):
        for piece in codings.decode([bomb], ["gzip"], limit=4 * MIB):
            assert len(piece) <= MIB
            pieces += 1
    assert 4 <= pieces < 12


def test_a_body_of_exactly_the_limit_is_not_over_it():
    assert len(decode(gzip.compress(bytes(1000)), "gzip", limit=1000)) == 1000
    with pytest.raises(FormatError):
        decode(gzip.compress(bytes(1001)), "gzip", limit=1000)


@pytest.mark.parametrize(
    "names", [["gzip"] * 2, ["gzip", "deflate"], ["gzip"] * 20_000, ["chunked"] * 2, ["chunked", "gzip", "chunked"]]
)
def test_a_tower_of_codings_is_refused(names):
    with pytest.raises(FormatError, match="more than one compression"):
        decode(gzip.compress(gzip.compress(BODY)), *names)


@given(st.binary(max_size=100), st.lists(st.sampled_from(["gzip", "deflate", "chunked"]), min_size=1, max_size=3))
def test_any_bytes_are_decoded_or_refused(wire, names):
    try:
        body = decode(wire, *names, limit=MIB)
    except FormatError:
        return
    assert len(body) <= MIB


@given(st.binary(max_size=300), st.integers(1, 40))
def test_the_scanner_counts_what_belongs_to_the_message(body, step):
    wire = chunk(body, [37])
    scanner = codings.ChunkScanner()
    taken = sum(scanner.feed(memoryview(part)) for part in cut(wire + b"next response", step))
    assert scanner.complete
    assert taken == len(wire)
