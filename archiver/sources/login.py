"""Loads the login that the user named in the settings, and sees to it that it is one; it is kept nowhere."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from archiver.config import NetworkSettings
from archiver.errors import ConfigError
from archiver.recorder import logins
from archiver.recorder.logins import Login
from archiver.sources.base import Source


def load_login(settings: NetworkSettings, sources: Iterable[Source]) -> Login | None:
    """Load the user's own login; None where none was named.

    Args:
        settings: where it is.
        sources: the platforms, to one of which it has to be a login.

    Raises:
        ConfigError: two were named, or it cannot be read, or it is none.
    """
    if settings.cookies and settings.cookies_from_browser:
        raise ConfigError("cookies are to be taken from a file and from a browser", advice="name one of the two")
    if settings.cookies:
        login, source = logins.from_file(Path(settings.cookies)), f"the cookie file {Path(settings.cookies).name}"
    elif settings.cookies_from_browser:
        named = settings.cookies_from_browser
        login, source = logins.from_browser(named), f"the browser {named.partition(':')[0]}"
    else:
        return None
    if not any(item.logs_in(login) for item in sources):
        advice = "log in to x.com in the browser that the cookies come from, then try again"
        raise ConfigError(f"{source} holds no login to X", advice=advice)
    return login
