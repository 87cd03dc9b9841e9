"""What reading a WARC is asked for and what it gives; nothing here reads or judges."""

from __future__ import annotations

from archiver import http1
from archiver.model import Record
from archiver.warc_reader import RecordHeader


class Wants(Record, frozen=True, kw_only=True):
    """What is asked of a WARC beyond digests; all of it by WARC-Record-ID.

    Attributes:
        answers: responses whose decoded payload is to be kept.
        decoded: responses whose decoded payload is to be hashed, up to so many bytes.
        overwritten: offset and length, in their blocks, of the parts of responses that are said to be nothing but X.
        methods: request methods of responses; GET for those that are not named.
    """

    answers: frozenset[str]
    decoded: dict[str, int]
    overwritten: dict[str, tuple[tuple[int, int], ...]]
    methods: dict[str, str]


class Decoded(Record, frozen=True, kw_only=True):
    """A payload with its codings taken off.

    Attributes:
        size, sha256: of what could be decoded.
        data: the bytes; None if they were not asked for or are too many.
        fault: why it could not be decoded to its end; empty if it could.
    """

    size: int
    sha256: str
    data: bytes | None
    fault: str


class Payload(Record, frozen=True, kw_only=True):
    """What stands in the block of a response record after the head.

    Attributes:
        head: the parsed head.
        size, sha256: of all bytes after the head.
        whole: whether the message is whole by its own framing.
        excess: whether bytes follow its end.
        decoded: the payload without its codings, if it was asked for.
    """

    head: http1.ResponseHead
    size: int
    sha256: str
    whole: bool
    excess: bool
    decoded: Decoded | None


class Scanned(Record, frozen=True, kw_only=True):
    """One record as it stands in the file.

    Attributes:
        header: its header.
        sha256: of the block.
        start: the head of a response, the whole of any other small block; None where there is none such.
        overwritten: those of the parts that are said to be nothing but X which are, and overlap with none before them.
        payload: of a response; None for others, and where the block does not begin with one whole head.
    """

    header: RecordHeader
    sha256: str
    start: bytes | None
    overwritten: frozenset[tuple[int, int]] = frozenset()
    payload: Payload | None


class Scan(Record, frozen=True, kw_only=True):
    """A WARC file.

    Attributes:
        size, sha256: of the whole file.
        records: those that could be read, in order.
        fault: why the reading of records ended before the end of the file; empty if it did not.
    """

    size: int
    sha256: str
    records: tuple[Scanned, ...]
    fault: str
