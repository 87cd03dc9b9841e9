"""The transformations for GraphQL do what their names and versions stand for, for ever."""

from __future__ import annotations

from typing import Any

import pytest

from archiver.errors import FormatError
from archiver.platforms.transforms import apply


def _user(handle: Any, home: str = "core") -> dict[str, Any]:
    return {"user_results": {"result": {home: {"screen_name": handle}}}}


def _note(text: Any, urls: Any = ()) -> dict[str, Any]:
    return {"note_tweet_results": {"result": {"text": text, "entity_set": {"urls": list(urls)}}}}


LINK = {"url": "https://t.co/ab", "expanded_url": "https://a.example/"}
MEDIA = {"media": [{"url": "https://t.co/mm"}]}


@pytest.mark.parametrize(
    ("name", "served", "value"),
    [
        ("x-legacy-time/1", "Tue Oct 01 19:59:18 +0000 2024", "2024-10-01T19:59:18Z"),
        ("x-legacy-time/1", "Thu Feb 29 00:00:00 +0000 2024", "2024-02-29T00:00:00Z"),
        ("x-epoch-seconds/1", 0, "1970-01-01T00:00:00Z"),
        ("x-epoch-seconds/1", "1730831400", "2024-11-05T18:30:00Z"),
        ("x-epoch-seconds/1", 253_402_300_799, "9999-12-31T23:59:59Z"),
        ("x-source/1", '<a href="https://x.com" rel="nofollow">Twitter &amp; Co</a>', "Twitter & Co"),
        ("x-source/1", "Plain", "Plain"),
        ("x-graphql-url/1", {"rest_id": "20", "core": _user("jack")}, "https://x.com/jack/status/20"),
        ("x-graphql-url/1", {"rest_id": "20", "core": _user("jack", "legacy")}, "https://x.com/jack/status/20"),
        (
            "x-graphql-text/1",
            {
                "legacy": {
                    "full_text": "1 &lt; 2 https://t.co/ab https://t.co/mm",
                    "entities": {"urls": [LINK], **MEDIA},
                }
            },
            "1 < 2 https://a.example/",
        ),
        (
            "x-graphql-text/1",
            {"legacy": {"full_text": "short https://t.co/mm", "extended_entities": MEDIA}},
            "short",
        ),
        (
            "x-graphql-text/1",
            {
                "legacy": {"full_text": "short…", "entities": {**MEDIA, "urls": [LINK]}},
                "note_tweet": _note("long https://t.co/ab https://t.co/mm"),
            },
            "long https://t.co/ab",
        ),
        (
            "x-graphql-text/1",
            {"legacy": {"full_text": "short…"}, "note_tweet": _note("long https://t.co/ab", [LINK])},
            "long https://a.example/",
        ),
        ("x-graphql-text/1", {"legacy": {"full_text": "short…"}, "note_tweet": _note(None)}, "short…"),
        ("x-superseded/1", {"rest_id": "20", "edit_control": {"edit_tweet_ids": ["20"]}}, False),
        ("x-superseded/1", {"rest_id": "20", "edit_control": {"edit_tweet_ids": ["20", "21"]}}, True),
        (
            "x-superseded/1",
            {"rest_id": "21", "edit_control": {"edit_control_initial": {"edit_tweet_ids": ["20", "21", 22, "x"]}}},
            False,
        ),
    ],
)
def test_what_a_transformation_makes(name: str, served: Any, value: Any) -> None:
    made = apply(name, [served], "/0")
    assert made == value
    assert type(made) is type(value)


@pytest.mark.parametrize(
    ("name", "served"),
    [
        ("x-legacy-time/1", "Fri Feb 30 00:00:00 +0000 2024"),
        ("x-legacy-time/1", "Tue Oct 01 19:59:18 +0200 2024"),
        ("x-legacy-time/1", "2024-10-01T19:59:18.000Z"),
        ("x-legacy-time/1", "Tue Oct 01 24:59:18 +0000 2024"),
        ("x-legacy-time/1", None),
        ("x-epoch-seconds/1", -1),
        ("x-epoch-seconds/1", True),
        ("x-epoch-seconds/1", 253_402_300_800),
        ("x-epoch-seconds/1", "1e3"),
        ("x-source/1", "<script>x</script>"),
        ("x-source/1", 4),
        ("x-graphql-url/1", {"rest_id": "20", "core": _user("a/../b")}),
        ("x-graphql-url/1", {"core": _user("jack")}),
        ("x-graphql-text/1", {"legacy": {}}),
        ("x-graphql-text/1", "text"),
        ("x-superseded/1", {"rest_id": "20"}),
        ("x-superseded/1", {"edit_control": {}}),
    ],
)
def test_what_does_not_fit_is_a_format_error(name: str, served: Any) -> None:
    with pytest.raises(FormatError):
        apply(name, served, "")
