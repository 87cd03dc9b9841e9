"""What a client of the demo internet can be connected to, and what all its connections share; it serves nothing."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from archiver.demo.authority import Authority
from archiver.demo.faults import Faults
from archiver.demo.log import Log
from archiver.demo.wire import Handler


@dataclass(frozen=True)
class Service:
    """What all connections of a box share."""

    hosts: Mapping[str, Handler]
    authority: Authority
    faults: Faults
    log: Log
    keep_bytes: bool
    closing: threading.Event


@dataclass(frozen=True)
class Proxy:
    """The connection comes to a proxy."""


@dataclass(frozen=True)
class Plain:
    """The connection comes to a web server without TLS."""


@dataclass(frozen=True)
class Direct:
    """The connection comes to a web server with TLS, which is this host unless the client names another."""

    host: str


@dataclass(frozen=True)
class Socks:
    """The connection comes to a SOCKS5 proxy, which asks for these credentials if there are any."""

    credentials: tuple[str, str] | None = None


Role = Proxy | Plain | Direct | Socks
