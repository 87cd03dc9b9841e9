"""The command `open`: hands a capture to the desktop: its rendition, its folder, or one of its media."""

from __future__ import annotations

from pathlib import Path

import click

from archiver.case import layout
from archiver.case.store import open_case
from archiver.cli.context import Context, pass_context, shared_options
from archiver.cli.find import find_one
from archiver.cli.text import safe
from archiver.errors import ArchiverError, CaseNotFound


@click.command("open", epilog="Exit status: 0 opened · 1 nothing to open it with · 12 no such capture")
@click.argument("capture", metavar="ID")
@click.option("--folder", is_flag=True, help="Open the capture's folder.")
@click.option("--media", type=click.IntRange(0), metavar="N", help="Open media N of the post, counted from 1.")
@shared_options
@pass_context
def command(context: Context, capture: str, folder: bool, media: int | None) -> int:
    """Open a capture's rendition (post.html) with the desktop's own programs; print its path."""
    case = open_case(Path(context.settings().case.path))
    _, found = find_one(case.path, capture)
    target = found if folder else found / layout.POST_HTML
    if media is not None:
        target = _media(found, media)
    context.result(safe(str(target)))
    if click.launch(str(target)):
        raise ArchiverError("no program on this machine opened it", advice="open the printed path by hand")
    return 0


def _media(found: Path, number: int) -> Path:
    named = sorted((found / layout.MEDIA).glob(f"{number:02}.*")) or sorted(
        (found / layout.MEDIA).glob(f"{number:02}-*")
    )
    if not named:
        raise CaseNotFound(f"the capture has no media {number}", advice="'archiver show ID' lists what it has")
    return named[0]
