"""Takes a time-stamp reply apart, strictly, into what is signed and what signs it; it judges no certificate.

Standards: RFC 3161 (reply and TSTInfo), RFC 5652 (SignedData), RFC 5035 (which certificate signed). One signer, one
form of each thing.
"""

from __future__ import annotations

from typing import Final, Literal

from archiver.custody.rfc3161 import der
from archiver.custody.rfc3161.algorithms import Digest, Signature, find_signature, read_digest
from archiver.custody.rfc3161.fault import StampFault
from archiver.errors import FormatError
from archiver.model import Record

MAX_REPLY = 1 << 20
"""Bytes that a reply may have; real ones have about 6,000."""
MAX_CERTIFICATES = 16

_SIGNED_DATA: Final = der.oid("1.2.840.113549.1.7.2")
_TST_INFO: Final = der.oid("1.2.840.113549.1.9.16.1.4")
_CONTENT_TYPE: Final = der.oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST: Final = der.oid("1.2.840.113549.1.9.4")
_SIGNING_CERTIFICATE: Final = der.oid("1.2.840.113549.1.9.16.2.12")
_SIGNING_CERTIFICATE_V2: Final = der.oid("1.2.840.113549.1.9.16.2.47")

_MANY = 64


class CertificateId(Record, frozen=True, kw_only=True):
    """How a signed attribute names a certificate (ESSCertID, ESSCertIDv2).

    Attributes:
        algorithm: hash algorithm; SHA-1 in the older form of the attribute.
        digest: of the whole certificate.
        issuer, serial: DER of the issuer's name and of the serial number; empty where they are not given.
    """

    algorithm: Digest | Literal["sha1"]
    digest: bytes
    issuer: bytes = b""
    serial: bytes = b""


class Token(Record, frozen=True, kw_only=True):
    """A granted reply, taken apart.

    Attributes:
        content: DER of the TSTInfo with its type, as it stands in the reply.
        info: DER of the TSTInfo alone.
        attributes: DER of the signed attributes in the form that is signed.
        content_digest: what the signed attributes say the digest of `info` is.
        signers: how signed attributes name certificates; one list for each attribute, the signing one first.
        algorithm, signature: the signature over `attributes`.
        issuer, serial: DER of the name and number that lead to the signing certificate; not signed themselves.
        certificates: DER of the certificates that came along, unsigned and in any order.
        signer_info: DER of all about the signer but what is not signed.
    """

    content: bytes
    info: bytes
    attributes: bytes
    content_digest: bytes
    signers: tuple[tuple[CertificateId, ...], ...]
    algorithm: Signature
    signature: bytes
    issuer: bytes
    serial: bytes
    certificates: tuple[bytes, ...]
    signer_info: bytes


def read(reply: bytes) -> Token:
    """Take a reply apart.

    Raises:
        StampFault: it is not granted, no reply in the form of the standard, or made with an algorithm that is refused.
    """
    if len(reply) > MAX_REPLY:
        raise StampFault("rubbish", f"the time-stamp reply is longer than {MAX_REPLY} bytes")
    try:
        fields = der.parse(reply)
        _require_granted(der.within(fields.take(der.SEQUENCE)))
        token = der.within(fields.take(der.SEQUENCE))
        fields.end()
        return _read_token(token)
    except StampFault:
        raise
    except FormatError as error:
        raise StampFault("rubbish", f"the time-stamp reply is malformed: {error}") from None


def rebuild(token: Token, certificates: tuple[bytes, ...]) -> bytes:
    """Return a reply that holds of a token only what is signed or follows from it, and these certificates.

    They stand in the order that DER demands, which the replies of the world do not keep.
    """
    algorithm = der.Fields(token.signer_info)
    algorithm.take(der.INTEGER)
    algorithm.take(der.SEQUENCE)
    signed = der.write(
        der.SEQUENCE,
        der.integer(3),
        der.write(der.SET, algorithm.take(der.SEQUENCE).raw),
        token.content,
        der.write(der.CONTEXT_0, *sorted(certificates)),
        der.write(der.SET, der.write(der.SEQUENCE, token.signer_info)),
    )
    granted = der.write(der.SEQUENCE, der.integer(0))
    return der.write(der.SEQUENCE, granted, der.write(der.SEQUENCE, _SIGNED_DATA, der.write(der.CONTEXT_0, signed)))


def _require_granted(status: der.Fields) -> None:
    code = der.to_int(status.take(der.INTEGER))
    words = status.optional(der.SEQUENCE)
    failure = status.optional(der.BIT_STRING)
    status.end()
    said = _readable(der.within(words).all(der.UTF8_STRING, _MANY)) if words else ""
    if code != 0:
        raise StampFault(
            "rejected", f"the authority did not grant the time-stamp (status {code}){f': {said}' if said else ''}"
        )
    if failure is not None:
        raise FormatError("it is granted and has failed")


def _readable(texts: tuple[der.Element, ...]) -> str:
    text = " ".join(item.content.decode("utf-8", "replace") for item in texts)
    return "".join(char if char.isprintable() else "?" for char in text)[:200]


def _read_token(token: der.Fields) -> Token:
    _require(token.take(der.OID), _SIGNED_DATA)
    signed = der.within(der.only(token.take(der.CONTEXT_0), der.SEQUENCE))
    token.end()
    _require(signed.take(der.INTEGER), der.integer(3))
    algorithms = signed.take(der.SET)
    content = signed.take(der.SEQUENCE)
    certificates = signed.optional(der.CONTEXT_0)
    signed.optional(der.CONTEXT_1)
    signer = der.only(signed.take(der.SET), der.SEQUENCE)
    signed.end()

    inside = der.within(content)
    _require(inside.take(der.OID), _TST_INFO)
    info = der.only(inside.take(der.CONTEXT_0), der.OCTET_STRING).content
    inside.end()

    fields = der.within(signer)
    version, sid = fields.take(der.INTEGER), fields.take(der.SEQUENCE)
    named, attributes = fields.take(der.SEQUENCE), fields.take(der.CONTEXT_0)
    _require(version, der.integer(1))
    if algorithms.content != named.raw:
        raise FormatError("it names other digest algorithms than the one that its signer used")
    digest = read_digest(named.raw, "the digest that the authority signed")
    method, signature = fields.take(der.SEQUENCE), fields.take(der.OCTET_STRING)
    fields.optional(der.CONTEXT_1)
    fields.end()
    algorithm = find_signature(method.raw, digest)
    if algorithm is None:
        raise StampFault("algorithm", "the time-stamp is not signed with RSA or ECDSA, and SHA-2")
    issuer, serial = _issuer_and_serial(sid)
    values = _read_attributes(attributes)
    return Token(
        content=content.raw,
        info=info,
        attributes=der.write(der.SET, attributes.content),
        content_digest=der.only(_value(values, _MESSAGE_DIGEST), der.OCTET_STRING).content,
        signers=_read_signers(values),
        algorithm=algorithm,
        signature=signature.content,
        issuer=issuer.raw,
        serial=serial.raw,
        certificates=_read_certificates(certificates),
        signer_info=b"".join(part.raw for part in (version, sid, named, attributes, method, signature)),
    )


def _read_certificates(field: der.Element | None) -> tuple[bytes, ...]:
    found = der.within(field).all(der.SEQUENCE, MAX_CERTIFICATES) if field else ()
    return tuple(item.raw for item in found)


def _read_attributes(field: der.Element) -> dict[bytes, der.Element]:
    """Return the signed attributes: type to set of values. They are signed sorted, so they have to come sorted."""
    found = der.within(field).all(der.SEQUENCE, _MANY)
    if [item.raw for item in found] != sorted(item.raw for item in found):
        raise FormatError("its signed attributes are not in order")
    values: dict[bytes, der.Element] = {}
    for item in found:
        fields = der.within(item)
        kind, value = fields.take(der.OID).raw, fields.take(der.SET)
        fields.end()
        if kind in values:
            raise FormatError("it has a signed attribute twice")
        values[kind] = value
    _require(der.only(_value(values, _CONTENT_TYPE), der.OID), _TST_INFO)
    return values


def _value(values: dict[bytes, der.Element], kind: bytes) -> der.Element:
    if kind not in values:
        raise FormatError("it lacks a signed attribute")
    return values[kind]


def _read_signers(values: dict[bytes, der.Element]) -> tuple[tuple[CertificateId, ...], ...]:
    found: list[tuple[CertificateId, ...]] = []
    for kind in (_SIGNING_CERTIFICATE, _SIGNING_CERTIFICATE_V2):
        if kind not in values:
            continue
        attribute = der.within(der.only(values[kind], der.SEQUENCE))
        items = der.within(attribute.take(der.SEQUENCE)).all(der.SEQUENCE, MAX_CERTIFICATES)
        attribute.optional(der.SEQUENCE)
        attribute.end()
        if not items:
            raise FormatError("it names no signing certificate")
        found.append(tuple(_read_id(der.within(item), first=kind == _SIGNING_CERTIFICATE) for item in items))
    if not found:
        raise FormatError("it does not say which certificate signed")
    return tuple(found)


def _read_id(fields: der.Fields, *, first: bool) -> CertificateId:
    algorithm: Digest | Literal["sha1"] = "sha1" if first else "sha256"
    named = None if first else fields.optional(der.SEQUENCE)
    if named is not None:
        algorithm = read_digest(named.raw, "the name of the signing certificate")
    digest, place = fields.take(der.OCTET_STRING).content, fields.optional(der.SEQUENCE)
    fields.end()
    issuer, serial = b"", b""
    if place is not None:
        names, number = _issuer_and_serial(place)
        serial = number.raw
        # Here the name is the one member of a list of general names, in which it has a tag around it.
        issuer = der.only(der.only(names, der.CONTEXT_4), der.SEQUENCE).raw
    return CertificateId(algorithm=algorithm, digest=digest, issuer=issuer, serial=serial)


def _issuer_and_serial(element: der.Element) -> tuple[der.Element, der.Element]:
    fields = der.within(element)
    found = fields.take(der.SEQUENCE), fields.take(der.INTEGER)
    fields.end()
    return found


def _require(element: der.Element, expected: bytes) -> None:
    if element.raw != expected:
        raise FormatError("it has another version or type than the standard asks for")
