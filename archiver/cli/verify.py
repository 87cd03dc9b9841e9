"""The command `verify`: reads captures back, offline, and says what holds and what does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from archiver import verify
from archiver.cli.context import Context, pass_context, shared_options
from archiver.cli.find import find_one
from archiver.cli.text import safe
from archiver.errors import CaseNotFound
from archiver.model import Finding

LIMIT = (
    "Intact means that the bytes are those that were sealed, and that what people read follows from them.\n"
    "It does not say who sealed them or when: captures of this version carry no signature and no time-stamp.\n"
    "No recording proves to a third party what a server sent."
)


@click.command(
    "verify",
    epilog="""\b
Examples:
  archiver verify                      the whole case
  archiver verify last                 the newest capture
  archiver verify path/to/capture      a capture, wherever it is

Exit status: 0 intact · 10 altered, missing, added or forged · 12 nothing there to verify
""",
)
@click.argument("what", nargs=-1, metavar="[PATH|ID]...")
@click.option(
    "--require",
    type=click.Choice(["intact"]),
    default="intact",
    show_default=True,
    help="What a capture has to be. Signatures and time-stamps are not made yet.",
)
@shared_options
@pass_context
def command(context: Context, what: tuple[str, ...], require: str) -> int:
    """Check captures: every byte, every record, and that what people read follows from what was received.

    Always offline; writes nothing. One finding a line, then a verdict.
    """
    del require  # There is one choice, and it is what is done.
    verdict = report(context, _findings(context, what))
    return 10 if verdict == "altered" else 0


def report(context: Context, findings: Iterable[Finding]) -> str:
    """Print findings as they come, then the verdict, and return it: "intact" or "altered"."""
    tally = verify.Tally()
    for finding in tally.watch(findings):
        if context.as_json:
            context.emit(
                {
                    "type": "finding",
                    "level": finding.level,
                    "check": finding.check,
                    "path": finding.path,
                    "ground": finding.ground,
                    "detail": finding.detail,
                }
            )
        elif finding.level != "ok" or context.verbose:
            context.result(_line(finding))
    if context.as_json:
        context.emit({"type": "verdict", **tally.as_dict()})
    else:
        context.result(f"{tally.verdict.upper()}: {tally.sentence}")
        if tally.verdict == "intact":
            context.say(LIMIT)
    return tally.verdict


def _findings(context: Context, what: tuple[str, ...]) -> Iterator[Finding]:
    case = Path(context.settings().case.path)
    for path in [_locate(case, text) for text in what] or [case]:
        yield from verify.verify(path)


def _locate(case: Path, text: str) -> Path:
    path = Path(text)
    if path.exists():
        return path
    if not case.is_dir():
        raise CaseNotFound(f"{text!r} is neither a path nor, as there is no case in {case}, the id of a capture")
    return find_one(case, text, keep=False)[1]


def _line(finding: Finding) -> str:
    where = f"{safe(finding.path)}: " if finding.path else ""
    return f"{finding.level:<8}{finding.check:<18}{where}{safe(finding.detail)} [{finding.ground}]"
