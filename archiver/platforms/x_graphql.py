"""What X's GraphQL says of a post, as facts with their origins; it reads one recorded answer, and asks for none.

`find` says what stands in an answer in a post's place; `extract` reads it. The paths of the facts are those that the
embedding service's answers give, so that what follows (the media plan, the page) is the same for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from archiver import canonical
from archiver.errors import FormatError
from archiver.model import Answer, Fact, Json
from archiver.platforms import x_graphql_media, x_graphql_rules
from archiver.platforms.pointer import at
from archiver.platforms.rules import Rules, beyond, read
from archiver.platforms.x_facts import MOST_NOT_UNDERSTOOD, Extraction
from archiver.platforms.x_graphql_card import CARD_HOME, card_rules, opaque
from archiver.platforms.x_graphql_find import find, media_vanished
from archiver.platforms.x_graphql_known import ENVELOPE, KNOWN
from archiver.platforms.x_graphql_shapes import Found, Kind, classify
from archiver.platforms.x_graphql_thread import Thread, replied_to, thread
from archiver.platforms.x_graphql_transforms import stated_versions

__all__ = ["Found", "Kind", "Thread", "extract", "find", "media_vanished", "thread"]

# A post that another quotes or repeats is read as that is, and the one which that quotes; none further in.
_DEPTH: Final = 2
_OF_PAGE: Final = ("x-page-post/1", "x-page-handle/1")
_INSTEAD: Final[dict[Kind, Rules]] = {
    "tombstone": x_graphql_rules.TOMBSTONE,
    "unavailable": x_graphql_rules.UNAVAILABLE,
    "preview": x_graphql_rules.PREVIEW,
    "error": x_graphql_rules.ERROR,
    "stale": x_graphql_rules.STUB,
}


def extract(answer: Answer, id: str) -> Extraction:
    """Return what an answer says of a post, whatever it is; a body that is no JSON object says nothing.

    A post gives the facts of the tables, and those of the post that it quotes under `/quoted`, of the one that it only
    repeats under `/reposted`, and of the one that it replies to, where the answer gives that, under `/parent`. The
    media of a repost are those of the post that it repeats. What stands in place of a post gives `/notice`.

    Args:
        answer: the answer to TweetResultByRestId or TweetDetail.
        id: the id of the post to read; of those in a thread, each can be read.
    """
    try:
        document = canonical.decode(answer.body)
    except FormatError:
        document = None
    if not isinstance(document, dict):
        return Extraction(facts=(), not_understood=("",), media_announced=False)
    found = find(document, id)
    shown = [("", found)]
    if found.kind == "tweet" and (parent := find(document, replied_to(document, found))).id not in ("", id):
        shown.append(("/parent", parent))
    items = [
        item
        for path, each in shown
        for item in _shown(document, each, answer.record, path, 1 if path else 0)
        # A newer version, of which the one that was asked for is no part, says nothing of that.
        if each.id == id or each.kind != "stale"
    ]
    facts: dict[str, Fact] = {}
    for item in items:
        if isinstance(item, Fact):
            facts.setdefault(item.path, item)
    unread = [beyond(at(document, each.place), KNOWN, each.place) for _, each in shown if each.place]
    return Extraction(
        facts=tuple(facts.values()),
        not_understood=_listed((item for item in items if isinstance(item, str)), beyond(document, ENVELOPE), *unread),
        media_announced=found.kind == "tweet" and x_graphql_media.announced(document, found),
    )


def _shown(answer: Json, found: Found, record: str, path: str, depth: int) -> Iterator[Fact | str]:
    """Yield what is said at one place: of the post there, or instead of it."""
    if found.kind == "tweet":
        yield from read(x_graphql_rules.WRAPPER, at(answer, found.place), record, path, found.place)
        yield from _post(answer, found, record, path, depth)
    elif found.kind in _INSTEAD:
        yield from read(_INSTEAD[found.kind], at(answer, found.pointer), record, path, found.pointer)


def _post(answer: Json, found: Found, record: str, path: str, depth: int) -> Iterator[Fact | str]:
    pointer, post = found.pointer, at(answer, found.pointer)
    long = isinstance(at(post, x_graphql_rules.NOTE_TEXT), str)
    tables = [x_graphql_rules.NOTE_ENTITIES if long else x_graphql_rules.ENTITIES]
    if not long and isinstance(at(post, "/note_tweet"), dict):
        tables.append(x_graphql_rules.CUT)
    for table in tables:
        yield from read(table, post, record, path, pointer)
    yield from _media(answer, found, record, path)
    yield from _card(post, record, path, pointer)
    for name, inner in (("/quoted", x_graphql_rules.QUOTED), ("/reposted", x_graphql_rules.REPOSTED)):
        if depth < _DEPTH:
            yield from _shown(answer, classify(answer, f"{pointer}{inner}"), record, f"{path}{name}", depth + 1)
    # After the posts inside it, of which it states the id as well, less exactly than they do.
    yield from read(x_graphql_rules.POST, post, record, path, pointer)


def _media(answer: Json, found: Found, record: str, path: str) -> Iterator[Fact | str]:
    """Yield the media of a post, with the post that they were taken from where that is another one."""
    owner = x_graphql_media.media_owner(answer, found)
    place = x_graphql_media.media_place(at(answer, owner.pointer))
    if place is None:
        return
    own = {found.id, *stated_versions(at(answer, found.pointer))}
    items = tuple(read(x_graphql_rules.media(place), at(answer, owner.pointer), record, path, owner.pointer))
    # Media are mostly shown on a page of the post itself, which says nothing of an owner.
    foreign = {
        item.pointer
        for item in items
        if isinstance(item, Fact) and item.transform == _OF_PAGE[0] and item.value not in own
    }
    for item in items:
        if isinstance(item, str) or item.transform not in _OF_PAGE or item.pointer in foreign:
            yield item


def _card(post: Json, record: str, path: str, pointer: str) -> Iterator[Fact | str]:
    card = at(post, CARD_HOME)
    for name, rules in zip(("/card", "/poll"), card_rules(post), strict=True):
        yield from read(rules, card, record, f"{path}{name}", f"{pointer}{CARD_HOME}")
    yield from (f"{pointer}{place}" for place in opaque(post))


def _listed(*pointers: Iterable[str]) -> tuple[str, ...]:
    return tuple(islice(dict.fromkeys(pointer for group in pointers for pointer in group), MOST_NOT_UNDERSTOOD))
