"""The sample posts are consistent with themselves, and are served in the shapes that X serves."""

from __future__ import annotations

import base64
import io
import json
import re
from dataclasses import replace
from html import unescape

import pytest
from PIL import Image

from archiver.demo import media, oembed, posts, sample, syndication
from archiver.demo.records import Photo, Video, snowflake_time
from archiver.demo.sites import World
from archiver.demo.token import token
from archiver.demo.wire import Reply, parse_head

PUBLIC = [post for post in posts.POSTS.values() if post.state == "public"]
WITH_MEDIA = [post for post in PUBLIC if post.media]
NAMED = pytest.mark.parametrize("name", sorted(posts.POSTS))


def ask(url: str) -> Reply:
    """Ask a host of the sample world for a URL."""
    host, _, resource = url.removeprefix("https://").partition("/")
    return World().hosts[host](parse_head(f"GET /{resource} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode(), host))


def tweet(post_id: str, given: str = "a") -> Reply:
    return ask(f"https://cdn.syndication.twimg.com/tweet-result?id={post_id}&lang=en&token={given}")


@pytest.mark.parametrize(
    ("post_id", "expected"),
    [
        ("20", "6dq1a2xwd93"),
        ("1577730467436138524", "3tol417ti8o"),
        ("1697322795510759929", "444aooo9l2p"),
        ("1628832338187636740", "3y54libozsy"),
    ],
)
def test_token_is_the_one_of_the_widget(post_id, expected):
    assert token(post_id) == expected


@NAMED
def test_ids_are_snowflakes_of_march_2025(name):
    post = posts.POSTS[name]
    assert (post.created.year, post.created.month) == (2025, 3)
    for item in post.media:
        if isinstance(item, Video) and item.source:
            assert item in tuple(replace(own, source=item.source) for own in item.source.media)
            continue
        if isinstance(item, Photo) or item.place == "tweet_video":
            key = base64.urlsafe_b64decode(item.key + "=" * (-len(item.key) % 4))
            uploaded = snowflake_time(str(int.from_bytes(key[:8], "big")))
        else:
            uploaded = snowflake_time(item.media_id)
        assert 0 < (post.created - uploaded).total_seconds() < 120


def test_ids_codes_and_keys_are_unique():
    own = [post for post in WITH_MEDIA if post is not posts.REUSED]
    for values in (
        [post.id for post in posts.POSTS.values()],
        [post.short_code for post in own] + [link.code for post in PUBLIC for link in post.links],
        [item.key for post in own for item in post.media],
    ):
        assert len(set(values)) == len(values)


def test_sample_covers_the_kinds_that_sources_have_to_tell_apart():
    assert {post.state for post in posts.POSTS.values()} == {
        "public", "deleted", "suspended", "account-gone", "protected", "age-restricted", "withheld", "rules",
        "subscribers", "unclear", "never-existed",
    }  # fmt: skip
    assert {post.lang for post in PUBLIC} == {"am", "ar", "en", "ja", "uk"}
    shapes = {tuple(item["type"] for item in syndication.document(post).get("mediaDetails", ())) for post in PUBLIC}
    assert shapes == {(), ("photo",), ("photo",) * 4, ("video",), ("photo", "video"), ("animated_gif",)}


def test_token_decides_whether_there_is_an_answer_and_is_noted():
    url = f"https://cdn.syndication.twimg.com/tweet-result?id={posts.TEXT.id}"
    assert (ask(url).body, ask(url).note) == (b"{}", "token: missing")
    assert tweet(posts.TEXT.id, token(posts.TEXT.id)).note == "token: right"
    assert tweet(posts.TEXT.id).note == "token: wrong"
    assert tweet(posts.TEXT.id).body == tweet(posts.TEXT.id, token(posts.TEXT.id)).body


@pytest.mark.parametrize("post", PUBLIC, ids=lambda post: post.id)
def test_tweet_says_what_the_post_says(post):
    body = json.loads(tweet(post.id).body)
    assert (body["__typename"], body["id_str"], body["lang"]) == ("Tweet", post.id, post.lang)
    assert body["user"]["screen_name"] == post.author.handle
    assert body["created_at"] == f"{post.created:%Y-%m-%dT%H:%M:%S}.000Z"
    start = body["display_text_range"][0]
    assert unescape(body["text"][start:]).startswith(post.shown_text)
    assert ("note_tweet" in body) == (post.shown_text != post.text)
    assert [] not in body["entities"].values()
    for kind, key in (("media", "url"), ("urls", "url"), ("user_mentions", "screen_name"), ("hashtags", "text")):
        for entity in body["entities"].get(kind, ()):
            start, end = entity["indices"]
            assert body["text"][start:end].lstrip("@#") == entity[key]
    assert ("possibly_sensitive" in body) == ("mediaDetails" in body) == bool(post.media)
    if post.media:
        assert body["possibly_sensitive"] is post.sensitive
        assert len(body["entities"]["media"]) == 1
        assert len(body["mediaDetails"]) == len(post.media)


def test_text_is_escaped_and_the_display_range_counts_otherwise():
    assert "ambulances &amp; to" in json.loads(tweet(posts.PHOTO.id).body)["text"]
    flood = json.loads(tweet(posts.FLOOD.id).body)
    assert flood["display_text_range"][1] == flood["entities"]["media"][0]["indices"][0]


@pytest.mark.parametrize(
    ("post", "words"),
    [
        (posts.DELETED, "This Post was deleted by the Post author."),
        (posts.SUSPENDED, "This Post is from a suspended account."),
        (posts.GONE, "This Post is from an account that no longer exists."),
        (posts.PROTECTED, "You’re unable to view this Post because this account owner limits"),
    ],
    ids=lambda value: getattr(value, "state", ""),
)
def test_tombstone_gives_its_reason(post, words):
    body = json.loads(tweet(post.id).body)
    assert body["__typename"] == "TweetTombstone"
    text = body["tombstone"]["text"]
    assert text["text"].startswith(words)
    [entity] = text["entities"]
    assert text["text"][entity["from_index"] : entity["to_index"]] == "Learn more"


def test_other_refusals_of_syndication():
    assert json.loads(tweet(posts.AGE_RESTRICTED.id).body) == {"__typename": "TweetTombstone", "tombstone": {}}
    assert (tweet(posts.UNCLEAR.id).status, tweet(posts.UNCLEAR.id).body) == (200, b"{}")
    for post_id in (posts.NEVER_EXISTED.id, "1", "x"):
        answer = tweet(post_id)
        assert (answer.status, dict(answer.headers)["content-type"]) == (404, "text/html; charset=utf-8")


@pytest.mark.parametrize("post", WITH_MEDIA, ids=lambda post: post.id)
def test_every_listed_medium_is_served_in_the_size_that_is_declared(post):
    for detail in json.loads(tweet(post.id).body)["mediaDetails"]:
        info = detail["original_info"]
        poster = ask(detail["media_url_https"])
        assert poster.status == 200
        if detail["type"] != "photo":
            assert Image.open(io.BytesIO(poster.body)).size == (info["width"], info["height"])
            for variant in detail["video_info"]["variants"]:
                answer = ask(variant["url"].partition("?")[0])
                if post is posts.REFUSED_MEDIA:
                    assert answer.status == 403
                else:
                    assert {"video/mp4": b"avc1", "application/x-mpegURL": b"#EXTM3U"}[
                        variant["content_type"]
                    ] in answer.body
            continue
        base = detail["media_url_https"].removesuffix(".jpg")
        original = {"w": info["width"], "h": info["height"]}
        for name, size in {**detail["sizes"], "orig": original, "4096x4096": original}.items():
            answer = ask(f"{base}?format=jpg&name={name}")
            if name == "thumb":
                assert answer.status == 404
            else:
                assert Image.open(io.BytesIO(answer.body)).size == (size["w"], size["h"])
        assert poster.body == ask(f"{base}?name=medium&format=jpg").body
        assert ask(f"{base}?format=png&name=orig").status == 404


def test_renditions_differ_and_the_largest_coincide():
    base = f"https://pbs.twimg.com/media/{posts.PHOTO.media[0].key}?format=jpg&name="
    bodies = {name: ask(base + name).body for name in ("orig", "4096x4096", "large", "medium", "small")}
    assert bodies["orig"] == bodies["4096x4096"]
    assert len(set(bodies.values())) == 4


@pytest.mark.parametrize("size", ["_normal", "_400x400", ""])
def test_profile_images(size):
    image = json.loads(tweet(posts.TEXT.id).body)["user"]["profile_image_url_https"]
    width = {"_normal": 48, "_400x400": 400, "": 512}[size]
    assert Image.open(io.BytesIO(ask(image.replace("_normal", size)).body)).size == (width, width)


def test_media_folder_stays_small():
    files = [entry for entry in media.resources.files(media).iterdir() if not entry.name.endswith(".py")]
    assert sum(len(entry.read_bytes()) for entry in files if entry.is_file()) < 860_000
    with pytest.raises(FileNotFoundError):
        media.read_rendition("nothing", "orig")


def embed(post_url: str, **options: str) -> Reply:
    query = "".join(f"&{name}={value}" for name, value in options.items())
    return ask(f"https://publish.x.com/oembed?url={post_url.replace(':', '%3A')}{query}")


@pytest.mark.parametrize("post", PUBLIC, ids=lambda post: post.id)
def test_oembed_of_a_public_post(post):
    body = json.loads(embed(post.url, omit_script="1", dnt="1").body)
    assert (body["url"], body["author_name"], body["height"]) == (post.url, post.author.name, None)
    assert body["cache_age"] == "3153600000"
    inner, _, rest = body["html"].partition("</p>&mdash; ")
    direction = "rtl" if post.lang == "ar" else "ltr"
    assert inner.startswith(
        f'<blockquote class="twitter-tweet" data-dnt="true"><p lang="{post.lang}" dir="{direction}">'
    )
    said = unescape(re.sub(r"<[^>]+>", "", inner.replace("<br>", "\n")))
    assert said == post.shown_text + (f" {post.pic}" if post.media else "")
    assert f'(@{post.author.handle}) <a href="{post.url}?ref_src=twsrc%5Etfw">{post.day}</a></blockquote>' in rest


def test_long_text_is_cut_after_a_word_in_both_answers():
    assert len(posts.LONG.text) > 280 > len(posts.LONG.shown_text)
    assert posts.LONG.text.startswith(posts.LONG.shown_text.removesuffix("…") + " ")
    assert posts.LONG.shown_text in json.loads(embed(posts.LONG.url).body)["html"]


@pytest.mark.parametrize(
    ("post", "status", "media_type"),
    [
        (posts.DELETED, 404, "text/html; charset=utf-8"),
        (posts.SUSPENDED, 404, "text/html; charset=utf-8"),
        (posts.GONE, 404, "text/html; charset=utf-8"),
        (posts.NEVER_EXISTED, 404, "text/html; charset=utf-8"),
        (posts.PROTECTED, 403, "application/json; charset=utf-8"),
    ],
    ids=lambda value: getattr(value, "state", ""),
)
def test_oembed_refusals(post, status, media_type):
    answer = embed(post.url)
    assert (answer.status, dict(answer.headers)["content-type"]) == (status, media_type)


def test_oembed_options():
    assert "widgets.js" in json.loads(embed(posts.PHOTO.url).body)["html"]
    narrow = json.loads(embed(posts.PHOTO.url, maxwidth="10", hide_media="1").body)
    assert narrow["width"] == 220
    assert posts.PHOTO.pic not in narrow["html"]
    missing = ask("https://publish.x.com/oembed?dnt=1")
    assert (missing.status, json.loads(missing.body)["errors"][0]["code"]) == (400, 357)


def test_article_embeds_the_three_posts_in_both_forms():
    page = ask(sample.ARTICLE_URL).body.decode()
    assert page == sample.article_html()
    text = sample.article_text().splitlines()
    for post in (posts.SHELLING, posts.PHOTO, posts.FLOOD):
        assert oembed.blockquote(post) in page
        signature = text.index(f"— {post.author.name} (@{post.author.handle}) March 8, 2025")
        assert text[signature - 1].endswith(post.short_code)
    assert not re.search(r"/status/[0-9]+", sample.article_text())
    assert isinstance(posts.SHELLING.media[0], Video)
    assert posts.PHOTO.media[0].alt
