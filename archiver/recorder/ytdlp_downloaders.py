"""yt-dlp's own downloaders of streams, so that they leave nothing open when they fail, and never call another program.

This module imports yt-dlp: it is imported only where it is used.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from yt_dlp import YoutubeDL  # type: ignore[import-untyped]
from yt_dlp.downloader.dash import DashSegmentsFD  # type: ignore[import-untyped]
from yt_dlp.downloader.hls import HlsFD  # type: ignore[import-untyped]


class _Closing:
    """Knows the file that is being written; yt-dlp closes it only if all goes well."""

    stream: Any = None

    def _prepare_frag_download(self, ctx: dict[str, Any]) -> None:
        super()._prepare_frag_download(ctx)  # type: ignore[misc]
        self.stream = ctx["dest_stream"]


class _Hls(_Closing, HlsFD):  # type: ignore[misc]
    pass


class _Dash(_Closing, DashSegmentsFD):  # type: ignore[misc]
    pass


def takes(playlist: str, info: dict[str, Any]) -> bool:
    """Tell whether an HLS playlist asks for nothing that is not done here, other encryptions than AES-128 above all."""
    return bool(HlsFD.can_download(playlist, info))


def hls(ydl: YoutubeDL, info: dict[str, Any], path: Path) -> None:
    """Download the fragments of a playlist, which has to stand in `info`; otherwise ffmpeg might be asked to.

    Raises:
        Exception: yt-dlp's own errors.
    """
    if "hls_media_playlist_data" not in info:
        raise ValueError("the playlist is not handed over")
    _run(_Hls(ydl, ydl.params), info, path)


def dash(ydl: YoutubeDL, info: dict[str, Any], path: Path) -> None:
    """Download the segments that stand in `info`.

    Raises:
        Exception: yt-dlp's own errors.
    """
    _run(_Dash(ydl, ydl.params), info, path)


def _run(downloader: Any, info: dict[str, Any], path: Path) -> None:
    try:
        downloader.download(str(path), info)
    finally:
        if downloader.stream is not None:
            downloader.stream.close()
