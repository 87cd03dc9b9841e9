"""An exchange and the records that hold it: which there are, what they say, and how they name each other."""

from __future__ import annotations

import json
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver import exchange_records, warc
from archiver.hashing import sha256_hex
from archiver.model import Body, Connection, Exchange, Failure

STARTED = datetime(2026, 11, 23, 1, 35, 12, 5, tzinfo=UTC)
CONNECTION = Connection(
    id="urn:uuid:11111111-1111-4111-8111-111111111111",
    opened=STARTED - timedelta(seconds=1),
    origin="x.com:443",
    address="[2606:4700::6810:1]:443",
    proxied=False,
    tls_version="tls/1.3",
    cipher="TLS_AES_256_GCM_SHA384",
    chain=(b"\x30leaf" * 30, b"\x30root"),
)
TUNNEL = Connection(
    id="urn:uuid:22222222-2222-4222-8222-222222222222",
    opened=STARTED,
    origin="x.com:443",
    address=None,
    proxied=True,
    connect_request=b"CONNECT x.com:443 HTTP/1.1\r\n\r\n",
    connect_response=b"HTTP/1.1 200 OK\r\n\r\n",
)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"


def exchange(**changes: object) -> Exchange:
    values: dict[str, object] = {
        "purpose": "photo",
        "method": "GET",
        "url": "https://x.com/a",
        "started": STARTED,
        "ended": STARTED + timedelta(seconds=2),
        "request": b"GET /a HTTP/1.1\r\nHost: x.com\r\n\r\n",
        "head": HEAD,
        "status": 200,
        "body": Body(data=b"body", size=4, sha256=sha256_hex(b"body")),
        "block_sha256": sha256_hex(HEAD + b"body"),
        "connection": CONNECTION,
    }
    return Exchange(**(values | changes))


@pytest.fixture
def write(tmp_path, read_warc):
    """Return a function that writes one exchange and returns what was told and what the WARC has."""

    def run(item: Exchange, *, new_connection: bool = True):
        path: Path = tmp_path / "w"
        writer = warc.WarcWriter(path)
        recorded = exchange_records.write_exchange(writer, item, new_connection=new_connection)
        writer.close()
        records = list(read_warc(path))
        assert [record.written.id for record in recorded.records] == [
            value[1:-1] for fields, _ in records for name, value in fields if name == "WARC-Record-ID"
        ]
        return recorded, {
            record.role: (fields, block) for record, (fields, block) in zip(recorded.records, records, strict=True)
        }

    return run


def values(fields: list[tuple[str, str]], name: str) -> list[str]:
    return [value for key, value in fields if key == name]


def test_a_good_exchange_is_request_and_response_after_its_connection(write):
    recorded, records = write(exchange())
    assert list(records) == ["connection", "certificates", "request", "response"]
    assert records["request"][1] == recorded.exchange.request
    assert records["response"][1] == HEAD + b"body"
    assert recorded.response_id == recorded.record("response").id
    assert recorded.record("failure") is None


def test_the_connection_is_written_once_only(write):
    _, records = write(exchange(), new_connection=False)
    assert list(records) == ["request", "response"]


def test_request_and_response_say_how_they_travelled(write):
    _, records = write(exchange())
    for role in ("request", "response"):
        fields = records[role][0]
        assert values(fields, "WARC-Target-URI") == ["https://x.com/a"]
        assert values(fields, "WARC-Protocol") == ["http/1.1", "tls/1.3"]
        assert values(fields, "WARC-Cipher-Suite") == ["TLS_AES_256_GCM_SHA384"]
        assert values(fields, "WARC-IP-Address") == ["2606:4700::6810:1"]
        assert values(fields, "WARC-Date") == ["2026-11-23T01:35:12.000005Z"]
        assert values(fields, "WARC-Truncated") == []


def test_nothing_is_said_of_an_address_behind_a_proxy(write):
    _, records = write(exchange(connection=TUNNEL))
    assert list(records) == ["connection", "connect-request", "connect-response", "request", "response"]
    assert not any(name == "WARC-IP-Address" for fields, _ in records.values() for name, _ in fields)
    assert values(records["request"][0], "WARC-Protocol") == ["http/1.1"]
    assert values(records["request"][0], "WARC-Cipher-Suite") == []
    assert records["connect-request"][1] == TUNNEL.connect_request
    assert records["connect-response"][1] == TUNNEL.connect_response


def test_an_ipv4_address_is_named_without_its_port(write):
    direct = Connection(id="urn:uuid:3", opened=STARTED, origin="x.com:80", address="192.0.2.7:80", proxied=False)
    _, records = write(exchange(connection=direct))
    assert values(records["response"][0], "WARC-IP-Address") == ["192.0.2.7"]


def test_the_connection_record_is_canonical_json(write):
    _, records = write(exchange())
    block = records["connection"][1]
    assert json.loads(block) == {
        "address": "[2606:4700::6810:1]:443",
        "cipher": "TLS_AES_256_GCM_SHA384",
        "id": CONNECTION.id,
        "opened": "2026-11-23T01:35:11.000005Z",
        "origin": "x.com:443",
        "proxied": False,
        "tls": "tls/1.3",
    }
    assert b" " not in block


def test_certificates_are_pem_in_the_order_in_which_they_came(write):
    _, records = write(exchange())
    text = records["certificates"][1].decode("ascii")
    parts = [part + "-----END CERTIFICATE-----\n" for part in text.split("-----END CERTIFICATE-----\n")[:-1]]
    assert tuple(map(ssl.PEM_cert_to_DER_cert, parts)) == CONNECTION.chain
    assert max(map(len, text.splitlines())) == 64


def test_every_record_of_an_exchange_names_its_request_and_response(write):
    early = b"HTTP/1.1 103 Early Hints\r\n\r\n"
    recorded, records = write(
        exchange(interim=(early, early), stray=b"more", failure=Failure(reason="protocol", detail="odd"))
    )
    assert [record.role for record in recorded.records] == [
        "connection",
        "certificates",
        "request",
        "interim",
        "interim",
        "response",
        "stray",
        "failure",
    ]
    request, response = f"<{recorded.record('request').id}>", f"<{recorded.record('response').id}>"
    assert values(records["request"][0], "WARC-Concurrent-To") == [response]
    assert values(records["response"][0], "WARC-Concurrent-To") == [request]
    for role in ("connection", "certificates", "interim", "stray", "failure"):
        assert values(records[role][0], "WARC-Concurrent-To") == [request, response]
        assert values(records[role][0], "WARC-Target-URI") == [f"urn:archiver:{role}:https://x.com/a"]
    assert (records["interim"][1], records["stray"][1]) == (early, b"more")


def test_a_failure_without_answer_leaves_request_and_failure(write):
    gone = Failure(reason="timeout", detail="x.com: timed out – «später»")
    recorded, records = write(exchange(head=b"", status=None, body=Body(), failure=gone))
    assert list(records) == ["connection", "certificates", "request", "failure"]
    assert records["failure"][1] == (
        b'{"detail":"x.com: timed out \\u2013 \\u00absp\\u00e4ter\\u00bb","ended":"2026-11-23T01:35:14.000005Z",'
        b'"method":"GET","reason":"timeout"}'
    )
    assert recorded.response_id is None


def test_a_failure_before_any_connection_leaves_one_record_that_names_no_other(write):
    refused = Failure(reason="address-refused", detail="no")
    _, records = write(exchange(request=b"", head=b"", status=None, body=Body(), connection=None, failure=refused))
    assert list(records) == ["failure"]
    assert values(records["failure"][0], "WARC-Concurrent-To") == []


@pytest.mark.parametrize("token", ["length", "time", "disconnect", "unspecified"])
def test_what_is_cut_is_marked(write, token):
    _, records = write(exchange(truncated=token))
    assert values(records["response"][0], "WARC-Truncated") == [token]
    assert values(records["request"][0], "WARC-Truncated") == []


def test_the_payload_digest_is_over_what_follows_the_head(write):
    _, records = write(exchange())
    fields = records["response"][0]
    assert values(fields, "WARC-Payload-Digest") != values(fields, "WARC-Block-Digest")
    assert values(records["request"][0], "WARC-Payload-Digest") == []
