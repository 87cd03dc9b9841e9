"""The media of a post as figures, for `rendition`; only files whose path a capture can have are named.

Part of version 1 of the page: what is here may not change, or old captures render to other bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from archiver.model import Json
from archiver.rendition_text import at, inline, items, plain, safe, text

_FILE: Final = re.compile(r"media/[0-9]{2,}(-[a-z0-9]+)*\.[a-z0-9]+")
_SUFFIXES: Final = {
    "image": ("avif", "gif", "jpeg", "jpg", "png", "webp"),
    "video": ("m4v", "mov", "mp4", "webm"),
    "captions": ("vtt",),
}
_KINDS: Final = {"photo": "Photo", "video": "Video", "gif": "Silent video"}


class File(NamedTuple):
    """A file of the capture, as post.json lists it."""

    path: str
    role: str
    number: int
    media_type: str
    context: str

    def is_a(self, family: str) -> bool:
        """Tell by its name whether a browser may be given the file as an image, a video or captions."""
        return self.path.rpartition(".")[2] in _SUFFIXES[family]


def files(listed: Json) -> Iterator[File]:
    """Yield the files that can be named without harm; a path that no capture has is left out of the page."""
    for item in listed if isinstance(listed, list) else ():
        match item:
            case {"path": str(path), "role": str(role), "index": int(number), "media_type": str(media_type)}:
                if _FILE.fullmatch(path) and abs(number) < 10**9:
                    yield File(path, role, number, media_type, text(item, "context") or "post")


def first(given: Iterable[File], number: int, roles: set[str], family: str) -> File | None:
    """Return the first file of a piece of media that has one of the roles, and may be shown as what it is to be."""
    return next((f for f in given if f.number == number and f.role in roles and f.is_a(family)), None)


def figures(post: Json, own: tuple[File, ...], context: str) -> str:
    """Return the media of a post.

    Args:
        post: the post.
        own: its files.
        context: what tells it from the other posts of the page.
    """
    media = dict(enumerate(items(post, "media"), start=1))
    shown = {file.number for file in own if file.role in {"photo", "video", "gif"}}
    made = [_figure(index, media.get(index), own) for index in sorted(media.keys() | shown)]
    if not made:
        return ""
    veil = (
        f'<input type="checkbox" class="veil" id="veil-{context}">\n'
        f'<label for="veil-{context}">Show the media, which the platform marks as sensitive</label>\n'
    )
    veiled = veil if at(post, "sensitive") is True else ""
    return f'<section class="media">\n<h2>Media</h2>\n{veiled}{"".join(made)}</section>\n'


def _figure(index: int, media: Json, own: tuple[File, ...]) -> str:
    image = first(own, index, {"photo", "gif"}, "image")
    video = first(own, index, {"video", "gif"}, "video")
    kind = _KINDS.get(text(media, "kind"), "Media item")
    description = text(media, "alt")
    alt = plain(description or f"{kind} {index}, without a description by its author")
    captions = [file for file in own if file.number == index and file.role == "captions" and file.is_a("captions")]
    if video:
        item = _video(video, first(own, index, {"poster"}, "image"), captions, alt)
    elif image:
        item = f'<img src="{image.path}" alt="{alt}">'
    else:
        item = '<p class="absent">This capture has no file for it; the custody manifest says why.</p>'
    file = video or image
    caption = f"<p>{kind} {index}{f': {file.path}' if file else ''}</p>"
    words = f'<p dir="auto">Described by the author as: <bdi>{safe(description)}</bdi></p>' if description else ""
    links = ", ".join(f'<a href="{file.path}">{file.path}</a>' for file in captions)
    listed = f"<p>Captions: {links}</p>" if links else ""
    return (
        f"<figure>\n{item}\n<figcaption>{caption}{words}{listed}{_owner(media)}{_availability(media)}"
        "</figcaption>\n</figure>\n"
    )


def _video(video: File, poster: File | None, captions: list[File], alt: str) -> str:
    still = f' poster="{poster.path}"' if poster else ""
    tracks = "".join(f'<track kind="captions" src="{file.path}" label="{file.path}">' for file in captions)
    return f'<video src="{video.path}"{still} controls preload="none" aria-label="{alt}">{tracks}</video>'


def _owner(media: Json) -> str:
    stated, page = at(media, "owner"), at(media, "owner", "page")
    handle = text(stated, "handle") or text(page, "handle")
    id = text(stated, "post") or text(page, "post")
    author = f" by <bdi>@{safe(handle)}</bdi>" if handle else ""
    post = f" {inline(id)}" if id else ""
    return f"<p>From another post{post}{author}, as the platform states.</p>" if author or post else ""


def _availability(media: Json) -> str:
    status, reason = text(media, "availability"), text(media, "availability_reason")
    if not status or status.lower() == "available":
        return ""
    return f"<p>The platform lists it as {inline(status)}{f' ({inline(reason)})' if reason else ''}.</p>"
