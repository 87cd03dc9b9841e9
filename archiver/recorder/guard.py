"""Judges where a URL leads before anything is sent there; it never connects.

A post, a short link or a server may name any address. Names are resolved here once, the addresses are judged by an own
list (the standard library's idea of "global" lets several through), and the caller connects to the very address that
was judged, so that a second look-up cannot lead elsewhere.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from archiver.errors import AddressRefused, NetworkError

Resolver = Callable[[str, int], Iterable[str]]
Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_BLOCKED_V4 = [
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
]  # fmt: skip
_PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")
_BLOCKED_V6 = [ipaddress.IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]
_EMBEDDING_V6 = [ipaddress.IPv6Network(text) for text in ("::ffff:0:0/96", "64:ff9b::/96")]
_HOST_NAME = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_ENDS_IN_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_LOCAL_SUFFIXES = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".localdomain")


def system_resolver(host: str, port: int) -> list[str]:
    """Look a name up with the system's resolver and return its addresses, without duplicates, in its order.

    Raises:
        OSError: the look-up failed.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(item[4][0]) for item in found))


class AddressGuard:
    """The rule which addresses may be contacted.

    Args:
        resolver: looks names up.
        allowed: networks that are contacted although the list blocks them. No setting fills this: tests do.
    """

    def __init__(self, resolver: Resolver = system_resolver, allowed: Iterable[Network] = ()) -> None:
        self._resolver = resolver
        self._allowed = tuple(allowed)

    def check_name(self, host: str) -> None:
        """Judge a host as written, without a look-up: all that can be done where a proxy resolves names.

        Raises:
            AddressRefused: it is an address, in any spelling, that may not be contacted, or a local name, or a text
                that one resolver takes for something else than another.
        """
        literal = parse_literal(host)
        if literal is not None:
            self._check(literal, host)
            return
        name = host.lower().removesuffix(".")
        if not _HOST_NAME.fullmatch(name) or len(name) > 253 or _ENDS_IN_NUMBER.fullmatch(name):
            raise AddressRefused(f"the link leads to {host!r}, which is neither a host name nor an address")
        if ("." not in name or name.endswith(_LOCAL_SUFFIXES)) and not self._allowed:
            raise AddressRefused(f"the link leads to {host!r}, a name of the local network")

    def resolve(self, host: str, port: int) -> list[str]:
        """Return the addresses to connect to, each of them judged.

        Raises:
            AddressRefused: any of them may not be contacted.
            NetworkError: the name has no address.
        """
        literal = parse_literal(host)
        if literal is not None:
            self._check(literal, host)
            return [str(literal)]
        try:
            found = list(self._resolver(host, port))
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or "the name is malformed"
            raise NetworkError(f"{host} was not found: {reason}", reason="dns") from None
        if not found:
            raise NetworkError(f"{host} was not found: it has no address", reason="dns")
        for text in found:
            self._check(ipaddress.ip_address(text.partition("%")[0]), host)
        return found

    def _check(self, address: Address, host: str) -> None:
        if any(address.version == network.version and address in network for network in self._allowed):
            return
        if not is_public(address):
            raise AddressRefused(
                f"the link leads to {host!r}, which is {address}, not an address of the public internet"
            )


def parse_literal(host: str) -> Address | None:
    """Read a host that is an address in any spelling that would connect ("127.1", "0x7f.1", "2130706433", "[::1]")."""
    text = host.strip("[]").partition("%")[0].rstrip(".")
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        pass
    if not text or not all(char in "0123456789abcdefxABCDEFX." for char in text) or not text[0].isdigit():
        return None
    try:
        return IPv4Address(socket.inet_aton(text))
    except OSError:
        return None


def is_public(address: Address) -> bool:
    """Tell whether an address is one of the public internet; one that embeds another is judged by that."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _BLOCKED_V4)
    if any(address in network for network in _EMBEDDING_V6):
        return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    return address in _PUBLIC_V6 and not any(address in network for network in _BLOCKED_V6)
