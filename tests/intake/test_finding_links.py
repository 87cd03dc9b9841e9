"""Links in running text are found whole, and no more than the link is taken."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.intake.links import find_links

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ID = "1898300000000000001"
A = f"https://x.com/ana/status/{ID}"
B = "https://x.com/bea/status/1777000000000000002"

BEFORE = [
    "",
    " ",
    "(",
    "[",
    "<",
    '"',
    "'",
    "“",
    "«",
    "「",
    "（",
    "،",
    "。",
    "*",
    "_",
    "\u200f",
    "\u2066",
    "見て",
    "\n",
    ">",
    "|",
    "text:",
]
AFTER = ["", " ", ")", "]", ">", '"', "'", "”", "»", "」", "）", "。", "、", "，",
         "！", "،", "؛", "؟", ".", ",",
         ";", ":", "!", "?", "…", "...", "*", "_", "**",
         "\u200f", "\u2069", ").", "?!", ")))", "を見て", "\n", "|", "—and", "`", "}"]  # fmt: skip


def found(text: str) -> list[tuple[str, str]]:
    return [(link.kind, link.input) for _, link in find_links(text, now=NOW)]


@given(
    st.lists(st.sampled_from(BEFORE), max_size=3).map("".join),
    st.lists(st.sampled_from(AFTER), max_size=4).map("".join),
)
def test_a_post_among_punctuation_is_found_and_nothing_more(before: str, after: str) -> None:
    text = f"{before}{A}{after}"
    assert [(offset, link.kind, link.input) for offset, link in find_links(text, now=NOW)] == [(len(before), "post", A)]


@pytest.mark.parametrize("before", [mark for mark in BEFORE if mark != "_"])
def test_a_post_without_a_scheme_is_found_too(before: str) -> None:
    text = f"{before}x.com/ana/status/{ID}"
    assert found(text) == [("post", f"x.com/ana/status/{ID}")]


@pytest.mark.parametrize(
    ("text", "links"),
    [
        (f"{A}{B}", [A, B]),
        (f"{A},{B}", [A, B]),
        (f"{A}, {B}", [A, B]),
        (f"x.com/ana/status/{ID},x.com/bea/status/{ID}", [f"x.com/ana/status/{ID}", f"x.com/bea/status/{ID}"]),
        (f"['{A}', '{B}']", [A, B]),
        (f"['{A}','{B}']", [A, B]),
        (f"[{A}]({B})", [A, B]),
        (f"[words]({A})", [A]),
        (f"| {A} | {B} |", [A, B]),
        (f"https://web.archive.org/web/2025/{A}.", [f"https://web.archive.org/web/2025/{A}"]),
        ("(see https://example.org/a_(b)_c)", ["https://example.org/a_(b)_c"]),
        ("https://example.org/a_(b).", ["https://example.org/a_(b)"]),
        ("https://example.org/статья, слово", ["https://example.org/статья"]),
        ("Words.pic.twitter.com/AbCdEf1234", ["pic.twitter.com/AbCdEf1234"]),
        ("Wordspic.twitter.com/AbCdEf1234", ["pic.twitter.com/AbCdEf1234"]),
        (
            "https://t.co/AbCdEf1235pic.twitter.com/AbCdEf1234",
            ["https://t.co/AbCdEf1235", "pic.twitter.com/AbCdEf1234"],
        ),
        ("https://evil.example/pic.twitter.com/AbCdEf1234", ["https://evil.example/pic.twitter.com/AbCdEf1234"]),
        ("Words pic.twitter.com/AbCdEf1234", ["pic.twitter.com/AbCdEf1234"]),
        ("😎https://t.co/AbCdEf1234 pic.x.com/AbCdEf1235.", ["https://t.co/AbCdEf1234", "pic.x.com/AbCdEf1235"]),
        ("a\\nhttps://t.co/AbCdEf1234\\nb", ["https://t.co/AbCdEf1234"]),
    ],
)
def test_links_are_told_apart(text: str, links: list[str]) -> None:
    assert [written for _, written in found(text)] == links


@pytest.mark.parametrize(
    "text",
    [
        f"evil.example/x.com/ana/status/{ID}",
        f"fedex.com/ana/status/{ID}",
        f"ana@x.com/ana/status/{ID}",
        f"https://x.com@evil.example/ana/status/{ID}",
        f"https://evil.example/?x.com/ana/status/{ID}",
        f"https://evil.example\\x.com/ana/status/{ID}",
        f"https://\u0445.com/ana/status/{ID}",
        f"\u0445x.com/ana/status/{ID}",
        f"ftp://x.com/ana/status/{ID}",
        "https://x.com/ana/status/18983…",
        "https://x.com/ana/status/18983...",
        "https://t.co/AbC…",
    ],
)
def test_look_alikes_and_cut_links_are_no_posts(text: str) -> None:
    assert not [kind for kind, _ in found(text) if kind in ("post", "short")]


@given(
    st.text()
    | st.lists(st.sampled_from([A, "x.com/", "https://", "(", ")", "[", "]", ".", "…", "é", "//"])).map("".join)
)
def test_what_is_found_stands_where_it_is_said_to(text: str) -> None:
    end = 0
    for offset, link in find_links(text, now=NOW):
        assert offset >= end
        assert text.startswith(link.input, offset)
        end = offset + len(link.input)
