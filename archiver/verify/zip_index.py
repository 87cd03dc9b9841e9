"""Reads where the members of a package stand, and refuses every zip that two programs could read in two ways.

PKWARE's APPNOTE.TXT (6.3.10) leaves that open: local headers may say something else than the central directory, bytes
may belong to no member, names may stand twice, and programs differ in what they then see. Members here are stored, they
tile the file in the order of the directory, and every field either says what its twin says or can have one value only.
"""

from __future__ import annotations

import io
import re
import stat
from struct import Struct
from typing import NamedTuple, NoReturn, TypeAlias

from archiver.errors import FormatError
from archiver.hashing import BLOCK
from archiver.model import Record
from archiver.verify.findings import shown
from archiver.verify.tree import folded

MAX_MEMBERS = 1_000_000
"""Members that a package may have; an index of so many takes about 300 MB of memory."""
MAX_NAME = 255
"""Bytes that the name of a member may have, folders included."""

_END = Struct("<4s4H2LH")
_END64 = Struct("<4sQ2H2L4Q")
_LOCATOR = Struct("<4sLQL")
_CENTRAL = Struct("<4s2B5H3L5H2L")
_LOCAL = Struct("<4s5H3L2H")
_ZIP64 = Struct("<2H2Q")
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF

# Versions and systems as Python and Info-ZIP write them. No two are one bit apart, so that no flipped bit leads from
# one to the other; that is why the list is not longer.
_MADE_BY = frozenset({20, 30, 45})
_NEEDED = frozenset({10, 20, 45})
_SYSTEMS = frozenset({0, 3})
_UTF8 = 0x800
_PART = rb"[A-Za-z0-9._-]*[A-Za-z0-9_-]"
_NAME = re.compile(_PART + rb"(?:/" + _PART + rb"){0,7}")


class Member(Record, frozen=True, kw_only=True, gc=False):
    """Where the bytes of a member stand in the file, how many they are, and the CRC-32 that is stated for them."""

    offset: int
    size: int
    crc: int


Folder: TypeAlias = "dict[str, Folder | Member]"


class ZipFault(FormatError):
    """A zip is not in the form of a package.

    Attributes:
        path: the member that it is about, as findings show it; empty for the zip as a whole.
    """

    def __init__(self, why: str, path: str = "") -> None:
        super().__init__(why)
        self.path = path


class _Central(NamedTuple):
    """A header of the central directory, without the name and the rest of unsteady length."""

    signature: bytes
    made_by: int
    system: int
    needed: int
    flags: int
    method: int
    time: int
    date: int
    crc: int
    packed: int
    size: int
    name_length: int
    extra_length: int
    comment_length: int
    disk: int
    internal: int
    external: int
    offset: int


def read_index(file: io.FileIO, size: int) -> Folder:
    """Read the headers of a zip, and none of its members.

    Args:
        file: the file.
        size: its bytes.

    Returns:
        Members and folders by name, in the order of the file. Folders are those that the names of members speak of.

    Raises:
        ZipFault: it is not in the form of a package.
        OSError: the file cannot be read.
    """
    count, start, stop = _read_end(file, size)
    if count > MAX_MEMBERS:
        raise ZipFault(f"it has more than {MAX_MEMBERS:,} members")
    directory = _Directory(file, start, stop)
    top: Folder = {}
    at, style = 0, None
    for _ in range(count):
        header = _Central._make(_CENTRAL.unpack(directory.read(_CENTRAL.size)))
        if header.signature != b"PK\1\2":
            raise ZipFault("its central directory holds something else than headers")
        name = directory.read(header.name_length)
        path = _checked_name(name)
        _refuse_foreign(header, path)
        style = style or (header.system, header.external)
        if style != (header.system, header.external):
            _foreign("its attributes are not those of the members before it", path)
        length, offset = _place_of(header, directory.read(header.extra_length), path)
        if offset != at:
            raise ZipFault("it does not stand where the member before it ends", path)
        data = _checked_local(file, header, name, length, at)
        at = data + length
        if at > start:
            raise ZipFault("it is longer than what there is of it", path)
        _add(top, path, Member(offset=data, size=length, crc=header.crc))
    if at != start or directory.left:
        raise ZipFault("it holds bytes that belong to no member")
    _refuse_twins("", top)
    return top


def _read_end(file: io.FileIO, size: int) -> tuple[int, int, int]:
    """Return the number of members, and where the central directory begins and ends."""
    at = size - _END.size
    signature, *disks, here, count, length, start, comment = _END.unpack(_read(file, at, _END.size))
    if signature != b"PK\5\6" or comment:
        raise ZipFault("it does not end in an end record: it is cut short, or has a comment or something else there")
    if any(disks) or here != count:
        raise ZipFault("its end record speaks of several disks")
    if start + length == at:
        return count, start, at
    at -= _END64.size + _LOCATOR.size
    end = _read(file, at, _END64.size + _LOCATOR.size)
    signature, rest, made_by, needed, *disks, here64, count64, length64, start64 = _END64.unpack_from(end)
    if (
        (signature, rest, needed) != (b"PK\6\6", _END64.size - 12, 45)
        or made_by not in {system << 8 | version for system in _SYSTEMS for version in _MADE_BY}
        or _LOCATOR.unpack_from(end, _END64.size) != (b"PK\6\7", 0, at, 1)
        or any(disks)
        or here64 != count64
        or (count, length, start) != (min(count64, _FULL16), min(length64, _FULL32), min(start64, _FULL32))
        or start64 + length64 != at
    ):
        raise ZipFault("its end records disagree with each other or with where its central directory stands")
    return count64, start64, at


class _Directory:
    """The central directory, read in blocks, because the file is read elsewhere in between."""

    def __init__(self, file: io.FileIO, start: int, stop: int) -> None:
        self.left = stop - start
        self._file = file
        self._stop = stop
        self._held = b""
        self._at = 0

    def read(self, count: int) -> bytes:
        """Return the next so many bytes.

        Raises:
            ZipFault: there are not so many.
        """
        if count > self.left:
            raise ZipFault("its central directory is cut short")
        if count > len(self._held) - self._at:
            next_block = self._stop - self.left + len(self._held) - self._at
            more = _read(self._file, next_block, min(BLOCK, self._stop - next_block))
            self._held, self._at = self._held[self._at :] + more, 0
        self._at += count
        self.left -= count
        return self._held[self._at - count : self._at]


def _checked_name(name: bytes) -> str:
    text = name.decode("ascii", "backslashreplace")
    if name.endswith(b"/"):
        _foreign("it has a folder as a member", shown(text))
    if len(name) > MAX_NAME or not _NAME.fullmatch(name):
        raise ZipFault("no file of a package has such a name", shown(text))
    return text


def _refuse_foreign(header: _Central, path: str) -> None:
    """Refuse what is sound in a zip and yet nothing that archiver writes."""
    kind = stat.S_IFMT(header.external >> 16)
    if kind == stat.S_IFLNK:
        raise ZipFault("it is a symbolic link; what it points at is no part of the evidence", path)
    if header.method:
        _foreign("it is compressed", path)
    if header.flags not in (0, _UTF8):
        _foreign("it is encrypted, or was written without knowing its size", path)
    if (
        kind not in (0, stat.S_IFREG)
        or header.external & _FULL16
        or header.made_by not in _MADE_BY
        or header.system not in _SYSTEMS
        or header.needed not in _NEEDED
        or (header.comment_length, header.disk, header.internal) != (0, 0, 0)
    ):
        _foreign("its header is not that of a plain, stored file", path)


def _place_of(header: _Central, extra: bytes, path: str) -> tuple[int, int]:
    """Return the size of a member and where its local header begins, with zip64 where a field is full."""
    fields = [header.size, header.packed, header.offset]
    full = [index for index, value in enumerate(fields) if value == _FULL32]
    if len(extra) != (4 + 8 * len(full) if full else 0):
        _foreign("its header says more than that of a plain, stored file", path)
    if full:
        identity, length, *values = Struct(f"<2H{len(full)}Q").unpack(extra)
        if (identity, length) != (1, 8 * len(full)):
            _foreign("its header says more than that of a plain, stored file", path)
        for index, value in zip(full, values, strict=True):
            fields[index] = value
    size, packed, offset = fields
    if size != packed:
        raise ZipFault("it is stored as it is, and yet its two sizes differ", path)
    return size, offset


def _checked_local(file: io.FileIO, header: _Central, name: bytes, size: int, at: int) -> int:
    """Compare the header before a member with that in the directory; return where the member's bytes begin."""
    data = _read(file, at, _LOCAL.size + len(name) + _ZIP64.size)
    signature, needed, *agreed, stored, plain, name_length, extra_length = _LOCAL.unpack_from(data)
    extra = data[_LOCAL.size + len(name) :][:extra_length]
    # Python writes the long form ahead for what might grow, with the short sizes beside it.
    wide = extra == _ZIP64.pack(1, 16, size, size) and (stored, plain) == (_FULL32, _FULL32)
    narrow = extra in (b"", _ZIP64.pack(1, 16, size, size)) and (stored, plain) == (size, size)
    if (
        signature != b"PK\3\4"
        or needed not in _NEEDED
        or agreed != [header.flags, header.method, header.time, header.date, header.crc]
        or (name_length, data[_LOCAL.size : _LOCAL.size + len(name)]) != (len(name), name)
        or extra_length != len(extra)
        or not (wide or narrow)
    ):
        raise ZipFault("the header before it disagrees with the central directory", name.decode("ascii"))
    return at + _LOCAL.size + len(name) + len(extra)


def _add(top: Folder, path: str, member: Member) -> None:
    *folders, name = path.split("/")
    folder: Folder | Member = top
    for part in folders:
        folder = folder.setdefault(part, {}) if isinstance(folder, dict) else folder
    if isinstance(folder, Member) or isinstance(folder.get(name), dict):
        raise ZipFault("one name is both that of a file and of a folder", path)
    if name in folder:
        raise ZipFault("the name stands twice", path)
    folder[name] = member


def _refuse_twins(path: str, folder: Folder) -> None:
    names: dict[str, str] = {}
    for name, node in folder.items():
        twin = names.setdefault(folded(name), name)
        if twin != name:
            raise ZipFault(f"on some systems this name and '{twin}' are the same", f"{path}{name}")
        if isinstance(node, dict):
            _refuse_twins(f"{path}{name}/", node)


def _read(file: io.FileIO, at: int, count: int) -> bytes:
    if at < 0:
        raise ZipFault("it is too short for a zip")
    file.seek(at)
    data = file.read(count)
    if len(data) != count:
        raise ZipFault("it is shorter than its headers say")
    return data


def _foreign(why: str, path: str) -> NoReturn:
    raise ZipFault(f"{why}: this is no package as archiver writes it; unpack it and verify the folder", path)
