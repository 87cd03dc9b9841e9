"""What tests all over share: an internet in a box, the settings that lead into it, and the comparison of its log.

Nothing that judges is shared with what is judged: the reader of WARCs below is a few lines of its own.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from archiver.cli import root
from archiver.config import NetworkSettings
from archiver.demo.box import Box

TIMESTAMP_HOSTS = ("timestamp.one.example", "timestamp.two.example")
"""The box's authorities; what is exchanged with them is part of a seal and of no WARC."""

Records = Iterator[tuple[list[tuple[str, str]], bytes]]


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


@pytest.fixture
def box() -> Iterator[Box]:
    """An internet in a box of this test's own."""
    with Box() as running:
        yield running


@pytest.fixture
def settings_for() -> Callable[..., NetworkSettings]:
    """Return a function from a box, and settings to change, to settings that lead into the box without delay."""

    def make(box: Box, **changes: object) -> NetworkSettings:
        values = {"proxy": box.proxy_url, "ca_file": str(box.ca_file), "read_timeout": 10.0, "retry_delay": 0.0}
        return NetworkSettings(**(values | changes))

    return make


@pytest.fixture
def command(
    box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ended]:
    """Return a function that runs `archiver ARGUMENTS` as a user does, in `tmp_path`, with the box as its internet."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy", "ARCHIVER_CASE", "ARCHIVER_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in box.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-configuration"))
    monkeypatch.setenv("ARCHIVER_NETWORK_RETRY_DELAY", "0")
    monkeypatch.setenv("ARCHIVER_SIGNING_FOLDER", str(tmp_path.with_name(f"{tmp_path.name}-home")))
    monkeypatch.setenv("ARCHIVER_TIMESTAMP_ENABLED", "false")

    def run(*arguments: str, stdin: bytes = b"") -> Ended:
        capsys.readouterr()
        code = root.run(list(arguments), stdin=io.BytesIO(stdin))
        captured = capsys.readouterr()
        return Ended(code, captured.out, captured.err)

    return run


@pytest.fixture
def stamped(box: Box, command: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands have their seals stamped by the box's two authorities, and trust the root of these."""
    monkeypatch.setenv("ARCHIVER_TIMESTAMP_ENABLED", "true")
    monkeypatch.setenv("ARCHIVER_TIMESTAMP_AUTHORITIES", ", ".join(f"http://{host}/" for host in TIMESTAMP_HOSTS))
    monkeypatch.setenv("ARCHIVER_TIMESTAMP_ROOTS", str(box.tsa_roots_file))


@pytest.fixture
def read_warc() -> Callable[[Path], Records]:
    """Return a function that yields the header fields and the block of each record of a WARC."""
    return _read_warc


@pytest.fixture
def overlaid() -> Callable[[Path], Callable[[str, bytes], bytes]]:
    """Return a function from the folder of a capture to one that makes of what crossed the wire what has to be stored.

    That takes the id of the record and overwrites what the account declares to be overwritten in it, and nothing else.
    """

    def of(capture: Path) -> Callable[[str, bytes], bytes]:
        account = json.loads((capture / "data/custody-manifest.json").read_bytes())
        declared: dict[str, list[dict[str, Any]]] = {}
        for item in account["redactions"]:
            declared.setdefault(item["record"], []).append(item)

        def stored(record: str, wire: bytes) -> bytes:
            data = bytearray(wire)
            for item in declared.get(record, ()):
                start, end = item["offset"], item["offset"] + item["length"]
                data[start:end] = b"X" * len(data[start:end])
            return bytes(data)

        return stored

    return of


@pytest.fixture
def assert_box_equals_warc() -> Callable[..., None]:
    """Return the central claim as a function: what a box logged and what WARCs hold are the same, byte for byte.

    Args:
        box: the box, once everything has been sent.
        warcs: the WARCs that were written meanwhile. With more than one, the order of exchanges is not compared.
        secrets: byte strings that have to stand in the box's log and, in the WARCs, to be as many `X`.
        cut: whether responses may stop short, because the recorder stopped reading.
    """

    def check(box: Box, *warcs: Path, secrets: tuple[bytes, ...] = (), cut: bool = False) -> None:
        seen = [
            (exchange.request, exchange.response) for exchange in box.exchanges if exchange.host not in TIMESTAMP_HOSTS
        ]
        tunnels = [
            (item.connect_request + item.socks_request, item.connect_response + item.socks_response)
            for item in box.connections
        ]
        for secret in secrets:
            assert any(secret in request for request, _ in seen + tunnels), "the secret was never sent"
            hidden = b"X" * len(secret)
            seen = [(request.replace(secret, hidden), response) for request, response in seen]
            tunnels = [(request.replace(secret, hidden), response) for request, response in tunnels]
        found: list[tuple[bytes, bytes]] = []
        connections: dict[str, tuple[bytes, bytes]] = {}
        for path in warcs:
            exchanges, opened = _wire(path)
            found += exchanges
            connections |= opened
        if len(warcs) > 1:
            seen.sort()
            found.sort()
        assert len(found) == len(seen)
        for (request, response), (sent, answered) in zip(found, seen, strict=True):
            assert request == sent
            assert answered.startswith(response) if cut else response == answered
        assert sorted(connections.values()) == sorted(tunnels)

    return check


def _read_warc(path: Path) -> Records:
    data = path.read_bytes()
    while data:
        head, data = data.split(b"\r\n\r\n", 1)
        version, *lines = head.decode("utf-8").split("\r\n")
        assert version == "WARC/1.1"
        fields = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
        length = int(dict(fields)["Content-Length"])
        assert data[length : length + 4] == b"\r\n\r\n"
        yield fields, data[:length]
        data = data[length + 4 :]


def _wire(path: Path) -> tuple[list[tuple[bytes, bytes]], dict[str, tuple[bytes, bytes]]]:
    """Put together again what went over the wire: exchanges in order, and what opened each connection, by its id."""
    exchanges: dict[str, tuple[bytes, bytes]] = {}
    connections: dict[str, tuple[bytes, bytes]] = {}
    connection = ""
    for fields, block in _read_warc(path):
        values = dict(reversed(fields))
        target = values.get("WARC-Target-URI", "")
        role = target.split(":")[2] if target.startswith("urn:archiver:") else values["WARC-Type"]
        if role == "request":
            exchanges[values["WARC-Record-ID"]] = (block, b"")
        elif role in ("interim", "response", "stray"):
            request, response = exchanges[values["WARC-Concurrent-To"]]
            exchanges[values["WARC-Concurrent-To"]] = (request, response + block)
        elif role == "connection":
            connection = json.loads(block)["id"]
            connections[connection] = (b"", b"")
        elif role == "connect-request":
            connections[connection] = (block, b"")
        elif role == "connect-response":
            connections[connection] = (connections[connection][0], block)
    return list(exchanges.values()), connections
