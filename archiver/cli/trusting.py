"""Puts together whom the user trusts: own keys, chosen signers, files named this time; it makes no key, no folder."""

from __future__ import annotations

from pathlib import Path

from archiver.case.store import open_case
from archiver.config import Settings
from archiver.custody import keys, memory, signers
from archiver.custody.chain import Head
from archiver.custody.desk import roots
from archiver.custody.home import Home
from archiver.custody.signers import AllowedSigner
from archiver.errors import ArchiverError, CaseNotFound, ConfigError, FormatError
from archiver.verify.trust import Trust

_MAX_LIST = 1 << 20
_ADVICE = "name a file in the format of OpenSSH's allowed_signers; 'archiver key show' prints its lines"


def trust_of(settings: Settings, case: Path, *, allowed_signers: str = "", tsa_roots: str = "") -> Trust:
    """Return whom the user trusts.

    Args:
        settings: in force.
        case: the case that is verified, to see what this installation remembers of it; there need be none.
        allowed_signers: an `allowed_signers` file that the user names this time; empty for none.
        tsa_roots: a PEM file of roots to trust instead of those of the settings; empty for none.

    Raises:
        ConfigError: a file that is named cannot be read, or the data folder cannot be used.
    """
    home = Home.at(settings.signing.folder)
    own = home.own_keys()
    if settings.signing.key:
        own += (keys.read_public(Path(settings.signing.key).expanduser()),)
    file = tsa_roots or settings.timestamp.roots
    return Trust(
        own=own,
        operator=home.operator,
        signers=home.trusted(),
        named=_read_signers(allowed_signers) if allowed_signers else (),
        revoked=home.revoked(),
        roots=roots(file),
        custom_roots=bool(file),
        remembered=_remembered(home, case),
    )


def _read_signers(name: str) -> tuple[AllowedSigner, ...]:
    try:
        with Path(name).expanduser().open("rb") as file:
            data = file.read(_MAX_LIST + 1)
        if len(data) > _MAX_LIST:
            raise FormatError("it is too large for a list of keys")
        return signers.parse(data)
    except OSError as error:
        raise ConfigError(f"the file of signers {name} cannot be read: {error.strerror}", advice=_ADVICE) from None
    except FormatError as error:
        raise ConfigError(f"the file of signers {name}: {error}", advice=_ADVICE) from None


def _remembered(home: Home, case: Path) -> tuple[Head, ...]:
    """Return the end of this installation's log in the case; nothing where that cannot be told."""
    try:
        head = memory.remembered(home.path, open_case(case).record.id)
    except (CaseNotFound, FormatError):
        # What is the matter with the case is for verification to say.
        return ()
    except OSError as error:
        raise ArchiverError(f"what is remembered of {case} cannot be read: {error.strerror}") from None
    return () if head is None else (head,)
