"""An internet in a box: a proxy on loopback behind which the sample hosts answer; it contacts nothing outside itself.

Everything that arrives and leaves is logged byte for byte, by code that shares nothing with the rest of the program,
so that a test can hold what was recorded against what was really sent.
"""

from __future__ import annotations

import contextlib
import socket
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from archiver.demo.authority import Authority
from archiver.demo.connection import Connection
from archiver.demo.faults import Faults
from archiver.demo.graphql_logins import Login, LoginName
from archiver.demo.log import ConnectionLog, ExchangeLog, Log
from archiver.demo.roles import Direct, Plain, Proxy, Role, Service, Socks
from archiver.demo.sites import World
from archiver.demo.timestamps import Timestamps
from archiver.demo.wire import Handler


class Box:
    """A running demo internet; it stops when closed.

    Args:
        world: the posts that its hosts know.
        keep_bytes: whether the log keeps every byte; False keeps counts only, for huge bodies.

    Attributes:
        proxy_url: URL of the HTTP proxy.
        ca_file: PEM file of the authority that vouches for the hosts; it is gone when the box is closed.
        faults: what shall go wrong.
        timestamps: the time-stamp authorities, which know how to reply badly.
    """

    def __init__(self, world: World | None = None, *, keep_bytes: bool = True) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="archiver-demo-")
        authority = Authority(Path(self._folder.name))
        self.ca_file = authority.ca_file
        self.faults = Faults()
        self._log = Log()
        self.timestamps = Timestamps(Path(self._folder.name))
        self._world = world or World()
        self._hosts = {**self._world.hosts, **self.timestamps.hosts}
        closing = threading.Event()
        self._service = Service(self._hosts, authority, self.faults, self._log, keep_bytes, closing)
        self._listeners: dict[Role, _Listener] = {}
        self._lock = threading.Lock()
        self.proxy_url = f"http://127.0.0.1:{self._listen(Proxy())}"

    @property
    def connections(self) -> tuple[ConnectionLog, ...]:
        """All connections, in the order in which they were accepted."""
        return self._log.connections

    @property
    def exchanges(self) -> tuple[ExchangeLog, ...]:
        """All exchanges, in the order in which their requests arrived."""
        return self._log.exchanges

    def requests(self, host: str | None = None) -> tuple[ExchangeLog, ...]:
        """Return the exchanges with one host, or all of them."""
        return tuple(exchange for exchange in self.exchanges if host in (None, exchange.host))

    def login(self, name: LoginName) -> Login:
        """Return a sample login of X, which is known to this box only."""
        return self._world.sessions.login(name)

    @property
    def guest_tokens(self) -> tuple[str, ...]:
        """The guest tokens that X gave out in this box, in order."""
        return self._world.sessions.guest_tokens

    def environment(self) -> dict[str, str]:
        """Return the environment variables that lead a program into the box."""
        return {
            "HTTPS_PROXY": self.proxy_url,
            "HTTP_PROXY": self.proxy_url,
            "https_proxy": self.proxy_url,
            "http_proxy": self.proxy_url,
            "SSL_CERT_FILE": str(self.ca_file),
        }

    @property
    def tsa_roots_file(self) -> Path:
        """PEM file of the roots of the time-stamp authorities; it is gone when the box is closed."""
        return self.timestamps.roots_file

    @property
    def socks_url(self) -> str:
        """URL of the SOCKS5 proxy, which leads to the same hosts as the HTTP proxy does."""
        return f"socks5://127.0.0.1:{self._listen(Socks())}"

    def socks_url_for(self, name: str, password: str) -> str:
        """Return the URL of a SOCKS5 proxy that asks for these credentials, with them in it."""
        port = self._listen(Socks((name, password)))
        return f"socks5://{quote(name, safe='')}:{quote(password, safe='')}@127.0.0.1:{port}"

    def direct(self, host: str) -> int:
        """Return the port on 127.0.0.1 at which a host answers with TLS and without the proxy."""
        return self._listen(Direct(host.lower()))

    def direct_plain(self) -> int:
        """Return the port on 127.0.0.1 at which every host answers without TLS and without the proxy."""
        return self._listen(Plain())

    def add(self, host: str, handler: Handler) -> None:
        """Let a handler answer for a host, in place of the one that did so far if there was one."""
        self._hosts[host.lower()] = handler

    def close(self) -> None:
        """Stop: end every connection and thread, close every socket, remove the authority's files."""
        with self._lock:
            self._service.closing.set()
            for listener in self._listeners.values():
                listener.close()
            self._listeners.clear()
            self._folder.cleanup()

    def __enter__(self) -> Box:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _listen(self, role: Role) -> int:
        with self._lock:
            if self._service.closing.is_set():
                raise ValueError("the box is closed")
            if role not in self._listeners:
                self._listeners[role] = _Listener(role, self._service)
            return self._listeners[role].port


class _Listener:
    """A listening socket with the thread that accepts, and the connections that it accepted."""

    def __init__(self, role: Role, service: Service) -> None:
        self._role = role
        self._service = service
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._socket.getsockname()[1]
        self._live: dict[Connection, threading.Thread] = {}
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._accept_all, name="demo-accept", daemon=True)
        self._thread.start()

    def close(self) -> None:
        # Closing a socket wakes nobody who waits in accept on every system; a connection does.
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        self._thread.join()
        self._socket.close()
        with self._lock:
            live = dict(self._live)
        for connection, thread in live.items():
            connection.abort()
            thread.join()

    def _accept_all(self) -> None:
        while True:
            try:
                accepted, _ = self._socket.accept()
            except ConnectionAbortedError:
                # The client left before it was accepted, which some systems report here.
                continue
            if self._service.closing.is_set():
                accepted.close()
                return
            connection = Connection(accepted, self._role, self._service)
            thread = threading.Thread(target=self._run, args=(connection,), name="demo-connection", daemon=True)
            with self._lock:
                self._live[connection] = thread
            thread.start()

    def _run(self, connection: Connection) -> None:
        try:
            connection.run()
        finally:
            with self._lock:
                del self._live[connection]
