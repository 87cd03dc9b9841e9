"""Forges sealed captures as thoroughly as a forger would: whatever is changed, every digest is computed anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archiver import canonical
from archiver.case import bag, layout
from archiver.hashing import hash_file, sha256_hex, warc_digest
from archiver.warc_reader import iter_records

from .builder import reseal

Defect = Callable[[Path], object]
"""What is done to the folder of a sealed capture."""


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


def edit(path: str, change: Callable[[bytes], bytes]) -> Defect:
    """Change the bytes of a file and nothing else."""

    def do(capture: Path) -> None:
        file = capture / path
        before = file.read_bytes()
        after = change(before)
        assert after != before
        file.write_bytes(after)

    return do


def swap(path: str, old: bytes, new: bytes) -> Defect:
    """Put some bytes of a file in place of others and change nothing else."""
    return edit(path, lambda data: data.replace(old, new, 1))


def add(path: str, data: bytes = b"x") -> Defect:
    """Add a file."""

    def do(capture: Path) -> None:
        (capture / path).parent.mkdir(exist_ok=True)
        (capture / path).write_bytes(data)

    return do


def relisted(change: Callable[[bytes], bytes], path: str = layout.MANIFEST) -> Defect:
    """Change a tag file, and make the tag manifest agree with it."""

    def do(capture: Path) -> None:
        edit(path, change)(capture)
        digests = {name: hash_file(capture / name)[0] for name in layout.TAG_FILES}
        (capture / layout.TAGMANIFEST).write_bytes(bag.manifest(digests))

    return do


def account(change: Callable[[Any], object]) -> Defect:
    """Change the custody manifest, given as JSON, in place, and make all lists agree with it."""
    return lambda capture: forge_account(capture, change)


def post(change: Callable[[Any], object]) -> Defect:
    """Change post.json, given as JSON, in place, and make all lists agree with it."""

    def do(capture: Path) -> None:
        path = capture / layout.POST_JSON
        document = canonical.decode(path.read_bytes())
        change(document)
        path.write_bytes(canonical.encode(document))
        settle(capture)

    return do


def records(change: Callable[[list[Raw]], object], *, listed: bool = True) -> Defect:
    """Change the records of the WARC in place, and make all digests agree with them.

    Args:
        change: edits the list of records.
        listed: whether the custody manifest's list of records is made to agree as well.
    """

    def do(capture: Path) -> None:
        path = capture / layout.WARC
        with path.open("rb") as stream:
            found = [Raw(list(header.fields), b"".join(pieces)) for header, pieces in iter_records(stream)]
        change(found)
        path.write_bytes(b"".join(item.to_bytes() for item in found))
        if listed:
            forge_account(capture, lambda told: told.update(records=_list(told, found)))
        settle(capture)

    return do


def rehashed(defect: Defect) -> Defect:
    """Make all lists agree with what a defect made of the capture."""

    def do(capture: Path) -> None:
        defect(capture)
        settle(capture)

    return do


def entry(entries: list[dict[str, Any]], **wanted: object) -> dict[str, Any]:
    """Return the first entry of a list in the custody manifest that has these members."""
    return next(item for item in entries if all(item[key] == value for key, value in wanted.items()))


def record(found: list[Raw], kind: str, words: bytes = b"") -> Raw:
    """Return the first record of a type that has these bytes in its block."""
    return next(item for item in found if item.type == kind and words in item.block)


def forge_account(capture: Path, change: Callable[[Any], object]) -> None:
    """Change the custody manifest, given as JSON, in place, and make all lists agree with it."""
    path = capture / layout.CUSTODY_MANIFEST
    told = canonical.decode(path.read_bytes())
    change(told)
    path.write_bytes(canonical.encode(told))
    reseal(capture)


def settle(capture: Path) -> None:
    """Make every list of digests agree with the files, that of the custody manifest included."""

    def agree(told: Any) -> None:
        for file in told["files"]:
            if (capture / file["path"]).is_file():
                file["sha256"], file["bytes"] = hash_file(capture / file["path"])

    forge_account(capture, agree)


def _list(told: Any, found: list[Raw]) -> list[dict[str, Any]]:
    roles = {item["id"]: item["role"] for item in told["records"]}
    listed, offset = [], 0
    for item in found:
        length = len(item.to_bytes())
        listed.append(
            {
                "id": item.id,
                "type": item.type,
                "role": roles.get(item.id, item.type),
                "offset": offset,
                "length": length,
                "sha256": sha256_hex(item.block),
            }
        )
        offset += length
    return listed
