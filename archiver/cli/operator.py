"""Asks once, on a terminal, who captures; the name is what the user states, and is never taken from the machine."""

from __future__ import annotations

import sys

from archiver.cli.context import Context
from archiver.config import Settings
from archiver.errors import UsageError

_QUESTION = """\
Who captures? A name or pseudonym, which stands in every capture and is
disclosed with it. Nothing for "not stated". 'archiver key new --as NAME'
changes it later, together with the key.
Name: """
_LONGEST = 4096


def ask_once(context: Context, settings: Settings) -> None:
    """Ask for the operator's name and keep it, the empty one too, unless it is known, or nobody is there to ask.

    Raises:
        ConfigError: the installation's data folder cannot be used.
    """
    # Nobody waits for cryptography to see a command's help.
    from archiver.custody.home import IDENTITY, Home

    home = Home.at(settings.signing.folder)
    known = settings.custody.operator or (home.path / IDENTITY).exists()
    stream = context.stdin or sys.stdin.buffer
    if known or context.quiet or context.as_json or not (stream.isatty() and sys.stderr.isatty()):
        return
    while True:
        print(_QUESTION, end="", file=sys.stderr, flush=True)
        typed = stream.readline(_LONGEST)
        if not typed:
            # The end of input is no answer.
            print(file=sys.stderr)
            return
        try:
            home.state_operator(typed.decode("utf-8", "surrogateescape"))
        except UsageError as error:
            context.warn(f"archiver: {error}")
        else:
            return
