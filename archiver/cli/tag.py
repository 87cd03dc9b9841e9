"""The command `tag`: words by which captures are found again; they stay in `working/` and are no evidence."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from archiver.case import working
from archiver.case.store import open_case
from archiver.cli.context import Context, pass_context, shared_options
from archiver.cli.find import find_one
from archiver.cli.text import safe
from archiver.errors import UsageError


@click.command(
    "tag",
    epilog="""\b
Examples:
  archiver tag last shelling kharkiv     add two tags to the newest capture
  archiver tag last --remove kharkiv     take one away
  archiver tag last                      the tags of a capture
  archiver tag                           all tags, with how many captures have them
  archiver list --tag shelling           the captures that have one

Exit status: 0 done · 2 no tag, or the id is ambiguous · 12 no case, or no such capture
""",
)
@click.argument("capture", metavar="[ID]", default="")
@click.argument("words", nargs=-1, metavar="[WORD]...")
@click.option("--remove", multiple=True, metavar="WORD", help="Take a tag away.")
@shared_options
@pass_context
def command(context: Context, capture: str, words: tuple[str, ...], remove: tuple[str, ...]) -> int:
    """Tag a capture with words, or list tags. ID is any unique part of a capture's id, a post's link or id, or 'last'.

    Tags are your own: they are in the case's folder 'working', never sealed, and no part of what is handed on. Capitals
    do not count.
    """
    case = open_case(Path(context.settings().case.path), writing=bool(words or remove)).path
    if not capture:
        if remove:
            raise UsageError("--remove needs the ID of a capture")
        _list_all(context, case)
        return 0
    entry, _ = find_one(case, capture)
    after = working.change_tags(case, entry.id, add=map(working.tag_word, words), remove=map(working.tag_word, remove))
    if context.as_json:
        context.emit({"type": "tags", "id": entry.id, "tags": list(after)})
    else:
        context.result("  ".join((entry.id, *map(safe, after))))
    return 0


def _list_all(context: Context, case: Path) -> None:
    counts = Counter(word for words in working.tags(case).values() for word in words)
    for word, count in sorted(counts.items()):
        if context.as_json:
            context.emit({"type": "tag", "tag": word, "captures": count})
        else:
            context.result(f"{count:>6}  {safe(word)}")
