"""Bodies without end, bombs, slowness and floods of headers cost bounded memory, bytes and requests, everywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from archiver.demo import faults, hostile, hostile_json, posts
from archiver.demo.box import Box
from archiver.demo.sample import ARTICLE_POSTS, ARTICLE_URL, article_html
from archiver.recorder.recording import MAX_ANSWER

from .conftest import TARGETS

MIB = 1 << 20
GIB = 1 << 30
JPEG = b"\xff\xd8\xff"
UNDER_WAY = 16 * MIB
"""Bytes that a server has sent and nobody has read: the systems on both sides hold some, and the box some more."""

BOMB = {
    "syndication": ("refused", "unclear"),
    "oembed": ("captured", ""),
    "photo": ("partial", "incomplete"),
    "playlist": ("captured", ""),
    "short link": (None, "leads-elsewhere"),
    "article": (None, "no-post"),
}
FLOOD = {
    "syndication": ("refused", "unclear"),
    "oembed": ("captured", ""),
    "video": ("partial", "incomplete"),
    "short link": ("unreachable", "size-limit"),
    "article": ("unreachable", "size-limit"),
}
SLOW = {
    "syndication": ("refused", "unclear"),
    "oembed": ("captured", ""),
    "video": ("partial", "incomplete"),
    "short link": ("unreachable", "time-limit"),
    "article": ("unreachable", "time-limit"),
}
HEADERS = {
    "syndication": ("unreachable", "protocol"),
    "oembed": ("captured", ""),
    "photo": ("partial", "incomplete"),
    "short link": ("unreachable", "protocol"),
    "article": ("unreachable", "protocol"),
}


@pytest.fixture
def box() -> Iterator[Box]:
    """A box that only counts what it sends, so that the memory which is measured is not its own."""
    with Box(keep_bytes=False) as running:
        yield running


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
@pytest.mark.parametrize("place", BOMB)
def test_a_bomb_does_not_go_off(box, attack, place, coding):
    target = TARGETS[place]
    attacked = attack(target.arm(box, hostile.Bomb(coding, GIB, start=JPEG)), trace=True, max_media_bytes=8 * MIB)
    assert attacked.outcome == BOMB[place]
    assert attacked.peak < 6 * MAX_ANSWER
    assert sum(item.response_bytes for item in target.asked(box)) < 5 * 2 * MIB
    if place == "photo":
        assert attacked.kept(posts.PHOTO) == ["00-profile.jpg"]


@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
@pytest.mark.parametrize("place", FLOOD)
def test_a_body_of_ten_gigabytes_is_left(box, attack, place, framing):
    target = TARGETS[place]
    fault = hostile.Flood(10 * GIB, framing, start=b"\0\0\0\x18ftypmp42")
    attacked = attack(target.arm(box, fault), trace=True, max_media_bytes=MIB)
    assert attacked.outcome == FLOOD[place]
    assert attacked.peak < 6 * MAX_ANSWER
    asked = target.asked(box)
    assert len(asked) == (3 if place == "video" else 1)
    assert all(item.response_bytes < MAX_ANSWER + UNDER_WAY for item in asked)
    if place == "video":
        assert attacked.missing["video 1"] == f"size-limit: the body is longer than {MIB} bytes"
        assert not [name for name in attacked.kept(posts.SHELLING) if name.endswith(".mp4")]


def test_a_picture_has_a_limit_of_its_own(box, attack):
    target = TARGETS["photo"]
    attacked = attack(target.arm(box, hostile.Flood(10 * GIB, start=JPEG), times=1), max_media_bytes=128 * MIB)
    assert attacked.missing["photo 1 in orig"].startswith("only 4096x4096 was to be had: size-limit")
    assert target.asked(box)[0].response_bytes < (64 + 16) * MIB


@pytest.mark.parametrize("start", ["head", "body"])
@pytest.mark.parametrize("place", SLOW)
def test_a_server_that_sends_byte_by_byte_is_left(box, attack, place, start):
    target = TARGETS[place]
    # Whatever is not slow has to come in this time as well, and only media have another limit.
    limit = {"max_seconds": 0.3} if place == "video" else {"answer_seconds": 2}
    attacked = attack(target.arm(box, hostile.Drip(0.05, start)), **limit)
    expected = SLOW[place]
    if place == "syndication" and start == "head":
        expected = ("unreachable", "time-limit")
    assert attacked.outcome == expected
    asked = target.asked(box)
    assert len(asked) == (3 if place == "video" else 1)
    assert all(item.response_bytes < 4096 for item in asked)
    if place == "video":
        assert attacked.missing["video 1"].startswith("time-limit")


@pytest.mark.parametrize("place", HEADERS)
def test_a_hundred_thousand_headers_are_left(box, attack, place):
    target = TARGETS[place]
    attacked = attack(target.arm(box, hostile.ManyHeaders(100_000)))
    assert attacked.outcome == HEADERS[place]
    assert len(target.asked(box)) == (5 if place == "photo" else 1)
    for folder in attacked.folders.values():
        assert (folder / "data/capture.warc").stat().st_size < 3 * MIB


def test_large_heads_all_the_way_stay_within_what_verification_reads(box, attack):
    def a_hundred_photos(tree):
        one = tree["mediaDetails"][0]
        urls = [f"https://pbs.twimg.com/media/x{number}.jpg" for number in range(100)]
        return tree | {"mediaDetails": [one | {"media_url_https": url} for url in urls]}

    TARGETS["photo"].arm(box, hostile.ManyHeaders(900, 100))
    attacked = attack(TARGETS["syndication"].arm(box, hostile_json.EditedJSON(a_hundred_photos)))
    assert attacked.outcome == ("partial", "incomplete")
    assert len(attacked.missing) >= 100
    assert attacked.missing["photo 1"] == "answered 404"
    assert attacked.missing["photo 100"].startswith("size-limit")
    assert len(TARGETS["photo"].asked(box)) < 100


@pytest.mark.parametrize("mark", ["\x01", "<", "\u4e2d", "\u202e", "\U0001f600"], ids=ascii)
def test_a_text_of_a_megabyte_is_no_post(box, attack, mark):
    fault = hostile_json.EditedJSON(lambda tree: tree | {"text": mark * MIB})
    assert attack(TARGETS["syndication"].arm(box, fault)).outcome == ("refused", "unclear")


@pytest.mark.parametrize("mark", ["\x01", "<", "\u4e2d", "\u202e", "\U0001f600"], ids=ascii)
def test_the_longest_text_that_is_taken_verifies(box, attack, mark):
    count = 250_000 // len(json.dumps(mark).strip('"'))
    fault = hostile_json.EditedJSON(lambda tree: tree | {"text": mark * count})
    attacked = attack(TARGETS["syndication"].arm(box, fault))
    assert attacked.outcome == ("captured", "")
    assert all(path.stat().st_size < 16 * MIB for path in (attacked.folders[posts.PHOTO.id] / "data").glob("post.*"))


def test_what_a_page_says_before_it_turns_out_a_bomb_is_read(box, attack):
    fault = hostile.Bomb("gzip", GIB, start=article_html().encode())
    attacked = attack(TARGETS["article"].arm(box, fault))
    assert set(attacked.folders) >= {post.id for post in ARTICLE_POSTS}
    for post in ARTICLE_POSTS:
        [given] = attacked.account(post)["inputs"]
        assert (given["place"]["kind"], given["place"]["name"]) == ("article", ARTICLE_URL)


@pytest.mark.parametrize("filler", [b"<", b"<a>", b"&", b"\0", b"<div>", b"&mdash; A (@a) March 8, 2025<p>"])
def test_a_page_of_nothing_but_trouble_takes_memory_in_proportion(box, attack, filler):
    size = MIB // 4
    fault = faults.Replace(article_html().encode() + filler * (size // len(filler)))
    attacked = attack(TARGETS["article"].arm(box, fault), trace=True)
    assert set(attacked.folders) >= {post.id for post in ARTICLE_POSTS}
    assert attacked.peak < 16 * MIB
