"""What stands in a GraphQL answer in a post's place is told apart, and nothing unclear is taken for an absence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from archiver.platforms.x_graphql import find, media_vanished

Sample = Callable[[str], Any]
NOTE, WRAPPED, REPOST = "2032684677591990279", "1853867376898998279", "1940017540142989319"
RESULT = "/data/tweetResult/result"


def _single(result: Any) -> dict[str, Any]:
    return {"data": {"tweetResult": {"result": result}}}


def _tombstone(words: str) -> dict[str, Any]:
    return _single(
        {"__typename": "TweetTombstone", "tombstone": {"__typename": "TextTombstone", "text": {"text": words}}}
    )


def _unavailable(reason: str) -> dict[str, Any]:
    return _single({"__typename": "TweetUnavailable", "reason": reason})


def _error(code: Any, message: str = "m") -> dict[str, Any]:
    return {"errors": [{"message": message, "code": code}], "data": {}}


def test_a_post_is_found_in_and_out_of_its_wrapper(sample: Sample) -> None:
    bare, wrapped = find(sample("graphql-note"), NOTE), find(sample("graphql-wrapped"), WRAPPED)
    assert (bare.kind, bare.pointer, bare.place, bare.outcome, bare.reason) == ("tweet", RESULT, RESULT, "captured", "")
    assert (wrapped.kind, wrapped.pointer, wrapped.place) == ("tweet", f"{RESULT}/tweet", RESULT)
    assert wrapped.id == WRAPPED


@pytest.mark.parametrize(
    ("answer", "kind", "outcome", "reason"),
    [
        (_tombstone("This Post was deleted by the Post author. Learn more"), "tombstone", "absent", "deleted"),
        (_tombstone("This Tweet is from a suspended account. Learn more"), "tombstone", "withheld", "suspended"),
        (_tombstone("This Post is from an account that no longer exists."), "tombstone", "absent", "account-gone"),
        (
            _tombstone("You’re unable to view this Post because this account owner limits who can view their Posts."),
            "tombstone",
            "withheld",
            "protected",
        ),
        (_tombstone("Age-restricted adult content. This content might not…"), "tombstone", "withheld", "age"),
        (_tombstone("This Post violated the X Rules. Learn more"), "tombstone", "withheld", "rules"),
        (_tombstone("This Post from @a has been withheld in France"), "tombstone", "withheld", "country"),
        (_tombstone("It is only available to the Subscribers of the owner"), "tombstone", "withheld", "subscribers"),
        (_tombstone("This Post is unavailable."), "tombstone", "withheld", "unavailable"),
        (_tombstone(""), "tombstone", "refused", "unclear"),
        (_single({"__typename": "TweetTombstone"}), "tombstone", "refused", "unclear"),
        (_single({"tombstone": {"__typename": "BlurredMediaTombstone"}}), "tombstone", "withheld", "age"),
        (_unavailable("NsfwLoggedOut"), "unavailable", "withheld", "age"),
        (_unavailable("NsfwViewerIsUnderage"), "unavailable", "withheld", "age"),
        (_unavailable("Suspended"), "unavailable", "withheld", "suspended"),
        (_unavailable("ProtectedAuthor"), "unavailable", "withheld", "protected"),
        (_unavailable("ExclusiveTweet"), "unavailable", "withheld", "subscribers"),
        (_unavailable("LoggedOut"), "unavailable", "refused", "login"),
        (_unavailable("Unavailable"), "unavailable", "withheld", "unavailable"),
        (_unavailable(""), "unavailable", "refused", "unclear"),
        (_single({"__typename": "TweetPreviewDisplay", "tweet": {}}), "preview", "withheld", "subscribers"),
        ({"data": {"tweetResult": {}}}, "empty", "refused", "unclear"),
        (_single(None), "empty", "refused", "unclear"),
        (_single({}), "empty", "refused", "unclear"),
        ({}, "empty", "refused", "unclear"),
        (_single({"__typename": "TweetOfTheFuture"}), "unknown", "refused", "unclear"),
        (_single("text"), "unknown", "refused", "unclear"),
        (_single({"rest_id": "20"}), "unknown", "refused", "unclear"),
        (_single({"rest_id": "21", "legacy": {}}), "unknown", "refused", "unclear"),
        (_error(34), "error", "absent", "not-found"),
        (_error(144), "error", "absent", "not-found"),
        (_error(421), "error", "absent", "not-found"),
        (_error(422), "error", "absent", "not-found"),
        (_error(422, "This Post is no longer available: it violated the X Rules."), "error", "withheld", "rules"),
        (_error(366), "error", "refused", "bad-id"),
        (_error(88), "error", "refused", "rate-limit"),
        (_error("88"), "error", "refused", "rate-limit"),
        (_error(32), "error", "refused", "login"),
        (_error(326), "error", "refused", "account-locked"),
        (_error(336), "error", "refused", "outdated-request"),
        (_error(29), "error", "unreachable", "timeout"),
        (_error(None, "Dependency: Unspecified"), "error", "refused", "unclear"),
        ({"errors": [{"message": "m", "extensions": {"code": 179}}]}, "error", "withheld", "protected"),
        ({"errors": [{"message": "m"}, {"message": "n", "code": 88}]}, "error", "refused", "rate-limit"),
        ({"errors": []}, "empty", "refused", "unclear"),
        ({"errors": [{"code": 144}], "data": {"tweetResult": {}}}, "error", "absent", "not-found"),
    ],
)
def test_what_stands_in_place_of_a_post(answer: Any, kind: str, outcome: str, reason: str) -> None:
    found = find(answer, "20")
    assert (found.kind, found.outcome, found.reason) == (kind, outcome, reason)


def test_the_words_are_kept_as_they_came() -> None:
    assert find(_tombstone("You’re <b>out</b>"), "20").words == "You’re <b>out</b>"
    assert find(_unavailable("Protected"), "20").words == "Protected"
    found = find(_error(144, "No status found."), "20")
    assert (found.words, found.pointer) == ("No status found.", "/errors/0")


def test_a_notice_is_about_the_post_that_was_asked_for() -> None:
    assert find(_tombstone("Gone."), "20").id == "20"


def test_errors_beside_a_post_do_not_hide_it(sample: Sample) -> None:
    served = {**sample("graphql-note"), "errors": [{"message": "Timeout: Unspecified", "code": 29}]}
    assert find(served, NOTE).kind == "tweet"


def test_an_older_version_names_the_newest() -> None:
    control = {"edit_tweet_ids": ["20", "22", "21"], "edits_remaining": "3"}
    stub = _single({"__typename": "TweetWithVisibilityResults", "tweet": {"rest_id": "20", "edit_control": control}})
    found = find(stub, "20")
    assert (found.kind, found.id, found.newer, found.reason) == ("stale", "20", "22", "superseded")
    nested = {"initial_tweet_id": "20", "edit_control_initial": {"edit_tweet_ids": ["20", "22"]}}
    whole = find(_single({"rest_id": "20", "legacy": {}, "edit_control": nested}), "20")
    assert (whole.kind, whole.newer) == ("tweet", "22")
    last = find(_single({"rest_id": "22", "legacy": {}, "edit_control": nested}), "22")
    assert (last.kind, last.newer) == ("tweet", "")


def test_a_newer_version_in_place_of_the_one_asked_for_is_said(sample: Sample) -> None:
    found = find(sample("graphql-note"), "2032684651797020679")
    assert (found.kind, found.id, found.newer) == ("stale", NOTE, NOTE)
    assert (found.outcome, found.reason) == ("refused", "superseded")


def _without_media(served: Any) -> dict[str, Any]:
    post = served["data"]["tweetResult"]["result"]
    legacy: dict[str, Any] = post["legacy"]
    legacy.pop("extended_entities", None)
    legacy["entities"].pop("media", None)
    return legacy


def test_media_taken_out_for_guests_are_noticed_and_never_captured(sample: Sample) -> None:
    served = sample("graphql-note")
    assert not media_vanished(served, NOTE)
    legacy = _without_media(served)
    assert media_vanished(served, NOTE)
    found = find(served, NOTE)
    assert (found.kind, found.outcome, found.reason) == ("tweet", "partial", "age")
    legacy["extended_entities"], legacy["entities"]["media"] = {"media": []}, []
    assert media_vanished(served, NOTE)
    legacy["full_text"] = "The link went as well."
    assert media_vanished(served, NOTE)


def test_a_sensitive_post_with_only_a_link_misses_no_media(sample: Sample) -> None:
    served = sample("graphql-note")
    legacy = _without_media(served)
    legacy["full_text"] = "See https://t.co/Page000001"
    legacy["entities"]["urls"] = [{"url": "https://t.co/Page000001", "expanded_url": "https://page.example/"}]
    assert not media_vanished(served, NOTE)
    assert find(served, NOTE).outcome == "captured"
    legacy["full_text"] += " https://t.co/Media00001"
    assert media_vanished(served, NOTE)


def test_a_post_that_is_not_flagged_misses_no_media(sample: Sample) -> None:
    served = sample("graphql-note")
    _without_media(served)["possibly_sensitive"] = False
    assert not media_vanished(served, NOTE)


def test_a_veil_over_media_that_are_not_there_is_noticed(sample: Sample) -> None:
    served = sample("graphql-wrapped")
    served["data"]["tweetResult"]["result"]["mediaVisibilityResults"] = {"blurred_image_interstitial": {"opacity": 1}}
    assert media_vanished(served, WRAPPED)


def test_the_media_of_a_repost_are_those_of_the_post_that_it_repeats(sample: Sample) -> None:
    served = sample("graphql-repost")
    assert find(served, REPOST).outcome == "captured"
    original = served["data"]["tweetResult"]["result"]["legacy"]["retweeted_status_result"]["result"]["legacy"]
    del original["extended_entities"], original["entities"]["media"]
    original["possibly_sensitive"] = True
    assert media_vanished(served, REPOST)
