"""Collects the bytes of one exchange while they cross the wire and makes the exchange of them; it opens nothing."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import httpx
import msgspec

from archiver.http1 import ResponseFramer
from archiver.model import Body, Connection, Exchange, Failure, Truncation
from archiver.recorder.redact import redact_request
from archiver.recorder.spool import IN_MEMORY, Spool


class Watch(Protocol):
    """Is told how far large bodies have come, from the threads that read them."""

    def __call__(self, url: str, received: int, expected: int | None, *, ended: bool) -> None:
        """Take note of bytes received so far, of the declared length if there is one, and of the end."""


class StopReading(Exception):
    """Raised into the reader once the sink has taken all that it may take."""


class Sink:
    """Takes in what one exchange sends and receives.

    Args:
        purpose: what the exchange is for.
        method: request method.
        url: the URL asked for.
        spool_path: where a large body goes.
        max_body: bytes of body after which reading stops.
        max_seconds: seconds after which reading stops.
        in_memory: bytes up to which the body is kept in memory.
        watch: is told of the progress.
    """

    def __init__(
        self,
        purpose: str,
        method: str,
        url: str,
        spool_path: Path,
        *,
        max_body: int,
        max_seconds: float,
        in_memory: int = IN_MEMORY,
        watch: Watch | None = None,
    ) -> None:
        self.connection: Connection | None = None
        self.reused = False
        self._purpose = purpose
        self._method = method
        self._url = url
        self._spool_path = spool_path
        self._max_body = max_body
        self._max_seconds = max_seconds
        self._in_memory = in_memory
        self._watch = watch
        self._started = datetime.now(UTC)
        self._deadline = time.monotonic() + max_seconds
        self._request = bytearray()
        self._framer = ResponseFramer(method)
        self._spool: Spool | None = None
        self._hung_up = False
        self._cut: Failure | None = None

    @property
    def origin(self) -> str:
        """Host and port that the request is for."""
        url = httpx.URL(self._url)
        return f"{url.raw_host.decode('ascii')}:{url.port or {'http': 80, 'https': 443}.get(url.scheme, 0)}"

    @property
    def complete(self) -> bool:
        """Whether the response is whole by its own framing."""
        return self._framer.complete

    @property
    def remaining(self) -> int:
        """Bytes of a body of declared length that are still to come; 0 if the length is not known."""
        expected = self._framer.expected_length
        return 0 if expected is None else expected - self._framer.body_bytes

    @property
    def touched(self) -> bool:
        """Whether a single byte of a response has come."""
        return bool(self._framer.head or self._framer.interim)

    @property
    def clean(self) -> bool:
        """Whether the connection may serve another exchange: nothing came beyond the end of this one."""
        return not self._framer.excess and self._framer.broken is None

    def sent(self, data: bytes) -> None:
        """Take note of request bytes that are being sent."""
        self._request += data

    def received(self, data: bytes | memoryview) -> None:
        """Take in response bytes; empty ones mean that the connection has ended.

        Raises:
            StopReading: a limit is reached, or this is no HTTP. What came is kept and will be marked as cut.
            OSError: the body cannot be spooled.
        """
        if not data:
            self._hung_up = True
            self._framer.end()
            return
        body = self._framer.feed(data)
        if self._framer.broken is not None and self._framer.parsed is None:
            raise StopReading
        if self._framer.parsed is not None and self._spool is None:
            self._spool = Spool(self._spool_path, self._framer.head, self._in_memory)
        if self._spool is not None and body:
            room = self._max_body - self._spool.size
            self._spool.write(body[:room])
            if self._watch is not None:
                self._watch(self._url, self._spool.size, self._framer.expected_length, ended=False)
            if len(body) > room:
                self._cut = Failure(reason="size-limit", detail=f"the body is longer than {self._max_body} bytes")
                raise StopReading
        if time.monotonic() > self._deadline and not self.complete:
            self._cut = Failure(reason="time-limit", detail=f"the body took longer than {self._max_seconds:g} seconds")
            raise StopReading

    def finish(self, failure: Failure | None) -> Exchange:
        """Make the exchange of what was collected.

        Args:
            failure: what the transport met, if anything.

        Raises:
            OSError: the spooled body cannot be read back.
        """
        request, redactions = redact_request(bytes(self._request))
        if self._watch is not None:
            self._watch(self._url, 0, None, ended=True)
        framer = self._framer
        parsed = framer.parsed
        body, block_sha256 = self._spool.finish() if self._spool is not None else (Body(), "")
        if self._cut is not None:
            failure = self._cut
        elif framer.broken is not None:
            failure = Failure(reason="protocol", detail=framer.broken)
        elif not self.complete and (self._hung_up or (failure is None and parsed is not None)):
            # Libraries call this a violation of the protocol; it is a connection that ended too early.
            failure = Failure(reason="disconnect", detail="the connection ended before the response did")
        exchange = Exchange(
            purpose=self._purpose,
            method=self._method,
            url=self._url,
            started=self._started,
            ended=datetime.now(UTC),
            request=request,
            redactions=redactions,
            interim=tuple(framer.interim),
            stray=(framer.head if parsed is None else b"") + framer.excess,
            failure=failure,
            connection=self.connection,
        )
        if parsed is None:
            return exchange
        return msgspec.structs.replace(
            exchange,
            head=framer.head,
            status=parsed.status,
            fields=parsed.fields,
            body=body,
            block_sha256=block_sha256,
            truncated=None if self.complete and self._cut is None else _truncation(failure),
        )


def _truncation(failure: Failure | None) -> Truncation:
    reason = failure.reason if failure is not None else ""
    if reason == "size-limit":
        return "length"
    if reason in ("time-limit", "timeout"):
        return "time"
    return "disconnect" if reason == "disconnect" else "unspecified"
