"""A certificate authority made anew at every start, and TLS contexts for the hosts it vouches for; it outlives nothing.

Certificates follow RFC 5280 closely enough for the strict checks of OpenSSL (VERIFY_X509_STRICT).
"""

from __future__ import annotations

import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

BadKind = Literal["expired", "not-yet-valid", "self-signed", "unknown-authority", "wrong-host"]
Kind = Literal["good"] | BadKind

_WRONG_HOST = "elsewhere.example"


class Authority:
    """Issues a leaf certificate per host and keeps the contexts that serve them.

    Args:
        folder: where the files that OpenSSL has to read are kept; the caller removes it.
    """

    def __init__(self, folder: Path) -> None:
        self.ca_file = folder / "authority.pem"
        self._folder = folder
        self._lock = threading.Lock()
        self._contexts: dict[tuple[str, Kind], ssl.SSLContext] = {}
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._certificate = _root(self._key)
        self.ca_file.write_bytes(_pem(self._certificate))

    def context(self, host: str, kind: Kind = "good") -> ssl.SSLContext:
        """Return the server context for a host, with a certificate of the given kind."""
        with self._lock:
            if (host, kind) not in self._contexts:
                self._contexts[host, kind] = self._load(self._issue(host, kind))
            return self._contexts[host, kind]

    def fresh_context(self, host: str) -> ssl.SSLContext:
        """Return a context that no other connection uses, so that its callbacks are its own."""
        with self._lock:
            return self._load(self._issue(host, "good"))

    def _issue(self, host: str, kind: Kind) -> Path:
        file = self._folder / f"{host.encode().hex()}.{kind}.pem"
        if file.exists():
            return file
        key = ec.generate_private_key(ec.SECP256R1())
        issuer, signer, above = self._certificate.subject, self._key, [self._certificate]
        if kind == "self-signed":
            issuer, signer, above = _name(host), key, []
        elif kind == "unknown-authority":
            issuer, signer, above = _name("Another authority"), ec.generate_private_key(ec.SECP256R1()), []
        certificate = _leaf(
            key,
            _WRONG_HOST if kind == "wrong-host" else host,
            issuer=issuer,
            signer=signer,
            age={"expired": timedelta(days=60), "not-yet-valid": timedelta(days=-2)}.get(kind, timedelta(hours=1)),
        )
        chain = [certificate, *above]
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file.write_bytes(secret + b"".join(map(_pem, chain)))
        return file

    @staticmethod
    def _load(file: Path) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.num_tickets = 0
        context.set_alpn_protocols(["http/1.1"])
        context.load_cert_chain(file)
        return context


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Archiver demo, trust nowhere"),
            x509.NameAttribute(NameOID.COMMON_NAME, common[:64]),
        ]
    )


def _usage(*, leaf: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=leaf,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=not leaf,
        crl_sign=not leaf,
        encipher_only=False,
        decipher_only=False,
    )


def _root(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    now = datetime.now(UTC)
    name = _name("Demo authority")
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=90))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(leaf=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _leaf(
    key: ec.EllipticCurvePrivateKey,
    host: str,
    *,
    issuer: x509.Name,
    signer: ec.EllipticCurvePrivateKey,
    age: timedelta,
) -> x509.Certificate:
    start = datetime.now(UTC) - age
    return (
        x509.CertificateBuilder()
        .subject_name(_name(host))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=14))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(leaf=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )
