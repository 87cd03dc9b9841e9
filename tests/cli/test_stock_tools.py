"""What stock tools say of captures: none of them is ours, and none knows of us."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

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


def test_the_commands_of_verify_txt_work_when_pasted(sealed: list[Path]) -> None:
    text = (sealed[0] / "VERIFY.txt").read_text()
    section = text.split("Linux\n")[1].split("macOS\n")[0]
    commands = [line.strip() for line in section.splitlines() if line.strip()]
    assert len(commands) == 2
    for capture in sealed:
        for command in commands:
            out = call("sh", "-c", command, cwd=capture)
            assert out
            assert all(line.endswith(": OK") for line in out.splitlines())
    macos = text.split("macOS\n")[1].split("Windows")[0]
    if shutil.which("shasum"):
        for command in [line.strip() for line in macos.splitlines() if line.strip()]:
            call("sh", "-c", command, cwd=sealed[0])


def test_a_third_party_notices_a_flipped_byte_with_stock_tools(sealed: list[Path]) -> None:
    target = next(path for capture in sealed for path in sorted(capture.glob("data/media/*")))
    data = bytearray(target.read_bytes())
    data[100] ^= 4
    target.chmod(0o644)
    target.write_bytes(data)
    with pytest.raises(AssertionError, match="FAILED"):
        call("sha256sum", "--strict", "-c", "manifest-sha256.txt", cwd=target.parents[2])
