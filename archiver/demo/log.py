"""What the demo internet saw and said, byte for byte; it only remembers.

A piece of a response is noted before it is handed to the socket, so a client that holds bytes finds them in the log.
"""

from __future__ import annotations

from archiver.demo.wire import Buffer, Request


class ExchangeLog:
    """One request and what was answered.

    Attributes:
        host: the host that was asked.
        method: the method of the request.
        target: the request target, as sent.
        request: every byte of the request (empty when the box keeps no bytes).
        request_bytes: their number.
        response_bytes: number of response bytes handed to the socket so far, 1xx included.
        note: a remark of the handler ("token: missing"), else empty.
    """

    def __init__(self, request: Request, keep_bytes: bool) -> None:
        self.host = request.host
        self.method = request.method
        self.target = request.target
        self.request = request.raw if keep_bytes else b""
        self.request_bytes = len(request.raw)
        self.response_bytes = 0
        self.note = ""
        self._pieces: list[bytes] | None = [] if keep_bytes else None

    @property
    def response(self) -> bytes:
        """Every byte handed to the socket so far, 1xx included; empty when the box keeps no bytes."""
        return b"".join(self._pieces or ())

    def add(self, piece: Buffer) -> None:
        """Note a piece of the response that is about to be sent."""
        self.response_bytes += len(piece)
        if self._pieces is not None:
            self._pieces.append(bytes(piece))

    def __repr__(self) -> str:
        return f"<{self.method} {self.host} {self.target}: {self.response_bytes} bytes>"


class ConnectionLog:
    """One accepted connection.

    Attributes:
        target: what a proxy was asked to connect with ("x.com:443", "[2001:db8::1]:80"), None where none was.
        connect_request: every byte of the CONNECT request, else empty.
        connect_response: every byte of the answer to it, else empty.
        socks_request: every byte that a client sent to the SOCKS proxy before its connection was open, else empty.
        socks_response: every byte of the answers to them, else empty.
        tls: whether a TLS handshake was completed.
    """

    def __init__(self) -> None:
        self.target: str | None = None
        self.connect_request = b""
        self.connect_response = b""
        self.socks_request = b""
        self.socks_response = b""
        self.tls = False
        self._exchanges: list[ExchangeLog] = []

    @property
    def exchanges(self) -> tuple[ExchangeLog, ...]:
        """The exchanges of this connection, in order."""
        return tuple(self._exchanges)

    def add(self, exchange: ExchangeLog) -> None:
        """Note an exchange whose request has arrived."""
        self._exchanges.append(exchange)

    def __repr__(self) -> str:
        return f"<connection to {self.target}: {len(self._exchanges)} exchanges>"


class Log:
    """Everything that one box saw."""

    def __init__(self) -> None:
        self._connections: list[ConnectionLog] = []
        self._exchanges: list[ExchangeLog] = []

    @property
    def connections(self) -> tuple[ConnectionLog, ...]:
        """All connections, in the order in which they were accepted."""
        return tuple(self._connections)

    @property
    def exchanges(self) -> tuple[ExchangeLog, ...]:
        """All exchanges, in the order in which their requests arrived."""
        return tuple(self._exchanges)

    def open_connection(self) -> ConnectionLog:
        """Begin the account of a connection."""
        connection = ConnectionLog()
        self._connections.append(connection)
        return connection

    def open_exchange(self, connection: ConnectionLog, request: Request, keep_bytes: bool) -> ExchangeLog:
        """Begin the account of an exchange on a connection."""
        exchange = ExchangeLog(request, keep_bytes)
        connection.add(exchange)
        self._exchanges.append(exchange)
        return exchange
