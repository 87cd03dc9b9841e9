"""The algorithms that a time-stamp may rest on, and the check of a signature with them; all others are refused.

SHA-2, RSA (PKCS #1 v1.5) of 2,048 to 8,192 bits, and ECDSA on the NIST curves. An algorithm is known by the exact DER
of its identifier, so that two writings of one name cannot be mixed.
"""

from __future__ import annotations

import hashlib
from typing import Final, Literal, NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from archiver.custody.rfc3161 import der
from archiver.custody.rfc3161.fault import StampFault

Digest = Literal["sha256", "sha384", "sha512"]


class Signature(NamedTuple):
    """An algorithm of signatures: the kind of key, and the digest that is signed."""

    key: Literal["rsa", "ec"]
    digest: Digest


_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
_NULL = bytes((der.NULL, 0))
_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_DIGEST_OIDS: Final[dict[str, Digest]] = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
_RSA_OIDS: Final[dict[str, Digest]] = {
    "1.2.840.113549.1.1.11": "sha256",
    "1.2.840.113549.1.1.12": "sha384",
    "1.2.840.113549.1.1.13": "sha512",
}
_ECDSA_OIDS: Final[dict[str, Digest]] = {
    "1.2.840.10045.4.3.2": "sha256",
    "1.2.840.10045.4.3.3": "sha384",
    "1.2.840.10045.4.3.4": "sha512",
}


def _identifier(dotted: str, parameters: bytes = b"") -> bytes:
    return der.write(der.SEQUENCE, der.oid(dotted), parameters)


SHA256: Final = _identifier("2.16.840.1.101.3.4.2.1", _NULL)
_DIGESTS: Final = {
    _identifier(dotted, parameters): digest for dotted, digest in _DIGEST_OIDS.items() for parameters in (b"", _NULL)
}
_SIGNATURES: Final = {
    **{_identifier(dotted, _NULL): Signature("rsa", digest) for dotted, digest in _RSA_OIDS.items()},
    **{_identifier(dotted): Signature("ec", digest) for dotted, digest in _ECDSA_OIDS.items()},
}
_RSA_KEY: Final = _identifier("1.2.840.113549.1.1.1", _NULL)


def read_digest(identifier: bytes, what: str) -> Digest:
    """Return which digest an algorithm identifier names.

    Args:
        identifier: its DER.
        what: what it is the digest of, for the message.

    Raises:
        StampFault: none that is accepted.
    """
    digest = _DIGESTS.get(identifier)
    if digest is None:
        raise StampFault("algorithm", f"{what} is not made with SHA-256, SHA-384 or SHA-512")
    return digest


def find_signature(identifier: bytes, digest: Digest | None = None) -> Signature | None:
    """Return which algorithm of signatures an algorithm identifier names; None if it is none that is accepted.

    Args:
        identifier: its DER.
        digest: the digest that is named beside it, where one is. An RSA signature may then be named after its key.
    """
    found = Signature("rsa", digest) if digest and identifier == _RSA_KEY else _SIGNATURES.get(identifier)
    return found if found is not None and digest in (None, found.digest) else None


def digest_of(data: bytes, digest: Digest | Literal["sha1"]) -> bytes:
    """Return a digest of some bytes; SHA-1 only tells certificates apart whose keys are then checked."""
    return hashlib.new(digest, data, usedforsecurity=digest != "sha1").digest()


def accepts(public_key: bytes) -> bool:
    """Tell whether a public key, the DER of its SubjectPublicKeyInfo, is of a kind and size that is accepted."""
    return _load(public_key) is not None


def verify(public_key: bytes, signature: bytes, message: bytes, algorithm: Signature) -> bool:
    """Tell whether a signature is valid, and made with a key that is accepted.

    Args:
        public_key: DER of the key (SubjectPublicKeyInfo).
        signature: the signature's bytes.
        message: what is signed.
        algorithm: how.
    """
    key = _load(public_key)
    chosen = _HASHES[algorithm.digest]
    try:
        if isinstance(key, rsa.RSAPublicKey) and algorithm.key == "rsa":
            key.verify(signature, message, padding.PKCS1v15(), chosen)
        elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm.key == "ec":
            key.verify(signature, message, ec.ECDSA(chosen))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _load(public_key: bytes) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey | None:
    try:
        key = serialization.load_der_public_key(public_key)
    except (ValueError, UnsupportedAlgorithm):
        return None
    if isinstance(key, rsa.RSAPublicKey) and 2048 <= key.key_size <= 8192:
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, _CURVES):
        return key
    return None
