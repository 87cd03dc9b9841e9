"""The command line: the only place that prints and exits; commands are loaded when they are called."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line and exit with the code that README.md lists."""
    from archiver.cli.interrupt import INTERRUPTED
    from archiver.cli.root import run

    # Whoever closed a stream wants nothing to be read from it or written to it: Python has None in its place.
    nothing = Path(os.devnull)
    sys.stdin = sys.stdin or nothing.open(encoding="utf-8")
    sys.stdout = sys.stdout or nothing.open("w", encoding="utf-8")
    sys.stderr = sys.stderr or nothing.open("w", encoding="utf-8")
    # What the terminal has no character for is shown as an escape, never an error.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read the output has enough of it; Python must not complain about that on its way out. But the command
        # did not come to its end: 0 would say that every capture is intact, or was made.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    if code == INTERRUPTED:
        # Python would wait for threads that wait for a network; whatever has to be on the disk is there.
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
