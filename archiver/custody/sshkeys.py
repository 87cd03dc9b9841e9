"""Public keys and bare signatures as OpenSSH encodes them, for each type of key; it takes no encoding but the one.

Encodings: RFC 4251 (wire types), RFC 4253, 5656, 8332 and 8709 (RSA, ECDSA, RSA with SHA-2, Ed25519) and OpenSSH's
PROTOCOL.u2f (the `sk-` types of hardware keys). Certificates, DSA, and RSA with SHA-1 are not keys here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Final, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    SECP384R1,
    SECP521R1,
    EllipticCurve,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from archiver.errors import FormatError
from archiver.model import Record

PrivateKey: TypeAlias = Ed25519PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey
"""What this program can sign with by itself."""

ED25519: Final = "ssh-ed25519"
SK_ED25519: Final = "sk-ssh-ed25519@openssh.com"
SK_ECDSA: Final = "sk-ecdsa-sha2-nistp256@openssh.com"
RSA: Final = "ssh-rsa"

_CURVES: Final[dict[str, tuple[bytes, EllipticCurve, HashAlgorithm]]] = {
    "ecdsa-sha2-nistp256": (b"nistp256", SECP256R1(), SHA256()),
    "ecdsa-sha2-nistp384": (b"nistp384", SECP384R1(), SHA384()),
    "ecdsa-sha2-nistp521": (b"nistp521", SECP521R1(), SHA512()),
    SK_ECDSA: (b"nistp256", SECP256R1(), SHA256()),
}
_RSA_HASHES: Final[dict[str, HashAlgorithm]] = {"rsa-sha2-512": SHA512(), "rsa-sha2-256": SHA256()}
FILE_TYPES: Final = frozenset({ED25519, RSA, *_CURVES} - {SK_ECDSA})
"""Types whose private half is in a file."""
TYPES: Final = FILE_TYPES | {SK_ED25519, SK_ECDSA}

_RSA_BITS: Final = range(2048, 16385)
_EXPONENT_BITS: Final = 64
_FIELD: Final = 2**255 - 19
_ORDER_8: Final = 2707385501144840649318225287225658788936804267575313519463743609750303402022
_WEAK: Final = frozenset({0, 1, _FIELD - 1, _ORDER_8, _FIELD - _ORDER_8})
"""The y coordinates of Ed25519's points of small order: under such a key one signature fits every message."""


class PublicKey(Record, frozen=True, kw_only=True):
    """A public key.

    Attributes:
        type: OpenSSH's name of its type ("ssh-ed25519").
        blob: the key in the wire encoding, its type included.
    """

    type: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """The fingerprint as OpenSSH prints it: `SHA256:` and unpadded base64."""
        return "SHA256:" + base64.b64encode(hashlib.sha256(self.blob).digest()).decode("ascii").rstrip("=")

    @property
    def short(self) -> str:
        """The first 16 hexadecimal digits of the SHA-256 of the blob, for names."""
        return hashlib.sha256(self.blob).hexdigest()[:16]

    @property
    def line(self) -> str:
        """The key as it stands in a `.pub` file, without a comment."""
        return f"{self.type} {base64.b64encode(self.blob).decode('ascii')}"


class Reader:
    """Takes wire types (RFC 4251, section 5) off the front of bytes; each in its one shortest form.

    Every method raises FormatError where the bytes are something else.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes."""
        if count > len(self._data) - self._at:
            raise FormatError("an SSH encoding ends too early")
        self._at += count
        return self._data[self._at - count : self._at]

    def uint32(self) -> int:
        """Return a whole number of 32 bits."""
        return int.from_bytes(self.take(4), "big")

    def string(self) -> bytes:
        """Return bytes that are preceded by their length."""
        return self.take(self.uint32())

    def name(self) -> str:
        """Return a string that names something; what is not ASCII in it is replaced, and so names nothing."""
        return self.string().decode("ascii", "replace")

    def positive(self) -> int:
        """Return a whole number above 0 of any size."""
        data = self.string()
        value = int.from_bytes(data, "big", signed=True)
        if value <= 0 or mpint(value) != data:
            raise FormatError("an SSH encoding holds a number in another form than the shortest, or none above 0")
        return value

    def end(self) -> None:
        """Hold that nothing follows."""
        if self._at != len(self._data):
            raise FormatError("bytes follow the end of an SSH encoding")


def string(data: bytes) -> bytes:
    """Return bytes with their length before them."""
    return len(data).to_bytes(4, "big") + data


def mpint(value: int) -> bytes:
    """Return the shortest form of a whole number above 0, without its length."""
    return value.to_bytes(value.bit_length() // 8 + 1, "big")


def decode_base64(text: str) -> bytes:
    """Read base64 in its one canonical form.

    Raises:
        FormatError: it holds other characters, lacks padding, or has stray bits in its last character.
    """
    try:
        data = binascii.a2b_base64(text.encode("ascii"), strict_mode=True)
    except ValueError:
        raise FormatError("not base64") from None
    if base64.b64encode(data).decode("ascii") != text:
        raise FormatError("base64 is not in canonical form")
    return data


def decode_public(blob: bytes) -> PublicKey:
    """Read a key in the wire encoding.

    Raises:
        FormatError: it is of no known type, not in canonical form, or too weak to tell who signed.
    """
    return PublicKey(type=_load(blob)[0], blob=blob)


def parse_public(text: str) -> PublicKey:
    """Read one line of a `.pub` file: type, base64, and a comment that is not looked at.

    Raises:
        FormatError: it is anything else.
    """
    words = text.strip(" \t\r\n").split(maxsplit=2)
    if len(words) < 2 or "\n" in text.strip():
        raise FormatError("not a public key: a type, a key in base64 and nothing but a comment is expected")
    key = decode_public(decode_base64(words[1]))
    if key.type != words[0]:
        raise FormatError(f"a public key that is said to be {words[0][:40]!r} is of type {key.type}")
    return key


def public_half(private: PrivateKey) -> PublicKey:
    """Return the public half of a private key.

    Raises:
        FormatError: a key of this size or curve is not taken.
    """
    try:
        line = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    except ValueError:
        raise FormatError("a key on this curve cannot sign here") from None
    return parse_public(line.decode("ascii"))


def make_signature(private: PrivateKey, data: bytes) -> bytes:
    """Sign bytes, and return the signature in the wire encoding with the name of its algorithm."""
    if isinstance(private, Ed25519PrivateKey):
        return string(ED25519.encode()) + string(private.sign(data))
    if isinstance(private, RSAPrivateKey):
        return string(b"rsa-sha2-512") + string(private.sign(data, padding.PKCS1v15(), SHA512()))
    name = public_half(private).type
    pair = decode_dss_signature(private.sign(data, ECDSA(_CURVES[name][2])))
    return string(name.encode()) + string(b"".join(string(mpint(number)) for number in pair))


def check_signature(key: PublicKey, signature: bytes, data: bytes) -> None:
    """Hold a signature in the wire encoding against the bytes that it is said to be over.

    Raises:
        FormatError: it is not in canonical form, of an algorithm that does not go with the key, or does not fit.
    """
    kind, material, application = _load(key.blob)
    reader = Reader(signature)
    algorithm = reader.name()
    body = reader.string()
    if application:
        flags_and_counter = reader.take(5)
        data = hashlib.sha256(application).digest() + flags_and_counter + hashlib.sha256(data).digest()
    reader.end()
    if algorithm not in (_RSA_HASHES if kind == RSA else (kind,)):
        raise FormatError(f"a signature of kind {algorithm[:40]!r} does not go with a key of type {kind}")
    try:
        if isinstance(material, Ed25519PublicKey):
            material.verify(body, data)
        elif isinstance(material, EllipticCurvePublicKey):
            material.verify(_dss(body), data, ECDSA(_CURVES[kind][2]))
        else:
            _check_length(body, material)
            material.verify(body, data, padding.PKCS1v15(), _RSA_HASHES[algorithm])
    except InvalidSignature:
        raise FormatError("the signature does not fit what it is said to be over") from None


def _dss(body: bytes) -> bytes:
    reader = Reader(body)
    r, s = reader.positive(), reader.positive()
    reader.end()
    return encode_dss_signature(r, s)


def _check_length(body: bytes, key: RSAPublicKey) -> None:
    if len(body) != (key.key_size + 7) // 8:
        raise FormatError("an RSA signature has another length than its key")


def _load(blob: bytes) -> tuple[str, Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey, bytes]:
    """Return the type of a key, the key, and the application of a hardware key (empty for others)."""
    reader = Reader(blob)
    kind = reader.name()
    material: Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey
    if kind in (ED25519, SK_ED25519):
        material = _load_ed25519(reader.string())
    elif kind in _CURVES:
        material = _load_ecdsa(reader.string(), reader.string(), kind)
    elif kind == RSA:
        material = _load_rsa(reader.positive(), reader.positive())
    else:
        raise FormatError(f"{kind[:40]!r} is no type of key that is known here")
    application = reader.string() if kind in (SK_ED25519, SK_ECDSA) else b""
    if kind in (SK_ED25519, SK_ECDSA) and not application.startswith(b"ssh:"):
        raise FormatError("a hardware key was not made for SSH")
    reader.end()
    return kind, material, application


def _load_ed25519(point: bytes) -> Ed25519PublicKey:
    y = int.from_bytes(point, "little") & (2**255 - 1)
    if len(point) != 32 or y >= _FIELD or y in _WEAK:
        raise FormatError("not a proper Ed25519 key")
    return Ed25519PublicKey.from_public_bytes(point)


def _load_ecdsa(curve: bytes, point: bytes, kind: str) -> EllipticCurvePublicKey:
    name, group, _ = _CURVES[kind]
    if curve != name or point[:1] != b"\x04":
        raise FormatError("an ECDSA key names another curve than its type, or its point is compressed")
    try:
        return EllipticCurvePublicKey.from_encoded_point(group, point)
    except ValueError:
        raise FormatError("an ECDSA key is no point of its curve") from None


def _load_rsa(exponent: int, modulus: int) -> RSAPublicKey:
    if modulus.bit_length() not in _RSA_BITS or exponent.bit_length() > _EXPONENT_BITS:
        raise FormatError(f"an RSA key has to have at least {_RSA_BITS[0]} bits, and a usual exponent")
    if modulus % 2 == 0:
        raise FormatError("not a proper RSA key")
    try:
        return RSAPublicNumbers(exponent, modulus).public_key()
    except ValueError:
        raise FormatError("not a proper RSA key") from None
