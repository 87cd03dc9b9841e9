"""What X's embedding service says of a post, as facts with their origins; it reads one answer and judges nothing.

What an answer holds beyond the rules, or in another type than they expect, is listed as not understood; nothing is
guessed at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from archiver import canonical
from archiver.errors import FormatError
from archiver.model import Answer, Fact, Json, Record
from archiver.platforms.rules import Rules, beyond, read
from archiver.platforms.x_rules import KNOWN, LESSER_MEDIA, POSTS, TOMBSTONE

MOST_NOT_UNDERSTOOD: Final = 200
"""How many places are listed as not understood."""

_PAGE_POST: Final = "x-page-post/1"
_OF_PAGE: Final = frozenset({_PAGE_POST, "x-page-handle/1"})


class Extraction(Record, frozen=True, kw_only=True):
    """What one answer says.

    Attributes:
        facts: values of the normalised post.
        not_understood: JSON pointers of what is in the answer but in no rule, or not of the type that the rule expects.
        media_announced: the answer says that the post has media (which can be without any fact about them).
    """

    facts: tuple[Fact, ...]
    not_understood: tuple[str, ...]
    media_announced: bool = False


def extract(answer: Answer) -> Extraction:
    """Return what an answer of the embedding service says, whatever it is; a body that is no JSON object says nothing.

    A post gives the facts of the tables, and those of the post that it quotes and the one that it replies to, under
    `/quoted` and `/parent`. A tombstone gives its words as `/notice`.
    """
    try:
        document = canonical.decode(answer.body)
    except FormatError:
        document = None
    if not isinstance(document, dict):
        return Extraction(facts=(), not_understood=("",), media_announced=False)
    found: list[Fact | str] = []
    if document.get("__typename") == "TweetTombstone":
        found += read(TOMBSTONE, document, answer.record)
    else:
        for path, pointer, rules in POSTS:
            found += _post(rules, _member(document, pointer), answer.record, path, pointer)
    facts = tuple(item for item in found if isinstance(item, Fact))
    failed = (item for item in found if isinstance(item, str))
    return Extraction(
        facts=facts,
        not_understood=_listed(failed, beyond(document, KNOWN)),
        media_announced=any(_is_media(fact, "") for fact in facts) or _announces_media(document),
    )


def _member(document: dict[str, Json], pointer: str) -> Json:
    return document.get(pointer[1:]) if pointer else document


def _post(rules: Rules, served: Json, record: str, path: str, pointer: str) -> Iterator[Fact | str]:
    found = list(read(rules, served, record, path, pointer))
    if not any(_is_media(item, path) for item in found):
        found += read(LESSER_MEDIA, served, record, path, pointer)
    # Media are mostly shown on a page of the post itself, which says nothing of an owner.
    own = _versions(found, path)
    foreign = frozenset(
        item.pointer
        for item in found
        if isinstance(item, Fact) and item.transform == _PAGE_POST and own and item.value not in own
    )
    for item in found:
        if isinstance(item, str) or item.transform not in _OF_PAGE or item.pointer in foreign:
            yield item


def _versions(found: Iterable[Fact | str], path: str) -> frozenset[str]:
    """Return the ids of a post, with those of its other versions."""
    places = (f"{path}/id", f"{path}/first_version/id")
    return frozenset(
        str(item.value)
        for item in found
        if isinstance(item, Fact) and (item.path in places or item.path.startswith(f"{path}/edits/"))
    )


def _is_media(item: Fact | str, path: str) -> bool:
    return isinstance(item, Fact) and item.path.startswith(f"{path}/media/")


def _announces_media(document: dict[str, Json]) -> bool:
    entities = document.get("entities")
    listed = entities.get("media") if isinstance(entities, dict) else None
    return any(
        bool(value) for value in (listed, document.get("mediaDetails"), document.get("photos"), document.get("video"))
    )


def _listed(*pointers: Iterable[str]) -> tuple[str, ...]:
    listed: dict[str, None] = {}
    for group in pointers:
        for pointer in group:
            if len(listed) == MOST_NOT_UNDERSTOOD:
                return tuple(listed)
            listed[pointer] = None
    return tuple(listed)
