"""What a manifest says of the program and the machine: versions and architecture, never a name, path or address."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Literal

import msgspec

import archiver
from archiver import canonical
from archiver.config import Settings
from archiver.custody.manifest import Program
from archiver.hashing import sha256_hex

NAME = "archiver"
_DISTRIBUTION = "evidence-archiver"
_SELDOM = frozenset({"yt-dlp"})
_REQUIREMENT = re.compile(r"[A-Za-z0-9._-]+")
# systemd's time daemon keeps this file while it calls the clock synchronised; other systems have no such sign.
_SYNCHRONISED = Path("/run/systemd/timesync/synchronized")


def describe(settings: Settings, tls: str, used: Iterable[str] = ()) -> Program:
    """Describe what captures.

    Args:
        settings: the settings in force; they go in as a digest, without what tells of the machine.
        tls: name and version of the TLS library.
        used: names of the libraries that were used, of those that few captures need.
    """
    return Program(
        name=NAME,
        version=archiver.__version__,
        python=f"{platform.python_implementation()} {platform.python_version()}",
        tls=tls,
        dependencies=dict(dependencies()) | {name: version(name) for name in used},
        os=f"{platform.system()} {platform.release()}",
        architecture=platform.machine(),
        configuration=configuration_digest(settings),
    )


def configuration_digest(settings: Settings) -> str:
    """Return the SHA-256 of the settings that shape a capture, without proxy, file names, case and operator."""
    network = msgspec.to_builtins(settings.network)
    for private in ("proxy", "ca_file", "cookies", "cookies_from_browser"):
        del network[private]
    # Seconds may be fractions, and canonical JSON has no floats.
    shown = {key: str(value) for key, value in network.items()}
    return sha256_hex(canonical.encode({"network": shown}))


@cache
def dependencies() -> tuple[tuple[str, str], ...]:
    """Return name and version of each library that every capture uses and that is installed."""
    try:
        declared = requires(_DISTRIBUTION) or []
    except PackageNotFoundError:
        return ()
    found = []
    for requirement in declared:
        match = _REQUIREMENT.match(requirement)
        if match is None or "extra ==" in requirement or match[0] in _SELDOM:
            continue
        try:
            found.append((match[0], version(match[0])))
        except PackageNotFoundError:
            continue
    return tuple(sorted(found))


def clock_synchronised() -> Literal["yes", "unknown"]:
    """Tell whether the system says that its clock is synchronised."""
    return "yes" if _SYNCHRONISED.exists() else "unknown"
