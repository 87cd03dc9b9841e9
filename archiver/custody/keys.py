"""Private keys: reads and writes OpenSSH's key files, and signs with what they hold; it asks nobody for anything.

A passphrase comes through a callable that is handed in. A key file that others can read is refused, as ssh does.
"""

from __future__ import annotations

import os
import stat
from binascii import a2b_base64
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_ssh_private_key,
)

from archiver.custody import sshsig
from archiver.custody.sshkeys import PrivateKey, PublicKey, Reader, decode_public, parse_public, public_half
from archiver.errors import ConfigError, FormatError
from archiver.model import Record

_BEGIN: Final = b"-----BEGIN OPENSSH PRIVATE KEY-----"
_END: Final = b"-----END OPENSSH PRIVATE KEY-----"
_MAGIC: Final = b"openssh-key-v1\0"
_MAX_FILE: Final = 1 << 16
_DAMAGED: Final = (ValueError, TypeError, ArithmeticError, NotImplementedError, InvalidTag, UnsupportedAlgorithm)
"""What the library raises over files that are not as they should be."""
_CONVERT: Final = "give a key in OpenSSH's format; 'ssh-keygen -p -f FILE' converts an older one"


class Signer(Protocol):
    """Whoever signs: a key in memory, or a program that reaches a key elsewhere."""

    @property
    def key(self) -> PublicKey:
        """The public half of the key."""
        ...

    def sign(self, message: bytes, namespace: str) -> bytes:
        """Return the armoured signature over a message, for one use; raise ConfigError if there is none to be had."""
        ...


class FileSigner:
    """Signs with a key in memory.

    Attributes:
        private: the key; Ed25519 for an installation, also ECDSA and RSA for a user's own.
        key: its public half.
    """

    def __init__(self, private: PrivateKey) -> None:
        self.private = private
        self.key = public_half(private)

    def sign(self, message: bytes, namespace: str) -> bytes:
        """Return the armoured signature over a message, for one use."""
        return sshsig.sign(self.private, message, namespace)


class KeyFile(Record, frozen=True, kw_only=True):
    """What a private key file tells without its passphrase.

    Attributes:
        data: its bytes.
        key: the public half.
        encrypted: whether the private half needs a passphrase.
    """

    data: bytes
    key: PublicKey
    encrypted: bool


def generate() -> Ed25519PrivateKey:
    """Return a new key."""
    return Ed25519PrivateKey.generate()


def encode(private: PrivateKey, passphrase: str = "") -> bytes:
    """Return a key as an OpenSSH private key file without comment, encrypted if there is a passphrase."""
    encryption = BestAvailableEncryption(_word(passphrase)) if passphrase else NoEncryption()
    return private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, encryption)


def decode_file(data: bytes) -> KeyFile:
    """Read what is not encrypted in an OpenSSH private key file.

    Raises:
        FormatError: it is no such file, or its key is of no type that is known here.
    """
    body = data.strip()
    if not (body.startswith(_BEGIN) and body.endswith(_END)):
        raise FormatError("not a private key in OpenSSH's format")
    try:
        reader = Reader(a2b_base64(body[len(_BEGIN) : -len(_END)]))
    except ValueError:
        raise FormatError("the private key is damaged") from None
    if reader.take(len(_MAGIC)) != _MAGIC:
        raise FormatError("not a private key in OpenSSH's format")
    cipher = reader.string()
    reader.string(), reader.string()
    if reader.uint32() != 1:
        raise FormatError("the file holds more than one private key")
    return KeyFile(data=data, key=decode_public(reader.string()), encrypted=cipher != b"none")


def unlock(file: KeyFile, passphrase: Callable[[], str] | None = None) -> PrivateKey:
    """Return the private key of a file.

    Args:
        file: the file.
        passphrase: returns the passphrase; called only if one is needed. None if there is nobody to ask.

    Raises:
        FormatError: the passphrase is wrong or missing, or the file is damaged.
    """
    if file.encrypted and passphrase is None:
        raise FormatError("the private key is encrypted")
    word = _word(passphrase()) if file.encrypted and passphrase is not None else None
    try:
        private = load_ssh_private_key(file.data, word)
    except _DAMAGED:
        what = "the passphrase is wrong, or the key is damaged" if file.encrypted else "the private key is damaged"
        raise FormatError(what) from None
    if not isinstance(private, Ed25519PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey):
        raise FormatError("this type of private key cannot sign here")
    if public_half(private) != file.key:
        raise FormatError("the private key is damaged: its halves do not belong together")
    return private


def read_file(path: Path) -> KeyFile:
    """Read a private key file of which nobody else can read the private half.

    Raises:
        ConfigError: it is not there, cannot be read, is no private key, or others can read it.
    """
    data, mode = _read(path)
    if os.name == "posix" and mode & 0o077:
        raise ConfigError(
            f"others can read the private key {path}",
            advice=f"allow it to yourself alone: chmod 600 '{path}' (copy it first from where that has no effect)",
        )
    try:
        return decode_file(data)
    except FormatError as error:
        raise ConfigError(f"{path}: {error}", advice=_CONVERT) from None


def read_public(path: Path) -> PublicKey:
    """Return the public key that a `.pub` file or a private key file holds; no passphrase is needed.

    Raises:
        ConfigError: it is not there, cannot be read, or is neither.
    """
    data, _ = _read(path)
    try:
        if data.lstrip().startswith(b"-----BEGIN"):
            return decode_file(data).key
        return parse_public(data.decode("utf-8"))
    except (FormatError, UnicodeDecodeError) as error:
        what = error if isinstance(error, FormatError) else "neither a private nor a public key"
        raise ConfigError(f"{path}: {what}", advice=_CONVERT) from None


def write_file(path: Path, data: bytes) -> None:
    """Make a file that nobody else can read, and wait until it is on the disk.

    Raises:
        FileExistsError: something of that name is there; it stays as it is.
        OSError: it cannot be written; no part of it stays.
    """
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            path.unlink()
            raise


def _word(passphrase: str) -> bytes:
    # An environment variable in another encoding than the system's comes as surrogates.
    return passphrase.encode("utf-8", "surrogateescape")


def _read(path: Path) -> tuple[bytes, int]:
    """Return the bytes and the mode of a key file."""
    try:
        with path.open("rb") as file:
            # Of the file that is open: its name may mean another one a moment later.
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            data = file.read(_MAX_FILE + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "this is no file name"
        raise ConfigError(
            f"the key {path} cannot be read: {why}", advice="check the path and who may read it"
        ) from None
    if len(data) > _MAX_FILE:
        raise ConfigError(f"{path}: too large for a key", advice=_CONVERT)
    return data, mode
