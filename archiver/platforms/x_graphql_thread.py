"""Which posts of a conversation belong to a post's thread: what it replies to, and how its author went on.

It goes by what X lists and by what the posts say that they reply to; it asks for nothing that is not in the answer.
"""

from __future__ import annotations

from archiver.model import Json, Record
from archiver.platforms.pointer import at
from archiver.platforms.x_graphql_lookup import text
from archiver.platforms.x_graphql_rules import USER
from archiver.platforms.x_graphql_shapes import Found, Place, classify, cursors, places


class Thread(Record, frozen=True, kw_only=True):
    """The thread around a post, as far as one answer gives it; each post can be read with `extract` by its id.

    Attributes:
        parents: what X lists above the post, the oldest first; notices in place of posts included.
        own: how the author went on: their replies to the post, to those replies, and so forth, in X's order.
        more: the cursors by which X would give posts that it left out; none where it left out none.
    """

    parents: tuple[Found, ...] = ()
    own: tuple[Found, ...] = ()
    more: tuple[str, ...] = ()


def thread(answer: Json, id: str) -> Thread:
    """Return the thread around a post in a decoded answer to TweetDetail; an empty one where the post is not in it."""
    listed: dict[str, tuple[Place, Found]] = {}
    for place in places(answer):
        found = classify(answer, place.pointer, place.id)
        if found.id:
            listed.setdefault(found.id, (place, found))
    if id not in listed:
        return Thread(more=tuple(cursors(answer)))
    position = list(listed).index(id)
    group = listed[id][0].group
    before = list(listed.values())[:position]
    after = [found for _, found in list(listed.values())[position + 1 :]]
    return Thread(
        parents=tuple(found for place, found in before if place.group in ("", group)),
        own=_continuation(answer, listed[id][1], after),
        more=tuple(cursors(answer)),
    )


def replied_to(answer: Json, found: Found) -> str:
    """Return the id of the post that a post says it replies to, empty where it says none."""
    return text(answer, f"{found.pointer}/legacy/in_reply_to_status_id_str")


def _continuation(answer: Json, post: Found, after: list[Found]) -> tuple[Found, ...]:
    author = _author(answer, post)
    chain = {post.id}
    own: list[Found] = []
    for found in after:
        same = found.kind == "tweet" and author is not None and _author(answer, found) == author
        if same and replied_to(answer, found) in chain:
            chain.add(found.id)
            own.append(found)
    return tuple(own)


def _author(answer: Json, found: Found) -> Json:
    """Return the id of a post's author; None where the answer does not say it."""
    for place in (f"{USER}/rest_id", "/legacy/user_id_str"):
        author = at(answer, f"{found.pointer}{place}")
        if isinstance(author, str):
            return author
    return None
