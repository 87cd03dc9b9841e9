"""X's syndication answer (cdn.syndication.twimg.com/tweet-result) for the sample posts; it knows no other endpoint.

The shape is the one that X served in 2026: empty members of `entities` left out, text HTML-escaped, indices in code
points of the escaped text, one entry in `entities.media` however many media there are, quoted and parent posts without
`__typename`.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import parse_qs

from archiver.demo import syndication_extras, syndication_media
from archiver.demo.records import Poll, Post
from archiver.demo.token import token
from archiver.demo.wire import Reply, Request

TOMBSTONES = {
    "deleted": "This Post was deleted by the Post author. Learn more",
    "suspended": "This Post is from a suspended account. Learn more",
    "account-gone": "This Post is from an account that no longer exists. Learn more",
    "protected": (
        "You’re unable to view this Post because this account owner limits who can view their Posts. Learn more"
    ),
    "withheld": "This Post has been withheld in Belinia in response to a legal demand. Learn more",
    "rules": "This Post violated the X Rules. Learn more",
    # What this service says of posts for subscribers was not observed; this is the least that it says of any.
    "subscribers": "This Post is unavailable. Learn more",
}
"""The words about a post in each state in which it is not shown."""

_NOTICES = "https://help.x.com/rules-and-policies/notices-on-x"
_NOT_FOUND = b"<!DOCTYPE html><html><head><title>404</title></head><body><h1>Not found</h1></body></html>\n"


def answer(posts: Mapping[str, Post], request: Request) -> Reply:
    """Answer a request for a post as X's syndication host does; the note says how the token was."""
    query = parse_qs(request.query)
    post_id = query.get("id", [""])[0]
    given = query.get("token", [""])[0]
    if request.path != "/tweet-result" or not re.fullmatch(r"[0-9]{1,19}", post_id):
        return _html_404("")
    if not given:
        return _json({}, "token: missing")
    note = "token: right" if given == token(post_id) else "token: wrong"
    post = posts.get(post_id)
    if post is None or post.state == "never-existed":
        return _html_404(note)
    return _json(document(post), note)


def document(post: Post) -> dict[str, Any]:
    """Return the decoded JSON body that is served for a post."""
    if post.state in ("unclear", "never-existed"):
        return {}
    if post.state == "age-restricted":
        return {"__typename": "TweetTombstone", "tombstone": {}}
    if post.state in TOMBSTONES:
        return {"__typename": "TweetTombstone", "tombstone": {"text": _tombstone_text(TOMBSTONES[post.state])}}
    return _tweet(post)


def _json(body: dict[str, Any], note: str) -> Reply:
    data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    headers = (
        ("content-type", "application/json; charset=utf-8"),
        ("cache-control", "public, max-age=300"),
        ("server", "archiver-demo"),
    )
    return Reply(200, headers, data, note=note)


def _html_404(note: str) -> Reply:
    return Reply(
        404, (("content-type", "text/html; charset=utf-8"), ("server", "archiver-demo")), _NOT_FOUND, note=note
    )


def _tombstone_text(text: str) -> dict[str, Any]:
    link = {"__typename": "TimelineUrl", "url": _NOTICES, "url_type": "ExternalUrl"}
    start = text.index("Learn more")
    return {"text": text, "entities": [{"from_index": start, "to_index": len(text), "ref": link}], "rtl": False}


def _tweet(post: Post) -> dict[str, Any]:
    tweet = {"__typename": "Tweet"} | _common(post)
    if post.is_long:
        tweet["note_tweet"] = {"id": base64.b64encode(f"NoteTweetResults:{post.id}".encode()).decode()}
    if post.parent:
        tweet |= {
            "in_reply_to_screen_name": post.parent.author.handle,
            "in_reply_to_status_id_str": post.parent.id,
            "in_reply_to_user_id_str": post.parent.author.id,
        }
    if isinstance(post.card, Poll):
        tweet["card"] = syndication_extras.poll(post.id, post.card)
    elif post.card:
        tweet["card"] = syndication_extras.link_card(post.links[0], post.card)
    if post.note:
        tweet["birdwatch_pivot"] = syndication_extras.community_note(post.note)
    tweet |= {"conversation_count": 3, "news_action_type": "conversation"}
    # A quoted or answered post that is gone leaves no trace but its id in a reply.
    for member, other in (("quoted_tweet", post.quotes), ("parent", post.parent)):
        if other and other.state == "public":
            tweet[member] = {"reply_count": 2, "retweet_count": 5} | _common(other)
    return tweet


def _common(post: Post) -> dict[str, Any]:
    """Return what a post has as an answer of its own, and inside another's."""
    prefix = f"@{post.addressee.handle} " if post.addressee else ""
    visible = prefix + escape(post.shown_text, quote=False)
    text = f"{visible} {post.short_url}" if post.media else visible
    tweet: dict[str, Any] = {"lang": post.lang, "favorite_count": 12}
    if post.thread:
        tweet["self_thread"] = {"id_str": post.thread}
    if post.media or post.sensitive:
        tweet["possibly_sensitive"] = post.sensitive
    tweet |= {
        "created_at": post.created.strftime("%Y-%m-%dT%H:%M:%S") + ".000Z",
        # X counts this range in UTF-16 units, unlike every other index: with an emoji it ends inside the media link.
        "display_text_range": [len(prefix), len(visible.encode("utf-16-le")) // 2],
        "entities": _entities(post, text),
        "id_str": post.id,
        "text": text,
        "user": syndication_media.user(post.author),
        "edit_control": _edit_control(post.versions or (post.id,)),
    }
    if post.media:
        tweet |= syndication_media.members(post, text)
    # Whether X calls an older version edited as well was not observed.
    newest = not post.versions or post.versions[-1] == post.id
    return tweet | {"isEdited": newest and len(post.versions) > 1, "isStaleEdit": not newest}


def _edit_control(versions: Sequence[str]) -> dict[str, Any]:
    return {
        "edit_tweet_ids": list(versions),
        "editable_until_msecs": str((int(versions[0]) >> 22) + 1288834974657 + 3_600_000),
        "is_edit_eligible": True,
        "edits_remaining": str(6 - len(versions)),
    }


def _entities(post: Post, text: str) -> dict[str, Any]:
    found = {
        "hashtags": [
            {"indices": [match.start(), match.end()], "text": match[1]} for match in re.finditer(r"#(\w+)", text)
        ],
        "urls": [
            {
                "display_url": link.expanded.removeprefix("https://"),
                "expanded_url": link.expanded,
                "indices": _indices(text, link.url),
                "url": link.url,
            }
            for link in post.links
        ],
        "user_mentions": [
            {
                "id_str": account.id,
                "indices": _indices(text, f"@{account.handle}"),
                "name": account.name,
                "screen_name": account.handle,
            }
            for account in ((post.addressee,) if post.addressee else ()) + post.mentions
        ],
        "media": [syndication_media.link(post, post.media[0], text)] if post.media else [],
    }
    return {name: values for name, values in found.items() if values}


def _indices(text: str, part: str) -> list[int]:
    start = text.index(part)
    return [start, start + len(part)]
