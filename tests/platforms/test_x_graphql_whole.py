"""What comes with a post in GraphQL's answers, or in its place: wrappers, other posts, cards, notices, versions."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from archiver.model import Answer
from archiver.platforms import document, x_graphql
from archiver.platforms.x_facts import Extraction
from archiver.platforms.x_media import media_plan
from archiver.platforms.x_versions import other_versions

Make = Callable[..., Answer]
Sample = Callable[[str], Any]

WRAPPED, REPOST = "1853867376898998279", "1940017540142989319"
ORIGINAL = "1939809959885668359"


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


def test_a_wrapped_post_says_what_it_is_wrapped_in(sample: Sample, answer: Make) -> None:
    post, extraction = _read(answer(sample("graphql-wrapped")), WRAPPED)
    assert extraction.not_understood == ()
    assert not extraction.media_announced
    assert post["text"] == f"Kas sadam on suletud? https://twitter.com/ferry_ops/status/{post['quoted']['id']}"
    assert post["interstitial"] == {"kind": "NonCompliant", "text": "This Post violated the X Rules. Learn more"}
    assert post["reply_policy"] == "ByInvitation"
    assert post["limited_actions"] == "limited_replies"
    assert post["community"] == {"id": "1506", "name": "Sadamad"}
    assert post["place"]["name"] == "Tallinn, Eesti"
    assert post["withheld"] == [{"country": "XA"}, {"country": "XB"}]


def test_a_quoted_post_that_is_gone_is_named_with_the_notice_in_its_place(sample: Sample, answer: Make) -> None:
    served = sample("graphql-wrapped")
    quoted = {"id": "1853346442249240583", "permalink": "https://twitter.com/ferry_ops/status/1853346442249240583"}
    notice = "This Post was deleted by the Post author. Learn more"
    assert _read(answer(served), WRAPPED)[0]["quoted"] == {**quoted, "notice": notice}
    _post(served)["quoted_status_result"] = {"result": {"__typename": "TweetUnavailable", "reason": "Protected"}}
    assert _read(answer(served), WRAPPED)[0]["quoted"] == {**quoted, "notice": "Protected"}
    del _post(served)["quoted_status_result"]
    assert _read(answer(served), WRAPPED)[0]["quoted"] == quoted


def test_the_values_of_a_card_are_found_by_their_names_in_any_order(sample: Sample, answer: Make) -> None:
    served = sample("graphql-wrapped")
    poll = {
        "choice1": {"label": "Jah", "votes": 41},
        "choice2": {"label": "Ei", "votes": 7},
        "ends": "2024-11-06T18:30:00Z",
        "updated": "2024-11-05T19:00:00Z",
        "minutes": 1440,
        "final": False,
    }
    assert _read(answer(served), WRAPPED)[0]["poll"] == poll
    values = _post(served)["card"]["legacy"]["binding_values"]
    values.reverse()
    assert _read(answer(served), WRAPPED)[0]["poll"] == poll
    values += [
        {"key": "title", "value": {"string_value": "Harbour & sea"}},
        {"key": "photo_image_full_size_large", "value": {"image_value": {"url": "https://pbs.twimg.com/card_img/1/s"}}},
        {
            "key": "photo_image_full_size_original",
            "value": {"image_value": {"url": "https://pbs.twimg.com/card_img/1/o"}},
        },
        {"key": "unified_card", "value": {"string_value": "{}"}},
    ]
    post, extraction = _read(answer(served), WRAPPED)
    assert post["card"]["title"] == "Harbour & sea"
    assert [image["url"] for image in post["card"]["images"]] == ["https://pbs.twimg.com/card_img/1/o"]
    assert extraction.not_understood == ("/data/tweetResult/result/tweet/card/legacy/binding_values/11/value",), (
        "text that is itself JSON is not read, and that is said"
    )


def test_a_repost_names_the_post_that_it_repeats_and_has_its_media(sample: Sample, answer: Make) -> None:
    post, extraction = _read(answer(sample("graphql-repost")), REPOST)
    assert extraction.not_understood == ()
    assert extraction.media_announced
    assert post["id"] == REPOST
    assert post["author"]["handle"] == "varta_k"
    assert post["reposted"]["id"] == ORIGINAL
    assert post["reposted"]["author"]["handle"] == "rada_foto"
    assert post["reposted"]["text"] == "Відео з мосту"
    assert post["reposted"]["quoted"]["text"] == "Міст закрито <до ранку>"
    assert post["reposted"]["quoted"]["quoted"] == {"id": "1900000000000000001"}
    assert post["media"][0]["owner"]["page"]["post"] == ORIGINAL
    assert next((item.role, item.required) for item in media_plan(post).items) == ("video", True)


def test_an_article_is_read(sample: Sample, answer: Make) -> None:
    served = sample("graphql-wrapped")
    _post(served)["article"] = {
        "article_results": {
            "result": {
                "rest_id": "1853867376898998000",
                "title": "Sadam & meri",
                "preview_text": "Esimene lõik",
                "cover_media": {"media_info": {"original_img_url": "https://pbs.twimg.com/media/Cover.jpg"}},
                "metadata": {"first_published_at_secs": 1730831400},
                "content_state": {"blocks": [{"type": "unstyled", "text": "Esimene lõik.", "key": "a"}]},
            }
        }
    }
    assert _read(answer(served), WRAPPED)[0]["article"] == {
        "id": "1853867376898998000",
        "title": "Sadam & meri",
        "preview": "Esimene lõik",
        "cover": "https://pbs.twimg.com/media/Cover.jpg",
        "published": "2024-11-05T18:30:00Z",
        "blocks": [{"kind": "unstyled", "text": "Esimene lõik."}],
    }


def test_what_stands_in_place_of_a_post_is_its_notice(answer: Make) -> None:
    for result, notice in (
        ({"__typename": "TweetUnavailable", "reason": "NsfwLoggedOut"}, "NsfwLoggedOut"),
        ({"__typename": "TweetTombstone", "tombstone": {"richText": {"text": "Gone."}}}, "Gone."),
    ):
        post, _ = _read(answer({"data": {"tweetResult": {"result": result}}}), "20")
        assert post == {"notice": notice}
    post, _ = _read(answer({"errors": [{"code": 144, "message": "No status found with that ID."}]}), "20")
    assert post == {"notice": "No status found with that ID.", "notice_code": 144}


def test_a_preview_gives_its_beginning_apart_from_the_text_of_a_post(answer: Make) -> None:
    tweet = {
        "rest_id": "1853867376898998279",
        "text": "First &amp; last",
        "created_at": "Tue Nov 05 18:30:00 +0000 2024",
    }
    result = {"__typename": "TweetPreviewDisplay", "tweet": tweet, "cta": {"title": {"text": "Subscribe to see it"}}}
    post, _ = _read(answer({"data": {"tweetResult": {"result": result}}}), WRAPPED)
    assert post == {
        "id": WRAPPED,
        "id_time": "2024-11-05T18:30:00.500Z",
        "created": "2024-11-05T18:30:00Z",
        "preview": {"text": "First & last"},
        "notice": "Subscribe to see it",
    }


def test_of_an_older_version_only_the_versions_are_read(answer: Make) -> None:
    old, new = "1653413433461579783", "1653413735866814470"
    stub = {"rest_id": old, "edit_control": {"edit_tweet_ids": [old, new]}}
    wrapped = {"__typename": "TweetWithVisibilityResults", "tweet": stub}
    post, _ = _read(answer({"data": {"tweetResult": {"result": wrapped}}}), old)
    assert post == {
        "id": old,
        "id_time": "2023-05-02T14:57:36.130Z",
        "edits": [{"id": old}, {"id": new}],
        "superseded": True,
    }
    assert other_versions(post) == (new,)


def test_a_newer_version_says_nothing_of_the_one_that_was_asked_for(sample: Sample, answer: Make) -> None:
    post, extraction = _read(answer(sample("graphql-note")), "2032684651797020679")
    assert post == {}
    assert not extraction.media_announced


def test_a_quoted_post_says_better_than_the_one_around_it_which_it_is(sample: Sample, answer: Make) -> None:
    served = sample("graphql-repost")
    original = _post(served)["legacy"]["retweeted_status_result"]["result"]
    quoted = original["quoted_status_result"]["result"]["tweet"]["rest_id"]
    original["legacy"]["quoted_status_id_str"] = "20"
    assert _read(answer(served), REPOST)[0]["reposted"]["quoted"]["id"] == quoted
    del original["quoted_status_result"]
    assert _read(answer(served), REPOST)[0]["reposted"]["quoted"]["id"] == "20"
