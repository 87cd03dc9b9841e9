"""Runs the command line as a user does, in an empty folder, with the box as its internet."""

from __future__ import annotations

import io
import json
import re
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
INTERIM = re.compile(rb"\A(?:HTTP/1\.1 1\d\d .*?\r\n\r\n)+", re.DOTALL)
UNSEALED = re.compile(r'^(?:refused|unreachable|error) |"outcome": (?:"refused"|"unreachable"|null)', re.MULTILINE)


@pytest.fixture
def archiver(
    box: Box,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    read_warc: Callable[[Path], Iterator[tuple[list[tuple[str, str]], bytes]]],
) -> Iterator[Run]:
    """Give out a function that runs `archiver ARGUMENTS` in `tmp_path` and tells how it ended.

    At the end of every test the box's own log is held against the WARCs: what is in them crossed the wire, byte for
    byte, and what crossed the wire is in them, unless it ended in something that leaves no capture.
    """
    monkeypatch.chdir(tmp_path)
    for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy", "ARCHIVER_CASE", "ARCHIVER_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in box.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-configuration"))
    monkeypatch.setenv("ARCHIVER_NETWORK_RETRY_DELAY", "0")
    unsealed: list[str] = []

    def run(*arguments: str, stdin: bytes = b"") -> Ended:
        capsys.readouterr()
        code = root.run(list(arguments), stdin=io.BytesIO(stdin))
        captured = capsys.readouterr()
        unsealed.extend(UNSEALED.findall(captured.out))
        return Ended(code, captured.out, captured.err)

    yield run
    blocks: dict[str, set[bytes]] = {"request": set(), "response": set()}
    for warc in tmp_path.rglob("capture.warc"):
        for fields, block in read_warc(warc):
            blocks.setdefault(dict(fields)["WARC-Type"], set()).add(block)
    sent = {exchange.request for exchange in box.exchanges}
    answered = {INTERIM.sub(b"", exchange.response) for exchange in box.exchanges if exchange.response}
    if not unsealed and sent:
        assert sent == blocks["request"]
        assert answered == blocks["response"]
    elif sent and blocks["request"]:
        assert sent >= blocks["request"]
        assert answered >= blocks["response"]
