"""Settings: flags over environment over one TOML file; unknown keys and wrong types are errors that name the key."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import platformdirs
from msgspec import Meta

from archiver.errors import ConfigError
from archiver.model import Record

PREFIX = "ARCHIVER_"
PASSPHRASE = "ARCHIVER_SIGNING_PASSPHRASE"
"""The variable that holds the passphrase of the user's own key; no file does."""
_OTHER_VARIABLES = frozenset({"ARCHIVER_CASE", "ARCHIVER_CONFIG", PASSPHRASE})

_LISTS = frozenset({("timestamp", "authorities")})

Count = Annotated[int, Meta(ge=0, le=20)]
Jobs = Annotated[int, Meta(ge=1, le=64)]
Seconds = Annotated[float, Meta(gt=0, le=1e6)]
Delay = Annotated[float, Meta(ge=0, le=3600)]
Bytes = Annotated[int, Meta(ge=1, le=1 << 62)]
Every = Annotated[str, Meta(pattern=r"\A[1-9][0-9]{0,5} (minutes|captures)( or [1-9][0-9]{0,5} (minutes|captures))?\Z")]
"""After how long, or how many captures, a run is sealed midway."""
WebAddress = Annotated[str, Meta(pattern=r"\Ahttps?://[!-~]+\Z")]
FieldValue = Annotated[str, Meta(pattern=r"\A([!-~]([ -~]*[!-~])?)?\Z")]
"""What may stand in a header field: printable ASCII, no space at either end."""


class CaseSettings(Record, frozen=True, kw_only=True):
    """The case that commands work on.

    Attributes:
        path: folder of the case.
        title: what a new case is called; the folder's name if empty.
    """

    path: str = "evidence"
    title: str = ""


class CustodySettings(Record, frozen=True, kw_only=True):
    """What the manifests say of who captures and why. Nothing is taken from the machine.

    Attributes:
        operator: name or pseudonym; "not stated" if empty.
        purpose: authority or purpose of the captures.
    """

    operator: str = ""
    purpose: str = ""


class CaptureSettings(Record, frozen=True, kw_only=True):
    """How captures run.

    Attributes:
        jobs: captures that run at once.
        context: whether the posts around each post are captured as well: what it replies to, and, with a login, how
            its author goes on.
    """

    jobs: Jobs = 4
    context: Literal["none", "thread"] = "none"


class NetworkSettings(Record, frozen=True, kw_only=True):
    """How the network is reached.

    Attributes:
        proxy: http://, https:// or socks5:// URL of a proxy; the environment's (HTTPS_PROXY …) if empty.
        cookies: cookie file in the Netscape format, with the user's own login to the platform.
        cookies_from_browser: browser whose cookies are used instead, as yt-dlp names it.
        ca_file: PEM file of the authorities to trust instead of the usual ones (SSL_CERT_FILE, else certifi's).
        user_agent: what requests say they come from.
        connect_timeout: seconds until a connection has to stand.
        read_timeout: seconds that a server may be silent.
        answer_seconds: seconds that an answer may take which is read here and not only kept.
        max_seconds: seconds that fetching a media file may take.
        max_media_bytes: bytes after which a media body is cut.
        retries: how often a failed request is sent again.
        retry_delay: seconds before the first retry; doubled for each further one.
    """

    proxy: str = ""
    cookies: str = ""
    cookies_from_browser: str = ""
    ca_file: str = ""
    user_agent: FieldValue = "Mozilla/5.0 (compatible; evidence-archiver)"
    connect_timeout: Seconds = 15.0
    read_timeout: Seconds = 30.0
    answer_seconds: Seconds = 120.0
    max_seconds: Seconds = 3600.0
    max_media_bytes: Bytes = 8 << 30
    retries: Count = 2
    retry_delay: Delay = 1.0


class SigningSettings(Record, frozen=True, kw_only=True):
    """With which keys is signed.

    Attributes:
        key: a key of the user's own that signs the seals: a private key file, or the public half of one that the SSH
            agent or a hardware token holds. If empty, the installation key signs them.
        folder: where the installation keeps its key and whom it trusts; the platform's data folder if empty.
        unsigned: capture without any signature.
    """

    key: str = ""
    folder: str = ""
    unsigned: bool = False


class TimestampSettings(Record, frozen=True, kw_only=True):
    """How the time of seals is proved.

    Attributes:
        enabled: whether authorities are asked at all.
        authorities: URLs of RFC 3161 time-stamp authorities.
        every: when a run is sealed that is still going on.
        roots: PEM file of the roots to trust instead of those that ship with the program.
        open_seconds: how long the first capture of a run may wait for the stamp on the run's opening.
        answer_seconds: seconds that an authority may take.
    """

    enabled: bool = True
    authorities: tuple[WebAddress, ...] = ("http://timestamp.digicert.com", "http://timestamp.identrust.com")
    every: Every = "15 minutes or 1000 captures"
    roots: str = ""
    open_seconds: Delay = 5.0
    answer_seconds: Seconds = 30.0


class Settings(Record, frozen=True, kw_only=True):
    """All settings, by section."""

    case: CaseSettings = CaseSettings()
    custody: CustodySettings = CustodySettings()
    capture: CaptureSettings = CaptureSettings()
    network: NetworkSettings = NetworkSettings()
    signing: SigningSettings = SigningSettings()
    timestamp: TimestampSettings = TimestampSettings()


def load(
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, Mapping[str, Any]] | None = None,
) -> Settings:
    """Put the settings together.

    Args:
        file: the TOML file named by the user; if None, `ARCHIVER_CONFIG`, else the platform's, which may be missing.
        environment: variables; the process's own if None.
        flags: values by section and key; None values do not count.

    Raises:
        ConfigError: a file that was named is missing or no TOML, a key is unknown, or a value has the wrong type.
    """
    environment = os.environ if environment is None else environment
    values = _read_file(file, environment)
    for section, key, value in _from_environment(environment):
        values.setdefault(section, {})[key] = value
    for section, entries in (flags or {}).items():
        values.setdefault(section, {}).update({key: value for key, value in entries.items() if value is not None})
    return _convert(values, "the settings", strict=False)


def default_file() -> Path:
    """Return where the platform keeps this program's configuration."""
    return platformdirs.user_config_path("archiver", appauthor=False) / "config.toml"


def _read_file(file: Path | None, environment: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    named = file or (Path(environment["ARCHIVER_CONFIG"]) if environment.get("ARCHIVER_CONFIG") else None)
    path = named or default_file()
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        if named is None:
            return {}
        raise ConfigError(f"the configuration file {path} does not exist") from None
    except OSError as error:
        raise ConfigError(f"the configuration file {path} cannot be read: {error.strerror}") from None
    try:
        values = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"the configuration file {path} is not TOML: {error}") from None
    _convert(values, f"the configuration file {path}", strict=True)
    return values


def _from_environment(environment: Mapping[str, str]) -> list[tuple[str, str, str | list[str]]]:
    found: list[tuple[str, str, str | list[str]]] = []
    for name, text in environment.items():
        if not name.startswith(PREFIX) or name in _OTHER_VARIABLES:
            continue
        section, _, key = name.removeprefix(PREFIX).lower().partition("_")
        if (section, key) not in _known_keys():
            raise ConfigError(f"the environment variable {name} names no setting")
        found.append((section, key, text.replace(",", " ").split() if (section, key) in _LISTS else text))
    if case := environment.get("ARCHIVER_CASE"):
        found.append(("case", "path", case))
    return found


def _known_keys() -> set[tuple[str, str]]:
    return {
        (section.name, field.name)
        for section in msgspec.structs.fields(Settings)
        for field in msgspec.structs.fields(section.type)
    }


def _convert(values: Mapping[str, Any], source: str, *, strict: bool) -> Settings:
    try:
        return msgspec.convert(values, Settings, strict=strict)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{source}: {_name_key(str(error))}") from None


def _name_key(message: str) -> str:
    """Turn msgspec's "Expected `int`, got `str` - at `$.capture.jobs`" into a sentence that begins with the key."""
    text, _, place = message.partition(" - at `$")
    key = place.strip("`.")
    if "matching regex" in text:
        # The pattern is for programs; the example of every setting is in config.example.toml.
        text = "not in the form that it has to have"
    if "unknown field" in text:
        field = text.rpartition("unknown field ")[2].strip("`")
        return f"unknown key {f'{key}.{field}' if key else field}"
    return f"{key}: {text[:1].lower()}{text[1:]}".replace("`", "") if key else text.replace("`", "")
