"""A post as X's GraphQL states it to whoever may see it: whole, as the stub of an older version, or as a preview.

Text in `legacy` is HTML-escaped and, when long, cut without a mark; in a note it is whole and as typed. Indices count
code points of the text that they belong to. The newest service leaves out empty entities, the others list them.
"""

from __future__ import annotations

import base64
import hashlib
import re
from html import escape
from typing import Any

from archiver.demo import graphql_media, syndication_extras
from archiver.demo.cards import Poll
from archiver.demo.graphql_users import spelled, user
from archiver.demo.records import Post

_SOURCE = '<a href="https://mobile.twitter.com" rel="nofollow">Twitter Web App</a>'
_SHOWN_FIRST = 120


def whole(post: Post, *, stripped: bool = False) -> dict[str, Any]:
    """Return a post as a `Tweet`, without the post that it quotes; `stripped` leaves out its media and says nothing."""
    tweet: dict[str, Any] = {
        "__typename": "Tweet",
        "rest_id": post.id,
        "has_birdwatch_notes": post.note is not None,
        "core": _core(post),
        "unmention_data": {},
        "edit_control": _edit_control(post),
        "is_translatable": post.lang != "en",
        "views": {"count": "4186", "state": "EnabledWithCount"},
        "source": _SOURCE,
        "legacy": _legacy(post, stripped),
    }
    if post.is_long:
        tweet["note_tweet"] = _note(post)
    if post.card:
        tweet["card"] = _card(post)
    if post.note:
        tweet["birdwatch_pivot"] = syndication_extras.community_note(post.note)
    return tweet


def stub(post: Post) -> dict[str, Any]:
    """Return what is left of an older version of an edited post, which the platform wraps."""
    return {"rest_id": post.id, "unmention_info": {}, "edit_control": _edit_control(post)}


def preview(post: Post) -> dict[str, Any]:
    """Return the `TweetPreviewDisplay` of a post that is for subscribers only."""
    return {
        "__typename": "TweetPreviewDisplay",
        "tweet": {
            "rest_id": post.id,
            "text": post.text[:_SHOWN_FIRST].rsplit(" ", 1)[0] + "…",
            "core": _core(post),
            "entities": {},
            "created_at": spelled(post.created),
            "view_count": {"count": "318"},
            **dict.fromkeys(("reply_count", "retweet_count", "favorite_count", "bookmark_count", "quote_count"), 3),
        },
        "limited_action_results": {"limited_actions": [{"action": "Reply"}, {"action": "Retweet"}]},
        "cta": {
            "title": "Subscribe to unlock",
            "url": {
                "url": f"https://x.com/{post.author.handle}/creator-subscriptions/subscribe",
                "urlType": "DeepLink",
            },
        },
    }


def permalink_code(quoted: Post) -> str:
    """Return the code at t.co of the link that stands for a quoted post."""
    return re.sub(r"\W", "", base64.b64encode(hashlib.sha256(quoted.id.encode()).digest()).decode())[:10]


def _core(post: Post) -> dict[str, Any]:
    return {"user_results": {"result": user(post.author, protected=post.state == "protected")}}


def _edit_control(post: Post) -> dict[str, Any]:
    versions = post.versions or (post.id,)
    initial = {
        "edit_tweet_ids": list(versions),
        "editable_until_msecs": str((int(versions[0]) >> 22) + 1288834974657 + 3_600_000),
        "is_edit_eligible": True,
        "edits_remaining": str(6 - len(versions)),
    }
    if versions[0] == post.id:
        return initial
    return {"edit_control_initial": initial, "initial_tweet_id": versions[0]}


def _legacy(post: Post, stripped: bool) -> dict[str, Any]:
    prefix = f"@{post.addressee.handle} " if post.addressee else ""
    visible = prefix + escape(post.shown_text.removesuffix("…") if post.is_long else post.text, quote=False)
    shown = post.retweets or post
    text = f"{visible} {shown.short_url}" if shown.media else visible
    media = graphql_media.entities(shown, text) if shown.media and not stripped else []
    if post.retweets:
        media = graphql_media.passed_on(post.retweets, media)
    listed = _entities(post, text) | {"media": media}
    if post.author.shape == "core":
        listed = {name: values for name, values in listed.items() if values}
    elif not media:
        del listed["media"]
    legacy: dict[str, Any] = {
        "bookmark_count": 2,
        "bookmarked": False,
        "created_at": spelled(post.created),
        "conversation_id_str": _root(post).id,
        "display_text_range": [len(prefix), len(visible)],
        "entities": listed,
        **({"extended_entities": {"media": media}} if media else {}),
        "favorite_count": 12,
        "favorited": False,
        "full_text": text,
        "is_quote_status": post.quotes is not None,
        "lang": post.lang,
        "quote_count": 1,
        "reply_count": 3,
        "retweet_count": 5,
        "retweeted": False,
        "user_id_str": post.author.id,
        "id_str": post.id,
    }
    return legacy | _sensitivity(post) | _relations(post)


def _sensitivity(post: Post) -> dict[str, Any]:
    stated: dict[str, Any] = {}
    if post.media or post.sensitive:
        stated = {"possibly_sensitive": post.sensitive, "possibly_sensitive_editable": True}
    if post.countries:
        stated |= {"withheld_scope": "status", "withheld_in_countries": list(post.countries)}
    return stated


def _relations(post: Post) -> dict[str, Any]:
    related: dict[str, Any] = {"self_thread": {"id_str": post.thread}} if post.thread else {}
    if post.parent:
        related |= {
            "in_reply_to_screen_name": post.parent.author.handle,
            "in_reply_to_status_id_str": post.parent.id,
            "in_reply_to_user_id_str": post.parent.author.id,
        }
    if post.quotes:
        related |= {
            "quoted_status_id_str": post.quotes.id,
            "quoted_status_permalink": {
                "url": f"https://t.co/{permalink_code(post.quotes)}",
                "expanded": post.quotes.url,
                "display": f"x.com/{post.quotes.author.handle}…",
            },
        }
    return related


def _entities(post: Post, text: str) -> dict[str, Any]:
    def place(part: str) -> list[int]:
        return [text.index(part), text.index(part) + len(part)]

    named = ((post.addressee,) if post.addressee else ()) + post.mentions
    return {
        "hashtags": [
            {"indices": [match.start(), match.end()], "text": match[1]} for match in re.finditer(r"#(\w+)", text)
        ],
        "symbols": [],
        "timestamps": [],
        "urls": [
            {
                "display_url": link.expanded.removeprefix("https://"),
                "expanded_url": link.expanded,
                "url": link.url,
                "indices": place(link.url),
            }
            for link in post.links
            if link.url in text
        ],
        "user_mentions": [
            {
                "id_str": account.id,
                "name": account.name,
                "screen_name": account.handle,
                "indices": place(f"@{account.handle}"),
            }
            for account in named
            if f"@{account.handle}" in text
        ],
    }


def _note(post: Post) -> dict[str, Any]:
    entity_set = _entities(post, post.text)
    del entity_set["timestamps"]
    return {
        "is_expandable": True,
        "note_tweet_results": {
            "result": {
                "id": base64.b64encode(f"NoteTweet:{post.id}".encode()).decode(),
                "text": post.text,
                "entity_set": entity_set,
                "richtext": {"richtext_tags": []},
                "media": {"inline_media": []},
            }
        },
    }


def _card(post: Post) -> dict[str, Any]:
    if isinstance(post.card, Poll):
        card = syndication_extras.poll(post.id, post.card)
    elif post.card:
        card = syndication_extras.link_card(post.links[0], post.card)
    else:
        return {}
    values = [{"key": key, "value": value} for key, value in card["binding_values"].items()]
    return {"rest_id": card["url"], "legacy": card | {"binding_values": values, "user_refs_results": []}}


def _root(post: Post) -> Post:
    while post.parent:
        post = post.parent
    return post
