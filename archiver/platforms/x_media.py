"""Which media a post on X has and where each may be had, best first; it plans, and fetches nothing.

X serves every photo in several renditions, of which the bare URL in its answers is a small one, and videos as several
files. Only addresses on X's own media hosts are planned: nothing in a post can send the recorder elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal

from archiver.model import Candidate, Json, MediaItem, Record

_IMAGE: Final = re.compile(r"https://pbs\.twimg\.com/[A-Za-z0-9._~!$'()*+,;=:@%/?&-]{1,2000}")
_VIDEO: Final = re.compile(r"https://video\.twimg\.com/[A-Za-z0-9._~!$'()*+,;=:@%/?&-]{1,2000}")
_NAMED: Final = re.compile(r"(?P<stem>https://[^?]+?)\.(?P<format>jpg|jpeg|png|webp)(?::[a-z0-9]+)?(?:\?.*)?")
_QUERIED: Final = re.compile(
    r"(?P<stem>https://[^?.]+\.twimg\.com/[^?.]+)\?(?:.*&)?format=(?P<format>[a-z0-9]{1,5})(?:&.*)?"
)
_PROFILE: Final = re.compile(r"(?P<stem>https://[^?]+)_normal(?P<suffix>\.[a-z]{2,5})")
_SIZES: Final = ("orig", "4096x4096", "large", "medium", "small")
_MOST_VARIANTS: Final = 20


class Skipped(Record, frozen=True, kw_only=True):
    """A piece of media for which there is nowhere to ask.

    Attributes:
        role: what it would have been; "unknown" where the answer's kind is not understood.
        index: position among the post's media, counted from 1; 0 for what belongs to the account.
        required: whether the capture is partial without it.
        reason: one sentence for people, without words of the post.
    """

    role: Literal["photo", "video", "gif", "poster", "profile-image", "unknown"]
    index: int
    required: bool
    reason: str


class MediaPlan(Record, frozen=True, kw_only=True):
    """What to fetch, in the order of the post's media and the profile image last; and what cannot be fetched."""

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


def _plan(post: dict[str, Json]) -> Iterator[MediaItem | Skipped]:
    listed = post.get("media")
    for index, media in enumerate(listed if isinstance(listed, list) else (), start=1):
        yield from _of_media(media if isinstance(media, dict) else {}, index)
    author = post.get("author")
    image = author.get("image") if isinstance(author, dict) else None
    if image is not None:
        yield _item("profile-image", 0, "image", _profile_image(image), None, required=False)


def _of_media(media: dict[str, Json], index: int) -> Iterator[MediaItem | Skipped]:
    kind, url = media.get("kind"), media.get("url")
    alt = media.get("alt")
    alt = alt if isinstance(alt, str) else None
    if kind == "photo":
        yield _item("photo", index, "image", _sizes(url), alt)
    elif kind in ("video", "gif"):
        yield _item("video" if kind == "video" else "gif", index, "video", _files(media.get("variants")), alt)
        if url is not None:
            bare = (Candidate(url=url, rendition="as served"),) if _is(url, _IMAGE) else ()
            yield _item("poster", index, "image", (*_sizes(url), *bare), None, required=False)
    else:
        yield Skipped(role="unknown", index=index, required=True, reason="the kind of media is not known")


def _item(
    role: Literal["photo", "video", "gif", "poster", "profile-image"],
    index: int,
    family: Literal["image", "video"],
    candidates: tuple[Candidate, ...],
    alt: str | None,
    *,
    required: bool = True,
) -> MediaItem | Skipped:
    unique = tuple({candidate.url: candidate for candidate in reversed(candidates)}.values())[::-1]
    if not unique:
        reason = "the answer names no file on X's media hosts that could be fetched"
        return Skipped(role=role, index=index, required=required, reason=reason)
    return MediaItem(role=role, index=index, family=family, required=required, candidates=unique, alt=alt)


def _sizes(url: Json) -> tuple[Candidate, ...]:
    if not _is(url, _IMAGE):
        return ()
    found = _QUERIED.fullmatch(url) or _NAMED.fullmatch(url)
    if found is None:
        return (Candidate(url=url, rendition="as served"),)
    base = f"{found['stem']}?format={found['format']}"
    return tuple(Candidate(url=f"{base}&name={size}", rendition=size) for size in _SIZES)


def _files(variants: Json) -> tuple[Candidate, ...]:
    files = [
        (_bitrate(variant), variant["url"])
        for variant in (variants if isinstance(variants, list) else ())
        if isinstance(variant, dict) and variant.get("content_type") == "video/mp4" and _is(variant.get("url"), _VIDEO)
    ]
    files.sort(key=lambda file: file[0], reverse=True)
    candidates: list[Candidate] = []
    for bitrate, url in files[:_MOST_VARIANTS]:
        rendition = f"mp4 {bitrate}" if bitrate else "mp4"
        candidates.append(Candidate(url=url, rendition=rendition))
        if "?" in url:
            candidates.append(Candidate(url=url.partition("?")[0], rendition=f"{rendition} without query"))
    return tuple(candidates)


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
