"""The SOCKS5 listener leads to the same world as the HTTP proxy, and refuses by the standard's own words."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from urllib.parse import urlsplit

import pytest

from archiver.demo import faults, posts
from archiver.demo.box import Box

NO_METHOD = b"\x05\x01\x00"
GRANTED = b"\x05\x00\x00\x01" + bytes(6)


def name(host: str) -> bytes:
    return b"\x03" + bytes([len(host)]) + host.encode()


def request(address: bytes, port: int, command: int = 1) -> bytes:
    return bytes((5, command, 0)) + address + port.to_bytes(2, "big")


def enter(box: Box, dial, url: str = ""):
    return dial.port(urlsplit(url or box.socks_url).port)


def open_to(box: Box, dial, address: bytes, port: int):
    client = enter(box, dial)
    client.send(NO_METHOD)
    client.read_until(b"\x05\x00")
    client.send(request(address, port))
    client.read_until(GRANTED)
    return client


@pytest.mark.parametrize(
    ("address", "authority"),
    [
        (name("X.com"), "x.com:443"),
        (b"\x01" + socket.inet_aton("192.0.2.7"), "192.0.2.7:443"),
        (b"\x04" + socket.inet_pton(socket.AF_INET6, "2001:db8::7"), "[2001:db8::7]:443"),
    ],
)
def test_each_kind_of_address_leads_to_the_host_that_the_handshake_names(box, dial, address, authority):
    client = open_to(box, dial, address, 443)
    sent, got = client.sent, client.got
    client.start_tls(box.ca_file, "x.com")
    client.send(b"GET /a/status/1 HTTP/1.1\r\nHost: x.com\r\n\r\n")
    assert client.read_until(b"</html>\n").startswith(b"HTTP/1.1 404 ")
    [connection] = box.connections
    assert (connection.target, connection.tls) == (authority, True)
    assert (connection.socks_request, connection.socks_response) == (sent, got)
    assert (connection.connect_request, connection.connect_response) == (b"", b"")
    [exchange] = connection.exchanges
    assert (exchange.request, exchange.response) == (client.sent, client.got)


@pytest.mark.parametrize("address", [name("t.co"), b"\x01" + socket.inet_aton("192.0.2.7")])
def test_port_80_is_served_without_tls(box, dial, address):
    client = open_to(box, dial, address, 80)
    client.send(f"GET /{posts.PHOTO.short_code} HTTP/1.1\r\nHost: t.co\r\n\r\n".encode())
    assert f"location: {posts.PHOTO.media_url}\r\n".encode() in client.read_until(b"\r\n\r\n")
    assert not box.connections[0].tls


def test_name_leads_to_no_other_host(box, dial):
    client = open_to(box, dial, name("t.co"), 80)
    client.send(b"GET / HTTP/1.1\r\nHost: x.com\r\n\r\n")
    assert client.read_until(b"\r\n\r\n").startswith(b"HTTP/1.1 421 ")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (request(name("unknown.example"), 443), 4),
        (request(name("x.com"), 8443), 5),
        (request(name("x.com"), 443, command=2), 7),
        (request(b"\x02ab", 443), 8),
    ],
)
def test_refusals(box, dial, asked, code):
    client = enter(box, dial)
    client.send(NO_METHOD + asked)
    assert client.read_all() == b"\x05\x00\x05" + bytes([code, 0, 1]) + bytes(6)
    assert box.connections[0].socks_response == client.got


def test_fault_of_the_tunnel_is_a_refusal_here(box, dial):
    box.faults.add(faults.ConnectRefused(), host="x.com")
    client = enter(box, dial)
    client.send(NO_METHOD + request(name("x.com"), 443))
    assert client.read_all()[3] == 2
    open_to(box, dial, name("x.com"), 443).start_tls(box.ca_file, "x.com")


@pytest.mark.parametrize(("given", "ending"), [(b"\x04jose\x03p:w", b"\x01\x00"), (b"\x04jose\x02pw", b"\x01\x01")])
def test_credentials(box, dial, given, ending):
    url = box.socks_url_for("jose", "p:w")
    assert urlsplit(url).netloc.startswith("jose:p%3Aw@127.0.0.1:")
    assert box.socks_url_for("jose", "p:w") == url != box.socks_url
    client = enter(box, dial, url)
    client.send(b"\x05\x02\x00\x02" + b"\x01" + given)
    assert client.read_until(ending) == b"\x05\x02" + ending
    if ending == b"\x01\x00":
        client.send(request(name("x.com"), 443))
        client.read_until(GRANTED)
    else:
        assert client.read_all() == b""


def test_client_without_the_method_that_is_asked_for_is_refused(box, dial):
    client = enter(box, dial, box.socks_url_for("jose", "pw"))
    client.send(NO_METHOD)
    assert client.read_all() == b"\x05\xff"


def test_what_is_not_socks_is_hung_up_on(box, dial):
    client = enter(box, dial)
    client.send(b"GET / HTTP/1.1\r\n\r\n")
    assert client.read_all() == b""
    assert box.connections[0].target is None


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("resolver", ["socks5h", "socks5"])
def test_curl_goes_through(box, resolver):
    url = box.socks_url_for("jose", "a b").replace("socks5", resolver)
    command = ["curl", "-sS", "--http1.1", "--cacert", str(box.ca_file), "-r", "4-7"]
    video = posts.SHELLING.media[0]
    run = subprocess.run(
        [*command, "--resolve", "video.twimg.com:443:192.0.2.7", "-x", url, video.url(video.variants[0])],
        env={**os.environ, "NO_PROXY": "", "no_proxy": ""},
        capture_output=True,
        check=True,
        timeout=30,
    )
    assert run.stdout == b"ftyp"
    expected = "video.twimg.com:443" if resolver == "socks5h" else "192.0.2.7:443"
    assert [connection.target for connection in box.connections] == [expected]
