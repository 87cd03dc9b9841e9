"""A recording on the box: one WARC, its transport, and the check that the two agree at the end."""

from __future__ import annotations

import gzip
import ipaddress
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archiver.config import NetworkSettings
from archiver.demo.box import Box
from archiver.demo.graphql_logins import LoginName
from archiver.demo.wire import Handler, Reply
from archiver.model import Redaction
from archiver.recorder.guard import AddressGuard
from archiver.recorder.logins import Login, from_file
from archiver.recorder.recording import Recording
from archiver.recorder.redact import STORED_DECODED
from archiver.recorder.transport import RecordingTransport
from archiver.warc import WarcWriter

HOST = "site.example"
LOOPBACK = ipaddress.ip_network("127.0.0.0/8")


class Session:
    """One recording into one WARC.

    Attributes:
        recording: what asks.
        path: the WARC, whole once `end` was called.
        slept: how long was waited between retries, in seconds.
    """

    def __init__(
        self, transport: RecordingTransport, settings: NetworkSettings, folder: Path, login: Login | None = None
    ) -> None:
        folder.mkdir()
        self.path = folder / "capture.warc"
        self.slept: list[float] = []
        self._writer = WarcWriter(self.path)
        self._writer.write("warcinfo", datetime.now(UTC), "application/warc-fields", head=b"software: tests\r\n")
        self.recording = Recording(transport, settings, folder, self._writer, self.slept.append, login)

    def ask(self, path: str = "/", host: str = HOST, scheme: str = "https") -> Any:
        """Ask for a page and return the last exchange."""
        return self.recording.ask(f"{scheme}://{host}{path}", "test").exchange

    def fetch(self, path: str = "/", host: str = HOST) -> Any:
        """Fetch a media file and return the last exchange."""
        return self.recording.fetch(f"https://{host}{path}", "test").exchange

    @property
    def all(self) -> list[Any]:
        """Every exchange so far."""
        return [recorded.exchange for recorded in self.recording.exchanges]

    def end(self) -> Path:
        """Close the WARC and return it."""
        self._writer.close()
        return self.path


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    """What is closed at the end of the test."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def connect(opened: ExitStack) -> Callable[..., RecordingTransport]:
    """Return a function that opens a transport, which is closed at the end of the test."""

    def make(settings: NetworkSettings, guard: AddressGuard | None = None, **options: Any) -> RecordingTransport:
        transport = RecordingTransport(settings, guard or AddressGuard(), **options)
        opened.callback(transport.close)
        return transport

    return make


@pytest.fixture
def start(
    box: Box,
    tmp_path: Path,
    opened: ExitStack,
    connect: Callable[..., RecordingTransport],
    settings_for: Callable[..., NetworkSettings],
) -> Callable[..., Session]:
    """Return a function that begins a recording through the box's proxy, with settings to change."""

    def begin(transport: RecordingTransport | None = None, login: Login | None = None, **changes: Any) -> Session:
        settings = settings_for(box, **changes)
        number = len(list(tmp_path.glob("recording-*")))
        session = Session(transport or connect(settings), settings, tmp_path / f"recording-{number}", login)
        opened.callback(session.end)
        return session

    return begin


@pytest.fixture
def serve(box: Box) -> Callable[..., None]:
    """Return a function that lets a reply, or a handler, answer for a host."""

    def add(answer: Reply | Handler | bytes, host: str = HOST) -> None:
        if isinstance(answer, bytes):
            box.add(host, lambda _request: Reply(200, (("Content-Type", "text/plain"),), answer))
        elif isinstance(answer, Reply):
            box.add(host, lambda _request: answer)
        else:
            box.add(host, answer)

    return add


@pytest.fixture
def to_loopback() -> AddressGuard:
    """A guard for which every name is 127.0.0.1, which it lets through."""
    return AddressGuard(lambda _host, _port: ["127.0.0.1"], [LOOPBACK])


@pytest.fixture
def logged_in(box: Box, tmp_path: Path) -> Callable[[LoginName], Login]:
    """Return a function that loads a sample login of the box, from a cookie file."""
    pytest.importorskip("yt_dlp")

    def load(name: LoginName) -> Login:
        file = tmp_path / f"{name}.cookies.txt"
        file.write_text(box.login(name).cookie_file(), encoding="utf-8")
        return from_file(file)

    return load


@pytest.fixture
def assert_only_declared(
    read_warc: Callable[[Path], Iterator[tuple[list[tuple[str, str]], bytes]]],
) -> Callable[[Box, Session], None]:
    """Return the claim as a function: what a box logged is what the WARC holds, but for exactly the declared ranges."""

    def check(box: Box, session: Session) -> None:
        blocks = {dict(fields)["WARC-Record-ID"].strip("<>"): block for fields, block in read_warc(session.end())}
        recorded = [item for item in session.recording.exchanges if item.exchange.request]
        assert len(recorded) == len(box.exchanges)
        for item, logged in zip(recorded, box.exchanges, strict=True):
            declared: dict[str, list[Redaction]] = {}
            for record, redaction in item.redactions:
                declared.setdefault(record, []).append(redaction)
            request, response = item.record("request"), item.record("response")
            assert blocks[request.id] == _overlaid(logged.request, declared.pop(request.id, []))
            if response is not None:
                found = declared.pop(response.id, [])
                decoded = any(redaction.what == STORED_DECODED for redaction in found)
                answered = _decoded(logged.response) if decoded else logged.response
                assert blocks[response.id] == _overlaid(answered, found)

    return check


def _overlaid(wire: bytes, declared: list[Redaction]) -> bytes:
    """Overwrite what is declared; each of these has to be a part of the message that was no X before."""
    stored = bytearray(wire)
    for item in declared:
        assert item.length > 0
        assert item.offset + item.length <= len(wire)
        assert wire[item.offset : item.offset + item.length].strip(b"X"), "what was X already is declared"
        stored[item.offset : item.offset + item.length] = b"X" * item.length
    return bytes(stored)


def _decoded(wire: bytes) -> bytes:
    """Take chunks and gzip off a response, with other means than the program has."""
    head, blank, body = wire.partition(b"\r\n\r\n")
    if b"transfer-encoding: chunked" in head.lower():
        pieces, rest = [], body
        while size := int(rest.split(b"\r\n", 1)[0].split(b";")[0], 16):
            rest = rest.split(b"\r\n", 1)[1]
            pieces.append(rest[:size])
            rest = rest[size + 2 :]
        body = b"".join(pieces)
    return head + blank + (gzip.decompress(body) if b"content-encoding: gzip" in head.lower() else body)
