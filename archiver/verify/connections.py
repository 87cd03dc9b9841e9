"""Checks what is told of connections and credentials: certificates as recorded, nothing but X where a secret stood."""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from archiver.case import layout
from archiver.custody.manifest import Certificate, CustodyManifest, RedactionEntry
from archiver.errors import FormatError
from archiver.hashing import sha256_hex
from archiver.http1 import codings
from archiver.model import Finding
from archiver.verify.exchanges import Connection, connections, read_facts
from archiver.verify.findings import concluded, counted, failure, note, ok, shown
from archiver.verify.scanned import Scanned
from archiver.verify.snapshot import Snapshot

_PATH = layout.CUSTODY_MANIFEST
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=\n]+)-----END CERTIFICATE-----\n")
_LOGIN = (
    "it was captured with a login of the operator's: what the platform sent can name the account, and need not be what "
    "others are shown"
)
_MOST_KINDS = 20
STORED_DECODED = "stored decoded"
"""What is declared where a head named a coding, or a length, that the stored body has no more."""
_CODING_NAMES = frozenset(map(len, ("content-encoding", "transfer-encoding", "content-length")))
_OF_A_CONNECTION = frozenset({"connect-request", "connect-response", "certificates"})


def check_certificates(snapshot: Snapshot) -> Iterator[Finding]:
    """Check that the fingerprints in the custody manifest are those of the recorded chains."""
    account = snapshot.account
    if isinstance(account, FormatError) or isinstance(snapshot.warc, FormatError) or snapshot.warc.fault:
        return
    number = counted(len(account.certificates), "certificate chain")
    conclusion = ok("certificate", _PATH, f"{number} recorded, with the fingerprints listed", "recorded")
    yield from concluded(_certificates(snapshot, account), conclusion)


def _certificates(snapshot: Snapshot, account: CustodyManifest) -> Iterator[Finding]:
    recorded: dict[str, Certificate] = {}
    for connection, chain in _chains(snapshot, account):
        if chain is None:
            yield failure("certificate", layout.WARC, "a record of certificates is no chain in PEM")
        else:
            recorded[connection.id] = Certificate(
                connection=connection.id,
                host=connection.origin,
                tls=connection.tls,
                cipher=connection.cipher,
                fingerprints=tuple(sha256_hex(der) for der in chain),
            )
    told = {certificate.connection: certificate for certificate in account.certificates}
    if len(told) != len(account.certificates):
        yield failure("certificate", _PATH, "it tells of a connection's certificates twice")
    blamed = snapshot.blame(_PATH, layout.WARC)
    for connection_id in sorted(told.keys() | recorded.keys()):
        if told.get(connection_id) != recorded.get(connection_id):
            detail = f"what is told of the certificates of {shown(connection_id)} is not what is recorded"
            yield failure("certificate", blamed, detail)
    # No server is talked to under TLS that does not show its certificates.
    secured = {item.told.id for item in connections(snapshot.records, account) if item.told.tls}
    for connection_id in sorted(secured - told.keys() - recorded.keys()):
        detail = f"no certificates are recorded of {shown(connection_id)}, which was under TLS"
        yield failure("certificate", blamed, detail)


def _chains(snapshot: Snapshot, account: CustodyManifest) -> Iterator[tuple[Connection, list[bytes] | None]]:
    """Yield each recorded chain with its connection, whose record is the one before it."""
    connection: Connection | None = None
    records = snapshot.records
    for entry in account.records:
        record = records.get(entry.id)
        if record is None:
            continue
        if entry.role == "connection":
            connection = read_facts(record, Connection)
        elif entry.role not in _OF_A_CONNECTION:
            connection = None
        elif entry.role == "certificates" and connection is not None:
            yield connection, _chain(record.start or b"")


def _chain(pem: bytes) -> list[bytes] | None:
    if not pem or _PEM.sub(b"", pem):
        return None
    try:
        return [base64.b64decode(found[1].replace(b"\n", b""), validate=True) for found in _PEM.finditer(pem)]
    except binascii.Error:
        return None


def check_redactions(snapshot: Snapshot) -> Iterator[Finding]:
    """Check that where a credential is declared to have stood, nothing stands but X; tell what that was."""
    account = snapshot.account
    if isinstance(account, FormatError) or isinstance(snapshot.warc, FormatError):
        return
    if account.access.login:
        yield note("login", _PATH, _LOGIN, "recorded")
    if account.redactions:
        number = counted(len(account.redactions), "declared redaction")
        conclusion = ok("redaction", layout.WARC, f"{number}: nothing but X there")
        yield from concluded(_redactions(snapshot, account), conclusion)
        kinds = Counter(item.what for item in account.redactions)
        said = ", ".join(f"{shown(what, 40)} ({number})" for what, number in sorted(kinds.items())[:_MOST_KINDS])
        yield note("redacted", layout.WARC, f"overwritten with X before it was hashed: {said}", "recorded")


def _redactions(snapshot: Snapshot, account: CustodyManifest) -> Iterator[Finding]:
    records = snapshot.records
    room = {id: len(record.start or b"") for id, record in records.items()}
    for redaction in account.redactions:
        record = records.get(redaction.record)
        start, end = (record.start or b"") if record is not None else b"", redaction.offset + redaction.length
        if record is not None and record.payload is not None and redaction.offset >= len(start) > 0:
            beyond = end > record.header.block_length
            whole = (redaction.offset, redaction.length) in record.overwritten
        else:
            # Redactions do not overlap; together they are no longer than what they stand in.
            room[redaction.record] = room.get(redaction.record, 0) - redaction.length
            beyond = end > len(start) or room[redaction.record] < 0
            whole = not beyond and start.count(b"X", max(redaction.offset, 0), end) == redaction.length
        if redaction.offset < 0 or redaction.length < 1 or beyond:
            yield failure("redaction", _PATH, "a redaction is declared where no request or response is")
        elif not whole:
            detail = f"bytes of a record are declared to be redacted ({shown(redaction.what, 40)}) and are not"
            yield failure("redaction", layout.WARC, detail)
    names: dict[str, list[RedactionEntry]] = {}
    for redaction in account.redactions:
        if redaction.what == STORED_DECODED:
            names.setdefault(redaction.record, []).append(redaction)
    for id, entries in names.items():
        if id in records and not _is_decoded(records[id], entries):
            yield failure(
                "redaction", layout.WARC, "an answer is declared to be stored decoded, and its head is not so"
            )


def _is_decoded(record: Scanned, names: Iterable[RedactionEntry]) -> bool:
    """Tell whether what is overwritten in a head are names of fields, and none that tells of codings is left."""
    head, payload = record.start or b"", record.payload
    are_names = all(
        name.offset > 0
        and name.length in _CODING_NAMES
        and head[name.offset - 1 : name.offset] == b"\n"
        and head[name.offset + name.length :].lstrip(b" \t")[:1] == b":"
        for name in names
    )
    return are_names and payload is not None and not codings(payload.head) and not payload.head.get("content-length")
