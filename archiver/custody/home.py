"""The data folder of an installation: its key, the name its operator states, and whom it trusts; it signs nothing.

Nothing in it is taken from the machine's account, and no key in it is ever overwritten: one that is replaced is kept.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

import msgspec
import platformdirs
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from filelock import FileLock, Timeout

from archiver import canonical
from archiver.case.files import sync_folder
from archiver.case.layout import random_letters
from archiver.custody import keys, signers
from archiver.custody.keys import FileSigner
from archiver.custody.signers import AllowedSigner
from archiver.custody.sshkeys import PublicKey
from archiver.errors import ConfigError, FormatError, UsageError
from archiver.model import Record

KEY: Final = "installation.key"
PUBLIC: Final = "installation.pub"
IDENTITY: Final = "identity.json"
RETIRED: Final = "retired"
TRUSTED: Final = "trusted_signers"
REVOKED: Final = "revoked_keys"
LOCK: Final = "home.lock"

_PATIENCE: Final = 10.0
_LONGEST_NAME: Final = 200
_OVERRIDES: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class _Identity(Record, frozen=True, kw_only=True):
    format: Literal["archiver-identity/1"] = "archiver-identity/1"
    operator: str = ""


def check_operator(name: str) -> str:
    """Return a name that an operator states, without blanks around it.

    Raises:
        UsageError: it is too long, or holds what is no text: control characters, line ends, marks that reorder text.
    """
    name = name.strip()
    if len(name) > _LONGEST_NAME:
        raise UsageError(f"the operator's name is longer than {_LONGEST_NAME} characters")
    if any(unicodedata.category(char) in ("Cc", "Cs", "Cn", "Zl", "Zp") or char in _OVERRIDES for char in name):
        raise UsageError("the operator's name holds control characters")
    return name


class Home:
    """The data folder. Every method raises ConfigError where the folder or a file in it is not as it should be.

    Attributes:
        path: the folder; it is made, for this user alone, when something is first written to it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def at(cls, folder: str = "") -> Home:
        """Return the folder that the setting `[signing] folder` names; if empty, the platform's for such data."""
        return cls(Path(folder).expanduser() if folder else platformdirs.user_data_path("archiver", appauthor=False))

    def installation(self) -> FileSigner:
        """Return the installation key, made now if there is none; of processes that make one at once, one wins."""
        signer = self._load(self.path / KEY)
        if signer is None:
            with self._changing():
                signer = self._load(self.path / KEY) or self._install(keys.generate())
        if signer.key in self.revoked():
            raise ConfigError(
                f"the installation key {signer.key.fingerprint} is revoked",
                advice="make another with 'archiver key new --as NAME'",
            )
        return signer

    def public(self) -> PublicKey | None:
        """Return the public half of the installation key, or None; makes none."""
        signer = self._load(self.path / KEY)
        return None if signer is None else signer.key

    def replace(self, private: Ed25519PrivateKey, operator: str | None = None) -> FileSigner:
        """Make a key the installation key; the one before is retired, and stays the installation's own.

        Args:
            private: the key.
            operator: the name that the operator states with it; None leaves it as it is.

        Raises:
            UsageError: see `check_operator`.
        """
        name = None if operator is None else check_operator(operator)
        with self._changing():
            if name is not None:
                self._write_identity(name)
            return self._install(private)

    def retired(self) -> tuple[FileSigner, ...]:
        """Return the keys that were replaced, sorted by file name; they sign a last line of a log at most."""
        with self._reading():
            paths = sorted((self.path / RETIRED).glob("*.key"))
        current = self.public()
        found = (self._load(path) for path in paths)
        return tuple(signer for signer in found if signer is not None and signer.key != current)

    def own_keys(self) -> tuple[PublicKey, ...]:
        """Return what verification takes for this installation's own: its key and the retired ones, none revoked."""
        current = self.public()
        own = (() if current is None else (current,)) + tuple(signer.key for signer in self.retired())
        revoked = self.revoked()
        return tuple(key for key in own if key not in revoked)

    @property
    def operator(self) -> str:
        """The name that the operator stated; empty if none was, or nobody was asked yet."""
        path = self.path / IDENTITY
        data = self._read(path)
        if not data:
            return ""
        try:
            return check_operator(msgspec.convert(canonical.decode(data), _Identity).operator)
        except (FormatError, UsageError, msgspec.ValidationError):
            raise ConfigError(f"{path} is damaged", advice="delete it, and state the name again") from None

    def state_operator(self, name: str) -> None:
        """Keep the name that the operator states.

        Raises:
            UsageError: see `check_operator`.
        """
        name = check_operator(name)
        with self._changing():
            self._write_identity(name)
            if (key := self.public()) is not None:
                self._publish(key)

    def as_signer(self, key: PublicKey) -> AllowedSigner:
        """Return a key of one's own as the line of an `allowed_signers` file names it."""
        return AllowedSigner(principals=(signers.principal(self.operator, key),), key=key)

    def trusted(self) -> tuple[AllowedSigner, ...]:
        """Return whom this installation trusts, without those whose key is revoked."""
        revoked = self.revoked()
        return tuple(signer for signer in self._signers() if signer.key not in revoked)

    def trust(self, offered: Iterable[AllowedSigner]) -> tuple[AllowedSigner, ...]:
        """Trust signers from now on, and return those that were not trusted in just this way before.

        Raises:
            UsageError: the key of one is revoked.
        """
        with self._changing():
            known, revoked = self._signers(), self.revoked()
            asked = tuple(dict.fromkeys(offered))
            for signer in asked:
                if signer.key in revoked:
                    raise UsageError(
                        f"the key {signer.key.fingerprint} is revoked",
                        advice=f"if that was a mistake, take it out of {self.path / REVOKED}",
                    )
            new = tuple(signer for signer in asked if signer not in known)
            self._append(self.path / TRUSTED, map(signers.to_line, new))
        return new

    def revoked(self) -> tuple[PublicKey, ...]:
        """Return the keys that nothing is to rest on any more, whatever else says of them."""
        path = self.path / REVOKED
        try:
            return signers.parse_revoked(self._read(path))
        except FormatError as error:
            raise ConfigError(f"{path}: {error}", advice="correct the line; each holds one public key") from None

    def revoke(self, key: PublicKey) -> bool:
        """Trust a key no longer, one's own included; return whether that is new."""
        with self._changing():
            new = key not in self.revoked()
            self._append(self.path / REVOKED, (key.line,) if new else ())
        return new

    def _signers(self) -> tuple[AllowedSigner, ...]:
        path = self.path / TRUSTED
        try:
            return signers.parse(self._read(path))
        except FormatError as error:
            raise ConfigError(f"{path}: {error}", advice="correct the line, or take it out") from None

    def _install(self, private: Ed25519PrivateKey) -> FileSigner:
        """Put a key in its place, under the lock. At a kill in between, the old key is there, or both are."""
        path, new = self.path / KEY, FileSigner(private)
        old = self._load(path)
        if old is None or old.key != new.key:
            if old is not None:
                self._retire(old)
            self._place(path, keys.encode(private), over=old is not None)
        self._publish(new.key)
        return new

    def _retire(self, old: FileSigner) -> None:
        folder = self.path / RETIRED
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / f"{old.key.short}.key"
        if not path.exists():
            self._place(path, (self.path / KEY).read_bytes(), over=False)

    def _publish(self, key: PublicKey) -> None:
        self._place(self.path / PUBLIC, signers.to_line(self.as_signer(key)).encode("ascii") + b"\n", over=True)

    def _write_identity(self, name: str) -> None:
        data = canonical.encode(msgspec.to_builtins(_Identity(operator=name)))
        self._place(self.path / IDENTITY, data, over=True)

    def _append(self, path: Path, lines: Iterable[str]) -> None:
        """Add lines to a list that a user may have edited: what stands there stays as it is."""
        added = "".join(f"{line}\n" for line in lines).encode("utf-8")
        before = self._read(path)
        if added:
            gap = b"\n" if before and not before.endswith(b"\n") else b""
            self._place(path, before + gap + added, over=True)

    def _place(self, path: Path, data: bytes, *, over: bool) -> None:
        """Let a file appear whole, in place of what is there only if that is meant."""
        draft = path.with_name(f"{path.name}.{random_letters(8)}")
        keys.write_file(draft, data)
        try:
            if over:
                draft.replace(path)
            else:
                _link(draft, path)
        finally:
            draft.unlink(missing_ok=True)
        sync_folder(path.parent)

    def _load(self, path: Path) -> FileSigner | None:
        with self._reading():
            if not path.exists():
                return None
        try:
            private = keys.unlock(keys.read_file(path))
            if isinstance(private, Ed25519PrivateKey):
                return FileSigner(private)
            raise FormatError("not an Ed25519 key")
        except FormatError as error:
            raise ConfigError(
                f"{path}: {error}",
                advice="move it away, then put its backup back with 'archiver key restore FILE', "
                "or make another with 'archiver key new --as NAME'",
            ) from None

    def _read(self, path: Path) -> bytes:
        with self._reading():
            try:
                return path.read_bytes()
            except FileNotFoundError:
                return b""

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except (OSError, Timeout) as error:
            why = getattr(error, "strerror", None) or "another run holds it"
            raise ConfigError(
                f"the data folder {self.path} cannot be used: {why}",
                advice="see who may write to it, or name another with the setting [signing] folder",
            ) from None

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Hold the folder for this process alone; it is made if there is none."""
        with self._reading():
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            with FileLock(self.path / LOCK, timeout=_PATIENCE):
                yield


def _link(draft: Path, path: Path) -> None:
    """Let a draft appear under a name that nothing has. A rename would replace what is there."""
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        raise
    except OSError:
        # A file system without links. Whoever writes here holds the lock and has looked.
        draft.rename(path)
