"""The BagIt side of a capture (RFC 8493): writes its tag files and reads them back in the one encoding allowed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from archiver.case import layout
from archiver.errors import FormatError
from archiver.hashing import sha256_hex
from archiver.times import to_day

BAGIT_TXT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

_LINE = re.compile(r"([0-9a-f]{64})  ([\x21-\x7e]+)")


def bag_info(capture_id: str, started: datetime, software: str, sizes: Mapping[str, int]) -> bytes:
    """Return the bytes of `bag-info.txt`, which follow from the custody manifest and the payload alone.

    Args:
        capture_id: the External-Identifier.
        started: when the capture began; its UTC day is the Bagging-Date.
        software: name and version of this program.
        sizes: bytes of each payload file, by path.
    """
    lines = (
        f"Bag-Software-Agent: {software}",
        f"Bagging-Date: {to_day(started)}",
        f"External-Identifier: {capture_id}",
        f"Payload-Oxum: {sum(sizes.values())}.{len(sizes)}",
    )
    return "".join(f"{line}\n" for line in lines).encode("utf-8")


def manifest(digests: Mapping[str, str]) -> bytes:
    """Return a manifest: lowercase hexadecimal, two spaces, path, LF; sorted by path; what `sha256sum -c` reads."""
    return "".join(f"{digests[path]}  {path}\n" for path in sorted(digests)).encode("ascii")


def parse_manifest(data: bytes) -> dict[str, str]:
    """Read a manifest in the one encoding that `manifest` writes.

    Returns:
        The digest of each path.

    Raises:
        FormatError: any byte differs from that encoding, or a path stands twice, or none at all.
    """
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError:
        raise FormatError("it has bytes that are not ASCII") from None
    if not text.endswith("\n"):
        raise FormatError("it is empty or its last line does not end")
    digests: dict[str, str] = {}
    for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
        match = _LINE.fullmatch(line)
        if match is None:
            raise FormatError(f"line {number} is not '<64 lowercase hexadecimal digits>  <path>'")
        if match[2] in digests:
            raise FormatError(f"line {number} names a path for the second time")
        digests[match[2]] = match[1]
    if list(digests) != sorted(digests):
        raise FormatError("its lines are not sorted by path")
    return digests


def tag_files(info: bytes, payload: Mapping[str, str], verify_text: bytes) -> dict[str, bytes]:
    """Return every tag file of a bag by name, in the order in which they are to be written.

    Args:
        info: the bytes of `bag-info.txt`.
        payload: the digest of each payload file, by path from the bag's root.
        verify_text: the bytes of `VERIFY.txt`.
    """
    files = {
        layout.BAGIT: BAGIT_TXT,
        layout.BAG_INFO: info,
        layout.VERIFY: verify_text,
        layout.MANIFEST: manifest(payload),
    }
    files[layout.TAGMANIFEST] = manifest({name: sha256_hex(data) for name, data in files.items()})
    return files
