"""Makes zips: packages as they are written, and by hand, byte by byte, those that nobody should write."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from struct import pack as bytes_of
from types import MappingProxyType
from typing import Any, NamedTuple

REGULAR = 0o100444 << 16


def pack(folder: Path, target: Path) -> Path:
    """Put all files of a folder into a zip, stored, sorted, with one time and one mode, and return it."""
    with zipfile.ZipFile(target, "x") as file:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            info = zipfile.ZipInfo(path.relative_to(folder).as_posix(), (2026, 11, 23, 1, 35, 12))
            info.external_attr = REGULAR
            info.file_size = path.stat().st_size
            with path.open("rb") as source, file.open(info, "w") as out:
                while piece := source.read(1 << 20):
                    out.write(piece)
    return target


class Part(NamedTuple):
    """A member as it is to stand in a zip that is made by hand.

    Attributes:
        name, data: what it would be.
        local, central: fields of the two headers that are to be something else.
        before: bytes between it and what stands before it.
        hole: bytes of zeros that stand behind the data and belong to it; they take no room on the disk.
    """

    name: bytes
    data: bytes = b"{}"
    local: Mapping[str, Any] = MappingProxyType({})
    central: Mapping[str, Any] = MappingProxyType({})
    before: bytes = b""
    hole: int = 0


class Written(NamedTuple):
    """A member that was written, and where."""

    part: Part
    offset: int
    size: int
    crc: int


def write_zip(target: Path, parts: Sequence[Part], *, after: bytes = b"", ending: bytes = b"", **end: Any) -> Path:
    """Write a zip, right in all that is not asked to be otherwise, and return it.

    Args:
        target: the file.
        parts: its members.
        after: bytes between the last member and the central directory.
        ending: bytes behind the end record.
        end: fields of the end records that are to be something else.
    """
    with target.open("xb") as file:
        written = []
        for part in parts:
            file.write(part.before)
            size, crc = len(part.data) + part.hole, zlib.crc32(part.data)
            written.append(Written(part, file.tell(), size, crc))
            file.write(_local(written[-1]) + part.data)
            file.seek(part.hole, 1)
        file.write(after)
        start = file.tell()
        for item in written:
            file.write(_central(item))
        file.write(_end(len(parts), start, file.tell(), end) + ending)
    return target


def _sizes(size: int, said: Mapping[str, Any]) -> tuple[int, int, bytes]:
    wide = size >= 0xFFFFFFFF or said.get("wide", False)
    short = 0xFFFFFFFF if wide else size
    return said.get("packed", short), said.get("size", short), bytes_of("<QQ", size, size) if wide else b""


def _local(item: Written) -> bytes:
    said = item.part.local
    packed, size, wide = _sizes(item.size, said)
    name = said.get("name", item.part.name)
    extra = said.get("extra", bytes_of("<2H", 1, 16) + wide if wide else b"")
    return (
        bytes_of(
            "<4s5H3L2H",
            said.get("signature", b"PK\3\4"),
            said.get("needed", 20),
            said.get("flags", 0),
            said.get("method", 0),
            said.get("time", 0x0C60),
            said.get("date", 0x5D77),
            said.get("crc", item.crc),
            packed,
            size,
            len(name),
            len(extra),
        )
        + name
        + extra
    )


def _central(item: Written) -> bytes:
    said = item.part.central
    packed, size, wide = _sizes(item.size, said)
    offset = said.get("offset", item.offset)
    if offset >= 0xFFFFFFFF:
        wide, offset = wide + bytes_of("<Q", offset), 0xFFFFFFFF
    name, comment = said.get("name", item.part.name), said.get("comment", b"")
    extra = said.get("extra", bytes_of("<2H", 1, len(wide)) + wide if wide else b"")
    return (
        bytes_of(
            "<4s6H3L5H2L",
            said.get("signature", b"PK\1\2"),
            said.get("made_by", 3 << 8 | 20),
            said.get("needed", 20),
            said.get("flags", 0),
            said.get("method", 0),
            said.get("time", 0x0C60),
            said.get("date", 0x5D77),
            said.get("crc", item.crc),
            packed,
            size,
            len(name),
            len(extra),
            len(comment),
            said.get("disk", 0),
            said.get("internal", 0),
            said.get("external", REGULAR),
            offset,
        )
        + name
        + extra
        + comment
    )


def _end(count: int, start: int, stop: int, said: Mapping[str, Any]) -> bytes:
    count, start = said.get("count", count), said.get("start", start)
    length, here = said.get("length", stop - start), said.get("here", count)
    comment, disk = said.get("comment", b""), said.get("disk", 0)
    wide = b""
    if said.get("wide", start >= 0xFFFFFFFF or count >= 0xFFFF):
        version = said.get("made_by", 3 << 8 | 45)
        wide = bytes_of("<4sQ2H2L4Q", b"PK\6\6", 44, version, 45, disk, 0, here, count, length, start)
        wide += bytes_of("<4sLQL", b"PK\6\7", 0, said.get("found_at", stop), said.get("disks", 1))
    short = [min(value, 0xFFFF) for value in (here, count)] + [min(value, 0xFFFFFFFF) for value in (length, start)]
    return wide + bytes_of("<4s4H2LH", b"PK\5\6", disk, 0, *short, len(comment)) + comment
