"""Answers that lie about what they are become no post and no picture, and their marks never reach a terminal."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import pytest

from archiver.demo import faults, media, posts
from archiver.demo.hostile_json import EditedJSON, NestedJSON, RepeatedMember, TruncatedJSON, tainted, with_numeric_ids
from archiver.demo.sample import ARTICLE_POSTS, article_html

from .conftest import GOOD, HARMFUL, TARGETS

PHOTO = posts.PHOTO
JPEG = media.read_rendition(PHOTO.media[0].file, "orig")
PAGE = b"<!DOCTYPE html><html><title>Over capacity</title><p>Please try again later.</html>"
TAINT = "\x00\x1b]0;x\x07\x1b[31m\u202e</script>"

NO_ANSWER = {
    "arrays, 100,000 deep": NestedJSON(100_000),
    "objects, 100,000 deep": NestedJSON(100_000, kind="object"),
    "100,000 deep without an end": NestedJSON(100_000, closed=False),
    "100,000 deep in a member": NestedJSON(100_000, member="card"),
    "objects, 100,000 deep in a member": NestedJSON(100_000, member="extra", kind="object"),
    "truncated": TruncatedJSON(300),
    "cut to a bracket": TruncatedJSON(1),
    "nothing": TruncatedJSON(0),
    "NaN": EditedJSON(lambda tree: tree | {"favorite_count": math.nan}),
    "infinity": EditedJSON(lambda tree: tree | {"favorite_count": -math.inf}),
    "a number of 5,000 digits": RepeatedMember("extra", "9" * 5000),
    "an array": EditedJSON(lambda tree: [tree]),
    "text": EditedJSON(json.dumps),
    "no UTF-8": faults.Replace(b'{"__typename":"Tweet","text":"\xff"}'),
    "UTF-16": faults.Replace('{"__typename":"Tweet"}'.encode("utf-16")),
    "a page": faults.Replace(PAGE, "text/html"),
}
TWICE = {
    "another id first": RepeatedMember("id_str", '"20"'),
    "another id last": RepeatedMember("id_str", '"20"', "last"),
    "another text last": RepeatedMember("text", '"nothing happened"', "last"),
    "the same type twice": RepeatedMember("__typename", '"Tweet"'),
}
TWICE_AT_OEMBED = {
    "another author first": RepeatedMember("author_url", '"https://x.com/nobody"'),
    "another html last": RepeatedMember("html", '""', "last"),
}
NOT_THIS_POST = {
    "ids that are numbers": EditedJSON(with_numeric_ids),
    "an id that is a number": EditedJSON(lambda tree: tree | {"id_str": int(PHOTO.id)}),
    "another id": EditedJSON(lambda tree: tree | {"id_str": posts.FLOOD.id}),
    "taint in every text": EditedJSON(tainted),
}
LIES = {
    "a page": (PAGE, "no image but application/octet-stream"),
    "a page after white space": (b"\n\n" + PAGE, "no image but application/octet-stream"),
    "a video": (
        media.read(posts.SHELLING.media[0].file_name(posts.SHELLING.media[0].variants[0])),
        "no image but video",
    ),
    "a program": (b"MZ\x90\x00" + bytes(500), "no image but application/octet-stream"),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "no image but application/octet-stream"),
    "JSON": (b'{"errors":[]}', "no image but application/octet-stream"),
    "captions": (b"WEBVTT\n\n", "no image but text/vtt"),
    "nothing": (b"", "the answer is empty"),
    "two bytes": (b"\xff\xd8", "no image but application/octet-stream"),
}


@pytest.mark.parametrize("name", NO_ANSWER | TWICE | NOT_THIS_POST)
def test_an_answer_that_no_reader_should_trust_is_no_post(box, attack, name):
    attacked = attack(TARGETS["syndication"].arm(box, (NO_ANSWER | TWICE | NOT_THIS_POST)[name]))
    assert attacked.outcome == ("refused", "superseded" if name == "another id" else "unclear")
    assert len(TARGETS["syndication"].asked(box)) == 1
    assert list(attacked.folders) == [GOOD.id]


@pytest.mark.parametrize("name", NO_ANSWER | TWICE_AT_OEMBED)
def test_a_second_witness_that_no_reader_should_trust_is_silent(box, attack, name):
    attacked = attack(TARGETS["oembed"].arm(box, (NO_ANSWER | TWICE_AT_OEMBED)[name]))
    assert attacked.outcome == ("captured", "")
    [witness] = attacked.account(PHOTO)["corroboration"]
    assert (witness["author"], witness["text"]) == ("silent", "silent")
    assert witness["record"]


def test_what_is_wrong_deep_inside_costs_that_part_only(box, attack):
    def spoil(tree):
        user = tree["user"] | {"id_str": int(tree["user"]["id_str"]), "name": ["a", {"b": None}]}
        return tree | {"user": user, "entities": [], "favorite_count": "many", "edit_control": 7, "extra": nested(150)}

    attacked = attack(TARGETS["syndication"].arm(box, EditedJSON(spoil)))
    assert attacked.outcome == ("captured", "")
    document = json.loads((attacked.folders[PHOTO.id] / "data/post.json").read_bytes())
    assert document["post"]["author"]["handle"] == PHOTO.author.handle
    assert document["post"]["author"]["id"] == PHOTO.author.id
    assert "name" not in document["post"]["author"]
    listed = {item["pointer"] for item in document["not_understood"]}
    assert listed >= {"/user/name", "/favorite_count", "/extra"}


def nested(depth: int) -> list:
    value: list = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("depth", [190, 240, 900, 960, 980, 990])
@pytest.mark.parametrize("kind", ["array", "object"])
def test_what_was_read_when_it_came_can_be_read_when_it_is_verified(box, attack, kind, depth):
    """The interpreter's own limit lies between these depths, and is another one for each caller."""
    attacked = attack(TARGETS["syndication"].arm(box, NestedJSON(depth, member="extra", kind=kind)))
    assert attacked.outcome == (("captured", "") if depth == 190 else ("refused", "unclear"))


@pytest.mark.parametrize("name", LIES)
def test_what_is_no_picture_is_not_kept_as_one(box, attack, name):
    body, reason = LIES[name]
    attacked = attack(TARGETS["photo"].arm(box, faults.Replace(body, "image/jpeg")))
    assert attacked.outcome == ("partial", "incomplete")
    assert attacked.missing["photo 1"].startswith(reason if name == "nothing" else f"the answer is {reason}")
    assert attacked.kept(PHOTO) == ["00-profile.jpg"]


@pytest.mark.parametrize("place", ["video", "playlist"])
@pytest.mark.parametrize("name", ["a page", "a photo", "a program"])
def test_what_is_no_video_and_no_playlist_is_not_kept_as_one(box, attack, place, name):
    body = JPEG if name == "a photo" else LIES[name][0]
    attacked = attack(TARGETS[place].arm(box, faults.Replace(body, "video/mp4")))
    post = posts.SHELLING if place == "video" else posts.CAPTIONED
    assert attacked.missing[f"{place} 1"].startswith(f"the answer is no {'video' if place == 'video' else 'text'} but ")
    assert attacked.outcome == (("partial", "incomplete") if place == "video" else ("captured", ""))
    assert not [file for file in attacked.kept(post) if file.endswith(".mp4" if place == "video" else ".m3u8")]


@pytest.mark.parametrize("coding", [faults.Gzip(), None])
def test_an_error_page_under_a_good_status_leaves_the_next_rendition_to_be_tried(box, attack, coding):
    """The page comes for the best rendition alone; the one that is kept is called what it is."""
    page = faults.Replace(PAGE, "image/jpeg")
    TARGETS["photo"].arm(
        box, (lambda request, reply: coding(request, page(request, reply))) if coding else page, times=1
    )
    attacked = attack(PHOTO.url)
    assert attacked.outcome == ("partial", "incomplete")
    assert attacked.missing["photo 1 in orig"].startswith("only 4096x4096 was to be had: the answer is no image")
    assert (attacked.folders[PHOTO.id] / "data/media/01.jpg").read_bytes() == JPEG


def test_a_picture_under_a_coding_is_kept_as_the_picture_that_it_is(box, attack):
    attacked = attack(TARGETS["photo"].arm(box, faults.Gzip()))
    assert attacked.outcome == ("captured", "")
    assert (attacked.folders[PHOTO.id] / "data/media/01.jpg").read_bytes() == JPEG
    [photo] = [file for file in attacked.account(PHOTO)["files"] if file["role"] == "photo"]
    assert photo["relation"] == "decoded"


def test_a_picture_of_another_type_gets_the_name_of_its_own(box, attack):
    png = b"\x89PNG\r\n\x1a\n" + bytes(100)
    attacked = attack(TARGETS["photo"].arm(box, faults.Replace(png, "image/jpeg")))
    assert attacked.kept(PHOTO) == ["00-profile.jpg", "01.png"]


@pytest.mark.parametrize(
    "content_type",
    [
        "text/html; charset=undefined",
        "text/html; charset=punycode",
        "text/html; charset=unicode_escape",
        "text/html; charset=hex",
        "text/html; charset=nonsense",
        "text/html; charset=utf-16-nothing",
        "text/html; charset*" + "9" * 5000 + "=utf-8",
        "text/html; charset*0*=a; charset*=\"x''\"",
        "; ; =",
        "text/html; charset=\xff",
        "image/jpeg",
        "",
    ],
    ids=lambda text: ascii(text[:40]),
)
def test_no_encoding_that_a_page_is_said_to_be_in_stops_anything(box, attack, content_type):
    attacked = attack(TARGETS["article"].arm(box, faults.Replace(article_html().encode(), content_type)))
    assert set(attacked.folders) == {GOOD.id} | {post.id for post in ARTICLE_POSTS}


@pytest.mark.parametrize("charset", ["utf-16", "utf-16le", "utf-16be", "windows-1251"])
def test_an_encoding_that_pages_have_is_honoured(box, attack, charset):
    codec = {"utf-16": "utf-16-le", "windows-1251": "cp1251"}.get(charset, charset)
    page = article_html().encode(codec, "replace")
    attacked = attack(TARGETS["article"].arm(box, faults.Replace(page, f"text/html; charset={charset}")))
    assert set(attacked.folders) == {GOOD.id} | {post.id for post in ARTICLE_POSTS}


def identified(tree):
    """Return an answer in which every text is tainted but those without which it is no answer about its post."""
    return tainted(tree, TAINT) | {"__typename": tree["__typename"], "id_str": tree.get("id_str", "")}


@pytest.mark.parametrize(
    "post", [PHOTO, posts.QUOTING, posts.CARD, posts.POLL, posts.NOTED, posts.EDITED], ids=lambda p: p.id
)
def test_taint_in_every_field_reaches_no_terminal_no_page_and_no_file_name(box, attack, command, post, tmp_path: Path):
    fault = EditedJSON(identified)
    box.faults.add(fault, host="cdn.syndication.twimg.com", path=f"/tweet-result?id={post.id}", times=None)
    box.faults.add(EditedJSON(tainted), host="publish.x.com", times=None)
    box.faults.add(faults.Status(403), host="api.x.com", times=None)
    attacked = attack(post.url)
    assert attacked.bad["outcome"] in ("captured", "partial")
    folder = attacked.folders[post.id]
    assert json.loads((folder / "data/post.json").read_bytes())["post"]["author"]["name"].endswith(TAINT)
    shown_everywhere(command, tmp_path, post.url)
    assert not HARMFUL.search((folder / "data/post.html").read_text())
    assert "</script" not in (folder / "data/post.html").read_text()
    assert all(path.name.isascii() and path.name.isprintable() for path in folder.rglob("*"))


def test_taint_in_the_words_of_a_refusal_reaches_no_terminal(box, attack, command, tmp_path: Path):
    target = f"/tweet-result?id={posts.DELETED.id}"
    box.faults.add(EditedJSON(identified), host="cdn.syndication.twimg.com", path=target, times=None)
    attacked = attack(posts.DELETED.url)
    assert attacked.outcome == ("absent", "deleted")
    assert attacked.bad["words"].endswith(TAINT)
    shown_everywhere(command, tmp_path, posts.DELETED.url)


def test_taint_in_a_page_and_in_its_way_reaches_no_terminal(box, attack, command, tmp_path: Path):
    page = article_html().replace("Marsa", f"{TAINT[1:]}Marsa").replace("(@", f"{TAINT[1:]}(@").encode()
    attacked = attack(TARGETS["article"].arm(box, faults.Replace(page)))
    assert set(attacked.folders) >= {post.id for post in ARTICLE_POSTS}
    shown_everywhere(command, tmp_path, TARGETS["article"].input)


def shown_everywhere(command, folder: Path, url: str) -> None:
    """Look at what was captured in every way that there is, and capture it once more for people and in a table."""
    ways = [
        ["list"],
        ["--json", "list"],
        ["list", "--csv"],
        ["verify", "-v"],
        ["--json", "verify"],
        ["capture", "--again", url],
    ]
    for arguments in (
        *ways,
        ["capture", "--again", url, "--results", "out.csv"],
        ["show", "last"],
        ["--json", "show", "last"],
    ):
        ended = command(*arguments)
        assert ended.out, arguments
        assert not HARMFUL.search((ended.out + ended.err).replace("\r\n", "\n")), arguments
    with (folder / "out.csv").open(newline="", encoding="utf-8") as file:
        assert not HARMFUL.search("".join(cell for row in csv.reader(file) for cell in row))
