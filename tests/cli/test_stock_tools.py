"""What stock tools say of captures: none of them is ours, and none knows of us."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from archiver.case.instructions import VERIFY_TEXTS
from archiver.demo import faults, posts
from archiver.demo.box import Box

from .conftest import Run

SCRIPTS = Path(sys.executable).parent


def call(*command: str | Path, cwd: Path) -> str:
    ended = subprocess.run(
        [str(word) for word in command], cwd=cwd, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


@pytest.fixture
def sealed(archiver: Run, box: Box, tmp_path: Path) -> list[Path]:
    """Captures with everything in them that a WARC may hold: cut bodies, interim answers, chunks, codings, failures."""
    box.faults.add(faults.Truncate(after=3000), host="video.twimg.com", times=1)
    box.faults.add(faults.EarlyHints(), host="publish.x.com", times=1)
    box.faults.add(faults.Gzip(), host="cdn.syndication.twimg.com", times=1)
    box.faults.add(faults.Chunked(), host="pbs.twimg.com", path="/media/", times=2)
    box.faults.add(faults.Reset(after=0), host="pbs.twimg.com", path="/profile_images", times=1)
    for target in (posts.SHELLING, posts.FLOOD, posts.DELETED, posts.NEVER_EXISTED, posts.QUOTING, posts.CAPTIONED):
        archiver("capture", target.url)
    assert archiver("verify").code == 0
    return sorted((tmp_path / "evidence/captures").glob("*/*"))


def test_stock_tools_accept_what_is_written(sealed: list[Path]) -> None:
    assert len(sealed) == 6
    for capture in sealed:
        call("sha256sum", "--strict", "-c", "tagmanifest-sha256.txt", cwd=capture)
        call("sha256sum", "--strict", "-c", "manifest-sha256.txt", cwd=capture)
        call(sys.executable, SCRIPTS / "bagit.py", "--validate", ".", cwd=capture)
        call(SCRIPTS / "warcio", "check", "data/capture.warc", cwd=capture)
        call(SCRIPTS / "fastwarc", "check", "-p", "data/capture.warc", cwd=capture)


def test_an_index_for_replay_finds_the_answers_and_the_media(sealed: list[Path]) -> None:
    for capture in sealed:
        lines = call(SCRIPTS / "cdxj-indexer", "data/capture.warc", cwd=capture).splitlines()
        indexed = [json.loads(line.split(" ", 2)[2]) for line in lines if not line.startswith("urn")]
        account = json.loads((capture / "data/custody-manifest.json").read_bytes())
        for file in account["files"]:
            if file["source_url"]:
                assert [entry for entry in indexed if entry["url"] == file["source_url"] and entry["status"] == "200"]
        web = [entry for entry in indexed if entry["url"].startswith("http")]
        assert len(web) == sum(1 for exchange in account["exchanges"] if exchange["response"])


def commands(capture: Path) -> str:
    """Return what a user on Linux pastes from VERIFY.txt."""
    text = (capture / "VERIFY.txt").read_text("utf-8").split("On Windows")[0]
    text = text[: text.index("0. Once, on macOS")] + text[text.index("Once, on Linux") :]
    return "\n".join(line[4:] for line in text.splitlines() if line.startswith("    "))


@pytest.fixture
def paste(archiver: Run, box: Box, stamped: None, tmp_path: Path) -> Callable[[Path], list[str]]:
    """Return a function that pastes the commands in a capture's folder, with what a third party was given."""
    home = tmp_path / "their-home"
    home.mkdir()

    def run(capture: Path, shell: str = "sh") -> list[str]:
        line = next(line for line in archiver("key", "show").lines if " ssh-ed25519 " in line)
        (home / "allowed_signers").write_text(line.strip() + "\n")
        shutil.copy(box.tsa_roots_file, home / "tsa-roots.pem")
        environment = {"PATH": os.environ["PATH"], "HOME": str(home)}
        ended = subprocess.run(
            [shell], input=commands(capture), cwd=capture, env=environment, capture_output=True, text=True, timeout=60
        )
        return ended.stdout.splitlines()

    return run


def holds(line: str) -> bool:
    return line.endswith("OK") or line.startswith("Good ")


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_the_commands_of_verify_txt_work_when_pasted(
    archiver: Run, paste: Callable[..., list[str]], tmp_path: Path, shell: str
) -> None:
    for target in (posts.SHELLING, posts.DELETED, posts.PHOTO):
        archiver("capture", target.url)
    archiver("note", "last", "seen by two of us")
    for capture in sorted((tmp_path / "evidence/captures").glob("*/*")):
        lines = paste(capture, shell)
        assert all(map(holds, lines)), lines
        assert sum(line.startswith("Good ") for line in lines) == 3
        assert lines.count("Verification: OK") == 2
        assert any(line.endswith(".jsonl: OK") for line in lines)
        assert any(line.endswith("as sealed: OK") for line in lines)


@pytest.mark.parametrize(
    ("path", "old", "new", "what"),
    [
        ("data/post.html", b"<", b" ", "data/post.html: FAILED"),
        ("tagmanifest-sha256.txt", b"VERIFY", b"verify", "Could not verify signature"),
        ("tagmanifest-sha256.txt.sig", b"AAAA", b"AAAB", "tagmanifest-sha256.txt.sig: FAILED"),
        ("../../../seals/*/SEAL", b"archiver-seal/1", b"archiver-seal/2", "Verification: FAILED"),
        ("../../../custody/*.jsonl", b'"event":"started"', b'"event":"sealed"', "BROKEN"),
        ("../../../custody/*.head", b'"sequence":', b'"Sequence":', "Could not verify signature"),
    ],
)
def test_the_commands_of_verify_txt_find(
    archiver: Run, paste: Callable[..., list[str]], tmp_path: Path, path: str, old: bytes, new: bytes, what: str
) -> None:
    archiver("capture", posts.DELETED.url)
    (capture,) = (tmp_path / "evidence/captures").glob("*/*")
    assert all(map(holds, paste(capture)))
    (target,) = capture.parents[2].glob(path.removeprefix("../../../")) if "*" in path else [capture / path]
    data = target.read_bytes()
    assert old in data
    target.chmod(0o644)
    target.write_bytes(data.replace(old, new, 1))
    assert any(what in line for line in paste(capture) if not holds(line))


def test_the_commands_for_macos_are_there_to_be_pasted_first() -> None:
    text = VERIFY_TEXTS["1"].decode()
    assert 'sha256sum() { shasum -a 256 "$@"; }' in text
    if shutil.which("shasum"):
        assert "OK" in call("sh", "-c", 'echo "$(shasum -a 256 /dev/null)" | shasum -a 256 --strict -c', cwd=SCRIPTS)


def test_a_third_party_notices_a_flipped_byte_with_stock_tools(sealed: list[Path]) -> None:
    target = next(path for capture in sealed for path in sorted(capture.glob("data/media/*")))
    data = bytearray(target.read_bytes())
    data[100] ^= 4
    target.chmod(0o644)
    target.write_bytes(data)
    with pytest.raises(AssertionError, match="FAILED"):
        call("sha256sum", "--strict", "-c", "manifest-sha256.txt", cwd=target.parents[2])
