"""The httpx transport that everything is sent through; it records each exchange and follows no redirect.

One pool of connections serves a whole run, whatever asks: our own requests now, yt-dlp and a browser later. HTTP/1.1
only, because those are the bytes that a WARC can hold exactly. Certificates are always checked.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass_environment  # type: ignore[attr-defined]

import httpcore
import httpx

from archiver.config import NetworkSettings
from archiver.errors import AddressRefused, ConfigError, NetworkError
from archiver.model import Exchange, Failure
from archiver.recorder.guard import AddressGuard
from archiver.recorder.pools import login_of, make_pool
from archiver.recorder.sink import Sink, StopReading, Watch
from archiver.recorder.streams import Current, TapBackend, TapStream

TLS_LIBRARY = ssl.OPENSSL_VERSION
_LARGE = 4 << 20

_FAILURES: tuple[tuple[type[Exception], str], ...] = (
    (httpcore.ConnectTimeout, "timeout"),
    (httpcore.TimeoutException, "timeout"),
    (httpcore.ProxyError, "proxy"),
    (httpcore.ConnectError, "connect"),
    (httpcore.RemoteProtocolError, "protocol"),
    (httpcore.LocalProtocolError, "protocol"),
    (httpcore.NetworkError, "disconnect"),
)


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: httpcore.Response) -> None:
        self._response = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


class RecordingTransport(httpx.BaseTransport):
    """Sends requests; what crosses the wire goes to the sink in the request's extension "sink".

    Args:
        settings: proxy, certificates, time-outs.
        guard: judges where requests may go.
        connections: how many connections may be open at once.
        watch: is told how far bodies have come.
    """

    def __init__(
        self, settings: NetworkSettings, guard: AddressGuard, connections: int = 16, watch: Watch | None = None
    ) -> None:
        self.watch = watch
        self._settings = settings
        self._guard = guard
        self._connections = connections
        self._current = Current()
        self._tls = _tls_context(settings)
        self.custom_authorities = bool(settings.ca_file or os.environ.get("SSL_CERT_FILE"))
        self._environment = getproxies_environment()
        self._pools: dict[str | None, httpcore.ConnectionPool] = {}
        # Pools are made here, before any thread can ask for them.
        for proxy in {None, *(self._proxy_of(scheme) for scheme in ("http", "https"))}:
            backend = TapBackend(self._current, self._guard if proxy is None else None)
            self._pools[proxy] = make_pool(proxy, self._tls, backend, connections)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request and return its response, whose body has to be read or closed by the caller.

        Raises:
            AddressRefused, NetworkError: it is no web address, or the guard refuses the host, or it was not found.
            httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError: the exchange failed.
        """
        self._check(request)
        proxy = self.proxy_for(str(request.url))
        self._current.sink = request.extensions["sink"]
        response = self._pools[proxy].handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions={"timeout": self._timeouts()},
            )
        )
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Body(response),
            extensions={"network_stream": response.extensions["network_stream"]},
        )

    def perform(self, request: httpx.Request, sink: Sink) -> Exchange:
        """Send one request, read all of the response and return the exchange; failures are in it, never raised.

        Raises:
            OSError: the body cannot be spooled (the disk is full, for one).
        """
        request.extensions["sink"] = sink
        failure: Failure | None = None
        try:
            response = self.handle_request(request)
            try:
                stream = response.extensions["network_stream"]
                if sink.remaining >= _LARGE and stream.pumpable:
                    _drain(stream, sink)
                else:
                    for _ in response.iter_raw():
                        pass
            finally:
                response.close()
        except StopReading:
            pass
        except NetworkError as error:
            failure = Failure(reason=error.reason, detail=str(error))
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, httpcore.ProxyError) as error:
            failure = _failure(error, request.url.raw_host.decode("ascii"))
            if self._current.opened is not None:
                # The library leaves a socket open that failed while it spoke SOCKS.
                self._current.opened.close()
        finally:
            self._current.sink = self._current.opened = None
        return sink.finish(failure)

    def allows(self, request: httpx.Request) -> bool:
        """Tell whether a request may be sent, as far as can be told without looking its host up."""
        try:
            self._check(request)
        except AddressRefused:
            return False
        return True

    def proxy_for(self, url: str) -> str | None:
        """Return the URL of the proxy that a request would take, or None where it goes directly."""
        parts = urlsplit(url)
        if not self._settings.proxy and proxy_bypass_environment(parts.hostname or "", self._environment):
            return None
        return self._proxy_of(parts.scheme)

    @property
    def credentials(self) -> tuple[tuple[str, str], ...]:
        """What is secret about the ways out: the passwords of proxies, as written and as they are sent."""
        urls = {self._settings.proxy, *(self._environment.get(name, "") for name in ("http", "https", "all"))}
        return tuple(("proxy-authorization", value) for url in sorted(urls) for value in login_of(url))

    def close(self) -> None:
        """Close every connection."""
        for pool in self._pools.values():
            pool.close()

    def _check(self, request: httpx.Request) -> None:
        if request.url.scheme not in ("http", "https") or (request.url.port or 0) > 65535:
            raise AddressRefused(f"the scheme {request.url.scheme!r} or the port is not one of a web address")
        self._guard.check_name(request.url.raw_host.decode("ascii"))

    def _proxy_of(self, scheme: str) -> str | None:
        return self._settings.proxy or self._environment.get(scheme) or self._environment.get("all")

    def _timeouts(self) -> dict[str, float]:
        settings = self._settings
        return {
            "connect": settings.connect_timeout,
            "read": settings.read_timeout,
            "write": settings.read_timeout,
            "pool": 24 * 3600.0,
        }


def _drain(stream: TapStream, sink: Sink) -> None:
    """Read a large body of declared length past the HTTP library, which would copy it several times.

    The library does not learn that the response has ended and closes the connection: a handshake, for a large body.
    """
    while sink.remaining and stream.pump(sink.remaining):
        pass


def _tls_context(settings: NetworkSettings) -> ssl.SSLContext:
    named = f"network.ca_file {Path(settings.ca_file).name!r}" if settings.ca_file else "SSL_CERT_FILE or SSL_CERT_DIR"
    try:
        return ssl.create_default_context(cafile=settings.ca_file) if settings.ca_file else httpx.create_ssl_context()
    except OSError as error:
        raise ConfigError(f"{named} cannot be used: {error.strerror or error}") from None


def _failure(error: Exception, host: str) -> Failure:
    reason = next((name for kind, name in _FAILURES if isinstance(error, kind)), "network")
    origin = error.args[0] if error.args else None
    if isinstance(origin, ssl.SSLError) and not isinstance(origin, ssl.SSLEOFError):
        reason = "tls"
    return Failure(reason=reason, detail=f"{host}: {str(error) or type(error).__name__}")
