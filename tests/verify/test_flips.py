"""Any single flipped bit, in any file of a capture, fails verification, and the file is named."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.verify import verify_capture

from .builder import make_capture, make_case


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A capture that is damaged and mended again many times."""
    return make_capture(make_case(tmp_path_factory.mktemp("flips") / "evidence"))


@contextmanager
def flipped(path: Path, offset: int, bit: int) -> Iterator[None]:
    sound = path.read_bytes()
    damaged = bytearray(sound)
    damaged[offset] ^= 1 << bit
    path.write_bytes(damaged)
    try:
        yield
    finally:
        path.write_bytes(sound)


def blamed(capture: Path) -> set[str]:
    return {found.path for found in verify_capture(capture, case=capture.parents[2]) if found.level == "failure"}


def files(capture: Path) -> list[Path]:
    return sorted(path for path in capture.rglob("*") if path.is_file())


@settings(max_examples=300, deadline=None)
@given(which=st.integers(0, 11), where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_is_found_and_its_file_named(sealed: Path, which: int, where: float, bit: int) -> None:
    path = files(sealed)[which]
    with flipped(path, int(where * path.stat().st_size), bit):
        assert path.relative_to(sealed).as_posix() in blamed(sealed)


@pytest.mark.parametrize("name", ["bagit.txt", "bag-info.txt", "tagmanifest-sha256.txt", "manifest-sha256.txt"])
def test_every_byte_of_the_lists(sealed: Path, name: str) -> None:
    path = sealed / name
    bits = random.Random(name)
    for offset in range(path.stat().st_size):
        with flipped(path, offset, bits.randrange(8)):
            assert name in blamed(sealed), f"byte {offset}"


def test_the_capture_is_sound_in_between(sealed: Path) -> None:
    assert len(files(sealed)) == 12
    assert blamed(sealed) == set()
