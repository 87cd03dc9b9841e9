"""ffmpeg joins local files, copies what is in them, and is led nowhere else by what they say."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from archiver.demo import media
from archiver.errors import FormatError
from archiver.recorder.joining import available, join

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")


@pytest.fixture
def tracks(tmp_path) -> tuple[Path, Path]:
    """Picture and sound of a video, as a platform serves them apart."""
    picture, sound = tmp_path / "picture.mp4", tmp_path / "sound.mp4"
    picture.write_bytes(media.read("ferry.640x360.fragments.mp4"))
    sound.write_bytes(media.read("ferry.32000.fragments.mp4"))
    return picture, sound


def packets(path: Path, stream: str) -> list[str]:
    """Return the digest of each packet of a stream."""
    command = [
        "ffprobe",
        "-v",
        "error",
        "-select_streams",
        stream,
        "-show_packets",
        "-show_data_hash",
        "md5",
        "-of",
        "json",
    ]
    done = subprocess.run([*command, str(path)], capture_output=True, check=True)
    return [packet["data_hash"] for packet in json.loads(done.stdout)["packets"]]


@needs_ffmpeg
def test_both_streams_are_copied_as_they_are(tracks, tmp_path):
    joined = join(*tracks, tmp_path / "joined.mp4")
    assert joined.program == available()
    assert joined.program.startswith("ffmpeg ")
    for stream, source in zip(("v", "a"), tracks, strict=True):
        assert packets(joined.path, stream) == packets(source, stream) != []


@needs_ffmpeg
def test_the_same_inputs_give_the_same_bytes(tracks, tmp_path):
    one, two = (join(*tracks, tmp_path / name).path.read_bytes() for name in ("one.mp4", "two.mp4"))
    assert one == two
    assert b"Lavf" not in one


@needs_ffmpeg
@pytest.mark.parametrize(
    "start",
    [
        b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile /etc/hostname\n",
        b"v=0\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n",
        b"",
        b"G",
    ],
)
def test_files_that_name_other_files_are_refused(tracks, tmp_path, start):
    hostile = tmp_path / "hostile.mp4"
    hostile.write_bytes(start)
    with pytest.raises(FormatError, match="in no format that is joined"):
        join(hostile, tracks[1], tmp_path / "joined.mp4")
    assert not (tmp_path / "joined.mp4").exists()


@needs_ffmpeg
def test_a_broken_file_leaves_nothing(tracks, tmp_path):
    tracks[0].write_bytes(b"\0\0\0\x18ftypmp42" + bytes(2000))
    with pytest.raises(FormatError, match="could not join"):
        join(*tracks, tmp_path / "joined.mp4")
    assert not (tmp_path / "joined.mp4").exists()


@needs_ffmpeg
def test_a_file_that_is_there_is_not_overwritten(tracks, tmp_path):
    with pytest.raises(FormatError, match="there already"):
        join(*tracks, tracks[0])
    assert tracks[0].stat().st_size > 1000


def test_the_command_forbids_the_network(tracks, tmp_path, monkeypatch):
    folder = tmp_path / "programs"
    folder.mkdir()
    program = folder / "ffmpeg"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> {folder}/arguments\n/usr/bin/env > {folder}/environment\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with pytest.raises(FormatError):
        join(*tracks, tmp_path / "joined.mp4")
    arguments = (folder / "arguments").read_text().split("\n")
    assert [arguments[place + 1] for place, word in enumerate(arguments) if word == "-protocol_whitelist"] == [
        "file,pipe"
    ] * 3
    assert arguments.count("-format_whitelist") == 2
    assert "PROXY" not in (folder / "environment").read_text()


def test_without_ffmpeg_nothing_is_joined(tracks, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert available() is None
    with pytest.raises(FormatError, match="not installed"):
        join(*tracks, tmp_path / "joined.mp4")
