"""One capture's exchanges: asks through the shared transport and writes each answer into the capture's WARC at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from archiver.codings import decode
from archiver.config import NetworkSettings
from archiver.errors import FormatError
from archiver.exchange_records import RecordedExchange, write_exchange
from archiver.hashing import BLOCK
from archiver.http1 import ResponseHead, codings
from archiver.model import Answer, Body, Exchange, Failure
from archiver.recorder.credentials import Credentials
from archiver.recorder.hiding import SEARCHED, hide
from archiver.recorder.hops import Asking, head_bytes, join, quoted
from archiver.recorder.logins import Login
from archiver.recorder.sink import Sink
from archiver.recorder.spool import IN_MEMORY
from archiver.recorder.transport import RecordingTransport
from archiver.warc import WarcWriter

MAX_REDIRECTS = 10
MAX_ANSWER = 16 << 20
"""Bytes that an answer may have, on the wire and decoded, for the program to read it and not only keep it."""
MAX_HEADS = 8 << 20
"""Bytes of heads and URLs that one recording takes in: no post needs a tenth of it, and verification has to read it."""

_RETRIED_STATUS = frozenset({500, 502, 503, 504})
_RETRIED_FAILURES = frozenset({"timeout", "connect", "disconnect", "dns", "proxy"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Received(NamedTuple):
    """An exchange as it is stored, and as it came: whoever asked needs the tokens that are overwritten in the one."""

    recorded: RecordedExchange
    exchange: Exchange


class Recording:
    """Asks for what one capture needs and records all of it.

    Args:
        transport: the run's shared way to the network.
        settings: limits and retries.
        folder: an existing folder for bodies that are too large for memory.
        warc: where the exchanges are written; None to keep them for captures that are not known yet.
        sleep: waits a number of seconds between retries.
        login: whose session this is, None for a guest's. Requests carry its cookies only where whoever asks says so.

    Attributes:
        settings, folder, login: as given.
    """

    def __init__(
        self,
        transport: RecordingTransport,
        settings: NetworkSettings,
        folder: Path,
        warc: WarcWriter | None,
        sleep: Callable[[float], None] = time.sleep,
        login: Login | None = None,
    ) -> None:
        self.login = login
        self.folder = folder
        self._transport = transport
        self.settings = settings
        self._credentials = Credentials(login=login is not None, values=transport.credentials)
        self._warc = warc
        self._sleep = sleep
        self._connections: set[str] = set()
        self._count = 0
        self._heads = 0
        self._recorded: list[RecordedExchange] = []

    @property
    def max_media_bytes(self) -> int:
        """Bytes that a media file may have, as it comes and when its codings are taken off."""
        return self.settings.max_media_bytes

    @property
    def exchanges(self) -> tuple[RecordedExchange, ...]:
        """Everything that was recorded so far, in order."""
        return tuple(self._recorded)

    def ask(self, url: str, purpose: str, *, accept: str = "*/*") -> RecordedExchange:
        """Ask for something that the program will read, and retry what failed in passing.

        Returns:
            The last exchange; every earlier attempt is recorded as well.

        Raises:
            OSError: the answer cannot be written to the disk.
        """
        fields = (("Accept", accept), ("Accept-Encoding", "gzip, deflate"))
        seconds = self.settings.answer_seconds
        return self.send(Asking(url=url, purpose=purpose, fields=fields, most=MAX_ANSWER, seconds=seconds)).recorded

    def fetch(self, url: str, purpose: str, *, most: int | None = None) -> RecordedExchange:
        """Ask for a media file, uncompressed and without a Referer; follow redirects and retry what failed in passing.

        Args:
            url: where it is.
            purpose: what the exchanges are recorded as.
            most: bytes that it may have; what a media file may have if None.

        Returns:
            The last exchange. Its body is the caller's: to be moved or thrown away.

        Raises:
            OSError: the answer cannot be written to the disk.
        """
        fields = (("Accept", "*/*"), ("Accept-Encoding", "identity"))
        most, seconds = min(most or self.max_media_bytes, self.max_media_bytes), self.settings.max_seconds
        for _ in range(MAX_REDIRECTS):
            recorded = self.send(Asking(url=url, purpose=purpose, fields=fields, most=most, seconds=seconds)).recorded
            following = join(url, recorded.exchange.header("location") or "") if is_redirect(recorded) else None
            if following is None:
                break
            self.discard(recorded.exchange)
            url = following
        return recorded

    def follow(self, url: str, purpose: str, target: Callable[[Answer, str | None], str | None]) -> Iterator[Answer]:
        """Ask for a URL and for where its answers lead, hop by hop, each under the guard.

        Args:
            url: where to begin.
            purpose: what the hops are recorded as.
            target: tells where an answer leads, given the answer and its Location; None ends the chain.

        Yields:
            Each hop's answer, the last one included.
        """
        seen = set()
        for _ in range(MAX_REDIRECTS):
            recorded = self.ask(url, purpose, accept="text/html,*/*")
            answer = read_answer(recorded)
            if answer is None:
                return
            yield answer
            location = recorded.exchange.header("location") if is_redirect(recorded) else None
            following = target(answer, location)
            seen.add(url)
            joined = join(url, following) if following else None
            if joined is None or joined in seen:
                return
            url = joined

    def allows(self, url: str) -> bool:
        """Tell whether a URL may be asked for at all, as far as can be told without looking its host up."""
        request = Asking(url=url, purpose="", most=0, seconds=0).request("")
        return request is not None and self._transport.allows(request)

    def adopt(self, exchanges: Iterable[Exchange]) -> None:
        """Write exchanges into this recording's WARC that were made before it was known that they lead here."""
        for exchange in exchanges:
            self._keep(exchange)

    def discard(self, exchange: Exchange) -> None:
        """Throw away the spooled copy of a body that is in the WARC; without a WARC it is the only one and is kept."""
        if self._warc is not None and exchange.body.path is not None:
            exchange.body.path.unlink(missing_ok=True)

    def send(self, asking: Asking) -> Received:
        """Ask for something, and retry what failed in passing; redirects are not followed.

        Returns:
            The last exchange; every earlier attempt is recorded as well.

        Raises:
            OSError: the answer cannot be written to the disk.
        """
        attempt = 0
        while True:
            exchange, stale = self._once(asking)
            received = Received(self._keep(hide(exchange, self._credentials)), exchange)
            if stale and asking.repeatable:
                # A kept-alive connection had died in the meantime: nothing was refused, so it is no attempt.
                continue
            passing = exchange.status in _RETRIED_STATUS or _reason(exchange) in _RETRIED_FAILURES
            if not (passing and asking.repeatable) or attempt >= self.settings.retries:
                return received
            self.discard(exchange)
            self._sleep(self.settings.retry_delay * 2**attempt)
            attempt += 1

    def conceal(self, text: str) -> str:
        """Return a text with `X` in place of every credential of this session."""
        return self._credentials.conceal(text)

    def _once(self, asking: Asking) -> tuple[Exchange, bool]:
        self._count += 1
        request = asking.request(self.settings.user_agent)
        url = str(request.url) if request is not None else quoted(asking.url)
        self._credentials.learn_request(asking.fields)
        betrayed = self._credentials.betrayed_by(url)
        sink = Sink(
            asking.purpose,
            asking.method,
            self._credentials.conceal_url(url) if betrayed else url,
            self.folder / f"{self._count:04}.body",
            max_body=asking.most,
            max_seconds=asking.seconds,
            in_memory=SEARCHED if self._credentials else IN_MEMORY,
            watch=self._transport.watch,
        )
        refusal = self._refusal(request is None, betrayed)
        if refusal is not None or request is None:
            return sink.finish(refusal), False
        exchange = self._transport.perform(request, sink)
        return exchange, sink.reused and not sink.touched and _reason(exchange) == "disconnect"

    def _refusal(self, malformed: bool, betrayed: bool) -> Failure | None:
        """Say why nothing is sent, if so."""
        if malformed:
            return Failure(reason="address-refused", detail="what was to be asked for is no URL")
        if betrayed:
            detail = "the link has a credential of this session in it, which it would hand on"
            return Failure(reason="credential", detail=detail)
        if self._heads > MAX_HEADS:
            detail = f"the answers before it had more than {MAX_HEADS >> 20} MiB of heads: nothing more is asked for"
            return Failure(reason="size-limit", detail=detail)
        return None

    def _keep(self, exchange: Exchange) -> RecordedExchange:
        self._heads += head_bytes(exchange)
        if self._warc is None:
            recorded = RecordedExchange(exchange=exchange, records=())
        else:
            connection = exchange.connection
            is_new = connection is not None and connection.id not in self._connections
            if connection is not None:
                self._connections.add(connection.id)
            recorded = write_exchange(self._warc, exchange, new_connection=is_new)
        self._recorded.append(recorded)
        return recorded


def is_redirect(recorded: RecordedExchange) -> bool:
    """Tell whether an exchange was answered with a redirect that names where to go."""
    exchange = recorded.exchange
    return exchange.status in _REDIRECTS and bool(exchange.header("location"))


def read_answer(recorded: RecordedExchange, most: int = MAX_ANSWER) -> Answer | None:
    """Return what an exchange was answered with, codings taken off, or None if there was no answer.

    An answer that is cut, is longer than `most` bytes, or whose codings are broken, is marked as truncated and keeps
    what could be read of it.
    """
    exchange = recorded.exchange
    if exchange.status is None:
        return None
    truncated: str | None = exchange.truncated
    parts: list[bytes] = []
    try:
        for piece in decoded_body(exchange, limit=most):
            parts.append(piece)  # noqa: PERF402 - what was read before a broken coding is kept
    except FormatError:
        truncated = truncated or "unspecified"
    return Answer(
        record=recorded.response_id or "",
        url=exchange.url,
        status=exchange.status,
        body=b"".join(parts),
        truncated=truncated,
    )


def decoded_body(exchange: Exchange, *, limit: int | None = None) -> Iterator[bytes]:
    """Read the payload of an exchange piece by piece, codings taken off.

    Raises:
        FormatError: a coding is unknown or broken, the body is cut, or it exceeds the limit.
        OSError: the spooled body cannot be read.
    """
    head = ResponseHead(version="1.1", status=exchange.status or 0, reason="", fields=exchange.fields)
    return decode(_pieces(exchange.body), codings(head), limit=limit)


def _pieces(body: Body) -> Iterator[bytes]:
    if body.path is None:
        yield body.data or b""
        return
    with body.path.open("rb", buffering=0) as stream:
        while data := stream.read(BLOCK):
            yield data


def _reason(exchange: Exchange) -> str:
    return exchange.failure.reason if exchange.failure is not None else ""
