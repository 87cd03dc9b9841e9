"""A place says the same of what stands there on the disk and in a zip, and opens nothing that it should not."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archiver.hashing import sha256_hex
from archiver.verify.places import CHANGED, OnDisk, Spot
from archiver.verify.reading import MAX_SMALL, Seen, Unread, hash_large
from archiver.verify.zips import Zip

from .packages import pack

LARGE = bytes(range(256)) * (MAX_SMALL // 256) + b"x"


def on_disk(folder: Path) -> Spot:
    return OnDisk(folder)


def in_zip(folder: Path) -> Spot:
    return Zip(pack(folder, folder.with_suffix(".zip"))).root


@pytest.fixture(params=[on_disk, in_zip])
def top(request: pytest.FixtureRequest, tmp_path: Path) -> Spot:
    """A small tree, on the disk and in a zip."""
    folder = tmp_path / "tree"
    (folder / "b" / "deep").mkdir(parents=True)
    for name, data in (("b/deep/two", b"two"), ("b/One", b"one"), ("a", b"letter"), ("empty", b""), ("large", LARGE)):
        (folder / name).write_bytes(data)
    make: Callable[[Path], Spot] = request.param
    return make(folder)


def test_a_place_has_the_name_that_leads_to_it(top: Spot) -> None:
    assert (top / "b" / "deep" / "two").name == (top / "b/deep/two").name == "two"


def test_a_place_knows_what_stands_there(top: Spot) -> None:
    kinds = {path: (top / path).kind() for path in ("b", "b/deep", "b/deep/two", "a", "none", "a/below", "none/below")}
    assert kinds == {
        "b": "folder",
        "b/deep": "folder",
        "b/deep/two": "file",
        "a": "file",
        "none": "unread",
        "a/below": "unread",
        "none/below": "unread",
    }
    assert top.kind() == "folder"


def test_a_folder_is_listed_by_name(top: Spot) -> None:
    listed = top.entries()
    assert listed is not None
    assert [(entry.name, entry.kind) for entry in listed] == [
        ("a", "file"),
        ("b", "folder"),
        ("empty", "file"),
        ("large", "file"),
    ]
    assert [entry.name for entry in (top / "b").entries() or ()] == ["One", "deep"]
    assert (top / "a").entries() is None
    assert (top / "none").entries() is None


@pytest.mark.parametrize(("path", "data"), [("b/deep/two", b"two"), ("empty", b"")])
def test_a_small_file_is_held(top: Spot, path: str, data: bytes) -> None:
    expected = Seen(size=len(data), sha256=sha256_hex(data), start=data, data=data)
    assert (top / path).read_small() == expected
    assert (top / path).size() == len(data)


def test_a_file_that_is_too_large_is_not_held(top: Spot) -> None:
    seen = (top / "large").read_small()
    assert isinstance(seen, Seen)
    assert (seen.size, seen.sha256, seen.data) == (len(LARGE), sha256_hex(LARGE), None)
    assert seen == (top / "large").read_large()


@pytest.mark.parametrize("path", ["b", "none", "a/below"])
def test_what_is_no_file_is_not_read(top: Spot, path: str) -> None:
    assert isinstance((top / path).read_small(), Unread)
    assert isinstance((top / path).read_large(), Unread)


def test_a_file_that_is_not_read_to_its_end_was_not_read(top: Spot) -> None:
    assert (top / "large").read_with(lambda file, size: file.read(size - 1)) == CHANGED


def test_reading_stops_where_the_file_ends(top: Spot) -> None:
    def read(file: Any, size: int) -> tuple[bytes, bytes, int]:
        return file.read(1000), file.read(1), file.readinto(memoryview(bytearray(10)))

    assert (top / "a").read_with(read) == (b"letter", b"", 0)


def test_a_file_that_changes_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "growing"
    path.write_bytes(b"x" * 10)

    def read(file: Any, size: int) -> object:
        with path.open("ab") as other:
            other.write(b"more")
        return hash_large(file, size)

    assert OnDisk(path).read_with(read) == Unread(why="it changed while it was being read")


def test_a_file_that_vanished(tmp_path: Path) -> None:
    assert OnDisk(tmp_path / "gone").read_large() == Unread(why="it vanished while the folder was being read")


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    assert OnDisk(tmp_path / "link").kind() == "link"
    assert isinstance(OnDisk(tmp_path / "link").read_small(), Unread)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_named_pipe_does_not_make_anybody_wait(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert OnDisk(tmp_path / "pipe").kind() == "other"
    assert OnDisk(tmp_path / "pipe").read_small() == Unread(why="it is no regular file")
