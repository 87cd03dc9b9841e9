"""The command `list`: one line for each capture of the case, or for those that a search means."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import get_args

import click
import msgspec

from archiver.case import working
from archiver.case.index import Entry, entries, received_entries
from archiver.case.store import open_case
from archiver.cli.context import Context, pass_context, shared_options
from archiver.cli.search import Search
from archiver.cli.tables import csv_row
from archiver.cli.text import safe, shorten
from archiver.model import Json, Outcome

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
    "login",
    "received",
    "tags",
)


@click.command(
    "list",
    epilog="""\b
Examples:
  archiver list                          everything, oldest first
  archiver list 'words in the text'      in any script; all of the words have to be there
  archiver list --outcome absent --since 2025-03-01
  archiver list --tag shelling           what was tagged so with archiver tag

Exit status: 0 listed · 12 no case
""",
)
@click.argument("text", nargs=-1, metavar="[TEXT]...")
@click.option("--author", default="", metavar="HANDLE", help="Only posts by this account.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="Only posts from this UTC day on.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="Only posts up to this UTC day.")
@click.option("--outcome", multiple=True, type=click.Choice(get_args(Outcome)[:4]), help="Only captures that ended so.")
@click.option("--tag", multiple=True, metavar="WORD", help="Only captures that have this tag.")
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
    tag: tuple[str, ...],
    as_csv: bool,
) -> int:
    """List the captures of the case, oldest first, all or those that TEXT and the options mean."""
    case = open_case(Path(context.settings().case.path))
    search = Search(
        text=" ".join(text),
        author=author,
        since=_day(since),
        until=_day(until),
        outcomes=outcome,
        tags=tuple(map(working.tag_word, tag)),
    )
    tagged = working.tags(case.path)
    if as_csv:
        context.result(csv_row(_COLUMNS))
    listed = (*entries(case.path), *received_entries(case.path))
    for entry in sorted(listed, key=lambda entry: (entry.started, entry.id)):
        tags = tagged.get(entry.id, ())
        if not search.fits(entry, tags):
            continue
        if context.as_json:
            context.emit({"type": "entry", **_object(entry), "tags": list(tags)})
        elif as_csv:
            context.result(csv_row([*(str(getattr(entry, column)) for column in _COLUMNS[:-1]), " ".join(tags)]))
        else:
            context.result(_line(entry, tags))
    return 0


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment is not None else None


def _object(entry: Entry) -> dict[str, Json]:
    """Return an entry as JSON; `received` stands there only for what came in a package."""
    fields: dict[str, Json] = msgspec.to_builtins(entry)
    return {name: value for name, value in fields.items() if name != "received"} | (
        {"received": True} if entry.received else {}
    )


def _line(entry: Entry, tags: tuple[str, ...]) -> str:
    outcome = f"{entry.outcome} ({safe(entry.reason)})" if entry.reason else entry.outcome
    outcome = f"{outcome}, with a login" if entry.login else outcome
    outcome = f"{outcome}, received" if entry.received else outcome
    author = f"@{safe(entry.author)}" if entry.author else safe(entry.url or f"{entry.platform}:{entry.post}")
    media = f"{entry.media} media" if entry.media else ""
    columns = (f"{outcome:<22}", f"{author:<17}", f"{safe(entry.created):<20}", f"{media:<8}", shorten(entry.text, 100))
    return "  ".join((entry.id, *columns, *(f"#{safe(tag)}" for tag in tags))).rstrip()
