"""A running box, and a client that speaks through bare sockets and remembers what it sent and got."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlencode

import pytest

from archiver.demo.box import Box
from archiver.demo.graphql_logins import Login, LoginName
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


class GraphQL:
    """Asks the GraphQL of one sample world, without a connection, as a guest or as a login."""

    BEARER = "Bearer " + "AbCdEf0123456789%" * 5
    FEATURES: ClassVar = {
        "longform_notetweets_consumption_enabled": True,
        "responsive_web_edit_tweet_api_enabled": True,
    }

    def __init__(self, world: World) -> None:
        self.world = world
        self.token = world.sessions.new_guest()

    def login(self, name: LoginName) -> Login:
        return self.world.sessions.login(name)

    def headers(self, login: Login | None) -> dict[str, str]:
        """Return the header fields of a request that is as it should be."""
        given = {"Authorization": self.BEARER}
        if login is None:
            return given | {"x-guest-token": self.token}
        return given | {"Cookie": login.cookie_header, "x-csrf-token": login.cookies["ct0"]}

    def send(self, resource: str, headers: dict[str, str], host: str = "x.com", method: str = "GET") -> Reply:
        lines = [f"{method} {resource} HTTP/1.1", f"Host: {host}", *(f"{key}: {headers[key]}" for key in headers)]
        return self.world.hosts[host](parse_head(("\r\n".join(lines) + "\r\n\r\n").encode(), host))

    def query(self, name: str, variables: object, headers: dict[str, str], features: object = FEATURES) -> Reply:
        query = {"variables": variables, "features": features}
        encoded = urlencode({key: json.dumps(value) for key, value in query.items()})
        return self.send(f"/i/api/graphql/2ICDjqPd81tulZcYrtpTuQ/{name}?{encoded}", headers)

    def result(self, post_id: str, login: Login | None = None) -> Any:
        """Return the result for a post, None where the answer has none."""
        self.token = self.world.sessions.new_guest()
        reply = self.query("TweetResultByRestId", {"tweetId": post_id}, self.headers(login))
        assert reply.status == 200
        return json.loads(reply.body)["data"]["tweetResult"].get("result")


@pytest.fixture
def graphql() -> GraphQL:
    return GraphQL(World())


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
