"""Network streams that show every byte to the exchange that it belongs to; they interpret nothing but CONNECT.

These are the seam of httpcore: a backend that opens connections to addresses the guard has judged, and streams that
hand what crosses them to the sink of the thread that is using them. An exchange runs in one thread from start to end.
"""

from __future__ import annotations

import ssl
import threading
import time
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import httpcore

from archiver.model import Connection
from archiver.recorder.certificates import certificate_chain, iana_cipher
from archiver.recorder.guard import AddressGuard
from archiver.recorder.redact import redact_request
from archiver.recorder.sink import Sink

READ_SIZE = 1 << 18
"""Bytes asked of the system at once."""


PUMP_SIZE = 1 << 20
"""Bytes that a large body is read in."""


_TO_A_PROXY = (b"CONNECT ", b"\x05", b"\x01")
"""How CONNECT begins, and the messages of SOCKS5; no request inside a tunnel begins so."""


class Current(threading.local):
    """The sink of the exchange that this thread is performing, and the stream that was opened for it, if one was."""

    sink: Sink | None = None
    opened: httpcore.NetworkStream | None = None


class TapBackend(httpcore.NetworkBackend):
    """Opens connections for httpcore.

    Args:
        current: where the sink of the calling thread is found.
        guard: judges the addresses; None where the connection goes to a proxy that the user has named.
    """

    def __init__(self, current: Current, guard: AddressGuard | None) -> None:
        self._current = current
        self._guard = guard
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that answers.

        Raises:
            AddressRefused, NetworkError: the guard refuses the host, or it was not found.
            httpcore.ConnectError, httpcore.ConnectTimeout: no address answered.
        """
        addresses = [host] if self._guard is None else self._guard.resolve(host, port)
        opened = datetime.now(UTC)
        peer = None
        for position, address in enumerate(addresses):
            try:
                stream = self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if position == len(addresses) - 1:
                    raise
            else:
                if self._guard is not None:
                    peer = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
                break
        connection = Connection(
            id=f"urn:uuid:{uuid.uuid4()}",
            opened=opened,
            origin=f"{host}:{port}" if self._guard is not None else "",
            address=peer,
            proxied=self._guard is None,
        )
        self._current.opened = TapStream(stream, connection, self._current, timeout)
        return self._current.opened


class TapStream(httpcore.NetworkStream):
    """A stream of one connection, plain or under TLS.

    Args:
        stream: what carries the bytes.
        connection: what is known of the connection.
        current: where the sink of the calling thread is found.
        patience: seconds to wait where the caller names none, as the HTTP library does when it speaks SOCKS.
    """

    def __init__(
        self, stream: httpcore.NetworkStream, connection: Connection, current: Current, patience: float | None
    ) -> None:
        self._stream = stream
        self._connection = connection
        self._current = current
        self._patience = patience
        self._tunnel: tuple[bytearray, bytearray] | None = None
        self._clean = True
        self._used = False
        self._nested = False
        self._buffer: memoryview | None = None

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read bytes and show them to the sink, or keep them as the proxy's answer to CONNECT."""
        data = self._stream.read(max(max_bytes, READ_SIZE), self._patience if timeout is None else timeout)
        if self._tunnel is not None and data:
            self._tunnel[1].extend(data)
            self._describe_tunnel()
            return data
        sink = self._sink()
        sink.received(data)
        self._clean = sink.clean
        return data

    @property
    def pumpable(self) -> bool:
        """Whether the socket yields what is said on this stream; with TLS inside TLS it yields the inner TLS."""
        return not self._nested

    def pump(self, limit: int) -> bool:
        """Read a block straight into the sink, with as few copies as there can be; False at the connection's end.

        Args:
            limit: bytes of the response that are still to come; no more are read.

        Raises:
            httpcore.ReadTimeout, httpcore.ReadError: as `read` does; what had come before is in the sink.
        """
        if self._buffer is None:
            self._buffer = memoryview(bytearray(PUMP_SIZE))
        sock, size, filled = self._stream.get_extra_info("socket"), min(limit, PUMP_SIZE), 0
        # A server that drips must not keep what it has sent from the limits that the sink holds.
        patience = time.monotonic() + 1
        count = 0
        try:
            while filled < size and (count := sock.recv_into(self._buffer[filled:size])):
                filled += count
                if time.monotonic() > patience:
                    break
        except TimeoutError as error:
            raise httpcore.ReadTimeout(error) from error
        except OSError as error:
            raise httpcore.ReadError(error) from error
        finally:
            if filled:
                self._sink().received(self._buffer[:filled])
        return count > 0

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write bytes and show them to the sink, or keep them as the CONNECT request."""
        if self._connection.proxied and not self._used and buffer.startswith(_TO_A_PROXY):
            self._tunnel = self._tunnel or (bytearray(), bytearray())
        elif self._tunnel is not None and buffer:
            # The first request inside a SOCKS tunnel that has no TLS: what was said to the proxy is over.
            self._tunnel = None
        if self._tunnel is not None:
            self._tunnel[0].extend(buffer)
            self._describe_tunnel()
        else:
            sink = self._sink()
            sink.reused = sink.reused or (self._used and sink.connection is None)
            sink.connection = self._connection
            sink.sent(buffer)
            self._used = True
        self._stream.write(buffer, self._patience if timeout is None else timeout)

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Put TLS on the stream and note the certificates.

        A handshake that failed is raised at the first use of what is returned: the HTTP library gives a tunnel up that
        fails then, and keeps one for ever whose handshake raises.
        """
        connection = self._connection
        self._sink().connection = connection
        nested = self._stream.get_extra_info("ssl_object") is not None
        try:
            secured = self._stream.start_tls(ssl_context, server_hostname, timeout)
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            return FailedStream(error)
        tls = secured.get_extra_info("ssl_object")
        sock = secured.get_extra_info("socket")
        if isinstance(sock, ssl.SSLSocket):
            # A body that ends with the connection is whole only if TLS says that this is its end (RFC 9112, 9.8).
            sock.suppress_ragged_eofs = False  # type: ignore[attr-defined]
        cipher = tls.cipher()
        described = Connection(
            id=connection.id,
            opened=connection.opened,
            origin=connection.origin or server_hostname or "",
            address=connection.address,
            proxied=connection.proxied,
            connect_request=connection.connect_request,
            connect_response=connection.connect_response,
            redactions=connection.redactions,
            tls_version=(tls.version() or "").lower().replace("tlsv", "tls/"),
            cipher=iana_cipher(cipher[0]) if cipher else None,
            chain=certificate_chain(tls),
        )
        self._sink().connection = described
        stream = TapStream(secured, described, self._current, self._patience)
        stream._nested = nested
        return stream

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        """Answer httpcore's questions; a connection with stray bytes on it says that it is at its end."""
        if info == "is_readable" and not self._clean:
            return True
        return self._stream.get_extra_info(info)

    def _describe_tunnel(self) -> None:
        if self._tunnel is None:
            return
        request, redactions = redact_request(bytes(self._tunnel[0]))
        self._connection = Connection(
            id=self._connection.id,
            opened=self._connection.opened,
            origin=request.split(b" ")[1].decode("ascii", "replace")
            if request.startswith(b"CONNECT ")
            else self._sink().origin,
            address=None,
            proxied=True,
            connect_request=request,
            connect_response=bytes(self._tunnel[1]),
            redactions=redactions,
        )
        self._sink().connection = self._connection

    def _sink(self) -> Sink:
        sink = self._current.sink
        if sink is None:
            raise RuntimeError("bytes would cross the network outside an exchange")
        return sink


class FailedStream(httpcore.NetworkStream):
    """What is left of a stream whose TLS handshake failed: it carries nothing and raises why at its first use."""

    def __init__(self, error: httpcore.ConnectError | httpcore.ConnectTimeout) -> None:
        self._error = error

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        """Raise the error."""
        raise self._error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        """Raise the error."""
        raise self._error

    def close(self) -> None:
        """Do nothing: the socket was closed when the handshake failed."""

    def get_extra_info(self, info: str) -> Any:  # noqa: ARG002
        """Know nothing."""
        return None
