"""The command `list`: one line for each capture of the case."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from archiver.case.index import Entry, entries
from archiver.case.store import open_case
from archiver.cli.context import Context, pass_context, shared_options
from archiver.cli.text import safe, shorten


@click.command("list", epilog="Exit status: 0 listed · 12 no case")
@shared_options
@pass_context
def command(context: Context) -> int:
    """List the captures of the case, oldest first."""
    case = open_case(Path(context.settings().case.path))
    for entry in entries(case.path):
        if context.as_json:
            context.emit({"type": "entry", **msgspec.to_builtins(entry)})
        else:
            context.result(_line(entry))
    return 0


def _line(entry: Entry) -> str:
    outcome = f"{entry.outcome} ({safe(entry.reason)})" if entry.reason else entry.outcome
    author = f"@{safe(entry.author)}" if entry.author else entry.url or f"{entry.platform}:{entry.post}"
    media = f"{entry.media} media" if entry.media else ""
    columns = (f"{outcome:<22}", f"{author:<17}", f"{safe(entry.created):<20}", f"{media:<8}", shorten(entry.text, 100))
    return "  ".join((entry.id, *columns)).rstrip()
