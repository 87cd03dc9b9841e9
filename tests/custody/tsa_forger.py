"""A time-stamp authority in memory that says whatever a test wants, at whatever time; it shares no code with ours.

Its good replies are good to `openssl ts -verify` too, which the tests hold it to. Standards: RFC 3161, 5652, 5816.
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime(2026, 11, 23, 1, 40, tzinfo=UTC)
TIME_STAMPING = (ExtendedKeyUsageOID.TIME_STAMPING,)

_BEGIN, _END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
_HASHES = {"sha1": hashes.SHA1, "sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512}
_DIGESTS = {
    "sha1": "1.3.14.3.2.26",
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
}
_ECDSA = {
    "sha1": "1.2.840.10045.4.1",
    "sha256": "1.2.840.10045.4.3.2",
    "sha384": "1.2.840.10045.4.3.3",
    "sha512": "1.2.840.10045.4.3.4",
}


def tlv(tag: int, *parts: bytes) -> bytes:
    """Return an element of DER."""
    content = b"".join(parts)
    if len(content) < 128:
        return bytes((tag, len(content))) + content
    length = len(content).to_bytes(4, "big").lstrip(b"\0")
    return bytes((tag, 0x80 + len(length))) + length + content


def integer(number: int) -> bytes:
    return tlv(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    content = bytes((first * 40 + second,))
    for arc in rest:
        digits = [arc & 127]
        while arc := arc >> 7:
            digits.insert(0, arc & 127 | 128)
        content += bytes(digits)
    return tlv(0x06, content)


def algorithm(dotted: str, parameters: bytes = b"\x05\x00") -> bytes:
    return tlv(0x30, oid(dotted), parameters)


def attribute(dotted: str, value: bytes) -> bytes:
    return tlv(0x30, oid(dotted), tlv(0x31, value))


@cache
def make_key(kind: str) -> Any:
    """Return a key: "ec", "ec-192", "rsa" or "rsa-1024"; always the same one, since some take long to make."""
    if kind.startswith("ec"):
        return ec.generate_private_key(ec.SECP192R1() if kind == "ec-192" else ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=1024 if kind == "rsa-1024" else 2048)


@dataclass(frozen=True)
class Party:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Any

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.der).hexdigest()


def issue(
    name: str,
    issuer: Party | None = None,
    *,
    key: Any = None,
    begin: datetime = _BEGIN,
    end: datetime = _END,
    authority: bool | None = None,
    path_length: int | None = None,
    purposes: Sequence[x509.ObjectIdentifier] = (),
    purposes_critical: bool = True,
    signs_certificates: bool | None = None,
    signs: bool | None = None,
    encrypts: bool = False,
    digest: str = "sha256",
    extra: Sequence[tuple[x509.ExtensionType, bool]] = (),
) -> Party:
    """Make a certificate: a root where there is no issuer, an authority where it is asked for."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    authority = issuer is None if authority is None else authority
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Forged, Inc."),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=path_length), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not authority if signs is None else signs,
                content_commitment=False,
                key_encipherment=encrypts,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=authority if signs_certificates is None else signs_certificates,
                crl_sign=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=purposes_critical)
    for extension, critical in extra:
        builder = builder.add_extension(extension, critical=critical)
    return Party(builder.sign(issuer.key if issuer else key, _HASHES[digest]()), key)


@dataclass(frozen=True)
class Forger:
    """An authority: who signs, and which certificates it sends along.

    Attributes:
        root: the root, for those who are to trust it.
        signer: who signs.
        sent: the certificates that go along, in this order.
    """

    root: Party
    signer: Party
    sent: tuple[Party, ...]

    def reply(self, digest: bytes, **changes: Any) -> bytes:
        """Return a reply for a digest; the changes are those of `Speech`."""
        return Speech(self, digest, **changes).reply

    def with_signer(self, signer: Party) -> Forger:
        """Return the same authority with another signing certificate."""
        return replace(self, signer=signer, sent=(signer, *self.sent[1:]))


def make_forger(kind: str = "ec", **signer: Any) -> Forger:
    """Make an authority of root, issuing authority and signer.

    Args:
        kind: kind of the signer's key.
        signer: what is different about the signer's certificate; see `issue`.
    """
    root = issue("Forged root")
    issuing = issue("Forged issuing authority", root, authority=True, path_length=0)
    leaf = issue("Forged time-stamps", issuing, **{"key": make_key(kind), "purposes": TIME_STAMPING, **signer})
    return Forger(root=root, signer=leaf, sent=(leaf, issuing))


@dataclass(frozen=True)
class Speech:
    """One reply, with everything about it that can be changed.

    Attributes:
        digest: what is stamped; a SHA-256 unless `imprint_algorithm` says otherwise.
        time: genTime, as a time or as the bytes to write.
        accuracy: seconds, milliseconds and microseconds; None to say nothing.
        signed_with: the digest of the signature.
        names_signer: how signed attributes name the signer: "v1", "v2", "both", "none".
        named: the certificate that they name; the signer's if None.
        further: further certificates that they name.
        attributes: further signed attributes.
        edit_info, edit_attributes: change what is signed, before it is signed.
        unsigned: bytes of unsigned attributes.
        crls: bytes of revocation lists.
        status: PKIStatus.
        words: bytes of the status's further fields.
    """

    forger: Forger
    digest: bytes
    time: datetime | bytes = NOW
    nonce: int | None = None
    accuracy: tuple[int, int, int] | None = None
    imprint_algorithm: str = "sha256"
    signed_with: str = "sha256"
    names_signer: str = "v2"
    named: Party | None = None
    further: Sequence[Party] = ()
    attributes: Sequence[bytes] = ()
    edit_info: Callable[[bytes], bytes] = field(default=lambda info: info)
    edit_attributes: Callable[[list[bytes]], list[bytes]] = field(default=sorted)
    extensions: bytes = b""
    unsigned: bytes = b""
    crls: bytes = b""
    status: int = 0
    words: bytes = b""

    @property
    def info(self) -> bytes:
        """The TSTInfo."""
        time = self.time
        if isinstance(time, datetime):
            text = time.astimezone(UTC).strftime("%Y%m%d%H%M%S.%f").rstrip("0").rstrip(".")
            time = f"{text}Z".encode()
        accuracy = b""
        if self.accuracy is not None:
            parts = zip((0x02, 0x80, 0x81), self.accuracy, strict=True)
            accuracy = tlv(0x30, *(bytes((tag,)) + integer(number)[1:] for tag, number in parts if number))
        return self.edit_info(
            tlv(
                0x30,
                integer(1),
                oid("1.3.6.1.4.1.99999.2"),
                tlv(0x30, algorithm(_DIGESTS[self.imprint_algorithm]), tlv(0x04, self.digest)),
                integer(7),
                tlv(0x18, time),
                accuracy,
                integer(self.nonce) if self.nonce is not None else b"",
                self.extensions,
            )
        )

    @property
    def signed_attributes(self) -> bytes:
        """The content of the set of signed attributes."""
        content_digest = hashlib.new(self.signed_with, self.info).digest()
        found = [
            attribute("1.2.840.113549.1.9.3", oid("1.2.840.113549.1.9.16.1.4")),
            attribute("1.2.840.113549.1.9.4", tlv(0x04, content_digest)),
            *self.attributes,
        ]
        named = [party.der for party in (self.named or self.forger.signer, *self.further)]
        if self.names_signer in ("v1", "both"):
            names = [tlv(0x30, tlv(0x04, hashlib.sha1(item).digest())) for item in named]
            found.append(attribute("1.2.840.113549.1.9.16.2.12", tlv(0x30, tlv(0x30, *names))))
        if self.names_signer in ("v2", "both"):
            names = [tlv(0x30, tlv(0x04, hashlib.sha256(item).digest())) for item in named]
            found.append(attribute("1.2.840.113549.1.9.16.2.47", tlv(0x30, tlv(0x30, *names))))
        return b"".join(self.edit_attributes(found))

    @property
    def reply(self) -> bytes:
        """The TimeStampResp."""
        if self.status:
            return tlv(0x30, tlv(0x30, integer(self.status), self.words))
        signer = self.forger.signer
        attributes = self.signed_attributes
        chosen = _HASHES[self.signed_with]()
        digest = algorithm(_DIGESTS[self.signed_with])
        message = tlv(0x31, attributes)
        if isinstance(signer.key, rsa.RSAPrivateKey):
            method = algorithm("1.2.840.113549.1.1.1")
            signature = signer.key.sign(message, padding.PKCS1v15(), chosen)
        else:
            method = algorithm(_ECDSA[self.signed_with], b"")
            signature = signer.key.sign(message, ec.ECDSA(chosen))
        issuer = signer.certificate.issuer.public_bytes()
        signer_info = tlv(
            0x30,
            integer(1),
            tlv(0x30, issuer, integer(signer.certificate.serial_number)),
            digest,
            tlv(0xA0, attributes),
            method,
            tlv(0x04, signature),
            self.unsigned and tlv(0xA1, self.unsigned),
        )
        signed = tlv(
            0x30,
            integer(3),
            tlv(0x31, digest),
            tlv(0x30, oid("1.2.840.113549.1.9.16.1.4"), tlv(0xA0, tlv(0x04, self.info))),
            tlv(0xA0, *(party.der for party in self.forger.sent)),
            self.crls and tlv(0xA1, self.crls),
            tlv(0x31, signer_info),
        )
        token = tlv(0x30, oid("1.2.840.113549.1.7.2"), tlv(0xA0, signed))
        return tlv(0x30, tlv(0x30, integer(0), self.words), token)


def openssl_accepts(reply: bytes, digest: bytes, roots: bytes, moment: datetime, folder: Path) -> bool:
    """Tell what `openssl ts -verify` makes of a reply, at a moment, with roots in PEM."""
    (folder / "reply.tsr").write_bytes(reply)
    (folder / "roots.pem").write_bytes(roots)
    command = ["openssl", "ts", "-verify", "-digest", digest.hex(), "-in", "reply.tsr", "-CAfile", "roots.pem"]
    moment_text = str(int(moment.timestamp()))
    done = subprocess.run([*command, "-attime", moment_text], cwd=folder, capture_output=True, timeout=60)
    return done.returncode == 0
