"""Shows on a terminal how far large downloads have come; nothing of it goes where output is kept or among the lines."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archiver.cli.context import Context
from archiver.cli.text import shorten

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from archiver.recorder.sink import Watch

SHOWN = 1 << 20
"""Bytes from which on a download is worth a line."""


@contextmanager
def progress(visible: bool, context: Context) -> Iterator[Watch | None]:
    """Give out what the recorder tells of its progress to, or None where nobody would see it.

    Args:
        visible: whether standard error is a terminal on which bars are wanted.
        context: prints the lines, for which the bars make room.
    """
    if not visible:
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    # Lines are printed as everywhere else: rich would wrap them, and send what belongs into a file to the terminal.
    shown = Progress(
        *columns, console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False
    )
    bars = _Bars(shown)
    context.room = bars.room
    try:
        yield bars
    finally:
        context.room = nullcontext
        shown.stop()


class _Bars:
    def __init__(self, shown: Progress) -> None:
        self._shown = shown
        self._tasks: dict[tuple[int, str], TaskID] = {}
        # An interrupt prints a line wherever the main thread stands, in the midst of printing one as well.
        self._lock = threading.RLock()

    def __call__(self, url: str, received: int, expected: int | None, *, ended: bool) -> None:
        """Draw a bar for a download that is large enough, and take it away at its end."""
        key = (threading.get_ident(), url)
        if ended:
            with self._lock:
                if key in self._tasks:
                    self._shown.remove_task(self._tasks.pop(key))
        elif max(received, expected or 0) >= SHOWN:
            with self._lock:
                if key not in self._tasks:
                    name = urlsplit(url).path.rpartition("/")[2]
                    self._tasks[key] = self._shown.add_task(shorten(name, 40), total=expected)
                    self._shown.start()
                self._shown.update(self._tasks[key], completed=received)

    @contextmanager
    def room(self) -> Iterator[None]:
        """Take the bars off the screen while a line is printed."""
        with self._lock:
            self._shown.stop()
            try:
                yield
            finally:
                if self._tasks:
                    self._shown.start()
