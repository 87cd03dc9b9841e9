"""X's oEmbed answer (publish.x.com/oembed) for the sample posts, and the embed markup that news sites copy from it.

Standard: oEmbed 1.0, with X's habits: `cache_age` is text, the date is the UTC day, long text is cut with an ellipsis,
a post that is gone is a 404 in HTML.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import parse_qs

from archiver.demo.records import Post
from archiver.demo.wire import Reply, Request

_STATUS = re.compile(r"https?://(?:www\.|mobile\.)?(?:x|twitter)\.com/[^/?#]+/status(?:es)?/([0-9]{1,19})(?:[/?#]|\Z)")
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "iw", "ur"})
_SCRIPT = '<script async src="https://platform.x.com/widgets.js" charset="utf-8"></script>\n'
_NOT_FOUND = b"<!DOCTYPE html><html><head><title>404</title></head><body><h1>Not found</h1></body></html>\n"


def answer(posts: Mapping[str, Post], request: Request) -> Reply:
    """Answer an oEmbed request as X does."""
    query = {name: values[0] for name, values in parse_qs(request.query).items()}
    if request.path not in ("/oembed", "/oembed.json"):
        return _missing()
    if "url" not in query:
        return _json(400, {"errors": [{"code": 357, "message": "url: queryParam is required"}]})
    found = _STATUS.match(query["url"])
    post = posts.get(found[1]) if found else None
    if post is not None and post.state == "protected":
        return _json(403, {"request": request.resource, "error": "Sorry, you are not authorized to see this status."})
    # What X says of age-restricted posts here is not known; a 404 is the answer that misleads most, so it is served.
    if post is None or post.state not in ("public", "unclear"):
        return _missing()
    return _json(200, document(post, query))


def document(post: Post, query: Mapping[str, str]) -> dict[str, Any]:
    """Return the decoded JSON body for a post, given the options of the query."""
    given = query.get("maxwidth", "")
    width = min(max(int(given), 220), 550) if re.fullmatch(r"[0-9]{1,4}", given) else 550
    attributes = (f' data-width="{width}"' if given else "") + (' data-dnt="true"' if _on(query, "dnt") else "")
    html = blockquote(post, attributes, with_media=not _on(query, "hide_media")) + "\n"
    return {
        "url": post.url,
        "author_name": post.author.name,
        "author_url": f"https://x.com/{post.author.handle}",
        "html": html + ("" if _on(query, "omit_script") else _SCRIPT) + "\n",
        "width": width,
        "height": None,
        "type": "rich",
        "cache_age": "3153600000",
        "provider_name": "X",
        "provider_url": "https://x.com",
        "version": "1.0",
    }


def blockquote(post: Post, attributes: str = "", *, with_media: bool = True) -> str:
    """Return the embed markup of a post, without the script.

    Args:
        post: the post.
        attributes: more attributes of the blockquote, each with a space before it.
        with_media: whether the media link is part of the text.
    """
    direction = "rtl" if post.lang in _RIGHT_TO_LEFT else "ltr"
    media = f' <a href="{post.short_url}">{post.pic}</a>' if post.media and with_media else ""
    author = f"{_escape(post.author.name)} (@{post.author.handle})"
    return (
        f'<blockquote class="twitter-tweet"{attributes}>'
        f'<p lang="{post.lang}" dir="{direction}">{_text(post)}{media}</p>'
        f'&mdash; {author} <a href="{post.url}?ref_src=twsrc%5Etfw">{post.day}</a></blockquote>'
    )


def _text(post: Post) -> str:
    def link(match: re.Match[str]) -> str:
        word = match[0]
        if word.startswith("@"):
            return f'<a href="https://x.com/{word[1:]}?ref_src=twsrc%5Etfw">{word}</a>'
        if word.startswith("#"):
            return f'<a href="https://x.com/hashtag/{word[1:]}?src=hash&amp;ref_src=twsrc%5Etfw">{word}</a>'
        return f'<a href="{word}">{word}</a>'

    text = re.sub(r"(?<!&)[@#]\w+|https://t\.co/\w+", link, _escape(post.shown_text))
    return text.replace("\n", "<br>")


def _escape(text: str) -> str:
    return escape(text, quote=False).replace('"', "&quot;").replace("'", "&#39;")


def _on(query: Mapping[str, str], name: str) -> bool:
    return query.get(name, "") in ("1", "t", "true")


def _json(status: int, body: dict[str, Any]) -> Reply:
    data = json.dumps(body, ensure_ascii=False).encode()
    return Reply(status, (("content-type", "application/json; charset=utf-8"), ("server", "archiver-demo")), data)


def _missing() -> Reply:
    return Reply(404, (("content-type", "text/html; charset=utf-8"), ("server", "archiver-demo")), _NOT_FOUND)
