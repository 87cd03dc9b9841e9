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
from archiver.platforms import transforms
from archiver.platforms.pointer import join, parse, resolve_pointer
from archiver.platforms.x_rules import LEFT, PHOTOS, POST, TOMBSTONE, VIDEO, Each, Rule, Rules

MOST_NOT_UNDERSTOOD: Final = 200
"""How many places are listed as not understood."""


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


_Known = dict[str, "_Known"]


def extract(answer: Answer) -> Extraction:
    """Return what an answer of the embedding service says, whatever it is; a body that is no JSON object says nothing.

    A post gives the facts of the tables, a tombstone gives its words as `/notice`.
    """
    try:
        document = canonical.decode(answer.body)
    except FormatError:
        document = None
    if not isinstance(document, dict):
        return Extraction(facts=(), not_understood=("",), media_announced=False)
    rules = TOMBSTONE if document.get("__typename") == "TweetTombstone" else POST
    found = list(_read(rules, document, "", "", answer.record))
    if rules is POST and not any(_is_media(item) for item in found):
        found += _other_media(document, answer.record)
    facts = tuple(item for item in found if isinstance(item, Fact))
    failed = (item for item in found if isinstance(item, str))
    return Extraction(
        facts=facts,
        not_understood=_listed(failed, _beyond(document, "", _KNOWN)),
        media_announced=any(_is_media(fact) for fact in facts) or _announces_media(document),
    )


def _read(rules: Rules, document: Json, path: str, pointer: str, record: str) -> Iterator[Fact | str]:
    """Yield a fact for each rule that fits, and the pointer of each value that does not fit its rule."""
    for rule in rules:
        if isinstance(rule, Each):
            yield from _read_each(rule, document, path, pointer, record)
            continue
        place = pointer + rule.pointer
        try:
            served = resolve_pointer(document, place)
        except FormatError:
            continue
        if served is None:
            continue
        try:
            value = transforms.apply(rule.transform, document, place)
        except FormatError:
            fits = False
        else:
            fits = type(value) is rule.type
        if fits:
            yield Fact(path=path + rule.path, value=value, record=record, pointer=place, transform=rule.transform)
        elif not rule.derived:
            yield place


def _read_each(each: Each, document: Json, path: str, pointer: str, record: str) -> Iterator[Fact | str]:
    try:
        items = resolve_pointer(document, pointer + each.pointer)
    except FormatError:
        return
    if not isinstance(items, list):
        return
    place = 0
    for number in range(min(len(items), each.most)):
        found = tuple(
            _read(each.rules, document, f"{path}{each.path}/{place}", f"{pointer}{each.pointer}/{number}", record)
        )
        yield from found
        # An element that says nothing takes no place, so that the array of facts has no gap.
        place += any(isinstance(item, Fact) for item in found)
    if len(items) > each.most:
        yield f"{pointer}{each.pointer}/{each.most}"


def _other_media(document: Json, record: str) -> Iterator[Fact | str]:
    photos = tuple(_read_each(PHOTOS, document, "", "", record))
    yield from photos
    place = len({item.path.split("/")[2] for item in photos if isinstance(item, Fact)})
    yield from _read(VIDEO, document, f"/media/{place}", "/video", record)


def _is_media(item: Fact | str) -> bool:
    return isinstance(item, Fact) and item.path.startswith("/media/")


def _announces_media(document: dict[str, Json]) -> bool:
    entities = document.get("entities")
    listed = entities.get("media") if isinstance(entities, dict) else None
    return any(
        bool(value) for value in (listed, document.get("mediaDetails"), document.get("photos"), document.get("video"))
    )


def _known(rules: Iterable[Rule | Each], pointer: str = "") -> Iterator[str]:
    for rule in rules:
        if isinstance(rule, Each):
            yield from _known(rule.rules, f"{pointer}{rule.pointer}/*")
        elif not rule.derived:
            yield pointer + rule.pointer


def _as_tree(pointers: Iterable[str]) -> _Known:
    root: _Known = {}
    for pointer in pointers:
        place = root
        for step in parse(pointer):
            place = place.setdefault(step, {})
    return root


_KNOWN: Final = _as_tree((*_known(POST), *_known(TOMBSTONE), *LEFT))


def _beyond(value: Json, pointer: str, known: _Known) -> Iterator[str]:
    """Yield the pointers of what is in no table, each at the highest place from which nothing is known."""
    if not known or value is None or value == {} or value == []:
        return
    if isinstance(value, dict) and "*" not in known:
        for name, member in value.items():
            if name in known and name != "**":
                yield from _beyond(member, join(pointer, name), known[name])
            elif "**" not in known:
                yield join(pointer, name)
    elif isinstance(value, list) and "*" in known:
        for number, item in enumerate(value):
            yield from _beyond(item, join(pointer, number), known["*"])
    else:
        yield pointer


def _listed(*pointers: Iterable[str]) -> tuple[str, ...]:
    listed: dict[str, None] = {}
    for group in pointers:
        for pointer in group:
            if len(listed) == MOST_NOT_UNDERSTOOD:
                return tuple(listed)
            listed[pointer] = None
    return tuple(listed)
