"""Reads the user's own cookies, from a file or a browser, with yt-dlp's loaders; it never writes any.

A login is used in the session that it is given to and nowhere else. Its cookies are sent only where they belong, by
domain, path and security (RFC 6265), and no error or name here repeats one.
"""

from __future__ import annotations

import copy
import io
import re
import sqlite3
import time
from collections.abc import Iterable, Iterator
from http.cookiejar import Cookie, CookieJar, DefaultCookiePolicy, LoadError
from pathlib import Path
from urllib.request import Request

from archiver.errors import ConfigError

MAX_FILE = 16 << 20
"""Bytes that a cookie file may have."""

_HTTP_ONLY = "#HttpOnly_"
_MAGIC = re.compile(r"#( Netscape)? HTTP Cookie File")
_EXPIRY = re.compile(r"([0-9]{1,15}(\.[0-9]{1,15})?)?")
_BROWSER = re.compile(r"(?P<name>[^+:]+)(\+(?P<keyring>[^:]+))?(:(?!:)(?P<profile>.+?))?(::(?P<container>.+))?")
_EXPORT = "export it from the browser in the Netscape format (cookies.txt), while logged in, and name that file"
_CLOSED = "close the browser and try again, or export its cookies to a file and give --cookies FILE"


class Login:
    """The cookies of a user.

    Args:
        cookies: what was loaded.
    """

    def __init__(self, cookies: Iterable[Cookie]) -> None:
        self._cookies = tuple(cookies)

    def cookies(self) -> Iterator[Cookie]:
        """Yield a copy of each cookie, for the jar of one session."""
        for cookie in map(copy.copy, self._cookies):
            # The loaders for browsers call every domain one that was given, so that its hosts would get the cookie.
            cookie.domain_specified = cookie.domain.startswith(".")
            yield cookie

    def cookie_header(self, url: str) -> str:
        """Return the value of the Cookie field that a request for a URL carries; empty if none belongs there."""
        jar = CookieJar(strict_policy())
        for cookie in self.cookies():
            jar.set_cookie(cookie)
        request = Request(url)
        jar.add_cookie_header(request)
        return request.get_header("Cookie") or ""

    def has(self, url: str, name: str) -> bool:
        """Tell whether a cookie of this name belongs to a URL: whether one is logged in there, for one."""
        return any(pair.partition("=")[0].strip() == name for pair in self.cookie_header(url).split(";"))

    def __repr__(self) -> str:
        return f"<login with {len(self._cookies)} cookies>"


def strict_policy() -> DefaultCookiePolicy:
    """Return the rule by which a jar sends a cookie that was set for one host to that host only, as browsers do."""
    return DefaultCookiePolicy(strict_ns_domain=DefaultCookiePolicy.DomainStrictNonDomain)


def from_file(path: Path) -> Login:
    """Load a cookie file in the Netscape format.

    Raises:
        ConfigError: it is missing, is in another form, or holds no cookie that has not expired.
    """
    text = _read(path)
    for number, line in enumerate(text.splitlines(), 1):
        if (fault := _fault(line)) is not None:
            raise ConfigError(f"the cookie file {path.name} has {fault} in line {number}", advice=_EXPORT)
    from yt_dlp.cookies import YoutubeDLCookieJar  # type: ignore[import-untyped]

    jar = YoutubeDLCookieJar()
    try:
        jar.load(io.StringIO(text))
    except (LoadError, ValueError, OverflowError):
        # The error would repeat a line of the file.
        raise ConfigError(f"the cookie file {path.name} is not in the Netscape format", advice=_EXPORT) from None
    return _login(jar, f"the cookie file {path.name}", _EXPORT)


def from_browser(named: str) -> Login:
    """Load the cookies of a browser on this machine.

    Args:
        named: BROWSER[+KEYRING][:PROFILE][::CONTAINER], as yt-dlp has it.

    Raises:
        ConfigError: there is no such browser, its cookies cannot be read, or none is left that has not expired.
    """
    from yt_dlp.cookies import SUPPORTED_BROWSERS, SUPPORTED_KEYRINGS, extract_cookies_from_browser
    from yt_dlp.utils import DownloadError  # type: ignore[import-untyped]

    found = _BROWSER.fullmatch(named)
    name = found["name"].lower() if found else ""
    keyring = found["keyring"].upper() if found and found["keyring"] else None
    if found is None or name not in SUPPORTED_BROWSERS:
        advice = f"give one of {', '.join(sorted(SUPPORTED_BROWSERS))}"
        raise ConfigError(f"{named!r} names no browser whose cookies can be read", advice=advice)
    if keyring not in {None, *SUPPORTED_KEYRINGS}:
        advice = f"give one of {', '.join(sorted(SUPPORTED_KEYRINGS))}"
        raise ConfigError(f"{named!r} names no keyring that can be read", advice=advice)
    try:
        jar = extract_cookies_from_browser(
            name, found["profile"], _Silent(), keyring=keyring, container=found["container"]
        )
    except (OSError, ValueError, LookupError, sqlite3.Error, DownloadError) as error:
        reason = str(error).partition("\n")[0]
        raise ConfigError(f"the cookies of {name} cannot be read: {reason}", advice=_CLOSED) from None
    return _login(jar, f"the browser {name}", "log in to the site in that browser, then run the command again")


class _Silent:
    """Takes the place of yt-dlp's logger: what it would tell of a browser's profile is nobody's business."""

    def debug(self, message: str, **_: object) -> None:
        """Say nothing."""

    info = warning = error = debug


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except FileNotFoundError:
        raise ConfigError(f"the cookie file {path} does not exist", advice=_EXPORT) from None
    except OSError as error:
        raise ConfigError(f"the cookie file {path} cannot be read: {error.strerror}", advice=_EXPORT) from None
    if len(data) > MAX_FILE:
        raise ConfigError(f"the cookie file {path.name} is larger than any such file", advice=_EXPORT)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"the cookie file {path.name} is no text in UTF-8", advice=_EXPORT) from None
    if not _MAGIC.match(text):
        kind = "JSON" if text.lstrip()[:1] in ("[", "{") else "another form"
        raise ConfigError(f"the cookie file {path.name} is in {kind}, not in the Netscape format", advice=_EXPORT)
    return text


def _fault(line: str) -> str | None:
    """Say what is wrong with a line; yt-dlp would print it, with the credential in it, and go on without."""
    line = line.removeprefix(_HTTP_ONLY)
    if line.startswith(("#", "$")) or not line.strip():
        return None
    fields = line.split("\t")
    if len(fields) != 7:
        return f"{len(fields)} fields, not 7 with tabs between them,"
    if (fields[1] == "TRUE") != fields[0].startswith("."):
        return "a domain that does not go with its second field"
    if not _EXPIRY.fullmatch(fields[4]):
        return "a date of expiry that is none"
    return None


def _login(jar: Iterable[Cookie], source: str, advice: str) -> Login:
    cookies = tuple(jar)
    if not cookies:
        raise ConfigError(f"{source} holds no cookies", advice=advice)
    kept = [cookie for cookie in cookies if not cookie.is_expired(int(time.time()))]
    if not kept:
        raise ConfigError(f"every cookie in {source} has expired", advice=advice)
    return Login(kept)
