"""How results look: lines for people, objects for machines, and the exit code that they come to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from archiver.cli.context import Context
from archiver.cli.text import safe, shorten
from archiver.errors import AddressRefused
from archiver.model import Json, Mention, Place

if TYPE_CHECKING:
    from archiver.batch import Result
    from archiver.intake.lists import Problem

_DONE = frozenset({"captured", "absent", "withheld"})
_TEXT_WIDTH = 160

_LOGIN = "run the same command again with --cookies FILE or --cookies-from-browser NAME"
_ADVICE = {
    ("partial", "incomplete"): "run the same command again later: it makes a new capture",
    ("unreachable", "address-refused"): AddressRefused.default_advice,
    ("refused", "rate-limit"): "wait a quarter of an hour, then run the same command again",
    ("refused", "blocked"): "the server refuses this network: try another connection or --proxy",
    ("partial", "age"): f"X shows its media to adults only: {_LOGIN}",
    ("refused", "login"): f"X wants a login for this, or does not take the one that was given: {_LOGIN}",
    ("refused", "account-locked"): "X has locked the account of this login: unlock it on x.com, or use another one",
    (
        "refused",
        "outdated-request",
    ): "X has changed its questions: upgrade yt-dlp (pip install -U yt-dlp), then run the same command again",
    ("refused", "superseded"): "the post was edited, and X gives its newer version only: capture that one",
    (
        "refused",
        "unclear",
    ): "X's answer was unclear, which says nothing about the post: run the same command again later",
    ("withheld", "age"): f"X shows this post to logged-in adults only: {_LOGIN}; the refusal is captured",
    ("withheld", "country"): "try again through a --proxy in another country, with --again",
    ("withheld", "protected"): f"only followers see this account: {_LOGIN}; the refusal is captured",
    ("withheld", "subscribers"): f"only subscribers see the whole post: {_LOGIN}; its beginning is captured",
    (
        None,
        "leads-elsewhere",
    ): "give the link of the post itself, or the address that it leads to, to look for posts there",
    (None, "no-post"): "give the links of the posts, or the page as a browser shows it, saved to a file",
}
_NETWORK = "check the connection and the proxy settings, then run the same command again"


def place_text(place: Place) -> str:
    """Name a place for people: `article.txt:3`, `standard input:7`, `command line`."""
    name = {"argument": "command line", "stdin": "standard input"}.get(place.kind, safe(place.name))
    name = f"thread of {name}" if place.kind == "thread" else name
    return f"{name}:{place.line}" if place.line else name


def claim_lines(mentions: Sequence[Mention]) -> str:
    """Return what the mentions claim and where they stand, as the rest of a line."""
    claim = next(
        (mention.claim for mention in mentions if mention.claim.handle or mention.claim.day), mentions[0].claim
    )
    parts = [f"@{safe(claim.handle)}" if claim.handle else "", safe(claim.day or "")]
    parts.append(", ".join(place_text(mention.place) for mention in mentions))
    return "".join(f"  {part}" for part in parts if part)


def advice(result: Result) -> str:
    """Return what to do next about a result; empty where nothing is to be done."""
    if result.skipped:
        return "archiver capture --again makes another"
    if result.outcome == "unreachable":
        return _ADVICE.get((result.outcome, result.reason), _NETWORK)
    return _ADVICE.get((result.outcome, result.reason), "")


def show_result(context: Context, result: Result) -> None:
    """Print a result, for people or for machines."""
    if context.as_json:
        for value in result_objects(result):
            context.emit(value)
    else:
        for line in result_lines(result):
            context.result(line)


def result_lines(result: Result) -> Iterator[str]:
    """Yield a result as lines for people. Everything in them is harmless."""
    summary = result.summary
    first = result.mentions[0]
    url = summary.url or (result.reference.url if result.reference else first.input)
    label = "already" if result.skipped else result.outcome or "error"
    facts = [safe(url)]
    if result.reason and not result.skipped:
        facts.append(f"({safe(result.reason)})")
    if summary.author:
        facts.append(f"@{safe(summary.author)}")
    if summary.created:
        facts.append(safe(summary.created))
    if summary.media:
        facts.append(f"{summary.media} media")
    yield f"{label:<12}{'  '.join(facts)}"
    if summary.text and not result.skipped:
        yield f"{'':<12}{shorten(summary.text, _TEXT_WIDTH)}"
    if result.words:
        yield f"{'':<12}{shorten(result.words, 400)}"
    for comparison in result.comparisons:
        if not comparison.agrees:
            claimed, came = safe(comparison.claimed), safe(comparison.came)
            yield f"{'':<12}warning: the input says {comparison.what} {claimed}, the post has {came}"
    for missing in result.missing:
        yield f"{'':<12}missing: {safe(missing.what)}: {safe(missing.reason)}"
    if result.path is not None:
        yield f"{'':<12}{safe(str(result.path))}"
    if advice(result):
        yield f"{'':<12}next: {advice(result)}"


def result_objects(result: Result) -> Iterator[dict[str, Json]]:
    """Yield a result as objects, one for each input that designated the post."""
    summary = result.summary
    for mention in result.mentions:
        yield {
            "type": "capture",
            "input": mention.input,
            "place": place_text(mention.place),
            "url": summary.url or (result.reference.url if result.reference else None),
            "outcome": result.outcome,
            "reason": result.reason,
            "words": result.words,
            "id": result.capture_id or None,
            "path": str(result.path) if result.path else None,
            "post": {
                "platform": result.reference.platform if result.reference else None,
                "id": result.reference.id if result.reference else None,
                "author": summary.author,
                "name": summary.name,
                "created": summary.created,
                "text": summary.text,
                "media": summary.media,
            },
            "mismatches": [
                {"what": item.what, "claimed": item.claimed, "came": item.came}
                for item in result.comparisons
                if not item.agrees
            ],
            "missing": [{"what": item.what, "reason": item.reason} for item in result.missing],
            "next": advice(result),
        }


def problem_object(problem: Problem) -> dict[str, Json]:
    """Return an input that could not be used as an object; it is a capture that never began."""
    return {
        "type": "capture",
        "input": problem.input,
        "place": place_text(problem.place),
        "url": None,
        "outcome": None,
        "reason": "unreadable",
        "words": problem.what,
        "id": None,
        "path": None,
        "post": None,
        "next": problem.advice,
    }


def exit_code(results: Sequence[Result], problems: int) -> int:
    """Return the exit code for all results: a single input's own, else 0 or 3; 1 for this machine's own errors."""
    if any(result.reason == "error" for result in results):
        return 1
    if len(results) + problems == 1:
        return _single(results[0]) if results else 7
    due = [result for result in results if not result.skipped and result.outcome not in _DONE]
    return 3 if due or problems else 0


def _single(result: Result) -> int:
    if result.skipped:
        return 0
    codes = {"captured": 0, "absent": 6, "withheld": 6, "refused": 5, "unreachable": 4, "partial": 3}
    return codes[result.outcome] if result.outcome is not None else 7
