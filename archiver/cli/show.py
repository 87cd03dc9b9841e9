"""The command `show`: what one capture says, with what it does not have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from archiver import canonical
from archiver.case import layout, working
from archiver.case.store import open_case
from archiver.cli.context import Context, pass_context, shared_options
from archiver.cli.find import find_one
from archiver.cli.note import NOTED
from archiver.cli.results import place_text
from archiver.cli.text import safe, safe_lines
from archiver.custody.logs import events
from archiver.custody.manifest import CustodyManifest, from_bytes
from archiver.model import Json
from archiver.platforms.ids import id_time


@click.command("show", epilog="Exit status: 0 shown · 2 the id is ambiguous · 12 no such capture")
@click.argument("capture", metavar="ID")
@shared_options
@pass_context
def command(context: Context, capture: str) -> int:
    """Show one capture. ID is any unique part of a capture's id, a post's link or id, or 'last'."""
    case = open_case(Path(context.settings().case.path))
    _, folder = find_one(case.path, capture)
    manifest = from_bytes((folder / layout.CUSTODY_MANIFEST).read_bytes())
    notes = [*_disclosed(case.path, folder.name), *_private(case.path, folder.name)]
    tags = working.tags(case.path).get(folder.name, ())
    if context.as_json:
        account = msgspec.to_builtins(manifest)
        context.emit({"type": "show", "path": str(folder), "manifest": account, "notes": notes, "tags": list(tags)})
        return 0
    for line in _describe(manifest):
        # What came in a package may hold anything, where what was captured here holds only what this program writes.
        context.result(safe(line))
    for pointer in _not_read(folder):
        context.result(f"{'not read':<12}{safe(pointer) or 'the whole answer'} (raw in the WARC)")
    for note in notes:
        _show_note(context, note)
    if tags:
        context.result(f"{'tags':<12}{safe('  '.join(tags))}")
    context.result(f"{'folder':<12}{safe(str(folder))}")
    return 0


def _disclosed(case: Path, capture: str) -> Iterator[dict[str, Json]]:
    """Yield the notes on a capture that are in the custody log."""
    for event in events(case):
        if event.line.event == NOTED and event.line.capture == capture:
            note = (event.text or {}).get("note", "(its words are not here)")
            yield {"at": event.line.at, "note": note if isinstance(note, str) else "\n".join(note), "private": False}


def _private(case: Path, capture: str) -> Iterator[dict[str, Json]]:
    """Yield the notes on a capture that are nobody else's business."""
    for note in working.notes(case, capture):
        yield {"at": note.at, "note": note.note, "private": True}


def _show_note(context: Context, note: dict[str, Json]) -> None:
    first, *more = safe_lines(note["note"])
    context.result(f"{'private' if note['private'] else 'note':<12}{safe(note['at'])[:19]}  {first}")
    for line in more:
        context.result(f"{'':<12}{line}")


def _not_read(folder: Path) -> list[str]:
    """Return where in the answers there is something that post.json does not carry."""
    post = canonical.decode((folder / layout.POST_JSON).read_bytes())
    listed = post.get("not_understood") if isinstance(post, dict) else None
    return [str(item.get("pointer")) for item in listed or () if isinstance(item, dict)]


def _describe(manifest: CustodyManifest) -> list[str]:
    summary = manifest.summary
    reason = f" ({safe(manifest.reason)})" if manifest.reason else ""
    rows = [
        ("capture", manifest.capture),
        ("outcome", f"{manifest.outcome}{reason}"),
        ("post", safe(summary.url or manifest.url)),
        ("author", f"{safe(summary.name)} @{safe(summary.author)}" if summary.author else ""),
        ("posted", safe(summary.created)),
        ("id made", id_time(manifest.platform, manifest.id)),
        *(("text", line) for line in safe_lines(summary.text) if summary.text),
        ("words", safe(manifest.words)),
        ("operator", safe(manifest.operator.name)),
        ("purpose", safe(manifest.operator.purpose)),
        ("captured", f"{manifest.started} to {manifest.ended}"),
        ("access", "with a login of the operator's" if manifest.access.login else ""),
    ]
    rows += [("input", f"{safe(item.input)}  {place_text(item.place)}") for item in manifest.inputs]
    rows += [("route", safe(url)) for item in manifest.inputs for url in item.route]
    for comparison in manifest.comparisons:
        verb = "agrees" if comparison.agrees else f"DIFFERS: the post has {safe(comparison.came)}"
        rows.append(("claim", f"{comparison.what} {safe(comparison.claimed)} {verb}"))
    rows += [("witness", f"{item.source}: author {item.author}, text {item.text}") for item in manifest.corroboration]
    rows += [("missing", f"{safe(item.what)}: {safe(item.reason)}") for item in manifest.missing]
    rows += [
        ("file", f"{file.path}  {file.bytes} bytes  {file.media_type}  {safe(file.rendition)}".rstrip())
        for file in manifest.files
    ]
    rows.append(("exchanges", f"{len(manifest.exchanges)} in {len(manifest.records)} WARC records"))
    return [f"{name:<12}{text}" for name, text in _without_repeats(rows) if text]


def _without_repeats(rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [("" if index and rows[index - 1][0] == name else name, text) for index, (name, text) in enumerate(rows)]
