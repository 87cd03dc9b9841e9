"""The zip of a package: stored, always the same bytes, read by every reader in one way, never in place of a file."""

from __future__ import annotations

import errno
import os
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.errors import FormatError, UsageError
from archiver.export.members import Member, of_bytes, of_file
from archiver.export.zip import new_zip
from archiver.hashing import sha256_hex
from archiver.verify.places import Spot
from archiver.verify.reading import Seen
from archiver.verify.zips import Zip

FILES = {"a/one.txt": b"one", "a/two": b"", "b": bytes(range(256)) * 5000}


def made(target: Path, *members: Member) -> Path:
    with new_zip(target) as add:
        for member in members or [of_bytes(path, data) for path, data in FILES.items()]:
            add(member)
    return target


def held(top: Spot, path: str) -> bytes | None:
    seen = (top / path).read_small()
    assert isinstance(seen, Seen)
    return seen.data


def test_it_is_read_back_by_stock_tools_and_by_verification(tmp_path):
    path = made(tmp_path / "p.zip")
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == FILES
    assert {name: held(Zip(path).root, name) for name in FILES} == FILES


def test_it_tells_nothing_of_the_machine_and_is_always_the_same(tmp_path):
    one = made(tmp_path / "one.zip")
    os.utime(tmp_path, (1, 1))
    other = made(tmp_path / "other.zip")
    assert one.read_bytes() == other.read_bytes()
    with zipfile.ZipFile(one) as archive:
        for info in archive.infolist():
            assert info.compress_type == zipfile.ZIP_STORED
            assert info.date_time == (1980, 1, 1, 0, 0, 0)
            assert info.external_attr >> 16 == stat.S_IFREG | 0o444
            assert (info.extra, info.comment, info.flag_bits, info.create_system) == (b"", b"", 0, 3)


def test_what_was_written_is_told(tmp_path):
    with new_zip(tmp_path / "p.zip") as add:
        file = add(of_bytes("b", FILES["b"]))
    assert (file.path, file.bytes, file.sha256) == ("b", len(FILES["b"]), sha256_hex(FILES["b"]))


def test_the_long_form_is_used_where_a_size_may_need_it_and_is_read(tmp_path):
    path = made(tmp_path / "p.zip", Member("large", 5 << 30, lambda: iter((b"not so large after all",))))
    assert held(Zip(path).root, "large") == b"not so large after all"
    with zipfile.ZipFile(path) as archive:
        assert archive.read("large") == b"not so large after all"


@pytest.mark.parametrize("kind", ["file", "link", "folder"])
def test_what_is_there_stays(tmp_path, kind):
    target = tmp_path / "p.zip"
    if kind == "file":
        target.write_bytes(b"mine")
    elif kind == "link":
        target.symlink_to(tmp_path / "nowhere")
    else:
        target.mkdir()
    with pytest.raises(UsageError, match="is there already"):
        made(target)
    assert [item.name for item in tmp_path.iterdir()] == ["p.zip"]
    assert kind != "file" or target.read_bytes() == b"mine"


def test_what_appears_meanwhile_stays(tmp_path):
    target = tmp_path / "p.zip"
    with pytest.raises(UsageError, match="is there already"), new_zip(target) as add:
        add(of_bytes("a", b"a"))
        target.write_bytes(b"mine")
    assert target.read_bytes() == b"mine"
    assert [item.name for item in tmp_path.iterdir()] == ["p.zip"]


def full() -> Iterator[bytes]:
    yield b"some"
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
    ("member", "error"),
    [
        (Member("a", 10, full), OSError),
        (Member("a", 4, lambda: iter((b"four",)), sha256_hex(b"five")), FormatError),
    ],
)
def test_a_failure_midway_leaves_nothing(tmp_path, member, error):
    with pytest.raises(error):
        made(tmp_path / "p.zip", of_bytes("0", b"0"), member)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_at_its_place_before_it_is_whole(tmp_path):
    with new_zip(tmp_path / "p.zip") as add:
        add(of_bytes("a", b"a"))
        assert not (tmp_path / "p.zip").exists()
    assert (tmp_path / "p.zip").is_file()


def test_a_file_that_becomes_shorter_is_not_packed(tmp_path):
    source = tmp_path / "source"
    source.write_bytes(b"some bytes")
    member = of_file("a", source)
    source.write_bytes(b"some")
    with pytest.raises(FormatError, match="shorter"):
        made(tmp_path / "p.zip", member)


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "source").symlink_to(tmp_path / "secret")
    with pytest.raises(FormatError, match="no regular file"):
        of_file("a", tmp_path / "source")
