"""A time-stamp authority of the demo internet: its certificates, and replies by the program `openssl ts`.

Its root, like those of the other authorities of the box, has nothing to do with the one that vouches for TLS. Keys and
certificates are made when first needed, since most who use the box never ask for a time-stamp.
"""

from __future__ import annotations

import shutil
import subprocess
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Holder = Literal["good", "expired", "not-yet-valid", "no-purpose"]
"""Which certificate signs: a good one, one out of its time, or one that says nothing of time-stamps."""

_AGES = {"expired": timedelta(days=400), "not-yet-valid": timedelta(days=-2)}
_SECONDS = 20
_TST_INFO = "1.2.840.113549.1.9.16.1.4"
_GRANTED = bytes.fromhex("3003020100")
_SETTINGS = """[tsa]
default_tsa = demo
[demo]
serial = {folder}/serial
signer_cert = {folder}/{holder}.pem
signer_key = {folder}/{holder}.key
certs = {folder}/{others}.pem
signer_digest = {digest}
default_policy = 1.3.6.1.4.1.99999.1
digests = sha256, sha384, sha512
accuracy = secs:1, millisecs:500
ordering = no
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


class Unavailable(Exception):
    """No reply can be made; the message says why."""


@dataclass(frozen=True)
class _Party:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def secret(self) -> bytes:
        form = serialization.PrivateFormat.PKCS8
        return self.key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


class TimestampAuthority:
    """A root, an authority that it vouches for, and the certificates that sign.

    Args:
        folder: where its files are kept, made when first needed; the caller removes it.
        name: what it is called in its certificates.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._lock = threading.Lock()

    @property
    def root_pem(self) -> bytes:
        """The root certificate in PEM."""
        with self._lock:
            return self._root.pem

    def reply(
        self, request: bytes, holder: Holder = "good", *, digest: str = "sha256", with_root: bool = False
    ) -> bytes:
        """Return the reply of `openssl ts` to a request (both DER).

        Args:
            request: the request.
            holder: which certificate signs.
            digest: the digest that is signed, by OpenSSL's name.
            with_root: whether the root goes along with the certificates.

        Raises:
            Unavailable: there is no program `openssl`, or it made no reply.
        """
        with self._lock:
            self._write(holder)
            if holder == "no-purpose":
                return self._sign_by_hand(self._ask(request, "good", digest, with_root), holder)
            return self._ask(request, holder, digest, with_root)

    def _ask(self, request: bytes, holder: Holder, digest: str, with_root: bool) -> bytes:
        self._write(holder)
        others = "others-and-root" if with_root else "others"
        folder = self._folder.as_posix()
        (self._folder / "tsa.cnf").write_text(
            _SETTINGS.format(folder=folder, holder=holder, others=others, digest=digest), "utf-8"
        )
        (self._folder / "request").write_bytes(request)
        self._run("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "request", "-out", "reply")
        return (self._folder / "reply").read_bytes()

    def _sign_by_hand(self, reply: bytes, holder: Holder) -> bytes:
        """Sign what a good reply says with a certificate that `openssl ts` would not sign with."""
        (self._folder / "reply").write_bytes(reply)
        self._run("ts", "-reply", "-config", "tsa.cnf", "-in", "reply", "-token_out", "-out", "token")
        self._run("cms", "-verify", "-noverify", "-inform", "DER", "-in", "token", "-out", "info", "-binary")
        self._run(
            "cms", "-sign", "-binary", "-nodetach", "-cades", "-nosmimecap", "-md", "sha256", "-in", "info",
            "-econtent_type", _TST_INFO, "-signer", f"{holder}.pem", "-inkey", f"{holder}.key",
            "-certfile", "others.pem", "-outform", "DER", "-out", "token",
        )  # fmt: skip
        content = _GRANTED + (self._folder / "token").read_bytes()
        return b"\x30\x82" + len(content).to_bytes(2, "big") + content

    def _run(self, *arguments: str) -> None:
        program = shutil.which("openssl")
        if program is None:
            raise Unavailable("there is no program openssl, which makes the time-stamps of the demo")
        try:
            subprocess.run([program, *arguments], cwd=self._folder, check=True, capture_output=True, timeout=_SECONDS)
        except (OSError, subprocess.SubprocessError) as error:
            raise Unavailable(f"the program openssl made no time-stamp ({type(error).__name__})") from None

    def _write(self, holder: Holder) -> None:
        """Make the files of one signing certificate, if they are not there yet."""
        self._folder.mkdir(exist_ok=True)
        if (self._folder / f"{holder}.pem").exists():
            return
        (self._folder / "others.pem").write_bytes(self._issuing.pem)
        (self._folder / "others-and-root.pem").write_bytes(self._issuing.pem + self._root.pem)
        signer = self._signer(holder)
        (self._folder / f"{holder}.key").write_bytes(signer.secret)
        (self._folder / f"{holder}.pem").write_bytes(signer.pem)

    @cached_property
    def _root(self) -> _Party:
        return _issue(f"{self._name} root", None, path_length=1, days=3650)

    @cached_property
    def _issuing(self) -> _Party:
        return _issue(f"{self._name} issuing authority", self._root, path_length=0, days=3000)

    def _signer(self, holder: Holder) -> _Party:
        return _issue(
            f"{self._name} time-stamps",
            self._issuing,
            days=365,
            age=_AGES.get(holder, timedelta(hours=1)),
            purpose=holder != "no-purpose",
        )


def _issue(
    name: str,
    issuer: _Party | None,
    *,
    days: int,
    path_length: int | None = None,
    age: timedelta = timedelta(days=90),
    purpose: bool = True,
) -> _Party:
    """Make a key and a certificate for it; without an issuer, a root; with a path length, an authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    start = datetime.now(UTC) - age
    authority = path_length is not None
    above = issuer.certificate.subject if issuer else _name(name)
    by = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(above)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=path_length), critical=True)
        .add_extension(_usage(authority=authority), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
    )
    if not authority and purpose:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return _Party(builder.sign(by, hashes.SHA256()), key)


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Archiver demo, trust nowhere"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
