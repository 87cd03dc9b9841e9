"""One capture handed on alone: checked by somebody who has nothing else, and telling nothing of any other capture."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pytest

from archiver.demo import posts
from archiver.demo.box import Box

from .conftest import Run
from .test_stock_tools import commands, holds

MINE, OTHERS = posts.PHOTO, (posts.SHELLING, posts.UNCLEAR, posts.DELETED, posts.FLOOD)
PLANTED = {
    "note": "quartzfinch of the northern pier",
    "purpose": "vermilionquay enquiry, second volume",
    "private": "ochreheron, for my eyes only",
    "tag": "planted-umberlark",
    "file": "indigolist.txt",
    "recipient": "Chambers of P. Saffronowl",
}


class Handed(NamedTuple):
    """What goes to another machine: the package, and on another way the line of the key and the authorities' root."""

    package: Path
    line: str
    roots: Path


@pytest.fixture
def handed(archiver: Run, stamped: None, box: Box, tmp_path: Path) -> Handed:
    """Capture several posts, plant words about all but one, and export that one."""
    Path(PLANTED["file"]).write_text(f"{posts.SHELLING.url}\n{posts.UNCLEAR.url}\n")
    archiver("capture", "-a", PLANTED["file"], "--note", PLANTED["purpose"])
    assert archiver("capture", MINE.url, "--note", "a purpose that goes along").code == 0
    archiver("capture", posts.DELETED.url, posts.FLOOD.url)
    assert archiver("note", posts.SHELLING.id, PLANTED["note"]).code == 0
    assert archiver("note", MINE.id, "a note that goes along").code == 0
    for post in (MINE, posts.SHELLING):
        assert archiver("note", "--private", post.id, PLANTED["private"]).code == 0
        assert archiver("tag", post.id, PLANTED["tag"]).code == 0
    # To whom it went before is nobody's business but the holder's.
    for post in (MINE, posts.SHELLING):
        told = archiver("export", post.id, "--format", "zip", "--to", PLANTED["recipient"], "-o", f"{post.id}.zip")
        assert told.code == 0
    arguments = ("--format", "zip", "--to", "Chambers of A. Roe", "--medium", "USB stick 7", "-o", "p.zip")
    assert archiver("export", MINE.id, *arguments).code == 0
    line = next(line for line in archiver("key", "show").lines if " ssh-ed25519 " in line)
    return Handed(tmp_path / "p.zip", line, box.tsa_roots_file)


@pytest.fixture
def elsewhere(handed: Handed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Be on another machine, which has the package in two forms and the root, and nothing of the case."""
    machine = tmp_path / "another-machine"
    (machine / "home").mkdir(parents=True)
    shutil.copy(handed.package, machine / "p.zip")
    shutil.copy(handed.roots, machine / "tsa-roots.pem")
    zipfile.ZipFile(handed.package).extractall(machine / "unpacked")
    case = (tmp_path / "evidence").rename(tmp_path / "put-away")
    for name in [name for name in os.environ if name.startswith(("ARCHIVER_", "HTTP", "SSL"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(machine / "home"))
    monkeypatch.setenv("ARCHIVER_SIGNING_FOLDER", str(machine / "home/archiver"))
    monkeypatch.chdir(machine)
    yield machine
    case.rename(tmp_path / "evidence")


def verified(run: Run, path: str) -> int:
    return run("verify", path, "--require", "timestamped", "--tsa-roots", "tsa-roots.pem").code


def test_it_is_verified_by_one_who_has_nothing_else(archiver: Run, handed: Handed, elsewhere: Path) -> None:
    (capture,) = Path("unpacked").glob("captures/*/*")
    for path in ("p.zip", "unpacked", str(capture)):
        assert verified(archiver, path) == 11
    assert archiver("key", "trust", handed.line, "--yes").code == 0
    for path in ("p.zip", "unpacked", str(capture)):
        assert verified(archiver, path) == 0


def test_nothing_is_written_by_that(archiver: Run, handed: Handed, elsewhere: Path) -> None:
    archiver("key", "trust", handed.line, "--yes")
    before = {path: path.stat().st_mtime_ns for path in elsewhere.rglob("*")}
    verified(archiver, "p.zip")
    verified(archiver, "unpacked")
    assert {path: path.stat().st_mtime_ns for path in elsewhere.rglob("*")} == before


def test_nothing_is_recorded_in_a_package(archiver: Run, elsewhere: Path) -> None:
    (capture,) = Path("unpacked").glob("captures/*/*")
    before = {path: path.stat().st_mtime_ns for path in elsewhere.rglob("*")}
    for path in ("p.zip", "unpacked", str(capture)):
        assert archiver("verify", path, "--record").code == 2
    assert {path: path.stat().st_mtime_ns for path in elsewhere.rglob("*")} == before


def test_the_lines_in_the_package_are_no_ground_for_trust(archiver: Run, elsewhere: Path) -> None:
    Path("home/allowed_signers").write_bytes(Path("unpacked/allowed_signers").read_bytes())
    assert verified(archiver, "unpacked") == 11


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs OpenSSH")
@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_the_stock_commands_hold_when_pasted(handed: Handed, elsewhere: Path, shell: str) -> None:
    Path("home/allowed_signers").write_text(handed.line.strip() + "\n")
    shutil.copy("tsa-roots.pem", "home")
    (capture,) = Path("unpacked").glob("captures/*/*")
    ended = subprocess.run(
        [shell],
        input=commands(capture),
        cwd=capture,
        env={"PATH": os.environ["PATH"], "HOME": str(elsewhere / "home")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    lines = ended.stdout.splitlines()
    assert all(map(holds, lines)), lines
    assert sum(line.startswith("Good ") for line in lines) == 3
    assert lines.count("Verification: OK") == 2
    assert sum(line.endswith(".jsonl: OK") for line in lines) == 1
    assert sum(line.endswith("as sealed: OK") for line in lines) == 1


def planted() -> Iterator[str]:
    """Yield what must not be known of the other captures, one of which was refused and left words in the log only."""
    yield from PLANTED.values()
    mine = f"{MINE.text} {MINE.author.name}"
    for other in OTHERS:
        yield from (other.id, other.url, other.author.handle, other.author.name, other.author.id, other.text)
        yield from (word for word in other.text.split() if len(word) > 5 and word not in mine)


def spelled(word: str) -> Iterator[bytes]:
    """Yield a word in the forms in which formats of a package, or those who look for it there, would write it."""
    raw = word.encode()
    yield from (raw, json.dumps(word)[1:-1].encode(), html.escape(word).encode(), quote(word).encode())
    yield from (word.encode("utf-16-le"), raw.hex().encode(), base64.b64encode(raw).rstrip(b"=")[:-1])


def digests(word: str) -> Iterator[bytes]:
    """Yield the digests by which one who guesses a word could tell whether it is the one."""
    for algorithm in ("md5", "sha1", "sha256", "sha512", "blake2b"):
        digest = hashlib.new(algorithm, word.encode())
        yield from (digest.digest(), digest.hexdigest().encode(), base64.b64encode(digest.digest()).rstrip(b"="))
        yield base64.b32encode(digest.digest()).rstrip(b"=")


def held(package: Path) -> list[bytes]:
    """Return the bytes of a package, raw and member by member."""
    with zipfile.ZipFile(package) as archive:
        return [package.read_bytes(), *(archive.read(name) for name in archive.namelist())]


def found(data: list[bytes], forms: Callable[[str], Iterator[bytes]], word: str) -> bool:
    return any(form in piece for form in forms(word) for piece in data)


def test_no_word_of_any_other_capture_is_in_it(handed: Handed) -> None:
    data = held(handed.package)
    for word in ("a note that goes along", "a purpose that goes along", MINE.id, MINE.text, MINE.author.handle):
        assert found(data, spelled, word), word
    for word in planted():
        assert not found(data, spelled, word), word


def test_no_digest_of_anothers_post_is_in_it_that_could_be_guessed(handed: Handed) -> None:
    data = held(handed.package)
    for other in OTHERS:
        links = (
            f"{host}/{who}/status/{other.id}" for host in ("https://x.com", "https://twitter.com") for who in ("i", "x")
        )
        for guess in (other.id, f"x:{other.id}", f"x {other.id}", other.url, *links):
            assert not found(data, digests, guess), guess


def test_what_was_exported_is_known_to_hold_what_would_be_found(handed: Handed, tmp_path: Path) -> None:
    """The search finds what is there: the same words in the package of the capture that they are about."""
    data = held(tmp_path / f"{posts.SHELLING.id}.zip")
    for word in (PLANTED["note"], PLANTED["purpose"], PLANTED["file"], posts.SHELLING.id, posts.SHELLING.author.handle):
        assert found(data, spelled, word), word
