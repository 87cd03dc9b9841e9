"""The sample article in which three sample posts are embedded, as a page and as plain text; all of it is invented."""

from __future__ import annotations

from html import escape

from archiver.demo.oembed import blockquote
from archiver.demo.posts import POSTS
from archiver.demo.records import Post
from archiver.demo.reports import FLOOD, PHOTO, SHELLING

__all__ = ["ARTICLE_PATH", "ARTICLE_POSTS", "ARTICLE_URL", "NEWS_HOST", "POSTS", "article_html", "article_text"]

NEWS_HOST = "coast-herald.example"
ARTICLE_PATH = "/2025/03/harbour"
ARTICLE_URL = f"https://{NEWS_HOST}{ARTICLE_PATH}"
ARTICLE_POSTS = (SHELLING, PHOTO, FLOOD)

_TITLE = "Northern quay of Marsa Belin hit before dawn; river rises inland"
_PARAGRAPHS = (
    "The northern quay of Marsa Belin was hit by artillery before dawn on Saturday, residents and port workers said. "
    "A grain store burned for more than two hours. The harbour office counted fourteen impacts, a number that the "
    "Coast Herald could not check for itself.",
    "By the middle of the morning the town’s only hospital had taken in eleven people, two of them children. Its "
    "director spoke of wards without a free bed and asked for the coast road to be kept open. “We have fuel until "
    "tonight,” she said. “After that we carry people down the stairs by hand.”",
    "Inland, the thaw brought a second emergency. At Kalynka the river left its bed in the early afternoon, and the "
    "dirt road by which aid from the coast would have come is under water. The village council published four "
    "pictures of its streets.",
    "Neither side has said that it fired. The district administration called the reports “one-sided” and announced "
    "an inquiry without naming a date. Two earlier inquiries into shelling of the port, in the autumn, have not "
    "published a word.",
)


def article_html() -> str:
    """Return the article as the news site serves it, with the posts as embed markup that carries their permalinks."""
    body = "\n".join(
        f"<p>{escape(paragraph, quote=False)}</p>" + (f"\n{blockquote(post)}" if post else "")
        for paragraph, post in _with_posts()
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{_TITLE}</title>\n'
        f'<link rel="canonical" href="{ARTICLE_URL}"></head>\n<body>\n<article>\n<h1>{_TITLE}</h1>\n{body}\n'
        "</article>\n</body>\n</html>\n"
    )


def article_text() -> str:
    """Return the article as text copied from a browser: quotation, then a signature line; no permalink is left."""
    lines = []
    for paragraph, post in _with_posts():
        lines.append(paragraph)
        if post:
            lines += [_quotation(post), f"— {post.author.name} (@{post.author.handle}) {post.day}"]
    return "\n".join(lines) + "\n"


def _with_posts() -> tuple[tuple[str, Post | None], ...]:
    return tuple(zip(_PARAGRAPHS, (*ARTICLE_POSTS, None), strict=True))


def _quotation(post: Post) -> str:
    # The first post's link is copied in its long form, as happens with videos; the other two as they are shown.
    link = post.short_url if post is SHELLING else post.pic
    return f"{post.shown_text} {link}".replace("\n", " ")
