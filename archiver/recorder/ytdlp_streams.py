"""Downloads one format or its captions with yt-dlp's own downloaders: playlists and every fragment are recorded.

Streams (HLS, DASH) are joined by yt-dlp itself, without ffmpeg. What is still going on is refused before any of it is
downloaded; so is what is encrypted in a way that is not the plain AES-128 of HLS, and what another program would fetch.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urljoin

from archiver.model import Record
from archiver.platforms.ytdlp_trouble import LIVE, UNSUPPORTED, Trouble
from archiver.recorder.recording import MAX_ANSWER
from archiver.recorder.ytdlp import PLAYLIST, Extracted, Phase, Session, version

FRAGMENT, KEY, MEDIA = "fragment", "key", "media"
"""Purposes of the exchanges of a download, beside that of playlists."""

Made = Literal["served", "joined", "decrypted", "repacked"]

_LIVE_STATES = frozenset({"is_live", "is_upcoming", "post_live"})
_KEY_URI = re.compile(r'^#EXT-X-KEY:[^\r\n]*\bURI="([^"\r\n]+)"', re.M)
_DYNAMIC = re.compile(rb"<(?:\w+:)?MPD\b[^>]*\btype\s*=\s*[\"']dynamic[\"']")


class Fetched(Record, frozen=True, kw_only=True):
    """A file that was downloaded.

    Attributes:
        path: where it is.
        records: the response records that it was made of, in order: its one payload, or fragment after fragment.
        others: the response records of playlists and keys that were needed to make it.
        made: "served" (the payload of the one record, codings taken off), "joined" (the payloads one after the other),
            "decrypted" (the same, each decrypted) or "repacked" (captions put together from pieces).
        program: name and version of what made it; empty for "served".
    """

    path: Path
    records: tuple[str, ...]
    others: tuple[str, ...]
    made: Made
    program: str


def download(session: Session, found: Extracted, format_id: str, path: Path) -> Fetched | Trouble:
    """Download one format.

    Args:
        session: the session that found it.
        found: what it found.
        format_id: one of the formats in `found.info["formats"]`.
        path: the file to make.

    Raises:
        OSError: something cannot be written to the disk.
    """
    chosen = next((item for item in found.raw.get("formats") or () if item.get("format_id") == format_id), None)
    if chosen is None:
        return Trouble(kind=UNSUPPORTED, words=f"there is no format {format_id!r}")
    return _fetch(session, {**found.raw, **chosen}, path)


def captions(session: Session, found: Extracted, language: str, path: Path, number: int = 0) -> Fetched | Trouble:
    """Download captions in one of the languages in `found.info["subtitles"]`; see `download`."""
    listed = (found.raw.get("subtitles") or {}).get(language) or ()
    if not 0 <= number < len(listed):
        return Trouble(kind=UNSUPPORTED, words=f"there are no captions {language!r}")
    return _fetch(session, {**found.raw, "protocol": None, **listed[number]}, path)


def _fetch(session: Session, info: dict[str, Any], path: Path) -> Fetched | Trouble:
    protocol = str(info.get("protocol") or _protocol(str(info.get("url") or info.get("manifest_url") or "")))
    if info.get("is_live") or info.get("live_status") in _LIVE_STATES:
        return _live("yt-dlp says that it is live")
    fetch = _WAYS.get(protocol)
    if fetch is None:
        return Trouble(kind=UNSUPPORTED, words=f"it is to be had by {protocol[:40]!r} only, which is not recorded here")
    before = len(session.recording.exchanges)
    made, trouble = session.attempt(lambda: fetch(session, info, path))
    if isinstance(made, Trouble) or made is None or not path.is_file():
        path.unlink(missing_ok=True)
        return (made if isinstance(made, Trouble) else trouble) or Trouble(
            kind=UNSUPPORTED, words="yt-dlp did not download it and does not say why"
        )
    came = [item for item in session.recording.exchanges[before:] if item.exchange.status in (200, 206)]
    whole = [item for item in came if item.exchange.whole]
    return Fetched(
        path=path,
        records=tuple(item.response_id or "" for item in whole if item.exchange.purpose in (FRAGMENT, MEDIA)),
        others=tuple(item.response_id or "" for item in whole if item.exchange.purpose in (PLAYLIST, KEY)),
        made=made,
        program="" if made == "served" else f"yt-dlp {version()}",
    )


def _served(session: Session, info: dict[str, Any], path: Path) -> Made | Trouble:
    """Download what is one file."""
    with (
        session.phase(_media(session, lambda _: MEDIA)),
        session.open(info["url"], info) as answer,
        path.open("xb") as to,
    ):
        shutil.copyfileobj(answer, to, 1 << 20)
    return "served"


def _hls(session: Session, info: dict[str, Any], path: Path) -> Made | Trouble:
    """Download what an HLS playlist lists (RFC 8216); its last line tells whether that is all of it."""
    from archiver.recorder import ytdlp_downloaders

    with session.phase(_playlists(session)), session.open(info["url"], info) as answer:
        url, text = answer.url, answer.read().decode("utf-8", "replace")
    lines = {line.strip() for line in text.splitlines()}
    if "#EXT-X-ENDLIST" not in lines:
        return _live("its playlist does not end: the stream may still go on")
    if not ytdlp_downloaders.takes(text, info):
        return Trouble(kind=UNSUPPORTED, words="its playlist asks for an encryption (DRM) that is not taken off here")
    keys = {urljoin(url, found) for found in _KEY_URI.findall(text)}
    # With the playlist handed to it, yt-dlp neither asks for it again nor leaves the rest to ffmpeg.
    info = {**info, "url": url, "hls_media_playlist_data": text}
    before = len(session.recording.exchanges)
    with session.phase(_media(session, lambda asked: KEY if asked in keys else FRAGMENT)):
        ytdlp_downloaders.hls(session.ydl, info, path)
    if info.get("ext") == "vtt":
        fragments = [item for item in session.recording.exchanges[before:] if item.exchange.purpose == FRAGMENT]
        return "joined" if len(fragments) == 1 else "repacked"
    return "decrypted" if "METHOD=AES-128" in text else "joined"


def _dash(session: Session, info: dict[str, Any], path: Path) -> Made | Trouble:
    """Download the segments that a DASH manifest lists (ISO/IEC 23009-1); a dynamic one is that of a live stream."""
    from archiver.recorder import ytdlp_downloaders

    if not isinstance(info.get("fragments"), list):
        return _live("its segments are not all listed: the stream may still go on")
    if info.get("manifest_url"):
        with session.phase(_playlists(session)), session.open(info["manifest_url"], info) as answer:
            if _DYNAMIC.search(answer.read()):
                return _live("its manifest is dynamic: the stream may still go on")
    with session.phase(_media(session, lambda _: FRAGMENT)):
        ytdlp_downloaders.dash(session.ydl, info, path)
    return "joined"


_WAYS: dict[str, Callable[[Session, dict[str, Any], Path], Made | Trouble]] = {
    "http": _served,
    "https": _served,
    "m3u8": _hls,
    "m3u8_native": _hls,
    "http_dash_segments": _dash,
}


def _protocol(url: str) -> str:
    scheme, _, rest = url.partition(":")
    return "m3u8_native" if rest.partition("?")[0].endswith(".m3u8") else scheme


def _live(why: str) -> Trouble:
    return Trouble(kind=LIVE, words=f"a live stream is not captured: {why}")


def _playlists(session: Session) -> Phase:
    settings = session.recording.settings
    return Phase(lambda _: PLAYLIST, MAX_ANSWER, settings.answer_seconds)


def _media(session: Session, purpose: Callable[[str], str]) -> Phase:
    """Return the phase in which media come: all of them together may have what one media file may have."""
    settings = session.recording.settings
    return Phase(purpose, settings.max_media_bytes, settings.max_seconds, together=True)
