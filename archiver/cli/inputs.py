"""Reads what the user gave: links on the command line, files, standard input; parsing is intake's."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from archiver.errors import FormatError, NoSource, UsageError
from archiver.intake.lists import Intake, Problem, read_argument, read_input
from archiver.model import Place

MAX_INPUT = 64 << 20
"""Bytes that an input file may have."""


def gather(
    arguments: Sequence[str], batch_files: Sequence[str], stdin: BinaryIO | None, column: str | None = None
) -> Intake:
    """Read every input; a bad one is a problem and costs the others nothing.

    Args:
        arguments: links, files, or "-" for standard input.
        batch_files: files of links.
        stdin: standard input; the process's own if None. It is read without being named if nothing else is.
        column: name of the column that holds the links, which makes every file a table.

    Returns:
        Everything together. Header and rows are there if there was one input, and it was a table.

    Raises:
        UsageError: there is no input at all, or one that is too large, or without the column that is named.
        NoSource: there is no post in any of it.
    """
    stream = stdin or sys.stdin.buffer
    if not arguments and not batch_files:
        arguments = ("-",)
    read = (_read_stream(stream, column) if argument == "-" else _read(argument, column) for argument in arguments)
    try:
        found = [*read, *(_read_file(name, column) for name in batch_files)]
    except FormatError as error:
        raise UsageError(str(error), advice=error.advice) from None
    gathered = Intake(
        mentions=tuple(mention for intake in found for mention in intake.mentions),
        problems=tuple(problem for intake in found for problem in intake.problems),
        leads=tuple(lead for intake in found for lead in intake.leads),
        pages=tuple(page for intake in found for page in intake.pages),
        header=found[0].header if len(found) == 1 else (),
        rows=found[0].rows if len(found) == 1 else (),
    )
    if gathered.mentions or gathered.problems or gathered.pages:
        return gathered
    raise NoSource("no link to a post was found in what was given")


def _read_stream(stream: BinaryIO, column: str | None) -> Intake:
    if stream.isatty():
        print("Paste links or text, then an empty line:", file=sys.stderr, flush=True)
        data = b"".join(iter(lambda: _line(stream), b""))
    else:
        data = _limited(stream.read(MAX_INPUT + 1), "standard input")
    return read_input(data, Place(kind="stdin"), column=column)


def _line(stream: BinaryIO) -> bytes:
    """Return the next line that was typed or pasted, nothing for an empty one or the end."""
    line = stream.readline(MAX_INPUT)
    return line if line.strip() else b""


def _read(argument: str, column: str | None) -> Intake:
    return read_argument(argument) or _read_file(argument, column)


def _read_file(name: str, column: str | None) -> Intake:
    path = Path(name)
    place = Place(kind="file", name=path.name)
    try:
        with path.open("rb") as file:
            data = _limited(file.read(MAX_INPUT + 1), path.name)
    except (OSError, ValueError) as error:
        what = getattr(error, "strerror", None) or "not a name that a file can have"
        problem = Problem(place=Place(kind="argument"), input=name, what=f"neither a link nor a file: {what}")
        return Intake(problems=(problem,))
    return read_input(data, place, column=column)


def _limited(data: bytes, name: str) -> bytes:
    if len(data) > MAX_INPUT:
        raise UsageError(f"{name} is larger than {MAX_INPUT >> 20} MiB", advice="split it into smaller files")
    return data
