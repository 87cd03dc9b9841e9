"""Hashes in threads beside the one that reads, from the same bytes, with a bounded amount waiting; it reads nothing."""

from __future__ import annotations

import threading
from queue import Queue
from types import TracebackType

from archiver.hashing import Hasher

_WAITING = 4
"""Pieces that may wait in a lane. A piece is at most 1 MiB."""


class Lane:
    """A thread that feeds hashers in the order in which it is told to; it starts with the first piece.

    A digest may be asked for only once the lane is left.
    """

    def __init__(self) -> None:
        self._queue: Queue[tuple[Hasher, bytes | memoryview] | None] = Queue(_WAITING)
        self._thread: threading.Thread | None = None

    def feed(self, hasher: Hasher, data: bytes | memoryview) -> None:
        """Hand over a piece; waits while too many are waiting already. The bytes must not change afterwards."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="hash", daemon=True)
            self._thread.start()
        self._queue.put((hasher, data))

    def __enter__(self) -> Lane:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            hasher, data = item
            hasher.update(data)


def feed_here(hasher: Hasher, data: bytes | memoryview) -> None:
    """Feed a hasher at once, in this thread: for pieces so small that handing them over would cost more."""
    hasher.update(data)
