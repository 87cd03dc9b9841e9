"""Checks that each media file is what a record of the WARC holds, and what its name and type say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from archiver import http1, mediatype
from archiver.case import layout
from archiver.custody.manifest import CustodyManifest, File
from archiver.errors import FormatError
from archiver.model import Finding
from archiver.verify.findings import concluded, counted, failure, ok
from archiver.verify.scanned import Payload, Scan, Scanned
from archiver.verify.snapshot import Snapshot

_LETTERS: Final = re.compile(r"[b-z]{1,3}")


def check_media(snapshot: Snapshot) -> Iterator[Finding]:
    """Check every media file that the custody manifest accounts for."""
    account = snapshot.account
    if isinstance(account, FormatError):
        return
    files = [file for file in account.files if file.path.startswith(f"{layout.MEDIA}/")]
    if not files:
        return
    conclusion = ok("media", layout.MEDIA, f"{counted(len(files), 'media file')}: each is what its record holds")
    whole = isinstance(snapshot.warc, Scan) and not snapshot.warc.fault
    whole = whole and all(snapshot.seen(file.path) is not None for file in files)
    yield from concluded(_media(snapshot, account, files), conclusion, whole=whole)


def _media(snapshot: Snapshot, account: CustodyManifest, files: list[File]) -> Iterator[Finding]:
    records = snapshot.records
    responses = {entry.id for entry in account.records if entry.role == "response"}
    readable = not isinstance(snapshot.warc, FormatError) and not snapshot.warc.fault
    for file in files:
        seen = snapshot.seen(file.path)
        if seen is None or not layout.is_payload_name(file.path):
            continue
        for detail in _name_faults(file, mediatype.sniff(seen.start)):
            yield failure("media", file.path, detail)
        record = records.get(file.record)
        if record is None or record.payload is None or file.record not in responses:
            if readable:
                blamed = snapshot.blame(file.path, layout.WARC, layout.CUSTODY_MANIFEST)
                yield failure(
                    "media", blamed, f"of {file.path} the response record that is said to hold it is not there"
                )
            continue
        blamed = snapshot.blame(file.path, layout.WARC, layout.CUSTODY_MANIFEST)
        for detail in _record_faults(file, seen.sha256, record, record.payload):
            which = "it" if blamed == file.path else file.path
            yield failure("media", blamed, f"{which} {detail}")


def _name_faults(file: File, media_type: str) -> Iterator[str]:
    if file.media_type != media_type:
        yield f"its first bytes are those of {media_type}, not of what the custody manifest says"
    name = file.path.rpartition("/")[2]
    stem = layout.media_stem(file.role, file.index, file.context)
    if stem is None:
        yield "it has a role or position that no media file has"
        return
    end = f".{mediatype.extension(file.media_type)}"
    further = name.removesuffix(end).removeprefix(layout.further_stem(stem, ""))
    if name != f"{stem}{end}" and not (
        _LETTERS.fullmatch(further) and name == f"{layout.further_stem(stem, further)}{end}"
    ):
        yield "its name does not follow from its position, role and type"


def _record_faults(file: File, digest: str, record: Scanned, payload: Payload) -> Iterator[str]:
    if record.header.get("WARC-Target-URI") != file.source_url:
        yield "is not from the URL that the custody manifest says"
    if file.relation == "payload":
        if payload.sha256 != digest:
            yield "is not the payload of the record that is said to hold it"
        if http1.codings(payload.head):
            yield "is said to be the payload as served, which is under codings"
    elif payload.decoded is None or payload.decoded.fault or payload.decoded.sha256 != digest:
        yield "is not the payload of its record with the codings taken off"
