"""Servers that mean harm, as faults: bodies without end, bombs, slowness, mazes of redirects; none is on unasked.

Bodies are made while they are sent, so a reply costs nothing before it is read. A box that is to serve a huge one
should not keep bytes (`Box(keep_bytes=False)`), or its log becomes as large as what the client takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Literal

from archiver.demo import bombs
from archiver.demo.wire import Buffer, Reply, Request

_PIECE = memoryview(bytes(1 << 16))
_HOP = re.compile(r"[?&]hop=([0-9]+)\Z")


@dataclass(frozen=True)
class Bomb:
    """A small body under a content coding that decodes to `size` bytes: `start`, then zeros."""

    coding: bombs.Coding
    size: int
    start: bytes = b""

    def __call__(self, _request: Request, reply: Reply) -> Reply:
        packed = bombs.pack(self.coding, self.size, self.start)
        coded = reply.with_header("Content-Encoding", self.coding)
        return replace(coded, body=packed.pieces, length=packed.length, framing="length")


@dataclass(frozen=True)
class Flood:
    """A body of `size` bytes, or without end when that is None: `start`, then zeros.

    Its length is declared unless the framing says otherwise; a body without end declares `claimed` bytes if it has to.
    """

    size: int | None
    framing: Literal["length", "chunked", "close"] = "length"
    start: bytes = b""
    claimed: int = 1 << 62

    def __call__(self, _request: Request, reply: Reply) -> Reply:
        length = self.claimed if self.size is None else self.size
        return replace(reply, body=self._pieces(), length=length, framing=self.framing)

    def _pieces(self) -> Iterator[Buffer]:
        if self.size is None:
            yield self.start
            yield from repeat(_PIECE)
            return
        yield self.start[: self.size]
        count, left = divmod(max(self.size - len(self.start), 0), len(_PIECE))
        yield from repeat(_PIECE, count)
        yield _PIECE[:left]


@dataclass(frozen=True)
class Drip:
    """The usual reply in single bytes, so many seconds apart; either all of it or, after the whole head, the body."""

    seconds: float
    start: Literal["head", "body"] = "head"

    def __call__(self, _request: Request, reply: Reply) -> Reply:
        return replace(reply, drip=(self.start, self.seconds))


@dataclass(frozen=True)
class ManyHeaders:
    """The usual reply with so many more header fields, of `size` bytes each."""

    count: int
    size: int = 20

    def __call__(self, _request: Request, reply: Reply) -> Reply:
        more = ((f"X-{number:07}", "x" * (self.size - 13)) for number in range(self.count))
        return replace(reply, headers=(*reply.headers, *more))


@dataclass(frozen=True)
class Redirect:
    """A redirect to this target, whatever it is; what is not Latin-1 goes out as UTF-8."""

    target: str
    status: int = 302

    def __call__(self, _request: Request, _reply: Reply) -> Reply:
        return Reply(self.status, (("Location", self.target.encode().decode("latin-1")),))


@dataclass(frozen=True)
class EndlessRedirects:
    """Redirects on the same host, each to a URL that was not asked for before; to be added with `times=None`."""

    status: int = 302

    def __call__(self, request: Request, _reply: Reply) -> Reply:
        return _to_hop(request, _hop(request) + 1, self.status)


@dataclass(frozen=True)
class RedirectLoop:
    """Redirects round and round `length` URLs of the same host; to be added with `times=None`."""

    length: int = 2
    status: int = 302

    def __call__(self, request: Request, _reply: Reply) -> Reply:
        return _to_hop(request, (_hop(request) + 1) % self.length, self.status)


def _hop(request: Request) -> int:
    found = _HOP.search(request.resource)
    return int(found[1]) if found else 0


def _to_hop(request: Request, hop: int, status: int) -> Reply:
    resource = _HOP.sub("", request.resource)
    mark = "&" if "?" in resource else "?"
    return Reply(status, (("Location", f"https://{request.host}{resource}{mark}hop={hop}"),))
