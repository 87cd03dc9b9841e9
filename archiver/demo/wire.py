"""HTTP/1.1 messages of the demo internet: what a request and a reply are, and how requests are read.

Standard: RFC 9112, which requests have to keep and replies may break on purpose. It opens no connection.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
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
        drip: (from where, seconds): from the head or only the body on, send single bytes with such a wait before each.
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
    drip: tuple[Literal["head", "body"], float] | None = None
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
