"""Reads what a time-stamp authority says (TSTInfo of RFC 3161, DER); whether it said so is found out elsewhere."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from archiver.custody.rfc3161 import der
from archiver.custody.rfc3161.algorithms import read_digest
from archiver.custody.rfc3161.fault import StampFault
from archiver.errors import FormatError
from archiver.model import Record

_MILLIS, _MICROS = 0x80, 0x81
_TIME = re.compile(rb"([0-9]{14})(?:\.([0-9]{0,5}[1-9]))?Z")
_MOST_SECONDS = 1_000_000
_MANY = 64


class Info(Record, frozen=True, kw_only=True):
    """What the authority says.

    Attributes:
        time: when it was, by the authority's clock (UTC).
        accuracy: microseconds by which the clock may be wrong, where the authority says so.
        nonce: the number of the request, where it is repeated.
        imprint: the SHA-256 digest that is stamped.
    """

    time: datetime
    accuracy: int | None
    nonce: int | None
    imprint: bytes


def read(data: bytes) -> Info:
    """Read a TSTInfo.

    Raises:
        StampFault: it is not in the form of the standard, or stamps another kind of digest than SHA-256.
    """
    try:
        return _read(der.parse(data))
    except StampFault:
        raise
    except FormatError as error:
        raise StampFault("rubbish", f"what the time-stamp says is malformed: {error}") from None


def _read(fields: der.Fields) -> Info:
    if der.to_int(fields.take(der.INTEGER)) != 1:
        raise FormatError("it has another version than 1")
    fields.take(der.OID)
    imprint = _read_imprint(fields.take(der.SEQUENCE))
    der.to_int(fields.take(der.INTEGER))
    time = _read_time(fields.take(der.GENERALIZED_TIME).content)
    accuracy = fields.optional(der.SEQUENCE)
    ordering = fields.optional(der.BOOLEAN)
    nonce = fields.optional(der.INTEGER)
    # Who the authority is, its certificate says; the name here is passed over.
    fields.optional(der.CONTEXT_0)
    extensions = fields.optional(der.CONTEXT_1)
    fields.end()
    if ordering is not None:
        der.to_bool(ordering)
    if extensions is not None:
        _refuse_critical(extensions)
    return Info(
        time=time,
        accuracy=_read_accuracy(accuracy) if accuracy is not None else None,
        nonce=der.to_int(nonce) if nonce is not None else None,
        imprint=imprint,
    )


def _read_imprint(element: der.Element) -> bytes:
    fields = der.within(element)
    algorithm, imprint = fields.take(der.SEQUENCE), fields.take(der.OCTET_STRING).content
    fields.end()
    if read_digest(algorithm.raw, "the digest that is stamped") != "sha256":
        raise StampFault("algorithm", "the digest that is stamped is not made with SHA-256")
    if len(imprint) != 32:
        raise FormatError("the digest that is stamped has not the length of a SHA-256")
    return imprint


def _read_time(text: bytes) -> datetime:
    found = _TIME.fullmatch(text)
    if found is None:
        raise FormatError("its time is not in the one form that is allowed")
    micros = int((found[2] or b"").ljust(6, b"0"))
    try:
        moment = datetime.strptime(found[1].decode("ascii"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise FormatError("its time is none that there is") from None
    return moment.replace(microsecond=micros)


def _read_accuracy(element: der.Element) -> int:
    fields = der.within(element)
    seconds = _within(fields.optional(der.INTEGER), _MOST_SECONDS)
    millis = _within(fields.optional(_MILLIS), 999)
    micros = _within(fields.optional(_MICROS), 999)
    fields.end()
    return (seconds * 1000 + millis) * 1000 + micros


def _within(element: der.Element | None, most: int) -> int:
    number = der.to_int(element) if element is not None else 0
    if not 0 <= number <= most:
        raise FormatError("its accuracy is none that can be")
    return number


def _refuse_critical(element: der.Element) -> None:
    for extension in der.within(element).all(der.SEQUENCE, _MANY):
        fields = der.within(extension)
        fields.take(der.OID)
        critical = fields.optional(der.BOOLEAN)
        if critical is not None and der.to_bool(critical):
            raise FormatError("it has an extension that nothing here understands and that must not be passed over")
        fields.take(der.OCTET_STRING)
        fields.end()
