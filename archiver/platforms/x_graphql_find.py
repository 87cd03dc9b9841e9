"""What stands in a GraphQL answer in the place of the post that was asked for; it reads no post and judges nothing."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from archiver.errors import FormatError
from archiver.model import Json
from archiver.platforms import x_notices
from archiver.platforms.pointer import at
from archiver.platforms.x_graphql_lookup import elements, text
from archiver.platforms.x_graphql_media import vanished
from archiver.platforms.x_graphql_shapes import SINGLE, Found, classify, places
from archiver.platforms.x_graphql_transforms import stated_versions
from archiver.platforms.x_transforms import count


def find(answer: Json, id: str) -> Found:
    """Return what stands in the place of a post in an answer, of whatever shape.

    A post whose media were taken out, as X does for guests where it restricts a post by age, is not "captured".

    Args:
        answer: the decoded answer to TweetResultByRestId or TweetDetail.
        id: the id that was asked for.
    """
    found = tuple(_found(answer, id))
    for item in found:
        if item.id == id and item.kind == "tweet" and vanished(answer, item):
            return msgspec.structs.replace(item, outcome="partial", reason="age")
        if item.id == id and item.kind != "empty":
            return item
    for item in found:
        if item.kind == "tweet" and id in stated_versions(at(answer, item.pointer)):
            newer = item.newer or item.id
            return msgspec.structs.replace(item, kind="stale", outcome="refused", reason="superseded", newer=newer)
    return _error(answer) or _nothing(found)


def media_vanished(answer: Json, id: str) -> bool:
    """Tell whether a post came, but without the media that it has, as X answers guests where it restricts by age."""
    found = find(answer, id)
    return found.kind == "tweet" and vanished(answer, found)


def _found(answer: Json, id: str) -> Iterator[Found]:
    """Yield what stands at each place; what names no id is about the post that the list, or the question, names."""
    for place in places(answer):
        single = place.pointer.startswith(SINGLE)
        yield classify(answer, place.pointer, id if single else place.id)


def _error(answer: Json) -> Found | None:
    """Return the error that says most of those that X lists, None where it lists none."""
    listed = [
        Found(
            kind="error", place=pointer, pointer=pointer, outcome=outcome, reason=reason, words=text(item, "/message")
        )
        for pointer, item in elements(answer, "/errors")
        for outcome, reason in (x_notices.of_error(_code(item), text(item, "/message")),)
    ]
    known = (error for error in listed if error.reason != x_notices.UNCLEAR[1])
    return next(known, listed[0] if listed else None)


def _code(error: Json) -> int | None:
    for pointer in ("/code", "/extensions/code"):
        try:
            return count(at(error, pointer))
        except FormatError:
            continue
    return None


def _nothing(found: tuple[Found, ...]) -> Found:
    """Return that nothing came, or, where one post was asked for and another came, that nothing known did."""
    other = next((item for item in found if item.place.startswith(SINGLE) and item.kind != "empty"), None)
    if other is None:
        return Found(kind="empty")
    return msgspec.structs.replace(other, kind="unknown", outcome="refused", reason="unclear", newer="")
