"""Forges sealed captures as thoroughly as a forger would: whatever is changed, every digest is computed anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archiver import canonical
from archiver.case import layout
from archiver.hashing import hash_file, sha256_hex, warc_digest
from archiver.warc import iter_records

from .builder import reseal


@dataclass
class Raw:
    """A WARC record in the hands of a forger. Length and digests are made good when it is written."""

    fields: list[tuple[str, str]]
    block: bytes

    @property
    def type(self) -> str:
        return self.get("WARC-Type")

    @property
    def id(self) -> str:
        return self.get("WARC-Record-ID").strip("<>")

    def get(self, name: str) -> str:
        return dict(self.fields).get(name, "")

    def set(self, name: str, value: str) -> None:
        self.fields = [(key, value if key == name else old) for key, old in self.fields]

    def to_bytes(self) -> bytes:
        self.set("Content-Length", str(len(self.block)))
        self.set("WARC-Block-Digest", warc_digest(sha256_hex(self.block)))
        if self.type == "response":
            self.set("WARC-Payload-Digest", warc_digest(sha256_hex(self.block.partition(b"\r\n\r\n")[2])))
        lines = ["WARC/1.1", *(f"{name}: {value}" for name, value in self.fields), "", ""]
        return "\r\n".join(lines).encode() + self.block + b"\r\n\r\n"


def forge(capture: Path, path: str, change: Callable[[bytes], bytes]) -> None:
    """Change a file under `data/` and make all lists agree with it, that of the custody manifest included."""
    file = capture / path
    file.write_bytes(change(file.read_bytes()))
    settle(capture)


def forge_account(capture: Path, change: Callable[[Any], object]) -> None:
    """Change the custody manifest, given as JSON, in place, and make all lists agree with it."""
    path = capture / layout.CUSTODY_MANIFEST
    told = canonical.decode(path.read_bytes())
    change(told)
    path.write_bytes(canonical.encode(told))
    reseal(capture)


def forge_post(capture: Path, change: Callable[[Any], object]) -> None:
    """Change post.json, given as JSON, in place, and make all lists agree with it."""
    path = capture / layout.POST_JSON
    post = canonical.decode(path.read_bytes())
    change(post)
    path.write_bytes(canonical.encode(post))
    settle(capture)


def forge_records(capture: Path, change: Callable[[list[Raw]], object], *, listed: bool = False) -> None:
    """Change the records of the WARC in place, and make all digests agree with them.

    Args:
        capture: the capture.
        change: edits the list of records.
        listed: whether the custody manifest's list of records is made to agree as well.
    """
    path = capture / layout.WARC
    with path.open("rb") as stream:
        records = [Raw(list(header.fields), b"".join(pieces)) for header, pieces in iter_records(stream)]
    change(records)
    path.write_bytes(b"".join(record.to_bytes() for record in records))
    if listed:
        forge_account(capture, lambda told: _list(told, records))
    settle(capture)


def settle(capture: Path) -> None:
    """Make every list of digests agree with the files, that of the custody manifest included."""

    def agree(told: Any) -> None:
        for entry in told["files"]:
            if (capture / entry["path"]).is_file():
                entry["sha256"], entry["bytes"] = hash_file(capture / entry["path"])

    forge_account(capture, agree)


def _list(told: Any, records: list[Raw]) -> None:
    roles = {entry["id"]: entry["role"] for entry in told["records"]}
    entries, offset = [], 0
    for record in records:
        length = len(record.to_bytes())
        role = roles.get(record.id, record.type)
        entries.append(
            {
                "id": record.id,
                "type": record.type,
                "role": role,
                "offset": offset,
                "length": length,
                "sha256": sha256_hex(record.block),
            }
        )
        offset += length
    told["records"] = entries
