"""Writes WARC/1.1 records byte for byte (ISO 28500:2017); it never re-serialises HTTP.

A block is what was on the wire. Each record carries block and payload digest as `sha256:` and padded base32.
"""

from __future__ import annotations

import errno
import os
import uuid
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from archiver.hashing import BLOCK, FollowingDigest, hash_file, sha256, warc_digest
from archiver.model import Body, Record
from archiver.times import to_warc_date

VERSION = "WARC/1.1"

_COPIED = 1 << 24
_NOT_HERE = frozenset({errno.ENOSYS, errno.EXDEV, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM})

Headers = Sequence[tuple[str, str]]


class Written(Record, frozen=True, kw_only=True):
    """Where a record stands in its WARC file.

    Attributes:
        id: WARC-Record-ID without angle brackets.
        type: WARC-Type.
        offset: first byte of the record in the file.
        length: bytes of the whole record: header, block and the two line ends after it.
        block_sha256: SHA-256 of the block.
    """

    id: str
    type: str
    offset: int
    length: int
    block_sha256: str


def new_record_id() -> str:
    """Return a fresh record id (RFC 4122, version 4) without angle brackets."""
    return f"urn:uuid:{uuid.uuid4()}"


class WarcWriter:
    """Appends records to one uncompressed WARC file.

    Args:
        path: the file to make; it must not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("xb", buffering=0)
        self._following: FollowingDigest | None = None
        self._hasher = sha256()
        self._offset = 0
        self._info_id: str | None = None

    def write(
        self,
        kind: str,
        date: datetime,
        content_type: str,
        *,
        head: bytes = b"",
        body: Body | None = None,
        block_sha256: str | None = None,
        payload_sha256: str | None = None,
        record_id: str | None = None,
        headers: Headers = (),
    ) -> Written:
        """Append one record whose block is `head` followed by `body`.

        Args:
            kind: WARC-Type.
            date: WARC-Date, written with microseconds.
            content_type: media type of the block.
            head: first bytes of the block.
            body: the rest of the block.
            block_sha256: digest of the block, if it is known already.
            payload_sha256: digest of the payload, where the record has one apart from its block.
            record_id: the id to use, from `new_record_id`; a fresh one if left out.
            headers: further record headers, in order.

        Raises:
            OSError: the file cannot be written, or the body cannot be read.
        """
        record_id = record_id or new_record_id()
        body = body or Body()
        if block_sha256 is None:
            if body.path is not None:
                raise ValueError("the digest of a block that is in a file has to be known")
            block_sha256 = sha256(head + (body.data or b"")).hexdigest()
        length = len(head) + body.size
        fields = [
            ("WARC-Type", kind),
            ("WARC-Record-ID", f"<{record_id}>"),
            ("WARC-Date", to_warc_date(date)),
            *headers,
            ("WARC-Block-Digest", warc_digest(block_sha256)),
        ]
        if payload_sha256 is not None:
            fields.append(("WARC-Payload-Digest", warc_digest(payload_sha256)))
        if kind == "warcinfo":
            self._info_id = record_id
        elif self._info_id is not None:
            fields.append(("WARC-Warcinfo-ID", f"<{self._info_id}>"))
        fields += [("Content-Type", content_type), ("Content-Length", str(length))]
        if any(char in value for _, value in fields for char in "\r\n"):
            raise ValueError("a record header cannot hold a line end")
        lines = (VERSION, *(f"{name}: {value}" for name, value in fields), "")
        header = "".join(f"{line}\r\n" for line in lines).encode("utf-8")
        _write_all(self._file, header + head)
        self._append_body(body, self._offset + len(header) + len(head))
        _write_all(self._file, b"\r\n\r\n")
        total = len(header) + length + 4
        written = Written(id=record_id, type=kind, offset=self._offset, length=total, block_sha256=block_sha256)
        self._offset += total
        return written

    def close(self) -> None:
        """Close the file. It is the caller's to see that it is on the disk before it counts.

        Raises:
            OSError: what was written could not be read back.
        """
        if self._file.closed:
            return
        self._file.close()
        if self._following is not None:
            self._following.finish(self._offset)

    def digest(self) -> tuple[str, int]:
        """Return SHA-256 and size of the file, once it is closed.

        Raises:
            OSError: it cannot be read.
        """
        if self._following is None:
            return hash_file(self._path)
        return self._hasher.hexdigest(), self._offset

    def _append_body(self, body: Body, start: int) -> None:
        """Append a body; one that is in a file goes through the kernel where it can, without passing through here.

        A WARC that gets such a body is hashed while it grows, since reading it again afterwards would take long.
        """
        if body.path is None:
            _write_all(self._file, body.data or b"")
            return
        if self._following is None:
            self._following = FollowingDigest(self._path, self._hasher)
        done = 0
        with body.path.open("rb", buffering=0) as source:
            while done < body.size:
                count = _copy(source, self._file, min(_COPIED, body.size - done))
                if not count:
                    raise OSError(f"{body.path.name} is shorter than it was when it was hashed")
                done += count
                self._following.advance(start + done)


def _write_all(file: BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def _copy(source: BinaryIO, target: BinaryIO, size: int) -> int:
    """Copy up to `size` bytes from file to file, without user space where the system can; return the bytes copied."""
    if hasattr(os, "copy_file_range"):
        try:
            return os.copy_file_range(source.fileno(), target.fileno(), size)
        except OSError as error:
            # Some file systems cannot; a full disk is another matter.
            if error.errno not in _NOT_HERE:
                raise
    data = source.read(min(BLOCK, size))
    _write_all(target, data)
    return len(data)
