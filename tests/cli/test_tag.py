"""`archiver tag`, and where tags are seen: in lists and on a capture."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from archiver.demo import posts

from .conftest import Run


@pytest.fixture
def filled(archiver: Run) -> Run:
    assert archiver("capture", posts.TEXT.url, posts.PHOTO.url).code == 0
    assert archiver("tag", posts.TEXT.id, "Харків", "night").code == 0
    assert archiver("tag", posts.PHOTO.id, "night").code == 0
    return archiver


def test_tags_of_a_capture_are_shown_after_each_change(filled: Run) -> None:
    capture = next(entry["id"] for entry in filled("list", "--json").objects if entry["post"] == posts.TEXT.id)
    assert filled("tag", posts.TEXT.id).lines == [f"{capture}  night  харків"]
    assert filled("tag", posts.TEXT.id, "roof", "--remove", "NIGHT").lines == [f"{capture}  roof  харків"]
    (value,) = filled("tag", posts.TEXT.id, "--remove", "roof", "--json").objects
    assert value == {"type": "tags", "id": capture, "tags": ["харків"]}


def test_alone_it_lists_all_tags_with_their_counts(filled: Run) -> None:
    assert [line.split() for line in filled("tag").lines] == [["2", "night"], ["1", "харків"]]
    assert filled("tag", "--json").objects == [
        {"type": "tag", "tag": "night", "captures": 2},
        {"type": "tag", "tag": "харків", "captures": 1},
    ]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--tag", "night"], {posts.TEXT.id, posts.PHOTO.id}),
        (["--tag", "ХАРКІВ"], {posts.TEXT.id}),
        (["--tag", "night", "--tag", "харків"], {posts.TEXT.id}),
        (["--tag", "night", "--author", posts.PHOTO.author.handle], {posts.PHOTO.id}),
        (["--tag", "day"], set()),
    ],
)
def test_list_finds_by_tag(filled: Run, arguments: list[str], found: set[str]) -> None:
    assert {entry["post"] for entry in filled("list", "--json", *arguments).objects} == found


def test_lists_and_show_have_the_tags(filled: Run) -> None:
    (entry,) = filled("list", "--json", "--tag", "харків").objects
    assert entry["tags"] == ["night", "харків"]
    (line,) = filled("list", "--tag", "харків").lines
    assert line.endswith("#night  #харків")
    (row,) = csv.DictReader(io.StringIO(filled("list", "--csv", "--tag", "харків").out))
    assert row["tags"] == "night харків"
    assert "tags        night  харків" in filled("show", posts.TEXT.id).lines
    assert filled("show", posts.TEXT.id, "--json").objects[0]["tags"] == ["night", "харків"]


def test_tags_are_no_part_of_the_evidence(filled: Run, tmp_path: Path) -> None:
    found = [path for path in (tmp_path / "evidence").rglob("*") if path.is_file() and "харків" in _text(path)]
    assert [path.relative_to(tmp_path).as_posix() for path in found] == ["evidence/working/tags.jsonl"]


def test_what_was_written_by_hand_cannot_speak_to_the_terminal(filled: Run, tmp_path: Path) -> None:
    capture = filled("list", "--json").objects[0]["id"]
    line = json.dumps({"capture": capture, "tags": ["\u202eevil", "\x1b[31mred", "fine"]})
    (tmp_path / "evidence/working/tags.jsonl").write_text(line, encoding="utf-8")
    assert filled("tag", capture).lines == [f"{capture}  evil  fine"]


@pytest.mark.parametrize("arguments", [["last", "two words"], ["last", ""], ["--remove", "night"], ["2", "night"]])
def test_what_cannot_be_done_is_a_usage_error(filled: Run, arguments: list[str]) -> None:
    before = filled("tag").out
    assert filled("tag", *arguments).code == 2
    assert filled("tag").out == before


def test_without_a_case_or_capture_nothing_is_made(archiver: Run, tmp_path: Path) -> None:
    assert archiver("tag").code == 12
    assert archiver("tag", "last", "night").code == 12
    assert list(tmp_path.glob("evidence*")) == []


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")
