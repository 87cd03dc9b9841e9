"""A running box, and a client that speaks through bare sockets and remembers what it sent and got."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from archiver.demo.box import Box
from archiver.demo.sites import World
from archiver.demo.wire import Reply, parse_head


class RawClient:
    """One connection, in and out of TLS; `sent` and `got` hold the bytes of the layer that is on."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.sent = b""
        self.got = b""

    def start_tls(self, ca_file: Path, name: str | None) -> None:
        context = ssl.create_default_context(cafile=ca_file)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        context.check_hostname = name is not None
        self.sent = self.got = b""
        self.socket = context.wrap_socket(self.socket, server_hostname=name, suppress_ragged_eofs=False)

    def send(self, data: bytes) -> None:
        self.sent += data
        self.socket.sendall(data)

    def read_until(self, end: bytes) -> bytes:
        """Return what comes until the bytes that have come since the call end so."""
        start = len(self.got)
        while not self.got[start:].endswith(end):
            data = self.socket.recv(65536)
            assert data, f"closed after {self.got[start:]!r}"
            self.got += data
        return self.got[start:]

    def read_all(self) -> bytes:
        """Return what comes until the other side closes; raises what the socket raises."""
        start = len(self.got)
        while data := self.socket.recv(65536):
            self.got += data
        return self.got[start:]

    def close(self) -> None:
        self.socket.close()


class Dialler:
    """Opens raw connections to a box and closes them all at the end of the test."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self._open: list[RawClient] = []

    def port(self, port: int) -> RawClient:
        client = RawClient(port)
        self._open.append(client)
        return client

    def proxy(self) -> RawClient:
        return self.port(int(self._box.proxy_url.rsplit(":", 1)[1]))

    def tunnel(self, host: str) -> RawClient:
        client = self.proxy()
        client.send(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n".encode())
        answer = client.read_until(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200 "), answer
        client.start_tls(self._box.ca_file, host)
        return client

    def close(self) -> None:
        for client in self._open:
            client.close()


@pytest.fixture
def ask() -> Callable[[str], Reply]:
    """Return a function from a URL to what the sample world answers, without a connection."""
    hosts = World().hosts

    def fetch(url: str) -> Reply:
        host, _, resource = url.removeprefix("https://").partition("/")
        return hosts[host](parse_head(f"GET /{resource} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode(), host))

    return fetch


@pytest.fixture
def box() -> Iterator[Box]:
    with Box() as running:
        yield running


@pytest.fixture
def dial(box: Box) -> Iterator[Dialler]:
    dialler = Dialler(box)
    yield dialler
    dialler.close()
