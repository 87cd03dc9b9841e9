"""Every form of link, and what comes out of it; look-alikes are never taken for a post."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import FormatError
from archiver.intake.links import parse_link, post_reference

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ID = "1898300000000000001"
OTHER_ID = "1777000000000000002"
ONION = "twitter3e4tixl4xyajtrzo62zg5vztmjuricljdp2c5kshju4avyoid.onion"
POST = f"https://x.com/i/status/{ID}"

OFFICIAL = [
    (f"{scheme}{prefix}{host}/ana_b/status/{ID}", "ana_b")
    for scheme in ("https://", "http://", "//", "", "HTTPS://")
    for prefix in ("", "www.", "m.", "mobile.")
    for host in ("twitter.com", "x.com")
]
FORMS = [
    (f"https://X.com/Ana/Status/{ID}", "Ana"),
    (f"https://x.com./ana/status/{ID}", "ana"),
    (f"https://x.com:443/ana/status/{ID}", "ana"),
    (f"http://twitter.com:80/ana/status/{ID}", "ana"),
    (f"https:/x.com/ana/status/{ID}", "ana"),
    (f"https://x.com//ana//status/{ID}", "ana"),
    (f"https://{ONION}/ana/status/{ID}", "ana"),
    (f"https://mobile.{ONION}/ana/status/{ID}", "ana"),
    (f"https://twitter.com/ana/statuses/{ID}", "ana"),
    (f"https://twitter.com/statuses/{ID}", None),
    (f"https://twitter.com/status/{ID}", None),
    (f"https://x.com/i/status/{ID}", None),
    (f"https://x.com/i/web/status/{ID}", None),
    (f"https://twitter.com/#!/ana/status/{ID}", "ana"),
    (f"http://www.twitter.com/#!/ana/statuses/{ID}?x=1", "ana"),
    (f"https://x.com/@ana/status/{ID}", "ana"),
    (f"https://x.com/{'a' * 21}/status/{ID}", None),
    (f"https://x.com/%D0%B0/status/{ID}", None),
    *[
        (f"https://x.com/ana/status/{ID}/{suffix}", "ana")
        for suffix in ("mediaviewer", "analytics", "history", "quotes", "retweets", "likes", "retweets/with_comments")
    ],
    *[(f"https://x.com/ana/status/{ID}{end}", "ana") for end in ("/", ".", ")", ",", ").", "/)", "…", "...", "&gt;")],
    (f"https://x.com/ana/status/{ID}?s=20&t=abcDEF", "ana"),
    (f"https://x.com/ana/status/{ID}?ref_src=twsrc^tfw|twcamp^tweetembed|twterm^{OTHER_ID}", "ana"),
    (f"https://x.com/ana/status/{ID}?url=/eve/status/{OTHER_ID}", "ana"),
    (f"https://x.com/ana/status/{ID}#m", "ana"),
    (f"https://x.com/ana/status/{ID}#!/eve/status/{OTHER_ID}", "ana"),
    (f"https://x.com/ana/status/{ID}%20", "ana"),
    (f"https://x.com/ana/status/{ID}%3Fs%3D20", "ana"),
    (f"  https://x.com/ana/status/{ID}\n", "ana"),
    (f"\u200f\ufeffhttps://x.com/ana/status/{ID}\u200e", "ana"),
    (f"<https://x.com/ana/status/{ID}>", "ana"),
    (f"twitter://status?id={ID}", None),
    (f"twitter://status?status_id={ID}", None),
    (f"https://twitter.com/intent/tweet?in_reply_to={ID}&text=hello", None),
    (f"https://x.com/intent/post?in_reply_to={ID}", None),
    (f"https://twitter.com/intent/like?tweet_id={ID}", None),
    (f"https://twitter.com/intent/favorite?tweet_id={ID}", None),
    (f"https://twitter.com/intent/retweet?related=eve&tweet_id={ID}", None),
    (
        f"https://platform.twitter.com/embed/Tweet.html?dnt=true&id={ID}&widgetsVersion=2615f7e52b7e0%3A1702314776716",
        None,
    ),
    (f"https://platform.x.com/embed/index.html?widgetsVersion=1702314776716&id={ID}", None),
    (f"https://publish.twitter.com/?query=https%3A%2F%2Ftwitter.com%2Fana%2Fstatus%2F{ID}&widget=Tweet", "ana"),
    (f"https://publish.x.com/oembed?url=https://x.com/ana/status/{ID}&omit_script=1", "ana"),
    (f"https://publish.twitter.com/oembed.json?url=twitter.com/ana/status/{ID}", "ana"),
    (f"https://x.com/safety/unsafe_link_warning?unsafe_link=https%3A%2F%2Fx.com%2Fana%2Fstatus%2F{ID}", "ana"),
]
THROUGH_OTHERS = [
    *[
        (f"https://{host}/ana/status/{ID}", "ana")
        for host in (
            "fxtwitter.com",
            "fixupx.com",
            "twittpr.com",
            "vxtwitter.com",
            "fixvx.com",
            "nitter.net",
            "nitter.example.org",
            "xcancel.com",
            "lightbrd.com",
            "d.fxtwitter.com",
            "dl.vxtwitter.com",
            "t.fixupx.com",
            "i.fxtwitter.com",
            "g.fxtwitter.com",
        )
    ],
    (f"https://d.fxtwitter.com/ana/status/{ID}.mp4", "ana"),
    (f"https://fxtwitter.com/ana/status/{ID}.jpg", "ana"),
    (f"https://fxtwitter.com/ana/status/{ID}/de", "ana"),
    (f"https://nitter.net/i/status/{ID}", None),
    (f"https://nitter.net/ana/status/{ID}#m", "ana"),
    (f"https://api.fxtwitter.com/2/status/{ID}", None),
    (f"https://api.fxtwitter.com/status/{ID}", None),
    (f"https://api.vxtwitter.com/x/status/{ID}", None),
    (f"https://web.archive.org/web/20250308101112/https://twitter.com/ana/status/{ID}", "ana"),
    (f"web.archive.org/web/2025/twitter.com/ana/status/{ID}", "ana"),
    (f"https://web.archive.org/web/*/https://x.com/ana/status/{ID}", "ana"),
    (f"https://web.archive.org/web/2025*/https://x.com/ana/status/{ID}", "ana"),
    *[
        (f"https://web.archive.org/web/20250308{mark}_/https://x.com/ana/status/{ID}", "ana")
        for mark in ("id", "if", "im", "js", "cs", "mp")
    ],
    (f"https://web.archive.org/web/20250308/http://twitter.com:80/ana/status/{ID}", "ana"),
    (f"https://web.archive.org/web/20250308/https:/twitter.com/ana/status/{ID}", "ana"),
    (f"https://web.archive.org/web/20250308/https%3A%2F%2Ftwitter.com%2Fana%2Fstatus%2F{ID}", "ana"),
    (f"https://web.archive.org/web/2012/http://twitter.com/#!/ana/status/{ID}", "ana"),
    (f"https://web.archive.org/web/2025/https://x.com/ana/status/{ID}?s=20", "ana"),
    (f"https://web.archive.org/web/https://x.com/ana/status/{ID}", "ana"),
    (f"https://web.archive.org/save/https://x.com/ana/status/{ID}", "ana"),
    *[
        (f"https://archive.{end}/newest/https://x.com/ana/status/{ID}", "ana")
        for end in ("today", "ph", "is", "li", "md", "vn", "fo")
    ],
    (f"https://archive.ph/20250308101112/https://x.com/ana/status/{ID}", "ana"),
    (f"https://archive.ph/2025.03.08-101112/https://x.com/ana/status/{ID}", "ana"),
    (f"https://archive.ph/https://x.com/ana/status/{ID}", "ana"),
    (f"https://archive.ph/o/AbCdE/https://x.com/ana/status/{ID}", "ana"),
    (f"https://web.archive.org/web/2025/https://archive.ph/newest/https://nitter.net/ana/status/{ID}", "ana"),
]
SHORT = [
    ("https://t.co/AbCdEf1234", "https://t.co/AbCdEf1234"),
    ("http://t.co/AbCdEf1234?amp=1", "https://t.co/AbCdEf1234"),
    ("t.co/AbCdEf1234", "https://t.co/AbCdEf1234"),
    ("//t.co/AbCdEf1234.", "https://t.co/AbCdEf1234"),
    ("https://t.co/AbCdEf1234…", "https://t.co/AbCdEf1234"),
    ("pic.twitter.com/AbCdEf1234", "https://pic.twitter.com/AbCdEf1234"),
    ("https://pic.x.com/AbCdEf1234", "https://pic.x.com/AbCdEf1234"),
    ("https://archive.ph/AbCdE", "https://archive.ph/AbCdE"),
    ("http://archive.today/AbCdE#selection-1.0", "https://archive.today/AbCdE"),
    ("archive.is/AbCdE/", "https://archive.is/AbCdE"),
    ("https://web.archive.org/web/2025/https://t.co/AbCdEf1234", "https://t.co/AbCdEf1234"),
]
PAGES = [
    f"https://evil.example/twitter.com/ana/status/{ID}",
    f"https://evil.example/https://twitter.com/ana/status/{ID}",
    f"https://evil.example/?u=https://x.com/ana/status/{ID}",
    f"https://evil.example/#https://x.com/ana/status/{ID}",
    f"https://evil.example?x.com/ana/status/{ID}",
    f"https://evil.example#@x.com/ana/status/{ID}",
    "https://web.archive.org/web/2025/https://example.com/article",
    f"https://web.archive.org.evil.example/web/2025/https://x.com/ana/status/{ID}",
    "https://archive.ph/newest/https://example.com/article",
    "https://blog.x.com/en_us/topics",
    "http://localhost/article",
    "http://[::1]:8080/x",
    "https://example.com",
    f"https://social.example/users/ana/statuses/{ID}",
    "https://forum.example/ana/status/1234",
]
LOOK_ALIKES = [
    f"https://x.com.evil.example/ana/status/{ID}",
    f"https://evil-x.com/ana/status/{ID}",
    f"https://xcom/ana/status/{ID}",
    f"https://twitter.com.co/ana/status/{ID}",
    f"https://\u0445.com/ana/status/{ID}",
    f"https://\uff58.com/ana/status/{ID}",
    f"https://tw\u0456tter.com/ana/status/{ID}",
    f"https://xn--tar-qla.com/ana/status/{ID}",
    f"https://x.com:8443/ana/status/{ID}",
    f"https://nitter-evil.example/ana/status/{ID}",
    f"https://fxtwitter.com.evil.example/ana/status/{ID}",
    f"https://api.x.com/ana/status/{ID}",
    f"https://web.archive.org/web/2025/https://x.com.evil.example/ana/status/{ID}",
]
OTHER = [
    f"https://twitter.com@evil.example/ana/status/{ID}",
    f"https://x.com%2f@evil.example/ana/status/{ID}",
    f"https://x.com:443@evil.example/ana/status/{ID}",
    f"https://evil.example\\@x.com/ana/status/{ID}",
    f"https://x.com\\@evil.example/ana/status/{ID}",
    f"https://evil.example\\x.com/ana/status/{ID}",
    f"https://x.com\\ana\\status\\{ID}",
    f"https://x%2ecom/ana/status/{ID}",
    "https://x.com",
    "x.com/",
    "https://x.com/ana",
    "twitter.com/ana",
    "https://x.com/ana/with_replies",
    "https://x.com/home",
    f"https://x.com/search?q=/ana/status/{ID}",
    f"https://x.com/?/ana/status/{ID}",
    "https://x.com/hashtag/word",
    "https://x.com/i/spaces/1OwGWxabcDEF",
    "https://x.com/i/broadcasts/1OwGWxabcDEF",
    f"https://x.com/i/events/{ID}",
    f"https://x.com/i/lists/{ID}",
    f"https://x.com/ana/article/{ID}",
    f"https://x.com/i/cards/tfw/v1/{ID}",
    f"https://x.com/i/flow/login?redirect_after_login=/ana/status/{ID}",
    f"https://twitter.com/intent/tweet?url=https%3A%2F%2Fx.com%2Fana%2Fstatus%2F{ID}",
    f"https://twitter.com/intent/follow?tweet_id={ID}",
    "https://x.com/ana/status/",
    "https://x.com/ana/status",
    "https://x.com/ana/status/abc",
    f"https://x.com/ana/status/{ID}abc",
    f"https://x.com/ana/status/{ID}_1",
    f"https://x.com/ana/status/{ID},https://x.com/bea/status/{OTHER_ID}",
    f"https://x.com/ana/status/{ID};more",
    "https://x.com/ana/status/\u0661\u0662\u0663",
    f"https://x.com/a/b/c/status/{ID}",
    "https://x.com/ana/status/0",
    "https://x.com/ana/status/-1",
    f"https://x.com/ana/status/0{ID}",
    "https://x.com/ana/status/30000000001",
    "https://x.com/ana/status/200000000000000",
    "https://x.com/ana/status/9223372036854775807",
    "https://x.com/ana/status/9999999999999999999",
    f"https://x.com/ana/status/{ID}0",
    "https://x.com/ana/status/18983…",
    "https://x.com/ana/status/189830000000000...",
    "https://t.co/",
    "https://t.co/Ab…",
    "https://pic.twitter.com/a/b",
    "https://nitter.net/ana",
    f"https://platform.twitter.com/widgets.js?id={ID}",
    "https://platform.twitter.com/embed/Tweet.html?widgetsVersion=1702314776716",
    "https://publish.twitter.com/",
    "https://publish.twitter.com/?query=https%3A%2F%2Fx.com%2Fana",
    "https://web.archive.org/web/2025/https://twitter.com/ana",
    "twitter://user?screen_name=ana",
    "twitter://status",
]
NO_LINKS = [
    "", " ", ".", "/", "//", "links.txt", "data/links.txt", "./x.com/a", "../links.csv", "C:\\links\\x.txt",
    "C:/links/x.txt",
    "\\\\server\\share", "//server/share", "my.folder/links.txt", "evil.example/x", "ana@example.com", "@ana", ID,
    f"/ana/status/{ID}", f"ana/status/{ID}", "https://", "https:///x.com", "mailto:ana@x.com",
    f"ftp://x.com/ana/status/{ID}",
    f"javascript:location='https://x.com/ana/status/{ID}'", f"see https://x.com/ana/status/{ID}",
    f"https://x.com/ana /status/{ID}", f"https://x.com/ana/status/{ID}\u2029x", f"https://x.com/\udcff/status/{ID}",
    "https://x..com/a", "https://x.com:port/a", "example.org",
]  # fmt: skip


@pytest.mark.parametrize(("text", "handle"), OFFICIAL + FORMS)
def test_every_form_of_a_post_leads_to_its_id(text: str, handle: str | None) -> None:
    link = parse_link(text, now=NOW)
    assert link is not None
    assert (link.kind, link.url, link.handle) == ("post", POST, handle)
    assert link.reference == post_reference(ID, now=NOW)
    assert link.input == text
    assert link.source is None


@pytest.mark.parametrize(("text", "handle"), THROUGH_OTHERS)
def test_mirrors_and_archives_lead_to_the_post_and_stay_as_its_source(text: str, handle: str | None) -> None:
    link = parse_link(text, now=NOW)
    assert link is not None
    assert (link.kind, link.url, link.handle, link.source) == ("post", POST, handle, text)


@pytest.mark.parametrize(("text", "url"), SHORT)
def test_short_links_become_https_and_lose_their_ornaments(text: str, url: str) -> None:
    link = parse_link(text, now=NOW)
    assert link is not None
    assert (link.kind, link.url, link.reference) == ("short", url, None)


@pytest.mark.parametrize("text", PAGES)
def test_addresses_on_other_hosts_are_pages(text: str) -> None:
    link = parse_link(text, now=NOW)
    assert link is not None
    assert (link.kind, link.url, link.reference) == ("page", text, None)


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_a_link_that_only_looks_like_that_of_a_post_is_refused(text: str) -> None:
    link = parse_link(text, now=NOW)
    assert link is not None
    assert (link.kind, link.reference) == ("other", None)
    assert "neither X nor a mirror" in link.advice


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("www.example.org", "https://www.example.org"),
        ("example.com/article", "https://example.com/article"),
        ("//example.net/a", "https://example.net/a"),
        ("HTTP://Example.com/A", "http://Example.com/A"),
    ],
)
def test_plain_addresses_get_a_scheme(text: str, url: str) -> None:
    link = parse_link(text, now=NOW)
    assert link is not None
    assert (link.kind, link.url) == ("page", url)


@pytest.mark.parametrize("text", OTHER)
def test_what_is_no_post_comes_with_advice(text: str) -> None:
    link = parse_link(text, now=NOW)
    assert link is not None
    assert (link.kind, link.reference) == ("other", None)
    assert link.advice


@pytest.mark.parametrize("text", NO_LINKS)
def test_what_is_no_link_is_none(text: str) -> None:
    assert parse_link(text, now=NOW) is None


@pytest.mark.parametrize(
    ("suffix", "index"),
    [("photo/2", 2), ("video/1", 1), ("Photo/3/", 3), ("photo/4).", 4), ("photo/0", None), ("photo", None),
     ("photo/x", None), ("photo/123", None), ("likes/2", None), ("photo/2?s=20", 2)],
)  # fmt: skip
def test_media_index(suffix: str, index: int | None) -> None:
    link = parse_link(f"https://x.com/ana/status/{ID}/{suffix}", now=NOW)
    assert link is not None
    assert (link.kind, link.media_index) == ("post", index)


def test_archives_of_archives_end() -> None:
    nested = f"https://x.com/ana/status/{ID}"
    for _ in range(50):
        nested = f"https://web.archive.org/web/2025/{nested}"
    link = parse_link(nested, now=NOW)
    assert link is not None
    assert link.kind == "page"


def test_advice_names_what_the_link_is() -> None:
    profile = parse_link("https://x.com/ana", now=NOW)
    space = parse_link("https://x.com/i/spaces/1Ow", now=NOW)
    future = parse_link("https://x.com/ana/status/9000000000000000000", now=NOW)
    hidden = parse_link(f"https://x.com@evil.example/ana/status/{ID}", now=NOW)
    assert profile and "profile" in profile.advice
    assert space and "space" in space.advice
    assert future and "future" in future.advice
    assert hidden and "user name" in hidden.advice


def test_post_reference_is_canonical_and_refuses_what_is_no_id() -> None:
    assert post_reference("20").url == "https://x.com/i/status/20"
    with pytest.raises(FormatError, match="is not a post id"):
        post_reference("20; rm -rf")


url_like = st.lists(
    st.sampled_from(
        ["https:", "http:", "//", "/", "x.com", "twitter.com", "t.co", "web.archive.org/web/2025", "archive.ph",
        "status", ID, "ana", "?", "#",
         "#!", "@", ":", "\\", "%2F", "nitter.net", "i", "web", "intent/like?tweet_id=", "publish.x.com/?query=",
         "…", "é", ".", "www."]
    )
    | st.text(max_size=3),
    max_size=12,
).map("".join)  # fmt: skip


@given(url_like | st.text())
def test_what_was_parsed_reads_the_same_when_written_again(text: str) -> None:
    link = parse_link(text, now=NOW)
    if link is None:
        return
    assert link.input == text
    assert (link.reference is not None) == (link.kind == "post")
    assert bool(link.advice) == (link.kind == "other")
    if link.kind != "other":
        again = parse_link(link.url, now=NOW)
        assert again is not None
        assert (again.kind, again.url, again.reference) == (link.kind, link.url, link.reference)


@given(st.integers(min_value=1, max_value=30_000_000_000) | st.integers(min_value=3 * 10**14, max_value=2 * 10**18))
def test_every_id_survives_its_own_link(number: int) -> None:
    reference = post_reference(str(number), now=NOW)
    link = parse_link(reference.url, now=NOW)
    assert link is not None
    assert link.reference == reference
