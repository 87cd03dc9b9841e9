"""Asks time-stamp authorities, over HTTP (RFC 3161, section 3.4); it judges no reply and follows no redirect.

What is exchanged with an authority is part of a seal and of no capture, so no WARC holds it. The way is that of all
requests: the user's proxy, certificates checked, and where an authority is, only the user's own settings say.
"""

from __future__ import annotations

import base64
import ipaddress
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import httpx
import msgspec

from archiver.config import NetworkSettings
from archiver.errors import AddressRefused, ConfigError, NetworkError
from archiver.model import Exchange
from archiver.recorder.guard import AddressGuard, Resolver, system_resolver
from archiver.recorder.sink import Sink
from archiver.recorder.spool import IN_MEMORY
from archiver.recorder.transport import RecordingTransport

QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
MAX_REPLY = IN_MEMORY
"""Bytes that a reply may have (256 KiB; real ones have about 6,000), so that it is never spooled to the disk."""

Ask = Callable[[str, bytes, float], bytes]

_EVERYWHERE = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))


class _OnlyHost(AddressGuard):
    """Lets requests go to one host, wherever that is: an authority may well be on the user's own network."""

    def __init__(self, host: str, resolver: Resolver) -> None:
        super().__init__(resolver, _EVERYWHERE)
        self._host = host

    def check_name(self, host: str) -> None:
        """Judge a host as written.

        Raises:
            AddressRefused: it is not the one.
        """
        if host != self._host:
            raise AddressRefused(f"{host!r} is not the time-stamp authority of the settings")
        super().check_name(host)


def asker(settings: NetworkSettings, resolver: Resolver = system_resolver) -> Ask:
    """Return a function that sends a request to an authority and returns its reply.

    Its arguments are the authority's URL, which has to come from the user's settings and from nowhere else; the
    request (DER); and the seconds that connecting, waiting for an answer, and the whole answer may take each.
    It may be called from several threads. It raises ConfigError where the URL is none, and NetworkError, with its
    reason, where no reply came: "status" and "content-type" say that something else came in its place.

    Args:
        settings: proxy, certificates, time-outs.
        resolver: looks names up.
    """

    def ask(url: str, request: bytes, seconds: float) -> bytes:
        address = _parse(url)
        hurried = msgspec.structs.replace(
            settings,
            connect_timeout=min(settings.connect_timeout, seconds),
            read_timeout=min(settings.read_timeout, seconds),
        )
        guard = _OnlyHost(address.raw_host.decode("ascii"), resolver)
        transport = RecordingTransport(hurried, guard, connections=1)
        # Nothing is spooled, so the file that a larger body would go to is never made.
        sink = Sink("time-stamp", "POST", url, Path(os.devnull), max_body=MAX_REPLY, max_seconds=seconds)
        try:
            exchange = transport.perform(_request(address, request, settings.user_agent), sink)
        finally:
            transport.close()
        return _reply(exchange, address.host)

    return ask


def _parse(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError):
        address = httpx.URL("")
    if address.scheme not in ("http", "https") or not address.host:
        # The value may hold a password: it is not repeated.
        raise ConfigError("timestamp.authorities has something in it that is no http:// or https:// URL")
    return address


def _request(address: httpx.URL, body: bytes, user_agent: str) -> httpx.Request:
    headers = {
        "User-Agent": user_agent,
        "Accept": REPLY,
        "Accept-Encoding": "identity",
        "Content-Type": QUERY,
    }
    if address.userinfo:
        login = f"{unquote(address.username)}:{unquote(address.password)}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(login).decode('ascii')}"
    return httpx.Request("POST", address.copy_with(userinfo=b""), headers=headers, content=body)


def _reply(exchange: Exchange, host: str) -> bytes:
    failure = exchange.failure
    if failure is not None:
        raise NetworkError(f"the time-stamp authority {host} gave no reply: {failure.detail}", reason=failure.reason)
    if exchange.status != 200:
        raise NetworkError(f"the time-stamp authority {host} answered with status {exchange.status}", reason="status")
    kind = (exchange.header("content-type") or "").partition(";")[0].strip().lower()
    if kind != REPLY or exchange.header("content-encoding") is not None:
        raise NetworkError(f"the time-stamp authority {host} answered with something else", reason="content-type")
    return exchange.body.data or b""
