"""The page of a post is the same for ever, shows what is in post.json, and cannot do anything."""

from __future__ import annotations

import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver import canonical
from archiver.rendition import RENDERERS, RENDITION, render

GOLDEN = Path(__file__).parent / "golden" / "rendition"
NAMES = sorted(path.stem for path in GOLDEN.glob("*.json"))
TAGS = (
    "a article b bdi body dd div dl dt figcaption figure footer h1 h2 h3 head header html img input label li main meta "
    "p section span style table td th time title tr track ul video"
)
ATTRIBUTES = (
    "alt aria-label charset class content controls datetime dir for href http-equiv id kind label lang name poster "
    "preload scope src style type"
)
MEMBERS = (
    "text media kind alt author handle links url path role index media_type context quoted parent edits card title "
    "images poll choice1 choice2 label votes community_note owner page availability superseded reposted preview "
    "interstitial article blocks context parents continuation notice source place name"
)
HOSTILE = (
    "</p></style></title><script>alert(1)</script>",
    '"><img src=https://evil.example/x onerror=alert(1)>',
    "' onload='alert(1)",
    "<a href=javascript:alert(1)>x</a>",
    "&lt;script&gt; &#x3c;script>",
    "\u202egnp.exe\u2069\x00\x1b[2J\ud800\r\u2028",
    'https://evil.example/"onmouseover=alert(1)//',
    "@a<b>@c</b>",
)


class _Page(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.styles = ""
        self._in_style = False
        self.feed(page.decode("utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self._in_style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.styles += data
        else:
            self.text += data


def _golden(name: str) -> Any:
    return canonical.decode((GOLDEN / f"{name}.json").read_bytes())


def _assert_inert(page: bytes) -> _Page:
    seen = _Page(page)
    assert seen.tags <= set(TAGS.split())
    assert {name for name, _ in seen.attributes} <= set(ATTRIBUTES.split())
    for name, value in seen.attributes:
        if name in {"src", "href", "poster"}:
            assert re.fullmatch(r"media/[0-9]{2,}(-[a-z0-9]+)*\.[a-z0-9]+", value)
        if name == "style":
            assert re.fullmatch(r"width:([0-9]|[1-9][0-9]|100)%", value)
    assert seen.styles == _Page(render({})).styles
    assert not re.search(r"url\(|@import|expression", seen.styles)
    assert page.count(b"<style") == page.count(b"</style") == 1
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page.decode("utf-8"))
    return seen


@pytest.mark.parametrize("name", NAMES)
def test_the_page_is_byte_for_byte_what_this_version_has_always_made(name: str) -> None:
    page = RENDERERS["rendition/1"](_golden(name))
    assert page == (GOLDEN / f"{name}.html").read_bytes()
    _assert_inert(page)


def test_the_current_version_is_one_of_those_kept() -> None:
    document = _golden("photos")
    assert render(document) == RENDERERS[RENDITION](document)


def test_the_page_says_what_it_is_and_forbids_everything_else() -> None:
    page = render(_golden("photos")).decode()
    assert "not the original page; the exact bytes are in capture.warc" in page
    assert not page.startswith("\ufeff")
    assert "default-src 'none'; img-src 'self' file:; media-src 'self' file:; style-src 'unsafe-inline'" in page, (
        "the policy"
    )
    assert page.index('<meta charset="utf-8">') < 1024


def test_a_reader_finds_everything() -> None:
    document = _golden("photos")
    page = render(document).decode()
    seen = _Page(page.encode())
    post = document["post"]
    assert post["text"] in seen.text
    assert post["author"]["name"] in seen.text
    assert "@samar_reports" in seen.text
    assert "2026-03-14 06:21:09 UTC" in seen.text
    assert post["url"] in seen.text
    assert "https://river.example/updates/2026-03-14?a=1&b=2" in seen.text
    assert "148" in seen.text
    assert ("lang", "ar") in seen.attributes
    assert ("alt", "شارع غمرته المياه") in seen.attributes
    assert '<img src="media/02.jpg"' in page
    assert "no file for it" in seen.text, "the third photo is not among the files"
    for file in document["files"]:
        assert file["path"] in seen.text


def test_sensitive_media_are_covered_until_asked_for() -> None:
    document = _golden("photos")
    assert '<input type="checkbox" class="veil" id="veil-post">' in render(document).decode()
    document["post"]["sensitive"] = False
    assert "<input" not in render(document).decode()


def test_only_the_post_that_is_marked_as_sensitive_is_covered() -> None:
    page = render(_golden("context")).decode()
    assert page.count("<input") == 1
    assert page.index("Quoted post") < page.index('id="veil-quoted"') < page.index('src="media/01-quoted.jpg"')


def test_posts_that_came_with_it_stand_apart_with_their_media() -> None:
    page = render(_golden("context")).decode()
    seen = _Page(page.encode())
    for words in ("أخبار الجسر (عاجل)", "انهار الجسر & انقطع الطريق #الجسر", "Вісті Млина", "Bridge <open> again"):
        assert words in seen.text
    assert page.index("In reply to</h2>") < page.index("این را ببینید") < page.index("Quoted post</h2>")
    quoted = page[page.index("Quoted post</h2>") : page.index("Details</h2>")]
    assert '<img src="media/01-quoted.jpg" alt="جسر مكسور">' in quoted
    assert '<p class="text small" dir="auto" lang="ar">' in quoted
    assert "@old_bridge" in quoted
    assert "media/" not in page[: page.index("Quoted post</h2>")].replace("media/00-profile.jpg", "").replace(
        "media/01-card.png", ""
    )


def test_captions_are_tracks_of_their_video_and_links() -> None:
    page = render(_golden("context")).decode()
    track = '<track kind="captions" src="media/02-quoted-captions.vtt" label="media/02-quoted-captions.vtt">'
    assert 'poster="media/02-quoted-poster.jpg" controls preload="none" aria-label' in page
    assert f"{track}</video>" in page
    assert page.count('<a href="media/02-quoted-captions.vtt">') == 2
    assert '<a href="media/02-quoted-playlist.m3u8">' in page
    assert "playlist (of the quoted post)" in page


def test_a_poll_shows_its_votes_and_their_shares() -> None:
    page = render(_golden("context")).decode()
    for label, words in (("Біля млина", "7 (33 %)"), ("במגדל", "0 (0 %)"), ("عند الجسر", "14 (67 %)")):
        assert f"<bdi>{label}</bdi></span><bdi>{words}</bdi>" in page
    assert page.count('style="width:67%"') == 1
    text = _Page(page.encode()).text
    assert "Votes: 21, ends 2026-04-03 20:01:02 UTC, not final" in text
    assert "final" in _Page(render(_golden("poll"))).text


@pytest.mark.parametrize(
    "votes", [(0, 0), (-1, 5), (True, 5), ("7", 5), (10**14, 1), (10**15, 5), (None, None), (1.5, 5)]
)
def test_any_votes_make_a_bar_that_is_none_too_long(votes: tuple[Any, Any]) -> None:
    poll = {f"choice{n}": {"label": "a", "votes": value} for n, value in enumerate(votes, start=1)}
    seen = _assert_inert(render({"post": {"poll": poll}}))
    assert "Poll" in seen.text


def test_the_preview_of_a_link_has_its_words_and_its_picture() -> None:
    document = _golden("context")
    page = render(document).decode()
    assert '<img src="media/01-card.png" alt="Picture of the preview: Notice: the mill &amp; its bridge">' in page
    assert "The bridge stays closed <until further notice>." in _Page(page.encode()).text
    assert "mill.example" in page
    document["files"] = []
    assert "no picture of it" in render(document).decode()


def test_an_edited_post_names_its_versions_and_its_community_note() -> None:
    document = _golden("edited")
    seen = _Page(render(document))
    assert "This version was superseded by an edit." in seen.text
    for edit in document["post"]["edits"]:
        assert edit["id"] in seen.text
    assert f"{document['id']} (this one)" in seen.text
    assert "The roof is another one: roof.example" in seen.text
    assert "Readers added context" in seen.text
    assert f"From another post {document['post']['media'][0]['owner']['post']} by @first_hand" in seen.text
    assert "The platform lists it as Unavailable (Geoblocked)." in seen.text
    assert "superseded by an edit." not in _Page(render(_golden("photos"))).text


def test_the_words_of_other_versions_stand_beside_their_ids() -> None:
    document = _golden("edited")
    other = next(edit["id"] for edit in document["post"]["edits"] if edit["id"] != document["id"])
    document["post"]["versions"] = [{"id": other, "text": "Before <b>the</b> edit"}]
    page = render(document).decode()
    assert f'{other}</bdi><p class="text small" dir="auto">Before &lt;b&gt;the&lt;/b&gt; edit</p>' in page


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        (
            '<blockquote><p lang="en">One &amp;lt; two<br>three <a href="x">four</a></p>&mdash; Ana',
            "One &lt; two\nthree four",
        ),
        ("<p>a &lt;script&gt;x&lt;/script&gt; b", "a <script>x</script> b"),
        ("<p>a <script>x", "a x"),
        ("<blockquote>no paragraph</blockquote>", None),
        ("<p" * 50_000 + "<p>" * 50_000, None),
    ],
)
def test_what_oembed_shows_of_a_long_text_stands_below_it_as_text(markup: str, shown: str | None) -> None:
    document = _golden("photos")
    document["post"]["oembed"] = {"html": markup}
    page = render(document)
    assert b"<script" not in page
    assert ("(oEmbed) shows of it" in page.decode()) == (shown is not None)
    if shown is not None:
        assert html.escape(shown) in page.decode()


def test_a_video_has_controls_and_its_still_and_does_not_load_by_itself() -> None:
    page = render(_golden("video")).decode()
    assert '<video src="media/01.mp4" poster="media/01-poster.jpg" controls preload="none"' in page


def test_a_refusal_shows_the_words_of_the_platform() -> None:
    seen = _Page(render(_golden("tombstone")))
    assert "This Post was deleted by the Post author. Learn more" in seen.text
    assert "no text" not in seen.text


@pytest.mark.parametrize(
    ("post", "words"),
    [({"text": ""}, "The post has no text."), ({}, "The platform's answer holds no text of the post.")],
)
def test_no_text_and_no_answer_about_text_are_told_apart(post: dict[str, Any], words: str) -> None:
    assert words in _Page(render({"post": post})).text


@pytest.mark.parametrize("language", ['en" onload="x', "zxx-" + "a" * 9, "qme", "", "english", "EN", 5])
def test_a_language_that_is_none_is_left_out(language: Any) -> None:
    seen = _Page(render({"post": {"text": "words", "language": language}}))
    assert [value for name, value in seen.attributes if name == "lang"] == ["en"]


@pytest.mark.parametrize(
    "path",
    [
        "../01.jpg",
        "media/../01.jpg",
        "/media/01.jpg",
        "https://evil.example/01.jpg",
        "media/1.jpg",
        "media/01.jpg\n",
        "media/01",
    ],
)
def test_a_path_that_no_capture_has_is_not_on_the_page(path: str) -> None:
    file = {"path": path, "role": "photo", "index": 1, "media_type": "image/jpeg"}
    seen = _assert_inert(render({"post": {"media": [{"kind": "photo"}]}, "files": [file]}))
    assert "img" not in seen.tags
    assert "a" not in seen.tags


def test_a_file_that_could_carry_script_is_named_but_not_shown() -> None:
    file = {"path": "media/01.svg", "role": "photo", "index": 1, "media_type": "image/svg+xml"}
    seen = _assert_inert(render({"post": {"media": [{"kind": "photo"}]}, "files": [file]}))
    assert "img" not in seen.tags
    assert "media/01.svg" in seen.text


def test_what_cannot_be_seen_is_made_visible_and_what_scripts_need_is_left_alone() -> None:
    text = "a\u202eb\u200b 👩‍🏫 نمی‌خواهم \U0001f3f4\U000e0067\U000e0062\U000e007f \U000e0041 x\r\ny\rz\ud800"
    seen = _Page(render({"post": {"text": text}}))
    assert (
        "aU+202EbU+200B 👩‍🏫 نمی‌خواهم \U0001f3f4\U000e0067\U000e0062\U000e007f U+E0041 x\nyU+000DzU+D800" in seen.text
    )


def _spoilt(value: Any, word: str) -> Any:
    if isinstance(value, dict):
        return {name: _spoilt(member, word) for name, member in value.items()}
    if isinstance(value, list):
        return [_spoilt(item, word) for item in value]
    return word if isinstance(value, str) and not value.startswith("media/") else value


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("word", HOSTILE)
def test_hostile_text_anywhere_stays_text(name: str, word: str) -> None:
    _assert_inert(render(_spoilt(_golden(name), word)))


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=80) | st.text(alphabet="<>\"'&=/ as:@\u202e\ud800\x00", max_size=60))
def test_any_text_stays_text(text: str) -> None:
    post = {"text": text, "author": {"name": text}, "media": [{"kind": "photo", "alt": text}], "notice": text}
    _assert_inert(render({"id": text, "post": post}))


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet=st.characters(categories=["L", "M", "N", "P", "S", "Zs"]) | st.sampled_from("<>&\"'/:@\n\t")))
def test_any_visible_text_is_shown_as_it_is(text: str) -> None:
    assert text in _Page(render({"post": {"text": text}})).text


@settings(max_examples=80, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["post", "files", "id", "platform", "not_understood"]),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats(allow_nan=False)
            | st.sampled_from([*HOSTILE, "photo"]),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(MEMBERS.split()),
                    inner,
                    max_size=5,
                )
            ),
            max_leaves=20,
        ),
    )
)
def test_an_arbitrary_document_makes_an_inert_page(document: dict[str, Any]) -> None:
    _assert_inert(render(json.loads(json.dumps(document))))


def test_what_only_some_answers_say_is_shown_and_inert() -> None:
    hostile = HOSTILE[0]
    document = _golden("photos")
    document["post"] |= {
        "interstitial": {"text": f"Not for everybody {hostile}"},
        "article": {
            "title": "How we counted",
            "published": "2025-03-09T10:00:00Z",
            "blocks": [{"text": hostile}, {}, 5],
        },
        "reposted": {"id": "20", "text": f"The first words {hostile}", "author": {"handle": "first"}},
        "context": {
            "parents": [{"id": "10", "author": {"handle": "above"}}, {"notice": f"Gone {hostile}"}],
            "continuation": [{"id": "30"}],
        },
        "source": "Some <app>",
    }
    seen = _assert_inert(render(document))
    for words in ("Not for everybody", "How we counted", "The first words", "Gone", "Its author goes on", "Some <app>"):
        assert words in seen.text
    assert seen.text.count("<script>alert(1)</script>") == 4


def test_the_beginning_of_a_post_for_subscribers_is_called_that() -> None:
    document = _golden("photos")
    document["post"] = {"id": "1", "notice": "Subscribe", "preview": {"text": "The beginning of it"}}
    seen = _assert_inert(render(document))
    assert "which the platform shows to everybody" in seen.text
    assert "The beginning of it" in seen.text


@pytest.mark.parametrize("name", ["interstitial", "article", "reposted", "context", "preview", "place", "source"])
@pytest.mark.parametrize("value", [None, 5, "x", [], {}, {"parents": 5, "blocks": {}, "text": 7, "media": 1}])
def test_what_is_in_another_shape_is_left_out(name: str, value: Any) -> None:
    document = _golden("photos")
    document["post"][name] = value
    _assert_inert(render(document))
