"""What tests of the custody log share: a case with an installation, and a judge of the logs that come about.

The judge shares no code with what is judged, but for the check of a signature.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archiver.case import store
from archiver.custody import sshsig
from archiver.custody.keys import FileSigner
from archiver.custody.log import CustodyLog
from archiver.errors import ConfigError

WORKER = Path(__file__).with_name("log_worker.py")
CAPTURE = "20261123T013512Z-k7f3q9"


class FailingSigner(FileSigner):
    """A key that signs so many times and then cannot, as when its agent has gone."""

    def __init__(self, signer: FileSigner, times: int) -> None:
        super().__init__(signer.private)
        self.left = times

    def sign(self, message: bytes, namespace: str) -> bytes:
        if not self.left:
            raise ConfigError("the key is not at hand")
        self.left -= 1
        return super().sign(message, namespace)


@dataclass(frozen=True)
class JudgedLog:
    """One log as the judge reads it: its chained lines, and what interrupted appends left behind."""

    lines: list[dict[str, Any]]
    texts: dict[int, dict[str, Any]]
    torn: bytes
    beyond_head: int
    words_ahead: bool
    signed_by: str | None

    @property
    def events(self) -> list[str]:
        return [line["event"] for line in self.lines]

    @property
    def follows(self) -> str:
        return self.lines[0]["what"]

    @property
    def whole(self) -> bool:
        """Whether nothing is left of an interrupted append."""
        return (self.torn, self.beyond_head, self.words_ahead) == (b"", 0, False)

    @property
    def tail(self) -> str:
        last = self.lines[-1]
        raw = json.dumps(last, sort_keys=True, separators=(",", ":")).encode("ascii")
        return f"{last['writer']}:{last['seq']}:{hashlib.sha256(raw).hexdigest()}"


@dataclass(frozen=True)
class LogBench:
    """A case and an installation."""

    root: Path
    case: store.Case
    home: Path
    signer: FileSigner

    def log(self, **changes: Any) -> CustodyLog:
        values = {"case": self.case, "home": self.home, "signer": self.signer} | changes
        return CustodyLog(values.pop("case"), values.pop("home"), values.pop("signer"), **values)

    def failing(self, times: int) -> FailingSigner:
        return FailingSigner(self.signer, times)

    @property
    def custody(self) -> Path:
        return self.case.path / "custody"

    def file(self, suffix: str) -> Path:
        """The one file of the case's logs whose name ends like this."""
        (path,) = self.custody.glob(f"*{suffix}")
        return path

    @property
    def memory(self) -> Path:
        (path,) = (self.home / "writers").glob("*.json")
        return path

    def judge(self, *without: str) -> dict[str, JudgedLog]:
        """Judge every log of the case, but for those named."""
        names = sorted(path.stem for path in self.custody.glob("*.jsonl"))
        return {name: judged(self.custody / f"{name}.jsonl") for name in names if name not in without}

    def only(self, *without: str) -> JudgedLog:
        """Judge the one log that there is, but for those named."""
        (log,) = self.judge(*without).values()
        return log

    def keep(self, name: str) -> None:
        """Copy the case's logs and the data folder, to be put back later."""
        for folder in (self.custody, self.home):
            shutil.copytree(folder, self.root / f"{folder.name}-{name}")

    def restore(self, name: str, *what: str) -> None:
        """Put back what was kept: "custody", "home" or both."""
        for folder in (self.custody, self.home):
            if folder.name in what:
                shutil.rmtree(folder)
                shutil.copytree(self.root / f"{folder.name}-{name}", folder)

    def interrupt(self, text: dict[str, str] | None = None) -> tuple[bytes, bytes]:
        """Leave an append pending of which nothing is in the case yet; return what it is to add: line, words."""
        self.log().append("noted", capture=CAPTURE, text={"note": "whole"})
        with pytest.raises(ConfigError):
            self.log(signer=self.failing(0)).append("noted", capture=CAPTURE, what="it", text=text)
        memory = json.loads(self.memory.read_bytes())
        return memory["pending"].encode() + b"\n", memory["pending_text"].encode() + b"\n" if text else b""

    def start(self, name: str, count: int, *limit: str) -> subprocess.Popen[str]:
        """Start a process that appends to the log of this installation; see log_worker.py."""
        key = self.root / "key"
        key.write_bytes(self.signer.private.private_bytes_raw())
        arguments = (self.case.path, self.home, key, name, count, *limit)
        return subprocess.Popen([sys.executable, WORKER, *map(str, arguments)], stdout=subprocess.PIPE, text=True)


def judged(path: Path) -> JudgedLog:
    """Read a log, and hold it to what FORMAT.md says that it may be at any moment."""
    *whole, torn = path.read_bytes().split(b"\n")
    lines = [json.loads(raw) for raw in whole]
    before = "0" * 64
    for number, (raw, line) in enumerate(zip(whole, lines, strict=True), 1):
        assert (line["_prev"], line["seq"], line["writer"]) == (before, number, path.stem)
        before = hashlib.sha256(raw).hexdigest()
    head, signed_by, named = path.with_suffix(".head"), None, 0
    if head.exists():
        armour, _, signed = head.read_bytes().removesuffix(b"\n").rpartition(b"\n")
        if armour:
            signed_by = sshsig.verify(armour + b"\n", signed + b"\n", "archiver-log").fingerprint
        told = json.loads(signed)
        named = told["sequence"]
        assert told == {
            "digest": hashlib.sha256(whole[named - 1]).hexdigest(),
            "length": sum(len(raw) + 1 for raw in whole[:named]),
            "sequence": named,
            "writer": path.stem,
        }
    beyond = len(lines) - named
    assert beyond <= 1
    assert not (beyond and torn)
    texts, words_ahead = {}, False
    if path.with_suffix(".texts").exists():
        *spoken, unfinished = path.with_suffix(".texts").read_bytes().split(b"\n")
        words_ahead = bool(unfinished)
        for raw in spoken:
            text = json.loads(raw)
            if text["seq"] == len(lines) + 1:
                assert raw == spoken[-1]
                words_ahead = True
            else:
                assert hashlib.sha256(raw).hexdigest() == lines[text["seq"] - 1]["details"]
                assert text["seq"] not in texts
                texts[text["seq"]] = text["text"]
    assert set(texts) == {line["seq"] for line in lines if line["details"]}
    return JudgedLog(lines, texts, torn, beyond, words_ahead, signed_by)


@pytest.fixture
def bench(tmp_path: Path) -> LogBench:
    """A new case, and an installation that has not seen it."""
    case, _ = store.open_or_make(tmp_path / "evidence", "Quay")
    return LogBench(tmp_path, case, tmp_path / "home", FileSigner(Ed25519PrivateKey.generate()))
