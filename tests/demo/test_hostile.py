"""Hostile servers do what their names say, in few bytes of their own and without holding what they send."""

from __future__ import annotations

import gzip
import time
import zlib

import pytest

from archiver.demo import hostile
from archiver.demo.bombs import pack
from archiver.demo.box import Box
from archiver.demo.wire import Reply

HOST = "site.example"
BODY = b"0123456789"
GET = f"GET /page?n=1 HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode()


@pytest.fixture
def get(box, dial):
    """Return a function from a fault to the bytes of the whole response under it."""
    box.add(HOST, lambda _request: Reply(200, (("Content-Type", "text/plain"),), BODY))

    def under(fault) -> bytes:
        box.faults.add(fault)
        client = dial.tunnel(HOST)
        client.send(GET)
        return client.read_all()

    return under


def parts(answer: bytes) -> tuple[bytes, bytes]:
    head, body = answer.split(b"\r\n\r\n", 1)
    return head, body


@pytest.mark.parametrize("size", [0, 3, 2124, 2125, 70_000, 1 << 20, (1 << 24) + 2125, (1 << 25) + 70_001])
@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_bombs_are_valid_and_as_large_as_they_say(coding, size):
    start = b"hey"[:size]
    packed = pack(coding, size, start)
    data = b"".join(packed.pieces)
    assert len(data) == packed.length
    decompress = {"gzip": gzip.decompress, "deflate": zlib.decompress}.get(coding)
    if decompress is None:
        decompress = pytest.importorskip("brotli").decompress
    assert decompress(data) == start + bytes(size - len(start))


@pytest.mark.parametrize(("coding", "most"), [("gzip", 12_000_000), ("deflate", 12_000_000), ("br", 10_000)])
def test_ten_gigabytes_fit_into_few_bytes(coding, most):
    assert pack(coding, 10 << 30, b"").length < most
    with pytest.raises(ValueError, match="start"):
        pack(coding, 2, b"long")


def test_bomb_goes_out_under_its_coding(get):
    head, body = parts(get(hostile.Bomb("gzip", 5_000_000, start=b"\xff\xd8\xff")))
    assert b"\r\nContent-Encoding: gzip\r\n" in head
    assert f"\r\nContent-Length: {len(body)}\r\n".encode() in head
    assert len(body) < 6000
    assert gzip.decompress(body) == b"\xff\xd8\xff" + bytes(4_999_997)


@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
def test_flood_of_a_size(get, framing):
    head, body = parts(get(hostile.Flood(150_000, framing, start=b"GIF89a")))
    assert (b"Content-Length: 150000" in head) == (framing == "length")
    if framing == "chunked":
        assert body.startswith(b"6\r\nGIF89a\r\n10000\r\n\x00")
        assert body.endswith(b"\r\n0\r\n\r\n")
        assert body.count(b"\x00") == 149_994
    else:
        assert body == b"GIF89a" + bytes(149_994)
    assert parts(get(hostile.Flood(2, start=b"GIF89a")))[1] == b"GI"


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (hostile.Flood(None, claimed=10 << 30), b"Content-Length: 10737418240"),
        (hostile.Flood(10 << 30), b"Content-Length: 10737418240"),
        (hostile.Flood(None, "chunked"), b"Transfer-Encoding: chunked"),
        (hostile.Flood(None, "close"), b"Connection: close"),
    ],
)
def test_flood_goes_on_until_the_client_leaves(fault, says, dial):
    with Box(keep_bytes=False) as box:
        box.add(HOST, lambda _request: Reply(200))
        box.faults.add(fault)
        client = dial.port(box.direct_plain())
        client.send(GET.replace(b"Connection: close\r\n", b""))
        got = b""
        while len(got) < 3_000_000:
            got += client.socket.recv(1 << 20)
        client.close()
        box.close()
        assert says in parts(got)[0]
        assert box.exchanges[0].response == b""
        assert box.exchanges[0].response_bytes > 3_000_000


@pytest.mark.parametrize("start", ["head", "body"])
def test_drip_sends_single_bytes(box, dial, start):
    box.add(HOST, lambda _request: Reply(200, body=BODY))
    box.faults.add(hostile.Drip(0.01, start))
    client = dial.port(box.direct_plain())
    begun = time.monotonic()
    client.send(GET)
    if start == "body":
        client.read_until(b"\r\n\r\n")
    client.read_all()
    _, body = parts(client.got)
    assert body == BODY
    assert time.monotonic() - begun >= 0.01 * len(client.got if start == "head" else body)
    assert box.exchanges[0].response == client.got


def test_drip_ends_when_the_box_is_closed(box, dial):
    box.add(HOST, lambda _request: Reply(200, body=BODY))
    box.faults.add(hostile.Drip(600, "body"))
    client = dial.port(box.direct_plain())
    client.send(GET)
    client.read_until(b"\r\n\r\n")
    begun = time.monotonic()
    box.close()
    assert time.monotonic() - begun < 2
    assert box.exchanges[0].response == client.got


def test_many_headers(get):
    head, body = parts(get(hostile.ManyHeaders(100_000)))
    lines = head.split(b"\r\n")
    assert sum(line.startswith(b"X-") for line in lines) == 100_000
    assert lines[-3] == b"X-0099999: xxxxxxx"
    assert len(lines[-3]) == 18
    assert body == BODY


@pytest.mark.parametrize("target", ["http://127.1/", "//[::ffff:7f00:1]/", "javascript:alert(1)", "https://x.com/ж"])
def test_redirect_to_any_target(get, target):
    answer = get(hostile.Redirect(target, 307))
    assert answer.startswith(b"HTTP/1.1 307 ")
    assert b"\r\nLocation: " + target.encode() + b"\r\n" in answer


def location(box: Box, dial, resource: str) -> str:
    client = dial.port(box.direct_plain())
    client.send(f"GET {resource} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
    answer = client.read_all()
    assert answer.startswith(b"HTTP/1.1 302 ")
    target = answer.split(b"Location: ")[1].split(b"\r\n")[0].decode()
    assert target.startswith(f"https://{HOST}/")
    return target.removeprefix(f"https://{HOST}")


@pytest.mark.parametrize("first", ["/page", "/page?n=1"])
@pytest.mark.parametrize(
    ("fault", "different"),
    [(hostile.EndlessRedirects(), 21), (hostile.RedirectLoop(3), 4), (hostile.RedirectLoop(1), 2)],
)
def test_mazes_of_redirects(box, dial, fault, different, first):
    box.add(HOST, lambda _request: Reply(200))
    box.faults.add(fault, times=None)
    seen = [first]
    while len(seen) < 21:
        seen.append(location(box, dial, seen[-1]))
    assert all(resource.startswith(first) for resource in seen)
    assert len(set(seen)) == different
