"""Compares what clocks said: the operator's with those of servers, of the platform, and of time-stamp authorities.

A disagreement is a warning, never a failure: a wrong clock is no sign of a change.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from archiver.case import layout
from archiver.custody.manifest import CustodyManifest
from archiver.errors import FormatError
from archiver.model import Finding
from archiver.platforms.ids import id_time
from archiver.verify.findings import concluded, counted, ok, warning
from archiver.verify.snapshot import Snapshot
from archiver.verify.stamps import moment_of, readable, span

TOLERANCE: Final = timedelta(minutes=5)
"""What clocks may differ by without a word."""

_CHECK = "clock"
_PATH = layout.CUSTODY_MANIFEST


def check_clock(snapshot: Snapshot) -> Iterator[Finding]:
    """Hold the operator's clock against the servers' Date fields and the time in the post's id."""
    account = snapshot.account
    if isinstance(account, FormatError):
        return
    conclusion = ok(
        _CHECK,
        _PATH,
        f"the operator's clock agrees with {counted(len(account.clock.servers), 'answer')} of servers and with the"
        f" time in the id, within {span(TOLERANCE)}",
        "recorded",
    )
    yield from concluded(_disagreements(account), conclusion)


def _disagreements(account: CustodyManifest) -> Iterator[Finding]:
    worst = max((item.seconds for item in account.clock.servers), key=abs, default=0)
    if abs(worst) > TOLERANCE.total_seconds():
        way = "behind" if worst > 0 else "ahead of"
        detail = f"the operator's clock was {_span(worst)} {way} that of a server"
        yield warning(_CHECK, _PATH, detail)
    given_out, started = _id_moment(account), moment_of(account.started)
    if given_out is not None and started is not None and given_out - started > TOLERANCE:
        detail = f"the capture began {span(given_out - started)} before the platform gave out the post's id"
        yield warning(_CHECK, _PATH, f"by the operator's clock, {detail}")


def against_authorities(
    account: CustodyManifest, opened: datetime | None, stamped: datetime | None
) -> Iterator[Finding]:
    """Hold the operator's clock against those of time-stamp authorities.

    Args:
        account: what was captured, and when by the operator's clock.
        opened: the latest time-stamp that was there before the custody manifest was written.
        stamped: the earliest one that was made when the capture was there.
    """
    started, ended = moment_of(account.started), moment_of(account.ended)
    if opened is not None and ended is not None and opened - ended > TOLERANCE:
        detail = f"the run was opened at {readable(opened)}, {span(opened - ended)} after the capture ended"
        yield warning(_CHECK, _PATH, f"{detail} by the operator's clock, which was behind or was set back")
    if stamped is not None and started is not None and started - stamped > TOLERANCE:
        detail = f"the capture was stamped at {readable(stamped)}, {span(started - stamped)} before it began"
        yield warning(_CHECK, _PATH, f"{detail} by the operator's clock, which was ahead")


def _id_moment(account: CustodyManifest) -> datetime | None:
    text = id_time(account.platform, account.id)
    return datetime.fromisoformat(text) if text else None


def _span(seconds: int) -> str:
    try:
        return span(timedelta(seconds=seconds))
    except OverflowError:
        return "many years"
