"""Makes the pool of connections for one way out: direct, or through the HTTP or SOCKS proxy that the user has named."""

from __future__ import annotations

import base64
import ssl

import httpcore
import httpx

from archiver.errors import ConfigError

_KEEPALIVE_SECONDS = 20.0
_SCHEMES = ("http", "https", "socks5", "socks5h")


def make_pool(
    proxy: str | None, tls: ssl.SSLContext, backend: httpcore.NetworkBackend, connections: int
) -> httpcore.ConnectionPool:
    """Return a pool whose connections go through a proxy, or directly. HTTP/1.1 only.

    Args:
        proxy: URL of the proxy, None for none. With SOCKS, names are always resolved by the proxy.
        tls: how servers (and https:// proxies) are checked.
        backend: opens the connections.
        connections: how many may be open at once.

    Raises:
        ConfigError: the URL is none of a proxy, or SOCKS is asked for and its library is not installed.
    """
    if proxy is None:
        return httpcore.ConnectionPool(
            ssl_context=tls,
            max_connections=connections,
            keepalive_expiry=_KEEPALIVE_SECONDS,
            network_backend=backend,
        )
    parts = _parse(proxy)
    url = httpcore.URL(scheme=parts.raw_scheme, host=parts.raw_host, port=parts.port, target=b"/")
    login = (parts.username.encode(), parts.password.encode()) if parts.userinfo else None
    if parts.scheme.startswith("socks"):
        return _socks_pool(url, login, tls, backend, connections)
    return httpcore.HTTPProxy(
        proxy_url=url,
        proxy_auth=login,
        ssl_context=tls,
        proxy_ssl_context=tls if parts.scheme == "https" else None,
        max_connections=connections,
        keepalive_expiry=_KEEPALIVE_SECONDS,
        network_backend=backend,
    )


def login_of(proxy: str) -> tuple[str, ...]:
    """Return what is secret in the URL of a proxy: its password, and the two as basic authentication sends them."""
    if "@" not in proxy:
        return ()
    parts = _parse(proxy)
    name, password = parts.username, parts.password
    return (password, base64.b64encode(f"{name}:{password}".encode()).decode("ascii")) if password else ()


def _socks_pool(
    url: httpcore.URL,
    login: tuple[bytes, bytes] | None,
    tls: ssl.SSLContext,
    backend: httpcore.NetworkBackend,
    connections: int,
) -> httpcore.ConnectionPool:
    try:
        from socksio import SOCKSError
    except ImportError:
        raise ConfigError(
            "a SOCKS proxy is asked for, and the library for it is not installed",
            advice="install the extra: pip install 'evidence-archiver[socks]'",
        ) from None

    class Pool(httpcore.SOCKSProxy):
        def handle_request(self, request: httpcore.Request) -> httpcore.Response:
            """Send a request; what the library does not understand of the proxy's answers is an error like others."""
            try:
                return super().handle_request(request)
            except (SOCKSError, AssertionError, LookupError, ValueError):
                raise httpcore.ProxyError("the proxy does not answer as SOCKS5 asks for") from None

    return Pool(
        proxy_url=url,
        proxy_auth=login,
        ssl_context=tls,
        max_connections=connections,
        keepalive_expiry=_KEEPALIVE_SECONDS,
        network_backend=backend,
    )


def _parse(proxy: str) -> httpx.URL:
    text = proxy if "://" in proxy else f"http://{proxy}"
    try:
        parts = httpx.URL(text)
    except (httpx.InvalidURL, ValueError):
        parts = httpx.URL("")
    if parts.scheme not in _SCHEMES or not parts.raw_host:
        # The value may hold a password: it is not repeated.
        raise ConfigError(
            "the proxy setting is not an http://, https:// or socks5:// URL",
            advice="give --proxy http://HOST:PORT or socks5://HOST:PORT, or correct HTTPS_PROXY",
        )
    return parts
