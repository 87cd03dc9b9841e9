"""What comes with a post is read as whole as the post: posts around it, cards, versions, notes, owners of media."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from archiver.model import Answer
from archiver.platforms import document
from archiver.platforms.x import Extraction, extract

Make = Callable[..., Answer]
Sample = Callable[[str], Any]


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
    return extraction


def test_a_quoted_post_is_read_whole_and_never_mixed_in(sample: Sample, answer: Make) -> None:
    post = _tree(extract(answer(sample("gif-quote"))))
    assert post["media"][0]["kind"] == "gif"
    assert "links" not in post
    quoted = post["quoted"]
    assert quoted["author"]["name"] == "Cats & Co"
    assert quoted["text"] == "Who dances best? https://cats.example/"
    assert quoted["text_as_served"] == "Who dances best? https://t.co/QqRrSsTt05"
    assert quoted["links"][0]["expanded"] == "https://cats.example/"
    assert quoted["url"] == "https://x.com/cats_and_co/status/1807189806196905607"
    assert quoted["id_time"] == "2024-06-29T23:10:00.417Z"
    assert "media" not in quoted


def test_posts_that_come_with_it_have_everything_that_a_post_has_and_theirs_are_summed_up(
    sample: Sample, answer: Make
) -> None:
    post = _tree(extract(answer(sample("context"))))
    quoted, parent = post["quoted"], post["parent"]
    assert quoted["text"] == "انهار الجسر & انقطع الطريق #الجسر"
    assert [(item["kind"], item.get("alt")) for item in quoted["media"]] == [("photo", "جسر مكسور"), ("video", None)]
    assert quoted["sensitive"] is True
    assert quoted["counts"] == {"likes": 310, "replies": 4, "reposts": 61}
    assert quoted["reply_policy"] == "ByInvitation"
    assert quoted["quoted"]["text"] == "Bridge <open> again"
    assert quoted["quoted"]["author"] == {"handle": "old_bridge", "name": "Old Bridge"}
    assert quoted["quoted"].keys() == {"id", "text", "author"}
    assert parent["poll"]["choice3"] == {"label": "عند الجسر", "votes": 14}
    assert parent["poll"]["final"] is False
    assert parent["id"] == post["reply_to"]["post"]
    assert "media" not in post


def test_a_quoted_post_that_is_refused_gives_its_words(sample: Sample, answer: Make) -> None:
    served = sample("context")
    served["quoted_tweet"] = {"__typename": "TweetTombstone", "tombstone": sample("tombstone")["tombstone"]}
    post = _tree(_assert_borne_out(answer(served)))
    assert post["quoted"] == {"notice": "This Post was deleted by the Post author. Learn more"}


def test_a_card_gives_its_words_and_the_largest_of_each_picture(sample: Sample, answer: Make) -> None:
    card = _tree(extract(answer(sample("context"))))["card"]
    assert card["title"] == "Notice: the mill & its bridge"
    assert card["description"] == "The bridge stays closed <until further notice>."
    assert (card["name"], card["domain"], card["link"]) == (
        "summary_large_image",
        "mill.example",
        "https://t.co/UuVvWwXx11",
    )
    assert [(image["width"], image["height"]) for image in card["images"]] == [(1800, 942), (400, 400)]


def test_media_of_another_post_name_their_owner(sample: Sample, answer: Make) -> None:
    served = sample("edited")
    (media,) = _tree(extract(answer(served)))["media"]
    origin = served["mediaDetails"][0]["source_status_id_str"]
    assert media["owner"] == {
        "post": origin,
        "id": "5550022",
        "handle": "first_hand",
        "name": "First Hand",
        "page": {"post": origin, "handle": "first_hand"},
    }
    assert (media["availability"], media["availability_reason"]) == ("Unavailable", "Geoblocked")


def test_the_owner_of_media_is_found_in_the_other_shape_too(sample: Sample, answer: Make) -> None:
    served = sample("edited")
    user = {"user_results": {"result": {"rest_id": "5550022", "core": {"screen_name": "first_hand", "name": "F"}}}}
    served["mediaDetails"][0] = {"type": "video", "additional_media_info": {"source_user": user}}
    (media,) = _tree(_assert_borne_out(answer(served)))["media"]
    assert media["owner"] == {"id": "5550022", "handle": "first_hand", "name": "F"}


@pytest.mark.parametrize(
    "id_of", [lambda served: served["id_str"], lambda served: served["edit_control"]["initial_tweet_id"]]
)
def test_media_on_a_page_of_the_post_itself_or_another_version_have_no_owner(
    sample: Sample, answer: Make, id_of: Callable[[Any], str]
) -> None:
    served = sample("edited")
    page = f"https://x.com/second_hand/status/{id_of(served)}/video/1"
    served["mediaDetails"] = [{"type": "video", "expanded_url": page}]
    assert _tree(_assert_borne_out(answer(served)))["media"] == [{"kind": "video", "page": page}]


def test_versions_are_read_in_both_shapes(sample: Sample, answer: Make) -> None:
    served = sample("edited")
    versions = served["edit_control"]["edit_control_initial"]["edit_tweet_ids"]
    post = _tree(extract(answer(served)))
    assert [edit["id"] for edit in post["edits"]] == versions
    assert post["first_version"] == {"id": versions[0]}
    assert post["edited"] is True
    assert post["superseded"] is True
    assert post["thread"] == {"id": versions[0]}
    served["edit_control"]["edit_tweet_ids"] = ["20"]
    both = _tree(_assert_borne_out(answer(served)))
    assert [edit["id"] for edit in both["edits"]] == ["20", *versions]


def test_a_community_note(sample: Sample, answer: Make) -> None:
    served = sample("edited")
    post = _tree(extract(answer(served)))
    assert post["community_note"] == {
        "id": served["birdwatch_pivot"]["note"]["rest_id"],
        "title": "Readers added context",
        "text": "The roof is another one: roof.example",
        "url": served["birdwatch_pivot"]["destinationUrl"],
        "links": [{"url": "https://t.co/TtSsRrQq22"}],
    }
    assert post["has_community_notes"] is True
