"""HTTP/1.1 messages of the demo internet: reads requests, renders replies to pieces of bytes; it opens no connection.

Standard: RFC 9112. Replies may break the standard on purpose; requests may not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from http import HTTPStatus
from itertools import chain
from typing import Literal

Buffer = bytes | memoryview
Header = tuple[str, str]

_REQUEST_LINE = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP/1\.([01])")
_ABSOLUTE = re.compile(r"http://([^/?#]+)(.*)", re.IGNORECASE | re.DOTALL)
_FIELD = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*", re.DOTALL)
_MAX_HEAD = 1 << 20


class BadRequest(Exception):
    """What arrived is not an HTTP/1.1 request."""


class Headers(tuple[Header, ...]):
    """Header fields in the order and case in which they were sent."""

    __slots__ = ()

    def get(self, name: str, default: str | None = None) -> str | None:
        """Return the value of the first field of that name, whatever its case."""
        return next((value for key, value in self if key.lower() == name.lower()), default)


@dataclass(frozen=True)
class Request:
    """One request as it arrived.

    Attributes:
        method: the method, as sent.
        target: the request target, as sent (absolute form through a proxy, else a path, or an authority for CONNECT).
        host: lower-case name of the host that is asked, without the port.
        path: path of the target; empty for CONNECT.
        query: query of the target without the question mark, else empty.
        headers: the header fields.
        body: the body, of Content-Length bytes.
        raw: every byte of the request, the body included.
    """

    method: str
    target: str
    host: str
    path: str
    query: str
    headers: Headers
    body: bytes
    raw: bytes

    @property
    def resource(self) -> str:
        """Path and query as one string."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def absolute(self) -> bool:
        """Whether the target is in absolute form, as a client sends it to a proxy."""
        return _ABSOLUTE.fullmatch(self.target) is not None


@dataclass(frozen=True)
class Pause:
    """Stands between the pieces of a reply where the sender has to wait, in seconds."""

    seconds: float


@dataclass(frozen=True)
class Reply:
    """One reply, and how to send it.

    Attributes:
        status: status code.
        headers: header fields, sent in this order and case. Content-Length or Transfer-Encoding, Date and Connection
            are added where they are needed and not given.
        body: the body, or pieces of it.
        reason: reason phrase; the usual one of the status when None.
        length: the declared Content-Length in bytes; needed when the body comes in pieces, else counted.
        framing: how the body ends: "length", "chunked", or "close" (with the connection).
        interim: bytes to send before the status line (1xx responses, whole).
        chunk_sizes: sizes of the chunks in bytes, used round and round; empty for one chunk a piece.
        chunk_extension: what follows every chunk size, with its semicolon.
        trailers: trailer fields after the last chunk.
        ending: what becomes of the connection: "keep", "close" (cleanly), "reset" (TCP RST), or "break" (bytes that
            are no TLS record, then a close).
        raw: when given, exactly these bytes are sent in place of everything above but `ending`.
        cut: send at most this many bytes of the response, 1xx included.
        cut_body: send at most this many bytes of the framed body.
        pause: (bytes, seconds): after so many bytes of the response, wait so long.
        note: a remark for the log of the exchange; not sent.
    """

    status: int = 200
    headers: Sequence[Header] = ()
    body: bytes | Iterable[Buffer] = b""
    reason: str | None = None
    length: int | None = None
    framing: Literal["length", "chunked", "close"] = "length"
    interim: bytes = b""
    chunk_sizes: tuple[int, ...] = ()
    chunk_extension: str = ""
    trailers: Sequence[Header] = ()
    ending: Literal["keep", "close", "reset", "break"] = "keep"
    raw: bytes | None = None
    cut: int | None = None
    cut_body: int | None = None
    pause: tuple[int, float] | None = None
    note: str = field(default="", compare=False)

    def with_header(self, name: str, value: str) -> Reply:
        """Return the same reply with one field set, in place of every field of that name."""
        kept = [pair for pair in self.headers if pair[0].lower() != name.lower()]
        return replace(self, headers=(*kept, (name, value)))


Handler = Callable[[Request], Reply]


class RequestReader:
    """Takes requests from a stream of bytes that arrives in any pieces."""

    def __init__(self, receive: Callable[[int], bytes]) -> None:
        self._receive = receive
        self._buffer = bytearray()

    def next(self, host: str | None) -> Request | None:
        """Return the next request, or None when the client has closed.

        Args:
            host: the host that the connection leads to, where it leads to one; the Host field decides otherwise.

        Raises:
            BadRequest: the bytes are not a request.
            OSError: the connection broke.
        """
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if len(self._buffer) > _MAX_HEAD:
                raise BadRequest("the head does not end")
            if not self._fill():
                return None
        head = bytes(self._buffer[: end + 4])
        del self._buffer[: end + 4]
        request = parse_head(head, host)
        if "transfer-encoding" in (name.lower() for name, _ in request.headers):
            raise BadRequest("request bodies have to declare their length")
        declared = request.headers.get("Content-Length") or "0"
        if not re.fullmatch(r"[0-9]{1,18}", declared):
            raise BadRequest("the length of the body is not a number")
        while len(self._buffer) < int(declared):
            if not self._fill():
                return None
        body = bytes(self._buffer[: int(declared)])
        del self._buffer[: int(declared)]
        return replace(request, body=body, raw=head + body)

    @property
    def pending(self) -> bool:
        """Whether bytes beyond the last request have arrived already."""
        return bool(self._buffer)

    def _fill(self) -> bool:
        data = self._receive(1 << 16)
        self._buffer += data
        return bool(data)


def parse_head(head: bytes, host: str | None) -> Request:
    """Read a request head, the empty line at its end included; see `RequestReader.next`."""
    first, *lines = head.decode("latin-1")[:-4].split("\r\n")
    line = _REQUEST_LINE.fullmatch(first)
    fields = [_FIELD.fullmatch(text) for text in lines]
    if not line or not all(fields):
        raise BadRequest("the request line or a header field is malformed")
    headers = Headers((found[1], found[2]) for found in fields if found)
    method, target, _minor = line.groups()
    absolute = _ABSOLUTE.fullmatch(target)
    authority, resource = absolute.groups() if absolute else (host or headers.get("Host") or "", target)
    if method == "CONNECT":
        authority, resource = target, ""
    path, _, query = resource.partition("?")
    return Request(method, target, host_of(authority), path, query, headers, b"", head)


def host_of(authority: str) -> str:
    """Return the lower-case host of an authority, without its port."""
    return re.sub(r":[0-9]*\Z", "", authority).lower()


def wants_close(request: Request) -> bool:
    """Tell whether the client asked for the connection to end after this exchange."""
    connection = (request.headers.get("Connection") or "").lower()
    return "close" in connection or b" HTTP/1.0\r\n" in request.raw


def render(reply: Reply, request: Request) -> Iterator[Buffer | Pause]:
    """Yield what to send for a reply, in order, cut and interrupted as the reply says."""
    stream: Iterator[Buffer | Pause]
    if reply.raw is not None:
        stream = iter((reply.raw,))
    else:
        has_body = request.method != "HEAD" and reply.status >= 200 and reply.status not in (204, 304)
        body: Iterator[Buffer | Pause] = _frame(reply) if has_body else iter(())
        if reply.cut_body is not None:
            body = _first(body, reply.cut_body)
        stream = chain((_head(reply, wants_close(request)),), body)
    if reply.pause is not None:
        stream = _interrupt(stream, *reply.pause)
    return _first(stream, reply.cut) if reply.cut is not None else stream


def _head(reply: Reply, close: bool) -> bytes:
    given = {name.lower() for name, _ in reply.headers}
    headers = list(reply.headers)
    if "date" not in given:
        headers.insert(0, ("Date", formatdate(usegmt=True)))
    if reply.framing == "chunked" and "transfer-encoding" not in given:
        headers.append(("Transfer-Encoding", "chunked"))
    length = len(reply.body) if reply.length is None and isinstance(reply.body, bytes) else reply.length
    bodiless = reply.status < 200 or reply.status in (204, 304)
    if reply.framing == "length" and "content-length" not in given and not bodiless:
        if length is None:
            raise ValueError("a body in pieces needs a declared length")
        headers.append(("Content-Length", str(length)))
    if (close or reply.framing == "close" or reply.ending == "close") and "connection" not in given:
        headers.append(("Connection", "close"))
    reason = _usual_reason(reply.status) if reply.reason is None else reply.reason
    lines = [f"HTTP/1.1 {reply.status} {reason}", *(f"{name}: {value}" for name, value in headers), "", ""]
    return reply.interim + "\r\n".join(lines).encode("latin-1")


def _usual_reason(status: int) -> str:
    return next((entry.phrase for entry in HTTPStatus if entry == status), "")


def _frame(reply: Reply) -> Iterator[Buffer]:
    pieces = (reply.body,) if isinstance(reply.body, bytes) else reply.body
    if reply.framing != "chunked":
        yield from pieces
        return
    for chunk in _rechunk(pieces, reply.chunk_sizes):
        yield b"".join((f"{len(chunk):x}{reply.chunk_extension}\r\n".encode("latin-1"), chunk, b"\r\n"))
    trailers = "".join(f"{name}: {value}\r\n" for name, value in reply.trailers)
    yield f"0{reply.chunk_extension}\r\n{trailers}\r\n".encode("latin-1")


def _rechunk(pieces: Iterable[Buffer], sizes: tuple[int, ...]) -> Iterator[Buffer]:
    if not sizes:
        yield from (piece for piece in pieces if piece)
        return
    whole = b"".join(pieces)
    start = turn = 0
    while start < len(whole):
        yield whole[start : start + sizes[turn % len(sizes)]]
        start += sizes[turn % len(sizes)]
        turn += 1


def _first(stream: Iterable[Buffer | Pause], count: int) -> Iterator[Buffer | Pause]:
    for piece in stream:
        if isinstance(piece, Pause):
            yield piece
            continue
        if len(piece) >= count:
            yield piece[:count]
            return
        yield piece
        count -= len(piece)


def _interrupt(stream: Iterable[Buffer | Pause], after: int, seconds: float) -> Iterator[Buffer | Pause]:
    waited = False
    for piece in stream:
        if waited or isinstance(piece, Pause) or len(piece) < after:
            yield piece
            after -= 0 if isinstance(piece, Pause) else len(piece)
            continue
        yield piece[:after]
        yield Pause(seconds)
        yield piece[after:]
        waited = True
