"""Builds the parts of a custody manifest that describe what was recorded; it takes facts in and states no opinion."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Literal

from archiver.custody.manifest import (
    SUMMARY_TEXT,
    Certificate,
    Comparison,
    ExchangeEntry,
    Input,
    RecordEntry,
    RedactionEntry,
    ServerDate,
    Summary,
)
from archiver.custody.server_dates import server_date
from archiver.exchange_records import RecordedExchange
from archiver.model import Fact
from archiver.times import to_warc_date
from archiver.warc import Written


def exchange_entries(recorded: Iterable[RecordedExchange]) -> tuple[ExchangeEntry, ...]:
    """Describe every exchange, in order."""
    return tuple(_exchange_entry(item) for item in recorded)


def _exchange_entry(item: RecordedExchange) -> ExchangeEntry:
    exchange = item.exchange
    request, response = item.record("request"), item.record("response")
    return ExchangeEntry(
        purpose=exchange.purpose,
        method=exchange.method,
        url=exchange.url,
        started=to_warc_date(exchange.started),
        ended=to_warc_date(exchange.ended),
        status=exchange.status or 0,
        request=request.id if request else "",
        response=response.id if response else "",
        connection=exchange.connection.id if exchange.connection else "",
        truncated=exchange.truncated or "",
        failure=exchange.failure.reason if exchange.failure else "",
        detail=exchange.failure.detail if exchange.failure else "",
    )


def record_entries(info: Written, recorded: Iterable[RecordedExchange]) -> tuple[RecordEntry, ...]:
    """Describe every record of the WARC, in the order of the file, the warcinfo record first."""
    entries = [_record_entry("warcinfo", info)]
    entries += [_record_entry(record.role, record.written) for item in recorded for record in item.records]
    return tuple(entries)


def _record_entry(role: str, written: Written) -> RecordEntry:
    return RecordEntry(
        id=written.id,
        type=written.type,
        role=role,
        offset=written.offset,
        length=written.length,
        sha256=written.block_sha256,
    )


def redaction_entries(recorded: Iterable[RecordedExchange]) -> tuple[RedactionEntry, ...]:
    """Declare every overwritten credential with the record and the place in its block."""
    return tuple(
        RedactionEntry(record=record, offset=part.offset, length=part.length, what=part.what)
        for item in recorded
        for record, part in item.redactions
    )


def certificates(recorded: Iterable[RecordedExchange]) -> tuple[Certificate, ...]:
    """Describe what secured each connection, once a connection."""
    found: dict[str, Certificate] = {}
    for item in recorded:
        connection = item.exchange.connection
        if connection is not None and connection.chain and connection.id not in found:
            found[connection.id] = Certificate(
                connection=connection.id,
                host=connection.origin,
                tls=connection.tls_version or "",
                cipher=connection.cipher or "",
                fingerprints=tuple(hashlib.sha256(der).hexdigest() for der in connection.chain),
            )
    return tuple(found.values())


def server_dates(recorded: Iterable[RecordedExchange]) -> tuple[ServerDate, ...]:
    """Put each server's Date beside the local time at which its exchange began."""
    found = (
        server_date(item.response_id or "", item.exchange.header("date"), item.exchange.started) for item in recorded
    )
    return tuple(date for date in found if date is not None)


def egress(recorded: Iterable[RecordedExchange]) -> Literal["direct", "proxy", "mixed", "none"]:
    """Tell how the connections went out."""
    kinds = {item.exchange.connection.proxied for item in recorded if item.exchange.connection is not None}
    if not kinds:
        return "none"
    if len(kinds) == 2:
        return "mixed"
    return "proxy" if kinds.pop() else "direct"


def summarise(facts: Sequence[Fact]) -> Summary:
    """Return the few words that lists show of a post."""
    values = {fact.path: fact.value for fact in facts}

    def text(path: str) -> str:
        value = values.get(path, "")
        return value if isinstance(value, str) else ""

    return Summary(
        url=text("/url"),
        author=text("/author/handle"),
        name=text("/author/name"),
        created=text("/created"),
        text=text("/text")[:SUMMARY_TEXT],
        media=sum(path.startswith("/media/") and path.endswith("/kind") for path in values),
    )


def compare_claims(inputs: Iterable[Input], facts: Sequence[Fact], id_time: str) -> tuple[Comparison, ...]:
    """Put what the inputs claim beside what came, once for each different claim.

    Args:
        inputs: with what they claim.
        facts: what the platform says of the post, if anything.
        id_time: the time in the post's id, empty if it has none; it gives the day where the platform does not.
    """
    values = {fact.path: str(fact.value) for fact in facts}
    author, day = values.get("/author/handle", ""), values.get("/created", id_time)[:10]
    found: dict[tuple[str, str], Comparison] = {}
    for item in inputs:
        claim = item.claim
        if claim.handle and author:
            agrees = claim.handle.lower() == author.lower()
            found["author", claim.handle] = Comparison(what="author", claimed=claim.handle, came=author, agrees=agrees)
        if claim.day and day:
            found["day", claim.day] = Comparison(what="day", claimed=claim.day, came=day, agrees=claim.day == day)
    return tuple(found.values())
