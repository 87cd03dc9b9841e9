"""Who captures: asked for once, on a terminal only, and never taken from the machine."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from archiver.demo import posts

from .conftest import Run
from .terminal import on_terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX terminals")

ASKED = "Who captures?"
NOBODY = "not stated"
CAPTURE = ("capture", posts.TEXT.url)
AGAIN = ("capture", "--again", posts.TEXT.url)


def operators(folder: Path) -> list[Any]:
    manifests = (folder / "evidence/captures").glob("*/*/data/custody-manifest.json")
    return sorted(json.loads(path.read_bytes())["operator"]["name"] for path in manifests)


@pytest.mark.usefixtures("archiver")
def test_the_first_capture_asks_and_no_other(tmp_path: Path) -> None:
    first = on_terminal(tmp_path, CAPTURE, (ASKED, "Оксана К.\n"))
    assert first.code == 0
    again = on_terminal(tmp_path, AGAIN)
    assert again.code == 0
    assert ASKED not in again.drawn
    assert operators(tmp_path) == ["Оксана К."] * 2
    assert ASKED not in first.out


@pytest.mark.usefixtures("archiver")
def test_nothing_is_an_answer_too(tmp_path: Path) -> None:
    assert on_terminal(tmp_path, CAPTURE, (ASKED, "\n")).code == 0
    assert ASKED not in on_terminal(tmp_path, AGAIN).drawn
    assert operators(tmp_path) == [NOBODY, NOBODY]


@pytest.mark.usefixtures("archiver")
def test_what_is_no_name_is_asked_for_again(tmp_path: Path) -> None:
    session = on_terminal(tmp_path, CAPTURE, (ASKED, "\x16\x1b[31m\n"), (ASKED, "Sam\n"))
    assert session.code == 0
    assert "control characters" in session.drawn
    assert operators(tmp_path) == ["Sam"]


@pytest.mark.usefixtures("archiver")
def test_the_end_of_input_is_no_answer(tmp_path: Path) -> None:
    assert on_terminal(tmp_path, CAPTURE, (ASKED, "\x04")).code == 0
    assert operators(tmp_path) == [NOBODY]
    assert on_terminal(tmp_path, AGAIN, (ASKED, "Sam\n")).code == 0
    assert operators(tmp_path) == ["Sam", NOBODY]


@pytest.mark.parametrize("option", ["--json", "-q", "-n"])
@pytest.mark.usefixtures("archiver")
def test_it_is_not_asked_where_it_would_disturb(tmp_path: Path, option: str) -> None:
    session = on_terminal(tmp_path, (*CAPTURE, option))
    assert session.code == 0
    assert ASKED not in session.drawn


@pytest.mark.usefixtures("archiver")
def test_a_name_in_the_settings_is_the_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHIVER_CUSTODY_OPERATOR", "Desk 4")
    session = on_terminal(tmp_path, CAPTURE)
    assert ASKED not in session.drawn
    assert operators(tmp_path) == ["Desk 4"]


@pytest.mark.usefixtures("archiver")
def test_it_is_asked_before_anything_is_pasted(tmp_path: Path) -> None:
    pasted = f"{posts.TEXT.url}\n\nnot a name\n"
    session = on_terminal(tmp_path, ("capture",), (ASKED, "Sam\n"), ("Paste links", pasted))
    assert session.code == 0
    assert operators(tmp_path) == ["Sam"]


def test_without_a_terminal_nobody_is_asked(archiver: Run, tmp_path: Path) -> None:
    ended = archiver(*CAPTURE)
    assert ended.code == 0
    assert ASKED not in ended.err
    assert operators(tmp_path) == [NOBODY]
