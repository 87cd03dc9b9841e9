"""The command `export`: makes a package of captures that can be handed on, checked alone and taken over by others."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver import times
from archiver.case.index import Entry
from archiver.case.store import Case, open_case
from archiver.cli.context import Context, pass_context, shared_options
from archiver.cli.find import find_all
from archiver.cli.text import safe
from archiver.errors import UsageError

if TYPE_CHECKING:
    from archiver.export.package import Package

_LONGEST = 1000


@click.command(
    "export",
    epilog="""\b
Examples:
  archiver export last --format zip --to 'Chambers of A. Roe' --medium 'USB stick 7'
  archiver export k7f3q9 m2x8pd --format zip -o exhibit-4.zip

\b
Exit status: 0 exported · 1 something that has to go is damaged · 2 the file exists,
or an id is ambiguous · 12 no such capture
""",
)
@click.argument("captures", nargs=-1, required=True, metavar="ID...")
@click.option("--format", "form", type=click.Choice(["zip"]), default="zip", show_default=True, help="What to make.")
@click.option("--to", default="", metavar="WHO", help="Who gets it. Kept in the log and in the package for ever.")
@click.option("--medium", default="", metavar="WHAT", help="On or over what it goes: a stick, an address, a service.")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="PATH", help="The file, or the folder for it.")
@shared_options
@pass_context
def command(context: Context, captures: tuple[str, ...], form: str, to: str, medium: str, output: Path | None) -> int:
    """Make a package of captures, with all that is needed to check them alone: seals, time-stamps, custody log.

    Of other captures it holds nothing but what seals and log lines need: ids, digests, numbers, times, and in one word
    how each ended. Private notes and tags stay here. The log is told what went, and to whom it goes if you say so.

    ID is any unique part of a capture's id, a post's link or id, or 'last'.
    """
    del form  # There is one choice, and it is what is made.
    from archiver.custody.desk import open_desk
    from archiver.export.contents import gather
    from archiver.export.package import make

    settings = context.settings()
    case = open_case(Path(settings.case.path), writing=True)
    chosen = [entry for entry, _ in find_all(case.path, captures)]
    _refuse_received(chosen)
    stated = [_stated(name, text) for name, text in (("--to", to), ("--medium", medium))]
    target = _target(case, sorted({entry.id for entry in chosen}), output)
    desk = open_desk(case, settings)
    own = desk.home.as_signer(desk.signer.key) if desk.signer is not None else None
    contents = gather(case, (entry.id for entry in chosen), own)
    package = make(desk, contents, target, to=stated[0], medium=stated[1])
    fingerprint = desk.signer.key.fingerprint if desk.signer is not None else ""
    _show(context, package, fingerprint)
    pending = contents.unstamped if settings.timestamp.enabled else contents.unsealed
    if pending:
        what = "this capture" if len(contents.captures) == 1 else f"{len(pending)} of these captures"
        context.warn(
            f"archiver: the seal of {what} is pending: nothing in the package proves yet when it existed\n"
            "  next: 'archiver seal', then export again"
        )
    return 0


def _show(context: Context, package: Package, fingerprint: str) -> None:
    contents = package.contents
    if context.as_json:
        context.emit(
            {
                "type": "export",
                "path": str(package.path),
                "bytes": package.bytes,
                "sha256": package.sha256,
                "transfer": package.transfer,
                "fingerprint": fingerprint,
                "captures": list(contents.captures),
                "unsealed": list(contents.unsealed),
                "unstamped": list(contents.unstamped),
            }
        )
        return
    count = f"{len(contents.captures)} capture{'' if len(contents.captures) == 1 else 's'}"
    rows = (
        ("package", f"{package.path}  {count}, {len(contents.members)} files"),
        ("bytes", str(package.bytes)),
        ("sha256", package.sha256),
        ("transfer", package.transfer),
        ("signed by", fingerprint or "nobody: signing is switched off"),
    )
    for name, text in rows:
        context.result(f"{name:<12}{safe(text)}")
    context.say(
        "Hand over on another way, so that nobody can exchange both: the SHA-256 above"
        + (",\nand the line that 'archiver key show' prints" if fingerprint else "")
        + ".\nThe recipient runs 'archiver verify' or 'archiver import' on the package."
    )


def _refuse_received(chosen: list[Entry]) -> None:
    for entry in chosen:
        if entry.received:
            raise UsageError(
                f"{entry.id} came in a package from somebody else",
                advice=f"hand on the package as it came: it stands in received/{entry.received}/package",
            )


def _stated(name: str, text: str) -> str:
    text = text.strip()
    if len(text) > _LONGEST or any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in text):
        raise UsageError(f"{name} is longer than {_LONGEST} characters, or holds control characters or no text")
    return text


def _target(case: Case, captures: list[str], output: Path | None) -> Path:
    """Return the file to make."""
    slug = re.sub(r"[^a-z0-9]+", "-", case.record.title.lower())[:40].strip("-") or "evidence"
    what = captures[0] if len(captures) == 1 else times.to_compact(datetime.now(UTC))
    path = output or Path()
    if path.is_dir():
        path = path / f"{slug}-{what}.zip"
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent}", advice="make it first, or name another with -o")
    if path.resolve().is_relative_to(case.path.resolve()):
        raise UsageError(
            f"{path} is inside the case, where nothing may be added", advice="name a place outside with -o"
        )
    return path
