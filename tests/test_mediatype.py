"""Media types are told by first bytes, against the real media of the demo, and agree with their extensions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver import mediatype
from archiver.case import layout
from archiver.demo import media, posts

STARTS = {
    "image/jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "image/png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "image/gif": b"GIF89a\x01\x00",
    "image/webp": b"RIFF\x24\x00\x00\x00WEBPVP8 ",
    "image/avif": b"\x00\x00\x00\x1cftypavif",
    "video/mp4": b"\x00\x00\x00\x18ftypmp42",
    "video/webm": b"\x1a\x45\xdf\xa3\x9f",
}
EXTENSIONS = {"jpg", "png", "gif", "webp", "avif", "mp4", "webm"}


@pytest.mark.parametrize(("expected", "start"), STARTS.items())
def test_each_type_is_told_by_its_first_bytes(expected, start):
    assert mediatype.sniff(start + b"more") == expected
    assert mediatype.family(expected) == expected.partition("/")[0]
    assert mediatype.sniff(b" " + start) == "application/octet-stream"
    assert mediatype.sniff(start[:3]) in (expected, "application/octet-stream")


def test_older_and_animated_variants():
    assert mediatype.sniff(b"GIF87a") == "image/gif"
    assert mediatype.sniff(b"\x00\x00\x00\x1cftypavis") == "image/avif"


def test_extensions_differ_and_are_names_that_a_bag_may_have():
    found = {mediatype.extension(name) for name in STARTS}
    assert found == EXTENSIONS
    for extension in found | {mediatype.extension("application/octet-stream")}:
        assert layout.MEDIA_NAME.fullmatch(f"01.{extension}")


def test_the_demo_media_are_what_they_are_served_as():
    video = posts.SHELLING.media[0]
    assert mediatype.sniff(media.read(video.file_name(video.variants[0]))[: mediatype.SNIFF_BYTES]) == "video/mp4"
    assert mediatype.sniff(media.read_rendition("ward", "orig")[: mediatype.SNIFF_BYTES]) == "image/jpeg"


@pytest.mark.parametrize("start", [b"", b"<html>", b"RIFF\x24\x00\x00\x00WAVE", b"\x00\x00\x00\x18moov", b"%PDF-1.7"])
def test_what_is_neither_picture_nor_film_is_other(start):
    assert mediatype.sniff(start) == "application/octet-stream"
    assert mediatype.family("application/octet-stream") == "other"
    assert mediatype.extension("application/octet-stream") == "bin"


def test_a_type_that_is_never_sniffed_is_other():
    assert (mediatype.family("text/html"), mediatype.extension("text/html")) == ("other", "bin")


@given(st.binary(max_size=200))
def test_the_announced_number_of_bytes_is_enough(data):
    assert mediatype.sniff(data) == mediatype.sniff(data[: mediatype.SNIFF_BYTES])
