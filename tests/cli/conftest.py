"""Runs the command line as a user does, in an empty folder, with the box as its internet."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from archiver.cli import root
from archiver.demo.box import Box


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


Run = Callable[..., Ended]


@pytest.fixture
def world() -> Iterator[Box]:
    """An internet in a box of this test's own."""
    with Box() as started:
        yield started


@pytest.fixture
def archiver(world: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs `archiver ARGUMENTS` in `tmp_path` and tells how it ended."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy", "ARCHIVER_CASE", "ARCHIVER_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in world.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-configuration"))
    monkeypatch.setenv("ARCHIVER_NETWORK_RETRY_DELAY", "0")

    def run(*arguments: str, stdin: bytes = b"") -> Ended:
        capsys.readouterr()
        code = root.run(list(arguments), stdin=io.BytesIO(stdin))
        captured = capsys.readouterr()
        return Ended(code, captured.out, captured.err)

    return run
