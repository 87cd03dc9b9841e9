"""Bags: what the stock tools of archivists accept, in one encoding and no other."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.case import bag, layout
from archiver.errors import FormatError
from archiver.hashing import sha256_hex

ONE, TWO = sha256_hex(b"1"), sha256_hex(b"2")
GOOD = f"{ONE}  data/a\n{TWO}  data/b\n".encode()


@pytest.fixture
def bagged(fill, tmp_path):
    return fill(tmp_path / "20261123T013512Z-k7f3q9")


def validate(folder) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "ignore", "-m", "bagit", "--validate", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_bag_is_valid_for_bagit(bagged):
    run = validate(bagged)
    assert run.returncode == 0, run.stderr


def test_bagit_notices_a_changed_file(bagged):
    media = bagged / layout.MEDIA / "01.jpg"
    media.chmod(0o644)
    media.write_bytes(b"\xff\xd8\xfe" + media.read_bytes()[3:])
    assert validate(bagged).returncode != 0


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not installed")
@pytest.mark.parametrize("name", [layout.MANIFEST, layout.TAGMANIFEST])
def test_sha256sum_accepts_the_manifests_strictly(bagged, name):
    command = ["sha256sum", "--strict", "-c", name]
    run = subprocess.run(command, cwd=bagged, capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout.count(": OK\n") == len(run.stdout.splitlines()) == (bagged / name).read_text().count("\n")


def test_the_tag_files_are_those_of_the_format_the_tag_manifest_last():
    files = bag.tag_files(b"info\n", {"data/a": ONE}, b"how to")
    assert list(files)[-1] == layout.TAGMANIFEST
    assert files[layout.BAGIT] == b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    assert files[layout.MANIFEST] == f"{ONE}  data/a\n".encode()
    assert tuple(bag.parse_manifest(files[layout.TAGMANIFEST])) == layout.TAG_FILES
    assert {name: sha256_hex(files[name]) for name in layout.TAG_FILES} == bag.parse_manifest(files[layout.TAGMANIFEST])


def test_bag_info_has_the_four_lines_of_the_format_and_the_day_in_utc():
    late = datetime(2026, 11, 24, 1, 0, tzinfo=timezone(timedelta(hours=3)))
    assert bag.bag_info("ID", late, "archiver 0.1", {"data/a": 3, "data/b": 4}) == (
        b"Bag-Software-Agent: archiver 0.1\nBagging-Date: 2026-11-23\nExternal-Identifier: ID\nPayload-Oxum: 7.2\n"
    )


PATHS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20)


@given(st.dictionaries(PATHS, st.binary().map(sha256_hex), min_size=1, max_size=6))
def test_a_manifest_reads_back_and_is_sorted(digests):
    data = bag.manifest(digests)
    assert bag.parse_manifest(data) == digests
    assert list(bag.parse_manifest(data)) == sorted(digests)
    assert bag.manifest(bag.parse_manifest(data)) == data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        GOOD[:-1],
        GOOD + b"\n",
        b"\n" + GOOD,
        GOOD.replace(b"\n", b"\r\n"),
        GOOD.replace(b"  ", b" "),
        GOOD.replace(b"  ", b"   "),
        GOOD.replace(b"  ", b" *"),
        GOOD.replace(b"  ", b"\t"),
        GOOD.replace(ONE.encode(), ONE.upper().encode()),
        GOOD.replace(ONE.encode(), ONE[:-1].encode()),
        GOOD.replace(ONE.encode(), b"\\" + ONE.encode()),
        GOOD.replace(b"data/b", b"data/a"),
        GOOD.replace(b"data/a", b"data/c"),
        GOOD.replace(b"data/a", b""),
        GOOD.replace(b"data/a", b"data/ a"),
        GOOD.replace(b"data/a", b"data/a "),
        GOOD.replace(b"data/a", "data/á".encode()),
        GOOD.replace(b"data/a", b"data/\x00"),
        GOOD.replace(b"data/a", b"data/\x7f"),
        GOOD.replace(b"data/a", b"data/a\x0b"),
        b"\xef\xbb\xbf" + GOOD,
        b"# a comment\n" + GOOD,
        GOOD.decode().encode("utf-16"),
    ],
)
def test_any_other_encoding_of_a_manifest_is_refused(data):
    assert bag.parse_manifest(GOOD) == {"data/a": ONE, "data/b": TWO}
    with pytest.raises(FormatError):
        bag.parse_manifest(data)


@given(st.binary(max_size=200) | st.integers(0, len(GOOD) - 1).map(lambda n: GOOD[:n] + b"\x00" + GOOD[n + 1 :]))
def test_what_is_read_is_what_would_be_written(data):
    try:
        digests = bag.parse_manifest(data)
    except FormatError:
        return
    assert bag.manifest(digests) == data
