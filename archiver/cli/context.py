"""What every command shares: the options that may stand before or after it, the settings, and how it speaks."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import click

from archiver.cli.text import safe_lines
from archiver.config import Settings, load
from archiver.model import Json

_SHARED = ("case", "config", "quiet", "verbose", "as_json")


@dataclass
class Context:
    """The shared options of one call.

    Attributes:
        case: folder of the case as given, None to take it from the settings.
        config: configuration file as given.
        quiet: whether to leave out what is not asked for.
        verbose: whether to say more.
        as_json: whether results are JSON lines.
        stdin: standard input; the process's own if None.
        room: is entered while something is printed; whoever draws on the terminal makes room in it.
    """

    case: str | None = None
    config: str | None = None
    quiet: bool = False
    verbose: bool = False
    as_json: bool = False
    stdin: BinaryIO | None = None
    room: Callable[[], AbstractContextManager[None]] = nullcontext
    _settings: Settings | None = field(default=None, repr=False)

    def settings(self, flags: dict[str, dict[str, Any]] | None = None) -> Settings:
        """Return the settings in force: these flags, then the environment, then the file.

        Raises:
            ConfigError: see `config.load`.
        """
        merged = {"case": {"path": self.case}} | (flags or {})
        return load(Path(self.config) if self.config else None, flags=merged)

    def emit(self, value: Json) -> None:
        """Print one JSON object as a line of its own."""
        self.result(json.dumps(value))

    def result(self, text: str = "") -> None:
        """Print a line of the result. The caller has made untrusted parts harmless."""
        with self.room():
            print(text, flush=True)

    def say(self, text: str) -> None:
        """Print lines for people on standard error, unless quiet."""
        if not self.quiet:
            self.warn(text)

    def warn(self, text: str) -> None:
        """Print lines for people on standard error, even if quiet."""
        with self.room():
            for line in safe_lines(text):
                print(line, file=sys.stderr, flush=True)


def shared_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the shared options to a command, so that they may stand before or after its name."""

    @click.option("-C", "--case", metavar="CASE", help="Folder of the case.  [default: ./evidence, or ARCHIVER_CASE]")
    @click.option("--config", metavar="FILE", help="Configuration file to use.")
    @click.option("-q", "--quiet", is_flag=True, help="Print results and problems only.")
    @click.option("-v", "--verbose", is_flag=True, help="Print more.")
    @click.option("--json", "as_json", is_flag=True, help="Print results as JSON, one object a line.")
    @functools.wraps(command)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        context = click.get_current_context().obj
        for name in _SHARED:
            value = kwargs.pop(name)
            if value:
                setattr(context, name, value)
        return command(*args, **kwargs)

    return wrapper


pass_context = click.make_pass_decorator(Context)
