"""Fetches what a video's HLS playlists hold beyond the video: its captions; the playlists themselves are recorded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from archiver.custody.manifest import Missing
from archiver.errors import FormatError
from archiver.model import Candidate, MediaItem
from archiver.platforms import hls
from archiver.platforms.hls_syntax import Allowed
from archiver.recorder.recording import Recording, read_answer
from archiver.sources.media import Kept, fetch_media

MOST_CAPTIONS = 20
MOST_SEGMENTS = 500


def fetch_captions(
    master: MediaItem, url: str, data: bytes, allowed: Allowed, recording: Recording, bag: Path
) -> list[Kept]:
    """Fetch the captions that a master playlist names, and record the playlists of its variants beside them.

    Args:
        master: the playlist as it was planned.
        url: where it was.
        data: the playlist.
        allowed: tells which URLs may be asked for.
        recording: what asks and records.
        bag: folder of the bag in the making.

    Returns:
        What became of each piece of captions; nothing if the video has none.

    Raises:
        OSError: something cannot be written to the disk.
    """
    try:
        playlist = hls.parse(data, url, allowed)
    except FormatError as error:
        return [_lost(master, str(error))]
    captions = [item for item in getattr(playlist, "renditions", ()) if item.kind == "SUBTITLES" and item.url]
    if not isinstance(playlist, hls.Master) or not captions:
        return []
    for variant in playlist.variants:
        recording.ask(variant.url, "playlist")
    kept: list[Kept] = []
    for caption in captions[:MOST_CAPTIONS]:
        name = f"captions {caption.language}".strip()
        try:
            items = list(_segments(master, name, caption.url or "", allowed, recording))
        except FormatError as error:
            kept.append(_lost(master, f"{name}: {error}"))
        else:
            kept += [fetch_media(item, recording, bag) for item in items]
    return kept


def _segments(master: MediaItem, name: str, url: str, allowed: Allowed, recording: Recording) -> Iterator[MediaItem]:
    answer = read_answer(recording.ask(url, "playlist"))
    if answer is None or answer.status != 200 or answer.truncated:
        raise FormatError("their playlist did not come")
    playlist = hls.parse(answer.body, url, allowed)
    if not isinstance(playlist, hls.Media):
        raise FormatError("their playlist names no segments")
    for number, segment in enumerate(playlist.segments[:MOST_SEGMENTS], 1):
        yield MediaItem(
            role="captions",
            index=master.index,
            family="text",
            required=False,
            candidates=(Candidate(url=segment.part.url, rendition=f"{name} {number}/{len(playlist.segments)}"),),
            context=master.context,
        )


def _lost(master: MediaItem, reason: str) -> Kept:
    missing = Missing(what=f"captions {master.index}", reason=reason, required=False)
    return Kept(file=None, ways=(), missing=missing)
