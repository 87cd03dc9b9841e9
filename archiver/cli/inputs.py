"""Reads what the user gave: links on the command line, files, standard input; parsing is intake's."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from archiver.errors import NoSource, UsageError
from archiver.intake.lists import Intake, Problem, read_argument, read_input
from archiver.model import Place

MAX_INPUT = 64 << 20
"""Bytes that an input file may have."""


def gather(arguments: Sequence[str], batch_files: Sequence[str], stdin: BinaryIO | None) -> Intake:
    """Read every input; a bad one is a problem and costs the others nothing.

    Args:
        arguments: links, files, or "-" for standard input.
        batch_files: files of links.
        stdin: standard input; the process's own if None. It is read without being named if it is no terminal.

    Raises:
        UsageError: there is no input at all.
    """
    stream = stdin or sys.stdin.buffer
    if not arguments and not batch_files and not stream.isatty():
        arguments = ("-",)
    read = (_read_stream(stream) if argument == "-" else _read(argument) for argument in arguments)
    found = [*read, *map(_read_file, batch_files)]
    gathered = Intake(
        mentions=tuple(mention for intake in found for mention in intake.mentions),
        problems=tuple(problem for intake in found for problem in intake.problems),
        leads=tuple(lead for intake in found for lead in intake.leads),
        pages=tuple(page for intake in found for page in intake.pages),
    )
    if not gathered.mentions and not gathered.problems and not gathered.pages:
        if arguments or batch_files:
            raise NoSource("no link to a post was found in what was given")
        raise UsageError(
            "there is nothing to capture", advice="give the link of a post, a file, or - for standard input"
        )
    return gathered


def _read_stream(stream: BinaryIO) -> Intake:
    return read_input(_limited(stream.read(MAX_INPUT + 1), "standard input"), Place(kind="stdin"))


def _read(argument: str) -> Intake:
    return read_argument(argument) or _read_file(argument)


def _read_file(name: str) -> Intake:
    path = Path(name)
    place = Place(kind="file", name=path.name)
    try:
        with path.open("rb") as file:
            data = _limited(file.read(MAX_INPUT + 1), path.name)
    except (OSError, ValueError) as error:
        what = getattr(error, "strerror", None) or "not a name that a file can have"
        problem = Problem(place=Place(kind="argument"), input=name, what=f"neither a link nor a file: {what}")
        return Intake(mentions=(), problems=(problem,))
    return read_input(data, place)


def _limited(data: bytes, name: str) -> bytes:
    if len(data) > MAX_INPUT:
        raise UsageError(f"{name} is larger than {MAX_INPUT >> 20} MiB", advice="split it into smaller files")
    return data
