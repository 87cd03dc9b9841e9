"""Checks what is told of connections and credentials: certificates as recorded, nothing but X where a secret stood."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from archiver.case import layout
from archiver.custody.manifest import Certificate, CustodyManifest
from archiver.errors import FormatError
from archiver.hashing import sha256_hex
from archiver.model import Finding
from archiver.verify.exchanges import Connection, connections, read_facts
from archiver.verify.findings import concluded, counted, failure, ok, shown
from archiver.verify.snapshot import Snapshot

_PATH = layout.CUSTODY_MANIFEST
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=\n]+)-----END CERTIFICATE-----\n")
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
    """Check that where a credential is declared to have stood, nothing stands but X."""
    account = snapshot.account
    if isinstance(account, FormatError) or isinstance(snapshot.warc, FormatError) or not account.redactions:
        return
    number = counted(len(account.redactions), "declared redaction")
    yield from concluded(_redactions(snapshot, account), ok("redaction", layout.WARC, f"{number}: nothing but X there"))


def _redactions(snapshot: Snapshot, account: CustodyManifest) -> Iterator[Finding]:
    starts = {id: record.start or b"" for id, record in snapshot.records.items()}
    room = {id: len(start) for id, start in starts.items()}
    for redaction in account.redactions:
        start = starts.get(redaction.record, b"")
        end = redaction.offset + redaction.length
        # Redactions do not overlap; together they are no longer than what they stand in.
        room[redaction.record] = room.get(redaction.record, 0) - redaction.length
        if redaction.offset < 0 or redaction.length < 1 or end > len(start) or room[redaction.record] < 0:
            yield failure("redaction", _PATH, "a redaction is declared where no request or head of a response is")
        elif start.count(b"X", redaction.offset, end) != redaction.length:
            detail = f"bytes of a record are declared to be redacted ({shown(redaction.what, 40)}) and are not"
            yield failure("redaction", layout.WARC, detail)
