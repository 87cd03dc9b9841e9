"""Reads DER strictly, element by element, and writes the few forms that a time-stamp request needs; it knows no schema.

Standard: X.690, distinguished encoding rules. What only BER allows (indefinite lengths, lengths that are longer than
they need be, trailing bytes) is refused, at every level of what is read.
"""

from __future__ import annotations

from typing import NamedTuple

from archiver.errors import FormatError

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID, UTF8_STRING = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0C
UTC_TIME, GENERALIZED_TIME, SEQUENCE, SET = 0x17, 0x18, 0x30, 0x31
CONSTRUCTED = 0x20
CONTEXT_0, CONTEXT_1, CONTEXT_3, CONTEXT_4 = 0xA0, 0xA1, 0xA3, 0xA4
"""Constructed elements with a tag of their context."""

_MAX_INTEGER = 64


class Element(NamedTuple):
    """One element: its tag byte, its content, and all of its bytes."""

    tag: int
    content: bytes
    raw: bytes


class Fields:
    """The elements inside a constructed one, taken in their order.

    Args:
        data: the content of the constructed element.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, tag: int) -> Element:
        """Return the next element, which has to have this tag.

        Raises:
            FormatError: it has another one, there is none, or it is no DER.
        """
        found = self.optional(tag)
        if found is None:
            raise FormatError(f"DER has no element {tag:#04x} where one has to be")
        return found

    def optional(self, tag: int) -> Element | None:
        """Return the next element if it has this tag, else None.

        Raises:
            FormatError: it has this tag and is no DER.
        """
        if self._at == len(self._data) or self._data[self._at] != tag:
            return None
        start, end = _bounds(self._data, self._at)
        found = Element(tag, self._data[start:end], self._data[self._at : end])
        self._at = end
        return found

    def all(self, tag: int, most: int) -> tuple[Element, ...]:
        """Return every element that is left, all of which have to have this tag.

        Raises:
            FormatError: one has another tag, or there are more than `most`.
        """
        found: list[Element] = []
        while self._at < len(self._data):
            if len(found) == most:
                raise FormatError(f"DER has more than {most} elements in one place")
            found.append(self.take(tag))
        return tuple(found)

    def end(self) -> None:
        """Make sure that nothing is left.

        Raises:
            FormatError: something is.
        """
        if self._at != len(self._data):
            raise FormatError("DER has an element that does not belong there")


def parse(data: bytes) -> Fields:
    """Return the fields of the one SEQUENCE that these bytes are, whose whole tree was found to be DER.

    Raises:
        FormatError: they are anything else, or something follows.
    """
    outer = Fields(data)
    sequence = outer.take(SEQUENCE)
    outer.end()
    pending = [(0, len(data))]
    while pending:
        at, stop = pending.pop()
        while at < stop:
            start, end = _bounds(data, at, stop)
            if data[at] & CONSTRUCTED:
                pending.append((start, end))
            at = end
    return Fields(sequence.content)


def within(element: Element) -> Fields:
    """Return the fields of a constructed element."""
    return Fields(element.content)


def only(element: Element, tag: int) -> Element:
    """Return the one element that a constructed element holds.

    Raises:
        FormatError: it holds another one, none, or several.
    """
    fields = Fields(element.content)
    found = fields.take(tag)
    fields.end()
    return found


def to_int(element: Element) -> int:
    """Return the number that an INTEGER's content is.

    Raises:
        FormatError: it is empty, longer than it need be, or longer than 64 bytes.
    """
    content = element.content
    padded = len(content) > 1 and (content[0], content[1] >> 7) in ((0x00, 0), (0xFF, 1))
    if not content or padded or len(content) > _MAX_INTEGER:
        raise FormatError("DER has a malformed INTEGER")
    return int.from_bytes(content, "big", signed=True)


def to_bool(element: Element) -> bool:
    """Return what a BOOLEAN's content is. That a default is written out, which DER forbids, is let pass.

    Raises:
        FormatError: it is neither true nor false.
    """
    if element.content not in (b"\x00", b"\xff"):
        raise FormatError("DER has a malformed BOOLEAN")
    return element.content == b"\xff"


def write(tag: int, *parts: bytes) -> bytes:
    """Return an element of these parts."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def integer(number: int) -> bytes:
    """Return an INTEGER."""
    return write(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def oid(dotted: str) -> bytes:
    """Return an OBJECT IDENTIFIER, given its dotted form."""
    first, second, *rest = map(int, dotted.split("."))
    content = bytearray()
    for arc in (first * 40 + second, *rest):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | (arc & 0x7F))
        content += bytes(reversed(groups))
    return write(OID, bytes(content))


def _bounds(data: bytes, at: int, stop: int | None = None) -> tuple[int, int]:
    """Return where the content of the element at an offset begins and ends."""
    stop = len(data) if stop is None else stop
    if stop - at < 2 or data[at] & 0x1F == 0x1F:
        raise FormatError("DER ends too early, or has a tag of several bytes")
    length, start = data[at + 1], at + 2
    if length >= 0x80:
        width = length & 0x7F
        start += width
        length = int.from_bytes(data[at + 2 : start], "big")
        if not 1 <= width <= 4 or start > stop or length < 0x80 or length >> 8 * (width - 1) == 0:
            raise FormatError("DER has a length that is indefinite, or longer than it need be")
    if start + length > stop:
        raise FormatError("DER has an element that is longer than what holds it")
    return start, start + length
