"""Which other versions a post on X has; every edit makes a post of its own, with an id of its own."""

from __future__ import annotations

import re
from typing import Final

from archiver.model import Json

_ID: Final = re.compile(r"[0-9]{1,19}")
_MOST: Final = 20


def other_versions(post: Json) -> tuple[str, ...]:
    """Return the ids of a post's other versions, in the order stated, at most 20; X allows five edits.

    Args:
        post: the normalised tree (`post` of post.json). Every value in it is untrusted.
    """
    if not isinstance(post, dict):
        return ()
    listed = post.get("edits")
    stated = [post.get("first_version"), *(listed if isinstance(listed, list) else ())]
    found = dict.fromkeys(
        item["id"]
        for item in stated
        if isinstance(item, dict) and isinstance(item.get("id"), str) and _ID.fullmatch(item["id"])
    )
    return tuple(id for id in found if id != post.get("id"))[:_MOST]


def newer_version(document: Json, *, id: str) -> str | None:
    """Return the id of the post that came in place of an older version of it, or None where nothing says so.

    Args:
        document: what the embedding service answered. Every value in it is untrusted.
        id: the id that was asked for.
    """
    match document:
        case {"__typename": "Tweet", "id_str": str(came), "edit_control": dict(control)} if came != id:
            initial = control.get("edit_control_initial")
            listed = [
                control.get("edit_tweet_ids"),
                initial.get("edit_tweet_ids") if isinstance(initial, dict) else None,
                [control.get("initial_tweet_id")],
            ]
            known = any(isinstance(ids, list) and id in ids for ids in listed)
            return came if known and _ID.fullmatch(came) else None
    return None
