"""Opens what custody needs for a case: the installation's key, its log, who seals; it signs nothing itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from archiver.case import layout
from archiver.case.store import Case
from archiver.config import PASSPHRASE, Settings
from archiver.custody import memory, signers
from archiver.custody.home import Home
from archiver.custody.keys import Signer
from archiver.custody.log import CustodyLog
from archiver.custody.own_key import open_key
from archiver.custody.roots import Root, pinned_roots
from archiver.custody.seal import authority_name
from archiver.custody.sealing import Ask, Office
from archiver.custody.timestamp import load_roots
from archiver.errors import ConfigError, FormatError

Passphrase = Callable[[], str]
"""Asks for the passphrase of the user's own key; raises ConfigError where nobody can be asked."""


def nobody() -> str:
    """Answer for the passphrase where nobody can be asked.

    Raises:
        ConfigError: always.
    """
    raise ConfigError(
        "your own key is encrypted, and there is no terminal on which to ask for its passphrase",
        advice=f"set {PASSPHRASE}, or use a key that the SSH agent holds",
    )


@dataclass(frozen=True)
class Desk:
    """What an installation acts with in a case.

    Attributes:
        case: the case.
        home: the installation's data folder.
        settings: the settings in force.
        signer: the installation key; None where nothing is signed.
        log: this installation's custody log in the case.
    """

    case: Case
    home: Home
    settings: Settings
    signer: Signer | None
    log: CustodyLog

    @property
    def operator(self) -> str:
        """Who captures, as stated; empty if nobody said."""
        return self.settings.custody.operator or self.home.operator

    @property
    def mark(self) -> str:
        """What stands for this installation in names under `.work/`; it tells nothing of the machine."""
        return memory.mark(self.case.record.id, self.home.path)[:8]

    def publish(self, signer: Signer | None = None) -> None:
        """Add the keys that are used here to the case's `allowed_signers`: a convenience, never a ground for trust.

        Args:
            signer: who signs seals, where it is not the installation key.
        """
        path = self.case.path / layout.ALLOWED_SIGNERS
        known = path.read_bytes() if path.exists() else b""
        keys = dict.fromkeys(item.key for item in (self.signer, signer) if item is not None)
        lines = [signers.to_line(self.home.as_signer(key)).encode("ascii") for key in keys]
        new = [line for line in lines if line.split(b" ")[-1] not in known]
        if new:
            draft = self.case.path / layout.WORK / f"{layout.ALLOWED_SIGNERS}.{layout.random_letters(6)}"
            draft.parent.mkdir(exist_ok=True)
            draft.write_bytes(b"".join([known, *(line + b"\n" for line in new)]))
            draft.replace(path)

    def office(self, ask: Ask, passphrase: Passphrase) -> Office:
        """Return what seals are made with.

        Args:
            ask: reaches time-stamp authorities.
            passphrase: for the user's own key, if that is encrypted.

        Raises:
            ConfigError: the key, the authorities or the roots cannot be used.
        """
        signing, timestamp = self.settings.signing, self.settings.timestamp
        signer = self.signer
        if signing.key and not signing.unsigned:
            signer = open_key(Path(signing.key).expanduser(), passphrase)
        return Office(
            case=self.case,
            log=self.log,
            signer=signer,
            authorities=_authorities(timestamp.authorities) if timestamp.enabled else (),
            roots=roots(timestamp.roots),
            ask=ask,
        )


def open_desk(case: Case, settings: Settings) -> Desk:
    """Open what custody needs for a case; the installation key is made if there is none.

    Raises:
        ConfigError: the installation key is damaged or readable by others.
        OSError: the data folder cannot be written.
    """
    home = Home.at(settings.signing.folder)
    signer = None if settings.signing.unsigned else home.installation()
    retired = () if settings.signing.unsigned else home.retired()
    return Desk(
        case=case,
        home=home,
        settings=settings,
        signer=signer,
        log=CustodyLog(case, home.path, signer, retired=retired),
    )


def _authorities(urls: tuple[str, ...]) -> tuple[str, ...]:
    """Return the authorities, each once.

    Raises:
        ConfigError: replies of two of them would be filed under one name.
    """
    names = Counter(map(authority_name, dict.fromkeys(urls)))
    for name, count in names.items():
        if count > 1:
            raise ConfigError(
                f"timestamp.authorities has {count} URLs of one host, whose replies would all be filed as {name}",
                advice="name one URL of each authority: the time is to rest on more than one",
            )
    return tuple(dict.fromkeys(urls))


def roots(file: str) -> tuple[Root, ...]:
    """Return the roots to trust: those of a PEM file, or if none is named those that ship with the program.

    Raises:
        ConfigError: the file cannot be read or holds no certificate.
    """
    if not file:
        return pinned_roots()
    try:
        return load_roots(Path(file).expanduser().read_bytes())
    except OSError as error:
        raise ConfigError(f"the file of root certificates {file} cannot be read: {error.strerror}") from None
    except FormatError as error:
        raise ConfigError(f"the file of root certificates {file}: {error}") from None
