"""Reads the paths under which X and its mirrors show one post; it looks at no host, and takes no query for a path."""

from __future__ import annotations

import re
from urllib.parse import unquote

from archiver.intake.urls import Parts
from archiver.model import Record

_STATUS = frozenset({"status", "statuses"})
_HANDLE = re.compile(r"@?([A-Za-z0-9_]{1,20})")
# The rest after the id is what people and programs leave there: punctuation, an encoded query, ".mp4" of a mirror.
_ID = re.compile(r"(?P<id>[0-9]+)(?P<rest>\W*|\.[A-Za-z0-9]{1,4}|[?&%#].*)", re.DOTALL)
_CUT = ("…", "...")
_FULL_LENGTH = 19
_NOT_A_HANDLE = frozenset({"i", "intent", "statuses", "status", "web"})
_INTENTS = {
    "tweet": ("in_reply_to", "in_reply_to_status_id"),
    "post": ("in_reply_to",),
    "like": ("tweet_id", "post_id"),
    "favorite": ("tweet_id",),
    "retweet": ("tweet_id", "post_id"),
    "repost": ("tweet_id", "post_id"),
}

_ABOUT_ONE_POST = "give the link of one post, which has /status/ and a number in it"
_PLACES = {
    "spaces": "this is a live audio space",
    "broadcasts": "this is a live broadcast",
    "events": "this is an event page",
    "moments": "this is a collection of posts",
    "lists": "this is a list of accounts",
    "communities": "this is a community",
    "article": "this is a long article on X",
    "articles": "this is a long article on X",
    "cards": "this is a card, which is a part of a post",
    "search": "this is a search",
    "hashtag": "this is a search for a hashtag",
    "intent": "this is a button that shares or follows",
    "share": "this is a button that shares",
}


class Shown(Record, frozen=True, kw_only=True):
    """What a path shows: a post (id set), or something else (advice set).

    Attributes:
        id: the digits as they stand in the path, not yet judged.
        handle: the account name in the path, which X ignores; None where the form has none.
        media_index: the 1-based number after /photo/ or /video/.
        advice: what this is instead of a post, and what to give.
    """

    id: str | None = None
    handle: str | None = None
    media_index: int | None = None
    advice: str = ""


def read_path(segments: list[str], *, depth: int = 1) -> Shown | None:
    """Read the segments of a path as a post; None when they show no single post.

    Args:
        segments: the path between slashes, still percent-encoded.
        depth: how many segments may stand before "status" (mirrors put more of them there).
    """
    lowered = [segment.lower() for segment in segments[: depth + 3]]
    at = next(
        (n for n, segment in enumerate(lowered[:-1]) if segment in _STATUS and segments[n + 1][0] in "0123456789"), -1
    )
    if at < 0 or (at > depth and lowered[:at] != ["i", "web"]):
        return None
    return read_id(
        unquote(segments[at + 1]),
        handle=_handle(segments[at - 1]) if at else None,
        media_index=_media_index(segments[at + 2 :]),
    )


def read_id(text: str, *, handle: str | None = None, media_index: int | None = None) -> Shown | None:
    """Read the number at the start of a text, with punctuation after it allowed; None when it does not begin so."""
    match = _ID.fullmatch(text)
    if match is None:
        return None
    if match["rest"].startswith(_CUT) and len(match["id"]) < _FULL_LENGTH:
        return Shown(advice="the link is cut off within its number; " + _ABOUT_ONE_POST)
    return Shown(id=match["id"], handle=handle, media_index=media_index)


def read_intent(segments: list[str], parts: Parts) -> Shown | None:
    """Read a button's address (/intent/like?tweet_id=…); None when it names no post."""
    if len(segments) != 2 or segments[0].lower() != "intent":
        return None
    id = parts.parameter(*_INTENTS.get(segments[1].lower(), ()))
    return None if id is None else read_id(id)


def describe(segments: list[str]) -> str:
    """Say in one sentence what a path of X shows that is no single post, and what to give instead."""
    lowered = [unquote(segment).lower() for segment in segments[:3]]
    if not lowered:
        return "this is the front page of X; " + _ABOUT_ONE_POST
    named = lowered[1:2] if lowered[0] == "i" else [lowered[0], *lowered[1:2]]
    for segment in named:
        if segment in _PLACES:
            return f"{_PLACES[segment]}; {_ABOUT_ONE_POST}"
    if any(segment in _STATUS for segment in lowered):
        return "the number of the post is missing or spoilt; " + _ABOUT_ONE_POST
    if lowered[0] != "i" and len(lowered) == 1 and _HANDLE.fullmatch(lowered[0]):
        return "this is the profile of an account; " + _ABOUT_ONE_POST
    return "this page of X is not a single post; " + _ABOUT_ONE_POST


def _handle(segment: str) -> str | None:
    match = _HANDLE.fullmatch(unquote(segment))
    return None if match is None or match[1].lower() in _NOT_A_HANDLE else match[1]


def _media_index(suffix: list[str]) -> int | None:
    if len(suffix) < 2 or suffix[0].lower() not in ("photo", "video"):
        return None
    match = re.match(r"[1-9][0-9]?(?![0-9])", suffix[1])
    return int(match[0]) if match else None
