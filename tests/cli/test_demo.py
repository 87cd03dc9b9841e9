"""`archiver demo`: the main job end to end, and nothing claimed that did not happen."""

from __future__ import annotations

import shlex
from pathlib import Path

from .conftest import Run


def test_the_demo_captures_verifies_and_finds_the_flipped_bit(archiver: Run, tmp_path: Path) -> None:
    ended = archiver("demo", "here")
    assert ended.code == 0
    assert "sample data" in ended.err
    assert len([line for line in ended.lines if line.startswith("captured")]) == 3
    verdicts = [line.split(":")[0] for line in ended.lines if line.startswith(("INTACT", "ALTERED"))]
    assert verdicts == ["INTACT", "ALTERED"]
    damaged = next(line for line in ended.err.splitlines() if "flipped" in line).rpartition(": damaged/")[2]
    assert any(line.startswith("failure") and damaged in line for line in ended.lines)
    told = shlex.split(next(line for line in ended.err.splitlines() if "--tsa-roots" in line))[1:]
    assert archiver(*told, "--require", "timestamped").code == 0
    assert archiver("-C", "here/evidence", "verify").code == 11
    assert archiver("-C", "here/damaged", "verify").code == 10


def test_the_demo_reaches_its_internet_by_the_settings_of_any_user(archiver: Run, tmp_path: Path) -> None:
    archiver("demo", "here")
    (account, *_) = (tmp_path / "here/evidence").glob("captures/*/*/data/custody-manifest.json")
    text = account.read_text()
    assert '"egress":"proxy"' in text
    assert '"authorities":"custom"' in text


def test_the_demo_overwrites_nothing(archiver: Run, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here/mine.txt").write_text("mine")
    ended = archiver("demo", "here")
    assert ended.code == 1
    assert [path.name for path in (tmp_path / "here").iterdir()] == ["mine.txt"]
    (tmp_path / "file").write_text("")
    assert archiver("demo", "file").code == 1


def test_the_demo_speaks_json_as_well(archiver: Run) -> None:
    kinds = [value["type"] for value in archiver("demo", "here", "--json").objects]
    assert kinds.count("capture") == 3
    assert kinds.count("verdict") == 2
