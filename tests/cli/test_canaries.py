"""Planted credentials never come out: not in any file that is written, however it is encoded, nor in what is said."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from archiver.demo import guarded, linked, unusual
from archiver.demo.box import Box

from .conftest import Run

POSTS = (guarded.AGE_STRIPPED, guarded.AGE_VIDEO, linked.STRAND_SECOND, unusual.LONG_PHOTOS)


def spellings(canary: str) -> Iterator[bytes]:
    """Yield a value as it may stand in a file."""
    raw = canary.encode()
    yield raw
    yield quote(canary, safe="").encode()
    yield json.dumps(canary)[1:-1].encode()
    yield raw.hex().encode()
    # Base64 of something in the midst of a text depends on where it begins.
    for shift in range(3):
        inner = base64.b64encode(b"x" * shift + raw)
        yield inner[4 : len(inner) - len(inner) % 4 - 4]


def contents(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file, and of every gzip or zlib stream in it."""
    data = path.read_bytes()
    yield data
    for magic in (b"\x1f\x8b\x08", b"\x78\x9c", b"\x78\xda", b"\x78\x01"):
        start = data.find(magic)
        while start >= 0:
            with contextlib.suppress(zlib.error):
                yield zlib.decompressobj(47).decompress(data[start:], 1 << 24)
            start = data.find(magic, start + 1)


def files(folder: Path, but: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and path != but)


def leaks(folder: Path, but: Path, canaries: tuple[str, ...]) -> list[tuple[str, str]]:
    wanted = [(canary, spelling) for canary in canaries for spelling in spellings(canary)]
    return [
        (path.name, canary)
        for path in files(folder, but)
        for data in contents(path)
        for canary, spelling in wanted
        if spelling in data
    ]


@pytest.mark.parametrize("name", ["adult", "follower", "under-age", "locked"])
def test_a_login_leaves_nothing_of_itself(archiver: Run, box: Box, tmp_path: Path, name: str) -> None:
    login, cookies = box.login(name), tmp_path / "cookies.txt"
    cookies.write_text(login.cookie_file())
    urls = [post.url for post in POSTS]
    ended = archiver("-v", "capture", "--cookies", str(cookies), "--context", "thread", *urls)
    assert ended.code in (0, 3, 5, 6)
    assert any(value in exchange.request.decode("latin-1") for value in login.canaries for exchange in box.exchanges)
    archiver("export", "last", "-o", "package.zip")
    said = ended.out + ended.err + archiver("-v", "verify").out + archiver("log").out
    assert leaks(tmp_path.parent, cookies, login.canaries) == []
    assert not [value for value in login.canaries if value in said]
    assert cookies.read_text() == login.cookie_file()


def test_a_guest_token_leaves_nothing_of_itself(archiver: Run, box: Box, tmp_path: Path) -> None:
    assert archiver("-v", "capture", *(post.url for post in POSTS)).code in (0, 3)
    tokens = tuple(box.guest_tokens)
    assert tokens
    assert leaks(tmp_path, tmp_path / "none", tokens) == []


def test_the_search_finds_what_it_looks_for(tmp_path: Path) -> None:
    canary = "c4n4ry-of-at-least-thirty-two-characters/+="
    for number, data in enumerate(
        (canary.encode(), zlib.compress(b"a" + canary.encode()), canary.encode().hex().encode())
    ):
        (tmp_path / str(number)).write_bytes(b"before" + data + b"after")
    (tmp_path / "coded").write_bytes(base64.b64encode(b"ab" + canary.encode() + b"cd"))
    assert {name for name, _ in leaks(tmp_path, tmp_path / "none", (canary,))} == {"0", "1", "2", "coded"}


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="the arguments of processes are read from /proc")
def test_no_process_has_a_credential_among_its_arguments(archiver: Run, box: Box, tmp_path: Path) -> None:
    login, cookies = box.login("adult"), tmp_path / "cookies.txt"
    cookies.write_text(login.cookie_file())
    command = [sys.executable, "-m", "archiver", "capture", "--cookies", str(cookies), guarded.AGE_VIDEO.url]
    seen = b""
    with subprocess.Popen(
        command, cwd=tmp_path, env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as run:
        while run.poll() is None:
            seen += b"".join(map(_arguments, Path("/proc").glob("[0-9]*/cmdline")))
        said = run.stdout.read() if run.stdout is not None else b""
    assert b"--cookies" in seen
    assert not [value for value in login.canaries if value.encode() in seen + said]
    archiver("list")


def _arguments(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
