"""Every answer of X is read as what it bears out, and as nothing more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.model import Answer
from archiver.platforms.x import judge

Make = Callable[..., Answer]
ID = "2030405060708090100"
POST = {"__typename": "Tweet", "id_str": ID, "text": "words"}


def _tombstone(words: Any) -> dict[str, Any]:
    return {"__typename": "TweetTombstone", "tombstone": {"text": {"text": words}}}


@pytest.mark.parametrize(
    ("words", "outcome", "reason"),
    [
        ("This Post was deleted by the Post author. Learn more", "absent", "deleted"),
        ("This Tweet was deleted by the Tweet author.", "absent", "deleted"),
        ("This Post is from an account that no longer exists. Learn more", "absent", "account-gone"),
        ("This Tweet is from a suspended account.", "withheld", "suspended"),
        (
            "You’re unable to view this Post because this account owner limits who can view their Posts.",
            "withheld",
            "protected",
        ),
        (
            "You're unable to view this Tweet because this account owner limits who can view their Tweets.",
            "withheld",
            "protected",
        ),
        ("Age-restricted adult content. This content might not be appropriate for people under 18.", "withheld", "age"),
        ("This Post violated the X Rules. Learn more", "withheld", "rules"),
        ("This Tweet violated the Twitter Rules.", "withheld", "rules"),
        (
            "This Post from @deleted_by has been withheld in Utopia in response to a legal demand.",
            "withheld",
            "country",
        ),
        ("@suspended’s account has been withheld in Utopia in response to a legal demand.", "withheld", "country"),
        ("This Post is unavailable. Learn more", "withheld", "unavailable"),
        ("Something that X has never said before.", "withheld", "unavailable"),
        ("  THIS POST\n was  Deleted by the post author", "absent", "deleted"),
    ],
)
def test_the_words_of_a_tombstone_decide_and_are_kept(answer: Make, words: str, outcome: str, reason: str) -> None:
    verdict = judge(answer(_tombstone(words)), None, id=ID)
    assert (verdict.outcome, verdict.reason, verdict.words) == (outcome, reason, words)
    assert verdict.grounds == ("urn:uuid:synd",)


@pytest.mark.parametrize(
    ("body", "outcome", "reason"),
    [
        (POST, "captured", ""),
        ({"__typename": "TweetTombstone", "tombstone": {}}, "withheld", "age"),
        ({"__typename": "TweetTombstone"}, "refused", "unclear"),
        ({"__typename": "TweetTombstone", "tombstone": {"x": 1}}, "refused", "unclear"),
        (_tombstone("  "), "refused", "unclear"),
        (_tombstone(5), "refused", "unclear"),
        ({}, "refused", "unclear"),
        ([], "refused", "unclear"),
        (None, "refused", "unclear"),
        ({**POST, "id_str": ID[:-1]}, "refused", "unclear"),
        ({**POST, "id_str": int(ID)}, "refused", "unclear"),
        ({"id_str": ID}, "refused", "unclear"),
        (b"", "refused", "unclear"),
        (b"<!doctype html><title>Not found</title>", "refused", "unclear"),
        (b'{"__typename":"Tweet"', "refused", "unclear"),
        (b'{"id_str":"1","id_str":"1"}', "refused", "unclear"),
        (b"[" * 100_000, "refused", "unclear"),
    ],
)
def test_what_came_with_200(answer: Make, body: Any, outcome: str, reason: str) -> None:
    verdict = judge(answer(body), None, id=ID)
    assert (verdict.outcome, verdict.reason) == (outcome, reason)


@pytest.mark.parametrize(
    ("status", "outcome", "reason"),
    [
        (401, "refused", "login"),
        (403, "refused", "blocked"),
        (429, "refused", "rate-limit"),
        (500, "unreachable", "server-error"),
        (503, "unreachable", "server-error"),
        (404, "refused", "unclear"),
        (302, "refused", "unclear"),
        (204, "refused", "unclear"),
    ],
)
def test_other_statuses_count_whatever_the_body_says(answer: Make, status: int, outcome: str, reason: str) -> None:
    verdict = judge(answer(POST, status=status), None, id=ID)
    assert (verdict.outcome, verdict.reason) == (outcome, reason)


def test_no_answer_is_unreachable(answer: Make) -> None:
    verdict = judge(None, answer(b"", status=404), id=ID)
    assert (verdict.outcome, verdict.reason, verdict.grounds) == ("unreachable", "network", ())


def test_a_body_that_was_cut_off_says_nothing_even_if_it_reads_well(answer: Make) -> None:
    assert judge(answer(POST, truncated="disconnect"), None, id=ID).reason == "unclear"


def test_never_existed_needs_both_services(answer: Make) -> None:
    gone, other = answer(b"<html>", status=404), answer(b"<html>", status=404, record="urn:uuid:oembed")
    verdict = judge(gone, other, id=ID)
    assert (verdict.outcome, verdict.reason) == ("absent", "never-existed")
    assert verdict.grounds == ("urn:uuid:synd", "urn:uuid:oembed")
    for oembed in (None, answer({}, status=200), answer({}, status=429)):
        assert judge(gone, oembed, id=ID).outcome == "refused"


def test_oembed_is_a_ground_only_where_it_agrees(answer: Make) -> None:
    tombstone = answer(_tombstone("This Post was deleted by the Post author."))
    silent = answer({}, status=500, record="urn:uuid:oembed")
    agrees = answer(b"", status=404, record="urn:uuid:oembed")
    assert judge(tombstone, agrees, id=ID).grounds == ("urn:uuid:synd", "urn:uuid:oembed")
    assert judge(tombstone, silent, id=ID).grounds == ("urn:uuid:synd",)


@settings(max_examples=100, deadline=None)
@given(st.integers(100, 999), st.binary(max_size=40), st.none() | st.integers(100, 999))
def test_noise_never_makes_a_post_absent_on_one_answer(status: int, body: bytes, oembed: int | None) -> None:
    def make(number: int) -> Answer:
        return Answer(record="r", url="u", status=number, body=body)

    verdict = judge(make(status), None if oembed is None else make(oembed), id=ID)
    assert verdict.outcome in {"refused", "unreachable"} or (status, oembed) == (404, 404)
