"""Where X's GraphQL answers hold posts, and in which shape each one stands there; it reads nothing of what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from archiver.errors import FormatError
from archiver.model import Json, Outcome, Record
from archiver.platforms import x_notices
from archiver.platforms.pointer import at
from archiver.platforms.x_graphql_lookup import elements, text
from archiver.platforms.x_graphql_transforms import stated_versions
from archiver.platforms.x_transforms import identifier

Kind = Literal["tweet", "stale", "tombstone", "unavailable", "preview", "empty", "error", "unknown"]

SINGLE: Final = "/data/tweetResult"
"""Where TweetResultByRestId answers."""
DETAIL: Final = "/data/threaded_conversation_with_injections_v2/instructions"
"""Where TweetDetail answers."""

_ENTRY: Final = re.compile(r"(?:.*-)?tweet-([0-9]{1,19})")
_WRAPPERS: Final = 3


class Found(Record, frozen=True, kw_only=True):
    """What stands in an answer in the place of one post.

    Attributes:
        kind: tweet (the post), stale (an older version, of which only newer ones are named), tombstone, unavailable,
            preview (the beginning of a post for subscribers), empty (nothing), error (X's list of errors in place of
            it), or unknown (another post, or a shape that no rule knows).
        id: id of the post that stands there, by itself or by the list that it is in; empty where nothing says it.
        place: JSON pointer of the place; empty where there is none.
        pointer: JSON pointer of what stands there, taken out of the wrappers that say who may see it.
        outcome, reason: how this answer is to be read, alone; "captured" with no reason for a post.
        words: X's own words in place of the post, untrusted.
        newer: id of the newest version of the post that is named, where it is not this one.
    """

    kind: Kind
    id: str = ""
    place: str = ""
    pointer: str = ""
    outcome: Outcome = "refused"
    reason: str = "unclear"
    words: str = ""
    newer: str = ""


class Place(NamedTuple):
    """A place in an answer at which a post stands, or could.

    Attributes:
        id: the id by which the list of posts names it; empty where there is no list.
        pointer: where it is.
        group: the group of replies that it is in; empty for the main column.
    """

    id: str
    pointer: str
    group: str


def places(answer: Json) -> Iterator[Place]:
    """Yield the places of posts in a decoded answer, in X's order, advertisements left out."""
    if isinstance(at(answer, SINGLE), dict):
        yield Place("", f"{SINGLE}/result", "")
    for instruction, _ in elements(answer, DETAIL):
        for entries in (f"{instruction}/entries", f"{instruction}/entry"):
            for pointer in _each(answer, entries):
                name = text(answer, f"{pointer}/entryId")
                yield from _place(answer, name, f"{pointer}/content/itemContent", "")
                for item in _each(answer, f"{pointer}/content/items"):
                    yield from _place(answer, text(answer, f"{item}/entryId"), f"{item}/item/itemContent", name)
        group = text(answer, f"{instruction}/moduleEntryId")
        for item in _each(answer, f"{instruction}/moduleItems"):
            yield from _place(answer, text(answer, f"{item}/entryId"), f"{item}/item/itemContent", group)


def cursors(answer: Json) -> Iterator[str]:
    """Yield the values by which X would give what an answer's list of posts leaves out, in X's order."""
    for instruction, _ in elements(answer, DETAIL):
        for entry in _each(answer, f"{instruction}/entries"):
            inner = (f"{item}/item/itemContent" for item in _each(answer, f"{entry}/content/items"))
            for content in (f"{entry}/content", f"{entry}/content/itemContent", *inner):
                if text(answer, f"{content}/cursorType") not in ("", "Top") and text(answer, f"{content}/value"):
                    yield text(answer, f"{content}/value")


def _place(answer: Json, name: str, content: str, group: str) -> Iterator[Place]:
    found = _ENTRY.fullmatch(name)
    advertised = name.startswith("promoted") or at(answer, f"{content}/promotedMetadata") is not None
    if isinstance(at(answer, f"{content}/tweet_results"), dict) and not advertised:
        yield Place(found[1] if found else "", f"{content}/tweet_results/result", group)


def _each(answer: Json, pointer: str) -> Iterator[str]:
    """Yield the pointers of an array's elements; of an object, which X writes for an array of one, its own."""
    if isinstance(at(answer, pointer), dict):
        yield pointer
    yield from (place for place, _ in elements(answer, pointer))


def classify(answer: Json, pointer: str, named: str = "") -> Found:
    """Return what stands at a place of an answer.

    Args:
        answer: the decoded answer.
        pointer: the place.
        named: the id under which the place is known, for what names none itself.
    """
    place, result = pointer, at(answer, pointer)
    if result is None or result == {}:
        return Found(kind="empty", id=named, place=place, pointer=pointer)
    for _ in range(_WRAPPERS):
        inner = result.get("tweet") if isinstance(result, dict) else None
        if not isinstance(inner, dict) or result.get("__typename") == "TweetPreviewDisplay":
            break
        result, pointer = inner, f"{pointer}/tweet"
    if not isinstance(result, dict):
        return Found(kind="unknown", id=named, place=place, pointer=pointer)
    kind, reading, words = _shape(result)
    return Found(
        kind=kind,
        id=post_id(result) or named,
        place=place,
        pointer=pointer,
        outcome=reading[0],
        reason=reading[1],
        words=words,
        newer=newest(result) if kind in ("tweet", "stale") else "",
    )


def _shape(result: dict[str, Json]) -> tuple[Kind, x_notices.Reading, str]:
    name = result.get("__typename")
    if name == "TweetTombstone" or isinstance(result.get("tombstone"), dict):
        words = text(result, "/tombstone/text/text") or text(result, "/tombstone/richText/text")
        blurred = at(result, "/tombstone/__typename") == "BlurredMediaTombstone"
        return "tombstone", x_notices.AGE if blurred else x_notices.of_notice(words), words
    if name == "TweetUnavailable":
        reason = text(result, "/reason")
        return "unavailable", x_notices.of_reason(reason), reason
    if name == "TweetPreviewDisplay":
        return "preview", x_notices.SUBSCRIBERS, ""
    if post_id(result) and isinstance(result.get("legacy"), dict):
        return "tweet", ("captured", ""), ""
    if post_id(result) and newest(result):
        return "stale", ("refused", "superseded"), ""
    return "unknown", x_notices.UNCLEAR, ""


def post_id(result: Json) -> str:
    """Return the id that a post, or the preview of one, states; empty where it states none."""
    for pointer in ("/rest_id", "/legacy/id_str", "/tweet/rest_id"):
        try:
            return identifier(at(result, pointer))
        except FormatError:
            continue
    return ""


def newest(result: Json) -> str:
    """Return the id of the newest version that a post states, empty where that is the post itself."""
    id = post_id(result)
    last = max(stated_versions(result), key=int, default="")
    return last if id and last and int(last) > int(id) else ""
