"""Through a SOCKS5 proxy: names are left to it, its password is overwritten, its moods are failures and no crashes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from archiver.demo import faults


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_everything_that_passes_is_in_the_warc(box, serve, start, assert_box_equals_warc, scheme):
    serve(b"hello")
    session = start(proxy=box.socks_url)
    assert session.ask("/one", scheme=scheme).whole
    assert session.ask("/two", scheme=scheme).whole
    assert len({exchange.connection.id for exchange in session.all}) == len(box.connections) == 1
    connection = session.all[0].connection
    assert connection.proxied
    assert connection.address is None
    assert connection.origin == f"site.example:{443 if scheme == 'https' else 80}"
    assert bool(connection.chain) == (scheme == "https")
    assert_box_equals_warc(box, session.end())


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_its_password_is_overwritten_wherever_it_was_sent(box, serve, start, assert_box_equals_warc, scheme):
    serve(b"hello")
    name, password = "c4n4ry", "pä/ss"
    session = start(proxy=box.socks_url_for(name, password))
    exchange = session.ask(scheme=scheme)
    assert exchange.whole
    login = b"".join(bytes([len(part.encode())]) + part.encode() for part in (name, password))
    assert_box_equals_warc(box, session.end(), secrets=(login,))
    [redaction] = exchange.connection.redactions
    assert redaction.length == len(login)
    data = session.path.read_bytes()
    assert name.encode() not in data
    assert password.encode() not in data


@pytest.mark.parametrize("host", ["127.1", "[::1]", "localhost"])
def test_the_guard_stands_before_it(box, start, host):
    assert start(proxy=box.socks_url).ask(host=host).failure.reason == "address-refused"
    assert box.connections == ()


def test_a_bad_certificate_behind_it_is_refused(box, serve, start, assert_box_equals_warc):
    serve(b"secret")
    box.faults.add(faults.BadCertificate("expired"), times=None)
    session = start(proxy=box.socks_url)
    assert session.ask().failure.reason == "tls"
    assert box.exchanges == ()
    assert_box_equals_warc(box, session.end())


@pytest.fixture
def moody() -> Iterator[tuple[list[bytes], str]]:
    """A list of what a proxy is to answer, one entry for each thing that it is told, and its URL; it then hangs up."""
    answers: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                accepted, _ = listener.accept()
            except OSError:
                return
            with accepted:
                for answer in answers:
                    accepted.recv(4096)
                    accepted.sendall(answer)
                if answers[-1:] == [b""]:
                    accepted.recv(4096)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield answers, f"socks5://127.0.0.1:{listener.getsockname()[1]}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


GRANTED = b"\x05\x00\x00\x01" + bytes(6)


@pytest.mark.parametrize(
    "said",
    [
        [],
        [b"\x05"],
        [b"\x04\x00"],
        [b"\x05\xff"],
        [b"\x05\x02"],
        [b"HTTP/1.1 400 Bad Request\r\n\r\n"],
        [b"\x05\x00", b"\x05"],
        [b"\x05\x00", b"\x05\x01\x00\x01" + bytes(6)],
        [b"\x05\x00", b"\x05\x99\x00\x01" + bytes(6)],
        [b"\x05\x00", b"\x05\x00\x00\x09"],
        [b"\x05\x00", GRANTED[:5]],
        [b"\x05\x00", GRANTED],
    ],
    ids=lambda said: b" ".join(said).hex(" ") or "nothing",
)
def test_whatever_it_says_is_a_recorded_failure(start, moody, read_warc, said):
    answers, url = moody
    answers += said
    session = start(proxy=url, retries=1)
    failure = session.ask().failure
    assert failure.reason in ("proxy", "disconnect", "connect")
    assert len(session.all) == 2
    responses = [
        block
        for fields, block in read_warc(session.end())
        if dict(fields).get("WARC-Target-URI", "").startswith("urn:archiver:connect-response:")
    ]
    assert responses == ([b"".join(said)] * 2 if said else [])


def test_its_silence_ends_after_the_time_that_was_set(start, moody):
    answers, url = moody
    answers += [b""]
    assert start(proxy=url, connect_timeout=0.3, retries=0).ask().failure.reason == "timeout"
