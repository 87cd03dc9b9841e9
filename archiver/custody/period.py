"""The stretch of a run from one seal to the next: opens it, collects what was made in it, seals it; it fetches nothing.

The captures of a run go on while authorities are asked: only the first one waits for the stamp on the opening, and not
for long.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import TracebackType

from archiver.case import layout
from archiver.config import TimestampSettings
from archiver.custody import seal
from archiver.custody.manifest import Opening, OpeningReply
from archiver.custody.sealing import Office, Stamped
from archiver.errors import ArchiverError

_SILENT = 2.0
"""Seconds that authorities are waited for before the user is told why the run does not end."""
_EVERY = re.compile(r"([0-9]+) (minutes|captures)")


def limits(every: str) -> tuple[float, float]:
    """Return seconds and captures after which a run is sealed midway, from `timestamp.every`; infinite where unsaid."""
    found = {unit: float(count) for count, unit in _EVERY.findall(every)}
    return found.get("minutes", float("inf")) * 60, found.get("captures", float("inf"))


class Periods:
    """Seals a run, at its end and midway. Safe to be used by several threads.

    Args:
        office: what seals are made with.
        settings: when to seal, and how long to wait for the opening.
        tell: is told what could not be sealed or stamped, and what to do next, as one line.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        office: Office,
        settings: TimestampSettings,
        tell: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._office = office
        self._settings = settings
        self._tell = tell
        self._clock = clock
        self._seconds, self._captures = limits(settings.every)
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="seal")
        self._stamping: list[Future[None]] = []
        self._name = ""
        self._began = 0.0
        self._replies: list[OpeningReply] = []
        self._opened: Future[None] | None = None
        self._made: dict[str, str] = {}
        self._events = 0
        self._stamped = False
        self._unstamped = False
        self._closing = False
        self._left = 0

    @property
    def refused(self) -> bool:
        """Whether authorities were asked to stamp seals of this run, and none of them ever did."""
        return self._unstamped and not self._stamped

    def begin(self) -> None:
        """Say that a capture begins: the first one of a period opens it, and the authorities are asked meanwhile."""
        with self._lock:
            self._begin()

    def opening(self) -> Opening:
        """Return what was stamped before now, for the manifest that is about to be written."""
        with self._lock:
            self._begin()
            name, began, opened, replies = self._name, self._began, self._opened, self._replies
        if opened is not None:
            wait([opened], timeout=max(0.0, began + self._settings.open_seconds - self._clock()))
        found = tuple(sorted(replies, key=lambda reply: reply.authority))
        return Opening(seal=name, replies=found) if found else Opening()

    def made(self, capture_id: str, tagmanifest: str, signature: str) -> None:
        """Take in a capture that now stands in the case.

        Args:
            capture_id: its id.
            tagmanifest, signature: digests of its tag manifest and of that one's signature; the latter may be empty.
        """
        folder = layout.capture_path(capture_id)
        with self._lock:
            self._made[f"{folder}/{layout.TAGMANIFEST}"] = tagmanifest
            if signature:
                self._made[f"{folder}/{layout.SIGNATURE}"] = signature
            self._events += 1
            if self._events >= self._captures or self._clock() - self._began >= self._seconds:
                self._seal()

    def adopt(self, digests: Mapping[str, str]) -> None:
        """Take in captures that an earlier run made and was killed before it sealed them.

        Args:
            digests: of tag manifests and signatures, by path from the top of the case.
        """
        with self._lock:
            self._made |= digests
            self._events += len(digests)

    def failed(self) -> None:
        """Take note of an attempt that left a line in the log and no capture: that line is sealed as well."""
        with self._lock:
            self._events += 1

    def close(self) -> None:
        """Seal what was made since the last seal, and wait for the authorities."""
        with self._lock:
            if self._events:
                self._seal()
        self._closing = True
        if wait(self._stamping, timeout=_SILENT).not_done:
            seconds = self._settings.answer_seconds
            self._tell(
                f"the captures are made; time-stamp authorities are waited for, {seconds:g} seconds for an answer"
            )
        self._pool.shutdown(wait=True)
        for future in self._stamping:
            future.result()
        if self._left:
            self._tell(f"{self._left} more seals of this run have no time-stamp yet: 'archiver seal' asks for them")

    def __enter__(self) -> Periods:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _begin(self) -> None:
        if self._name or not self._office.authorities:
            self._began = self._began or self._clock()
            return
        self._name, self._began, self._replies = self._office.open(), self._clock(), []
        self._opened = self._pool.submit(self._stamp_opening, self._name, self._replies)

    def _ask(self, name: str, document: str, seconds: float) -> tuple[Stamped, ...]:
        """Ask the authorities, and return what came of it; nothing where it cannot be written to the disk."""
        try:
            return tuple(self._office.stamp(name, document, seconds))
        except (ArchiverError, OSError) as error:
            self._tell(f"a time-stamp cannot be kept: {_why(error)}; 'archiver seal' asks again")
            return ()

    def _stamp_opening(self, name: str, replies: list[OpeningReply]) -> None:
        for stamped in self._ask(name, seal.OPEN, self._settings.open_seconds):
            if stamped.fault:
                self._tell(f"{stamped.authority} did not stamp the opening of this run: {stamped.fault}")
            else:
                replies.append(OpeningReply(authority=stamped.authority, sha256=stamped.sha256))

    def _seal(self) -> None:
        """Seal, and have it stamped beside what goes on; the lock is held."""
        if self._opened is not None:
            # Replies that are still under way would come into a seal that does not list them.
            wait([self._opened])
            self._opened.result()
        try:
            name = self._office.seal(self._made, name=self._name)
        except (ArchiverError, OSError) as error:
            self._tell(f"this run is not sealed: {_why(error)}; the captures stand, and 'archiver seal' does it later")
        else:
            self._stamping.append(self._pool.submit(self._stamp, name))
        self._name, self._began, self._opened, self._made, self._events = "", 0.0, None, {}, 0

    def _stamp(self, name: str) -> None:
        if self._closing and self.refused:
            # It would take as long as the ones before, and somebody waits.
            self._left += 1
            return
        asked = self._ask(name, seal.SEAL, self._settings.answer_seconds)
        for stamped in asked:
            if stamped.fault:
                self._tell(overdue(stamped))
        if all(stamped.fault for stamped in asked):
            self._unstamped = True
        else:
            self._stamped = True


def _why(error: ArchiverError | OSError) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)


def overdue(stamped: Stamped) -> str:
    """Say in one line that a stamp is still due, and what to do."""
    return f"{stamped.authority} gave no time-stamp: {stamped.fault}; 'archiver seal' asks again"
