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

from archiver.demo import socks
from archiver.demo.log import ConnectionLog, ExchangeLog
from archiver.demo.render import Pause, render
from archiver.demo.roles import Direct, Plain, Proxy, Role, Service, Socks
from archiver.demo.wire import BadRequest, Buffer, Reply, Request, RequestReader, host_of, wants_close

_COALESCE = 1 << 16
_LINGER_SECONDS = 1.0
_SETTLE_SECONDS = 0.02
_NO_TLS_RECORD = b"\x17\x03\x03\x00\x20" + bytes(32)
_NO_TLS = b"220 not what you came for\r\n"
_HTTP, _HTTPS = 80, 443


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
        elif isinstance(self._role, Socks):
            self._serve_socks(self._role)
        else:
            request = self._reader.next(None)
            if request is not None and request.method == "CONNECT":
                if self._open_tunnel(request):
                    self._exchange_all(request.host)
            else:
                self._exchange_all(None, request)

    def _serve_socks(self, role: Socks) -> None:
        def receive(count: int) -> bytes:
            data = b""
            while len(data) < count:
                piece = self._socket.recv(count - len(data))
                if not piece:
                    raise ConnectionAbortedError("the client has gone")
                self._log.socks_request += piece
                data += piece
            return data

        def send(data: bytes) -> None:
            self._log.socks_response += data
            self._socket.sendall(data)

        target = socks.negotiate(receive, send, role.credentials)
        if target is None:
            self._close_cleanly()
            return
        self._log.target = target.authority
        code = self._admit(target)
        send(socks.answer(code))
        if code != socks.GRANTED:
            self._close_cleanly()
        elif target.port == _HTTPS:
            self._exchange_all(self._accept_direct(target.host))
        else:
            self._exchange_all(target.host if target.is_name else None)

    def _admit(self, target: socks.Target) -> int:
        if self._service.faults.for_connect(target.host):
            return socks.NOT_ALLOWED
        # Behind every address are all hosts: which one is meant, the handshake or the Host field says.
        if target.is_name and target.host not in self._service.hosts:
            return socks.UNREACHABLE
        return socks.GRANTED if target.port in (_HTTP, _HTTPS) else socks.REFUSED

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
        if self._service.faults.breaks_handshake(request.host):
            self._break_handshake()
            return False
        fault = self._service.faults.for_handshake(request.host)
        self._start_tls(self._service.authority.context(request.host, fault.kind if fault else "good"))
        return True

    def _accept_direct(self, default: str) -> str:
        """Do the handshake as the host that the client names, and return that host."""
        if self._service.faults.breaks_handshake(default):
            self._break_handshake()
            raise ConnectionAbortedError("the handshake is broken on purpose")
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

    def _break_handshake(self) -> None:
        self._socket.recv(_COALESCE)
        self._socket.sendall(_NO_TLS)
        self._close_cleanly()

    def _start_tls(self, context: ssl.SSLContext) -> None:
        # Wrapping a socket that the client has left already would lose it unclosed; so the client speaks first.
        if not self._socket.recv(1, socket.MSG_PEEK):
            raise ConnectionAbortedError("the client has gone")
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
