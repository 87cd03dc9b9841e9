"""Checks case.json, and that captures were made for the case in which they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from archiver import canonical
from archiver.case import layout
from archiver.errors import FormatError
from archiver.model import Finding, Record
from archiver.verify.findings import failure, note, ok, shown
from archiver.verify.places import Spot
from archiver.verify.reading import Seen, Unread, parsed
from archiver.verify.snapshot import Snapshot
from archiver.verify.stamps import is_stamp

FORMAT: Final = "archiver-case/1"
_ID: Final = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class CaseRecord(Record, frozen=True, kw_only=True):
    """What case.json says."""

    created: str
    format: str
    id: str
    title: str


class CaseFile(Record, frozen=True, kw_only=True):
    """A case.json as it was when it was read.

    Attributes:
        seen: what was read; None if it is not there or no regular file.
        record: what it says, or what is the matter with it.
    """

    seen: Seen | Unread | None
    record: CaseRecord | FormatError


def read_case_file(case: Spot) -> CaseFile:
    """Read the case.json of a case, whatever state it is in."""
    spot = case / layout.CASE_FILE
    seen = spot.read_small() if spot.kind() == "file" else None
    return CaseFile(seen=seen, record=parsed(seen, _parse))


def check_case_file(case: CaseFile) -> Iterator[Finding]:
    """Check that case.json is there and well-formed."""
    if case.seen is None:
        yield failure("missing", layout.CASE_FILE, "a case has a regular file of this name")
    elif isinstance(case.seen, Unread):
        yield failure("unreadable", layout.CASE_FILE, case.seen.why)
    elif isinstance(case.record, FormatError):
        yield failure(
            "case",
            layout.CASE_FILE,
            f"it does not say what a case is in the form that it has to: {shown(str(case.record))}",
        )


def check_case(snapshot: Snapshot, case: CaseFile | None) -> Iterator[Finding]:
    """Check that a capture was made for this very case."""
    account = snapshot.account
    if isinstance(account, FormatError):
        return
    if case is None:
        yield note("case", "", "not checked: the capture was not looked at as part of a case")
        return
    if not isinstance(case.seen, Seen):
        return
    same_id = isinstance(case.record, CaseRecord) and case.record.id == account.case.id
    if same_id and case.seen.sha256 == account.case.sha256:
        yield ok("case", layout.CUSTODY_MANIFEST, f"the capture names the digest of this {layout.CASE_FILE}")
    elif same_id:
        detail = f"the {layout.CASE_FILE} that it was made for is not the one that is there now"
        yield failure("case", layout.CUSTODY_MANIFEST, detail)
    else:
        yield failure("case", layout.CUSTODY_MANIFEST, "the capture was made for another case")


def _parse(data: bytes) -> CaseRecord:
    value = canonical.decode(data)
    if not canonical.is_canonical(data, value):
        raise FormatError("it is not in canonical form")
    try:
        record = msgspec.convert(value, CaseRecord)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise FormatError(f"it does not follow its schema: {error}") from None
    if record.format != FORMAT or not _ID.fullmatch(record.id) or not is_stamp(record.created):
        raise FormatError("its format, id or time is not one of this version")
    return record
