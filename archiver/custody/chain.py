"""The custody log as text: lines, heads and words, each in one encoding, and how lines are chained; it opens no file.

FORMAT.md describes it. A line tells no more of a capture than its id and digests, so that it can go along with any of
them; words are in a file beside the log, and the line binds them by their digest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final, Literal, TypeVar

import msgspec

from archiver import canonical, times
from archiver.case import layout
from archiver.errors import FormatError
from archiver.hashing import sha256_hex
from archiver.model import Record

ZERO: Final = "0" * 64
"""What the first line of a log names as the line before it."""
OPENED: Final = "opened"
REPAIRED: Final = "repaired"
KEY_CHANGED: Final = "key-changed"
EVENTS: Final = frozenset(
    {
        OPENED,
        "started",
        "acquired",
        "failed",
        "sealed",
        "signed",
        "time-stamped",
        "verified",
        "exported",
        "transferred",
        "received",
        "noted",
        KEY_CHANGED,
        REPAIRED,
    }
)
MAX_LINE: Final = 1 << 14
"""Bytes that a line of the log may have, its newline included."""
MAX_TEXT: Final = 1 << 22
"""Bytes that a line of words may have, its newline included."""
MAX_HEAD: Final = 1 << 15
"""Bytes that a head may have: a signature and one line."""
MAX_TAILS: Final = 64
"""Logs that one may follow."""

_MOST: Final = 10**15 - 1
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_SALT: Final = re.compile(r"[0-9a-f]{32}")
_TOKEN: Final = re.compile(r"[ -~]*")
_TAIL: Final = re.compile(r"([a-z0-9]{8}):([1-9][0-9]{0,14}):([0-9a-f]{64})")
_BEGIN: Final = b"-----BEGIN SSH SIGNATURE-----\n"
_END: Final = b"-----END SSH SIGNATURE-----\n"

Broken = Literal["torn", "form", "writer", "sequence", "link"]


class Line(Record, frozen=True, kw_only=True, rename={"prev": "_prev"}):
    """One event.

    Attributes:
        prev: SHA-256 of the line before without its newline; 64 zeros in the first. Written as `_prev`.
        at: when the program wrote it, by its own clock, as `times.to_warc_date` writes it.
        capture: id of the capture that it is about; empty if it is about none.
        details: SHA-256 of its words' line without the newline; empty if it has none.
        event: one of EVENTS. A log begins with `opened`, and has it nowhere else.
        seq: its number, counted from 1.
        sha256: digest of what the event is about; empty if there is nothing of the kind.
        what: a path in the case or a short token, printable ASCII; may be empty.
        writer: name of the log.
    """

    at: str
    event: str
    prev: str
    seq: int
    writer: str
    capture: str = ""
    details: str = ""
    sha256: str = ""
    what: str = ""


class Text(Record, frozen=True, kw_only=True):
    """The words of one event.

    Attributes:
        salt: 32 random hexadecimal digits, so that nobody finds the words by trying digests.
        seq: number of the event's line.
        text: the words by name: strings, or lists of strings.
    """

    salt: str
    seq: int
    text: dict[str, str | tuple[str, ...]]


class Head(Record, frozen=True, kw_only=True):
    """Where a log ends, or ended.

    Attributes:
        digest: SHA-256 of its last line without the newline.
        length: bytes up to the end of that line, its newline included.
        sequence: number of that line.
        writer: name of the log.
    """

    digest: str
    length: int
    sequence: int
    writer: str


class Tail(Record, frozen=True, kw_only=True):
    """The end of a log as a later log names it: which log, number of the line, and its SHA-256."""

    writer: str
    sequence: int
    digest: str


class Link(Record, frozen=True, kw_only=True):
    """A line in its place: the line, its SHA-256 without the newline, and the bytes of the log up to its end."""

    line: Line
    digest: str
    end: int


class ChainFault(FormatError):
    """A log is not one unbroken chain.

    Attributes:
        reason: torn (the last line does not end), form (it is no line of a log), writer (it is of another log),
            sequence (its number does not follow) or link (it names another line before it).
    """

    def __init__(self, what: str, *, reason: Broken) -> None:
        super().__init__(what)
        self.reason = reason


_Kind = TypeVar("_Kind", Line, Text, Head)


def line_bytes(line: Line) -> bytes:
    """Return the one encoding of a line, without newline."""
    return canonical.encode(msgspec.to_builtins(line))


def parse_line(data: bytes) -> Line:
    """Read a line, without its newline.

    Raises:
        FormatError: any byte differs from what `line_bytes` writes, or a value from what its field may hold.
    """
    line = _read(data, Line, MAX_LINE)
    times.parse(line.at)
    _require(layout.WRITER.fullmatch(line.writer) is not None, "writer")
    _require(1 <= line.seq <= _MOST, "seq")
    _require(_DIGEST.fullmatch(line.prev) is not None and (line.prev == ZERO) == (line.seq == 1), "_prev")
    _require(line.event in EVENTS and (line.event == OPENED) == (line.seq == 1), "event")
    _require(not line.capture or layout.CAPTURE_ID.fullmatch(line.capture) is not None, "capture")
    _require(not line.details or _DIGEST.fullmatch(line.details) is not None, "details")
    _require(not line.sha256 or _DIGEST.fullmatch(line.sha256) is not None, "sha256")
    _require(_TOKEN.fullmatch(line.what) is not None, "what")
    if line.event == OPENED:
        parse_tails(line.what)
    return line


def text_bytes(text: Text) -> bytes:
    """Return the one encoding of an event's words, without newline."""
    return canonical.encode(msgspec.to_builtins(text))


def parse_text(data: bytes) -> Text:
    """Read an event's words, without the newline.

    Raises:
        FormatError: any byte differs from what `text_bytes` writes, or a value from what its field may hold.
    """
    text = _read(data, Text, MAX_TEXT)
    _require(_SALT.fullmatch(text.salt) is not None, "salt")
    _require(1 <= text.seq <= _MOST, "seq")
    return text


def signed_bytes(head: Head) -> bytes:
    """Return what is signed of a head: its line with the newline."""
    return canonical.encode(msgspec.to_builtins(head)) + b"\n"


def head_bytes(armour: bytes, head: Head) -> bytes:
    """Return a head as a file: the signature's armour, empty where nothing is signed, then what it is over."""
    return armour + signed_bytes(head)


def parse_head(data: bytes) -> tuple[bytes, bytes, Head]:
    """Take a head apart; whether the signature is one, and of what, is not asked.

    Returns:
        The armour (empty if the head is unsigned), the bytes that are signed, and what these say.

    Raises:
        FormatError: it is no armour and one line, or the line is none of a head.
    """
    body = data.removesuffix(b"\n")
    if len(data) > MAX_HEAD or body == data:
        raise FormatError("the head is too long, or does not end with a newline")
    cut = body.rfind(b"\n") + 1
    armour, signed = data[:cut], data[cut:]
    if armour and not (armour.startswith(_BEGIN) and armour.endswith(b"\n" + _END)):
        raise FormatError("what stands before the line of the head is no signature")
    head = _read(body[cut:], Head, MAX_HEAD)
    _require(layout.WRITER.fullmatch(head.writer) is not None, "writer")
    _require(1 <= head.sequence <= _MOST and 1 <= head.length <= _MOST, "sequence or length")
    _require(_DIGEST.fullmatch(head.digest) is not None, "digest")
    return armour, signed, head


def tails_text(tails: Iterable[Tail]) -> str:
    """Return the `what` of an `opened` line: the tails that the log follows, each once, in the order given."""
    return " ".join(dict.fromkeys(f"{tail.writer}:{tail.sequence}:{tail.digest}" for tail in tails))


def parse_tails(what: str) -> tuple[Tail, ...]:
    """Read the `what` of an `opened` line.

    Raises:
        FormatError: it is not what `tails_text` writes, or names too many.
    """
    tails = []
    for found in map(_TAIL.fullmatch, what.split(" ") if what else ()):
        if found is None:
            raise FormatError("it names a tail that is none")
        tails.append(Tail(writer=found[1], sequence=int(found[2]), digest=found[3]))
    _require(len(tails) <= MAX_TAILS and tails_text(tails) == what, "what")
    return tuple(tails)


def pieces(stream: BinaryIO, most: int = MAX_LINE) -> Iterator[bytes]:
    """Yield the lines of a binary stream with their newlines, in bounded memory: what is longer comes in pieces."""
    return iter(lambda: stream.readline(most + 1), b"")


def follow(lines: Iterable[bytes], writer: str, *, first: int = 1, offset: int = 0) -> Iterator[Link]:
    """Walk a log, or a contiguous run of its lines, and yield each line that is chained to the one before.

    Args:
        lines: the lines with their newlines, as `pieces` gives them.
        writer: name of the log.
        first: number of the first of these lines. What the first names as before it is taken as it is.
        offset: bytes of the log before them.

    Raises:
        ChainFault: at the first line that does not belong; what was yielded before holds.
    """
    before, number, end = "", first, offset
    for raw in lines:
        data = raw.removesuffix(b"\n")
        if data == raw and len(raw) <= MAX_LINE:
            raise ChainFault(f"line {number} of log {writer} does not end", reason="torn")
        try:
            line = parse_line(data)
        except FormatError as error:
            raise ChainFault(f"line {number} of log {writer} is none: {error}", reason="form") from None
        if line.writer != writer:
            raise ChainFault(f"line {number} of log {writer} is of another log", reason="writer")
        if line.seq != number:
            raise ChainFault(f"line {number} of log {writer} has the number {line.seq}", reason="sequence")
        if before and line.prev != before:
            raise ChainFault(f"line {number} of log {writer} does not follow from the one before", reason="link")
        before, end = sha256_hex(data), end + len(raw)
        yield Link(line=line, digest=before, end=end)
        number += 1


def _read(data: bytes, kind: type[_Kind], most: int) -> _Kind:
    if len(data) >= most:
        raise FormatError("it is longer than it may be")
    try:
        value = msgspec.convert(canonical.decode(data), kind)
    except msgspec.ValidationError:
        raise FormatError("it does not hold the keys and values that belong there") from None
    # Only what would be written again in the same bytes has the one form: sorted, nothing between, no key left out.
    if canonical.encode(msgspec.to_builtins(value)) != data:
        raise FormatError("it is not in canonical form")
    return value


def _require(holds: bool, field: str) -> None:
    if not holds:
        raise FormatError(f"its {field!r} holds what it may not")
