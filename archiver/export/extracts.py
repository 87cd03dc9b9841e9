"""What goes along of the custody logs: the lines from the first about a capture on, and the words about it alone.

A line tells no more of other captures than their ids and digests. Words are in a file of their own, and of that only
what belongs to the captures that go is given out. It changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from archiver.case import layout
from archiver.custody import sshsig
from archiver.custody.chain import MAX_HEAD, MAX_TEXT, Head, follow, parse_head, parse_line, pieces
from archiver.custody.logs import HEAD, LINES, TEXTS, log_path, writers
from archiver.custody.sshkeys import PublicKey
from archiver.custody.transfer import KEPT_BACK, Segment
from archiver.errors import FormatError
from archiver.export.members import Member, of_bytes, of_file, opened, read_small
from archiver.hashing import sha256_hex
from archiver.model import Record

# The keys of a line are sorted, and quotes in its values are escaped: this stands in a line once or not at all.
_ABOUT: Final = re.compile(rb'"capture":"(' + layout.CAPTURE_ID.pattern.encode("ascii") + rb')"')


class Extract(Record, frozen=True, kw_only=True):
    """What goes along of one log.

    Attributes:
        segment: where its lines begin.
        head: the bytes of its head.
        end: bytes of the log up to the end of the line that the head names.
        words: digests of the words about the captures.
        key: who signed the head; None if it is not signed.
    """

    segment: Segment
    head: bytes
    end: int
    words: frozenset[str]
    key: PublicKey | None


def extracts(case: Path, captures: Collection[str]) -> Iterator[Extract]:
    """Yield what goes along of each log that tells of the captures, as it stands now.

    Another run may append meanwhile: what follows the line that the head names stays here.

    Raises:
        FormatError: a log that has to go is not one unbroken chain up to its signed head.
        OSError: a log cannot be read.
    """
    wanted = frozenset(capture.encode("ascii") for capture in captures)
    for writer in writers(case):
        segment = _first_line(case, writer, wanted)
        if segment is None:
            continue
        data = read_small(_name(writer, HEAD), log_path(case, writer, HEAD), MAX_HEAD)
        armour, signed, head = parse_head(data)
        if segment.offset >= head.length:
            # The first line about any of them is only just being appended.
            continue
        yield Extract(
            segment=segment,
            head=data,
            end=head.length,
            words=_words_about(case, segment, head, wanted),
            key=sshsig.verify(armour, signed, sshsig.LOG) if armour else None,
        )


def members_of(case: Path, extract: Extract) -> Iterator[Member]:
    """Yield the files that a package has of a log."""
    writer = extract.segment.writer
    yield of_bytes(_name(writer, HEAD), extract.head)
    lines = log_path(case, writer, LINES)
    yield of_file(_name(writer, LINES), lines, start=extract.segment.offset, end=extract.end)
    if extract.words:
        path, source = _name(writer, TEXTS), log_path(case, writer, TEXTS)
        yield Member(path, of_file(path, source).most, partial(_words, path, source, extract.words))


def _name(writer: str, suffix: str) -> str:
    return f"{layout.CUSTODY}/{writer}{suffix}"


def _first_line(case: Path, writer: str, wanted: frozenset[bytes]) -> Segment | None:
    """Return where the first line about one of the captures stands; whether the log is in order is not asked yet."""
    offset = 0
    with opened(_name(writer, LINES), log_path(case, writer, LINES)) as stream:
        for raw in pieces(stream):
            found = _ABOUT.search(raw)
            if found is not None and found[1] in wanted:
                return Segment(writer=writer, first=parse_line(raw.removesuffix(b"\n")).seq, offset=offset)
            offset += len(raw)
    return None


def _words_about(case: Path, segment: Segment, head: Head, wanted: frozenset[bytes]) -> frozenset[str]:
    """Follow the lines up to the one that the head names, and return the digests of the words about the captures."""
    words: set[str] = set()
    last = None
    with opened(_name(segment.writer, LINES), log_path(case, segment.writer, LINES)) as stream:
        stream.seek(segment.offset)
        for last in follow(pieces(stream), segment.writer, first=segment.first, offset=segment.offset):
            about = last.line.capture.encode("ascii") in wanted
            if last.line.details and about and last.line.event not in KEPT_BACK:
                words.add(last.line.details)
            if last.end >= head.length:
                break
    if last is None or head != Head(digest=last.digest, length=last.end, sequence=last.line.seq, writer=segment.writer):
        raise FormatError(f"custody log {segment.writer} does not end as its head says")
    return frozenset(words)


def _words(path: str, source: Path, wanted: frozenset[str]) -> Iterator[bytes]:
    """Yield the lines of words that are wanted, and no others."""
    left = set(wanted)
    with opened(path, source) as stream:
        for raw in pieces(stream, MAX_TEXT):
            digest = sha256_hex(raw.removesuffix(b"\n"))
            if digest in left and raw.endswith(b"\n"):
                left.remove(digest)
                yield raw
    if left:
        raise FormatError(f"{path} does not hold all the words that the log names")
