"""Checks each custody log for itself: one chain, a signed head that names its end, and the words that lines bind.

What a kill leaves is told from what somebody changed; `custody.appending` says what that can be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archiver.case import layout
from archiver.custody import chain
from archiver.custody.transfer import KEPT_BACK
from archiver.errors import FormatError
from archiver.model import Finding
from archiver.verify.case_file import CaseFile
from archiver.verify.custody import Custody
from archiver.verify.findings import concluded, counted, failure, note, ok, shown, warning
from archiver.verify.log_file import HEAD, LINES, WORDS, Chain, Log, Logged, SignedHead, Words
from archiver.verify.reading import Seen, Unread

_CHECK = "log"


def check_logs(custody: Custody, case: CaseFile) -> Iterator[Finding]:
    """Check every log, and that those which a log follows are there."""
    for log in custody.logs.values():
        signed = f"signed by {log.key.fingerprint}" if log.key is not None else "not signed"
        held = f"{counted(len(log.lines), 'event')}, in one unbroken chain up to a head that is {signed}"
        yield from concluded(_check_log(custody, log, case), ok(_CHECK, log.path(LINES), held))
        if left_out := sum(not _has_words(custody, log, line) for line in log.lines if line.details):
            detail = f"the words of {counted(left_out, 'event')} did not go into the package"
            yield note("text", log.path(WORDS), detail)


def check_keys(custody: Custody, named: Mapping[str, str | None]) -> Iterator[Finding]:
    """Check that the key which signed a log's head is the one that signed the captures begun in that log.

    Args:
        custody: of the case.
        named: fingerprint by capture id, as custody manifests have it; empty for unsigned ones, None if unknown.
    """
    keys: dict[str, dict[str, str]] = {}
    for capture_id, key in named.items():
        if key is not None:
            for line in custody.started.get(capture_id, ()):
                keys.setdefault(line.writer, {})[capture_id] = key
    for writer, fingerprints in keys.items():
        log = custody.logs[writer]
        if not isinstance(log.head, SignedHead) or isinstance(log.head.key, FormatError):
            continue
        signed = log.key.fingerprint if log.key is not None else ""
        if signed not in fingerprints.values():
            other = next(iter(fingerprints.values()))
            detail = f"it is {_by(signed)}, and captures that were begun in this log name another: {_by(other)}"
            yield failure("signature", log.path(HEAD), detail)
            continue
        for capture_id, fingerprint in fingerprints.items():
            if fingerprint != signed:
                path = f"{layout.capture_path(capture_id)}/{layout.CUSTODY_MANIFEST}"
                detail = f"the capture is {_by(fingerprint)}, and the log in which it was begun {_by(signed)}"
                yield failure("signature", path, detail)


def _by(fingerprint: str) -> str:
    return f"signed by {shown(fingerprint, 60)}" if fingerprint else "unsigned"


def _check_log(custody: Custody, log: Log, case: CaseFile) -> Iterator[Finding]:
    if log.chain is None:
        yield failure("missing", log.path(LINES), "the lines of the log are not there, and other files of it are")
    elif isinstance(log.chain, Unread):
        yield failure("unreadable", log.path(LINES), log.chain.why)
    else:
        yield from _check_end(log, log.chain)
        # What a broken chain binds, nobody can say.
        if log.chain.fault is None:
            yield from _check_words(custody, log)
        yield from _check_opened(custody, log, case)


def _check_end(log: Log, found: Chain) -> Iterator[Finding]:
    """Check the chain, and that it ends where the head says, or as a kill can leave it."""
    if found.fault is not None:
        yield failure(_CHECK, log.path(LINES), shown(str(found.fault)))
    head = log.head
    if isinstance(head, Unread):
        yield failure("unreadable", log.path(HEAD), head.why)
    elif isinstance(head, FormatError):
        yield failure(_CHECK, log.path(HEAD), f"it is no head of a log: {shown(str(head))}")
    elif head is None:
        # A kill leaves a log without head only while its first line is written.
        if len(found.lines) + bool(found.torn) <= 1 and log.first == 1 and found.fault is None:
            yield _interrupted(log, "its first line was being written")
        else:
            yield failure("missing", log.path(HEAD), "the log has no signed head")
    elif isinstance(head.key, FormatError):
        # Then it says nothing of the log.
        yield failure("signature", log.path(HEAD), f"it has no valid signature: {shown(str(head.key))}")
    elif found.fault is None:
        yield from _check_position(log, found, head.head)


def _check_position(log: Log, found: Chain, head: chain.Head) -> Iterator[Finding]:
    line = log.line(head.sequence)
    if head.writer != log.writer:
        yield failure(_CHECK, log.path(HEAD), f"it is the head of another log, {head.writer}")
    elif line is None:
        last = found.lines[-1].seq if found.lines else 0
        detail = f"the log ends with event {last}, and its head was signed over {head.sequence}"
        yield failure(_CHECK, log.path(LINES), detail)
    elif (line.digest, line.end) != (head.digest, head.length):
        yield failure(_CHECK, log.path(LINES), f"event {line.seq} is not the one over which the head was signed")
    elif found.lines[-1] == line:
        if found.torn:
            yield from _check_torn(log, line, found.torn)
    elif found.lines[-1].seq == line.seq + 1 and not found.torn:
        yield _interrupted(log, "its last line is whole, and its head was not renewed")
    else:
        detail = f"it goes on behind event {line.seq}, over which its head was signed"
        yield failure(_CHECK, log.path(LINES), detail)


def _check_torn(log: Log, last: Logged, torn: bytes) -> Iterator[Finding]:
    begins = f'{{"_prev":"{last.digest}","at":"'.encode("ascii")
    if torn.startswith(begins) or begins.startswith(torn):
        yield _interrupted(log, "its last line was being written")
    else:
        yield failure(_CHECK, log.path(LINES), f"what stands behind event {last.seq} is no beginning of a line")


def _interrupted(log: Log, what: str) -> Finding:
    return warning("interrupted", log.path(LINES), f"{what} when the program was stopped", "provable")


def _has_words(custody: Custody, log: Log, line: Logged) -> bool:
    """Tell whether the words of an event have to be here: in a package, those about the captures in it."""
    if custody.transfer is None or (isinstance(log.words, Words) and line.seq in log.words.digests):
        return True
    return line.capture != "" and custody.went(line.capture) and line.event not in KEPT_BACK


def _check_words(custody: Custody, log: Log) -> Iterator[Finding]:
    """Check that the words of the events are those which the lines bind, all of them and no others."""
    words, path = log.words, log.path(WORDS)
    if isinstance(words, Unread):
        yield failure("unreadable", path, words.why)
        return
    for fault in words.faults if words is not None else ():
        yield failure("text", path, shown(fault))
    digests = words.digests if words is not None else {}
    bound = {line.seq: line.details for line in log.lines if line.details}
    for line in log.lines:
        found = digests.get(line.seq)
        if line.details and found is None and _has_words(custody, log, line):
            yield failure("text", path, f"the words of event {line.seq}, which its line binds, are not there")
        elif line.details and found not in (None, line.details):
            yield failure("text", path, f"the words of event {line.seq} are not those which its line binds")
    yield from _check_unbound(log, sorted(digests.keys() - bound.keys()))


def _check_unbound(log: Log, unbound: list[int]) -> Iterator[Finding]:
    torn, path = isinstance(log.words, Words) and log.words.torn, log.path(WORDS)
    next_number = log.lines[-1].seq + 1 if log.lines else log.first
    if unbound == [next_number] and not torn:
        yield warning("interrupted", path, "words were written, and the program was stopped before their line was")
        return
    for number in unbound:
        yield failure("text", path, f"there are words of event {number}, and its line binds none")
    if torn:
        yield warning("interrupted", path, "its last line was being written when the program was stopped")


def _check_opened(custody: Custody, log: Log, case: CaseFile) -> Iterator[Finding]:
    """Check that a log was begun for this case, and that the ends of logs which it follows are in those."""
    opened = next((line for line in log.lines[:1] if line.event == chain.OPENED), None)
    if opened is not None and isinstance(case.seen, Seen) and opened.sha256 != case.seen.sha256:
        detail = f"the log was begun for another {layout.CASE_FILE} than the one that is there now"
        yield failure(_CHECK, log.path(LINES), detail)
    for tail in log.follows if custody.transfer is None else ():
        before = custody.logs.get(tail.writer)
        if before is None:
            path = f"{layout.CUSTODY}/{tail.writer}{LINES}"
            yield failure("missing", path, f"log {log.writer} follows this log, and it is not there")
            continue
        line = before.line(tail.sequence)
        if line is None and not before.lost:
            detail = f"it ends before event {tail.sequence}, which log {log.writer} names as its end"
            yield failure(_CHECK, before.path(LINES), detail)
        elif line is not None and line.digest != tail.digest:
            detail = f"event {tail.sequence} is not the one that log {log.writer} names as its end"
            yield failure(_CHECK, before.path(LINES), detail)
