"""Holds the logs of a case against what this installation remembers of its own; it knows no other installation."""

from __future__ import annotations

from collections.abc import Iterator

from archiver.custody.chain import Head
from archiver.model import Finding
from archiver.verify.custody import Custody
from archiver.verify.findings import counted, ok, warning
from archiver.verify.log_file import LINES, Log
from archiver.verify.trust import Trust

_CHECK = "remembered"


def check_remembered(custody: Custody, trust: Trust) -> Iterator[Finding]:
    """Find logs that end before, or otherwise than, the one who verifies remembers having written them.

    An older copy of a case looks like that, and so does a case that was taken back to an earlier state.
    """
    if custody.transfer is not None:
        return
    for head in trust.remembered:
        yield _compare(custody.logs.get(head.writer), head)


def _compare(log: Log | None, head: Head) -> Finding:
    path = f"custody/{head.writer}{LINES}"
    if log is None:
        detail = f"this installation wrote {counted(head.sequence, 'event')} here that are in no log of this copy"
        return warning(_CHECK, path, detail)
    line = log.line(head.sequence)
    if line is None:
        more = head.sequence - (log.lines[-1].seq if log.lines else 0)
        detail = f"this installation remembers {counted(more, 'event')} more: this is an older copy, or was taken back"
        return warning(_CHECK, path, detail)
    if line.digest != head.digest:
        return warning(_CHECK, path, f"event {head.sequence} is not the one that this installation remembers writing")
    return ok(_CHECK, path, f"it is as this installation remembers it up to event {head.sequence}", "recorded")
