"""The command `log`: the custody log as a table that people can read; it judges nothing, which is `verify`'s to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import click
import msgspec

from archiver.case import layout
from archiver.case.store import open_case
from archiver.cli.context import Context, pass_context, shared_options
from archiver.cli.find import find_one
from archiver.cli.text import safe
from archiver.custody.chain import OPENED, Line
from archiver.custody.logs import Event, events, writers
from archiver.custody.sealing import seals
from archiver.errors import CaseNotFound, UsageError

_WIDTHS = (19, 12, 23)


@click.command(
    "log",
    epilog="""\b
Examples:
  archiver log             every event of the case
  archiver log last        what concerns the newest capture, with the seals that list it

Exit status: 0 shown · 2 the id is ambiguous · 12 no case, or no such capture
""",
)
@click.argument("capture", metavar="[ID]", default="")
@shared_options
@pass_context
def command(context: Context, capture: str) -> int:
    """Show the custody log: who did what, when. All of it, or the lines that concern one capture.

    ID is any unique part of a capture's id, a post's link or id, or 'last'; also of an attempt that left no capture.
    """
    case = open_case(Path(context.settings().case.path)).path
    shown = _about(case, _find(case, capture)) if capture else None
    several = len(writers(case)) > 1
    if not context.as_json:
        context.result(_row("time (UTC)", "event", "capture", "writer" if several else "", "what"))
    for event in events(case):
        if shown is not None and not shown(event.line):
            continue
        if context.as_json:
            context.emit({"type": "event", **msgspec.to_builtins(event.line), "text": _text(event)})
        else:
            context.result(_line(event, several))
    context.say("this shows the log as it stands; 'archiver verify' checks it")
    return 0


def _find(case: Path, text: str) -> str:
    """Return the capture id that a text designates: of a capture, or of one that only the log tells of."""
    try:
        return find_one(case, text)[0].id
    except CaseNotFound:
        found = {event.line.capture for event in events(case) if text in event.line.capture}
        if not found:
            raise
    if len(found) > 1:
        raise UsageError(f"{text!r} matches {len(found)} captures in the custody log", advice="give more of the id")
    return found.pop()


def _about(case: Path, capture: str) -> Callable[[Line], bool]:
    """Return what tells the lines about a capture, and about the seals that list it, from all others."""
    folders = tuple(f"{layout.SEALS}/{name}/" for name, item in seals(case) if capture in item.captures)
    return lambda line: line.capture == capture or line.what.startswith(folders)


def _text(event: Event) -> dict[str, str | tuple[str, ...]] | None:
    return dict(event.text) if event.text is not None else None


def _line(event: Event, several: bool) -> str:
    line = event.line
    time = line.at[:19].replace("T", " ")
    return _row(time, line.event, line.capture, line.writer if several else "", "  ".join(_words(event)))


def _row(time: str, event: str, capture: str, writer: str, words: str) -> str:
    cells = [f"{cell:<{width}}" for cell, width in zip((time, event, capture), _WIDTHS, strict=True)]
    return "  ".join([*cells, *([f"{writer:<8}"] if writer else []), words]).rstrip()


def _words(event: Event) -> Iterator[str]:
    """Yield what a line and its words say, harmless, and nothing twice."""
    line = event.line
    if line.event == OPENED and line.what:
        tails = (tail.split(":") for tail in line.what.split())
        yield f"follows {', '.join(f'line {number} of {writer}' for writer, number, _ in tails)}"
    elif line.what:
        yield safe(line.what)
    for name, value in (event.text or {}).items():
        said = value if isinstance(value, str) else ", ".join(value)
        if said and said != line.what:
            yield f"{safe(name)}: {safe(said)}"
    if line.details and event.text is None:
        yield "(its words are not here)"
