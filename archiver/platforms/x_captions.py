"""The captions of a video on X, which only its HLS playlists name; it plans what to ask for, and asks for nothing."""

from __future__ import annotations

from typing import Final, Literal

from archiver.errors import FormatError
from archiver.model import Candidate, MediaItem, Record
from archiver.platforms import hls
from archiver.platforms.x_media import is_on_video_host

MOST_PLAYLISTS: Final = 40
"""How many playlists of one video are planned."""
MOST_FILES: Final = 40
"""How many files of captions are planned for one language; X serves them in one."""


class CaptionsPlan(Record, frozen=True, kw_only=True):
    """What a master playlist of a video names.

    Attributes:
        captions: the subtitles, each with the URL of its playlist; empty where the video has none.
        playlists: the other playlists, of picture and sound, once each.
    """

    captions: tuple[hls.Rendition, ...]
    playlists: tuple[str, ...]


def captions_plan(master: bytes, url: str) -> CaptionsPlan:
    """Return the captions that a master playlist names, and its other playlists.

    Args:
        master: the playlist.
        url: where it was.

    Raises:
        FormatError: it is no HLS playlist. A media playlist is none with captions, and no fault.
    """
    playlist = hls.parse(master, url, is_on_video_host)
    if isinstance(playlist, hls.Media):
        return CaptionsPlan(captions=(), playlists=())
    subtitles = {item.url: item for item in playlist.renditions if item.kind == "SUBTITLES" and item.url is not None}
    others = dict.fromkeys(
        [item.url for item in playlist.variants]
        + [item.url for item in playlist.renditions if item.kind != "SUBTITLES" and item.url is not None]
    )
    return CaptionsPlan(captions=tuple(subtitles.values())[:MOST_PLAYLISTS], playlists=tuple(others)[:MOST_PLAYLISTS])


def caption_items(
    playlist: bytes, url: str, *, index: int, context: Literal["post", "quoted", "parent"], language: str
) -> tuple[MediaItem, ...]:
    """Return the files of captions that a playlist of subtitles lists.

    Args:
        playlist: the playlist.
        url: where it was.
        index: position of the video among the media of its post.
        context: whose video it is.
        language: the language as the master playlist states it; names the rendition.

    Raises:
        FormatError: it is no media playlist.
    """
    listed = hls.parse(playlist, url, is_on_video_host)
    if isinstance(listed, hls.Master):
        raise FormatError("a playlist of captions is a master playlist")
    urls = dict.fromkeys(segment.part.url for segment in listed.segments)
    rendition = f"captions {language}".strip()
    return tuple(
        MediaItem(
            role="captions",
            index=index,
            family="text",
            required=False,
            candidates=(Candidate(url=address, rendition=rendition),),
            context=context,
        )
        for address in tuple(urls)[:MOST_FILES]
    )
