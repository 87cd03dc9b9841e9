"""This installation's custody log in a case: finds the one to append to, or begins it; it touches no log of another.

How a line gets there, and what a kill leaves, is in `appending`. Here is which log goes on.

A log goes on if it ends as the installation remembers, on the machine and with the data folder that it was begun with
(see `memory`), and if its key is at hand. One that is longer, shorter, different, gone, or torn after other bytes than
were pending is left as it is. A new log is begun, whose `opened` line names the remembered tail and, if it is another,
the one that was found.

An installation that remembers nothing begins a log as well. That one names the ends of logs that the installation's
keys have signed, as their heads have them, but for those that another of these logs names already.

One log has one key. Where that was replaced, the old key signs `key-changed` as the last word of its log, and the new
log names that line.

What cannot be noticed in time: two copies of one virtual machine, each with its own copy of the case, until these meet.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from archiver.case import layout
from archiver.case.files import sync_folder
from archiver.case.store import Case
from archiver.custody import chain, memory
from archiver.custody.appending import Appender
from archiver.custody.chain import Line, Tail
from archiver.custody.keys import Signer
from archiver.custody.logs import Event, events, follows, heads, last_link, signed_head, writers
from archiver.custody.memory import Memory
from archiver.errors import CaseLocked

__all__ = ["CustodyLog", "Event", "events", "heads"]

_PATIENCE: Final = 60.0
_POLL: Final = 0.002


class CustodyLog:
    """The log of this installation in one case. Threads may share it; other processes may append beside it.

    Args:
        case: the case.
        home: the data folder of the installation.
        signer: its key, which signs the heads; None to leave them unsigned.
        retired: the keys that it replaced, to end the logs that they signed.
        now: the clock.

    Raises:
        FormatError: the case has no proper id.
    """

    def __init__(
        self,
        case: Case,
        home: Path,
        signer: Signer | None,
        *,
        retired: Sequence[Signer] = (),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._case = case
        self._home = home
        self._memory = memory.memory_path(home, case.record.id)
        self._key = signer.key.fingerprint if signer is not None else ""
        self._signers: dict[str, Signer | None] = {item.key.fingerprint: item for item in retired}
        self._signers |= {"": None, self._key: signer}
        self._appender = Appender(case.path, self._memory, self._signers, now)
        self._threads = threading.Lock()
        self._processes = FileLock(self._memory.with_suffix(".lock"))

    @property
    def writer(self) -> str:
        """Name of the log that the last append went to; empty before the first."""
        remembered = memory.read(self._memory)
        return remembered.writer if remembered is not None else ""

    def append(
        self,
        event: str,
        *,
        capture: str = "",
        sha256: str = "",
        what: str = "",
        text: Mapping[str, str | Sequence[str]] | None = None,
    ) -> Line:
        """Append an event. When this returns, it is on the disk, with the head signed.

        Args:
            event: one of `chain.EVENTS`.
            capture: id of the capture that it is about.
            sha256: digest of what it is about.
            what: a path in the case or a short token, printable ASCII.
            text: its words: strings, or lists of strings.

        Returns:
            The line.

        Raises:
            FormatError: a value is not one that a line may hold. The event is not written then.
            CaseLocked: other runs have held the log for a minute.
            OSError: something cannot be written. The event has not happened if not a byte of it got into the case;
                else the next append completes it.
            ArchiverError: the key cannot sign. The event has not happened.
        """
        with self._alone():
            line, begun = self._appender.begin(
                self._ready(), event, capture=capture, sha256=sha256, what=what, text=text
            )
            self._appender.finish(begun)
            return line

    def resume(self) -> None:
        """End what was interrupted, as the next append would; nothing is written where nothing was.

        Raises:
            CaseLocked, OSError, ArchiverError: as `append` does.
        """
        with self._alone():
            remembered = memory.read(self._memory)
            if remembered is not None and (remembered.pending or remembered.torn):
                self._ready()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._memory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._threads:
            try:
                self._processes.acquire(timeout=_PATIENCE, poll_interval=_POLL)
            except Timeout:
                raise CaseLocked(f"the custody log of {self._case.path} is held by another run") from None
            try:
                yield
            finally:
                self._processes.release()

    def _ready(self) -> Memory:
        """Return the memory of a log that can be appended to: the remembered one, brought to its end, or a new one."""
        self._make_folders()
        remembered = memory.read(self._memory)
        if remembered is None:
            return self._open(self._own_tails())
        found = self._appender.compare(remembered)
        here = remembered.machine == memory.mark(remembered.salt, self._home)
        if found is None or not here or remembered.key not in self._signers or not (remembered.sequence or found.line):
            return self._open(self._tails(remembered))
        current = self._appender.complete(remembered, found)
        if current.key == self._key:
            return current
        last = last_link(self._case.path, current.writer)
        said = last is not None and (last.line.event, last.line.what) == (chain.KEY_CHANGED, self._key)
        if current.key and self._key and not said:
            current = self._appender.say(current, chain.KEY_CHANGED, what=self._key)
        return self._open([_tail(current)])

    def _open(self, tails: Sequence[Tail]) -> Memory:
        salt = memory.new_salt()
        taken = writers(self._case.path)
        fresh = Memory(
            machine=memory.mark(salt, self._home),
            salt=salt,
            key=self._key,
            writer=next(name for name in iter(lambda: layout.random_letters(8), "") if name not in taken),
        )
        what = chain.tails_text(tails[: chain.MAX_TAILS])
        return self._appender.say(fresh, chain.OPENED, sha256=self._case.sha256, what=what)

    def _tails(self, known: Memory) -> list[Tail]:
        """Return the remembered tail and the one that is there; for a log without a line, those that it was to name."""
        if known.sequence:
            tails = [_tail(known)]
        else:
            tails = list(chain.parse_tails(chain.parse_line(known.pending.encode("ascii")).what))
        last = last_link(self._case.path, known.writer)
        if last is not None:
            tails.append(Tail(writer=known.writer, sequence=last.line.seq, digest=last.digest))
        return tails

    def _own_tails(self) -> list[Tail]:
        """Return the tails of logs that this installation's keys signed, and that none of those follows."""
        tails: list[Tail] = []
        followed: set[Tail] = set()
        for writer in writers(self._case.path):
            signed = signed_head(self._case.path, writer)
            if signed is not None and signed[1].fingerprint in self._signers:
                tails.append(Tail(writer=writer, sequence=signed[0].sequence, digest=signed[0].digest))
                followed.update(follows(self._case.path, writer))
        return [tail for tail in tails if tail not in followed]

    def _make_folders(self) -> None:
        (self._case.path / layout.WORK).mkdir(exist_ok=True)
        custody = self._case.path / layout.CUSTODY
        if not custody.is_dir():
            custody.mkdir(exist_ok=True)
            sync_folder(self._case.path)


def _tail(known: Memory) -> Tail:
    return Tail(writer=known.writer, sequence=known.sequence, digest=known.digest)
