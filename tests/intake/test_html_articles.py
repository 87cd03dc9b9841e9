"""Posts in HTML: X's quotations in their variants, what its script leaves of them, put-away markup, and plain links."""

from __future__ import annotations

import json

import pytest

from archiver.intake.articles import read_html
from archiver.model import Claim, Mention, Place

PAGE = Place(kind="article", name="https://news.example/flood")
ID = "1898300000000000001"
OTHER_ID = "1777000000000000002"
PERMALINK = f"https://twitter.com/ana_b/status/{ID}?ref_src=twsrc%5Etfw"
SIGNED = f'&mdash; Ana &amp; Bea (@ana_b) <a href="{PERMALINK}">March 8, 2025</a>'
QUOTE = '<p lang="en" dir="ltr">The quays are under water. <a href="https://t.co/Harbour001">pic.twitter.com/Harbour001</a></p>'
EMBED = f'<blockquote class="twitter-tweet">{QUOTE}{SIGNED}</blockquote> <script async src="https://platform.x.com/widgets.js"></script>'
TEXT = "The quays are under water. pic.twitter.com/Harbour001"


def read(page: str | bytes) -> list[Mention]:
    return list(read_html(page if isinstance(page, bytes) else page.encode(), PAGE).mentions)


def ids(page: str | bytes) -> list[str | None]:
    return [mention.reference.id if mention.reference else mention.short_url for mention in read(page)]


@pytest.mark.parametrize(
    "page",
    [
        EMBED,
        EMBED.replace("twitter.com/ana_b", "x.com/ana_b").replace("twitter-tweet", "twitter-video"),
        EMBED.replace('class="twitter-tweet"', 'data-dnt=true class="twitter-tweet tw-align-center" data-lang=en'),
        EMBED.replace('class="twitter-tweet"', "className='twitter-tweet'"),
        EMBED.replace("&mdash;", "—"),
        EMBED.replace("&mdash;", "&#8212;"),
        EMBED.replace("&mdash;", "—")
        .upper()
        .replace("HTTPS://TWITTER.COM/ANA_B/STATUS", "https://twitter.com/ana_b/status"),
        f'<blockquote class="twitter-tweet">{QUOTE}<p>{SIGNED}</p></blockquote>',
        EMBED.replace("(@ana_b)", '(<a href="https://twitter.com/ana_b">@ana_b</a>)'),
        EMBED.replace("(@ana_b)", '<a href="https://twitter.com/ana_b">(@ana_b)</a>'),
        EMBED.replace(">March 8, 2025</a>", "></a> March 8, 2025"),
        EMBED.replace(">March 8, 2025<", ">2025年3月8日<"),
        EMBED.replace(">March 8, 2025<", ">٨ مارس ٢٠٢٥<"),
        EMBED.replace("><", ">\n        <").replace("&mdash;", "\n      —"),
        EMBED.replace("</blockquote>", ""),
        f"<div>{EMBED.replace('</blockquote>', '')}</div><p><a href='https://example.org'>x</a></p>",
        EMBED.replace("The quays", f'<a href="https://twitter.com/x/status/{OTHER_ID}">The</a> quays'),
        EMBED.replace('"https://twitter.com', '"https://web.archive.org/web/20250401000000/https://twitter.com'),
        EMBED.replace('"https://twitter.com', '"/web/20250401000000/https://twitter.com'),
        EMBED.replace(' class="twitter-tweet"', ""),
        EMBED.replace("<blockquote", "<div").replace("</blockquote", "</div"),
        f"<noscript>{EMBED}</noscript>",
        f"<template>{EMBED}</template>",
    ],
)
def test_variants_of_the_embed(page: str) -> None:
    (mention,) = read(page)
    assert mention.reference is not None
    assert mention.reference.id == ID
    assert (mention.claim.handle or "").lower() == "ana_b"
    assert (mention.claim.name or "").lower() == "ana & bea"
    assert mention.claim.day == "2025-03-08"
    assert (mention.claim.text or "").lower() == TEXT.lower()


def test_the_claim_is_what_the_embed_says_and_the_input_is_verbatim() -> None:
    (mention,) = read(EMBED)
    assert mention.input == PERMALINK
    assert mention.place == Place(kind="article", name=PAGE.name, line=1)
    assert mention.claim == Claim(handle="ana_b", name="Ana & Bea", day="2025-03-08", text=TEXT)


@pytest.mark.parametrize("name", ["Ana (home)", "Ana: news", "Ana — Bea", "🌊 أخبار\u200f", "(@x) Ana", "ana - b"])
def test_names_with_everything_in_them(name: str) -> None:
    (mention,) = read(EMBED.replace("Ana &amp; Bea", name))
    assert (mention.claim.handle, mention.claim.name) == ("ana_b", name.rstrip("\u200f"))


def test_breaks_are_line_feeds_and_links_their_visible_text() -> None:
    quote = '<p>One<br>two <a href="https://x.com/TownHall?ref_src=x">@TownHall</a><br/><br>\n  three&hellip;</p>'
    (mention,) = read(f'<blockquote class="twitter-tweet">{quote}{SIGNED}</blockquote>')
    assert mention.claim.text == "One\ntwo @TownHall\n\nthree…"


def test_an_embed_without_a_permalink_is_its_short_link() -> None:
    (mention,) = read(f'<blockquote class="twitter-tweet">{QUOTE}&mdash; Ana (@ana_b) March 8, 2025</blockquote>')
    assert (mention.reference, mention.short_url) == (None, "https://t.co/Harbour001")
    assert mention.claim == Claim(handle="ana_b", name="Ana", day="2025-03-08", text=TEXT)


def test_an_embed_that_was_flattened_to_text_is_its_short_link() -> None:
    (mention,) = read(
        '<blockquote class="twitter-tweet">Words pic.twitter.com/Harbour001 — Ana (@ana_b) March 8, 2025</blockquote>'
    )
    assert mention.short_url == "https://pic.twitter.com/Harbour001"


def test_an_embed_without_any_link_is_a_lead() -> None:
    page = b'\n<blockquote class="twitter-tweet"><p>Words</p>&mdash; Ana (@ana_b) March 8, 2025</blockquote>'
    (lead,) = read_html(page, PAGE).leads
    assert not read(page)
    assert (lead.handle, lead.name, lead.day, lead.text, lead.place.line) == ("ana_b", "Ana", "2025-03-08", "Words", 2)


def test_a_quotation_in_ordinary_paragraphs_is_its_short_link() -> None:
    (mention,) = read(
        "<p>Sound on <b>pic.twitter.com/Harbour001</b></p>\n<p>— Ana (@ana_b) March 8, 2025</p><p>More</p>"
    )
    assert (mention.short_url, mention.place.line) == ("https://pic.twitter.com/Harbour001", 1)
    assert mention.claim == Claim(
        handle="ana_b", name="Ana", day="2025-03-08", text="Sound on pic.twitter.com/Harbour001"
    )


@pytest.mark.parametrize(
    "page",
    [
        f'<twitter-widget class="twitter-tweet twitter-tweet-rendered" data-tweet-id="{ID}"></twitter-widget>',
        f'<div class="x" data-tweet-id="{ID}"><p>Loading</p></div>',
        f'<amp-twitter width=1 height=1 data-tweetid="{ID}"></amp-twitter>',
        f'<iframe src="https://platform.twitter.com/embed/Tweet.html?dnt=0&amp;id={ID}&amp;widgetsVersion=170"></iframe>',
        f'<iframe src="//platform.x.com/embed/index.html?id={ID}" data-tweet-id="{ID}"></iframe>',
        f'<iframe data-src="https://platform.twitter.com/embed/Tweet.html?id={ID}" />',
        f'<div data-lazy-src="https://platform.twitter.com/embed/Tweet.html?id={ID}"></div>',
        f'<div data-url="https://x.com/ana_b/status/{ID}"></div>',
        f'<blockquote class="twitter-tweet" data-tweet-id="{ID}"></blockquote>',
        f'<blockquote class="twitter-tweet" cite="https://x.com/ana_b/status/{ID}"><p>Words</p></blockquote>',
        f'<div class="wp-block-embed__wrapper">\nhttps://twitter.com/ana_b/status/{ID}\n</div>',
        f'<p>See <a href="https://x.com/ana_b/status/{ID}">this post</a>.</p>',
        f'<p>See <a href="https://x.com/ana_b/status/{ID}">https://x.com/ana_b/status/{ID[:6]}…</a></p>',
        f'<p>See <a href="https://x.com/ana_b/status/{ID}">https://x.com/ana_b/status/{ID}</a></p>',
        f'<p>See <a href="https://x.com/ana_b/status/{ID}">one <a href="https://x.com/ana_b">two</a></p>',
        f"<a href={{`https://x.com/ana_b/status/{ID}`}}>this</a>",
        f"<script>render({json.dumps(EMBED).replace('<', chr(92) + 'u003c')})</script>",
        f"<script>render({json.dumps(json.dumps(EMBED))})</script>",
        f'<script type="application/json">{json.dumps({"tweet": f"https://x.com/ana_b/status/{ID}"})}</script>',
        f'<script type="application/json">{{"u":"https:\\/\\/x.com\\/ana_b\\/status\\/{ID}"}}</script>',
        f"<textarea>{EMBED.replace('&', '&amp;').replace('<', '&lt;')}</textarea>",
        f"<div data-html='{EMBED.replace('&', '&amp;')}'></div>",
        f'<div data-html="{EMBED.replace("&", "&amp;").replace(chr(34), "&quot;")}"></div>',
        f'<div data-html="%3Cblockquote%3E%3Ca href=%22https://x.com/ana_b/status/{ID}%22%3Ex"></div>',
        f'<iframe srcdoc="&lt;a href=&quot;https://x.com/ana_b/status/{ID}&quot;&gt;x&lt;/a&gt;"></iframe>',
        f"<content><![CDATA[<p>https://x.com/ana_b/status/{ID}</p>]]></content>",
        f'<meta property="og:see_also" content="https://x.com/ana_b/status/{ID}">',
    ],
)  # fmt: skip
def test_other_ways_in_which_a_page_shows_a_post(page: str) -> None:
    assert ids(f"<p>Before</p>{page}<p>After</p>") == [ID]


@pytest.mark.parametrize(
    "page",
    [
        '<a href="https://x.com/ana_b">Ana on X</a>',
        f'<a href="https://twitter.com/intent/tweet?url=https%3A%2F%2Fx.com%2Fa%2Fstatus%2F{ID}">share</a>',
        f'<a href="https://twitter.com/intent/like?tweet_id={ID}">like</a>',
        f'<a href="https://www.facebook.example/sharer?u=https://x.com/ana_b/status/{ID}">share</a>',
        f'<a href="https://x.com.evil.example/ana_b/status/{ID}">this</a>',
        f"<!-- {EMBED} -->",
        f"<style>{EMBED}</style>",
        '<div data-tweet-id="12x" data-tweetid="999999999999"></div>',
        '<blockquote class="twitter-tweet"></blockquote>',
        '<blockquote class="twitter-tweet"><a href="https://x.com/ana_b">Ana</a></blockquote>',
        '<script>var u = "https://twitter.com/" + name + "/status/" + id; go("https://t.co/Harbour001")</script>',
        '<link rel="dns-prefetch" href="//t.co">',
        f'<a href="https://x.com/ana_b/status/{ID}',
        f'<a title="{EMBED[:20]}',
    ],
)
def test_what_shows_no_post(page: str) -> None:
    assert ids(f"<p>Before</p>{page}") == []


@pytest.mark.parametrize(
    ("base", "written"),
    [
        ("https://x.com/ana_b/", f"status/{ID}"),
        ("https://x.com/ana_b/with_replies", f"./status/{ID}"),
        ("https://x.com/ana_b/media/all", f"../status/{ID}"),
        ("https://twitter.com", f"/ana_b/status/{ID}?s=20"),
        ("//x.com/ana_b/", f"https://x.com/ana_b/status/{ID}"),
        ("https://web.archive.org/web/2025/https://news.example/", f"https://x.com/ana_b/status/{ID}"),
    ],
)
def test_links_that_depend_on_the_base_of_the_page(base: str, written: str) -> None:
    page = f'<head><base href="{base}"><base href="https://other.example/"></head><a href="{written}">this</a>'
    assert ids(page) == [ID]


@pytest.mark.parametrize("base", ["", "x.com", "javascript:", "https://x.com@evil.example/", "https://[", "\\\\x.com"])
def test_a_base_that_is_no_address_leads_nowhere(base: str) -> None:
    assert ids(f'<base href="{base}"><a href="/ana_b/status/{ID}">this</a>') == []


def test_order_and_lines() -> None:
    page = f"""<html>
<a href="https://x.com/a/status/20">first</a>
<blockquote
  class="twitter-tweet">{QUOTE}
{SIGNED}</blockquote>
<div data-tweet-id="21"></div> text
words x.com/b/status/22
<script>"https://x.com/c/status/23"</script>
<a href="https://t.co/Harbour009">last</a>"""
    for newline in ("\n", "\r\n"):
        found = read(page.replace("\n", newline))
        assert [(m.reference.id if m.reference else m.short_url, m.place.line) for m in found] == [
            ("20", 2), (ID, 3), ("21", 6), ("22", 7), ("23", 8), ("https://t.co/Harbour009", 9),
        ]  # fmt: skip


def test_embeds_side_by_side_do_not_mix() -> None:
    second = EMBED.replace(ID, OTHER_ID).replace("ana_b", "bea").replace("Ana &amp; Bea", "Bea")
    for page in (EMBED + second, EMBED.replace("</blockquote>", "") + second, f"<ul><li>{EMBED}<li>{second}</ul>"):
        assert [(m.reference and m.reference.id, m.claim.name) for m in read(page)] == [
            (ID, "Ana & Bea"),
            (OTHER_ID, "Bea"),
        ]


def test_links_inside_an_embed_are_part_of_it() -> None:
    inner = f'<a href="https://x.com/c/status/{OTHER_ID}">one</a> https://t.co/Harbour005'
    inner += f'<i data-tweet-id="{OTHER_ID}">x</i>'
    assert ids(EMBED.replace("The quays", inner)) == [ID]


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("utf-16", ""),
        ("utf-8", '<meta charset="utf-8">'),
        ("windows-1251", "<meta charset=windows-1251>"),
        ("koi8-r", '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">'),
    ],
)
def test_encodings(encoding: str, declared: str) -> None:
    page = declared + EMBED.replace("&mdash; Ana &amp; Bea", "&mdash; Аня").replace("March 8, 2025", "8 марта 2025 г.")
    (mention,) = read(page.encode(encoding))
    assert (mention.claim.name, mention.claim.day) == ("Аня", "2025-03-08")


@pytest.mark.parametrize("label", ["unicode_escape", "utf-7", "punycode", "idna", "rot13", "hex", "nonsense", "utf-16"])
def test_encodings_that_no_browser_reads_are_read_as_utf_8(label: str) -> None:
    (mention,) = read(f'<meta charset="{label}">{EMBED.replace("Ana &amp; Bea", "Ané")}'.encode())
    assert mention.claim.name == "Ané"


def test_bytes_that_are_not_utf_8_spoil_nothing_else() -> None:
    assert ids(b"\xff\x80 \x00" + EMBED.encode()) == [ID]


def test_surrogates_in_scripts_become_the_characters_that_they_stand_for() -> None:
    script = json.dumps(EMBED.replace("Ana &amp; Bea", "Ana 🌊 &#xD800;"))
    (mention,) = read(f"<script>{script}</script>")
    assert mention.claim.name == "Ana 🌊 \ufffd"
