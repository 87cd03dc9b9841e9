"""Signatures over files as OpenSSH makes them (PROTOCOL.sshsig): writes them, and takes no form but the one written.

`ssh-keygen -Y verify` reads armour leniently, so that different bytes pass as one signature. Here every signature has
exactly one form, and a changed bit anywhere in it is a fault. Whether the key is to be trusted is not asked.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Final

from archiver.custody.sshkeys import (
    PrivateKey,
    PublicKey,
    Reader,
    check_signature,
    decode_base64,
    decode_public,
    make_signature,
    parse_public,
    public_half,
    string,
)
from archiver.errors import FormatError

__all__ = [
    "CAPTURE",
    "LOG",
    "MAX_ARMOUR",
    "RECEIPT",
    "SEAL",
    "TRANSFER",
    "PublicKey",
    "SignatureFault",
    "parse_public",
    "sign",
    "verify",
]

CAPTURE: Final = "archiver-capture"
SEAL: Final = "archiver-seal"
LOG: Final = "archiver-log"
TRANSFER: Final = "archiver-transfer"
RECEIPT: Final = "archiver-receipt"
"""The namespaces: what is signed for one use cannot be passed off as signed for another."""

MAX_ARMOUR: Final = 1 << 14
"""Bytes that a signature may have; the largest RSA key needs a third of it."""

_BEGIN: Final = "-----BEGIN SSH SIGNATURE-----\n"
_END: Final = "-----END SSH SIGNATURE-----\n"
_WIDTH: Final = 70
_MAGIC: Final = b"SSHSIG"
_VERSION: Final = 1
_HASHES: Final = {"sha512": hashlib.sha512, "sha256": hashlib.sha256}


class SignatureFault(FormatError):
    """A signature is not in the one form that signatures have, or does not fit."""


def sign(private: PrivateKey, message: bytes, namespace: str) -> bytes:
    """Sign a message, and return the armoured signature; with Ed25519 and RSA, the bytes that ssh-keygen would write.

    Args:
        private: the key.
        message: what is signed.
        namespace: what for; one of those above.

    Raises:
        FormatError: a key of this size or curve is not taken.
    """
    signature = make_signature(private, _signed(message, namespace, "sha512"))
    parts = (public_half(private).blob, namespace.encode("ascii"), b"", b"sha512", signature)
    return _armour(_MAGIC + _VERSION.to_bytes(4, "big") + b"".join(map(string, parts)))


def verify(armour: bytes, message: bytes, namespace: str) -> PublicKey:
    """Check an armoured signature, and return the key that made it. It may be anybody's.

    Args:
        armour: the signature as it is in a `.sig` file, nothing before and nothing after.
        message: what it has to be over.
        namespace: what it has to be for.

    Raises:
        SignatureFault: it is of another form, for another use, or does not fit the message.
    """
    try:
        reader = Reader(_dearmour(armour))
        if reader.take(len(_MAGIC)) != _MAGIC or reader.uint32() != _VERSION:
            raise SignatureFault("not an SSH signature of version 1")
        key = decode_public(reader.string())
        found, reserved, algorithm = reader.name(), reader.string(), reader.name()
        signature = reader.string()
        reader.end()
        if found != namespace:
            raise SignatureFault(f"the signature is for {found[:40]!r}, not for {namespace!r}")
        if reserved or algorithm not in _HASHES:
            raise SignatureFault("the signature uses what no version 1 of SSH signatures has")
        check_signature(key, signature, _signed(message, namespace, algorithm))
    except SignatureFault:
        raise
    except FormatError as error:
        raise SignatureFault(str(error)) from None
    return key


def _signed(message: bytes, namespace: str, algorithm: str) -> bytes:
    parts = (namespace.encode("ascii"), b"", algorithm.encode("ascii"), _HASHES[algorithm](message).digest())
    return _MAGIC + b"".join(map(string, parts))


def _armour(data: bytes) -> bytes:
    text = base64.b64encode(data).decode("ascii")
    lines = (text[start : start + _WIDTH] + "\n" for start in range(0, len(text), _WIDTH))
    return "".join((_BEGIN, *lines, _END)).encode("ascii")


def _dearmour(armour: bytes) -> bytes:
    if len(armour) > MAX_ARMOUR:
        raise SignatureFault("too long for a signature")
    text = armour.decode("ascii", "replace")
    data = decode_base64(text.removeprefix(_BEGIN).removesuffix(_END).replace("\n", ""))
    # Only what would be written again in the same bytes has the one form.
    if _armour(data) != armour:
        raise SignatureFault("the armour of the signature is not in canonical form")
    return data
