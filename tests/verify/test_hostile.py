"""Nothing in a capture makes verification crash, hang, grow without bound, write, or ask the network."""

from __future__ import annotations

import gzip
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver import canonical
from archiver.case import layout
from archiver.errors import FormatError
from archiver.model import Finding
from archiver.verify import verify_capture, verify_case
from archiver.verify.capture import CHECKS
from archiver.verify.findings import MOST_OF_A_CHECK, shown
from archiver.verify.places import OnDisk
from archiver.verify.reading import Unread
from archiver.verify.snapshot import take

from .builder import PHOTO, make_capture, make_case
from .forgery import Raw, edit, forge_account, record, records, settle
from .installation import settled

ACCOUNT, WARC = layout.CUSTODY_MANIFEST, layout.WARC

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just(10**4000) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A capture that is damaged and mended again many times."""
    return make_capture(make_case(tmp_path_factory.mktemp("hostile") / "evidence"))


def verified(capture: Path) -> list[Finding]:
    """Verify to the end of the capture, which is the finding that tells how much was read, and of its case."""
    findings = list(verify_capture(capture, case=capture.parents[2]))
    assert [found.path for found in findings if found.check == "extent"] == [""]
    assert all(char.isprintable() for found in findings for char in found.path + found.detail)
    return findings


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return every container in a document with every key or index in it."""
    found = []
    for key, member in list(value.items() if isinstance(value, dict) else enumerate(value)):
        found.append((value, key))
        if isinstance(member, (dict, list)):
            found += places(member)
    return found


@pytest.mark.parametrize("path", [ACCOUNT, layout.POST_JSON])
@settings(max_examples=100, deadline=None)
@given(which=st.integers(0, 10_000), value=values)
def test_any_value_in_any_place_of_a_document(sealed: Path, path: str, which: int, value: Any) -> None:
    sound = {name: (sealed / name).read_bytes() for name in (path, ACCOUNT, *layout.TAG_FILES, layout.TAGMANIFEST)}
    document = canonical.decode(sound[path])
    found = places(document)
    container, key = found[which % len(found)]
    container[key] = value
    try:
        data = canonical.encode(document)
    except FormatError:
        return
    try:
        (sealed / path).write_bytes(data)
        if path != ACCOUNT:
            settle(sealed)
        verified(sealed)
    finally:
        for name, data in sound.items():
            (sealed / name).write_bytes(data)


@settings(max_examples=100, deadline=None)
@given(
    where=st.floats(0, 1, exclude_max=True),
    cut=st.integers(0, 300),
    junk=st.binary(max_size=40)
    | st.sampled_from([b"\r\n\r\n", b"WARC/1.1\r\n", b"HTTP/1.1 200 OK\r\n", b"\r\nffffffff\r\n"]),
)
def test_any_bytes_in_any_place_of_the_warc(sealed: Path, where: float, cut: int, junk: bytes) -> None:
    path = sealed / WARC
    sound = path.read_bytes()
    at = int(where * len(sound))
    path.write_bytes(sound[:at] + junk + sound[at + cut :])
    try:
        verified(sealed)
    finally:
        path.write_bytes(sound)


def body(content: bytes, *fields: str) -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", f"Content-Length: {len(content)}", *fields, "", ""]).encode() + content


def answered(capture: Path, block: bytes) -> list[Finding]:
    """Put a response in place of the answer that the post stands on, and verify."""

    def change(found: list[Raw]) -> None:
        record(found, "response", b"gzip").block = block

    records(change)(capture)
    return verified(capture)


def test_an_answer_that_inflates_without_end(capture: Path) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(256)) + packer.flush()
    findings = answered(capture, body(bomb, "Content-Encoding: gzip"))
    assert ("failure", "post") in {(found.level, found.check) for found in findings}


def test_compression_inside_compression_is_not_followed(capture: Path) -> None:
    twice = gzip.compress(gzip.compress(b"{}"))
    findings = answered(capture, body(twice, "Content-Encoding: gzip, gzip"))
    assert ("failure", "post") in {(found.level, found.check) for found in findings}


def test_ten_thousand_codings(capture: Path) -> None:
    findings = answered(capture, body(b"", "Content-Encoding: " + "gzip, " * 10_000))
    assert ("failure", "post") in {(found.level, found.check) for found in findings}


def test_an_answer_that_is_nested_without_end(capture: Path) -> None:
    findings = answered(capture, body(b"[" * 1_000_000))
    assert ("failure", "post") in {(found.level, found.check) for found in findings}


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b"", b"HTTP/1.1 200 OK\r\n"])
def test_sixty_megabytes_that_are_in_no_message(capture: Path, head: bytes) -> None:
    findings = answered(capture, head + b"x" * (60 << 20))
    assert ("failure", "warc-digest") in {(found.level, found.check) for found in findings}


def test_a_large_record_is_hashed_as_a_small_one_is(case: Path, tmp_path: Path) -> None:
    """Above 8 MiB the digests are made in threads; they are the same, and so is what a flipped bit gives."""
    large = tmp_path / "large.jpg"
    large.write_bytes(PHOTO * 20_000)
    capture = make_capture(case, photo=large)
    assert {found.level for found in settled(verified(capture))} == {"ok"}
    edit(WARC, lambda data: data[: 9 << 20] + b"X" + data[(9 << 20) + 1 :])(capture)
    found = {(item.check, item.path) for item in verified(capture) if item.level == "failure"}
    assert found == {("file", WARC), ("warc-digest", WARC), ("warc-record", WARC), ("media", WARC)}


def test_a_flood_of_defects_is_told_as_a_number(capture: Path) -> None:
    for number in range(MOST_OF_A_CHECK + 50):
        (capture / f"junk{number}").write_bytes(b"")
    told = [found for found in verified(capture) if found.level == "failure"]
    assert len(told) == MOST_OF_A_CHECK + 1
    assert told[-1].detail == "and 50 findings more of this check"


def test_a_flood_of_entries_in_the_account(capture: Path) -> None:
    forge_account(capture, lambda told: told.update(redactions=told["redactions"] * 20_000))
    assert ("failure", "redaction") in {(found.level, found.check) for found in verified(capture)}


def test_nothing_is_written(case: Path, capture: Path) -> None:
    def state() -> dict[str, tuple[int, int, int]]:
        return {
            str(path): (path.lstat().st_mode, path.lstat().st_size, path.lstat().st_mtime_ns)
            for path in [case, *case.rglob("*")]
        }

    for path in sorted(case.rglob("*"), reverse=True):
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = state()
    assert {found.level for found in settled(verify_case(case))} == {"ok"}
    assert state() == before
    for path in [path for path in case.rglob("*") if path.is_dir()]:
        path.chmod(0o755)


@pytest.mark.parametrize("path", [ACCOUNT, WARC, layout.POST_JSON, layout.POST_HTML, "data/media/01.jpg", "bagit.txt"])
def test_a_file_that_cannot_be_read_stops_nothing_and_is_not_vouched_for(capture: Path, path: str) -> None:
    snapshot = take(OnDisk(capture))
    unread = snapshot.files | {path: Unread(why="it cannot be read (Input/output error)")}
    parts: dict[str, Any] = {
        ACCOUNT: {"account": FormatError("unread")},
        WARC: {"warc": FormatError("unread")},
        layout.POST_JSON: {"post": FormatError("unread")},
    }
    broken = msgspec.structs.replace(snapshot, files=unread, **parts.get(path, {}))
    found = [finding for check in CHECKS for finding in check(broken)]
    assert [(item.check, item.path) for item in found if item.level == "failure"] == [("unreadable", path)]
    vouched = {item.check for item in found if item.level == "ok"}
    silenced = {
        WARC: {"warc-record", "media", "post", "judgement"},
        "bagit.txt": {"tagmanifest"},
        "data/media/01.jpg": {"media"},
    }
    assert not vouched & (silenced.get(path, set()) | ({"file"} if path.startswith("data/") else set()))
    assert vouched


def test_what_is_shown_controls_no_terminal() -> None:
    assert shown("a\x1b[2J\u202e\n\\é\ud800") == "a\\x1b[2J\\u202e\\n\\\\é\\ud800"
    assert len(shown("x" * 1000)) == 121


def test_verification_can_reach_no_network() -> None:
    """Whatever the package imports, in the end, opens no socket."""
    code = "import sys, archiver.verify; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    imported = done.stdout.split()
    assert [name for name in ("socket", "ssl", "httpx", "httpcore", "yt_dlp") if name in imported] == []


def test_a_bag_without_its_account_is_looked_at_all_the_same(capture: Path) -> None:
    (capture / ACCOUNT).unlink()
    checks = {found.check for found in verified(capture) if found.level == "ok"}
    assert {"tagmanifest", "warc-record", "post"} <= checks
