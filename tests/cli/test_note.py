"""`archiver note`, `capture --note`, and notes where a capture is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from archiver.cli.note import LONGEST
from archiver.demo import posts

from .conftest import Run


@pytest.fixture
def filled(archiver: Run) -> Run:
    assert archiver("capture", posts.TEXT.url).code == 0
    return archiver


def noted(run: Run) -> list[dict[str, object]]:
    return [event for event in run("log", "--json").objects if event["event"] == "noted"]


def holding(case: Path, word: str) -> list[str]:
    files = (path for path in case.rglob("*") if path.is_file())
    return [path.relative_to(case).as_posix() for path in files if word.encode() in path.read_bytes()]


def test_a_note_becomes_a_line_of_the_log(filled: Run, tmp_path: Path) -> None:
    capture = filled("list", "--json").objects[0]["id"]
    ended = filled("note", "last", "Reported as item 14.")
    assert (ended.code, ended.lines) == (0, [f"noted       {capture}"])
    (event,) = noted(filled)
    assert (event["capture"], event["text"]) == (capture, {"note": "Reported as item 14."})
    (file,) = holding(tmp_path / "evidence", "item 14")
    assert file.startswith("custody/")
    assert file.endswith(".texts")


def test_a_private_note_is_in_no_log(filled: Run, tmp_path: Path) -> None:
    before = filled("log", "--json").out
    ended = filled("note", "--private", "last", "the same roof?")
    assert (ended.code, ended.lines[0][:7]) == (0, "private")
    assert filled("log", "--json").out == before
    assert holding(tmp_path / "evidence", "same roof") == ["working/notes.jsonl"]


def test_show_has_both_and_tells_them_apart(filled: Run) -> None:
    filled("note", "last", "Дах\nдругий рядок")
    filled("note", "last", "--private", "\u202ehidden \u200fمبنى")
    lines = filled("show", "last").lines
    (index,) = [number for number, line in enumerate(lines) if line.startswith("note ")]
    assert lines[index].endswith("  Дах")
    assert lines[index + 1].split() == ["другий", "рядок"]
    (private,) = [line for line in lines if line.startswith("private ")]
    assert private.endswith("  hidden مبنى")
    (shown,) = filled("show", "last", "--json").objects
    assert [(note["private"], note["note"]) for note in shown["notes"]] == [
        (False, "Дах\nдругий рядок"),
        (True, "\u202ehidden \u200fمبنى"),
    ]


def test_notes_of_another_capture_are_not_shown(filled: Run) -> None:
    filled("note", "last", "of the first")
    filled("capture", posts.PHOTO.url)
    assert "of the first" not in filled("show", "last").out
    assert "of the first" in filled("show", posts.TEXT.id).out


def test_the_text_may_come_from_standard_input(filled: Run) -> None:
    assert filled("note", "last", "-", stdin="\ufeffone\r\ntwo\r\n".encode()).code == 0
    assert [event["text"] for event in noted(filled)] == [{"note": "one\ntwo"}]


@pytest.mark.parametrize(
    ("text", "stdin"),
    [
        ("", b""),
        (" \n", b""),
        ("-", b""),
        ("a\x1b[31mb", b""),
        ("a\x00b", b""),
        ("\udcff", b""),
        ("-", b"\xff\xfe"),
        ("x" * (LONGEST + 1), b""),
        ("-", b"a" + b" " * 9 * LONGEST + b"b"),
    ],
    ids=["empty", "blank", "nothing", "escape", "NUL", "surrogate", "no UTF-8", "long", "much"],
)
@pytest.mark.parametrize("private", [[], ["--private"]], ids=["log", "private"])
def test_what_is_no_text_is_refused_and_leaves_nothing(
    filled: Run, tmp_path: Path, text: str, stdin: bytes, private: list[str]
) -> None:
    assert filled("note", "last", text, *private, stdin=stdin).code == 2
    assert noted(filled) == []
    assert not (tmp_path / "evidence/working").exists()


def test_the_longest_note_is_kept_in_any_script(filled: Run) -> None:
    text = "\U0001f3da" * LONGEST
    assert filled("note", "last", "-", stdin=text.encode()).code == 0
    assert [event["text"] for event in noted(filled)] == [{"note": text}]


def test_the_help_says_that_it_is_for_ever(archiver: Run) -> None:
    words = " ".join(archiver("note", "--help").out.split())
    assert "KEPT FOR EVER" in words
    assert "disclosed with the capture" in words


def test_capture_notes_every_new_capture_and_no_other(filled: Run) -> None:
    ended = filled("capture", "--json", "--note", "Case 14", posts.TEXT.url, posts.PHOTO.url, posts.DELETED.url)
    new = {item["id"] for item in ended.objects if item["type"] == "capture" and item["reason"] != "already-captured"}
    assert len(new) == 2
    assert {event["capture"] for event in noted(filled)} == new
    assert all(event["text"] == {"note": "Case 14"} for event in noted(filled))


def test_a_note_that_cannot_be_kept_stops_a_run_before_it_begins(archiver: Run, tmp_path: Path) -> None:
    assert archiver("capture", "--note", "", posts.TEXT.url).code == 2
    assert not (tmp_path / "evidence").exists()


def test_without_a_case_or_capture(archiver: Run) -> None:
    assert archiver("note", "last", "text").code == 12
    archiver("capture", posts.TEXT.url)
    assert archiver("note", "nothing-like-it", "text").code == 12
