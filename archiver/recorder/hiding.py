"""Takes the credentials of a session out of one exchange before it is stored; every other byte stays as it came.

What is overwritten keeps its length and is told in the exchange. A compressed body that holds a credential cannot be
stored as it came: it is stored decoded, and the names of the fields that tell of its codings and its length are
overwritten in the head, so that the head says nothing of the stored body that is not so.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from archiver.codings import ChunkScanner, decode
from archiver.errors import FormatError
from archiver.hashing import BLOCK, sha256
from archiver.http1 import ResponseHead, codings, parse_response_head
from archiver.model import Body, Exchange, Redaction
from archiver.recorder.credentials import Credentials
from archiver.recorder.redact import find_codings, overwrite

SEARCHED = 16 << 20
"""Bytes up to which a body is searched, as it came and decoded. Of one that came longer only the head is."""
_MOST_PARTS = 1000
"""Parts of a body that are overwritten one by one; where there are more, all between the first and the last is."""


class _Content(NamedTuple):
    """What a body says.

    Attributes:
        data: the payload, codings taken off, as far as it could be decoded.
        compressed: whether a compression was taken off, so that these bytes stand nowhere in the body.
        whole: whether it could be decoded to its end.
    """

    data: bytes
    compressed: bool = False
    whole: bool = True


def hide(exchange: Exchange, credentials: Credentials) -> Exchange:
    """Return an exchange as it may be stored, and let the session learn from it.

    Raises:
        OSError: a spooled body cannot be read back.
    """
    content = _content(exchange) if credentials else None
    in_answer = list(credentials.learn_answer(exchange.url, content.data)) if content else []
    credentials.learn_head(exchange.head)
    if not credentials:
        return exchange
    in_head = list(credentials.in_head(exchange.head))
    exchange = _around(exchange, credentials)
    if content is None:
        return _rebuilt(exchange, in_head)
    in_answer += credentials.anywhere(content.data)
    if content.compressed and (in_answer or not content.whole):
        if not content.whole and exchange.truncated is None:
            exchange = msgspec.structs.replace(exchange, truncated="unspecified")
        return _rebuilt(exchange, [*in_head, *find_codings(exchange.head)], *_overwritten(content.data, in_answer))
    body = exchange.body.data or b""
    found = [*_in_body(body, _codings(exchange), in_answer), *credentials.anywhere(body)]
    return _rebuilt(exchange, in_head, *_overwritten(body, found))


def _around(exchange: Exchange, credentials: Credentials) -> Exchange:
    """Overwrite what stands in the request, in interim responses and in stray bytes."""
    request, further = overwrite(exchange.request, credentials.anywhere(exchange.request))
    beside = [overwrite(raw, credentials.in_head(raw)) for raw in (*exchange.interim, exchange.stray)]
    found = tuple(redactions for _, redactions in beside)
    return msgspec.structs.replace(
        exchange,
        request=request,
        redactions=overwrite(request, (*exchange.redactions, *further))[1],
        interim=tuple(raw for raw, _ in beside[:-1]),
        stray=beside[-1][0],
        beside_redactions=found if any(found) else (),
    )


def _rebuilt(
    exchange: Exchange, in_head: Iterable[Redaction], data: bytes | None = None, in_body: Iterable[Redaction] = ()
) -> Exchange:
    """Return an exchange with parts of its head overwritten, another body, and all that follows from these.

    Args:
        exchange: with head and body as they came.
        in_head: what is to be overwritten in the head.
        data: the new body; None to keep the one that is there.
        in_body: what was overwritten in the new body.
    """
    head, found = overwrite(exchange.head, in_head)
    body = exchange.body
    if data is not None and data != body.data:
        body = Body(data=data, size=len(data), sha256=sha256(data).hexdigest())
    if not found and body is exchange.body:
        return exchange
    moved = (Redaction(offset=len(head) + item.offset, length=item.length, what=item.what) for item in in_body)
    return msgspec.structs.replace(
        exchange,
        head=head,
        fields=parse_response_head(head).fields,
        body=body,
        block_sha256=_block_sha256(head, body),
        response_redactions=(*found, *moved),
    )


def _block_sha256(head: bytes, body: Body) -> str:
    hasher = sha256(head)
    if body.path is None:
        hasher.update(body.data or b"")
    else:
        with body.path.open("rb", buffering=0) as stream:
            while piece := stream.read(BLOCK):
                hasher.update(piece)
    return hasher.hexdigest()


def _overwritten(data: bytes, found: list[Redaction]) -> tuple[bytes, tuple[Redaction, ...]]:
    if len(found) > _MOST_PARTS:
        first = min(found, key=lambda item: item.offset)
        end = max(item.offset + item.length for item in found)
        found = [Redaction(offset=first.offset, length=end - first.offset, what=first.what)]
    return overwrite(data, found)


def _content(exchange: Exchange) -> _Content | None:
    """Return what a body says; None where there is none, or it is too long to be searched."""
    body, names = exchange.body.data, _codings(exchange)
    if not body or len(body) > SEARCHED:
        return None
    data = bytearray()
    if set(names) <= {"chunked"}:
        for at, length in _parts(body, names):
            data += memoryview(body)[at : at + length]
        return _Content(bytes(data))
    try:
        for piece in decode([body], names, limit=SEARCHED):
            data += piece
    except FormatError:
        return _Content(bytes(data), compressed=True, whole=False)
    return _Content(bytes(data), compressed=True)


def _codings(exchange: Exchange) -> list[str]:
    return codings(ResponseHead(version="1.1", status=exchange.status or 0, reason="", fields=exchange.fields))


def _parts(body: bytes, names: list[str]) -> Iterator[tuple[int, int]]:
    """Yield offset and length of the content in a body that is not compressed.

    What follows a fault in the framing of chunks is taken as content.
    """
    if not names:
        yield 0, len(body)
        return
    scanner, at = ChunkScanner(), 0
    try:
        for part, is_content in scanner.split(memoryview(body)):
            if is_content:
                yield at, len(part)
            at += len(part)
    except FormatError:
        yield at, len(body) - at


def _in_body(body: bytes, names: list[str], found: Iterable[Redaction]) -> Iterator[Redaction]:
    """Yield where in a body, chunk by chunk, stands what was found in its content."""
    waiting = deque(sorted(found, key=lambda item: item.offset))
    start = 0
    for at, length in _parts(body, names) if waiting else ():
        while waiting and waiting[0].offset < start + length:
            item = waiting.popleft()
            first, last = max(item.offset, start), min(item.offset + item.length, start + length)
            yield Redaction(offset=at + first - start, length=last - first, what=item.what)
            if last < item.offset + item.length:
                waiting.appendleft(Redaction(offset=last, length=item.offset + item.length - last, what=item.what))
        start += length
