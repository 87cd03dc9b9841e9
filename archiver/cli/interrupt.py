"""What Ctrl-C does while captures run: the first lets the running ones end, the second stops at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 130


@contextmanager
def patient(say: Callable[[str], None]) -> Iterator[None]:
    """Let the first interrupt end the block in order, and a second one end the process.

    What a capture had received when the process is ended stays in the case's `.work`, and is not evidence.

    Args:
        say: tells the user.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    interrupts = 0

    def interrupted(_signal: int, _frame: FrameType | None) -> None:
        nonlocal interrupts
        interrupts += 1
        if interrupts > 1:
            os._exit(INTERRUPTED)
        say("archiver: no new captures; the running ones are being finished. Ctrl-C again stops at once.")
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
