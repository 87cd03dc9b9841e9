"""Every registered transformation does what its name and version stand for, for ever."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import FormatError
from archiver.platforms.transforms import TRANSFORMS, UnknownTransform, apply

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("name", "served", "value"),
    [
        ("as-is/1", "a &amp; b", "a &amp; b"),
        ("as-is/1", False, False),
        ("as-is/1", -(2**53) + 1, -(2**53) + 1),
        ("id/1", "0020", "0020"),
        ("id/1", 1420669402932932611, "1420669402932932611"),
        ("x-count/1", "1101", 1101),
        ("x-count/1", 0, 0),
        ("x-unescape/1", "1 &lt; 2 &amp;&gt; &amp;lt; &quot; &#39;", "1 < 2 &> &lt; &quot; &#39;"),
        ("x-time/1", "2021-07-29T08:55:55.000Z", "2021-07-29T08:55:55Z"),
        ("x-time/1", "2021-07-29T08:55:55Z", "2021-07-29T08:55:55Z"),
        ("x-time/1", "2021-07-29T08:55:55.120Z", "2021-07-29T08:55:55.120Z"),
        ("x-snowflake-time/1", "1420669402932932611", "2021-07-29T08:55:55.077Z"),
        ("x-media-kind/1", "animated_gif", "gif"),
        ("x-photo-kind/1", "https://pbs.twimg.com/media/a.jpg", "photo"),
        ("x-page-handle/1", "https://x.com/jack/status/20/video/1", "jack"),
        ("x-page-post/1", "https://twitter.com/jack/status/20/photo/4", "20"),
        ("x-page-post/1", "https://x.com/i/status/20", "20"),
        ("x-url/1", {"id_str": "20", "user": {"screen_name": "jack"}}, "https://x.com/jack/status/20"),
    ],
)
def test_what_a_transformation_makes(name: str, served: Any, value: Any) -> None:
    made = apply(name, {"a": [served]}, "/a/0")
    assert made == value
    assert type(made) is type(value)


@pytest.mark.parametrize(
    ("name", "served"),
    [
        ("as-is/1", 1.5),
        ("as-is/1", None),
        ("as-is/1", 2**53),
        ("as-is/1", ["a"]),
        ("id/1", True),
        ("id/1", -1),
        ("id/1", "1e3"),
        ("id/1", "١٢"),
        ("id/1", "1\n"),
        ("id/1", 10**19),
        ("x-count/1", True),
        ("x-count/1", "-1"),
        ("x-unescape/1", 5),
        ("x-time/1", "2021-02-30T08:55:55.000Z"),
        ("x-time/1", "2021-07-29T08:55:55+02:00"),
        ("x-time/1", "Thu Jul 29 08:55:55 +0000 2021"),
        ("x-snowflake-time/1", "20"),
        ("x-snowflake-time/1", "9223372036854775808"),
        ("x-media-kind/1", "model3d"),
        ("x-media-kind/1", []),
        ("x-photo-kind/1", "http://pbs.twimg.com/media/a.jpg"),
        ("x-url/1", {"id_str": "20", "user": {"screen_name": "a/../b"}}),
        ("x-url/1", {"id_str": "20"}),
        ("x-page-handle/1", "https://x.com/i/status/20"),
        ("x-page-post/1", "https://x.com.evil.example/jack/status/20"),
        ("x-page-post/1", "https://x.com/jack/status/20?x=/status/21"),
        ("x-page-post/1", 20),
        ("x-text/1", {"text": None}),
        ("x-text/1", "text"),
    ],
)
def test_what_does_not_fit_is_a_format_error(name: str, served: Any) -> None:
    with pytest.raises(FormatError) as caught:
        apply(name, served, "")
    assert not isinstance(caught.value, UnknownTransform)


def test_an_unknown_version_is_told_apart_from_a_value_that_does_not_fit() -> None:
    with pytest.raises(UnknownTransform):
        apply("as-is/2", {"a": 1}, "/a")


@given(st.sampled_from(sorted(TRANSFORMS)), JSON)
def test_a_transformation_answers_or_raises_a_format_error(name: str, served: Any) -> None:
    try:
        value = apply(name, served, "")
    except FormatError:
        return
    assert type(value) in (str, int, bool)


def _post(text: str, links: Sequence[Any] = (), media: Sequence[Any] = ()) -> dict[str, Any]:
    return {"text": text, "entities": {"urls": list(links), "media": list(media)}}


def _link(code: str, expanded: Any, indices: Any = None) -> dict[str, Any]:
    return {"url": f"https://t.co/{code}", "expanded_url": expanded, "indices": indices}


@pytest.mark.parametrize(
    ("post", "text"),
    [
        (
            _post("👩‍🏫𝕏 &amp; https://t.co/ab!", [_link("ab", "https://a.example/?x=1&amp;y", [9, 24])]),
            "👩‍🏫𝕏 & https://a.example/?x=1&amp;y!",
        ),
        (_post("قبل https://t.co/ab بعد", [_link("ab", "https://a.example/")]), "قبل https://a.example/ بعد"),
        (
            _post("two https://t.co/abc https://t.co/ab", [_link("ab", "https://a.example/")]),
            "two https://t.co/abc https://a.example/",
        ),
        (
            _post("https://t.co/ab https://t.co/ab", [_link("ab", "https://a.example/")]),
            "https://a.example/ https://t.co/ab",
        ),
        (_post("see https://t.co/mm", media=[_link("mm", "")]), "see"),
        (_post("https://t.co/mm", media=[_link("mm", "")]), ""),
        (_post("https://t.co/mm comes first", media=[_link("mm", "")]), "https://t.co/mm comes first"),
        (_post("end https://t.co/zz", media=[_link("mm", "")]), "end https://t.co/zz"),
        (_post("x https://t.co/ab", [_link("ab", "https://a.example/\u202e")]), "x https://t.co/ab"),
        (_post("x https://t.co/ab", [_link("ab", "javascript:alert(1)")]), "x https://t.co/ab"),
        (_post("x https://t.co/ab", [_link("ab", "https://a.example/\nSigned, somebody else")]), "x https://t.co/ab"),
        (
            _post(
                "x https://t.co/ab",
                [_link("ab", "https://a.example/", [900, -4]), _link("ab", "https://b.example/", [0, 999])],
            ),
            "x https://a.example/",
        ),
        (
            _post("x https://t.co/ab", [None, 4, {"url": 5}, {"url": "https://t.co/ab"}, _link("ab", None)]),
            "x https://t.co/ab",
        ),
        ({"text": "plain", "entities": []}, "plain"),
        ({"text": "plain", "entities": {"urls": {}, "media": 3}}, "plain"),
    ],
)
def test_the_readable_text(post: dict[str, Any], text: str) -> None:
    assert apply("x-text/1", post, "") == text


@given(st.text(alphabet="a &;:/.tcohpsltgmb\ud800\udc00", max_size=60), st.lists(st.text(max_size=20), max_size=4))
def test_the_readable_text_survives_being_written_and_read_and_is_bounded(text: str, links: list[str]) -> None:
    served = json.loads(json.dumps(_post(text, [_link("ab", "https://" + link) for link in links])))
    value = apply("x-text/1", served, "")
    assert isinstance(value, str)
    assert json.loads(json.dumps(value)) == value
    assert len(value) <= len(text) + sum(len(link) + 8 for link in links)
