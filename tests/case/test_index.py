"""The list of a case comes from its manifests; the cache only makes it quick, and what is damaged is left out."""

from __future__ import annotations

import pytest

from archiver.case import index, layout

IDS = ["20261122T230000Z-aaaaaa", "20261123T013512Z-k7f3q9", "20261123T013513Z-bbbbbb"]


@pytest.fixture
def filled(case, fill):
    """A case with three captures."""
    for number, name in enumerate(IDS):
        started = f"2026-11-23T01:35:{number:02}.000000Z"
        fill(layout.capture_folder(case.path, name), started=started, outcome=["captured", "absent", "partial"][number])
    return case


def cache(case):
    return case.path / layout.WORK / index.CACHE


def ids(case) -> list[str]:
    return [entry.id for entry in index.entries(case.path)]


def test_every_capture_is_listed_oldest_first_with_what_its_manifest_says(filled):
    entries = list(index.entries(filled.path))
    assert [entry.id for entry in entries] == IDS
    assert [entry.done for entry in entries] == [True, True, False]
    first = entries[0]
    assert (first.platform, first.post, first.outcome, first.media) == ("x", "1898247629696929793", "captured", 1)
    assert (first.author, first.name, first.text) == ("a", "A", "t")
    assert first.inputs == ("https://x.com/a/status/1898247629696929793",)


def test_an_empty_case_lists_nothing(case):
    assert ids(case) == []


@pytest.mark.parametrize(
    "damage",
    [
        None,
        b"",
        b"not JSON\n",
        b'{"id":1}\n',
        b'"\xff"\n',
        b"\x00" * 100,
        b"[" * 100_000,
    ],
    ids=["deleted", "empty", "no JSON", "other JSON", "no UTF-8", "NUL", "deep"],
)
def test_the_cache_can_be_deleted_or_damaged_at_any_time(filled, damage):
    expected = list(index.entries(filled.path))
    assert cache(filled).is_file()
    assert list(index.entries(filled.path)) == expected
    if damage is None:
        cache(filled).unlink()
    else:
        cache(filled).write_bytes(damage)
    assert list(index.entries(filled.path)) == expected


def test_the_cache_knows_nothing_of_captures_that_are_not_there(filled, fill, tmp_path):
    assert len(ids(filled)) == 3
    layout.capture_folder(filled.path, IDS[1]).rename(tmp_path / "elsewhere")
    assert ids(filled) == [IDS[0], IDS[2]]
    (tmp_path / "elsewhere").rename(layout.capture_folder(filled.path, IDS[1]))
    assert ids(filled) == IDS


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"not JSON",
        b'"\xff"',
        b'{"capture":"\xff"}',
        b"[" * 100_000,
        b'{"more":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        None,
    ],
    ids=["empty", "no keys", "no JSON", "no UTF-8", "no UTF-8 inside", "deep", "deep and unknown", "gone"],
)
def test_a_damaged_capture_is_left_out_and_hides_no_other(filled, data):
    manifest = layout.capture_folder(filled.path, IDS[1]) / layout.CUSTODY_MANIFEST
    manifest.chmod(0o644)
    if data is None:
        manifest.unlink()
    else:
        manifest.write_bytes(data)
    for _ in range(2):
        assert ids(filled) == [IDS[0], IDS[2]]


def test_a_capture_that_says_it_is_another_is_left_out(filled, fill):
    fill(layout.capture_folder(filled.path, "20261123T013514Z-cccccc"), capture=IDS[0])
    assert ids(filled) == IDS


def test_what_is_no_capture_is_not_looked_into(filled):
    captures = filled.path / layout.CAPTURES
    (captures / ".DS_Store").write_bytes(b"")
    (captures / "2026-11-24").write_bytes(b"a file where a day would be")
    (captures / "2026-11-23" / "20261123T013515Z-dddddd").write_bytes(b"a file where a capture would be")
    (captures / "2026-11-23" / "notes").mkdir()
    (captures / "drafts").mkdir()
    assert ids(filled) == IDS


def test_a_case_that_cannot_keep_a_cache_is_listed_all_the_same(filled):
    work = filled.path / layout.WORK
    for item in work.iterdir():
        item.unlink()
    work.rmdir()
    work.write_bytes(b"")
    assert ids(filled) == IDS
    assert work.read_bytes() == b""
