"""The command `capture`: links, files and articles in, sealed captures out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from archiver.cli.context import Context, pass_context, shared_options
from archiver.cli.inputs import gather
from archiver.cli.interrupt import patient
from archiver.cli.progress import progress
from archiver.cli.results import claim_lines, exit_code, place_text, problem_object, result_lines, result_objects
from archiver.cli.text import safe
from archiver.config import Settings
from archiver.intake.lists import Problem
from archiver.intake.merge import Target, merge
from archiver.model import Mention


@click.command(
    "capture",
    epilog="""\b
Examples:
  archiver capture 'https://x.com/user/status/1898000000000000000'
  archiver capture article.html
  archiver capture --dry-run article.txt
  pbpaste | archiver capture -

An INPUT is tried as a link, then as a file; - is standard input. Quote links: shells take ? for a pattern.

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
    "--retries", type=click.IntRange(0), metavar="N", help="Times to send a failed request again.  [default: 2]"
)
@click.option("--proxy", metavar="URL", help="Proxy to use, instead of HTTPS_PROXY.")
@click.option("--no-timestamp", is_flag=True, help="Ask for no time-stamp (this version asks for none).")
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
    no_timestamp: bool,
) -> int:
    """Capture posts: links, short links, articles and files in which posts are linked or embedded."""
    del no_timestamp  # Nothing to leave out yet; scripts may say it already.
    mentions, problems = gather(inputs, batch_file, context.stdin)
    if dry_run:
        return _list(context, merge(mentions), problems)
    settings = context.settings({"capture": {"jobs": jobs}, "network": {"retries": retries, "proxy": proxy}})
    for problem in problems:
        _report(context, problem)
    return _capture(context, mentions, problems, settings, again)


def _list(context: Context, targets: Sequence[Target], problems: Sequence[Problem]) -> int:
    for target in targets:
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
    for problem in problems:
        _report(context, problem)
    return 3 if problems else 0


def _report(context: Context, problem: Problem) -> None:
    if context.as_json:
        context.emit(problem_object(problem))
    else:
        context.warn(f"archiver: {place_text(problem.place)}: {problem.input}: {problem.what}")


def _capture(
    context: Context, mentions: Sequence[Mention], problems: Sequence[Problem], settings: Settings, again: bool
) -> int:
    from archiver import batch
    from archiver.case.store import open_or_make

    path = Path(settings.case.path)
    case, made = open_or_make(path, settings.case.title)
    if made:
        context.say(f"new case: {path}")
    results = []
    visible = sys.stderr.isatty() and not (context.quiet or context.as_json)
    with (
        patient(context.warn),
        progress(visible) as watch,
        batch.open_run(case, settings, watch=watch) as shared,
    ):
        for folder in shared.unfinished:
            context.warn(f"archiver: an earlier run was interrupted; what it had of a capture is kept in {folder}")
        for result in batch.run(mentions, shared, again=again):
            results.append(result)
            if context.as_json:
                for line in result_objects(result):
                    context.emit(line)
            else:
                for line in result_lines(result):
                    context.result(line)
    counts: dict[str, int] = {}
    for result in results:
        key = result.reason if result.outcome is None or result.skipped else result.outcome
        counts[key] = counts.get(key, 0) + 1
    code = exit_code(results, len(problems))
    if context.as_json:
        context.emit({"type": "summary", "counts": counts, "unread": len(problems), "case": str(path), "exit": code})
    elif len(results) + len(problems) > 1:
        words = [f"{count} {key}" for key, count in sorted(counts.items())]
        context.say(", ".join([*words, *([f"{len(problems)} unread"] if problems else [])]))
    return code
