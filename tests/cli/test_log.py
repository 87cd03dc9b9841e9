"""`archiver log`: the custody log as people read it and as machines do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archiver.demo import posts

from .conftest import Run


@pytest.fixture
def filled(archiver: Run) -> Run:
    assert archiver("capture", posts.TEXT.url).code == 0
    assert archiver("capture", posts.PHOTO.url).code == 0
    return archiver


def ids(run: Run) -> list[str]:
    return [entry["id"] for entry in run("list", "--json").objects]


def log_file(tmp_path: Path) -> Path:
    (path,) = (tmp_path / "evidence/custody").glob("*.jsonl")
    return path


def test_it_is_a_table_of_all_events_in_their_order(filled: Run, tmp_path: Path) -> None:
    ended = filled("log")
    assert ended.code == 0
    head, *rows = ended.lines
    assert head.split() == ["time", "(UTC)", "event", "capture", "what"]
    stored = [json.loads(line) for line in log_file(tmp_path).read_bytes().splitlines()]
    assert [row.split()[:3] for row in rows] == [[item["at"][:10], item["at"][11:19], item["event"]] for item in stored]
    assert {"opened", "started", "acquired", "sealed"} <= {item["event"] for item in stored}
    assert all(item["capture"] in row for item, row in zip(stored, rows, strict=True))
    assert "archiver verify" in ended.err


def test_quiet_leaves_the_advice_out(filled: Run) -> None:
    assert filled("log", "-q").err == ""


def test_json_is_every_line_with_its_words(filled: Run, tmp_path: Path) -> None:
    filled("note", "last", "item 14")
    values = filled("log", "--json").objects
    stored = [json.loads(line) for line in log_file(tmp_path).read_bytes().splitlines()]
    assert [{key: value[key] for key in line} for value, line in zip(values, stored, strict=True)] == stored
    assert {value["type"] for value in values} == {"event"}
    assert values[-1]["text"] == {"note": "item 14"}


def test_of_one_capture_it_shows_that_and_its_seal(filled: Run) -> None:
    first, second = ids(filled)
    values = filled("log", first, "--json").objects
    assert {value["capture"] for value in values} == {first, ""}
    assert [value["event"] for value in values][:2] == ["started", "acquired"]
    assert "sealed" in {value["event"] for value in values}
    of_second = filled("log", second, "--json").objects
    seal = {value["what"] for value in values if value["event"] == "sealed"}
    assert len(seal) == 1
    assert seal.isdisjoint(value["what"] for value in of_second)


def test_an_attempt_that_left_no_capture_is_found(filled: Run) -> None:
    filled("capture", posts.UNCLEAR.url)
    (failed,) = [value for value in filled("log", "--json").objects if value["event"] == "failed"]
    assert failed["text"]["outcome"] == "refused"
    shown = filled("log", failed["capture"][-6:]).lines
    assert [line.split()[2] for line in shown[1:]] == ["started", "failed"]
    assert "refused  reason: unclear  url: https://x.com/" in shown[-1]


def test_the_log_of_a_capture_that_is_gone_is_found(filled: Run, tmp_path: Path) -> None:
    first, _ = ids(filled)
    (folder,) = (tmp_path / "evidence/captures").glob(f"*/{first}")
    folder.rename(tmp_path / first)
    shown = filled("log", first)
    assert shown.code == 0
    assert "acquired" in shown.out
    (tmp_path / first).rename(folder)


def test_an_id_that_means_several_is_a_usage_error(filled: Run) -> None:
    assert filled("log", "2").code == 2


def test_a_writer_is_named_where_there_are_several(
    filled: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = log_file(tmp_path).stem
    monkeypatch.setenv("ARCHIVER_SIGNING_FOLDER", str(tmp_path.with_name(f"{tmp_path.name}-other-home")))
    assert filled("note", "last", "by a colleague").code == 0
    head, *rows = filled("log").lines
    assert head.split() == ["time", "(UTC)", "event", "capture", "writer", "what"]
    (other,) = {path.stem for path in (tmp_path / "evidence/custody").glob("*.jsonl")} - {first}
    assert f"  {other}  note: by a colleague" in rows[-1]
    assert f"  {first}" in rows[0]


def test_damage_is_passed_over_and_verify_named(filled: Run, tmp_path: Path) -> None:
    path = log_file(tmp_path)
    before = filled("log", "--json").objects
    lines = path.read_bytes().splitlines(keepends=True)
    path.chmod(0o644)
    path.write_bytes(b"".join([*lines[:2], b"\x1b[2J\x00\n", *lines[3:]]))
    ended = filled("log", "--json")
    assert ended.objects == [*before[:2], *before[3:]]
    assert "archiver verify" in ended.err
    assert "\x1b" not in filled("log").out


def test_words_cannot_speak_to_the_terminal(filled: Run) -> None:
    filled("note", "last", "one\ntwo \u202eeert")
    assert filled("log").lines[-1].endswith("note: one two eert")


def test_words_that_are_lost_are_said_to_be_lost(filled: Run, tmp_path: Path) -> None:
    filled("note", "last", "item 14")
    log_file(tmp_path).with_suffix(".texts").unlink()
    assert filled("log").lines[-1].endswith("(its words are not here)")
    assert filled("log", "--json").objects[-1]["text"] is None


def test_without_a_case_there_is_no_log(archiver: Run) -> None:
    assert archiver("log").code == 12
