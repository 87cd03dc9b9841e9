"""Renders replies of the demo internet to the pieces of bytes to send and the waits between them; it sends nothing.

Standard: RFC 9112, broken wherever the reply asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from itertools import chain

from archiver.demo.wire import Buffer, Reply, Request, wants_close


@dataclass(frozen=True)
class Pause:
    """Stands between the pieces of a reply where the sender has to wait, in seconds."""

    seconds: float


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
        if reply.drip and reply.drip[0] == "body":
            body = _one_by_one(body, reply.drip[1])
        stream = chain((_head(reply, wants_close(request)),), body)
    if reply.drip and reply.drip[0] == "head":
        stream = _one_by_one(stream, reply.drip[1])
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


def _one_by_one(stream: Iterable[Buffer | Pause], seconds: float) -> Iterator[Buffer | Pause]:
    for piece in stream:
        if isinstance(piece, Pause):
            yield piece
            continue
        for place in range(len(piece)):
            yield Pause(seconds)
            yield piece[place : place + 1]
