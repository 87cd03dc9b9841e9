"""The rules of HTTP/1.1 messages (RFC 9112) on bytes that were recorded; it never opens a connection.

Recording and verification share these rules: where a message's head ends, how its body is framed, whether it is whole,
and which codings its payload is under.
"""

from __future__ import annotations

import re
from typing import Literal

from archiver.codings import ChunkScanner
from archiver.errors import FormatError
from archiver.model import Record

Fields = tuple[tuple[str, str], ...]
Framing = Literal["none", "length", "chunked", "close"]

MAX_HEAD = 1 << 18
"""Bytes a message head may have, the interim ones before it included; h11 gives up earlier on a single one."""

_HEAD_END = re.compile(rb"\n\r?\n")
_STATUS_LINE = re.compile(rb"HTTP/(\d\.\d) ([1-9]\d\d)(?: (.*))?")


class ResponseHead(Record, frozen=True, kw_only=True):
    """The parsed head of a response.

    Attributes:
        version: HTTP version as sent ("1.1").
        status: status code.
        reason: reason phrase, untrusted.
        fields: field names as sent and values without surrounding white space, in order, decoded as Latin-1.
    """

    version: str
    status: int
    reason: str
    fields: Fields

    def values(self, name: str) -> list[str]:
        """Return every value of a field, by its name in any case."""
        return [value for key, value in self.fields if key.lower() == name]

    def get(self, name: str) -> str | None:
        """Return the first value of a field, or None."""
        return next(iter(self.values(name)), None)


def parse_response_head(raw: bytes) -> ResponseHead:
    """Parse the head of a response, from its status line to the blank line.

    Raises:
        FormatError: it does not begin with an HTTP/1 status line.
    """
    lines = re.split(rb"\r?\n", raw)
    match = _STATUS_LINE.fullmatch(lines[0])
    if match is None:
        raise FormatError("response does not begin with an HTTP/1 status line")
    fields: list[tuple[str, str]] = []
    for line in lines[1:]:
        if line[:1] in (b" ", b"\t") and fields:
            name, value = fields[-1]
            fields[-1] = (name, f"{value} {line.strip().decode('latin-1')}")
        elif b":" in line:
            name_raw, _, value_raw = line.partition(b":")
            fields.append((name_raw.strip().decode("latin-1"), value_raw.strip().decode("latin-1")))
    return ResponseHead(
        version=match[1].decode("ascii"),
        status=int(match[2]),
        reason=(match[3] or b"").decode("latin-1"),
        fields=tuple(fields),
    )


def framing(head: ResponseHead, method: str) -> tuple[Framing, int]:
    """Tell how the body of a response ends, and its length in bytes where that is declared (RFC 9112 section 6.3)."""
    if method == "HEAD" or head.status in (204, 304) or head.status < 200:
        return "none", 0
    codings = [part.strip().lower() for value in head.values("transfer-encoding") for part in value.split(",")]
    if codings:
        return ("chunked", 0) if codings[-1] == "chunked" else ("close", 0)
    lengths = {part.strip() for value in head.values("content-length") for part in value.split(",")}
    if len(lengths) == 1 and (text := lengths.pop()).isascii() and text.isdigit() and len(text) < 20:
        return "length", int(text)
    return "close", 0


class ResponseFramer:
    """Splits the bytes of one response stream, as they arrive, into interim heads, head, body and excess.

    Attributes:
        interim: the 1xx heads that came first, each with its blank line.
        head: the final head with its blank line; what came of it so far while `parsed` is None.
        parsed: the parsed final head, once it is whole.
        body_bytes: bytes of the body so far, chunk framing included.
        complete: whether the message is whole by its own framing.
        excess: bytes that came after the message's end.
        broken: what is wrong with the message, once it has turned out to be no HTTP/1; bytes are kept all the same.
    """

    def __init__(self, method: str) -> None:
        self.interim: list[bytes] = []
        self.head = b""
        self.parsed: ResponseHead | None = None
        self.body_bytes = 0
        self.complete = False
        self.excess = b""
        self.broken: str | None = None
        self._method = method
        self._framing: Framing = "close"
        self._length = 0
        self._chunks = ChunkScanner()
        self._interim_bytes = 0

    def feed(self, data: bytes | memoryview) -> memoryview:
        """Take in the next bytes and return those that belong to the body. No byte is lost, whatever they are."""
        view = memoryview(data)
        if self.parsed is None:
            view = memoryview(self._take_heads(bytes(data)))
        taken = self._take_body(view)
        self.body_bytes += taken
        if taken < len(view):
            self.excess += bytes(view[taken:])
        return view[:taken]

    def end(self) -> None:
        """Say that the connection ended, which completes a message that has no other end."""
        if self.parsed is not None and self._framing == "close" and self.broken is None:
            self.complete = True

    @property
    def expected_length(self) -> int | None:
        """Bytes of the body as declared, or None where no length was declared."""
        return self._length if self.parsed is not None and self._framing == "length" else None

    def _take_heads(self, data: bytes) -> bytes:
        self.head += data
        while self.broken is None and (match := _HEAD_END.search(self.head)):
            block, rest = self.head[: match.end()], self.head[match.end() :]
            try:
                parsed = parse_response_head(block)
            except FormatError as error:
                self.broken = str(error)
                return b""
            if parsed.status >= 200 or parsed.status == 101:
                self.head, self.parsed = block, parsed
                self._framing, self._length = framing(parsed, self._method)
                self.complete = self._framing == "none" or (self._framing == "length" and self._length == 0)
                return rest
            self.interim.append(block)
            self._interim_bytes += len(block)
            self.head = rest
        if len(self.head) + self._interim_bytes > MAX_HEAD:
            self.broken = f"response head is longer than {MAX_HEAD} bytes"
        return b""

    def _take_body(self, view: memoryview) -> int:
        if self.complete:
            return 0
        if self._framing == "length":
            taken = min(len(view), self._length - self.body_bytes)
            self.complete = self.body_bytes + taken == self._length
            return taken
        if self._framing == "chunked":
            try:
                taken = self._chunks.feed(view)
            except FormatError as error:
                self.broken, self._framing = str(error), "close"
                return len(view)
            self.complete = self._chunks.complete
            return taken
        return len(view)


def codings(head: ResponseHead) -> list[str]:
    """Return the codings that were applied to the payload, in order: content codings first, then transfer codings."""
    names = head.values("content-encoding") + head.values("transfer-encoding")
    parts = [part.strip().lower() for value in names for part in value.split(",")]
    return [part for part in parts if part not in ("", "identity")]
