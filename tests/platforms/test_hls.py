"""HLS playlists are read as RFC 8216 has them, and what would have to be guessed at is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.errors import FormatError
from archiver.platforms import hls

BASE = "https://video.twimg.com/amplify_video/1/pl/master.m3u8?tag=16"
MASTER = b"""#EXTM3U
#EXT-X-VERSION:6
# a comment

#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="snd",NAME="Sound",AUTOSELECT=YES,URI="/amplify_video/1/pl/a.m3u8"
#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subs",NAME="English, edited",LANGUAGE="en",DEFAULT=YES,FORCED=NO,URI="s/en.m3u8"
#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="cc",NAME="CC",INSTREAM-ID="CC1"
#EXT-X-STREAM-INF:BANDWIDTH=288000,RESOLUTION=480x270,CODECS="mp4a.40.2,avc1.4D401E",AUDIO="snd",SUBTITLES="subs"
avc1/480x270/low.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=832000\r
https://video.twimg.com/avc1/mid.m3u8\r
#EXT-X-STREAM-INF:BANDWIDTH=1
https://evil.example/x.m3u8
#EXT-X-NEW-TAG:WHAT=EVER
"""


def _on_host(url: str) -> bool:
    return url.startswith("https://video.twimg.com/")


def _media(text: str, url: str = BASE) -> hls.Media:
    found = hls.parse(b"#EXTM3U\n" + text.encode(), url, _on_host)
    assert isinstance(found, hls.Media)
    return found


def test_a_master_playlist() -> None:
    found = hls.parse(MASTER, BASE, _on_host)
    assert isinstance(found, hls.Master)
    assert found.variants == (
        hls.Variant(
            url="https://video.twimg.com/amplify_video/1/pl/avc1/480x270/low.m3u8",
            bandwidth=288000,
            width=480,
            height=270,
            codecs="mp4a.40.2,avc1.4D401E",
            audio="snd",
            subtitles="subs",
        ),
        hls.Variant(url="https://video.twimg.com/avc1/mid.m3u8", bandwidth=832000),
    )
    assert found.not_allowed == 1
    audio, subtitles, closed = found.renditions
    assert (audio.kind, audio.url, audio.autoselect) == (
        "AUDIO",
        "https://video.twimg.com/amplify_video/1/pl/a.m3u8",
        True,
    )
    assert subtitles == hls.Rendition(
        kind="SUBTITLES",
        group="subs",
        name="English, edited",
        language="en",
        url="https://video.twimg.com/amplify_video/1/pl/s/en.m3u8",
        default=True,
    )
    assert (closed.kind, closed.url) == ("CLOSED-CAPTIONS", None)


def test_a_media_playlist() -> None:
    found = _media(
        '#EXT-X-TARGETDURATION:3\n#EXT-X-MAP:URI="init.mp4",BYTERANGE="900"\n#EXTINF:3.003,title, with comma\na.m4s\n'
        "#EXTINF:2\n/b.m4s\n#EXT-X-ENDLIST\n"
    )
    first = hls.Part(url="https://video.twimg.com/amplify_video/1/pl/init.mp4", offset=0, length=900)
    assert found == hls.Media(
        segments=(
            hls.Segment(
                part=hls.Part(url="https://video.twimg.com/amplify_video/1/pl/a.m4s"),
                milliseconds=3003,
                initialisation=first,
            ),
            hls.Segment(part=hls.Part(url="https://video.twimg.com/b.m4s"), milliseconds=2000, initialisation=first),
        ),
        ended=True,
    )


def test_byte_ranges_follow_each_other_within_one_resource() -> None:
    found = _media(
        "#EXTINF:1,\n#EXT-X-BYTERANGE:100@50\na.ts\n#EXT-X-BYTERANGE:20\n#EXTINF:1,\na.ts\n"
        "#EXTINF:1,\n#EXT-X-BYTERANGE:5@0\nb.ts\n"
    )
    assert [(segment.part.offset, segment.part.length) for segment in found.segments] == [(50, 100), (150, 20), (0, 5)]


def test_a_live_or_encrypted_playlist_says_so() -> None:
    assert not _media("#EXTINF:1,\na.ts\n").ended
    assert _media('#EXT-X-KEY:METHOD=AES-128,URI="https://keys.example/"\n#EXTINF:1,\na.ts\n').encrypted
    assert not _media("#EXT-X-KEY:METHOD=NONE\n#EXTINF:1,\na.ts\n").encrypted


def test_segments_that_may_not_be_asked_for_are_counted_and_left_out() -> None:
    found = _media(
        "#EXTINF:1,\n//evil.example/a.ts\n#EXTINF:1,\nhttp://video.twimg.com/a.ts\n#EXTINF:1,\nb.ts\n"
        '#EXT-X-MAP:URI="https://evil.example/i"\n#EXTINF:1,\nc.ts\n#EXTINF:1,\nhttps://[::1/\n'
    )
    assert [segment.part.url for segment in found.segments] == ["https://video.twimg.com/amplify_video/1/pl/b.ts"]
    assert found.not_allowed == 4


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>",
        b"#EXTM3U8\n#EXTINF:1,\na",
        b"\xef\xbb\xbf#EXTM3U\n#EXTINF:1,\na",
        b"#EXTM3U\n",
        b"#EXTM3U\n\xff",
        b"#EXTM3U\n#EXTINF:1,\n",
        b"#EXTM3U\n#EXTINF:-1,\na",
        b"#EXTM3U\n#EXTINF:1e9,\na",
        b"#EXTM3U\n#EXTINF:" + b"9" * 5000 + b",\na",
        b"#EXTM3U\n#EXT-X-ENDLIST\na",
        b"#EXTM3U\n#EXTINF:1,\n#EXT-X-BYTERANGE:5\na",
        b"#EXTM3U\n#EXTINF:1,\n#EXT-X-BYTERANGE:5@0\na\n#EXTINF:1,\n#EXT-X-BYTERANGE:5\nb",
        b"#EXTM3U\n#EXTINF:1,\n#EXT-X-BYTERANGE:x@0\na",
        b"#EXTM3U\n#EXTINF:1,\na\n#EXT-X-STREAM-INF:BANDWIDTH=1\nb",
        b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n",
        b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n#EXT-X-STREAM-INF:BANDWIDTH=1\na",
        b'#EXTM3U\n#EXT-X-STREAM-INF:CODECS="x"\na',
        b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,BANDWIDTH=2\na",
        b'#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="open\na',
        b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na\nb",
        b'#EXTM3U\n#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="a",NAME="b"\n',
        b'#EXTM3U\n#EXT-X-MEDIA:TYPE=SMELL,GROUP-ID="a",NAME="b"\n',
        b'#EXTM3U\n#EXT-X-DEFINE:NAME="a",VALUE="b"\n#EXTINF:1,\n{$a}.ts',
        b"#EXTM3U\n" + b"#EXTINF:1,\na\n" * 20_001,
        b"#EXTM3U\n" + b"#" * 2_000_000,
    ],
)
def test_what_is_no_sound_playlist_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        hls.parse(data, BASE, _on_host)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "#EXTINF:1,",
                "#EXTINF:" + "9" * 30,
                "a.ts",
                "https://[",
                "#EXT-X-BYTERANGE:5@1",
                "#EXT-X-BYTERANGE:5",
                '#EXT-X-MAP:URI="i",BYTERANGE="5"',
                "#EXT-X-MAP:URI=",
                "#EXT-X-ENDLIST",
                "#EXT-X-KEY:METHOD=NONE",
                "#EXT-X-STREAM-INF:BANDWIDTH=1",
                '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="a",NAME="b",URI="c"',
            ]
        )
        | st.text(max_size=20),
        max_size=12,
    )
)
def test_any_playlist_is_read_or_refused_and_leads_nowhere_else(lines: list[str]) -> None:
    data = "\n".join(["#EXTM3U", *lines]).encode("utf-8", "surrogatepass")
    try:
        found = hls.parse(data, BASE, _on_host)
    except FormatError:
        return
    urls = (
        [segment.part.url for segment in found.segments]
        if isinstance(found, hls.Media)
        else [item.url for item in (*found.variants, *found.renditions) if item.url is not None]
    )
    assert all(_on_host(url) for url in urls)
