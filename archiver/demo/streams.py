"""The video host: encodings as single files, and the same as HLS with captions; it encodes nothing.

Standards: HLS (RFC 8216, fragmented MP4 and WebVTT), byte ranges (RFC 9110, 14.2). Paths and playlists are laid out as
on X: sound apart from the picture, captions only in the playlist, every address without the host. The playlists of a
live video do not end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from archiver.demo import media
from archiver.demo.records import Captions, Variant, Video
from archiver.demo.wire import Reply, Request

_PLAYLIST = "application/x-mpegURL"
_SEGMENT_MS = 3000
_AUDIO = "32000"
_RANGE = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))")


@dataclass(frozen=True)
class File:
    """What is served at one path; `refused` answers 403, always or only to URLs with a query."""

    data: bytes
    media_type: str
    refused: bool = False
    refuses_query: bool = False


def files(video: Video) -> dict[str, File]:
    """Return what the host has of a video, by path: encodings, playlists, segments, captions."""
    refused = video.blocked == "enforced"
    found = {
        video.path(variant): File(media.read(video.file_name(variant)), "video/mp4", refused, variant.refuses_query)
        for variant in video.downloads
    }
    for path, (data, media_type) in _streamed(video):
        found[path] = File(data, media_type, refused)
    return found


def in_range(whole: Reply, request: Request) -> Reply:
    """Return the part of a reply that a single Range asks for, 416, or the whole without a Range."""
    wanted = request.headers.get("Range")
    whole = whole.with_header("accept-ranges", "bytes")
    found = _RANGE.fullmatch(wanted) if wanted else None
    if found is None or request.method != "GET" or not isinstance(whole.body, bytes):
        return whole
    size = len(whole.body)
    first, last, suffix = found.groups()
    start = max(size - int(suffix), 0) if suffix else int(first)
    end = min(int(last), size - 1) if last else size - 1
    if last and int(last) < int(first):
        return whole
    if start >= size:
        kept = [field for field in whole.headers if field[0] == "server"]
        return Reply(416, (("content-range", f"bytes */{size}"), *kept))
    headers = whole.with_header("content-range", f"bytes {start}-{end}/{size}").headers
    return Reply(206, headers, whole.body[start : end + 1])


def _streamed(video: Video) -> Iterator[tuple[str, tuple[bytes, str]]]:
    if video.playlist_path is None:
        return
    yield video.playlist_path, (_master(video).encode(), _PLAYLIST)
    for variant in video.variants:
        size = f"{variant.width}x{variant.height}"
        yield from _track(video, "vid/avc1", size, variant.name, _variant_playlist(video, variant))
    yield from _track(video, "aud/mp4a", _AUDIO, video.key, _audio_playlist(video))
    for captions in video.captions:
        path = f"/subtitles/{video.place}/{video.media_id}/0/{captions.key}.vtt"
        yield path, (_webvtt(captions).encode(), "text/vtt")
        seconds = video.milliseconds / 1000
        yield _captions_playlist(video, captions), (_playlist(video, [(seconds, path)]).encode(), _PLAYLIST)


def _track(video: Video, folder: str, kind: str, name: str, playlist: str) -> Iterator[tuple[str, tuple[bytes, str]]]:
    """Yield the playlist, the initialisation and the segments of one track, which are the boxes of one stored file."""
    init, *segments = _fragments(video, kind)
    base = f"{video.folder}{folder}/0"
    first = f"{base}/0/{kind}/{name}.mp4"
    yield first, (init, "video/mp4")
    listed = []
    for number, segment in enumerate(segments):
        path = f"{base}/{number * _SEGMENT_MS}/{kind}/{name}.m4s"
        listed.append((min(_SEGMENT_MS, video.milliseconds - number * _SEGMENT_MS) / 1000, path))
        yield path, (segment, "video/iso.segment")
    yield playlist, (_playlist(video, listed, first).encode(), _PLAYLIST)


def _master(video: Video) -> str:
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:6",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        f'#EXT-X-MEDIA:NAME="Audio",TYPE=AUDIO,GROUP-ID="audio-{_AUDIO}",AUTOSELECT=YES,URI="{_audio_playlist(video)}"',
    ]
    lines += [
        f'#EXT-X-MEDIA:NAME="{captions.name}",TYPE=SUBTITLES,GROUP-ID="subs",LANGUAGE="{captions.language}",'
        f'AUTOSELECT=YES,FORCED=NO,URI="{_captions_playlist(video, captions)}"'
        for captions in video.captions
    ]
    for variant in video.variants:
        init = _fragments(video, f"{variant.width}x{variant.height}")[0]
        # Profile, compatibility and level of H.264 stand behind the version byte of the avcC box (RFC 6381).
        profile = init.index(b"avcC") + 5
        codecs = f"mp4a.40.2,avc1.{init[profile : profile + 3].hex().upper()}"
        lines += [
            f"#EXT-X-STREAM-INF:AVERAGE-BANDWIDTH={variant.bitrate},BANDWIDTH={variant.bitrate * 5 // 4},"
            f'RESOLUTION={variant.width}x{variant.height},CODECS="{codecs}",AUDIO="audio-{_AUDIO}"'
            + (',SUBTITLES="subs"' if video.captions else ""),
            _variant_playlist(video, variant),
        ]
    return "\n".join(lines) + "\n"


def _playlist(video: Video, segments: list[tuple[float, str]], init: str | None = None) -> str:
    live = video.offered == "live"
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:6",
        "#EXT-X-MEDIA-SEQUENCE:0",
        f"#EXT-X-TARGETDURATION:{-int(-max(seconds for seconds, _ in segments) // 1)}",
        *(() if live else ("#EXT-X-PLAYLIST-TYPE:VOD",)),
    ]
    lines += ["#EXT-X-INDEPENDENT-SEGMENTS", f'#EXT-X-MAP:URI="{init}"'] if init else []
    for seconds, path in segments:
        lines += [f"#EXTINF:{seconds:.3f},", path]
    return "\n".join([*lines, *(() if live else ("#EXT-X-ENDLIST",)), ""])


def _webvtt(captions: Captions) -> str:
    def stamp(milliseconds: int) -> str:
        seconds, rest = divmod(milliseconds, 1000)
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"

    cues = [f"{stamp(start)} --> {stamp(end)}\n{text}\n" for start, end, text in captions.cues]
    return "\n".join(["WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n", *cues])


def _fragments(video: Video, kind: str) -> tuple[bytes, ...]:
    """Return the initialisation (ftyp, moov) and the fragments (moof, mdat) of a stored track."""
    data = media.read(f"{video.file}.{kind}.fragments.mp4")
    starts, position = [0], 0
    while position < len(data):
        if data[position + 4 : position + 8] == b"moof":
            starts.append(position)
        position += int.from_bytes(data[position : position + 4], "big")
    return tuple(data[start:end] for start, end in zip(starts, [*starts[1:], len(data)], strict=True))


def _variant_playlist(video: Video, variant: Variant) -> str:
    return f"{video.folder}pl/avc1/{variant.width}x{variant.height}/{variant.name}.m3u8"


def _audio_playlist(video: Video) -> str:
    return f"{video.folder}pl/mp4a/{_AUDIO}/{video.key}.m3u8"


def _captions_playlist(video: Video, captions: Captions) -> str:
    return f"{video.folder}pl/s0/{captions.key}.m3u8"
