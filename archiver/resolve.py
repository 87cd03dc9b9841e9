"""Finds the posts behind what was given: reads articles, follows short links; each step is kept for the captures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from archiver.capture import Run, Trail
from archiver.errors import ArchiverError
from archiver.intake.articles import read_html
from archiver.intake.links import Link, parse_link
from archiver.intake.merge import Target, merge
from archiver.model import Answer, Claim, Exchange, Mention, Outcome, Place, Record, Reference
from archiver.recorder.recording import Recording, read_answer

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
_Given = TypeVar("_Given")
_Found = TypeVar("_Found")


class Resolved(Record, frozen=True, kw_only=True):
    """A post, and every mention that led to it."""

    reference: Reference
    trails: tuple[Trail, ...]


class DeadEnd(Record, frozen=True, kw_only=True):
    """What led to no post.

    Attributes:
        mentions: where it stood.
        outcome: "refused" or "unreachable" where asking again may help, else None.
        reason: short token ("leads-elsewhere", "no-post", "timeout", …).
        words: one sentence for people.
    """

    mentions: tuple[Mention, ...]
    outcome: Outcome | None
    reason: str
    words: str


def resolve(
    mentions: Iterable[Mention], pages: Iterable[tuple[str, Place]], run: Run, pool: ThreadPoolExecutor
) -> tuple[list[Resolved], list[DeadEnd]]:
    """Find the post behind every mention and in every page, each post once, in the order of first appearance.

    Args:
        mentions: links of posts, and short links.
        pages: URLs of articles, with their places.
        run: what the captures of the run share.
        pool: where the asking is done.

    Raises:
        OSError: what is recorded on the way cannot be written to the disk.
    """
    dead: list[DeadEnd] = []
    # Mentions are told apart by identity: two may be equal and have come by different ways.
    trails = [Trail(mention=mention) for mention in mentions]
    for found in _spread(_read_page, list(_unique(pages)), run, pool):
        if isinstance(found, DeadEnd):
            dead.append(found)
        else:
            trails += found
    ways = {id(trail.mention): trail.exchanges for trail in trails}
    posts: dict[Reference, list[Trail]] = {}
    targets = merge(trail.mention for trail in trails)
    for target, (reference, hops, problem) in zip(targets, _spread(_follow, targets, run, pool), strict=True):
        if reference is None:
            dead.append(_dead_end(target.mentions, hops, problem))
            continue
        posts.setdefault(reference, []).extend(
            Trail(mention=mention, exchanges=(*ways[id(mention)], *hops)) for mention in target.mentions
        )
    return [Resolved(reference=post, trails=tuple(found)) for post, found in posts.items()], dead


def _spread(
    ask: Callable[[_Given, int, Run], _Found], given: Sequence[_Given], run: Run, pool: ThreadPoolExecutor
) -> Iterator[_Found]:
    """Ask about each of the given things in the pool, and yield the answers in the order of the things."""
    futures = [pool.submit(ask, item, position, run) for position, item in enumerate(given)]
    for future in futures:
        yield future.result()


def _unique(pages: Iterable[tuple[str, Place]]) -> Iterator[tuple[str, Place]]:
    seen: set[str] = set()
    for url, place in pages:
        if url not in seen:
            seen.add(url)
            yield url, place


def _recording(run: Run, name: str) -> Recording:
    return Recording(run.transport, run.settings.network, run.workshop.scratch(name), None, run.sleep)


def _read_page(page: tuple[str, Place], position: int, run: Run) -> list[Trail] | DeadEnd:
    url, place = page
    given = (Mention(input=url, place=place),)
    try:
        return _trails(url, given, _recording(run, f"page-{position}"))
    except ArchiverError as error:
        return DeadEnd(mentions=given, outcome=None, reason="no-post", words=str(error))
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 - a defect met with one page must not cost the other inputs
        words = f"unexpected {type(error).__name__}: {error}"
        return DeadEnd(mentions=given, outcome=None, reason="error", words=words)


def _trails(url: str, given: tuple[Mention, ...], recording: Recording) -> list[Trail] | DeadEnd:
    reached: list[Link] = []

    def onward(_: Answer, location: str | None) -> str | None:
        link = parse_link(location) if location else None
        if link is None or link.kind not in ("post", "short"):
            return location
        reached.append(link)
        return None

    for _ in recording.follow(url, "article", onward):
        pass
    exchanges = tuple(recorded.exchange for recorded in recording.exchanges)
    if reached:
        # Any host may shorten links; which ones do is known only from what they answer.
        return [Trail(mention=_forwarded(mention, reached[0]), exchanges=exchanges) for mention in given]
    answer = read_answer(recording.exchanges[-1])
    if answer is None or answer.status != 200:
        return _dead_end(given, exchanges, "")
    named = _CHARSET.search(exchanges[-1].header("content-type") or "")
    found = read_html(answer.body, Place(kind="article", name=url), charset=named[1] if named else "").mentions
    if found:
        return [Trail(mention=mention, exchanges=exchanges) for mention in found]
    if exchanges[-1].failure is not None:
        return _dead_end(given, exchanges, "")
    words = "no post is embedded or linked in this page"
    if answer.truncated is not None:
        words = "the page cannot be read to its end, and no post is embedded or linked in what can be read"
    return DeadEnd(mentions=given, outcome=None, reason="no-post", words=words)


def _forwarded(mention: Mention, link: Link) -> Mention:
    return Mention(
        input=mention.input,
        place=mention.place,
        reference=link.reference,
        short_url=link.url if link.kind == "short" else None,
        claim=Claim(source=link.source),
    )


def _follow(target: Target, position: int, run: Run) -> tuple[Reference | None, tuple[Exchange, ...], str]:
    """Return the post that a target is about, the exchanges that it took, and what stood in the way."""
    if target.reference is not None or target.short_url is None:
        return target.reference, (), ""
    recording = _recording(run, f"link-{position}")
    reference, problem = None, ""
    for source in run.sources.values():
        try:
            reference = reference or source.resolve(target.short_url, recording)
        except ArchiverError as error:
            problem = str(error)
    return reference, tuple(recorded.exchange for recorded in recording.exchanges), problem


def _dead_end(mentions: tuple[Mention, ...], exchanges: Sequence[Exchange], problem: str) -> DeadEnd:
    last = exchanges[-1] if exchanges else None
    outcome: Outcome | None = None
    reason, words = "leads-elsewhere", problem or "it leads to no post"
    if last is not None and last.failure is not None:
        outcome, reason, words = "unreachable", last.failure.reason, last.failure.detail
    elif last is not None and last.status in (401, 403, 429):
        outcome, reason, words = "refused", "blocked", f"{last.url} answered {last.status}"
    elif last is not None and (last.status or 0) >= 500:
        outcome, reason, words = "unreachable", "server-error", f"{last.url} answered {last.status}"
    elif last is not None and not problem:
        words = f"it leads to no post: the last answer, {last.status}, came from {last.url}"
    return DeadEnd(mentions=mentions, outcome=outcome, reason=reason, words=words)
