"""The command `capture`: links, files and articles in, sealed captures out."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli import passphrase, results_file
from archiver.cli.context import Context, pass_context, shared_options
from archiver.cli.interrupt import patient
from archiver.cli.operator import ask_once
from archiver.cli.progress import progress
from archiver.cli.results import claim_lines, exit_code, place_text, problem_object, show_result
from archiver.cli.text import safe
from archiver.config import Settings

if TYPE_CHECKING:
    from archiver.batch import Result
    from archiver.intake.lists import Intake, Problem


@click.command(
    "capture",
    epilog="""\b
Examples:
  archiver capture 'https://x.com/user/status/1898000000000000000'
  archiver capture article.html
  archiver capture --dry-run article.txt
  archiver capture --cookies cookies.txt --context thread 'https://x.com/user/status/1898000000000000000'
  pbpaste | archiver capture -

An INPUT is tried as a link, then as a file; - is standard input. Quote links: shells take ? for a pattern.

With a login (--cookies, --cookies-from-browser) X shows more: posts that are restricted by age or protected, whole
threads. The cookies themselves are never stored. But what X serves to a login can name the account, and X can see what
it asked for: such captures are marked "with a login". Use an account made for this, and look before you hand one on.

\b
Exit status: 0 done · 2 usage · 3 some inputs are due again or could not be read · for one single
input also 4 network · 5 refused · 6 absent or withheld · 7 no post in it
""",
)
@click.argument("inputs", nargs=-1, metavar="[INPUT]...")
@click.option(
    "-a", "--batch-file", multiple=True, metavar="FILE", help="Read links from a file, one a line or in prose."
)
@click.option("-n", "--dry-run", is_flag=True, help="List what would be captured; contact nothing, write nothing.")
@click.option("--again", is_flag=True, help="Capture anew what is captured already.")
@click.option("--jobs", type=click.IntRange(1, 64), metavar="N", help="Captures that run at once.  [default: 4]")
@click.option(
    "--retries", type=click.IntRange(0, 20), metavar="N", help="Times to send a failed request again.  [default: 2]"
)
@click.option("--proxy", metavar="URL", help="Proxy to use, instead of HTTPS_PROXY.")
@click.option("--cookies", metavar="FILE", help="Use your own login to X, from a cookies.txt file.")
@click.option("--cookies-from-browser", metavar="NAME", help="Use your own login to X, from a browser on this machine.")
@click.option(
    "--context",
    "around",
    type=click.Choice(["none", "thread"]),
    help="thread: capture also what a post replies to and, with a login, how its author goes on.  [default: none]",
)
@click.option("--no-timestamp", is_flag=True, help="Ask for no time-stamps now; 'archiver seal' can later.")
@click.option("--note", metavar="TEXT", help="Note TEXT on every new capture; kept and disclosed with it for ever.")
@click.option("--column", metavar="NAME", help="Column of a CSV file that holds the links.")
@click.option(
    "--results",
    "results_path",
    type=click.Path(path_type=Path),
    metavar="FILE.csv",
    help="Write a table of what became of each input.",
)
@shared_options
@pass_context
def command(
    context: Context,
    inputs: tuple[str, ...],
    batch_file: tuple[str, ...],
    dry_run: bool,
    again: bool,
    jobs: int | None,
    retries: int | None,
    proxy: str | None,
    cookies: str | None,
    cookies_from_browser: str | None,
    around: str | None,
    no_timestamp: bool,
    note: str | None,
    column: str | None,
    results_path: Path | None,
) -> int:
    """Capture posts: links, short links, articles and files in which posts are linked or embedded."""
    # Imported when the command runs, here and below, so that its help is there at once.
    from archiver.cli import note as notes
    from archiver.cli.inputs import gather

    settings = context.settings(
        {
            "capture": {"jobs": jobs, "context": around},
            "network": {
                "retries": retries,
                "proxy": proxy,
                "cookies": cookies,
                "cookies_from_browser": cookies_from_browser,
            },
            "timestamp": {"enabled": False if no_timestamp else None},
        }
    )
    note = notes.checked(note) if note is not None else None
    if not dry_run:
        # Before anything is pasted: what follows an empty line in it would be taken for the answer.
        ask_once(context, settings)
    intake = gather(inputs, batch_file, context.stdin, column)
    if results_path is not None:
        results_file.check(results_path)
    for lead in intake.leads:
        day = f" of {lead.day}" if lead.day else ""
        context.warn(
            f"archiver: {place_text(lead.place)}: a post by @{lead.handle}{day} is quoted without a link to it"
        )
    if dry_run:
        return _list(context, intake)
    for problem in intake.problems:
        _report(context, problem)
    return _capture(context, intake, settings, again, results_path, note)


def _list(context: Context, intake: Intake) -> int:
    from archiver.intake.merge import merge

    for target in merge(intake.mentions):
        first = target.mentions[0]
        url = target.reference.url if target.reference else target.short_url or first.input
        if context.as_json:
            for mention in target.mentions:
                claim = mention.claim
                context.emit(
                    {
                        "type": "reference",
                        "input": mention.input,
                        "url": url,
                        "author": claim.handle,
                        "day": claim.day,
                        "place": place_text(mention.place),
                    }
                )
            continue
        context.result(f"{safe(url)}{claim_lines(target.mentions)}")
    for page, place in intake.pages:
        if context.as_json:
            context.emit({"type": "page", "input": page, "url": page, "place": place_text(place)})
        else:
            context.result(f"{safe(page)}  article, to be read for posts  {place_text(place)}")
    for problem in intake.problems:
        _report(context, problem)
    if not intake.mentions and not intake.pages:
        return exit_code((), len(intake.problems))
    return 3 if intake.problems else 0


def _report(context: Context, problem: Problem) -> None:
    if context.as_json:
        context.emit(problem_object(problem))
    else:
        given = f"{problem.input}: " if problem.input else ""
        context.warn(f"archiver: {place_text(problem.place)}: {given}{problem.what}")
        if problem.advice:
            context.warn(f"  next: {problem.advice}")


def _capture(
    context: Context, intake: Intake, settings: Settings, again: bool, results_path: Path | None, note: str | None
) -> int:
    from archiver import batch
    from archiver.case.store import open_or_make
    from archiver.cli import note as notes
    from archiver.custody.home import Home

    path = Path(settings.case.path)
    case, made = open_or_make(path, settings.case.title)
    if made:
        context.say(f"new case: {path}")
    home = Home.at(settings.signing.folder)
    first = not settings.signing.unsigned and home.public() is None
    results: list[Result] = []

    def tell(text: str) -> None:
        context.warn(f"archiver: {text}")

    visible = sys.stderr.isatty() and not (context.quiet or context.as_json)
    with (
        patient(context.warn),
        progress(visible, context) as watch,
        batch.open_run(case, settings, watch=watch, passphrase=passphrase.ask, tell=tell) as shared,
    ):
        if first and shared.signer is not None:
            context.say(
                f"new key in {home.path}, which signs from now on: {shared.signer.key.fingerprint}\n"
                "  next: keep a copy elsewhere, with 'archiver key backup FILE'"
            )
        for folder in shared.unfinished:
            context.warn(f"archiver: an earlier run was interrupted; what it had of a capture is kept in {folder}")
        try:
            for result in batch.run(intake.mentions, shared, pages=intake.pages, again=again):
                results.append(result)
                if note is not None and result.path is not None and not result.skipped:
                    notes.append(shared.log, result.capture_id, note)
                show_result(context, result)
        finally:
            if results_path is not None:
                results_file.write(results_path, intake, results)
    return _summarise(context, results, len(intake.problems), path)


def _summarise(context: Context, results: Sequence[Result], unread: int, path: Path) -> int:
    """Say what the run came to, where that is more than its one line, and return the exit code."""
    counts: Counter[str] = Counter()
    for result in results:
        counts[result.reason if result.outcome is None or result.skipped else result.outcome] += 1
    code = exit_code(results, unread)
    if context.as_json:
        context.emit({"type": "summary", "counts": counts, "unread": unread, "case": str(path), "exit": code})
    elif len(results) + unread > 1:
        words = [f"{count} {key}" for key, count in sorted(counts.items())]
        context.say(", ".join([*words, *([f"{unread} unread"] if unread else [])]))
    return code
