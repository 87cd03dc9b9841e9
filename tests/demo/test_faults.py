"""Every fault does on the wire what its name says, to the request it was meant for and no other."""

from __future__ import annotations

import gzip
import re
import ssl
import time

import pytest

from archiver.demo import faults
from archiver.demo.box import Box
from archiver.demo.wire import Reply

HOST = "site.example"
BODY = bytes(range(256)) * 4
GET = f"GET /page?n=1 HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
DATE = "Mon, 23 Nov 2026 00:00:00 GMT"
HEAD_LENGTH = len(f"HTTP/1.1 200 OK\r\nDate: {DATE}\r\nContent-Type: text/plain\r\nContent-Length: 1024\r\n\r\n")


@pytest.fixture
def client(box, dial):
    serve(box)
    return dial.tunnel(HOST)


def serve(box: Box) -> None:
    box.add(HOST, lambda _request: Reply(200, (("Date", DATE), ("Content-Type", "text/plain")), BODY))


def body_of(answer: bytes) -> bytes:
    return answer.split(b"\r\n\r\n", 1)[1]


def test_status(box, client):
    box.faults.add(faults.Status(429, b"slow down", (("x-rate-limit-reset", "1"),)))
    client.send(GET)
    answer = client.read_until(b"slow down")
    assert answer.startswith(b"HTTP/1.1 429 Too Many Requests\r\n")
    assert b"\r\nx-rate-limit-reset: 1\r\n" in answer


def test_replace(box, client):
    box.faults.add(faults.Replace(b"<html>", "text/html"))
    client.send(GET)
    answer = client.read_until(b"<html>")
    assert b"\r\nContent-Type: text/html\r\n" in answer
    assert b"\r\nContent-Length: 6\r\n" in answer


@pytest.mark.parametrize("after", [0, 7, HEAD_LENGTH + 100])
@pytest.mark.parametrize("tls", [False, True])
def test_reset(box, dial, after, tls):
    serve(box)
    box.faults.add(faults.Reset(after=after))
    client = dial.tunnel(HOST) if tls else dial.port(box.direct_plain())
    client.send(GET)
    # Python 3.11 reports a reset under TLS as an end of file without a close_notify.
    with pytest.raises((ConnectionResetError, ssl.SSLEOFError) if tls else ConnectionResetError):
        client.read_all()
    assert len(client.got) == after
    assert box.exchanges[0].response == client.got


def test_truncate(box, client):
    box.faults.add(faults.Truncate(after=10))
    client.send(GET)
    answer = client.read_all()
    assert b"\r\nContent-Length: 1024\r\n" in answer
    assert body_of(answer) == BODY[:10]
    assert box.exchanges[0].response == answer


@pytest.mark.parametrize("declared", [10, 5000])
def test_wrong_length(box, client, declared):
    box.faults.add(faults.WrongLength(declared=declared))
    client.send(GET)
    answer = client.read_all()
    assert f"\r\nContent-Length: {declared}\r\n".encode() in answer
    assert body_of(answer) == BODY


def test_stall(box, client):
    box.faults.add(faults.Stall(after=HEAD_LENGTH, seconds=0.3))
    start = time.monotonic()
    client.send(GET)
    client.read_until(b"\r\n\r\n")
    assert time.monotonic() - start < 0.25
    client.read_until(BODY)
    assert time.monotonic() - start >= 0.3


def test_stall_ends_when_the_box_is_closed(box, client):
    box.faults.add(faults.Stall(after=HEAD_LENGTH, seconds=600))
    client.send(GET)
    client.read_until(b"\r\n\r\n")
    start = time.monotonic()
    box.close()
    assert time.monotonic() - start < 2
    assert body_of(box.exchanges[0].response) == b""


def test_chunked(box, client):
    box.faults.add(faults.Chunked(sizes=(1000, 20), extension=";a=b", trailers=(("X-Sum", "1"),)))
    client.send(GET)
    answer = client.read_until(b"0;a=b\r\nX-Sum: 1\r\n\r\n")
    assert b"\r\nTransfer-Encoding: chunked\r\n" in answer
    assert b"Content-Length" not in answer
    parts = (b"3e8;a=b\r\n", BODY[:1000], b"\r\n14;a=b\r\n", BODY[1000:1020], b"\r\n4;a=b\r\n", BODY[1020:], b"\r\n")
    assert body_of(answer) == b"".join(parts) + b"0;a=b\r\nX-Sum: 1\r\n\r\n"


def test_gzip(box, client):
    box.faults.add(faults.Gzip())
    client.send(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    answer = client.read_all()
    assert b"\r\nContent-Encoding: gzip\r\n" in answer
    assert gzip.decompress(body_of(answer)) == BODY


def test_early_hints(box, client):
    box.faults.add(faults.EarlyHints())
    client.send(GET)
    answer = client.read_until(BODY)
    hints, rest = answer.split(b"\r\n\r\n", 1)
    assert hints.startswith(b"HTTP/1.1 103 Early Hints\r\nLink: ")
    assert rest.startswith(b"HTTP/1.1 200 OK\r\n")
    assert box.exchanges[0].response == answer


def test_raw(box, client):
    box.faults.add(faults.Raw(b"HTP/9 what\n\n"))
    client.send(GET)
    assert client.read_all() == b"HTP/9 what\n\n"


def test_connect_refused(box, dial):
    box.faults.add(faults.ConnectRefused(407), host="x.com")
    client = dial.proxy()
    client.send(b"CONNECT x.com:443 HTTP/1.1\r\n\r\n")
    assert client.read_all().startswith(b"HTTP/1.1 407 Proxy Authentication Required\r\n")
    dial.tunnel("x.com")


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("expired", "has expired"),
        ("not-yet-valid", "not yet valid"),
        ("self-signed", "self-signed certificate"),
        ("unknown-authority", "unable to get local issuer certificate"),
        ("wrong-host", "Hostname mismatch"),
    ],
)
@pytest.mark.parametrize("direct", [False, True])
def test_bad_certificate(box, dial, kind, why, direct):
    box.faults.add(faults.BadCertificate(kind), host="x.com")
    if direct:
        client = dial.port(box.direct("x.com"))
    else:
        client = dial.proxy()
        client.send(b"CONNECT x.com:443 HTTP/1.1\r\n\r\n")
        client.read_until(b"\r\n\r\n")
    with pytest.raises(ssl.SSLCertVerificationError, match=why):
        client.start_tls(box.ca_file, "x.com")
    dial.tunnel("x.com")


@pytest.mark.parametrize("after", [0, 50, HEAD_LENGTH + 10])
def test_tls_break(box, client, after):
    box.faults.add(faults.TLSBreak(after=after))
    client.send(GET)
    with pytest.raises(ssl.SSLError, match=r"(?i)bad record mac|decryption failed"):
        client.read_all()
    assert box.exchanges[0].response == client.got
    assert len(client.got) == after


@pytest.mark.parametrize("direct", [False, True])
def test_handshake_broken(box, dial, direct):
    box.faults.add(faults.HandshakeBroken(), host="x.com")
    if direct:
        client = dial.port(box.direct("x.com"))
    else:
        client = dial.proxy()
        client.send(b"CONNECT x.com:443 HTTP/1.1\r\n\r\n")
        client.read_until(b"\r\n\r\n")
    with pytest.raises(ssl.SSLError, match=r"(?i)wrong version number"):
        client.start_tls(box.ca_file, "x.com")
    assert not box.connections[0].tls
    dial.tunnel("x.com")


def test_faults_wait_for_their_request_in_turn(box, client):
    box.faults.add(faults.Status(501), host="other.example", times=None)
    box.faults.add(faults.Status(502), method="POST", times=None)
    box.faults.add(faults.Status(503), path="/page", times=2)
    box.faults.add(faults.Status(504), path=re.compile(r"n=1\Z"), host=HOST)
    statuses = []
    for request in (GET, GET.replace(b"/page", b"/elsewhere").replace(b"n=1", b"n=12"), GET, GET, GET):
        client.send(request)
        head = client.read_until(b"\r\n\r\n") if len(statuses) in (0, 2, 3) else client.read_until(BODY)
        statuses.append(int(head.split()[1]))
    assert statuses == [503, 200, 503, 504, 200]


def test_any_function_of_request_and_reply_is_a_fault(box, client):
    box.faults.add(lambda request, reply: reply.with_header("X-Asked", request.resource))
    client.send(GET)
    assert b"\r\nX-Asked: /page?n=1\r\n" in client.read_until(BODY)
