"""Captions are found in the playlist of a video, and nothing in it leads away from X's host for videos."""

from __future__ import annotations

import pytest

from archiver.errors import FormatError
from archiver.platforms.x import caption_items, captions_plan

HOST = "https://video.twimg.com"
MASTER = f"{HOST}/amplify_video/1/pl/master.m3u8?tag=16"


def _subtitles(language: str, uri: str) -> str:
    return f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subs",NAME="{language}",LANGUAGE="{language}",URI="{uri}"'


def _playlist(*lines: str) -> bytes:
    return "\n".join(["#EXTM3U", *lines, ""]).encode()


def test_captions_and_the_other_playlists_of_a_video() -> None:
    plan = captions_plan(
        _playlist(
            '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="Audio",URI="/a.m3u8"',
            _subtitles("ar", "/s/ar.m3u8"),
            _subtitles("en", "/s/en.m3u8"),
            _subtitles("xx", "https://evil.example/s.m3u8"),
            "#EXT-X-STREAM-INF:BANDWIDTH=1",
            "/v/low.m3u8",
            "#EXT-X-STREAM-INF:BANDWIDTH=2",
            "/v/low.m3u8",
        ),
        MASTER,
    )
    assert [(item.language, item.url) for item in plan.captions] == [
        ("ar", f"{HOST}/s/ar.m3u8"),
        ("en", f"{HOST}/s/en.m3u8"),
    ]
    assert plan.playlists == (f"{HOST}/v/low.m3u8", f"{HOST}/a.m3u8")


def test_a_video_without_captions_has_none() -> None:
    assert captions_plan(_playlist("#EXT-X-STREAM-INF:BANDWIDTH=1", "/v.m3u8"), MASTER).captions == ()
    assert captions_plan(_playlist("#EXTINF:1,", "/v.ts"), MASTER).captions == ()
    with pytest.raises(FormatError):
        captions_plan(b"<html>", MASTER)


def test_the_files_of_captions() -> None:
    data = _playlist("#EXTINF:3,", "/s/1.vtt", "#EXTINF:3,", "/s/1.vtt", "#EXTINF:3,", "https://evil.example/2.vtt")
    (item,) = caption_items(data, f"{HOST}/s/en.m3u8", index=2, context="quoted", language="en")
    assert (item.role, item.family, item.index, item.context, item.required) == ("captions", "text", 2, "quoted", False)
    assert [(candidate.url, candidate.rendition) for candidate in item.candidates] == [
        (f"{HOST}/s/1.vtt", "captions en")
    ]
    with pytest.raises(FormatError):
        caption_items(_playlist(_subtitles("en", "/x")), MASTER, index=1, context="post", language="en")


def test_how_much_one_playlist_can_ask_for_is_bounded() -> None:
    master = _playlist(*(_subtitles("en", f"/s/{number}.m3u8") for number in range(500)))
    assert len(captions_plan(master, MASTER).captions) == 40
    listed = _playlist(*(line for number in range(500) for line in ("#EXTINF:1,", f"/{number}.vtt")))
    assert len(caption_items(listed, MASTER, index=1, context="post", language="")) == 40
