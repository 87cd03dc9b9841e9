"""A post in GraphQL's answers reads as the embedding service's do, and every value is borne out by its origin."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from archiver.model import Answer
from archiver.platforms import document, x_graphql
from archiver.platforms.x_facts import Extraction
from archiver.platforms.x_media import media_plan
from archiver.platforms.x_versions import other_versions

Make = Callable[..., Answer]
Sample = Callable[[str], Any]

NOTE, WRAPPED, REPOST = "2032684677591990279", "1853867376898998279", "1940017540142989319"


def _post(served: Any) -> Any:
    """The post itself in a sample, to change."""
    result = served["data"]["tweetResult"]["result"]
    return result.get("tweet", result)


def _read(answer: Answer, id: str) -> tuple[dict[str, Any], Extraction]:
    """The normalised post, after every value of it was followed to where it came from."""
    extraction = x_graphql.extract(answer, id)
    built = document.build(
        extraction.facts,
        platform="x",
        id=id,
        not_understood=[(answer.record, pointer) for pointer in extraction.not_understood],
    )
    stored = json.loads(document.as_bytes(built))
    assert list(document.check(stored, {answer.record: answer.body})) == []
    return stored["post"], extraction


def test_a_long_post_is_read_whole_with_its_own_links_and_tags(sample: Sample, answer: Make) -> None:
    post, extraction = _read(answer(sample("graphql-note")), NOTE)
    assert extraction.not_understood == ()
    assert post["id"] == NOTE
    assert post["url"] == f"https://x.com/silta_news/status/{NOTE}"
    assert post["created"] == "2026-03-14T05:06:07Z"
    assert post["id_time"] == "2026-03-14T05:06:07.250Z"
    assert post["text"] == (
        "Silta katkesi kello 05:02. Todistajat kertovat, että kaksi kaarta & kaide putosivat. "
        "Kartta: https://kartta.example/silta"
    )
    assert "&amp;" in post["text_as_served"]
    assert [tag["text"] for tag in post["hashtags"]] == ["silta", "joki"]
    assert post["links"][0]["expanded"] == "https://kartta.example/silta"
    assert post["mentions"][0]["handle"] == "ferry_ops"
    assert "note" not in post
    assert post["language"] == "fi"
    assert post["source"] == "Twitter Web App"
    assert post["sensitive"] is True
    assert post["conversation"]["id"] == NOTE
    assert post["counts"] == {"likes": 31, "replies": 4, "reposts": 5, "quotes": 1, "bookmarks": 2, "views": 4186}


def test_a_long_post_of_which_only_the_beginning_came_says_so(sample: Sample, answer: Make) -> None:
    served = sample("graphql-note")
    del _post(served)["note_tweet"]["note_tweet_results"]["result"]["text"]
    post, _ = _read(answer(served), NOTE)
    assert post["note"]["id"] == "Tm90ZVR3ZWV0OjE="
    assert post["text"].startswith("Silta katkesi kello 05:02. Todistajat kertovat, että…")
    _post(served)["note_tweet"] = {"is_expandable": True}
    assert _read(answer(served), NOTE)[0]["note"]["id"] == NOTE


def test_an_account_is_read_in_both_of_its_shapes(sample: Sample, answer: Make) -> None:
    assert _read(answer(sample("graphql-note")), NOTE)[0]["author"] == {
        "id": "990011",
        "handle": "silta_news",
        "name": "Silta uutiset",
        "image": "https://pbs.twimg.com/profile_images/990011/a_normal.jpg",
        "created": "2019-05-06T02:40:47Z",
        "description": "Weather & roads",
        "location": "",
        "followers": 1204,
        "blue": False,
        "verified": False,
        "protected": False,
    }
    assert _read(answer(sample("graphql-wrapped")), WRAPPED)[0]["author"] == {
        "id": "334455",
        "handle": "sadam_valve",
        "name": "Sadama valve",
        "image": "https://pbs.twimg.com/profile_images/334455/b_normal.png",
        "created": "2017-04-15T01:55:21Z",
        "description": "",
        "location": "Tallinn",
        "followers": 88,
        "blue": True,
        "verified": True,
        "verified_type": "Government",
        "label": "Harbour Watch",
        "protected": False,
    }


def test_an_account_that_is_not_shown_still_has_its_id(sample: Sample, answer: Make) -> None:
    served = sample("graphql-note")
    _post(served)["core"] = {"user_results": {"result": {"__typename": "UserUnavailable", "reason": "Suspended"}}}
    post, _ = _read(answer(served), NOTE)
    assert post["author"] == {"id": "990011", "unavailable": "Suspended"}
    assert "url" not in post


def test_media_come_with_their_descriptions_and_owners_and_are_planned(sample: Sample, answer: Make) -> None:
    post, extraction = _read(answer(sample("graphql-note")), NOTE)
    first, second, video = post["media"]
    assert (first["id"], first["kind"]) == ("2032703000000000001", "photo")
    assert first["alt"] == "Silta, josta puuttuu kaksi kaarta"
    assert first["warning"] == {"graphic_violence": True}
    assert "owner" not in first
    assert "owner" not in second
    assert video["availability_reason"] == "Geoblocked"
    assert video["owner"] == {
        "post": "2032018759501217799",
        "id": "556677",
        "handle": "ferry_ops",
        "name": "Ferry & Ops",
        "page": {"post": "2032018759501217799", "handle": "ferry_ops"},
    }
    assert extraction.media_announced
    plan = media_plan(post)
    assert plan.skipped == ()
    required = [(item.role, item.index, item.candidates[0].url) for item in plan.items if item.required]
    assert required == [
        ("photo", 1, "https://pbs.twimg.com/media/GoNoteOne?format=jpg&name=orig"),
        ("photo", 2, "https://pbs.twimg.com/media/GoNoteTwo?format=jpg&name=orig"),
        (
            "video",
            3,
            "https://video.twimg.com/ext_tw_video/2031600000000000003/pu/vid/avc1/1280x720/high.mp4?tag=12",
        ),
    ]


def test_the_second_list_of_media_is_read_where_the_first_is_not_there(sample: Sample, answer: Make) -> None:
    served = sample("graphql-note")
    del _post(served)["legacy"]["extended_entities"]
    assert [item["id"] for item in _read(answer(served), NOTE)[0]["media"]] == ["2032703000000000001"]


def test_the_versions_of_an_edited_post_are_named(sample: Sample, answer: Make) -> None:
    served = sample("graphql-note")
    post, _ = _read(answer(served), NOTE)
    assert other_versions(post) == ("2032684651797020679",)
    assert post["superseded"] is False
    _post(served)["edit_control"] = {"edit_tweet_ids": [NOTE, str(int(NOTE) + 1)]}
    post, _ = _read(answer(served), NOTE)
    assert post["superseded"] is True
    assert other_versions(post) == (str(int(NOTE) + 1),)


def test_readers_notes_are_kept(sample: Sample, answer: Make) -> None:
    post, _ = _read(answer(sample("graphql-note")), NOTE)
    assert post["has_community_notes"] is True
    assert post["community_note"] == {
        "id": "1899",
        "title": "Readers added context they thought people might want to know",
        "text": "The bridge fell in January: silta.example",
        "url": "https://x.com/i/birdwatch/n/1899",
        "links": [{"url": "https://t.co/NoteRef001"}],
    }


def test_what_no_rule_knows_is_listed(sample: Sample, answer: Make) -> None:
    served = sample("graphql-repost")
    _post(served)["verdict_of_the_future"] = {"a": 1}
    _post(served)["legacy"]["favorite_count"] = "many"
    _post(served)["legacy"]["retweeted_status_result"]["result"]["legacy"]["moods"] = ["x"]
    served["errors"] = [{"message": "Timeout: Unspecified", "code": 29}]
    base = "/data/tweetResult/result"
    assert set(_read(answer(served), REPOST)[1].not_understood) == {
        "/errors",
        f"{base}/legacy/favorite_count",
        f"{base}/legacy/retweeted_status_result/result/legacy/moods",
        f"{base}/verdict_of_the_future",
    }


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'{"data":NaN}', b"[" * 5000, b'"text"'])
def test_a_body_that_is_no_object_says_nothing(answer: Make, body: bytes) -> None:
    assert x_graphql.extract(answer(body), "20") == Extraction(facts=(), not_understood=("",))
