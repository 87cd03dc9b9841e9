"""`archiver list` and `archiver show`."""

from __future__ import annotations

from pathlib import Path

import pytest

from archiver.demo import posts

from .conftest import Run


@pytest.fixture
def filled(archiver: Run) -> Run:
    for target in (posts.PHOTO, posts.DELETED, posts.SHELLING):
        archiver("capture", target.url)
    return archiver


def test_list_has_a_line_for_each_capture_oldest_first(filled: Run) -> None:
    ended = filled("list")
    assert ended.code == 0
    first, second, third = ended.lines
    assert f"@{posts.PHOTO.author.handle}" in first
    assert "absent (deleted)" in second
    assert posts.SHELLING.text.split()[0] in third


def test_list_json_is_one_object_a_capture(filled: Run) -> None:
    entries = filled("list", "--json").objects
    assert [entry["type"] for entry in entries] == ["entry"] * 3
    assert [entry["post"] for entry in entries] == [posts.PHOTO.id, posts.DELETED.id, posts.SHELLING.id]
    assert all(isinstance(entry["post"], str) for entry in entries)


def test_list_does_not_depend_on_its_cache(filled: Run, tmp_path: Path) -> None:
    before = filled("list").out
    (cache,) = (tmp_path / "evidence/.work").glob("index*")
    cache.write_bytes(b"garbage\n\x00")
    assert filled("list").out == before
    cache.unlink()
    assert filled("list").out == before


@pytest.mark.parametrize("how", ["id", "part", "post", "link", "input", "last"])
def test_show_finds_a_capture_by(filled: Run, how: str) -> None:
    entry = filled("list", "--json").objects[2]
    text = {
        "id": entry["id"],
        "part": entry["id"][-6:],
        "post": posts.SHELLING.id,
        "link": f"https://twitter.com/anyone/status/{posts.SHELLING.id}?s=20",
        "input": posts.SHELLING.url,
        "last": "last",
    }[how]
    ended = filled("show", text)
    assert ended.code == 0
    assert entry["id"] in ended.out
    assert f"@{posts.SHELLING.author.handle}" in ended.out
    assert "data/media/01.mp4" in ended.out


def test_show_json_is_the_whole_account(filled: Run) -> None:
    (value,) = filled("show", "last", "--json").objects
    assert value["manifest"]["id"] == posts.SHELLING.id


def test_an_ambiguous_id_is_a_usage_error_that_names_the_candidates(filled: Run) -> None:
    ended = filled("show", "2")
    assert ended.code == 2
    assert "matches 3 captures" in ended.err


def test_of_several_captures_of_one_post_the_newest_is_meant(filled: Run) -> None:
    filled("capture", "--again", posts.PHOTO.url)
    newest = filled("list", "--json").objects[-1]["id"]
    assert newest in filled("show", posts.PHOTO.id).out
