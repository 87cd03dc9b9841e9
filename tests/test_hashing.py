"""Digests: right over whole files, over parts, and over a file that is still being written."""

from __future__ import annotations

import base64
import hashlib
import io
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver import hashing

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-4, example B.1
BLOCKS = bytes(range(256)) * 12_345


def test_known_answers():
    assert hashing.sha256_hex(b"abc") == ABC
    assert hashing.sha256(b"ab").hexdigest() == hashlib.sha256(b"ab").hexdigest()
    hasher = hashing.sha256(b"a")
    hasher.update(b"bc")
    assert hasher.hexdigest() == ABC


def test_warc_digest_is_padded_base32():
    label, _, text = hashing.warc_digest(ABC).partition(":")
    assert label == "sha256"
    assert base64.b32decode(text).hex() == ABC
    assert len(text) == 56


@given(st.binary(max_size=300), st.integers(0, 310) | st.none())
def test_a_stream_is_hashed_to_its_end_or_its_limit(data, limit):
    one, two = hashing.sha256(), hashing.sha256(b"x")
    part = data if limit is None else data[:limit]
    assert hashing.hash_stream(io.BytesIO(data), one, two, limit=limit) == len(part)
    assert one.hexdigest() == hashing.sha256_hex(part)
    assert two.hexdigest() == hashing.sha256_hex(b"x" + part)


def test_a_stream_is_hashed_from_where_it_stands():
    stream = io.BytesIO(b"skipped, hashed, left")
    stream.seek(9)
    hasher = hashing.sha256()
    assert hashing.hash_stream(stream, hasher, limit=6) == 6
    assert hasher.hexdigest() == hashing.sha256_hex(b"hashed")
    assert stream.read() == b", left"


def test_a_file_of_several_blocks(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(BLOCKS)
    assert hashing.hash_file(path) == (hashlib.sha256(BLOCKS).hexdigest(), len(BLOCKS))


@pytest.mark.parametrize("step", [7_001, hashing.BLOCK, 3 * hashing.BLOCK])
def test_a_growing_file_is_hashed_whole_by_every_hasher(tmp_path, step):
    path = tmp_path / "file"
    with path.open("xb", buffering=0) as file:
        one, two = hashing.sha256(), hashing.sha256(b"head")
        following = hashing.FollowingDigest(path, one, two)
        for start in range(0, len(BLOCKS), step):
            file.write(BLOCKS[start : start + step])
            following.advance(min(start + step, len(BLOCKS)))
        following.finish(len(BLOCKS))
    assert one.hexdigest() == hashlib.sha256(BLOCKS).hexdigest()
    assert two.hexdigest() == hashlib.sha256(b"head" + BLOCKS).hexdigest()


def test_bytes_beyond_what_was_reported_are_not_hashed(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"reported and more")
    hasher = hashing.sha256()
    hashing.FollowingDigest(path, hasher).finish(8)
    assert hasher.hexdigest() == hashing.sha256_hex(b"reported")


def test_a_file_that_lost_bytes_is_an_error_and_no_thread_stays(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"short")
    before = threading.active_count()
    with pytest.raises(OSError, match="shorter than what was written"):
        hashing.FollowingDigest(path, hashing.sha256()).finish(6)
    with pytest.raises(FileNotFoundError):
        hashing.FollowingDigest(tmp_path / "absent", hashing.sha256()).finish(1)
    assert threading.active_count() == before
