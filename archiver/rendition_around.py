"""What stands before, behind and around the words of a post, for `rendition`: a warning, an article, the thread.

Part of version 1 of the page: what is here may not change, or old captures render to other bytes.
"""

from __future__ import annotations

from archiver.model import Json
from archiver.rendition_text import at, inline, items, moment, prose, safe, text


def veil(post: Json) -> str:
    """Return what the platform shows before it lets the post be seen; nothing where it shows nothing."""
    said = (
        text(post, "interstitial", "text"),
        text(post, "interstitial", "media", "title"),
        text(post, "interstitial", "media", "text"),
    )
    words = "".join(f'<p class="text" dir="auto">{safe(part)}</p>\n' for part in said if part)
    heading = "<h2>Shown by the platform before the post</h2>"
    return f'<section class="notice">\n{heading}\n{words}</section>\n' if words else ""


def article(post: Json) -> str:
    """Return the article that a post is about, as far as the answer holds it."""
    found = at(post, "article")
    title, published = text(found, "title"), text(found, "published")
    parts = [text(block, "text") for block in items(found, "blocks")]
    parts = [part for part in parts if part] or [text(found, "text") or text(found, "preview")]
    words = "".join(f'<p class="text small" dir="auto">{prose(part)}</p>\n' for part in parts if part)
    head = f'<h3 dir="auto">{safe(title)}</h3>\n' if title else ""
    when = f'<p class="by">{moment(published)}</p>\n' if published else ""
    return f'<section class="aside">\n<h2>Article</h2>\n{head}{when}{words}</section>\n' if head or words else ""


def around(post: Json) -> str:
    """Return which posts stand around a post; each of them is a capture of its own, if it is captured."""
    rows = [("It replies to", item) for item in items(post, "context", "parents")]
    rows += [("Its author goes on", item) for item in items(post, "context", "continuation")]
    listed = "".join(f"<li>{label}: {_one(item)}</li>\n" for label, item in rows)
    return f'<section class="aside">\n<h2>Thread</h2>\n<ul>\n{listed}</ul>\n</section>\n' if listed else ""


def _one(item: Json) -> str:
    handle, notice = text(item, "author", "handle"), text(item, "notice")
    parts = (f"<bdi>@{safe(handle)}</bdi>" if handle else "", inline(at(item, "id")), safe(notice))
    return " · ".join(part for part in parts if part)
