"""Turns an exchange into the WARC records that hold it, and says which is which; it decides nothing about content.

One exchange becomes a request and a response record, and metadata records for what fits neither: interim responses, a
failure, stray bytes, and, once for each connection that the capture used, the proxy's CONNECT and the certificates. All
name each other by WARC-Concurrent-To.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Literal

from archiver import canonical
from archiver.http1 import Fields
from archiver.model import Connection, Exchange, Record, Redaction
from archiver.times import to_warc_date
from archiver.warc import WarcWriter, Written, new_record_id

Role = Literal[
    "warcinfo",
    "request",
    "response",
    "interim",
    "stray",
    "failure",
    "connection",
    "certificates",
    "connect-request",
    "connect-response",
]


class ExchangeRecord(Record, frozen=True, kw_only=True):
    """One record that was written for an exchange.

    Attributes:
        role: what the record holds.
        written: where it stands.
    """

    role: Role
    written: Written


class RecordedExchange(Record, frozen=True, kw_only=True):
    """An exchange and the records that hold it in one WARC.

    Attributes:
        exchange: what was exchanged.
        records: the records in the order of the file.
    """

    exchange: Exchange
    records: tuple[ExchangeRecord, ...]

    def record(self, role: Role) -> Written | None:
        """Return the first record of a role, or None."""
        return next((item.written for item in self.records if item.role == role), None)

    @property
    def redactions(self) -> Iterator[tuple[str, Redaction]]:
        """Everything that was overwritten in these records, each with the id of its record."""
        exchange = self.exchange
        beside = [item.written for item in self.records if item.role in ("interim", "stray")]
        places = [
            (self.record("request"), exchange.redactions),
            (self.record("response"), exchange.response_redactions),
            *zip(beside, exchange.beside_redactions, strict=False),
        ]
        if exchange.connection is not None:
            places.append((self.record("connect-request"), exchange.connection.redactions))
        for written, redactions in places:
            if written is not None:
                yield from ((written.id, redaction) for redaction in redactions)

    @property
    def response_id(self) -> str | None:
        """The id of the response record, or None where no response came."""
        written = self.record("response")
        return written.id if written else None


def write_exchange(writer: WarcWriter, exchange: Exchange, *, new_connection: bool) -> RecordedExchange:
    """Append the records of one exchange.

    Args:
        writer: where to.
        exchange: what to write; its body is read once.
        new_connection: whether the connection's own records are not in this WARC yet.

    Raises:
        OSError: the WARC cannot be written or the body cannot be read.
    """
    request_id, response_id = new_record_id(), new_record_id()
    present = [request_id] if exchange.request else []
    if exchange.head:
        present.append(response_id)
    common = _common_headers(exchange)
    records: list[ExchangeRecord] = []

    def concurrent(own: str = "") -> list[tuple[str, str]]:
        return [("WARC-Concurrent-To", f"<{other}>") for other in present if other != own]

    def metadata(role: Role, content_type: str, block: bytes) -> None:
        headers = [("WARC-Target-URI", metadata_uri(role, exchange.url)), *concurrent()]
        written = writer.write("metadata", exchange.started, content_type, head=block, headers=headers)
        records.append(ExchangeRecord(role=role, written=written))

    if new_connection and exchange.connection is not None:
        for role, content_type, block in _connection_blocks(exchange.connection):
            metadata(role, content_type, block)
    if exchange.request:
        written = writer.write(
            "request",
            exchange.started,
            "application/http; msgtype=request",
            head=exchange.request,
            record_id=request_id,
            headers=[*common, *concurrent(request_id)],
        )
        records.append(ExchangeRecord(role="request", written=written))
    for block in exchange.interim:
        metadata("interim", "message/http", block)
    if exchange.head:
        truncated = [("WARC-Truncated", exchange.truncated)] if exchange.truncated else []
        written = writer.write(
            "response",
            exchange.started,
            "application/http; msgtype=response",
            head=exchange.head,
            body=exchange.body,
            block_sha256=exchange.block_sha256,
            payload_sha256=exchange.body.sha256,
            record_id=response_id,
            headers=[*common, *concurrent(response_id), *truncated],
        )
        records.append(ExchangeRecord(role="response", written=written))
    if exchange.stray:
        metadata("stray", "application/octet-stream", exchange.stray)
    if exchange.failure is not None:
        facts = {
            "detail": exchange.failure.detail,
            "ended": to_warc_date(exchange.ended),
            "method": exchange.method,
            "reason": exchange.failure.reason,
        }
        metadata("failure", "application/json", canonical.encode(facts))
    return RecordedExchange(exchange=exchange, records=tuple(records))


def metadata_uri(role: str, url: str) -> str:
    """Return the WARC-Target-URI of a metadata record: not the URL itself, at which replay would look for a page."""
    return f"urn:archiver:{role}:{url}"


def _common_headers(exchange: Exchange) -> Fields:
    headers = [("WARC-Target-URI", exchange.url)]
    connection = exchange.connection
    if connection is None:
        return tuple(headers)
    if connection.address is not None:
        headers.append(("WARC-IP-Address", connection.address.rpartition(":")[0].strip("[]")))
    headers.append(("WARC-Protocol", "http/1.1"))
    if connection.tls_version is not None:
        headers.append(("WARC-Protocol", connection.tls_version))
    if connection.cipher is not None:
        headers.append(("WARC-Cipher-Suite", connection.cipher))
    return tuple(headers)


def _connection_blocks(connection: Connection) -> Iterator[tuple[Role, str, bytes]]:
    facts = {
        "address": connection.address or "",
        "cipher": connection.cipher or "",
        "id": connection.id,
        "opened": to_warc_date(connection.opened),
        "origin": connection.origin,
        "proxied": connection.proxied,
        "tls": connection.tls_version or "",
    }
    yield "connection", "application/json", canonical.encode(facts)
    if connection.connect_request:
        yield "connect-request", _proxy_type(connection), connection.connect_request
    if connection.connect_response:
        yield "connect-response", _proxy_type(connection), connection.connect_response
    if connection.chain:
        yield "certificates", "application/pem-certificate-chain", b"".join(map(_pem, connection.chain))


def _proxy_type(connection: Connection) -> str:
    is_http = connection.connect_request.startswith(b"CONNECT ")
    return "message/http" if is_http else "application/octet-stream"


def _pem(der: bytes) -> bytes:
    text = base64.b64encode(der)
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return b"\n".join([b"-----BEGIN CERTIFICATE-----", *lines, b"-----END CERTIFICATE-----", b""])
