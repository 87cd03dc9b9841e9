"""Which media a post on X has and where each may be had, best first; it plans, and fetches nothing.

X serves every photo in several renditions, of which the bare URL in its answers is a small one, and videos as several
files. Only addresses on X's own media hosts are planned: nothing in a post can send the recorder elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal

from archiver.model import Candidate, Json, MediaItem, Record

Context = Literal["post", "quoted", "parent"]
Role = Literal["photo", "video", "gif", "poster", "profile-image", "card", "playlist", "captions"]

_IMAGE: Final = re.compile(r"https://pbs\.twimg\.com/[A-Za-z0-9._~!$'()*+,;=:@%/?&-]{1,2000}")
_VIDEO: Final = re.compile(r"https://video\.twimg\.com/[A-Za-z0-9._~!$'()*+,;=:@%/?&-]{1,2000}")
_NAMED: Final = re.compile(r"(?P<stem>https://[^?]+?)\.(?P<format>jpg|jpeg|png|webp)(?::[a-z0-9]+)?(?:\?.*)?")
_QUERIED: Final = re.compile(
    r"(?P<stem>https://[^?.]+\.twimg\.com/[^?.]+)\?(?:.*&)?format=(?P<format>[a-z0-9]{1,5})(?:&.*)?"
)
_PROFILE: Final = re.compile(r"(?P<stem>https://[^?]+)_normal(?P<suffix>\.[a-z]{2,5})")
_SIZES: Final = ("orig", "4096x4096", "large", "medium", "small")
_PLAYLIST: Final = "application/x-mpegURL"
_MOST_VARIANTS: Final = 20


class Skipped(Record, frozen=True, kw_only=True):
    """A piece of media for which there is nowhere to ask.

    Attributes:
        role: what it would have been; "unknown" where the answer's kind is not understood.
        index: as in `MediaItem`.
        required: whether the capture is partial without it.
        reason: one sentence for people, without words of the post.
        context: as in `MediaItem`.
    """

    role: Role | Literal["unknown"]
    index: int
    required: bool
    reason: str
    context: Context = "post"


class MediaPlan(Record, frozen=True, kw_only=True):
    """What to fetch, and what cannot be: the post's own media in their order, its card, its author's image, then the
    media and cards of the post that it quotes and of the one that it replies to."""

    items: tuple[MediaItem, ...]
    skipped: tuple[Skipped, ...]


def media_plan(post: Json) -> MediaPlan:
    """Return what to fetch for a post.

    Args:
        post: the normalised tree (`post` of post.json). Every value in it is untrusted.
    """
    found = tuple(_plan(post)) if isinstance(post, dict) else ()
    return MediaPlan(
        items=tuple(item for item in found if isinstance(item, MediaItem)),
        skipped=tuple(item for item in found if isinstance(item, Skipped)),
    )


def is_on_video_host(url: str) -> bool:
    """Tell whether a URL is one of X's host for videos, their playlists and captions."""
    return _is(url, _VIDEO)


def _plan(post: dict[str, Json]) -> Iterator[MediaItem | Skipped]:
    yield from _Planner("post").plan(post)
    author = post.get("author")
    image = author.get("image") if isinstance(author, dict) else None
    if image is not None:
        yield _Planner("post").item("profile-image", 0, _profile_image(image), required=False)
    for name in ("quoted", "parent"):
        context: Context = "quoted" if name == "quoted" else "parent"
        yield from _Planner(context).plan(post.get(name))


class _Planner:
    """Plans the media of one post: the one that was asked for, or one that comes with it."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def plan(self, post: Json) -> Iterator[MediaItem | Skipped]:
        for index, media in enumerate(_list(post, "media"), start=1):
            yield from self._media(media if isinstance(media, dict) else {}, index)
        card = post.get("card") if isinstance(post, dict) else None
        pictures: dict[str, tuple[Candidate, ...]] = {}
        for picture in _list(card, "images"):
            # A card names one picture several times, in several sizes; what they have in common is the best size.
            candidates = _image(picture.get("url") if isinstance(picture, dict) else None)
            best = candidates[0].url if candidates else ""
            pictures[best] = pictures.get(best, ()) + candidates
        for index, candidates in enumerate(pictures.values(), start=1):
            yield self.item("card", index, candidates, required=False)

    def _media(self, media: dict[str, Json], index: int) -> Iterator[MediaItem | Skipped]:
        kind, url, variants = media.get("kind"), media.get("url"), _list(media, "variants")
        alt = media.get("alt")
        alt = alt if isinstance(alt, str) else None
        if kind == "photo":
            yield self.item("photo", index, _sizes(url), alt)
        elif kind in ("video", "gif"):
            yield self.item("video" if kind == "video" else "gif", index, _files(variants), alt)
            if url is not None:
                yield self.item("poster", index, _image(url), required=False)
            playlists = _playlists(variants)
            if playlists:
                yield self.item("playlist", index, playlists, required=False)
        else:
            reason = "the kind of media is not known"
            required = self._context == "post"
            yield Skipped(role="unknown", index=index, required=required, reason=reason, context=self._context)

    def item(
        self,
        role: Role,
        index: int,
        candidates: tuple[Candidate, ...],
        alt: str | None = None,
        *,
        required: bool = True,
    ) -> MediaItem | Skipped:
        """Return an item, or why there is none. Nothing is required of a post that only comes with another."""
        required = required and self._context == "post"
        first: dict[str, Candidate] = {}
        for candidate in candidates:
            first.setdefault(candidate.url, candidate)
        unique = tuple(first.values())
        if not unique:
            reason = "the answer names no file on X's media hosts that could be fetched"
            return Skipped(role=role, index=index, required=required, reason=reason, context=self._context)
        return MediaItem(
            role=role,
            index=index,
            family=_family(role),
            required=required,
            candidates=unique,
            alt=alt,
            context=self._context,
        )


def _family(role: Role) -> Literal["image", "video", "text"]:
    if role in ("video", "gif"):
        return "video"
    return "text" if role in ("playlist", "captions") else "image"


def _list(value: Json, name: str) -> list[Json]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def _sizes(url: Json) -> tuple[Candidate, ...]:
    if not _is(url, _IMAGE):
        return ()
    found = _QUERIED.fullmatch(url) or _NAMED.fullmatch(url)
    if found is None:
        return (Candidate(url=url, rendition="as served"),)
    base = f"{found['stem']}?format={found['format']}"
    return tuple(Candidate(url=f"{base}&name={size}", rendition=size) for size in _SIZES)


def _image(url: Json) -> tuple[Candidate, ...]:
    """The sizes of a picture that X may not have in them all, and the URL in the answer after them."""
    return (*_sizes(url), *((Candidate(url=url, rendition="as served"),) if _is(url, _IMAGE) else ()))


def _files(variants: list[Json]) -> tuple[Candidate, ...]:
    files = [
        (_bitrate(variant), variant["url"])
        for variant in variants
        if isinstance(variant, dict) and variant.get("content_type") == "video/mp4" and _is(variant.get("url"), _VIDEO)
    ]
    files.sort(key=lambda file: file[0], reverse=True)
    candidates: list[Candidate] = []
    for bitrate, url in files[:_MOST_VARIANTS]:
        candidates += _with_and_without_query(url, f"mp4 {bitrate}" if bitrate else "mp4")
    return tuple(candidates)


def _playlists(variants: list[Json]) -> tuple[Candidate, ...]:
    urls = [
        variant["url"]
        for variant in variants
        if isinstance(variant, dict) and variant.get("content_type") == _PLAYLIST and _is(variant.get("url"), _VIDEO)
    ]
    return tuple(candidate for url in urls[:_MOST_VARIANTS] for candidate in _with_and_without_query(url, "hls"))


def _with_and_without_query(url: str, rendition: str) -> Iterator[Candidate]:
    yield Candidate(url=url, rendition=rendition)
    if "?" in url:
        yield Candidate(url=url.partition("?")[0], rendition=f"{rendition} without query")


def _bitrate(variant: dict[str, Json]) -> int:
    bitrate = variant.get("bitrate")
    return bitrate if isinstance(bitrate, int) else 0


def _profile_image(url: Json) -> tuple[Candidate, ...]:
    if not _is(url, _IMAGE):
        return ()
    found = _PROFILE.fullmatch(url)
    if found is None:
        return (Candidate(url=url, rendition="as served"),)
    return (
        Candidate(url=f"{found['stem']}{found['suffix']}", rendition="original"),
        Candidate(url=f"{found['stem']}_400x400{found['suffix']}", rendition="400x400"),
        Candidate(url=url, rendition="normal"),
    )


def _is(url: Json, host: re.Pattern[str]) -> bool:
    return isinstance(url, str) and host.fullmatch(url) is not None
