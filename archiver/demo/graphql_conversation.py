"""A conversation as X's `TweetDetail` lays it out: parents, the post, its author's thread, replies; it knows no HTTP.

The replies of others are on a second page, behind a cursor. Posts that are withheld stand there as tombstones.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from archiver.demo.graphql_logins import Login
from archiver.demo.graphql_results import result
from archiver.demo.records import Post

_SORT = (1 << 63) - 1
_HIGH = {"details": {"conversationDetails": {"conversationSection": "HighQuality"}}}


def conversation(posts: Mapping[str, Post], focal: Post, login: Login, cursor: str) -> dict[str, Any]:
    """Return the instructions around a post.

    Args:
        posts: every post, by id.
        focal: the post that was asked for.
        login: who asks.
        cursor: the value of the cursor of the page before; empty for the first page.
    """
    first = not cursor
    if first:
        entries = list(_first_page(posts, focal, login))
        if any(_replies(posts, focal)):
            entries.append(_cursor("Bottom", focal))
    else:
        known = cursor == _cursor_value(focal)
        others = _replies(posts, focal) if known else ()
        entries = [entry for reply in others if (entry := _module([reply], login, "Tweet"))]
    return {
        "instructions": [
            *([{"type": "TimelineClearCache"}] if first else []),
            {"type": "TimelineAddEntries", "entries": entries},
            {"type": "TimelineTerminateTimeline", "direction": "Top" if first else "Bottom"},
        ],
        "metadata": {"scribeConfig": {"page": "ranked_replies"}},
    }


def _first_page(posts: Mapping[str, Post], focal: Post, login: Login) -> Iterator[dict[str, Any]]:
    chain = [focal]
    while chain[0].parent:
        chain.insert(0, chain[0].parent)
    for post in chain:
        item = _item(post, login, "Tweet")
        if item:
            yield _entry(
                f"tweet-{post.id}",
                post,
                {"entryType": "TimelineTimelineItem", "__typename": "TimelineTimelineItem"} | item,
            )
    if module := _module(list(_continued(posts, focal)), login, "SelfThread"):
        yield module


def _continued(posts: Mapping[str, Post], post: Post) -> Iterator[Post]:
    """Yield the posts with which an author goes on after one of a thread, in order."""
    if not post.thread:
        return
    following = [other for other in posts.values() if other.parent == post and other.thread == post.thread]
    for other in following:
        yield other
        yield from _continued(posts, other)


def _replies(posts: Mapping[str, Post], focal: Post) -> Iterator[Post]:
    """Yield what others answered to a post."""
    return (post for post in posts.values() if post.parent == focal and post.author != focal.author)


def _module(posts: Iterable[Post], login: Login, display: str) -> dict[str, Any] | None:
    shown = [(post, item) for post in posts if (item := _item(post, login, display))]
    if not shown:
        return None
    first = shown[0][0]
    name = f"conversationthread-{first.id}"
    items = [{"entryId": f"{name}-tweet-{post.id}", "item": item | {"clientEventInfo": _HIGH}} for post, item in shown]
    kind = {"entryType": "TimelineTimelineModule", "__typename": "TimelineTimelineModule"}
    return _entry(name, first, kind | {"items": items, "displayType": "VerticalConversation", "clientEventInfo": _HIGH})


def _item(post: Post, login: Login, display: str) -> dict[str, Any] | None:
    stated = result(post, login, in_words=True)
    if not stated:
        return None
    return {
        "itemContent": {
            "itemType": "TimelineTweet",
            "__typename": "TimelineTweet",
            "tweet_results": {"result": stated},
            "tweetDisplayType": display,
            "hasModeratedReplies": False,
        }
    }


def _cursor(kind: str, focal: Post) -> dict[str, Any]:
    named = {"entryType": "TimelineTimelineCursor", "__typename": "TimelineTimelineCursor"}
    content = named | {"value": _cursor_value(focal), "cursorType": kind}
    return _entry(f"cursor-{kind.lower()}-{_SORT - int(focal.id)}", focal, content)


def _cursor_value(focal: Post) -> str:
    return base64.urlsafe_b64encode(f"page 2 of {focal.id}".encode()).decode()


def _entry(name: str, post: Post, content: dict[str, Any]) -> dict[str, Any]:
    return {"entryId": name, "sortIndex": str(_SORT - int(post.id)), "content": content}
