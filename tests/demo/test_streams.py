"""Videos are served as HLS trees in which every address leads somewhere, and captions as WebVTT."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from archiver.demo import posts
from archiver.demo.records import Video

HOST = "https://video.twimg.com"
PLAYLIST = "application/x-mpegURL"
STREAMED = [
    item
    for post in posts.POSTS.values()
    for item in post.media
    if isinstance(item, Video) and item.playlist_url and item.blocked != "enforced" and item.offered != "live"
]
CAPTIONED = posts.CAPTIONED.media[0]


def read(ask, url: str, media_type: str) -> str:
    answer = ask(url)
    assert (answer.status, dict(answer.headers)["content-type"]) == (200, media_type)
    return answer.body.decode()


def addresses(playlist: str) -> list[str]:
    """Return what a playlist refers to, in order."""
    return re.findall(r'(?m)^(/\S+)$|URI="([^"]+)"', playlist) and [
        HOST + (line or uri) for line, uri in re.findall(r'(?m)^(/\S+)$|URI="([^"]+)"', playlist)
    ]


@pytest.mark.parametrize("video", STREAMED, ids=lambda video: video.media_id)
def test_every_address_of_the_tree_is_served_and_the_tracks_are_whole(ask, video):
    master = read(ask, video.playlist_url, PLAYLIST)
    assert master.count("#EXT-X-STREAM-INF:") == len(video.variants)
    assert master.count("TYPE=SUBTITLES") == len(video.captions)
    for variant in video.variants:
        assert f'RESOLUTION={variant.width}x{variant.height},CODECS="mp4a.40.2,avc1.4D40' in master
    media = [url for url in addresses(master) if "/pl/s0/" not in url]
    assert len(media) == len(video.variants) + 1
    for url in media:
        playlist = read(ask, url, PLAYLIST)
        lengths = [float(text) for text in re.findall(r"#EXTINF:([0-9.]+),", playlist)]
        init, *segments = addresses(playlist)
        assert sum(lengths) * 1000 == video.milliseconds
        assert int(re.search(r"TARGETDURATION:([0-9]+)", playlist)[1]) >= max(lengths)
        assert playlist.endswith("#EXT-X-ENDLIST\n")
        assert len(segments) == len(lengths)
        assert ask(init).body[4:8] == b"ftyp"
        assert {ask(segment).body[4:8] for segment in segments} == {b"moof"}


def test_captioned_video_is_cut_and_captioned_in_two_languages(ask):
    master = read(ask, CAPTIONED.playlist_url, PLAYLIST)
    assert re.findall(r'TYPE=SUBTITLES.*?LANGUAGE="(\w+)"', master) == ["ar", "en"]
    assert master.count('SUBTITLES="subs"') == len(CAPTIONED.variants)
    for url, captions in zip([url for url in addresses(master) if "/pl/s0/" in url], CAPTIONED.captions, strict=True):
        [file] = addresses(read(ask, url, PLAYLIST))
        words = read(ask, file, "text/vtt")
        assert words.startswith("WEBVTT\n")
        assert [line for line in words.split("\n")[3:] if line and "-->" not in line] == [
            text for _, _, text in captions.cues
        ]
        assert "00:00:00.000 --> 00:00:02.400\n" in words
    variant = next(url for url in addresses(master) if "/avc1/" in url)
    assert len(addresses(read(ask, variant, PLAYLIST))) == 3


def test_live_stream_goes_on_and_is_all_that_is_offered(ask):
    video = posts.LIVE.media[0]
    assert video.downloads == ()
    assert {ask(HOST + video.path(variant)).status for variant in video.variants} == {404}
    for url in addresses(read(ask, video.playlist_url, PLAYLIST)):
        playlist = read(ask, url, PLAYLIST)
        assert "#EXT-X-ENDLIST" not in playlist
        assert "#EXT-X-PLAYLIST-TYPE" not in playlist
        assert {ask(segment).status for segment in addresses(playlist)} == {200}


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is not installed")
@pytest.mark.parametrize("video", [CAPTIONED, posts.SHELLING.media[0]], ids=lambda video: video.media_id)
def test_stock_player_decodes_every_frame(box, video):
    port = box.direct_plain()
    command = ["ffprobe", "-v", "error", "-headers", "Host: video.twimg.com\r\n", "-count_frames", "-of", "csv=p=0"]
    entries = ["-show_entries", "stream=codec_name,height,nb_read_frames"]
    run = subprocess.run(
        [*command, *entries, f"http://127.0.0.1:{port}{video.playlist_path}"],
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    frames = {line for line in run.stdout.splitlines() if line.startswith("h264")}
    assert frames >= {f"h264,{variant.height},{video.milliseconds * 12 // 1000}" for variant in video.variants}
