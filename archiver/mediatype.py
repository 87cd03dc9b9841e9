"""Tells from its first bytes what a file is; it believes neither names nor Content-Type."""

from __future__ import annotations

from typing import Literal

Family = Literal["image", "video", "text", "other"]

SNIFF_BYTES = 64
"""First bytes of a file that are enough to tell."""

_TYPES: dict[str, tuple[Family, str]] = {
    "image/jpeg": ("image", "jpg"),
    "image/png": ("image", "png"),
    "image/gif": ("image", "gif"),
    "image/webp": ("image", "webp"),
    "image/avif": ("image", "avif"),
    "video/mp4": ("video", "mp4"),
    "video/webm": ("video", "webm"),
    "application/vnd.apple.mpegurl": ("text", "m3u8"),
    "text/vtt": ("text", "vtt"),
    "application/octet-stream": ("other", "bin"),
}


def sniff(start: bytes) -> str:
    """Return the media type that the first bytes of a file show, `application/octet-stream` where they show none."""
    if start.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if start.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "image/webp"
    if start[4:8] == b"ftyp":
        return "image/avif" if start[8:12] in (b"avif", b"avis") else "video/mp4"
    if start.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm"
    text = start.removeprefix(b"\xef\xbb\xbf")
    if text.startswith(b"#EXTM3U"):
        return "application/vnd.apple.mpegurl"
    if text[:6] == b"WEBVTT" and text[6:7] in (b"", b" ", b"\t", b"\r", b"\n"):
        return "text/vtt"
    return "application/octet-stream"


def family(media_type: str) -> Family:
    """Return whether a media type that `sniff` returned is an image, a video, text or something else."""
    return _TYPES.get(media_type, ("other", ""))[0]


def extension(media_type: str) -> str:
    """Return the file extension, without the dot, for a media type that `sniff` returned."""
    return _TYPES.get(media_type, ("other", "bin"))[1]
