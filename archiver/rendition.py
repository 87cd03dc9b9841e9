"""post.json to post.html: a page to read a post on, offline; it runs no script, loads nothing remote, trusts no value.

Each version of the page stays here for ever, because verify renders old captures again and compares byte for byte.
Nothing may therefore depend on the edition of Unicode, the locale or the time: only on the document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from archiver.model import Json
from archiver.rendition_around import around, article, veil
from archiver.rendition_attached import attached
from archiver.rendition_media import File, figures, files, first
from archiver.rendition_style import POLICY, STYLE
from archiver.rendition_text import at, embedded, inline, items, language, moment, plain, prose, safe, text

RENDITION: Final = "rendition/1"

_DETAILS: Final = (
    ("Address", "url"),
    ("Author's id", "author", "id"),
    ("Verified", "author", "verified"),
    ("Blue check", "author", "blue"),
    ("Kind of account", "author", "verified_type"),
    ("Label of the account", "author", "label"),
    ("Language", "language"),
    ("In reply to post", "reply_to", "post"),
    ("In reply to", "reply_to", "handle"),
    ("Thread begun by post", "thread", "id"),
    ("Likes", "counts", "likes"),
    ("Replies", "counts", "replies"),
    ("Reposts", "counts", "reposts"),
    ("Sensitive", "sensitive"),
    ("Edited", "edited"),
    ("Superseded by an edit", "superseded"),
    ("Card", "card", "name"),
    ("Written with", "source"),
    ("Views", "counts", "views"),
    ("Quotes", "counts", "quotes"),
    ("Community", "community", "name"),
    ("Place", "place", "name"),
)
_CONTEXTS: Final = {"quoted": " (of the quoted post)", "parent": " (of the post replied to)"}


def render(document: Mapping[str, Json]) -> bytes:
    """Return the page of a post as UTF-8, for the folder in which post.json and `media/` stand.

    Args:
        document: a decoded post.json. No value in it is trusted, nor that any is there.
    """
    return RENDERERS[RENDITION](document)


def _render_1(document: Mapping[str, Json]) -> bytes:
    post = document.get("post")
    listed = tuple(files(document.get("files")))
    platform = {"x": "X"}.get(text(document, "platform"), text(document, "platform"))
    title = f"Post {text(document, 'id')} on {platform}"
    count = len(items(document, "not_understood"))
    unread = f" Values in the answers that this version does not interpret: {count}." if count else ""
    page = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>{plain(title)} (rendition)</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        '<p class="label">A rendition of post.json, not the original page; the exact bytes are in capture.warc.</p>\n'
        f"<article>\n{_header(post, listed, title)}{_edits(document, post)}"
        f"{_other(post, 'parent', 'In reply to', listed)}{veil(post)}{_words(post)}{_own(post, listed, 'post')}"
        f"{article(post)}{_other(post, 'reposted', 'Reposted post', listed)}"
        f"{_other(post, 'quoted', 'Quoted post', listed)}{around(post)}"
        f"{_details(document, post)}{_tables(post, listed)}</article>\n"
        f"<footer>rendition/1. Times are UTC. Nothing on this page was loaded from elsewhere.{unread}</footer>\n"
        "</main>\n</body>\n</html>\n"
    )
    return page.encode("utf-8")


RENDERERS: Final[Mapping[str, Callable[[Mapping[str, Json]], bytes]]] = MappingProxyType({"rendition/1": _render_1})
"""Every version of the page that captures were ever made with."""


def _header(post: Json, listed: tuple[File, ...], title: str) -> str:
    image = first((file for file in listed if file.context == "post"), 0, {"profile-image"}, "image")
    handle, name = text(post, "author", "handle"), text(post, "author", "name")
    by = f'<p class="handle"><bdi>@{safe(handle)}</bdi></p>\n' if handle else ""
    on = f"<p>{moment(text(post, 'created'))}</p>\n" if text(post, "created") else ""
    picture = f'<img src="{image.path}" alt="">\n' if image else ""
    return f"<header>\n{picture}<div>\n<h1><bdi>{safe(name or title)}</bdi></h1>\n{by}{on}</div>\n</header>\n"


def _edits(document: Json, post: Json) -> str:
    """A notice that there are other versions of the post, with their ids; nothing for a post that was not edited."""
    stated = [text(item, "id") for item in (at(post, "first_version"), *items(post, "edits"))]
    versions = tuple(dict.fromkeys(id for id in stated if id))
    superseded = at(post, "superseded") is True
    if not superseded and at(post, "edited") is not True and len(versions) < 2:
        return ""
    says = "This version was superseded by an edit." if superseded else "This post was edited."
    own = text(document, "id")
    words = {text(version, "id"): text(version, "text") for version in items(post, "versions")}
    listed = "".join(
        f"<li>{inline(id)}{' (this one)' if id == own else ''}"
        + (f'<p class="text small" dir="auto">{prose(words[id])}</p>' if words.get(id) else "")
        + "</li>"
        for id in versions
    )
    ids = f"<p>Its versions, each a post of its own:</p>\n<ul>{listed}</ul>\n" if listed else ""
    return f'<section class="aside edits">\n<h2>Edited</h2>\n<p>{says}</p>\n{ids}</section>\n'


def _words(post: Json, *, small: bool = False) -> str:
    words, notice = text(post, "text"), text(post, "notice")
    blocks = []
    if notice:
        heading = "<h2>The platform's answer in place of the post</h2>"
        blocks.append(
            f'<section class="notice">\n{heading}\n<p class="text" dir="auto">{safe(notice)}</p>\n</section>\n'
        )
    if words:
        style = "text small" if small else "text"
        blocks.append(f'<p class="{style}" dir="auto"{language(text(post, "language"))}>{prose(words)}</p>\n')
    elif beginning := text(post, "preview", "text"):
        blocks.append('<p class="label">The beginning, which the platform shows to everybody:</p>\n')
        blocks.append(f'<p class="text" dir="auto">{prose(beginning)}</p>\n')
    elif not notice:
        none = "The post has no text." if at(post, "text") == "" else "The platform's answer holds no text of the post."
        blocks.append(f'<p class="label">{none}</p>\n')
    if text(post, "note", "id"):
        blocks.append('<p class="label">A long post: the platform\'s answer holds only its beginning.</p>\n')
    if shown := embedded(text(post, "oembed", "html")):
        blocks.append('<p class="label">The platform\'s service for embedding (oEmbed) shows of it:</p>\n')
        blocks.append(f'<p class="text small" dir="auto">{prose(shown)}</p>\n')
    return "".join(blocks)


def _own(post: Json, listed: tuple[File, ...], context: str) -> str:
    """What a post has beside its words: media, poll, preview of a link, readers' note."""
    own = tuple(file for file in listed if file.context == context)
    return figures(post, own, context) + attached(post, own)


def _other(post: Json, name: str, heading: str, listed: tuple[File, ...]) -> str:
    """A post that came with the one asked for, as a card, with what came of a post inside it."""
    other = at(post, name)
    if not isinstance(other, dict) or not other:
        return ""
    inner = _summary(at(other, "parent"), "It replies to") + _summary(at(other, "quoted"), "It quotes")
    return (
        f'<section class="aside">\n<h2>{heading}</h2>\n{_by(other)}{_words(other, small=True)}'
        f"{_own(other, listed, name)}{inner}</section>\n"
    )


def _summary(post: Json, label: str) -> str:
    if not isinstance(post, dict) or not post:
        return ""
    return f'<div class="inner">\n<p class="label">{label}</p>\n{_by(post)}{_words(post, small=True)}</div>\n'


def _by(post: Json) -> str:
    name, handle = text(post, "author", "name"), text(post, "author", "handle")
    parts = (
        f"<b><bdi>{safe(name)}</bdi></b>" if name else "",
        f"<bdi>@{safe(handle)}</bdi>" if handle else "",
        moment(text(post, "created")) if text(post, "created") else "",
        inline(at(post, "id")),
    )
    return f'<p class="by">{" · ".join(part for part in parts if part)}</p>\n'


def _details(document: Json, post: Json) -> str:
    moments = [("Posted", moment(text(post, "created"))), ("Time in the id", moment(text(post, "id_time")))]
    values = [(name, inline(at(post, *steps))) for name, *steps in _DETAILS]
    rows = [("Id", inline(at(document, "id"))), *moments, *values]
    pairs = "".join(f"<dt>{name}</dt><dd>{value}</dd>\n" for name, value in rows if value)
    return f"<h2>Details</h2>\n<dl>\n{pairs}</dl>\n"


def _tables(post: Json, listed: Iterable[File]) -> str:
    links = [[inline(at(link, name)) for name in ("url", "expanded", "display")] for link in items(post, "links")]
    names = [
        (
            f'<a href="{file.path}">{file.path}</a>',
            safe(file.role) + _CONTEXTS.get(file.context, ""),
            str(file.number or ""),
            safe(file.media_type),
        )
        for file in listed
    ]
    link_table = _table("Links in the text", ("As posted", "Leads to", "Shown as"), links)
    return link_table + _table("Files of this capture", ("File", "What it is", "Number", "Type"), names)


def _table(heading: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>\n" for row in rows)
    head = "".join(f'<th scope="col">{column}</th>' for column in columns)
    return f"<h2>{heading}</h2>\n<table>\n<tr>{head}</tr>\n{body}</table>\n" if body else ""
