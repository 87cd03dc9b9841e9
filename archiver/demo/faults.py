"""Ways in which a demo host can misbehave, each asked for by name; nothing goes wrong here unasked.

A fault of an exchange is any function from the request and the good reply to the reply that is sent. The faults of
CONNECT and of the TLS handshake, which have no reply to shape, are told by their types. Servers that mean harm are in
`hostile` and `hostile_json`.
"""

from __future__ import annotations

import gzip
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from archiver.demo.authority import BadKind
from archiver.demo.wire import Header, Reply, Request

ReplyFault = Callable[[Request, Reply], Reply]


@dataclass(frozen=True)
class ConnectRefused:
    """The proxy answers CONNECT with this status and closes."""

    status: int = 403


@dataclass(frozen=True)
class BadCertificate:
    """The host presents a certificate that has to be refused."""

    kind: BadKind


@dataclass(frozen=True)
class HandshakeBroken:
    """The host answers the TLS handshake with bytes that are no TLS, and closes.

    Without CONNECT it does so before it knows which host is meant: the fault is then to be added without one, or for
    the host of the listener.
    """


@dataclass(frozen=True)
class Status:
    """Another status, with a body and header fields of its own."""

    code: int
    body: bytes = b""
    headers: Sequence[Header] = ()

    def __call__(self, _request: Request, _reply: Reply) -> Reply:
        return Reply(self.code, self.headers, self.body)


@dataclass(frozen=True)
class Replace:
    """The usual reply with another body and, if given, another media type."""

    body: bytes
    content_type: str | None = None

    def __call__(self, _request: Request, reply: Reply) -> Reply:
        changed = replace(reply, body=self.body, length=None)
        return changed.with_header("Content-Type", self.content_type) if self.content_type else changed


@dataclass(frozen=True)
class Reset:
    """So many bytes of the response, then a TCP RST."""

    after: int = 0

    def __call__(self, _request: Request, reply: Reply) -> Reply:
        return replace(reply, cut=self.after, ending="reset")


@dataclass(frozen=True)
class Truncate:
    """The whole length declared, so many bytes of the body sent, a clean close."""

    after: int

    def __call__(self, _request: Request, reply: Reply) -> Reply:
        return replace(reply, cut_body=self.after, ending="close")


@dataclass(frozen=True)
class WrongLength:
    """Another length declared than the body has, the body sent whole, a clean close."""

    declared: int

    def __call__(self, _request: Request, reply: Reply) -> Reply:
        return replace(reply, length=self.declared, ending="close")


@dataclass(frozen=True)
class Stall:
    """So many bytes of the response, a wait of so many seconds (at most until the box is closed), then the rest."""

    after: int
    seconds: float

    def __call__(self, _request: Request, reply: Reply) -> Reply:
        return replace(reply, pause=(self.after, self.seconds))


@dataclass(frozen=True)
class Chunked:
    """The body in chunks of these sizes, used round and round, with an extension (";a=b") and trailers."""

    sizes: Sequence[int] = ()
    extension: str = ""
    trailers: Sequence[Header] = ()

    def __call__(self, _request: Request, reply: Reply) -> Reply:
        return replace(
            reply,
            framing="chunked",
            chunk_sizes=tuple(self.sizes),
            chunk_extension=self.extension,
            trailers=self.trailers,
        )


@dataclass(frozen=True)
class Gzip:
    """The body compressed, with Content-Encoding: gzip, whether or not the client accepts it."""

    def __call__(self, _request: Request, reply: Reply) -> Reply:
        body = reply.body if isinstance(reply.body, bytes) else b"".join(reply.body)
        packed = gzip.compress(body, mtime=0)
        return replace(reply.with_header("Content-Encoding", "gzip"), body=packed, length=None)


@dataclass(frozen=True)
class EarlyHints:
    """A 103 response before the real one."""

    link: str = "</style.css>; rel=preload; as=style"

    def __call__(self, _request: Request, reply: Reply) -> Reply:
        hints = f"HTTP/1.1 103 Early Hints\r\nLink: {self.link}\r\n\r\n".encode("latin-1")
        return replace(reply, interim=reply.interim + hints)


@dataclass(frozen=True)
class Raw:
    """Exactly these bytes in place of the response."""

    data: bytes
    ending: Literal["keep", "close", "reset", "break"] = "close"

    def __call__(self, _request: Request, _reply: Reply) -> Reply:
        return Reply(raw=self.data, ending=self.ending)


@dataclass(frozen=True)
class TLSBreak:
    """So many bytes of the response, then bytes that are no valid TLS record."""

    after: int = 0

    def __call__(self, _request: Request, reply: Reply) -> Reply:
        return replace(reply, cut=self.after, ending="break")


Fault = ReplyFault | ConnectRefused | BadCertificate | HandshakeBroken
_Early = TypeVar("_Early", ConnectRefused, BadCertificate, HandshakeBroken)


@dataclass
class _Rule:
    fault: Fault
    host: str | None
    path: str | re.Pattern[str] | None
    method: str | None
    left: int | None

    def matches(self, host: str, method: str | None, resource: str | None) -> bool:
        if self.left == 0 or self.host not in (None, host):
            return False
        if method is None or resource is None:
            return True
        if self.method not in (None, method):
            return False
        if isinstance(self.path, str):
            return resource.startswith(self.path)
        return self.path is None or self.path.search(resource) is not None


class Faults:
    """The faults that are waiting for their request; the first that was added and matches is used."""

    def __init__(self) -> None:
        self._rules: list[_Rule] = []
        self._lock = threading.Lock()

    def add(
        self,
        fault: Fault,
        *,
        host: str | None = None,
        path: str | re.Pattern[str] | None = None,
        times: int | None = 1,
        method: str | None = None,
    ) -> None:
        """Let a fault happen.

        Args:
            fault: what is to happen.
            host: to this host only.
            path: only where path and query begin with this text, or where this pattern is found in them.
            times: so many times; None for ever.
            method: to requests of this method only.
        """
        with self._lock:
            self._rules.append(_Rule(fault, host.lower() if host else None, path, method, times))

    def for_exchange(self, request: Request) -> ReplyFault | None:
        """Take the fault that is due for a request, if there is one."""
        with self._lock:
            for rule in self._rules:
                if isinstance(rule.fault, (ConnectRefused, BadCertificate, HandshakeBroken)):
                    continue
                if rule.matches(request.host, request.method, request.resource):
                    _use(rule)
                    return rule.fault
        return None

    def for_connect(self, host: str) -> ConnectRefused | None:
        """Take the fault that is due for a CONNECT to a host, if there is one."""
        return self._early(ConnectRefused, host)

    def for_handshake(self, host: str) -> BadCertificate | None:
        """Take the fault that is due for the certificate of a host, if there is one."""
        return self._early(BadCertificate, host)

    def breaks_handshake(self, host: str) -> bool:
        """Take the fault that is due for a TLS handshake before it has begun, and tell whether there was one."""
        return self._early(HandshakeBroken, host) is not None

    def _early(self, kind: type[_Early], host: str) -> _Early | None:
        with self._lock:
            for rule in self._rules:
                if isinstance(rule.fault, kind) and rule.matches(host, None, None):
                    _use(rule)
                    return rule.fault
        return None


def _use(rule: _Rule) -> None:
    if rule.left is not None:
        rule.left -= 1
