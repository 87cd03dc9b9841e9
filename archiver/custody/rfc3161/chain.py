"""Finds the certificate that signed a time-stamp and its path to a trusted root; it trusts nothing that comes along.

Only a root that was handed in is a ground for trust. Standards: RFC 5280 (path), RFC 3161 section 2.3 (what the
signing certificate has to say of itself).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime

from archiver.custody.rfc3161 import certificate as certificates
from archiver.custody.rfc3161.algorithms import accepts, digest_of
from archiver.custody.rfc3161.certificate import Certificate
from archiver.custody.rfc3161.fault import StampFault
from archiver.custody.rfc3161.token import CertificateId, Token
from archiver.errors import FormatError
from archiver.model import Record

_LONGEST = 6
"""Certificates on a path, the root not counted."""


class Chain(Record, frozen=True, kw_only=True):
    """A path from a signing certificate to a trusted root.

    Attributes:
        path: the certificates below the root, the signing one first.
        root: the root.
    """

    path: tuple[Certificate, ...]
    root: Certificate

    @property
    def expires(self) -> datetime:
        """The moment at which the first of the certificates below the root ceases to be valid."""
        return min(certificate.not_after for certificate in self.path)


def read_all(token: Token) -> tuple[Certificate, ...]:
    """Return the certificates that came along, without those that cannot be read."""
    found: list[Certificate] = []
    for raw in token.certificates:
        try:
            found.append(certificates.read(raw))
        except FormatError:
            # What came along need not be of use: authorities send along what other programs may want.
            continue
    return tuple(found)


def find_signer(token: Token, present: Iterable[Certificate]) -> Certificate:
    """Return the certificate that the signed attributes name as the signing one.

    Raises:
        StampFault: it did not come along, or its key is of a kind or size that is refused.
    """
    names = [named[0] for named in token.signers]
    for certificate in present:
        place = (certificate.issuer, certificate.serial)
        if place == (token.issuer, token.serial) and all(_is_named(certificate, name) for name in names):
            if not accepts(certificate.key):
                raise StampFault("algorithm", "the signing certificate has a key of a kind or size that is refused")
            return certificate
    raise StampFault("bad-signature", "the certificate that the time-stamp says has signed it is not in the reply")


def find_chain(
    token: Token, signer: Certificate, present: Sequence[Certificate], roots: Iterable[Certificate], moment: datetime
) -> Chain:
    """Return a path to a trusted root that was valid, and made for time-stamping, when the stamp was made.

    Args:
        token: the reply.
        signer: the certificate that signed it.
        present: the certificates that came along.
        roots: the only ones that are trusted.
        moment: when the stamp was made.

    Raises:
        StampFault: there is none.
    """
    chain = _climb(signer, present, tuple(roots), moment)
    for certificate in (*chain.path, chain.root):
        if not certificate.valid_at(moment):
            raise StampFault(
                "expired",
                f"the certificate {certificate.name!r} was not valid when the stamp was made: it is from"
                f" {certificate.not_before:%Y-%m-%d %H:%M:%S} to {certificate.not_after:%Y-%m-%d %H:%M:%S} UTC",
            )
    _require_purpose(chain)
    for named in token.signers:
        for further in named[1:]:
            if not any(_is_named(certificate, further) for certificate in (*chain.path, chain.root)):
                raise StampFault("foreign", "the time-stamp names certificates that are not on the path to the root")
    return chain


def _climb(
    signer: Certificate, present: Sequence[Certificate], roots: Sequence[Certificate], moment: datetime
) -> Chain:
    """Search upwards from the signer, breadth first. Each certificate is taken up once, which bounds the work."""
    above = sorted(roots, key=lambda root: not root.valid_at(moment))
    unused = sorted((item for item in present if item.may_issue), key=lambda item: not item.valid_at(moment))
    paths: deque[tuple[Certificate, ...]] = deque([(signer,)])
    weak = False
    while paths:
        path = paths.popleft()
        weak = weak or path[-1].algorithm is None
        for root in above:
            if path[-1].is_issued_by(root):
                return Chain(path=path, root=root)
        if len(path) == _LONGEST:
            continue
        issuers = [item for item in unused if path[-1].is_issued_by(item)]
        unused = [item for item in unused if item not in issuers]
        paths.extend((*path, item) for item in issuers)
    if weak:
        raise StampFault("algorithm", "a certificate of the time-stamp is not signed with RSA or ECDSA, and SHA-2")
    raise StampFault("foreign", "the certificates of the time-stamp lead to none of the trusted roots")


def _require_purpose(chain: Chain) -> None:
    signer = chain.path[0]
    if signer.purposes != (certificates.TIME_STAMPING,) or not signer.purposes_critical:
        raise StampFault("not-for-timestamping", f"the certificate {signer.name!r} is not for time-stamping alone")
    signing = certificates.DIGITAL_SIGNATURE | certificates.NON_REPUDIATION
    if signer.usage is not None and (not signer.usage & signing or signer.usage & ~signing):
        raise StampFault("not-for-timestamping", f"the key of the certificate {signer.name!r} is not for signatures")
    for below, issuer in enumerate((*chain.path[1:], chain.root)):
        if issuer.path_length is not None and below > issuer.path_length:
            raise StampFault("foreign", f"the certificate {issuer.name!r} may not stand so far above the signing one")
    for issuer in chain.path[1:]:
        if issuer.purposes is not None and not {certificates.TIME_STAMPING, certificates.ANY_PURPOSE} & set(
            issuer.purposes
        ):
            raise StampFault("not-for-timestamping", f"the authority {issuer.name!r} is not one for time-stamping")


def _is_named(certificate: Certificate, name: CertificateId) -> bool:
    return (
        digest_of(certificate.raw, name.algorithm) == name.digest
        and name.issuer in (b"", certificate.issuer)
        and name.serial in (b"", certificate.serial)
    )
