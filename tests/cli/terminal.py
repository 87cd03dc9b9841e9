"""Runs the program on a terminal of its own, and types there what it asks for."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 30.0
_REDIRECT = 'terminal=$1; shift; exec "$@" <"$terminal" 2>"$terminal"'


@dataclass(frozen=True)
class Session:
    """How it ended: exit code, standard output, and what stood on the terminal."""

    code: int
    out: str
    drawn: str


def on_terminal(folder: Path, arguments: tuple[str, ...], *answers: tuple[str, str]) -> Session:
    """Run `archiver ARGUMENTS` in a folder, with standard input and error on a terminal.

    Args:
        folder: where.
        arguments: the command line.
        answers: what has to be asked for, in this order, and what is typed then.
    """
    ours, theirs = os.openpty()
    program = ["sh", "-c", _REDIRECT, "sh", os.ttyname(theirs), sys.executable, "-m", "archiver", *arguments]
    # The leader of a new session that opens a terminal has it as its own.
    with subprocess.Popen(program, cwd=folder, stdout=subprocess.PIPE, start_new_session=True) as process:
        drawn = b""
        try:
            for asked, typed in answers:
                seen = len(drawn)
                while asked.encode() not in drawn[seen:]:
                    drawn += _read(ours)
                os.write(ours, typed.encode())
            out, _ = process.communicate(timeout=PATIENCE)
            while select.select([ours], [], [], 0)[0]:
                drawn += _read(ours)
        finally:
            process.kill()
            os.close(theirs)
            os.close(ours)
    return Session(process.returncode, out.decode(), drawn.decode())


def _read(terminal: int) -> bytes:
    if not select.select([terminal], [], [], PATIENCE)[0]:
        raise AssertionError("nothing more was asked")
    return os.read(terminal, 1 << 16)
