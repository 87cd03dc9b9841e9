"""The error tree: what went wrong, with which input, and what to do next; it prints nothing and exits nowhere.

Every class carries the exit code that a command ends with when the error reaches it (see the README's table) and a
line of advice. A message says what happened and to which input; the advice says what to do about it.
"""

from __future__ import annotations

from typing import ClassVar


class ArchiverError(Exception):
    """Base of everything that this program raises on purpose.

    Args:
        what: what happened, and to which input, as one sentence without a full stop.
        advice: what to do next; the class's own advice when left out.
    """

    exit_code: ClassVar[int] = 1
    default_advice: ClassVar[str] = "run the command again with -v and report what it prints"

    def __init__(self, what: str, *, advice: str | None = None) -> None:
        super().__init__(what)
        self.advice = self.default_advice if advice is None else advice


class UsageError(ArchiverError):
    """The command line asks for something that cannot be done as asked."""

    exit_code = 2
    default_advice = "see 'archiver COMMAND --help'"


class ConfigError(ArchiverError):
    """A setting is unknown, of the wrong type, or names something that is not there."""

    exit_code = 2
    default_advice = "compare with config.example.toml, which lists every setting"


class FormatError(ArchiverError):
    """Bytes are not in the format that they claim to be in (JSON, HTTP, WARC, BagIt, link, HTML)."""

    default_advice = "run 'archiver verify' on the case"


class NetworkError(ArchiverError):
    """No answer came: look-up, connection, TLS, time-out, or a connection broken midway."""

    exit_code = 4
    default_advice = "check the connection and the proxy settings, then run the same command again"

    def __init__(self, what: str, *, reason: str = "network", advice: str | None = None) -> None:
        super().__init__(what, advice=advice)
        self.reason = reason


class AddressRefused(NetworkError):
    """A URL leads to an address that nothing in a post may make this program contact."""

    default_advice = "nothing was sent; look at where the link leads before trusting it"

    def __init__(self, what: str, *, advice: str | None = None) -> None:
        super().__init__(what, reason="address-refused", advice=advice)


class AccessRefused(ArchiverError):
    """The platform answered, but would not say (login, rate limit, block)."""

    exit_code = 5
    default_advice = "wait, then run the same command again; what is already captured is skipped"


class NoSource(ArchiverError):
    """No source handles this input."""

    exit_code = 7
    default_advice = "give the link of a single post, or an article or file in which posts are embedded"


class CaseNotFound(ArchiverError):
    """There is no case, capture or file where one was named."""

    exit_code = 12
    default_advice = "name the case with -C CASE, or make one with 'archiver capture'"


class CaseLocked(ArchiverError):
    """Another run of this program is writing to the case."""

    exit_code = 13
    default_advice = "wait for the other run to end, or use another case"
