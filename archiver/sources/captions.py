"""Fetches what a video's HLS playlists hold beyond the video: its captions; the playlists themselves are recorded."""

from __future__ import annotations

from pathlib import Path

from archiver.custody.manifest import Missing
from archiver.errors import FormatError
from archiver.model import MediaItem
from archiver.platforms import x
from archiver.recorder.recording import Recording, read_answer
from archiver.sources.media import Kept, fetch_media


def fetch_captions(master: MediaItem, url: str, data: bytes, recording: Recording, bag: Path) -> list[Kept]:
    """Fetch the captions that a master playlist names, and record the playlists of its variants beside them.

    Args:
        master: the playlist as it was planned.
        url: where it was.
        data: the playlist.
        recording: what asks and records.
        bag: folder of the bag in the making.

    Returns:
        What became of each piece of captions; nothing if the video has none.

    Raises:
        OSError: something cannot be written to the disk.
    """
    try:
        plan = x.captions_plan(data, url)
    except FormatError as error:
        return [_lost(master, str(error))]
    if not plan.captions:
        return []
    for playlist in plan.playlists:
        recording.ask(playlist, "playlist")
    kept: list[Kept] = []
    for captions in plan.captions:
        try:
            items = _files(master, captions.url or "", captions.language, recording)
        except FormatError as error:
            kept.append(_lost(master, f"in {captions.language or 'no stated language'}: {error}"))
        else:
            kept += [fetch_media(item, recording, bag) for item in items]
    return kept


def _files(master: MediaItem, url: str, language: str, recording: Recording) -> tuple[MediaItem, ...]:
    answer = read_answer(recording.ask(url, "playlist"))
    if answer is None or answer.status != 200 or answer.truncated:
        raise FormatError("their playlist did not come")
    return x.caption_items(answer.body, url, index=master.index, context=master.context, language=language)


def _lost(master: MediaItem, reason: str) -> Kept:
    missing = Missing(what=f"captions {master.index}", reason=reason, required=False)
    return Kept(file=None, ways=(), missing=missing)
