"""`archiver verify` as a user meets it: what to name, what is said, exit codes. The defects are in tests/verify."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from archiver.demo import posts

from .conftest import Run


@pytest.fixture
def filled(archiver: Run) -> Run:
    archiver("capture", posts.PHOTO.url)
    archiver("capture", posts.DELETED.url)
    return archiver


def captures(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "evidence/captures").glob("*/*"))


def test_a_sound_case_is_intact_and_its_limit_is_said(filled: Run) -> None:
    ended = filled("verify")
    assert ended.code == 0
    assert ended.lines[-1].startswith("INTACT: 2 captures")
    assert "no signature and no time-stamp" in ended.err


@pytest.mark.parametrize("what", ["last", "id", "path", "post", "case"])
def test_what_is_verified_can_be_named_by(filled: Run, tmp_path: Path, what: str) -> None:
    newest = filled("list", "--json").objects[-1]["id"]
    (path,) = (tmp_path / "evidence").glob(f"captures/*/{newest}")
    text = {"last": "last", "id": newest[-6:], "path": str(path), "post": posts.DELETED.id, "case": "evidence"}[what]
    ended = filled("verify", text)
    assert ended.code == 0
    assert ("2 captures" if what == "case" else "1 capture,") in ended.lines[-1]


def test_a_capture_verifies_wherever_it_is(filled: Run, tmp_path: Path) -> None:
    alone = tmp_path / "elsewhere"
    captures(tmp_path)[0].rename(alone)
    ended = filled("verify", "elsewhere")
    assert ended.code == 0


def test_damage_is_named_with_its_ground_and_ends_in_exit_10(filled: Run, tmp_path: Path) -> None:
    target = captures(tmp_path)[0] / "data/post.html"
    target.chmod(0o644)
    target.write_bytes(target.read_bytes().replace(b"<", b" ", 1))
    ended = filled("verify")
    assert ended.code == 10
    assert any("data/post.html" in line and line.endswith("[provable]") for line in ended.lines)
    assert ended.lines[-1].startswith("ALTERED")
    (*findings, verdict) = filled("verify", "--json").objects
    assert verdict["type"] == "verdict"
    assert verdict["verdict"] == "altered"
    assert verdict["failures"] == sum(finding["level"] == "failure" for finding in findings)
    assert all(set(finding) == {"type", "level", "check", "path", "ground", "detail"} for finding in findings)


def test_verify_writes_nothing(filled: Run, tmp_path: Path) -> None:
    def snapshot() -> list[tuple[str, int, int]]:
        found = []
        for folder, _, names in os.walk(tmp_path / "evidence"):
            for name in names:
                status = (Path(folder) / name).stat()
                found.append((f"{folder}/{name}", status.st_mtime_ns, status.st_size))
        return sorted(found)

    before = snapshot()
    filled("verify")
    filled("verify", "last")
    assert snapshot() == before


def test_verbose_says_what_holds(filled: Run) -> None:
    assert len(filled("verify", "-v").lines) > len(filled("verify").lines)


@pytest.mark.parametrize("arguments", [["verify", "nothing-there"], ["-C", "none", "verify"], ["verify", "/"]])
def test_nothing_to_verify_is_exit_12(filled: Run, arguments: list[str]) -> None:
    assert filled(*arguments).code == 12
