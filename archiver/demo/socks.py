"""The proxy's side of SOCKS5: reads what a client asks for and words the answers; it opens no connection.

Standards: RFC 1928, of which CONNECT only, with its three kinds of address; RFC 1929 for a user name and password.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

GRANTED, NOT_ALLOWED, UNREACHABLE, REFUSED, BAD_COMMAND, BAD_ADDRESS = 0, 2, 4, 5, 7, 8
"""Answers to a request (RFC 1928, section 6)."""

_NONE, _PASSWORD, _NO_METHOD = 0, 2, 255
_IPV4, _NAME, _IPV6 = 1, 3, 4


@dataclass(frozen=True)
class Target:
    """What a client wants to be connected with: a lower-case name or an address without brackets, and a port."""

    host: str
    port: int
    is_name: bool

    @property
    def authority(self) -> str:
        """Host and port as in a CONNECT request, an IPv6 address in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def negotiate(
    receive: Callable[[int], bytes], send: Callable[[bytes], None], credentials: tuple[str, str] | None
) -> Target | None:
    """Agree on a method, check the credentials, and read the request; the answer to it is left to the caller.

    Args:
        receive: returns exactly so many bytes.
        send: sends bytes.
        credentials: user name and password that are asked for; None asks for none.

    Returns:
        What the client wants, or None when it has been refused (or speaks something else) and is to be hung up on.
    """
    version, count = receive(2)
    if version != 5:
        return None
    method = _PASSWORD if credentials else _NONE
    if method not in receive(count):
        send(bytes((5, _NO_METHOD)))
        return None
    send(bytes((5, method)))
    if credentials and not _authenticated(receive, send, credentials):
        return None
    _version, command, _reserved, kind = receive(4)
    if kind not in (_IPV4, _NAME, _IPV6):
        send(answer(BAD_ADDRESS))
        return None
    host = _host(receive, kind)
    port = int.from_bytes(receive(2), "big")
    if command != 1:
        send(answer(BAD_COMMAND))
        return None
    return Target(host, port, kind == _NAME)


def answer(code: int) -> bytes:
    """Return the answer to a request, with an address of zeros for the proxy's own."""
    return bytes((5, code, 0, _IPV4)) + bytes(6)


def _authenticated(
    receive: Callable[[int], bytes], send: Callable[[bytes], None], credentials: tuple[str, str]
) -> bool:
    _version, length = receive(2)
    name = receive(length)
    password = receive(receive(1)[0])
    right = (name, password) == (credentials[0].encode(), credentials[1].encode())
    send(bytes((1, 0 if right else 1)))
    return right


def _host(receive: Callable[[int], bytes], kind: int) -> str:
    if kind == _NAME:
        return receive(receive(1)[0]).decode("latin-1").lower()
    return str(ip_address(receive(4 if kind == _IPV4 else 16)))
