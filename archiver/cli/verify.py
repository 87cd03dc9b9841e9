"""The command `verify`: reads captures back, offline, and says what holds and what does not."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import msgspec

from archiver import verify
from archiver.case import layout
from archiver.case.store import open_case
from archiver.cli.context import Context, pass_context, shared_options
from archiver.cli.find import find_one
from archiver.cli.summary import Summary
from archiver.cli.text import safe
from archiver.cli.trusting import trust_of
from archiver.config import Settings
from archiver.errors import ArchiverError, CaseNotFound, UsageError
from archiver.model import Finding, Json
from archiver.verify.tally import REQUIREMENTS, Extent, Require, Tally

_MOST_OF_A_KIND = 5
"""Notes and warnings of one check that are printed one by one, where nobody asked for more."""
_SHORT = {
    "signed": "INTACT, BUT NOT SIGNED BY A KEY THAT YOU TRUST",
    "timestamped": "INTACT, BUT NOT TIME-STAMPED",
}
_UNSIGNED = "what nobody signed can no longer be signed;\n  'archiver verify --require intact' asks for no signature"
_ADVICE = {
    "signed": "ask the signer's side for the line that 'archiver key show' prints,\n"
    "  compare the fingerprint by telephone, and run 'archiver key trust LINE';\n"
    "  or name a file of such lines with --allowed-signers FILE",
    "timestamped": "run 'archiver seal', which asks for what is due,\n"
    "  or name the authorities' root certificates with --tsa-roots FILE",
}


@dataclass(frozen=True)
class Target:
    """Something that is to be verified.

    Attributes:
        path: where it is.
        case: the case that it is, or in which it stands; None if there is none, or only a package.
        capture: id of the capture; empty for a whole case.
    """

    path: Path
    case: Path | None
    capture: str


@click.command(
    "verify",
    epilog="""\b
Examples:
  archiver verify                            the whole case
  archiver verify last                       the newest capture
  archiver verify path/to/capture            a capture, wherever it is
  archiver verify package.zip                a package as it was handed over, without unpacking it
  archiver verify --allowed-signers FILE     trust the keys in FILE this time
  archiver verify --require timestamped      for a court: signed and time-stamped

\b
Exit status: 0 intact, and all that is required · 10 altered, missing, added or forged ·
11 intact, but below what is required · 12 nothing there to verify
""",
)
@click.argument("what", nargs=-1, metavar="[PATH|ID]...")
@click.option("--allowed-signers", metavar="FILE", help="Trust the keys in FILE, in OpenSSH's format, this time.")
@click.option(
    "--tsa-roots", metavar="FILE", help="Trust the root certificates in FILE (PEM) for time-stamps this time."
)
@click.option(
    "--require",
    type=click.Choice(REQUIREMENTS),
    default="signed",
    show_default=True,
    help="What each capture has to be: signed by a key that is yours or that you trust; time-stamped as well.",
)
@click.option("--record", is_flag=True, help="Tell the custody log of this verification. Nothing is written otherwise.")
@shared_options
@pass_context
def command(
    context: Context,
    what: tuple[str, ...],
    allowed_signers: str | None,
    tsa_roots: str | None,
    require: Require,
    record: bool,
) -> int:
    """Check captures: every byte, every record, who signed, when it existed, and that logs and captures agree.

    Always offline. First the findings, one a line; then a summary; last the verdict.

    A key counts as trusted if it is your own, if you chose to trust it ('archiver key trust'), or if it is in the file
    that you name. Nothing in a case or package is a ground for trust.
    """
    settings = context.settings()
    targets = [_target(Path(settings.case.path), text) for text in what or ("",)]
    if record and (stray := next((target for target in targets if target.case is None), None)):
        raise UsageError(
            f"{stray.path} is in no case, so that there is no log to record in", advice="leave out --record"
        )
    tally = Tally(require)
    tallies = [Tally(require) for _ in targets]
    report(context, _findings(settings, targets, tallies, allowed_signers or "", tsa_roots or ""), tally)
    for target, own in zip(targets, tallies, strict=True) if record else ():
        _record(context, settings, target, own)
    return tally.exit_code


def report(context: Context, findings: Iterable[Finding], tally: Tally | None = None) -> str:
    """Print findings as they come, then what they come to, and return the verdict: "intact" or "altered".

    Args:
        context: how to print.
        findings: what was found.
        tally: counts them, and knows what is required; if None, nothing more than being intact is.
    """
    tally = tally or Tally("intact")
    summary, printed = Summary(tally), Counter[tuple[str, str]]()
    for finding in summary.watch(tally.watch(findings)):
        if context.as_json:
            context.emit(_finding_object(finding))
        elif finding.level != "ok" or context.verbose:
            printed[finding.level, finding.check] += 1
            few = printed[finding.level, finding.check] <= _MOST_OF_A_KIND
            if few or context.verbose or finding.level == "failure":
                context.result(_line(finding))
    if context.as_json:
        context.emit({"type": "verdict", **tally.as_dict()})
        return tally.verdict
    for (level, check), count in printed.items():
        if count > _MOST_OF_A_KIND and level != "failure" and not context.verbose:
            context.result(f"{level:<8}{check:<18}and {count - _MOST_OF_A_KIND} more of this kind; -v lists them")
    if not context.quiet:
        if printed:
            context.result()
        for line in summary.lines(shutil.get_terminal_size().columns if sys.stdout.isatty() else None):
            context.result(line)
        context.result()
    context.result(f"{_verdict(tally)}: {tally.sentence}")
    if tally.exit_code == 11 and tally.shortfall:
        context.warn(f"  next: {_UNSIGNED if _is_unsigned(tally) else _ADVICE[tally.shortfall]}")
    return tally.verdict


def _verdict(tally: Tally) -> str:
    if _is_unsigned(tally):
        return "INTACT, BUT NOT ALL SIGNED" if tally.signed else "INTACT, BUT NOT SIGNED"
    if tally.verdict == "intact" and tally.shortfall:
        return _SHORT[tally.shortfall]
    return tally.verdict.upper()


def _is_unsigned(tally: Tally) -> bool:
    """Tell whether what falls short is that captures bear no signature, while all that bear one are trusted."""
    return tally.shortfall == "signed" and tally.verdict == "intact" and tally.trusted == tally.signed


def _findings(
    settings: Settings, targets: Iterable[Target], tallies: Iterable[Tally], allowed_signers: str, tsa_roots: str
) -> Iterator[Finding]:
    for target, tally in zip(targets, tallies, strict=True):
        trust = trust_of(settings, target.case or target.path, allowed_signers=allowed_signers, tsa_roots=tsa_roots)
        yield from tally.watch(verify.verify(target.path, trust))


def _target(case: Path, text: str) -> Target:
    path = Path(text) if text else case
    if text and not path.exists():
        if not case.is_dir():
            raise CaseNotFound(f"{text!r} is neither a path nor, as there is no case in {case}, the id of a capture")
        path = find_one(case, text, keep=False)[1]
    if (path / layout.CASE_FILE).is_file():
        return Target(path, _recordable(path), "")
    around = _recordable(verify.case_around(path))
    return Target(path, around, path.name if around is not None else "")


def _recordable(case: Path | None) -> Path | None:
    """Return a case but a package: that stays as it was handed over, and nothing is told to its logs."""
    return None if case is None or (case / layout.TRANSFER).exists() else case


def _record(context: Context, settings: Settings, target: Target, tally: Tally) -> None:
    """Tell the custody log what was verified, what was required, and what it came to."""
    from archiver.custody.desk import open_desk

    if target.case is None:
        return
    counts = {name: str(value) for name, value in tally.as_dict().items() if name not in ("verdict", "required", "met")}
    verdict = tally.verdict if tally.met or tally.verdict == "altered" else f"intact-not-{tally.shortfall}"
    try:
        line = open_desk(open_case(target.case), settings).log.append(
            "verified",
            capture=target.capture,
            what=verdict,
            text={"verified": target.capture or "the whole case", "required": tally.require, **counts},
        )
    except ArchiverError as error:
        # The verdict stands, and so does its exit code.
        context.warn(f"archiver: this verification is not recorded: {error}")
        context.warn(f"  next: {error.advice}")
        return
    if context.as_json:
        context.emit({"type": "recorded", "capture": line.capture or None, "at": line.at, "verdict": line.what})
    else:
        context.say(f"recorded in custody log {line.writer}, event {line.seq}")


def _finding_object(finding: Finding) -> dict[str, Json]:
    found: dict[str, Json] = {
        "type": "finding",
        "level": finding.level,
        "check": finding.check,
        "path": finding.path,
        "ground": finding.ground,
        "detail": finding.detail,
    }
    if isinstance(finding, Extent):
        added: dict[str, Json] = msgspec.to_builtins(finding)
        found |= {name: added[name] for name in ("signature", "signer", "basis", "stamps", "opened")}
    return found


def _line(finding: Finding) -> str:
    where = f"{safe(finding.path)}: " if finding.path else ""
    return f"{finding.level:<8}{finding.check:<18}{where}{safe(finding.detail)} [{finding.ground}]"
