"""Reads the certificates of time-stamp authorities, as far as a path to a root needs; it trusts none of them.

Standard: RFC 5280, version 3 certificates only. What is not read here (policies, name constraints, extensions that are
critical and unknown) is judged by OpenSSL after us.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from archiver.custody.rfc3161 import der
from archiver.custody.rfc3161.algorithms import Signature, find_signature, verify
from archiver.errors import FormatError
from archiver.model import Record

TIME_STAMPING: Final = der.oid("1.3.6.1.5.5.7.3.8")
ANY_PURPOSE: Final = der.oid("2.5.29.37.0")
DIGITAL_SIGNATURE, NON_REPUDIATION, KEY_CERT_SIGN = 0x80, 0x40, 0x04

_BASIC_CONSTRAINTS: Final = der.oid("2.5.29.19")
_KEY_USAGE: Final = der.oid("2.5.29.15")
_EXTENDED_KEY_USAGE: Final = der.oid("2.5.29.37")
_LABELS: Final = {
    der.oid(f"2.5.4.{number}"): label
    for number, label in ((3, "CN"), (6, "C"), (7, "L"), (8, "ST"), (10, "O"), (11, "OU"))
}
_LATE = re.compile(rb"[0-9]{14}Z")
_EARLY = re.compile(rb"[0-9]{12}Z")
_ENCODINGS: Final = {der.UTF8_STRING: "utf-8", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1E: "utf-16-be"}
"""How the text types are read: UTF8String, PrintableString, TeletexString, IA5String, BMPString."""
_MANY = 64
_MOST_NAME = 200


class Certificate(Record, frozen=True, kw_only=True):
    """A certificate.

    Attributes:
        raw: all of it, DER.
        tbs, signature, algorithm: what its issuer signed, and how; no algorithm if it is one that is refused.
        serial, issuer, subject, key: DER of its parts.
        name: the subject in readable form, in the order in which it is written; at most 200 characters.
        not_before, not_after: from when to when it is valid.
        authority: whether it may issue others (basicConstraints), and over how many more levels.
        usage: bits of the first byte of keyUsage; None if it has none.
        purposes: DER of each extended key usage; None if it has none.
        purposes_critical: whether that extension is marked as critical.
    """

    raw: bytes
    tbs: bytes
    signature: bytes
    algorithm: Signature | None
    serial: bytes
    issuer: bytes
    subject: bytes
    key: bytes
    name: str
    not_before: datetime
    not_after: datetime
    authority: bool = False
    path_length: int | None = None
    usage: int | None = None
    purposes: tuple[bytes, ...] | None = None
    purposes_critical: bool = False

    @property
    def sha256(self) -> str:
        """Fingerprint: the SHA-256 of the whole certificate, in hex."""
        return hashlib.sha256(self.raw).hexdigest()

    @property
    def may_issue(self) -> bool:
        """Whether it is the certificate of an authority that may sign certificates."""
        return self.authority and (self.usage is None or bool(self.usage & KEY_CERT_SIGN))

    def valid_at(self, moment: datetime) -> bool:
        """Tell whether it is valid at a moment; not at its very last second any more, which is how OpenSSL counts."""
        return self.not_before <= moment < self.not_after

    def is_issued_by(self, issuer: Certificate) -> bool:
        """Tell whether the holder of another certificate signed this one; what it may do is not looked at."""
        return (
            self.issuer == issuer.subject
            and self.algorithm is not None
            and verify(issuer.key, self.signature, self.tbs, self.algorithm)
        )


# An authority sends the same few along with every stamp.
@lru_cache(maxsize=16)
def read(raw: bytes) -> Certificate:
    """Read a certificate.

    Raises:
        FormatError: it is no DER, no version 3 certificate, or contradicts itself.
    """
    whole = der.parse(raw)
    tbs, method, signature = whole.take(der.SEQUENCE), whole.take(der.SEQUENCE), whole.take(der.BIT_STRING)
    whole.end()
    fields = der.within(tbs)
    if der.to_int(der.only(fields.take(der.CONTEXT_0), der.INTEGER)) != 2:
        raise FormatError("the certificate is not of version 3")
    serial = fields.take(der.INTEGER)
    if fields.take(der.SEQUENCE).raw != method.raw or signature.content[:1] != b"\x00":
        raise FormatError("the certificate contradicts itself on how it is signed")
    issuer, validity, subject, key = (fields.take(der.SEQUENCE) for _ in range(4))
    extensions = fields.optional(der.CONTEXT_3)
    fields.end()
    times = der.within(validity)
    begin, end = _read_time(times), _read_time(times)
    times.end()
    found = _read_extensions(extensions)
    authority, path_length = _read_constraints(found.get(_BASIC_CONSTRAINTS))
    return Certificate(
        raw=raw,
        tbs=tbs.raw,
        signature=signature.content[1:],
        algorithm=find_signature(method.raw),
        serial=serial.raw,
        issuer=issuer.raw,
        subject=subject.raw,
        key=key.raw,
        name=_name_text(subject),
        not_before=begin,
        not_after=end,
        authority=authority,
        path_length=path_length,
        usage=_read_usage(found.get(_KEY_USAGE)),
        purposes=_read_purposes(found.get(_EXTENDED_KEY_USAGE)),
        purposes_critical=_EXTENDED_KEY_USAGE in found and found[_EXTENDED_KEY_USAGE][0],
    )


_Extension = tuple[bool, bytes]
"""Whether it is critical, and its content."""


def _read_extensions(field: der.Element | None) -> dict[bytes, _Extension]:
    found: dict[bytes, _Extension] = {}
    if field is None:
        return found
    for item in der.within(der.only(field, der.SEQUENCE)).all(der.SEQUENCE, _MANY):
        fields = der.within(item)
        kind = fields.take(der.OID).raw
        critical = fields.optional(der.BOOLEAN)
        value = fields.take(der.OCTET_STRING).content
        fields.end()
        if kind in found:
            raise FormatError("the certificate has an extension twice")
        found[kind] = (critical is not None and der.to_bool(critical), value)
    return found


def _read_constraints(extension: _Extension | None) -> tuple[bool, int | None]:
    if extension is None:
        return False, None
    fields = der.parse(extension[1])
    authority, length = fields.optional(der.BOOLEAN), fields.optional(der.INTEGER)
    fields.end()
    return (
        authority is not None and der.to_bool(authority),
        der.to_int(length) if length is not None else None,
    )


def _read_usage(extension: _Extension | None) -> int | None:
    if extension is None:
        return None
    bits = der.Fields(extension[1])
    content = bits.take(der.BIT_STRING).content
    bits.end()
    if len(content) < 2:
        raise FormatError("the certificate has a malformed key usage")
    return content[1]


def _read_purposes(extension: _Extension | None) -> tuple[bytes, ...] | None:
    if extension is None:
        return None
    return tuple(item.raw for item in der.parse(extension[1]).all(der.OID, _MANY))


def _read_time(fields: der.Fields) -> datetime:
    late = fields.optional(der.GENERALIZED_TIME)
    text = late.content if late is not None else fields.take(der.UTC_TIME).content
    if not (_LATE if late is not None else _EARLY).fullmatch(text):
        raise FormatError("the certificate has a malformed time")
    if late is None:
        text = (b"19" if text[:2] >= b"50" else b"20") + text
    try:
        return datetime.strptime(text.decode("ascii"), "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise FormatError("the certificate has a time that there is not") from None


def _name_text(name: der.Element) -> str:
    parts: list[str] = []
    for group in der.within(name).all(der.SET, _MANY):
        for pair in der.within(group).all(der.SEQUENCE, _MANY):
            fields = der.within(pair)
            label = _LABELS.get(fields.take(der.OID).raw)
            if label is not None:
                parts.append(f"{label}={_read_text(fields)}")
    return ", ".join(parts)[:_MOST_NAME]


def _read_text(fields: der.Fields) -> str:
    for tag, encoding in _ENCODINGS.items():
        found = fields.optional(tag)
        if found is not None:
            text = found.content.decode(encoding, "replace")
            return "".join(char if char.isprintable() else "?" for char in text)
    return "?"
