"""Every zip that two programs could read in two ways is refused, and so is what archiver does not write."""

from __future__ import annotations

import os
import random
import zipfile
from pathlib import Path
from struct import pack as bytes_of
from typing import Any

import pytest

from archiver.hashing import BLOCK
from archiver.verify import verify
from archiver.verify.reading import Seen
from archiver.verify.zip_index import MAX_MEMBERS
from archiver.verify.zips import Zip

from .builder import make_capture
from .installation import settled
from .packages import REGULAR, Part, pack, write_zip

FOREIGN = "this is no package as archiver writes it; unpack it and verify the folder"


def members(*texts: str) -> list[Part]:
    return [Part(text.encode()) for text in texts]


def local(**fields: Any) -> list[Part]:
    """Return one member before which another header stands than the directory has of it."""
    return [Part(b"a", local=fields)]


def central(**fields: Any) -> list[Part]:
    """Return one member of which the directory has another header than stands before it."""
    return [Part(b"a", central=fields)]


def both(**fields: Any) -> list[Part]:
    return [Part(b"a", local=fields, central=fields)]


LONG_SIZES = bytes_of("<2H2Q", 1, 16, 2, 3)
HOSTILE: dict[str, tuple[list[Part], dict[str, Any], str, str]] = {
    "name twice": (members("a", "a"), {}, "a", "twice"),
    "names differ by case": (members("case.json", "CASE.json"), {}, "CASE.json", "the same"),
    "folders differ by case": (members("seals/a", "Seals/b"), {}, "Seals", "the same"),
    "file and then folder": (members("a", "a/b"), {}, "a/b", "of a folder"),
    "file and then folder further down": (members("a", "a/b/c"), {}, "a/b/c", "of a folder"),
    "folder and then file": (members("a/b", "a"), {}, "a", "of a folder"),
    "link": (central(external=0o120777 << 16), {}, "a", "symbolic link"),
    "prefix": ([Part(b"a", before=b"#!/bin/sh\n")], {}, "a", "the member before it ends"),
    "gap": ([Part(b"a"), Part(b"b", before=b"x")], {}, "b", "the member before it ends"),
    "gap before the directory": (members("a"), {"after": b"x"}, "", "belong to no member"),
    "member that the directory hides": (members("a", "b"), {"count": 1}, "", "belong to no member"),
    "member that is not there": (members("a"), {"count": 2}, "", "cut short"),
    "overlap": ([Part(b"a"), Part(b"b", central={"offset": 0})], {}, "b", "the member before it ends"),
    "other order": ([Part(b"a", central={"offset": 33}), Part(b"b")], {}, "a", "the member before it ends"),
    "offset beyond the file": (central(offset=1 << 62), {}, "a", "the member before it ends"),
    "no offset in the long field": (central(offset=0xFFFFFFFF, extra=b""), {}, "a", FOREIGN),
    "bytes behind": (members("a"), {"ending": b"x"}, "", "does not end in an end record"),
    "end record behind": (members("a"), {"ending": b"PK\5\6" + bytes(18)}, "", "disagree"),
    "comment": (members("a"), {"comment": b"x"}, "", "does not end in an end record"),
    "comment that is an end record": (members("a"), {"comment": b"PK\5\6" + bytes(18)}, "", "disagree"),
    "several disks": (members("a"), {"disk": 1}, "", "several disks"),
    "members on another disk": (members("a"), {"here": 0}, "", "several disks"),
    "directory elsewhere": (members("a"), {"start": 0}, "", "something else than headers"),
    "directory of another length": (members("a"), {"length": 0}, "", "disagree"),
    "directory that is none": ([*members("a"), *central(signature=b"PK\1\3")], {}, "", "something else than headers"),
    "long end record elsewhere": (members("a"), {"wide": True, "found_at": 0}, "", "disagree"),
    "long end record of two disks": (members("a"), {"wide": True, "disks": 2}, "", "disagree"),
    "long end record by nobody": (members("a"), {"wide": True, "made_by": 0}, "", "disagree"),
    "more members than there may be": (members("a"), {"wide": True, "count": MAX_MEMBERS + 1}, "", "more than"),
    "local name": (local(name=b"b"), {}, "a", "disagrees"),
    "local name that goes on": (local(name=b"ab"), {}, "a", "disagrees"),
    "local size": (local(size=1, packed=1), {}, "a", "disagrees"),
    "local time": (local(time=0), {}, "a", "disagrees"),
    "local date": (local(date=0), {}, "a", "disagrees"),
    "local CRC": (local(crc=0), {}, "a", "disagrees"),
    "local method": (local(method=8), {}, "a", "disagrees"),
    "local flags": (local(flags=0x800), {}, "a", "disagrees"),
    "local version": (local(needed=0), {}, "a", "disagrees"),
    "local signature": (local(signature=b"PK\3\5"), {}, "a", "disagrees"),
    "local extra field": (local(extra=b"UT\1\0x"), {}, "a", "disagrees"),
    "local extra field beyond the file": (local(extra=bytes(300)), {}, "a", "disagrees"),
    "local long sizes": (local(wide=True, extra=LONG_SIZES), {}, "a", "disagrees"),
    "two sizes": (both(size=1 << 30), {}, "a", "two sizes differ"),
    "larger than the file": (both(size=1 << 30, packed=1 << 30), {}, "a", "longer than"),
    "larger than any disk": (both(wide=True, extra=b"\1\0\x10\0" + b"\xff" * 16), {}, "a", "longer than"),
    "compressed": (both(method=8), {}, "a", FOREIGN),
    "encrypted": (both(flags=1), {}, "a", FOREIGN),
    "sizes behind the data": (both(flags=8), {}, "a", FOREIGN),
    "folder as a member": ([Part(b"a/", b"")], {}, "a/", FOREIGN),
    "extra field": (both(extra=b"UT\5\0\1\0\0\0\0"), {}, "a", FOREIGN),
    "comment on a member": (central(comment=b"x"), {}, "a", FOREIGN),
    "member on another disk": (central(disk=1), {}, "a", FOREIGN),
    "text": (central(internal=1), {}, "a", FOREIGN),
    "device": (central(external=0o020666 << 16), {}, "a", FOREIGN),
    "hidden on DOS": (central(external=REGULAR | 2), {}, "a", FOREIGN),
    "another system": (central(made_by=10 << 8 | 20), {}, "a", FOREIGN),
    "another version": (central(needed=51), {}, "a", FOREIGN),
    "another mode": ([*members("a"), Part(b"b", central={"external": REGULAR | 1 << 16})], {}, "b", FOREIGN),
    "nothing": ([], {}, "", "neither a case nor a capture"),
    "no case": (members("a"), {}, "", "neither a case nor a capture"),
    "case one folder down": (members("evidence/case.json"), {}, "", "neither a case nor a capture"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_defect_of_the_zip_is_refused(tmp_path: Path, name: str) -> None:
    parts, end, path, words = HOSTILE[name]
    found = [item for item in verify(write_zip(tmp_path / "hostile.zip", parts, **end)) if item.level != "ok"]
    assert [(item.level, item.check, item.path) for item in found] == [("failure", "package", path)]
    assert words in found[0].detail


@pytest.mark.parametrize(
    "name",
    [
        *(
            "../a",
            "a/../b",
            "./a",
            "a/./b",
            "/a",
            "a//b",
            "a\\b",
            "C:a",
            "a:b",
            "",
            " ",
            "a b",
            "a.",
            "a./b",
            "...",
            "a*",
            "~",
        ),
        *("a\0", "a\n", "\x1b[2J", "\x7f", "\u00e9", "\u202egpj.exe", "a" * 256, "a/" * 8 + "a", "a/" * 127 + "a"),
    ],
)
def test_a_name_that_no_file_of_a_package_has_is_refused(tmp_path: Path, name: str) -> None:
    (found,) = verify(write_zip(tmp_path / "hostile.zip", [*members("case.json"), Part(name.encode())]))
    assert (found.level, found.check) == ("failure", "package")
    assert found.path.isprintable()
    assert "no file of a package has such a name" in found.detail


def test_every_byte_that_is_in_no_member(case: Path, tmp_path: Path) -> None:
    """One bit of each byte of the headers, of the central directory and of the end record."""
    make_capture(case)
    sealed = pack(case, tmp_path / "sound.zip")
    assert all(found.level == "ok" for found in settled(verify(sealed)))
    sound = sealed.read_bytes()
    with zipfile.ZipFile(sealed) as file:
        infos, start = file.infolist(), file.start_dir
    offsets = [*range(start, sealed.stat().st_size)]
    for info in infos:
        offsets += range(info.header_offset, info.header_offset + 30 + len(info.filename))
    assert len(offsets) > 2000
    choice = random.Random("package")
    for offset in offsets:
        data = bytearray(sound)
        data[offset] ^= 1 << choice.randrange(8)
        sealed.write_bytes(data)
        assert any(found.level == "failure" for found in verify(sealed)), f"byte {offset}"


@pytest.mark.skipif(os.name == "nt", reason="a hole takes as much room there as data")
def test_a_file_may_be_larger_than_four_gibibytes(tmp_path: Path) -> None:
    """Only its headers are read, and what stands behind it."""
    parts = [Part(b"large", hole=5 << 30), Part(b"small", b"behind it")]
    root = Zip(write_zip(tmp_path / "large.zip", parts)).root
    assert (root / "large").size() == (5 << 30) + 2
    seen = (root / "small").read_small()
    assert isinstance(seen, Seen)
    assert seen.data == b"behind it"


def test_a_directory_of_many_blocks(tmp_path: Path) -> None:
    """More members than the short end record can count, as Python writes them."""
    count = 70_000
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as file:
        for number in range(count):
            file.writestr(f"captures/{number:05}", b"")
    package = Zip(tmp_path / "many.zip")
    assert package.root.entries() is not None
    assert (tmp_path / "many.zip").stat().st_size - count * 44 > 4 * BLOCK
    assert len((package.root / "captures").entries() or ()) == count


@pytest.mark.parametrize("wide", [False, True])
def test_the_long_form_where_the_short_one_would_do(tmp_path: Path, wide: bool) -> None:
    """Python writes it ahead where the size of a file is not known yet, and in the end record from 2 GiB on."""
    with zipfile.ZipFile(tmp_path / "python.zip", "w") as file, file.open("a", "w", force_zip64=True) as member:
        member.write(b"data")
    assert (Zip(tmp_path / "python.zip").root / "a").size() == 4
    parts = [Part(b"a", local={"wide": wide}), *members("b")]
    assert (Zip(write_zip(tmp_path / "package.zip", parts, wide=True)).root / "b").size() == 2
