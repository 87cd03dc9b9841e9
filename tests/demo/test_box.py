"""The box serves over a proxy and directly, logs what really went over the wire, and stops without a trace."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import threading
import time

import httpx
import pytest

from archiver.demo import posts
from archiver.demo.box import Box
from archiver.demo.wire import Reply, Request

GET = b"GET /jo/status/1?s=20 HTTP/1.1\r\nHOST: x.com\r\nX-Odd:  two  spaces \r\n\r\n"


def test_log_of_a_tunnel_is_what_the_client_sent_and_got(box, dial):
    client = dial.proxy()
    for piece in (b"CONN", b"ECT x.com:443 HTTP/1.1\r\nHost: x.c", b"om:443\r\n\r", b"\n"):
        client.send(piece)
        time.sleep(0.01)
    client.read_until(b"\r\n\r\n")
    connect = (client.sent, client.got)
    client.start_tls(box.ca_file, "x.com")
    for _ in range(2):
        client.send(GET)
        client.read_until(b"</html>\n")
    [connection] = box.connections
    assert connection.target == "x.com:443"
    assert connection.tls
    assert (connection.connect_request, connection.connect_response) == connect
    assert b"".join(exchange.request for exchange in connection.exchanges) == client.sent
    assert b"".join(exchange.response for exchange in connection.exchanges) == client.got
    assert [exchange.response_bytes for exchange in connection.exchanges] == [len(client.got) // 2] * 2
    first = connection.exchanges[0]
    assert (first.host, first.method, first.target) == ("x.com", "GET", "/jo/status/1?s=20")


def test_log_of_plain_http_through_the_proxy_is_what_the_client_sent_and_got(box, dial):
    client = dial.proxy()
    client.send(b"GET http://T.co/Hb4kQ9mZtR HTTP/1.1\r\nHost: t.co\r\n\r\n")
    answer = client.read_until(b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 301 Moved Permanently\r\n")
    [exchange] = box.requests("t.co")
    assert (exchange.request, exchange.response) == (client.sent, answer)
    assert box.connections[0].connect_request == b""
    assert not box.connections[0].tls


def test_client_that_is_refused_by_the_proxy_hears_so(box, dial):
    client = dial.proxy()
    client.send(b"CONNECT unknown.example:443 HTTP/1.1\r\n\r\n")
    assert client.read_all().startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
    assert box.connections[0].connect_response == client.got
    plain = dial.proxy()
    plain.send(b"GET http://unknown.example/ HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert plain.read_all().startswith(b"HTTP/1.1 502 Bad Gateway\r\n")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\nHost: x.com\r\n\r\n",
        b"GET http://x.com/ HTTP/1.1\r\nHost x.com\r\n\r\n",
        b"hello\r\n\r\n",
        b"POST http://x.com/ HTTP/1.1\r\nContent-Length: many\r\n\r\n",
    ],
)
def test_proxy_refuses_what_no_client_may_send(box, dial, request_bytes):
    client = dial.proxy()
    client.send(request_bytes)
    assert client.read_all().startswith(b"HTTP/1.1 400 ")
    assert box.exchanges == ()


def test_tunnel_serves_only_the_host_that_it_leads_to(dial):
    client = dial.tunnel("x.com")
    client.send(b"GET / HTTP/1.1\r\nHost: t.co\r\n\r\n")
    assert client.read_until(b"\r\n\r\n").startswith(b"HTTP/1.1 421 ")


def test_request_may_come_byte_by_byte_and_carry_a_body(box, dial):
    box.add("echo.example", lambda request: Reply(200, (("X-Method", request.method),), request.body))
    client = dial.tunnel("echo.example")
    for byte in b"POST / HTTP/1.1\r\nHost: echo.example\r\nContent-Length: 5\r\n\r\nhello":
        client.send(bytes([byte]))
    answer = client.read_until(b"hello")
    assert b"X-Method: POST\r\n" in answer
    assert box.exchanges[0].request == client.sent


def test_head_has_the_length_and_no_body_and_close_closes(dial):
    client = dial.tunnel("x.com")
    client.send(b"HEAD /jo/status/1 HTTP/1.1\r\nHost: x.com\r\n\r\n")
    head = client.read_until(b"\r\n\r\n")
    assert b"Content-Length: " in head
    client.send(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert b"\r\nConnection: close\r\n" in client.read_all()


def test_direct_listener_speaks_as_the_host_that_the_client_names(box, dial):
    port = box.direct("x.com")
    assert box.direct("x.com") == port
    for name, expected in (("x.com", b"404"), ("t.co", b"404"), (None, b"404")):
        client = dial.port(port)
        client.start_tls(box.ca_file, name)
        names = client.socket.getpeercert()["subjectAltName"]
        assert names == (("DNS", name or "x.com"),)
        client.send(f"GET / HTTP/1.1\r\nHost: {name or 'x.com'}\r\n\r\n".encode())
        assert client.read_until(b"</html>\n").split()[1] == expected
    stranger = dial.port(port)
    with pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"):
        stranger.start_tls(box.ca_file, "unknown.example")


def test_plain_listener_goes_by_the_host_field(box, dial):
    client = dial.port(box.direct_plain())
    client.send(b"GET /Hb4kQ9mZtR HTTP/1.1\r\nHost: PIC.twitter.com:80\r\n\r\n")
    assert b"location: https://t.co/Hb4kQ9mZtR\r\n" in client.read_until(b"\r\n\r\n")
    assert box.exchanges[0].host == "pic.twitter.com"


def test_httpx_with_the_environment_of_the_box_sees_a_valid_certificate(box):
    with httpx.Client(proxy=box.proxy_url, verify=ssl.create_default_context(cafile=box.ca_file)) as client:
        answer = client.get(posts.SHELLING.short_url, follow_redirects=True)
    assert str(answer.url) == posts.SHELLING.media_url
    assert [exchange.host for exchange in box.exchanges] == ["t.co", "x.com"]
    assert set(box.environment()) == {"HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy", "SSL_CERT_FILE"}


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_goes_through_the_box(box):
    command = ["curl", "-sS", "--http1.1", "--cacert", str(box.ca_file), "-r", "4-7", "-o", "-"]
    video = posts.SHELLING.media[0]
    run = subprocess.run(
        [*command, video.url(video.variants[0])],
        env={**os.environ, **box.environment(), "NO_PROXY": "", "no_proxy": ""},
        capture_output=True,
        check=True,
        timeout=30,
    )
    assert run.stdout == b"ftyp"
    assert box.exchanges[0].response.endswith(run.stdout)


def test_log_without_bytes_keeps_the_counts():
    piece = memoryview(bytes(1 << 18))

    def big(_request: Request) -> Reply:
        return Reply(body=(piece for _ in range(16)), length=16 * len(piece))

    with Box(keep_bytes=False) as box:
        box.add("big.example", big)
        with httpx.Client(proxy=box.proxy_url, verify=ssl.create_default_context(cafile=box.ca_file)) as client:
            answer = client.get("https://big.example/")
        [exchange] = box.exchanges
    assert answer.content == bytes(16 << 18)
    assert exchange.response_bytes > 16 << 18
    assert (exchange.request, exchange.response) == (b"", b"")
    assert exchange.request_bytes > 0


def test_client_that_goes_away_leaves_no_noise(box, dial, capfd):
    piece = memoryview(bytes(1 << 18))
    box.add("endless.example", lambda _request: Reply(body=(piece for _ in range(1 << 20)), length=1 << 38))
    for leave in (b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: endless.example\r\n\r\n"):
        client = dial.tunnel("endless.example")
        client.send(leave)
        client.close()
    impatient = dial.proxy()
    impatient.send(b"CONNECT x.com:443 HTTP/1.1\r\n\r\n")
    impatient.close()
    box.close()
    assert capfd.readouterr() == ("", "")


def test_closing_is_quick_and_ends_every_thread_and_file(dial, box):
    before = {thread for thread in threading.enumerate() if not thread.name.startswith("demo-")}
    box.add("endless.example", lambda _request: Reply(body=(bytes(1 << 20) for _ in range(1 << 20)), length=1 << 40))
    waiting = dial.tunnel("x.com")
    busy = dial.tunnel("endless.example")
    busy.send(b"GET / HTTP/1.1\r\nHost: endless.example\r\n\r\n")
    busy.read_until(b"\x00")
    silent = dial.proxy()
    undecided = dial.proxy()
    undecided.send(b"CONNECT x.com:443 HTTP/1.1\r\n\r\n")
    undecided.read_until(b"\r\n\r\n")
    start = time.monotonic()
    box.close()
    assert time.monotonic() - start < 2
    assert silent.read_all() == b""
    with pytest.raises((ssl.SSLError, OSError)):
        waiting.read_all()
    assert set(threading.enumerate()) <= before
    assert not box.ca_file.exists()
    box.close()
    with pytest.raises(ValueError, match="closed"):
        box.direct("x.com")
