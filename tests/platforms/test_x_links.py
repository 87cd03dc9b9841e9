"""URLs of X's services are what the services expect, and short links are followed no further than they say."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import FormatError
from archiver.model import Answer
from archiver.platforms.x import oembed_url, short_link_target, syndication_url

Make = Callable[..., Answer]
PAGE = b"""<head><noscript><META http-equiv="refresh" content="0;URL=%s"></noscript><title>%s</title></head>
<script>window.opener = null; location.replace("%s")</script>"""


def test_the_urls_of_the_services() -> None:
    base = "https://cdn.syndication.twimg.com/tweet-result"
    assert syndication_url("20") == f"{base}?id=20&lang=en&token=6dq1a2xwd93"
    assert syndication_url("20", "pt-BR") == f"{base}?id=20&lang=pt-BR&token=6dq1a2xwd93"
    assert (
        oembed_url("https://x.com/a/status/20?s=1&t=2")
        == "https://publish.x.com/oembed?url=https%3A%2F%2Fx.com%2Fa%2Fstatus%2F20%3Fs%3D1%26t%3D2&omit_script=1&dnt=1"
    )


@pytest.mark.parametrize(("id", "lang"), [("20&x=1", "en"), ("", "en"), ("20", "en&x=1"), ("20", "")])
def test_nothing_can_be_smuggled_into_a_url(id: str, lang: str) -> None:
    with pytest.raises(FormatError):
        syndication_url(id, lang)


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("https://x.com/a/status/20/photo/1", "https://x.com/a/status/20/photo/1"),
        (" https://x.com/a/status/20 ", "https://x.com/a/status/20"),
        (
            "https://twitter.com/safety/unsafe_link_warning?unsafe_link=https%3A%2F%2Fa.example%2F%3Fb%3D1",
            "https://a.example/?b=1",
        ),
        ("https://twitter.com/safety/unsafe_link_warning?unsafe_link=javascript:x", None),
        ("https://twitter.com/safety/unsafe_link_warning", "https://twitter.com/safety/unsafe_link_warning"),
        (
            "https://evil.example/safety/unsafe_link_warning?unsafe_link=https://b.example",
            "https://evil.example/safety/unsafe_link_warning?unsafe_link=https://b.example",
        ),
        ("javascript:alert(1)", None),
        ("//x.com/a", None),
        ("/a", None),
        ("https://x.com/\r\nSet-Cookie: a", None),
        ("https://[::1", None),
        ("", None),
        (None, None),
    ],
)
def test_a_redirect_says_where_it_leads(answer: Make, location: str | None, target: str | None) -> None:
    assert short_link_target(answer(b"", status=301), location) == target


@pytest.mark.parametrize(
    ("refresh", "title", "script", "target"),
    [
        (
            b"https://a.example/?x=1&amp;y=2",
            b"https://b.example",
            b"https:\\/\\/c.example",
            "https://a.example/?x=1&y=2",
        ),
        (b"", b"https://b.example/", b"https:\\/\\/c.example\\/d", "https://c.example/d"),
        (b"", b"https://b.example/", b"x", "https://b.example/"),
        (b"", b"X", b"", None),
    ],
)
def test_a_page_that_forwards_says_where(
    answer: Make, refresh: bytes, title: bytes, script: bytes, target: str | None
) -> None:
    assert short_link_target(answer(PAGE % (refresh, title, script)), None) == target


def test_other_answers_lead_nowhere(answer: Make) -> None:
    assert short_link_target(answer(PAGE % ((b"https://a.example",) * 3), status=404), "https://a.example") is None


@given(st.binary(max_size=80), st.none() | st.text(max_size=30), st.sampled_from([200, 301]))
def test_noise_leads_nowhere_or_to_a_web_address(body: bytes, location: str | None, status: int) -> None:
    answer = Answer(record="r", url="u", status=status, body=b"<title>" + body + b"</title>")
    target = short_link_target(answer, location)
    assert target is None or target.lower().startswith(("http://", "https://"))
