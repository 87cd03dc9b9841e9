"""Whatever is handed in, intake neither fails nor takes more than linear time."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.intake.articles import read_html
from archiver.intake.dates import leading_day, parse_day
from archiver.intake.lists import read_argument, read_input
from archiver.intake.merge import merge
from archiver.intake.text import read_text
from archiver.model import Place

FILE = Place(kind="file", name="x")
SIZE = 200_000

PIECES = [
    "<blockquote class=twitter-tweet>", "</blockquote>", "<p>", "</p>", "<br>", "<a href='", "'>", "</a>",
    "https://x.com/ana/status/20",
    "pic.twitter.com/AbC", "https://t.co/AbC", "— Ana (@ana) ", "March 8, 2025", "<script>", "</script>", "\\u003c",
    "\\ud83c", "\\", '"',
    "<!--", "-->", "<![CDATA[", "<iframe src=", "data-tweet-id=20", "twitter", "&lt;", "&#", "%3C", "\n", "\r", "\0",
    "\u2028", "\ufeff",
    "\udcff", ",", "url", "#", "{", "]", "…", "<meta charset=utf-16>", "(", "<textarea>", "é", "9" * 5000,
]  # fmt: skip

anything = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=30).map("".join)


@given(anything)
def test_no_text_is_too_much(text: str) -> None:
    read_argument(text)
    parse_day(text)
    leading_day(text)
    found = read_text(text, FILE)
    assert len(merge(found.mentions)) <= len(found.mentions)


@given(anything.map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=200))
def test_no_bytes_are_too_much(data: bytes) -> None:
    page = read_html(data, FILE)
    intake = read_input(data, FILE)
    for mention in page.mentions + intake.mentions:
        assert (mention.reference is None) != (mention.short_url is None)
        assert mention.place.line is not None
        assert 1 <= mention.place.line <= data.count(b"\n") + data.count(b"\r") + 1
        repr(mention).encode()


@pytest.mark.parametrize(
    "piece",
    ["<div>", "<p><b a=1>", "<blockquote class=twitter-tweet>", "<iframe>", "<textarea><a>", "<a b=\"", "<a b='x",
    "<!--", "<!", "<", "</",
     "<a ", "= ", "&#9", "&lt;", "\\", " \\u003c", "<script>twitter\\", "<p title='{twitter ", "%3c", "(@a)",
     "— (@a) 8 ", "—", "\u200f",
     "\n", "a\n", "\n\n— A (@a) March 8, 2025", "pic.twitter.com/a ", "https://", "https://x.com/a/status/1…", "x.",
     "//a", "a-", "(", ")",
     "https://web.archive.org/web/1/", "https://x.com/(", ",;", ",x.com/", "'", '"', "|", "a,", "#", " #", "見x.",
     "كانون ", "<a href=//t.co/a>"],
)  # fmt: skip
def test_time_is_linear(piece: str) -> None:
    readers: list[Callable[[bytes, Place], object]] = [read_html, read_input]
    started = time.process_time()
    for head in ("https://x.com/", "<blockquote class=twitter-tweet>— A (@a)"):
        data = (head + piece * (SIZE // len(piece)) + "z").encode()
        for read in readers:
            read(data, FILE)
    # Quadratic time would be minutes at this size; the bound only has to be far from both.
    assert time.process_time() - started < 15
