"""Streams are joined of recorded fragments by yt-dlp itself; what is live, locked or cut is refused, with a reason."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from archiver.demo import faults, media, posts
from archiver.demo.streams import in_range
from archiver.demo.wire import Reply, Request
from archiver.platforms.ytdlp_trouble import Trouble, reading
from archiver.recorder import ytdlp
from archiver.recorder.recording import decoded_body
from archiver.recorder.ytdlp import Extracted
from archiver.recorder.ytdlp_streams import captions, download

pytest.importorskip("yt_dlp")

HOST = "https://site.example"
ENDLIST = "#EXT-X-ENDLIST\n"
PIECES = {f"/{number}.ts": bytes([number]) * 1000 for number in range(4)}
MPD = """<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="{kind}" mediaPresentationDuration="PT6S">
<Period><AdaptationSet mimeType="video/mp4" contentType="video">
<Representation id="v" bandwidth="1000" width="64" height="36" codecs="avc1.42c00a">
<SegmentList duration="2"><Initialization sourceURL="0.ts"/><SegmentURL media="1.ts"/><SegmentURL media="2.ts"/>
</SegmentList>
</Representation></AdaptationSet></Period></MPD>"""


def playlist(*lines: str, ending: str = ENDLIST) -> bytes:
    return "\n".join(["#EXTM3U", "#EXT-X-TARGETDURATION:2", *lines, ending]).encode()


def listed(*names: str) -> list[str]:
    return [line for name in names for line in ("#EXTINF:2,", name)]


@pytest.fixture
def found(start, opened):
    """Return a function that opens a session which is said to have found one format, and no other."""

    def begin(url: str, protocol: str = "m3u8_native", login=None, **more):
        recorded = start(login=login)
        session = opened.enter_context(ytdlp.Session(recorded.recording))
        format = {"format_id": "a", "url": url, "protocol": protocol, "ext": "mp4"} | more
        return recorded, session, Extracted(info={}, raw={"id": "1", "title": "a", "formats": [format]})

    return begin


@pytest.fixture
def site(serve):
    """Serve files by path from one host, with ranges."""

    def add(**files: bytes) -> None:
        pages = PIECES | {f"/{name.replace('_', '.')}": data for name, data in files.items()}

        def answer(request: Request) -> Reply:
            return in_range(Reply(body=pages[request.path]), request) if request.path in pages else Reply(404)

        serve(answer)

    return add


def made_of(recorded, fetched) -> bytes:
    """Return the payloads of the records that a file is said to be made of."""
    answers = {item.response_id: item.exchange for item in recorded.recording.exchanges}
    return b"".join(piece for record in fetched.records for piece in decoded_body(answers[record]))


def test_a_video_on_x_is_joined_of_its_fragments(box, start, opened, tmp_path, assert_box_equals_warc):
    recorded = start()
    session = opened.enter_context(ytdlp.Session(recorded.recording))
    described = session.extract(posts.STREAMED.url)
    fetched = download(session, described, "hls-832", tmp_path / "a.mp4")
    assert fetched.path.read_bytes() == media.read("ferry.640x360.fragments.mp4") == made_of(recorded, fetched)
    assert (fetched.made, fetched.program) == ("joined", f"yt-dlp {ytdlp.version()}")
    assert len(fetched.others) == 1
    words = captions(session, described, "en", tmp_path / "a.vtt")
    assert words.path.read_bytes() == made_of(recorded, words)
    assert words.path.read_bytes().startswith(b"WEBVTT")
    purposes = [item.purpose for item in recorded.all]
    assert purposes == ["guest-token", "graphql", "playlist", "playlist", *["fragment"] * 3, "playlist", "fragment"]
    assert len(box.exchanges) == len(purposes)
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {"a.mp4", "a.vtt"}


def test_a_single_file_is_the_payload_of_its_record(start, opened, tmp_path):
    recorded = start()
    session = opened.enter_context(ytdlp.Session(recorded.recording))
    fetched = download(session, session.extract(posts.SHELLING.url), "http-256", tmp_path / "a.mp4")
    assert (fetched.made, fetched.program, len(fetched.records)) == ("served", "", 1)
    assert fetched.path.read_bytes() == made_of(recorded, fetched)


def test_a_live_video_on_x_is_refused_before_any_of_it_comes(box, start, opened, tmp_path):
    session = opened.enter_context(ytdlp.Session(start().recording))
    described = session.extract(posts.LIVE.url)
    trouble = download(session, described, described.info["format_id"], tmp_path / "a.mp4")
    assert reading(trouble) == ("refused", "live")
    assert not any(exchange.target.endswith((".m4s", ".mp4")) for exchange in box.requests("video.twimg.com"))
    assert not (tmp_path / "a.mp4").exists()


@pytest.mark.parametrize("more", [{"is_live": True}, {"live_status": "is_upcoming"}, {"live_status": "post_live"}])
def test_what_yt_dlp_calls_live_is_not_asked_for_at_all(box, site, found, tmp_path, more):
    _, session, described = found(f"{HOST}/list.m3u8", **more)
    assert reading(download(session, described, "a", tmp_path / "a.mp4")) == ("refused", "live")
    assert box.exchanges == ()


def test_byte_ranges_are_recorded_as_such(box, site, found, tmp_path, assert_box_equals_warc):
    lines = ["#EXT-X-BYTERANGE:10@5", *listed("1.ts"), "#EXT-X-BYTERANGE:7", *listed("1.ts"), *listed("2.ts")]
    site(list_m3u8=playlist(*lines))
    recorded, session, described = found(f"{HOST}/list.m3u8")
    fetched = download(session, described, "a", tmp_path / "a.mp4")
    assert fetched.path.read_bytes() == b"\1" * 17 + b"\2" * 1000 == made_of(recorded, fetched)
    assert [item.status for item in recorded.all] == [200, 206, 206, 200]
    assert_box_equals_warc(box, recorded.end())


def test_encrypted_fragments_are_decrypted_here_with_the_recorded_key(box, site, found, tmp_path):
    key, iv = bytes(range(16)), bytes(16)
    padder, encryptor = PKCS7(128).padder(), Cipher(AES(key), CBC(iv)).encryptor()
    locked = encryptor.update(padder.update(b"in the clear" * 20) + padder.finalize())
    line = f'#EXT-X-KEY:METHOD=AES-128,URI="key.bin",IV=0x{iv.hex()}'
    site(list_m3u8=playlist(line, *listed("locked.bin")), locked_bin=locked, key_bin=key)
    recorded, session, described = found(f"{HOST}/list.m3u8")
    fetched = download(session, described, "a", tmp_path / "a.mp4")
    assert (fetched.made, fetched.path.read_bytes()) == ("decrypted", b"in the clear" * 20)
    assert made_of(recorded, fetched) == locked
    assert {item.purpose for item in recorded.all} == {"playlist", "fragment", "key"}
    assert len(fetched.others) == 2


@pytest.mark.parametrize(
    ("lines", "ending", "expected"),
    [
        ([*listed("1.ts")], "", ("refused", "live")),
        ([*listed("1.ts"), "#EXT-X-PLAYLIST-TYPE:EVENT"], "# EXT-X-ENDLIST", ("refused", "live")),
        (['#EXT-X-KEY:METHOD=SAMPLE-AES,URI="key.bin"', *listed("1.ts")], ENDLIST, ("refused", "unsupported")),
        (['#EXT-X-KEY:METHOD=AES-128,URI="skd://key"', *listed("1.ts")], ENDLIST, ("refused", "unsupported")),
        ([], ENDLIST, None),
    ],
)
def test_what_a_playlist_forbids_is_refused(box, site, found, tmp_path, lines, ending, expected):
    site(list_m3u8=playlist(*lines, ending=ending))
    _, session, described = found(f"{HOST}/list.m3u8")
    trouble = download(session, described, "a", tmp_path / "a.mp4")
    assert isinstance(trouble, Trouble)
    assert expected in (None, reading(trouble))
    assert [exchange.target for exchange in box.exchanges] == ["/list.m3u8"]
    assert not (tmp_path / "a.mp4").exists()


@pytest.mark.parametrize(
    "fault",
    [faults.Status(404), faults.Status(500), faults.Reset(30), faults.Truncate(30)],
    ids=lambda item: repr(item),
)
def test_a_fragment_that_does_not_come_leaves_no_file(box, site, found, tmp_path, fault):
    site(list_m3u8=playlist(*listed("1.ts", "2.ts", "3.ts")))
    box.faults.add(fault, path="/2.ts", times=None)
    recorded, session, described = found(f"{HOST}/list.m3u8")
    assert isinstance(download(session, described, "a", tmp_path / "a.mp4"), Trouble)
    assert not (tmp_path / "a.mp4").exists()
    assert "/3.ts" not in {exchange.target for exchange in box.exchanges}
    assert recorded.all[-1].url == f"{HOST}/2.ts"


def test_fragments_where_nothing_may_be_asked_for_are_refused(box, site, found, tmp_path):
    site(list_m3u8=playlist(*listed("http://127.0.0.1:1/a.ts")))
    _, session, described = found(f"{HOST}/list.m3u8")
    assert isinstance(download(session, described, "a", tmp_path / "a.mp4"), Trouble)
    assert len(box.exchanges) == 1


def test_all_fragments_together_may_have_what_one_file_may(box, site, start, opened, tmp_path):
    site(list_m3u8=playlist(*listed("1.ts", "2.ts", "3.ts")))
    recorded = start(max_media_bytes=2500)
    session = opened.enter_context(ytdlp.Session(recorded.recording))
    format = {"format_id": "a", "url": f"{HOST}/list.m3u8", "protocol": "m3u8_native", "ext": "mp4"}
    trouble = download(session, Extracted(info={}, raw={"id": "1", "formats": [format]}), "a", tmp_path / "a.mp4")
    assert isinstance(trouble, Trouble)
    assert recorded.all[-1].failure.reason == "size-limit"


@pytest.mark.parametrize("protocol", ["rtmp", "f4m", "ism", "mhtml", "websocket_frag", "http_dash_segments_generator"])
def test_what_another_way_would_fetch_is_refused(box, found, tmp_path, protocol):
    _, session, described = found(f"{HOST}/a", protocol)
    assert reading(download(session, described, "a", tmp_path / "a.mp4")) == ("refused", "unsupported")
    assert reading(download(session, described, "b", tmp_path / "a.mp4")) == ("refused", "unsupported")
    assert reading(captions(session, described, "en", tmp_path / "a.vtt")) == ("refused", "unsupported")
    assert box.exchanges == ()


@pytest.mark.parametrize(("kind", "live"), [("static", False), ("dynamic", True)])
def test_segments_of_dash_are_joined(box, site, start, opened, tmp_path, kind, live, assert_box_equals_warc):
    site(a_mpd=MPD.format(kind=kind).encode())
    recorded = start()
    session = opened.enter_context(ytdlp.Session(recorded.recording))
    described = session.extract(f"{HOST}/a.mpd")
    (format,) = [item["format_id"] for item in described.info["formats"]]
    fetched = download(session, described, format, tmp_path / "a.mp4")
    if live:
        assert reading(fetched) == ("refused", "live")
        assert not any(exchange.target.endswith(".ts") for exchange in box.exchanges)
    else:
        assert fetched.path.read_bytes() == b"".join(PIECES[f"/{number}.ts"] for number in range(3))
        assert fetched.path.read_bytes() == made_of(recorded, fetched)
    assert_box_equals_warc(box, recorded.end())


def test_no_program_is_started(site, found, tmp_path, monkeypatch):
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in ("ffmpeg", "ffprobe", "curl", "wget", "aria2c", "deno", "node"):
        program = folder / name
        program.write_text(f"#!/bin/sh\ntouch {folder}/started\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    site(list_m3u8=playlist(*listed("1.ts", "2.ts")))
    _, session, described = found(f"{HOST}/list.m3u8")
    assert not isinstance(download(session, described, "a", tmp_path / "a.mp4"), Trouble)
    assert not (folder / "started").exists()
