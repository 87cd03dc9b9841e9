"""What stands around a post: the posts it replies to and its author's own continuation; it plans, and asks nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from archiver import canonical
from archiver.errors import FormatError
from archiver.model import Answer, Fact, Json
from archiver.platforms import x_graphql, x_graphql_rules
from archiver.platforms.pointer import at
from archiver.platforms.rules import Rule, Rules, read
from archiver.platforms.x_graphql_lookup import text
from archiver.platforms.x_graphql_shapes import Found, Kind

MOST: Final = 50
"""How many posts are followed from one, upwards and in all."""

_ID: Final = re.compile(r"[0-9]{1,19}")
_POST: Final[Rules] = (
    Rule("/id", "/rest_id", "id/1"),
    Rule("/id", "/legacy/id_str", "id/1"),
    Rule("/author/handle", f"{x_graphql_rules.USER}/core/screen_name"),
    Rule("/author/handle", f"{x_graphql_rules.USER}/legacy/screen_name"),
)
_SHOWN: Final[dict[Kind, Rules]] = {
    "tweet": _POST,
    "tombstone": x_graphql_rules.TOMBSTONE,
    "unavailable": x_graphql_rules.UNAVAILABLE,
}


def around(answer: Answer, id: str) -> tuple[Fact, ...]:
    """Return what an answer to TweetDetail says of the posts around one, whatever it is.

    The facts are under `/context`: the posts that it replies to (`parents`, the oldest first) and those by which its
    author goes on (`continuation`), each with its id, or with the words in its place.

    Args:
        answer: the answer.
        id: the id of the post; where that is not in the answer, there are no facts.
    """
    document = _decoded(answer)
    thread = x_graphql.thread(document, id)
    groups = (("/context/parents", thread.parents[-MOST:]), ("/context/continuation", thread.own[:MOST]))
    return tuple(fact for path, posts in groups for fact in _facts(document, posts, answer.record, path))


def ids_around(post: Json) -> tuple[str, ...]:
    """Return the ids of the posts around a post, as far as it says: those it replies to first, the nearest one last.

    Args:
        post: the normalised tree (`post` of post.json). Every value in it is untrusted.
    """
    places = (
        *(f"/context/parents/{number}/id" for number in range(MOST)),
        "/reply_to/post",
        *(f"/context/continuation/{number}/id" for number in range(MOST)),
    )
    ids = (text(post, place) for place in places)
    return tuple(dict.fromkeys(id for id in ids if _ID.fullmatch(id)))[:MOST]


def _facts(document: Json, posts: tuple[Found, ...], record: str, path: str) -> Iterator[Fact]:
    number = 0
    for found in posts:
        rules = _SHOWN.get(found.kind, ())
        items = tuple(read(rules, at(document, found.pointer), record, f"{path}/{number}", found.pointer))
        facts = [item for item in items if isinstance(item, Fact)]
        yield from facts
        # One that says nothing takes no place, so that the array of facts has no gap.
        number += bool(facts)


def _decoded(answer: Answer) -> Json:
    if answer.truncated is not None or answer.status != 200:
        return None
    try:
        return canonical.decode(answer.body)
    except FormatError:
        return None
