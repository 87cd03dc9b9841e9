"""Serves one accepted connection of the demo internet, from CONNECT and handshake to its end; it decides no content.

A client that goes away ends the connection and nothing else. A handler that raises is a mistake in a test: the
connection is closed and the exception is left to the thread's hook, which makes it heard.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from archiver.demo.authority import Authority
from archiver.demo.faults import Faults
from archiver.demo.log import ConnectionLog, ExchangeLog, Log
from archiver.demo.wire import (
    BadRequest,
    Buffer,
    Handler,
    Pause,
    Reply,
    Request,
    RequestReader,
    host_of,
    render,
    wants_close,
)

_COALESCE = 1 << 16
_LINGER_SECONDS = 1.0
_SETTLE_SECONDS = 0.02
_NO_TLS_RECORD = b"\x17\x03\x03\x00\x20" + bytes(32)


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


Role = Proxy | Plain | Direct


class Connection:
    """One accepted connection.

    Args:
        accepted: the socket, which the connection owns from now on.
        role: what the client has connected to.
        service: what it shares with the others.
    """

    def __init__(self, accepted: socket.socket, role: Role, service: Service) -> None:
        self._socket = accepted
        self._role = role
        self._service = service
        self._log: ConnectionLog = service.log.open_connection()
        self._reader = RequestReader(accepted.recv)
        self._lock = threading.Lock()

    def run(self) -> None:
        """Serve until either side ends the connection."""
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._serve()
        except BadRequest as error:
            self._refuse(str(error))
        except OSError:
            # The client has gone, or the box is closing: neither is an error here, and the log says how far it came.
            return
        finally:
            with self._lock:
                self._socket.close()

    def abort(self) -> None:
        """End the connection from another thread; `run` returns soon after."""
        # A socket that is no longer connected has nothing to shut down. The TLS layer's own shutdown would pull the
        # session away from under the thread that is using it.
        with self._lock, contextlib.suppress(OSError):
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def _serve(self) -> None:
        if isinstance(self._role, Direct):
            self._exchange_all(self._accept_direct(self._role.host))
        elif isinstance(self._role, Plain):
            self._exchange_all(None)
        else:
            request = self._reader.next(None)
            if request is not None and request.method == "CONNECT":
                if self._open_tunnel(request):
                    self._exchange_all(request.host)
            else:
                self._exchange_all(None, request)

    def _open_tunnel(self, request: Request) -> bool:
        refusal = self._service.faults.for_connect(request.host)
        known = request.host in self._service.hosts
        status = refusal.status if refusal else 200 if known else 502
        if self._reader.pending:
            raise BadRequest("the client spoke before the tunnel was open")
        head = b"HTTP/1.1 200 Connection established\r\n\r\n"
        if status != 200:
            head = b"".join(
                piece for piece in render(Reply(status, ending="close"), request) if isinstance(piece, bytes)
            )
        self._log.target = request.target
        self._log.connect_request = request.raw
        self._log.connect_response = head
        self._socket.sendall(head)
        if status != 200:
            self._close_cleanly()
            return False
        fault = self._service.faults.for_handshake(request.host)
        self._start_tls(self._service.authority.context(request.host, fault.kind if fault else "good"))
        return True

    def _accept_direct(self, default: str) -> str:
        """Do the handshake as the host that the client names, and return that host."""
        chosen = default
        context = self._service.authority.fresh_context(default)

        def choose(tls: ssl.SSLSocket | ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> int | None:
            nonlocal chosen
            chosen = (name or default).lower()
            if chosen not in self._service.hosts:
                return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
            fault = self._service.faults.for_handshake(chosen)
            tls.context = self._service.authority.context(chosen, fault.kind if fault else "good")
            return None

        context.sni_callback = choose
        self._start_tls(context)
        return chosen

    def _start_tls(self, context: ssl.SSLContext) -> None:
        with self._lock:
            tls = context.wrap_socket(self._socket, server_side=True, do_handshake_on_connect=False)
            self._socket = tls
        tls.do_handshake()
        self._log.tls = True
        self._reader = RequestReader(tls.recv)

    def _exchange_all(self, host: str | None, first: Request | None = None) -> None:
        request = first or self._reader.next(host)
        while request is not None and self._exchange(request, host):
            request = self._reader.next(host)

    def _exchange(self, request: Request, host: str | None) -> bool:
        """Answer one request; return whether the connection lives on."""
        if request.method == "CONNECT":
            raise BadRequest("CONNECT inside a connection that is in use")
        if request.absolute != (isinstance(self._role, Proxy) and host is None):
            raise BadRequest("a proxy is asked in absolute form, a server by path")
        exchange = self._service.log.open_exchange(self._log, request, self._service.keep_bytes)
        try:
            reply = self._reply(request, host)
        except OSError as error:
            # Not to be taken for the client's leaving.
            raise RuntimeError(f"the handler of {request.host} failed") from error
        exchange.note = reply.note
        self._send(reply, request, exchange)
        if reply.ending == "keep" and reply.framing != "close" and not wants_close(request):
            return True
        if reply.ending == "reset":
            self._reset()
        elif reply.ending == "break" and self._log.tls:
            socket.socket.sendall(self._socket, _NO_TLS_RECORD)
        else:
            self._close_cleanly()
        return False

    def _reply(self, request: Request, host: str | None) -> Reply:
        handler = self._service.hosts.get(request.host)
        if host is not None and host_of(request.headers.get("Host") or "") != host:
            reply = Reply(421)
        else:
            reply = handler(request) if handler else Reply(502)
        fault = self._service.faults.for_exchange(request)
        return fault(request, reply) if fault else reply

    def _send(self, reply: Reply, request: Request, exchange: ExchangeLog) -> None:
        # Small pieces are joined, so that a head and a short body leave in one packet and one TLS record.
        waiting = bytearray()

        def hand_over(piece: Buffer) -> None:
            exchange.add(piece)
            self._socket.sendall(piece)

        for piece in render(reply, request):
            if not isinstance(piece, Pause) and len(waiting) + len(piece) <= _COALESCE:
                waiting += piece
                continue
            if waiting:
                hand_over(bytes(waiting))
                waiting.clear()
            if not isinstance(piece, Pause):
                hand_over(piece)
            elif self._service.closing.wait(piece.seconds):
                raise ConnectionAbortedError("the box is closing")
        if waiting:
            hand_over(bytes(waiting))

    def _refuse(self, why: str) -> None:
        body = f"{why}\n".encode()
        head = f"HTTP/1.1 400 Bad Request\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
        with contextlib.suppress(OSError):
            self._socket.sendall(head + body)
            self._close_cleanly()

    def _reset(self) -> None:
        # Bytes that are still under way when the RST is sent would be lost, and the client would see too few.
        self._service.closing.wait(_SETTLE_SECONDS)
        form = "hh" if sys.platform == "win32" else "ii"
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(form, 1, 0))

    def _close_cleanly(self) -> None:
        """Send close_notify and FIN, then read on for a while, since unread bytes would turn the close into RST."""
        if isinstance(self._socket, ssl.SSLSocket):
            self._socket.settimeout(0)
            try:
                self._socket.unwrap()
            except ssl.SSLWantReadError:
                # Ours is sent; the client's is not waited for.
                self._socket.settimeout(None)
        socket.socket.shutdown(self._socket, socket.SHUT_WR)
        self._socket.settimeout(_LINGER_SECONDS)
        while socket.socket.recv(self._socket, _COALESCE):
            continue
