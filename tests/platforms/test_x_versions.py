"""Other versions of a post are named by what the post says, and an answer for a newer one is told apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from archiver.model import Answer
from archiver.platforms import document
from archiver.platforms.x import extract, judge, other_versions

Make = Callable[..., Answer]
Sample = Callable[[str], Any]


def test_every_version_but_the_post_itself_is_named(sample: Sample, answer: Make) -> None:
    served = sample("edited")
    first, own, last = served["edit_control"]["edit_control_initial"]["edit_tweet_ids"]
    post = document.tree((fact.path, fact.value) for fact in extract(answer(served)).facts)
    assert post["id"] == own
    assert other_versions(post) == (first, last)


@pytest.mark.parametrize(
    ("post", "versions"),
    [
        ({"id": "2", "edits": [{"id": "2"}]}, ()),
        ({"id": "2", "edits": [{"id": "1"}, {"id": "2"}, {"id": "1"}]}, ("1",)),
        ({"edits": [{"id": "../1"}, {"id": 5}, {}, 7, {"id": "1" * 20}]}, ()),
        ({"id": [], "edits": {"id": "1"}, "first_version": "1"}, ()),
        ({"edits": [{"id": str(number)} for number in range(500)]}, tuple(str(number) for number in range(20))),
        (None, ()),
    ],
)
def test_what_is_no_version_is_left_out(post: Any, versions: tuple[str, ...]) -> None:
    assert other_versions(post) == versions


def test_an_older_version_that_says_so_is_captured(sample: Sample, answer: Make) -> None:
    verdict = judge(answer(sample("edited")), None, id=sample("edited")["id_str"])
    assert (verdict.outcome, verdict.words) == ("captured", "")


def test_an_answer_for_a_newer_version_is_refused_and_names_it(sample: Sample, answer: Make) -> None:
    served = sample("edited")
    first, own, _ = served["edit_control"]["edit_control_initial"]["edit_tweet_ids"]
    for control in (served["edit_control"], {"edit_tweet_ids": [first, own]}, {"initial_tweet_id": first}):
        verdict = judge(answer({**served, "edit_control": control}), None, id=first)
        assert (verdict.outcome, verdict.reason) == ("refused", "superseded")
        assert verdict.words == f"a newer version came in place of this post: {own}"


def test_an_answer_for_another_post_names_no_version(sample: Sample, answer: Make) -> None:
    served = sample("edited")
    first, *_ = served["edit_control"]["edit_control_initial"]["edit_tweet_ids"]
    for given, id in (
        (answer(served), "20"),
        (answer({**served, "id_str": "x"}), first),
        (answer({**served, "edit_control": []}), first),
        (answer(served, status=400), first),
        (answer(b"<html>"), first),
    ):
        verdict = judge(given, None, id=id)
        assert (verdict.outcome, verdict.reason, verdict.words) == ("refused", "unclear", "")
