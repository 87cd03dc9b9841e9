"""No single flipped bit, in any file that counts, goes unnoticed. It is asked in shards, so that workers share it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from archiver.case import layout
from archiver.model import Finding
from archiver.verify import verify_case

from .sweep import World, every_byte, make_small, make_whole, random_flips

FLIPS = 2000
SHARDS = 10
SMALL = 64 << 10


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A case with all that a case may hold."""
    return make_whole(tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A case of one capture that is as small as they come."""
    return make_small(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def alone(small: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """That capture, copied out of its case: where no log and no seal bears witness, it has to stand for itself."""
    (capture,) = small.captures
    return World(shutil.copytree(capture, tmp_path_factory.mktemp("alone") / capture.name), small.trust)


def test_the_case_that_is_swept_has_files_of_every_kind(whole: World) -> None:
    told = {Path(path).name if path.count("/") < 3 else Path(path).suffix for path in whole.files()}
    assert told >= {"case.json", "SEAL", "SEAL.sig", "OPEN", "RECEIPT.json", "RECEIPT.json.sig"}
    assert told >= {".warc", ".html", ".json", ".txt", ".sig", ".jpg", ".tsr", ".jsonl", ".head", ".texts"}
    assert len(whole.captures) == 3
    assert {len(list(seal.glob("SEAL.*.tsr"))) for seal in whole.top.glob("seals/*")} == {2}
    assert b'"event":"failed"' in b"".join(path.read_bytes() for path in whole.top.glob("custody/*.jsonl"))


@pytest.mark.parametrize("shard", range(SHARDS))
def test_random_flips_in_a_whole_case(whole: World, shard: int) -> None:
    swept = whole.sweep(random_flips(whole.files(), FLIPS // SHARDS, f"case {shard}"))
    print(f"whole case, {shard}: {swept}")
    assert (swept.flips, swept.missed) == (FLIPS // SHARDS, ())
    # Some words of a receipt are bound by its signature alone, which cannot tell which of the two has changed.
    assert {Path(flip.path).name for flip in swept.unnamed} <= {"RECEIPT.json"}


@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_flip_in_every_byte_of_a_capture(alone: World, shard: int) -> None:
    files = {path: size for path, size in alone.files().items() if size < SMALL}
    swept = alone.sweep(islice(every_byte(files, "capture"), shard, None, SHARDS))
    print(f"every byte of the {len(files)} files of a capture, {shard}: {swept}")
    assert len(files) == 10
    assert swept == (len(range(shard, sum(files.values()), SHARDS)), (), ())


@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_flip_in_every_byte_of_its_seal_and_its_log(small: World, shard: int) -> None:
    def without_captures() -> Iterator[Finding]:
        # What a capture says of logs and seals comes on top, and is not waited for.
        return verify_case(small.top, (), trust=small.trust)

    files = {path: size for path, size in small.files().items() if path.startswith((layout.SEALS, layout.CUSTODY))}
    swept = small.sweep(islice(every_byte(files, "custody"), shard, None, SHARDS), without_captures)
    print(f"every byte of the {len(files)} files of seal and log, {shard}: {swept}")
    assert len(files) == 8
    assert swept == (len(range(shard, sum(files.values()), SHARDS)), (), ())
