"""Checks the WARC as a file of records: form, order, digests, and that it is what the custody manifest lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from itertools import chain
from typing import Final

from archiver import http1
from archiver.case import layout
from archiver.custody.manifest import CustodyManifest, RecordEntry
from archiver.errors import FormatError
from archiver.hashing import warc_digest
from archiver.model import Finding
from archiver.verify.findings import concluded, counted, failure, ok, shown
from archiver.verify.scanned import Payload, Scan, Scanned
from archiver.verify.snapshot import Snapshot
from archiver.verify.stamps import is_stamp

_ALWAYS: Final = frozenset(
    {"WARC-Type", "WARC-Record-ID", "WARC-Date", "WARC-Block-Digest", "Content-Type", "Content-Length"}
)
_BUT_FIRST: Final = _ALWAYS | {"WARC-Warcinfo-ID", "WARC-Target-URI"}
_OVER_A_CONNECTION: Final = frozenset({"WARC-Protocol", "WARC-Cipher-Suite", "WARC-IP-Address", "WARC-Concurrent-To"})
_REQUIRED: Final = {
    "warcinfo": _ALWAYS,
    "request": _BUT_FIRST,
    "response": _BUT_FIRST | {"WARC-Payload-Digest"},
    "metadata": _BUT_FIRST,
}
_OPTIONAL: Final = {
    "warcinfo": frozenset({"WARC-Filename"}),
    "request": _OVER_A_CONNECTION,
    "response": _OVER_A_CONNECTION | {"WARC-Truncated"},
    "metadata": frozenset({"WARC-Concurrent-To"}),
}
_OCTETS: Final = "application/octet-stream"
_ROLES: Final[Mapping[str, tuple[str, ...]]] = {
    "warcinfo": ("warcinfo", "application/warc-fields"),
    "request": ("request", "application/http; msgtype=request"),
    "response": ("response", "application/http; msgtype=response"),
    "interim": ("metadata", "message/http"),
    "stray": ("metadata", _OCTETS),
    "failure": ("metadata", "application/json"),
    "connection": ("metadata", "application/json"),
    "connect-request": ("metadata", "message/http", _OCTETS),
    "connect-response": ("metadata", "message/http", _OCTETS),
    "certificates": ("metadata", "application/pem-certificate-chain"),
}
_TRUNCATIONS: Final = frozenset({"length", "time", "disconnect", "unspecified"})


def check_records(snapshot: Snapshot) -> Iterator[Finding]:
    """Check every record by itself, and the records against the list in the custody manifest."""
    if isinstance(snapshot.warc, FormatError):
        return
    detail = f"{counted(len(snapshot.warc.records), 'record')} tile the file, in the order and with the digests listed"
    findings = chain(_records(snapshot, snapshot.warc), _list(snapshot, snapshot.warc))
    yield from concluded(findings, ok("warc-record", layout.WARC, detail))


def _records(snapshot: Snapshot, warc: Scan) -> Iterator[Finding]:
    if warc.fault:
        yield _wrong("warc-structure", warc.fault)
    elif not warc.records:
        yield _wrong("warc-record", "it has no records")
    account = snapshot.account
    exchanges = account.exchanges if isinstance(account, CustodyManifest) else ()
    methods = {exchange.response: exchange.method for exchange in exchanges}
    first = warc.records[0].header.id if warc.records else ""
    seen: set[str] = set()
    for number, record in enumerate(warc.records):
        header = record.header
        if header.id in seen:
            yield _wrong("warc-record", f"the id of the record at byte {header.offset} was there before")
        seen.add(header.id)
        if (header.type == "warcinfo") != (number == 0):
            yield _wrong(
                "warc-record", f"the record at byte {header.offset} is not of the type that its place asks for"
            )
        for detail in _header_faults(record, first):
            yield _wrong("warc-record", f"the {_kind(record)} record at byte {header.offset} {detail}")
        for detail in _digest_faults(record, methods):
            yield _wrong("warc-digest", f"the {_kind(record)} record at byte {header.offset} {detail}")


def _header_faults(record: Scanned, first: str) -> Iterator[str]:
    header, values = record.header, dict(record.header.fields)
    required, optional = _REQUIRED.get(header.type), _OPTIONAL.get(header.type, frozenset())
    if required is None:
        yield "is of a type that no capture has"
        return
    for name in sorted(required - values.keys()):
        yield f"has no header {name}"
    for name in sorted(values.keys() - required - optional):
        yield f"has a header that no capture has: {shown(name, 40)}"
    if not is_stamp(values.get("WARC-Date", "")):
        yield "has a date that is not in the form of this format"
    if header.type != "warcinfo" and values.get("WARC-Warcinfo-ID") != f"<{first}>":
        yield "does not name the first record of the file as its warcinfo"
    if values.get("WARC-Truncated") not in {None, *_TRUNCATIONS}:
        yield "gives a reason for its truncation that no capture has"


def _digest_faults(record: Scanned, methods: Mapping[str, str]) -> Iterator[str]:
    header, payload = record.header, record.payload
    if header.get("WARC-Block-Digest") != warc_digest(record.sha256):
        yield "does not have the block that its digest says"
    if header.type != "response":
        return
    if payload is None:
        yield "does not begin with the whole head of one final HTTP response"
        return
    if header.get("WARC-Payload-Digest") != warc_digest(payload.sha256):
        yield "does not have the payload that its digest says"
    yield from _truncation_faults(header.get("WARC-Truncated"), payload, methods.get(header.id, "GET"))


def _truncation_faults(truncated: str | None, payload: Payload, method: str) -> Iterator[str]:
    if payload.excess:
        yield "has bytes beyond the end of its message"
    elif truncated is None and not payload.whole:
        yield "is shorter than its own framing says, and not marked as truncated"
    elif truncated is not None and payload.whole and http1.framing(payload.head, method)[0] != "close":
        yield "is marked as truncated and whole"


def _list(snapshot: Snapshot, warc: Scan) -> Iterator[Finding]:
    """Compare the records with the list of them in the custody manifest."""
    if isinstance(snapshot.account, FormatError):
        return
    entries = snapshot.account.records
    found = {record.header.id: record for record in warc.records}
    listed = {entry.id for entry in entries}
    if len(listed) != len(entries):
        yield failure("custody-manifest", layout.CUSTODY_MANIFEST, "it lists a record twice")
    blamed = snapshot.blame(layout.WARC, layout.CUSTODY_MANIFEST)
    for detail in chain(_set_faults(warc, entries, listed), _entry_faults(warc, entries, found)):
        yield failure("warc-record", blamed, detail)


def _set_faults(warc: Scan, entries: tuple[RecordEntry, ...], listed: Set[str]) -> Iterator[str]:
    """Find records that are missing, added or in another place; what a broken file has no more, it does not miss."""
    found = {record.header.id for record in warc.records}
    for entry in entries:
        if entry.id not in found and not warc.fault:
            yield f"a {shown(entry.role, 40)} record that the custody manifest lists is not in the file"
    for record in warc.records:
        if record.header.id not in listed:
            yield f"the custody manifest does not list the record at byte {record.header.offset}"
    common = [entry.id for entry in entries if entry.id in found]
    if common != [record.header.id for record in warc.records if record.header.id in listed]:
        yield "the records are not in the order in which the custody manifest lists them"


def _entry_faults(warc: Scan, entries: tuple[RecordEntry, ...], found: Mapping[str, Scanned]) -> Iterator[str]:
    # Where a record is missing, moved or broken, all that follow stand elsewhere; that is told once.
    in_place = [entry.id for entry in entries] == [record.header.id for record in warc.records]
    for entry in entries:
        record = found.get(entry.id)
        if record is None:
            continue
        header, which = record.header, f"the {_kind(record)} record at byte {record.header.offset}"
        if record.sha256 != entry.sha256:
            yield f"{which} has another block than the custody manifest lists"
        if in_place and (header.offset, header.length) != (entry.offset, entry.length):
            yield f"{which} does not stand where the custody manifest says, or has another length"
        kind, *types = _ROLES.get(entry.role, ("",))
        if not kind == entry.type == header.type or header.get("Content-Type") not in types:
            yield f"{which} is not of the type and content that the custody manifest says"


def _kind(record: Scanned) -> str:
    return shown(record.header.type, 20)


def _wrong(check: str, detail: str) -> Finding:
    return failure(check, layout.WARC, detail)
