"""The command `list`: one line for each capture of the case, or for those that a search means."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import get_args

import click
import msgspec

from archiver.case.index import Entry, entries
from archiver.case.store import open_case
from archiver.cli.context import Context, pass_context, shared_options
from archiver.cli.search import Search
from archiver.cli.tables import csv_row
from archiver.cli.text import safe, shorten
from archiver.model import Outcome

_COLUMNS = (
    "id",
    "started",
    "outcome",
    "reason",
    "platform",
    "post",
    "url",
    "author",
    "name",
    "created",
    "media",
    "text",
)


@click.command(
    "list",
    epilog="""\b
Examples:
  archiver list                          everything, oldest first
  archiver list 'words in the text'      in any script; all of the words have to be there
  archiver list --outcome absent --since 2025-03-01

Exit status: 0 listed · 12 no case
""",
)
@click.argument("text", nargs=-1, metavar="[TEXT]...")
@click.option("--author", default="", metavar="HANDLE", help="Only posts by this account.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="Only posts from this UTC day on.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="Only posts up to this UTC day.")
@click.option("--outcome", multiple=True, type=click.Choice(get_args(Outcome)[:4]), help="Only captures that ended so.")
@click.option("--csv", "as_csv", is_flag=True, help="Print a table for spreadsheets.")
@shared_options
@pass_context
def command(
    context: Context,
    text: tuple[str, ...],
    author: str,
    since: datetime | None,
    until: datetime | None,
    outcome: tuple[str, ...],
    as_csv: bool,
) -> int:
    """List the captures of the case, oldest first, all or those that TEXT and the options mean."""
    case = open_case(Path(context.settings().case.path))
    search = Search(text=" ".join(text), author=author, since=_day(since), until=_day(until), outcomes=outcome)
    if as_csv:
        context.result(csv_row(_COLUMNS))
    for entry in filter(search.fits, entries(case.path)):
        if context.as_json:
            context.emit({"type": "entry", **msgspec.to_builtins(entry)})
        elif as_csv:
            context.result(csv_row(str(getattr(entry, column)) for column in _COLUMNS))
        else:
            context.result(_line(entry))
    return 0


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment is not None else None


def _line(entry: Entry) -> str:
    outcome = f"{entry.outcome} ({safe(entry.reason)})" if entry.reason else entry.outcome
    author = f"@{safe(entry.author)}" if entry.author else entry.url or f"{entry.platform}:{entry.post}"
    media = f"{entry.media} media" if entry.media else ""
    columns = (f"{outcome:<22}", f"{author:<17}", f"{safe(entry.created):<20}", f"{media:<8}", shorten(entry.text, 100))
    return "  ".join((entry.id, *columns)).rstrip()
