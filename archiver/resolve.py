"""Finds the posts behind what was given: reads articles, follows short links; each step is kept for the captures."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from email.message import Message
from typing import TypeVar

from archiver.capture import Run, Trail
from archiver.errors import ArchiverError
from archiver.intake.articles import read_html, read_markup
from archiver.intake.merge import Target, merge
from archiver.model import Exchange, Mention, Outcome, Place, Record, Reference
from archiver.recorder.recording import Recording, read_answer

_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
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
    recording = _recording(run, f"page-{position}")
    given = (Mention(input=url, place=place),)
    try:
        for _ in recording.follow(url, "article", lambda _, location: location):
            pass
    except ArchiverError as error:
        return DeadEnd(mentions=given, outcome=None, reason="no-post", words=str(error))
    exchanges = tuple(recorded.exchange for recorded in recording.exchanges)
    answer = read_answer(recording.exchanges[-1])
    if answer is None or answer.status != 200:
        return _dead_end(given, exchanges, "")
    found = _mentions(answer.body, exchanges[-1].header("content-type"), Place(kind="article", name=url))
    if not found:
        return DeadEnd(
            mentions=given, outcome=None, reason="no-post", words="no post is embedded or linked in this page"
        )
    return [Trail(mention=mention, exchanges=exchanges) for mention in found]


def _mentions(body: bytes, content_type: str | None, place: Place) -> tuple[Mention, ...]:
    """Read a page in the encoding that its header names, unless its first bytes name another (WHATWG Encoding)."""
    header = Message()
    header["content-type"] = content_type or ""
    charset = header.get_content_charset()
    if charset is None or body.startswith(_BOMS):
        return read_html(body, place).mentions
    try:
        source = body.decode(charset, "replace")
    except LookupError:
        return read_html(body, place).mentions
    return read_markup(source, place).mentions


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
    elif last is not None:
        words = f"it leads to no post: the last answer, {last.status}, came from {last.url}"
    return DeadEnd(mentions=mentions, outcome=outcome, reason=reason, words=words)
