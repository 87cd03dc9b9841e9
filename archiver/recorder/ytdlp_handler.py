"""yt-dlp's way to the network: a request handler that sends through one recording, and a YoutubeDL that has no other.

Whatever the handler cannot carry (other schemes, a proxy of its own, an imitation of a browser) fails loudly. yt-dlp
takes a while to import, so this module is imported only where it is used.
"""

from __future__ import annotations

import io
import urllib.parse
import urllib.request
from collections.abc import Iterable
from email.message import Message
from http.cookiejar import Cookie
from typing import Any, Protocol

import yt_dlp.globals  # type: ignore[import-untyped]
from yt_dlp import YoutubeDL
from yt_dlp.cookies import YoutubeDLCookieJar  # type: ignore[import-untyped]
from yt_dlp.networking.common import (  # type: ignore[import-untyped]
    Request,
    RequestDirector,
    RequestHandler,
    Response,
)
from yt_dlp.networking.exceptions import (  # type: ignore[import-untyped]
    CertificateVerifyError,
    HTTPError,
    IncompleteRead,
    ProxyError,
    SSLError,
    TransportError,
    UnsupportedRequest,
)

from archiver.errors import FormatError, NetworkError
from archiver.model import Exchange, Failure
from archiver.recorder.hops import join
from archiver.recorder.logins import strict_policy
from archiver.recorder.recording import MAX_REDIRECTS, decoded_body
from archiver.recorder.redact import SECRET_FIELDS

Fields = tuple[tuple[str, str], ...]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ERRORS: dict[str, type[TransportError]] = {"tls": SSLError, "proxy": ProxyError}


class Way(Protocol):
    """What the handler sends through."""

    @property
    def most(self) -> int:
        """Bytes that the body of an answer may have, its codings taken off."""

    def carry(self, method: str, url: str, fields: Fields, content: bytes, *, first: str) -> Exchange:
        """Send one request, record it, and return the exchange as it came; `first` is the URL that led there."""

    def discard(self, exchange: Exchange) -> None:
        """Take back the spooled body of an exchange."""


class RecordingRH(RequestHandler):  # type: ignore[misc]
    """Carries yt-dlp's requests.

    Args:
        way: what they are sent through.
        options: as every handler of yt-dlp takes them; a proxy, certificates and time-outs are the recorder's affair.
    """

    _SUPPORTED_URL_SCHEMES = ("http", "https")
    _SUPPORTED_PROXY_SCHEMES = None
    _SUPPORTED_FEATURES = None

    def __init__(self, *, way: Way, **options: Any) -> None:
        super().__init__(**options)
        self._way = way

    def _validate(self, request: Request) -> None:
        super()._validate(request)
        if request.proxies:
            raise UnsupportedRequest("a proxy for one request is not supported: the recorder has its own way")

    def _check_extensions(self, extensions: dict[str, Any]) -> None:
        super()._check_extensions(extensions)
        for known in ("cookiejar", "timeout", "keep_header_casing"):
            extensions.pop(known, None)

    def _send(self, request: Request) -> Response:
        fields = tuple((str(name), str(value)) for name, value in self._merge_headers(request.headers).items())
        if not any(name.lower() == "accept-encoding" for name, _ in fields):
            # What answers a POST may be a token; uncompressed, it can be stored as it came but for that.
            fields += (("Accept-Encoding", "identity" if request.method == "POST" else "gzip, deflate"),)
        jar: YoutubeDLCookieJar = self._get_cookiejar(request)
        method, url, content = request.method, request.url, _bytes(request.data)
        for _ in range(MAX_REDIRECTS):
            exchange = self._way.carry(method, url, _with_cookies(fields, jar, url), content, first=request.url)
            _take_cookies(jar, exchange)
            location = exchange.header("location") if exchange.status in _REDIRECTS else None
            following = join(exchange.url, location) if location else None
            if following is None or exchange.failure is not None:
                return self._response(exchange)
            self._way.discard(exchange)
            method, content, fields = _redirected(method, content, fields, exchange.status or 0)
            if not _same_origin(url, following):
                fields = tuple(field for field in fields if field[0].lower() not in SECRET_FIELDS)
            else:
                # The jar knows which cookies belong to the next hop; those that were given by hand belong to this one.
                fields = tuple(field for field in fields if field[0].lower() != "cookie")
            url = following
        raise HTTPError(self._response_of(exchange), redirect_loop=True)

    def _response(self, exchange: Exchange) -> Response:
        if exchange.failure is not None:
            self._way.discard(exchange)
            raise _error(exchange, exchange.failure)
        response = self._response_of(exchange)
        if not 200 <= response.status < 300:
            raise HTTPError(response)
        return response

    def _response_of(self, exchange: Exchange) -> Response:
        headers = Message()
        for name, value in exchange.fields:
            headers[name] = value
        reason = exchange.head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)[2:]
        stream = io.BufferedReader(_Body(exchange, self._way))
        return Response(stream, exchange.url, headers, exchange.status or 0, reason[0] if reason else None)


class RecordingDirector(RequestDirector):  # type: ignore[misc]
    """Hands every request to the one handler; what that raises is not mistaken for a request that it does not know."""

    def send(self, request: Request) -> Response:
        """Send a request, or say why it cannot be carried."""
        (handler,) = self.handlers.values()
        handler.validate(request)
        return handler.send(request)


class RecordingYDL(YoutubeDL):  # type: ignore[misc]
    """A YoutubeDL that has one way to the network, no plugins, and a cookie jar that is never written.

    Args:
        options: yt-dlp's own.
        way: what requests are sent through.
        cookies: what the jar begins with.
    """

    def __init__(self, options: dict[str, Any], way: Way, cookies: Iterable[Cookie]) -> None:
        yt_dlp.globals.plugin_dirs.value = []
        yt_dlp.globals.all_plugins_loaded.value = True
        self._way = way
        # In place of the cached property, which would load files and browsers.
        self.__dict__["cookiejar"] = YoutubeDLCookieJar()
        self.cookiejar.set_policy(strict_policy())
        for cookie in cookies:
            self.cookiejar.set_cookie(cookie)
        super().__init__(options)

    @property
    def proxies(self) -> dict[str, str]:
        """None: which proxy is used is the recorder's affair."""
        return {}

    def build_request_director(self, handlers: object, preferences: object = None) -> RequestDirector:  # noqa: ARG002
        """Return a director with the recording handler, and none of those that were asked for."""
        logger = self.params["logger"]
        director = RecordingDirector(logger=logger)
        director.add_handler(
            RecordingRH(
                way=self._way,
                logger=logger,
                headers=self.params["http_headers"].copy(),
                cookiejar=self.cookiejar,
            )
        )
        return director

    def save_cookies(self) -> None:
        """Save nothing."""


class _Body(io.RawIOBase):
    """The payload of an exchange, codings taken off, as a stream."""

    def __init__(self, exchange: Exchange, way: Way) -> None:
        self._exchange = exchange
        self._way = way
        self._pieces = decoded_body(exchange, limit=max(way.most, exchange.body.size))
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read the next bytes.

        Raises:
            OSError: the spooled body cannot be read, or a coding is broken.
        """
        try:
            while not self._rest and (piece := next(self._pieces, None)) is not None:
                self._rest = memoryview(piece)
        except FormatError as error:
            raise OSError(str(error)) from None
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def close(self) -> None:
        """Close the stream; the body is in the WARC, its spooled copy is no longer needed."""
        if not self.closed:
            self._pieces = iter(())
            self._way.discard(self._exchange)
        super().close()


class _Answer:
    """As much of a response as a cookie jar asks for."""

    def __init__(self, headers: Message) -> None:
        self._headers = headers

    def info(self) -> Message:
        return self._headers


def _take_cookies(jar: YoutubeDLCookieJar, exchange: Exchange) -> None:
    headers = Message()
    for name, value in exchange.fields:
        if name.lower() in ("set-cookie", "set-cookie2"):
            headers[name] = value
    if headers:
        jar.extract_cookies(_Answer(headers), urllib.request.Request(exchange.url))


def _with_cookies(fields: Fields, jar: YoutubeDLCookieJar, url: str) -> Fields:
    if any(name.lower() == "cookie" for name, _ in fields):
        return fields
    belonging = jar.get_cookie_header(url)
    return (*fields, ("Cookie", belonging)) if belonging else fields


def _redirected(method: str, content: bytes, fields: Fields, status: int) -> tuple[str, bytes, Fields]:
    """Return method, body and fields of the request that follows a redirect (RFC 9110, section 15.4)."""
    if (status == 303 and method != "HEAD") or (status in (301, 302) and method == "POST"):
        return "GET", b"", tuple(field for field in fields if not field[0].lower().startswith("content-"))
    return method, content, fields


def _same_origin(url: str, other: str) -> bool:
    one, two = (urllib.parse.urlsplit(text) for text in (url, other))
    return (one.scheme, one.netloc.lower()) == (two.scheme, two.netloc.lower())


def _error(exchange: Exchange, failure: Failure) -> TransportError:
    """Return yt-dlp's error for what went wrong; its cause tells our reason."""
    cause = NetworkError(failure.detail, reason=failure.reason)
    if failure.reason == "disconnect" and exchange.status is not None:
        declared = exchange.header("content-length") or ""
        expected = int(declared) - exchange.body.size if declared.isascii() and declared.isdigit() else None
        return IncompleteRead(exchange.body.size, expected, cause=cause)
    if failure.reason == "tls" and "certificate" in failure.detail.lower():
        return CertificateVerifyError(failure.detail, cause=cause)
    return _ERRORS.get(failure.reason, TransportError)(failure.detail, cause=cause)


def _bytes(data: Any) -> bytes:
    """Return the body of a request, which may be bytes, a file, or pieces."""
    if data is None:
        return b""
    if isinstance(data, bytes):
        return data
    read = getattr(data, "read", None)
    return bytes(read()) if read is not None else b"".join(data)
