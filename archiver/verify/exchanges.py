"""Checks that the custody manifest's exchanges are those of the WARC: who was asked what, when, and what they said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypeVar

import msgspec

from archiver import canonical
from archiver.case import layout
from archiver.custody.manifest import CustodyManifest, ExchangeEntry
from archiver.errors import FormatError
from archiver.exchange_records import metadata_uri
from archiver.model import Finding, Record
from archiver.verify.findings import concluded, counted, failure, ok, shown
from archiver.verify.scanned import Scan, Scanned
from archiver.verify.snapshot import Snapshot

_Facts = TypeVar("_Facts", bound=Record)
_CHECK = "exchange"
_PATH = layout.CUSTODY_MANIFEST
_URL = re.compile(rb"https?://([^/?]*)(.*)", re.DOTALL)


class Connection(Record, frozen=True, kw_only=True):
    """What a connection record says."""

    address: str
    cipher: str
    id: str
    opened: str
    origin: str
    proxied: bool
    tls: str


class Failure(Record, frozen=True, kw_only=True):
    """What a failure record says."""

    detail: str
    ended: str
    method: str
    reason: str


class Belonging(Record, frozen=True, kw_only=True):
    """By what a record and its exchange know each other: URL, time, and the request and response among them."""

    url: str
    started: str
    ids: frozenset[str]


def check_exchanges(snapshot: Snapshot) -> Iterator[Finding]:
    """Check every exchange against its records, and every record for an exchange that it belongs to."""
    account, warc = snapshot.account, snapshot.warc
    if isinstance(account, FormatError) or isinstance(warc, FormatError) or warc.fault:
        return
    conclusion = ok(_CHECK, _PATH, f"{counted(len(account.exchanges), 'exchange')} are as their records say")
    blamed = snapshot.blame(_PATH, layout.WARC)
    yield from concluded(
        (failure(_CHECK, blamed, detail) for detail in _exchanges(snapshot.records, account, warc)), conclusion
    )


def _exchanges(records: Mapping[str, Scanned], account: CustodyManifest, warc: Scan) -> Iterator[str]:
    roles = {entry.id: entry.role for entry in account.records}
    connections = dict(_connections(records, roles))
    failures: set[tuple[Belonging, Failure]] = set()
    expected: set[tuple[Belonging, Failure]] = set()
    belongings: set[Belonging] = set()
    answered: list[str] = []
    for number, exchange in enumerate(account.exchanges, 1):
        which = f"exchange {number}, for {shown(exchange.url, 80)},"
        for detail in _faults(exchange, records, roles, connections):
            yield f"{which} {detail}"
        belonging = _of_exchange(exchange)
        belongings.add(belonging)
        answered += belonging.ids
        if exchange.failure:
            told = Failure(
                detail=exchange.detail, ended=exchange.ended, method=exchange.method, reason=exchange.failure
            )
            expected.add((belonging, told))
    for record in warc.records[1:]:
        role = roles.get(record.header.id, "")
        belonging = _of_record(record, role)
        if belonging not in belongings:
            yield f"the record at byte {record.header.offset} belongs to no exchange"
        if role == "failure" and (read := read_facts(record, Failure)) is not None:
            failures.add((belonging, read))
    if failures != expected:
        yield "the failures of the exchanges are not those that are recorded"
    named = sorted(id for id, role in roles.items() if role in ("request", "response"))
    if sorted(answered) != named:
        yield "the requests and responses are not each part of one exchange"


def _of_exchange(exchange: ExchangeEntry) -> Belonging:
    ids = frozenset({exchange.request, exchange.response} - {""})
    return Belonging(url=exchange.url, started=exchange.started, ids=ids)


def _of_record(record: Scanned, role: str) -> Belonging:
    header = record.header
    url = header.get("WARC-Target-URI") or ""
    if header.type == "metadata":
        before = metadata_uri(role, "")
        url = url.removeprefix(before) if url.startswith(before) else ""
    ids = {value.strip("<>") for name, value in header.fields if name == "WARC-Concurrent-To"}
    if header.type in ("request", "response"):
        ids.add(header.id)
    return Belonging(url=url, started=header.get("WARC-Date") or "", ids=frozenset(ids))


def _faults(
    exchange: ExchangeEntry,
    records: Mapping[str, Scanned],
    roles: Mapping[str, str],
    connections: Mapping[str, tuple[int, Connection]],
) -> Iterator[str]:
    if exchange.detail and not exchange.failure:
        yield "has details of a failure, and no failure"
    connection = connections.get(exchange.connection)
    if exchange.connection and connection is None:
        yield "went over a connection that is not recorded"
    for role, id in (("request", exchange.request), ("response", exchange.response)):
        record = records.get(id)
        if not id:
            continue
        if record is None or roles.get(id) != role:
            yield f"names a {role} record that is not there"
            continue
        if _of_record(record, role) != _of_exchange(exchange):
            yield f"has a {role} record of another URL, time or exchange"
        if connection is not None:
            yield from _connection_faults(record, *connection)
    yield from _message_faults(exchange, records)


def _message_faults(exchange: ExchangeEntry, records: Mapping[str, Scanned]) -> Iterator[str]:
    request, response = records.get(exchange.request), records.get(exchange.response)
    if request is not None and not (request.start or b"").startswith(exchange.method.encode("utf-8", "replace") + b" "):
        yield "has another method than its request"
    elif request is not None and request.start and not _asks_for(request.start, exchange.url):
        yield "has a request that asks another server or for something else"
    status = response.payload.head.status if response is not None and response.payload is not None else 0
    if status != exchange.status:
        yield f"has another status than its record, which says {status}"
    truncated = response.header.get("WARC-Truncated") if response is not None else None
    if (truncated or "") != exchange.truncated:
        yield "is truncated in another way than its record"


def _asks_for(request: bytes, url: str) -> bool:
    """Tell whether the first line and the Host of a request are those of a URL (RFC 9112, section 3.2)."""
    line, *fields = request.partition(b"\r\n\r\n")[0].split(b"\r\n")
    whole = url.partition("#")[0].encode("utf-8", "replace")
    found = _URL.fullmatch(whole)
    if found is None:
        return False
    authority, path = found[1].rpartition(b"@")[2], found[2]
    target = path if path.startswith(b"/") else b"/" + path
    hosts = [value.strip() for name, _, value in (item.partition(b":") for item in fields) if name.lower() == b"host"]
    # Through a proxy, what needs no tunnel is asked for by its whole URL.
    absolute = found[0][: found.start(2)] + target
    return line.split(b" ")[1:2] in ([target], [absolute]) and [host.lower() for host in hosts] == [authority.lower()]


def _connection_faults(record: Scanned, offset: int, connection: Connection) -> Iterator[str]:
    header = record.header
    if offset > header.offset:
        yield "stands before the record of its connection"
    found = [
        (name, value)
        for name, value in header.fields
        if name in ("WARC-IP-Address", "WARC-Protocol", "WARC-Cipher-Suite")
    ]
    address = connection.address.rpartition(":")[0].strip("[]")
    expected = [
        *([("WARC-IP-Address", address)] if address else []),
        ("WARC-Protocol", "http/1.1"),
        *([("WARC-Protocol", connection.tls)] if connection.tls else []),
        *([("WARC-Cipher-Suite", connection.cipher)] if connection.cipher else []),
    ]
    if sorted(found) != sorted(expected):
        yield f"has a {record.header.type} record that tells of its connection what the connection's record does not"


def _connections(
    records: Mapping[str, Scanned], roles: Mapping[str, str]
) -> Iterator[tuple[str, tuple[int, Connection]]]:
    for id, role in roles.items():
        record = records.get(id)
        if role == "connection" and record is not None and (read := read_facts(record, Connection)) is not None:
            yield read.id, (record.header.offset, read)


def read_facts(record: Scanned, kind: type[_Facts]) -> _Facts | None:
    """Return what a metadata record of canonical JSON says, or None if it is not in the form that it has to have."""
    try:
        value = canonical.decode(record.start or b"")
        return msgspec.convert(value, kind) if canonical.is_canonical(record.start or b"", value) else None
    except (FormatError, msgspec.ValidationError, UnicodeEncodeError):
        return None
