"""What is read out of X's answers is all there, borne out by its origin, and nothing is made up."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.model import Answer
from archiver.platforms import document
from archiver.platforms.x import Extraction, extract, media_plan

Make = Callable[..., Answer]
Sample = Callable[[str], Any]
GOLDEN = Path(__file__).parents[1] / "golden" / "rendition"
POSTS = ("photos", "video", "gif-quote", "reply", "poll", "context", "edited")
JUNK = (None, True, -1, 2**70, 1.5, "", "\ud800", "x" * 500, [], {}, [[]], {"text": {"text": 1}})


def _tree(extraction: Extraction) -> dict[str, Any]:
    return document.tree((fact.path, fact.value) for fact in extraction.facts)


def _assert_borne_out(answer: Answer) -> Extraction:
    extraction = extract(answer)
    built = document.build(
        extraction.facts,
        platform="x",
        id=str(_tree(extraction).get("id", "1")),
        not_understood=[(answer.record, pointer) for pointer in extraction.not_understood],
    )
    stored = json.loads(document.as_bytes(built))
    assert list(document.check(stored, {answer.record: answer.body})) == []
    media_plan(stored["post"])
    return extraction


@pytest.mark.parametrize("name", [*POSTS, "tombstone"])
def test_every_fact_is_borne_out_and_every_place_understood(sample: Sample, answer: Make, name: str) -> None:
    extraction = _assert_borne_out(answer(sample(name)))
    assert extraction.facts
    assert extraction.not_understood == ()


@pytest.mark.parametrize("name", [*POSTS, "tombstone"])
def test_what_was_stored_once_is_borne_out_by_every_later_version(sample: Sample, name: str) -> None:
    stored = json.loads((GOLDEN / f"{name}.json").read_bytes())
    records = {origin["record"] for origin in stored["origins"].values()}
    assert records
    assert list(document.check(stored, dict.fromkeys(records, sample(name)))) == []


def test_a_post_with_photos(sample: Sample, answer: Make) -> None:
    served = sample("photos")
    post = _tree(extract(answer(served)))
    assert post["author"] == {
        "id": "5550001",
        "handle": "samar_reports",
        "name": "سمر الحداد (مراسلة)",
        "verified": False,
        "blue": False,
        "verified_type": "Business",
        "image": "https://pbs.twimg.com/profile_images/555000177/Pr0fileAb_normal.jpg",
    }
    assert post["created"] == "2026-03-14T06:21:09Z"
    assert post["id_time"] == "2026-03-14T06:21:09.417Z"
    assert post["url"] == f"https://x.com/samar_reports/status/{served['id_str']}"
    assert post["text_as_served"] == served["text"]
    assert post["text"].startswith("🌊🚧 شارع النهر")
    assert post["text"].endswith(
        "تتقدم نحو المدرسة 👩‍🏫 التفاصيل هنا: https://river.example/updates/2026-03-14?a=1&b=2 #فيضان @river_watch"
    )
    assert " & " in post["text"]
    assert post["mentions"] == [{"id": "5550002", "handle": "river_watch", "name": "River Watch"}]
    assert post["hashtags"] == [{"text": "فيضان"}]
    assert post["counts"] == {"likes": 148, "replies": 17}
    assert post["sensitive"] is True
    assert [(item["kind"], item["width"], item.get("alt", "")[:4]) for item in post["media"]] == [
        ("photo", 4096, "شارع"),
        ("photo", 1200, ""),
        ("photo", 800, "خط ب"),
    ]


def test_a_post_with_a_video(sample: Sample, answer: Make) -> None:
    (media,) = _tree(extract(answer(sample("video"))))["media"]
    assert (media["kind"], media["duration_ms"], media["width"], media["availability"]) == (
        "video",
        14200,
        1280,
        "Available",
    )
    assert [variant.get("bitrate") for variant in media["variants"]] == [832000, None, 2176000, 256000]


def test_a_reply_with_an_edit(sample: Sample, answer: Make) -> None:
    post = _tree(extract(answer(sample("reply"))))
    assert post["text"] == "@first @second_1 No, 3 < 4 && 5 > 4 — see &amp;"
    assert post["reply_to"]["handle"] == post["parent"]["author"]["handle"] == "first"
    assert post["reply_to"]["post"] == post["parent"]["id"]
    assert post["edited"] is True
    assert [edit["id"] for edit in post["edits"]][1] == post["id"]
    assert not extract(answer(sample("reply"))).media_announced


def test_a_poll_and_a_long_text(sample: Sample, answer: Make) -> None:
    post = _tree(extract(answer(sample("poll"))))
    assert post["poll"]["choice2"] == {"label": "קפה", "votes": 30}
    assert post["poll"]["final"] is True
    assert post["note"] == {"id": "Tm90ZVR3ZWV0OjE="}


def test_a_tombstone_gives_its_words(sample: Sample, answer: Make) -> None:
    assert _tree(extract(answer(sample("tombstone")))) == {
        "notice": "This Post was deleted by the Post author. Learn more"
    }


def test_photos_and_video_are_found_in_the_lesser_lists_where_the_full_one_is_gone(
    sample: Sample, answer: Make
) -> None:
    served = sample("video")
    del served["mediaDetails"]
    served["photos"] = [
        {"url": "https://pbs.twimg.com/media/Aa.jpg", "width": 5, "height": 6, "accessibilityLabel": "alt"}
    ]
    post = _tree(_assert_borne_out(answer(served)))
    assert [(item["kind"], item["url"]) for item in post["media"]] == [
        ("photo", "https://pbs.twimg.com/media/Aa.jpg"),
        ("video", "https://pbs.twimg.com/ext_tw_video_thumb/1984999000111222333/pu/img/ThUmBnAiL.jpg"),
    ]


def test_media_that_are_announced_but_not_listed_are_noticed(sample: Sample, answer: Make) -> None:
    served = sample("photos")
    del served["mediaDetails"]
    extraction = extract(answer(served))
    assert extraction.media_announced
    assert "media" not in _tree(extraction)
    del served["entities"]["media"]
    assert not extract(answer(served)).media_announced


@pytest.mark.parametrize(
    ("pointer", "value", "listed"),
    [
        ("/lang", 5, "/lang"),
        ("/possibly_sensitive", "yes", "/possibly_sensitive"),
        ("/user", "somebody", "/user"),
        ("/user/name", {"first": "x"}, "/user/name"),
        ("/user/new~1key", 1, "/user/new~1key"),
        ("/mediaDetails/1/type", "hologram", "/mediaDetails/1/type"),
        ("/mediaDetails/1", 7, "/mediaDetails/1"),
        ("/entities/urls", {"0": 1}, "/entities/urls"),
        ("/birdwatch_pivot", {"note": {"id": "1", "rating": 4}}, "/birdwatch_pivot/note/rating"),
        ("/birdwatch_pivot", "a note", "/birdwatch_pivot"),
        ("/quoted_tweet", {"id_str": "5", "new": 1}, "/quoted_tweet/new"),
        ("/quoted_tweet", {"id_str": "5", "quoted_tweet": {"id_str": "6", "new": 1}}, None),
        ("/parent", "somebody", "/parent"),
        ("/card", {"binding_values": [{"key": "title", "value": {}}]}, "/card/binding_values"),
        ("/card", {"binding_values": {"title": {"string_value": 5}}}, "/card/binding_values/title/string_value"),
        ("/favorite_count", 1.5, "/favorite_count"),
        ("/display_text_range", "0-5", None),
        ("/lang", None, None),
        ("/entities", [], None),
    ],
)
def test_what_is_not_understood_is_listed_and_left_out(
    sample: Sample, answer: Make, pointer: str, value: Any, listed: str | None
) -> None:
    served = sample("photos")
    *parents, name = (step.replace("~1", "/") for step in pointer[1:].split("/"))
    place = served
    for step in parents:
        place = place[int(step)] if isinstance(place, list) else place[step]
    place[int(name) if isinstance(place, list) else name] = value
    extraction = _assert_borne_out(answer(served))
    assert extraction.not_understood == (() if listed is None else (listed,))
    assert all(fact.pointer != pointer for fact in extraction.facts)


def test_the_list_of_what_is_not_understood_is_bounded(sample: Sample, answer: Make) -> None:
    served = {**sample("reply"), **{f"key{number}": number for number in range(5000)}}
    served["entities"] = {"hashtags": [{"text": "t"}] * 2000}
    extraction = _assert_borne_out(answer(served))
    assert len(extraction.not_understood) == 200
    assert extraction.not_understood[0] == "/entities/hashtags/500"
    assert len(_tree(extraction)["hashtags"]) == 500


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b"[" * 100_000, b'"\\ud800"', b'{"a":1,"a":1}'])
def test_what_is_no_object_says_nothing(answer: Make, body: bytes) -> None:
    assert extract(answer(body)) == Extraction(facts=(), not_understood=("",), media_announced=False)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield (*path, name)
        yield from _places(member, (*path, name))


@pytest.mark.parametrize("name", POSTS)
def test_any_member_may_be_missing_or_junk(sample: Sample, answer: Make, name: str) -> None:
    served = sample(name)
    for number, path in enumerate(_places(served)):
        changed = copy.deepcopy(served)
        place = changed
        for step in path[:-1]:
            place = place[step]
        if number % 2:
            place[path[-1]] = JUNK[number // 2 % len(JUNK)]
        else:
            del place[path[-1]]
        _assert_borne_out(answer(changed))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_several_members_may_be_junk_at_once(sample: Sample, answer: Make, data: st.DataObject) -> None:
    changed = sample(data.draw(st.sampled_from(POSTS)))
    for _ in range(data.draw(st.integers(1, 6))):
        path = data.draw(st.sampled_from(list(_places(changed)) or [("x",)]))
        place = changed
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = copy.deepcopy(data.draw(st.sampled_from(JUNK) | st.text(max_size=10) | st.integers()))
    _assert_borne_out(answer(changed))


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            ["__typename", "id_str", "text", "user", "entities", "mediaDetails", "photos", "video", "card", "tombstone"]
        ),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats(allow_nan=False)
            | st.text(max_size=9)
            | st.just("TweetTombstone"),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["url", "urls", "text", "type", "variants", "id_str", "0"]), inner, max_size=3
                )
            ),
            max_leaves=10,
        ),
    )
)
def test_an_arbitrary_object_is_read_without_a_crash(answer: Make, body: dict[str, Any]) -> None:
    _assert_borne_out(answer(body))
