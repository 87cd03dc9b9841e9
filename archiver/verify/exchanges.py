"""Checks that the custody manifest's exchanges are those of the WARC: who was asked what, when, and what they said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import TypeVar
from urllib.parse import urlsplit

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
_PORTS = {"http": 80, "https": 443}
_OF_A_CONNECTION = frozenset({"connect-request", "connect-response", "certificates"})


class Connection(Record, frozen=True, kw_only=True):
    """What a connection record says."""

    address: str
    cipher: str
    id: str
    opened: str
    origin: str
    proxied: bool
    tls: str


class Opened(Record, frozen=True, kw_only=True):
    """A connection as it stands in the WARC.

    Attributes:
        offset: where its record begins.
        told: what that says.
        beside: roles of the records that belong to it.
    """

    offset: int
    told: Connection
    beside: frozenset[str]

    @property
    def tunnelled(self) -> bool:
        """Whether a proxy was asked for a tunnel and answered."""
        return {"connect-request", "connect-response"} <= self.beside


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
    opened = tuple(connections(records, account))
    known = {connection.told.id for connection in opened}
    failures: set[tuple[Belonging, Failure]] = set()
    expected: set[tuple[Belonging, Failure]] = set()
    belongings: set[Belonging] = set()
    answered: list[str] = []
    for number, exchange in enumerate(account.exchanges, 1):
        which = f"exchange {number}, for {shown(exchange.url, 80)},"
        for detail in _faults(exchange, records, roles, known):
            yield f"{which} {detail}"
        belonging = _of_exchange(exchange)
        belongings.add(belonging)
        answered += belonging.ids
        if exchange.failure:
            told = Failure(
                detail=exchange.detail, ended=exchange.ended, method=exchange.method, reason=exchange.failure
            )
            expected.add((belonging, told))
    yield from _connection_faults(opened, account, records)
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
    exchange: ExchangeEntry, records: Mapping[str, Scanned], roles: Mapping[str, str], connections: Set[str]
) -> Iterator[str]:
    if exchange.detail and not exchange.failure:
        yield "has details of a failure, and no failure"
    if exchange.connection and exchange.connection not in connections:
        yield "went over a connection that is not recorded"
    elif not exchange.connection and (exchange.request or exchange.response):
        yield "has a request or a response, and went over no connection"
    for role, id in (("request", exchange.request), ("response", exchange.response)):
        record = records.get(id)
        if not id:
            continue
        if record is None or roles.get(id) != role:
            yield f"names a {role} record that is not there"
        elif _of_record(record, role) != _of_exchange(exchange):
            yield f"has a {role} record of another URL, time or exchange"
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


def connections(records: Mapping[str, Scanned], account: CustodyManifest) -> Iterator[Opened]:
    """Yield each recorded connection, with the records up to the next exchange or connection, which belong to it."""
    last: tuple[Scanned, Connection] | None = None
    beside: set[str] = set()
    for entry in account.records:
        record = records.get(entry.id)
        if record is None:
            continue
        if last is not None and entry.role in _OF_A_CONNECTION:
            beside.add(entry.role)
            continue
        if last is not None:
            yield Opened(offset=last[0].header.offset, told=last[1], beside=frozenset(beside))
        told = read_facts(record, Connection) if entry.role == "connection" else None
        last, beside = (None if told is None else (record, told)), set()
    if last is not None:
        yield Opened(offset=last[0].header.offset, told=last[1], beside=frozenset(beside))


def _connection_faults(
    opened: Sequence[Opened], account: CustodyManifest, records: Mapping[str, Scanned]
) -> Iterator[str]:
    """Hold each connection against the exchanges that went over it; what is wrong with it is told once."""
    used: dict[str, list[ExchangeEntry]] = {}
    for exchange in account.exchanges:
        used.setdefault(exchange.connection, []).append(exchange)
    known = [connection.told.id for connection in opened]
    if len(set(known)) != len(known):
        yield "a connection is recorded twice"
    elif used.keys() - {""} < set(known):
        yield "a connection is recorded that no exchange went over"
    for connection in opened:
        if connection.told.proxied == bool(connection.told.address):
            yield f"the connection {shown(connection.told.id)} has an address behind a proxy, or has none and no proxy"
            continue
        faults = (
            fault
            for exchange in used.get(connection.told.id, ())
            for fault in (*_origin_faults(exchange, connection), *_wire_faults(exchange, connection, records))
        )
        for fault in dict.fromkeys(faults):
            yield f"the connection {shown(connection.told.id)} {fault}"


def _origin_faults(exchange: ExchangeEntry, connection: Opened) -> Iterator[str]:
    """Check that a connection leads to where a URL is, secured if it has to be."""
    told, scheme = connection.told, exchange.url.partition(":")[0]
    # To a proxy that is asked without a tunnel, one connection carries what is for many servers, or for none yet.
    shared = told.proxied and not connection.tunnelled
    if told.origin != _origin(exchange.url) and not (shared and (told.tls or not told.origin)):
        yield "leads to another server than a URL that was asked for over it"
    if exchange.request and scheme == "https":
        if not told.tls:
            yield "has no TLS, and a URL of https was asked for over it"
        elif shared:
            yield "goes through a proxy, and no tunnel is recorded in which https was asked for"
    elif told.tls and scheme == "http" and not shared:
        yield "has TLS, and a URL of http was asked for over it"


def _origin(url: str) -> str:
    """Return host and port of a URL as connections tell them; empty if it has none."""
    try:
        parts = urlsplit(url)
        return f"{parts.hostname or ''}:{parts.port or _PORTS.get(parts.scheme, 0)}"
    except ValueError:
        return ""


def _wire_faults(exchange: ExchangeEntry, connection: Opened, records: Mapping[str, Scanned]) -> Iterator[str]:
    told = connection.told
    address = told.address.rpartition(":")[0].strip("[]")
    expected = [
        *([("WARC-IP-Address", address)] if address else []),
        ("WARC-Protocol", "http/1.1"),
        *([("WARC-Protocol", told.tls)] if told.tls else []),
        *([("WARC-Cipher-Suite", told.cipher)] if told.cipher else []),
    ]
    for header in (records[id].header for id in (exchange.request, exchange.response) if id in records):
        if connection.offset > header.offset:
            yield "is recorded after an exchange that went over it"
        found = [
            (name, value)
            for name, value in header.fields
            if name in ("WARC-IP-Address", "WARC-Protocol", "WARC-Cipher-Suite")
        ]
        if sorted(found) != sorted(expected):
            yield "is not what a request or response says that went over it"


def read_facts(record: Scanned, kind: type[_Facts]) -> _Facts | None:
    """Return what a metadata record of canonical JSON says, or None if it is not in the form that it has to have."""
    try:
        value = canonical.decode(record.start or b"")
        return msgspec.convert(value, kind) if canonical.is_canonical(record.start or b"", value) else None
    except (FormatError, msgspec.ValidationError, UnicodeEncodeError):
        return None
