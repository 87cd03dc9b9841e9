"""Reads from a TLS connection what it was secured with; it trusts and judges nothing."""

from __future__ import annotations

import re
import ssl

_TLS12 = re.compile(
    r"(ECDHE|DHE)-(RSA|ECDSA)-(AES128|AES256|CHACHA20)-(GCM|POLY1305|SHA256|SHA384)(?:-(SHA256|SHA384))?"
)


def certificate_chain(tls: ssl.SSLObject) -> tuple[bytes, ...]:
    """Return the certificates that the server sent, leaf first, as DER.

    Python 3.13 has a public method for it; before, the object underneath has it under the same name.
    """
    for holder in (tls, getattr(tls, "_sslobj", None)):
        read = getattr(holder, "get_unverified_chain", None)
        if read is not None:
            return tuple(_der(item) for item in read() or ())
    leaf = tls.getpeercert(binary_form=True)
    return (leaf,) if leaf else ()


def _der(item: object) -> bytes:
    if isinstance(item, bytes):
        return item
    text = item.public_bytes()  # type: ignore[attr-defined]
    return ssl.PEM_cert_to_DER_cert(text)


def iana_cipher(name: str) -> str | None:
    """Return the IANA name of a cipher suite from OpenSSL's name, or None where the rule does not cover it."""
    if name.startswith("TLS_"):
        return name
    match = _TLS12.fullmatch(name)
    if match is None:
        return None
    exchange, key, cipher, mode, digest = match.groups()
    if cipher == "CHACHA20":
        return f"TLS_{exchange}_{key}_WITH_CHACHA20_POLY1305_SHA256"
    size = cipher.removeprefix("AES")
    if mode == "GCM":
        return f"TLS_{exchange}_{key}_WITH_AES_{size}_GCM_{digest}"
    return f"TLS_{exchange}_{key}_WITH_AES_{size}_CBC_{mode}"
