"""The roots that time-stamps have to lead to: those pinned in this package, or those of a file; it fetches none.

`pinned.pem` says before each certificate where it comes from and what was checked.
"""

from __future__ import annotations

import base64
import binascii
import functools
import re
from importlib import resources

from archiver.custody.rfc3161 import certificate as certificates
from archiver.custody.rfc3161.algorithms import accepts
from archiver.errors import FormatError
from archiver.model import Record

_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+?)\s*-----END CERTIFICATE-----")
_BEGIN = b"-----BEGIN "
_MAX_FILE = 4 << 20


class Root(Record, frozen=True, kw_only=True):
    """A root certificate that is trusted for time-stamps.

    Attributes:
        name: its subject, in readable form.
        sha256: its fingerprint, in hex.
        der: the certificate.
    """

    name: str
    sha256: str
    der: bytes


def load_roots(pem: bytes) -> tuple[Root, ...]:
    """Read the root certificates of a PEM file (RFC 7468), which may have remarks between them.

    Raises:
        FormatError: it has none, has anything else in PEM, or a certificate is no root of RSA or ECDSA as accepted.
    """
    if len(pem) > _MAX_FILE:
        raise FormatError(f"the file of roots is longer than {_MAX_FILE} bytes")
    blocks = _BLOCK.findall(pem)
    if not blocks or len(blocks) != pem.count(_BEGIN):
        raise FormatError("the file of roots has no certificate in PEM, or something else than certificates")
    roots = {root.sha256: root for root in map(_read_root, blocks)}
    return tuple(roots.values())


@functools.cache
def pinned_roots() -> tuple[Root, ...]:
    """Return the roots that ship with this package."""
    return load_roots(resources.files(__name__).joinpath("pinned.pem").read_bytes())


def _read_root(block: bytes) -> Root:
    try:
        certificate = certificates.read(base64.b64decode(b"".join(block.split()), validate=True))
    except binascii.Error:
        raise FormatError("a certificate in the file of roots is no base64") from None
    except FormatError as error:
        raise FormatError(f"a certificate in the file of roots cannot be read: {error}") from None
    if not certificate.may_issue or certificate.issuer != certificate.subject:
        raise FormatError(f"the certificate {certificate.name!r} in the file of roots is not that of a root")
    if not accepts(certificate.key):
        raise FormatError(f"the root {certificate.name!r} has a key of a kind or size that is refused")
    return Root(name=certificate.name, sha256=certificate.sha256, der=certificate.raw)
