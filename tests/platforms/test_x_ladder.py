"""X's three services are judged together: who gives the post, who says why not, and what is read of which answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.demo import oembed, posts, syndication
from archiver.demo.graphql_logins import Sessions
from archiver.demo.graphql_results import result
from archiver.demo.records import Post
from archiver.model import Answer
from archiver.platforms import x

SESSIONS = Sessions()
TEXT, NOT_FOUND = posts.TEXT, {"errors": [{"code": 144, "message": "_Missing: No status found with that ID."}]}
NOTHING: dict[str, Any] = {"data": {"tweetResult": {}}}
AGE = {"__typename": "TweetTombstone", "tombstone": {}}


def made(record: str, body: Any, status: int = 200, truncated: str | None = None) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(record=record, url="https://service.example/", status=status, body=raw, truncated=truncated)


def told(words: str) -> dict[str, Any]:
    return {"__typename": "TweetTombstone", "tombstone": {"text": {"text": words}}}


def asked(served: dict[str, Any] | None, status: int = 200) -> Answer:
    return made("G", {"data": {"tweetResult": {"result": served} if served else {}}}, status)


def errors(code: int, status: int = 200) -> Answer:
    return made("G", {"errors": [{"code": code, "message": "words"}]}, status)


def answers(post: Post, login: str = "") -> x.Answers:
    """Return what the demo's services say of a post, to a guest or to a login."""
    gone = post.state == "never-existed"
    first = made("S", b"<html>", 404) if gone else made("S", syndication.document(post))
    second = made("O", oembed.document(post, {})) if post.state == "public" else made("O", b"", 404)
    who = SESSIONS.login(login) if login else None  # type: ignore[arg-type]
    return x.Answers(first, second, asked(result(post, who)))


OUTCOMES: dict[str, tuple[str, str, str, str]] = {
    # name: to a guest, to an adult, what is read to the one and to the other
    "TEXT": ("captured", "captured", "graphql", "graphql"),
    "LONG": ("captured", "captured", "graphql", "graphql"),
    "EDITED": ("captured", "captured", "graphql", "graphql"),
    "EDITED_FIRST": ("captured", "captured", "syndication", "syndication"),
    "AGE_STRIPPED": ("withheld age", "captured", "graphql", "graphql"),
    "AGE_TOLD": ("withheld age", "captured", "graphql", "graphql"),
    "AGE_VIDEO": ("withheld age", "captured", "graphql", "graphql"),
    "DELETED": ("absent deleted", "absent deleted", "syndication", "syndication"),
    "DELETED_TOLD": ("absent deleted", "absent deleted", "syndication", "syndication"),
    "GONE": ("absent account-gone", "absent account-gone", "syndication", "syndication"),
    "PROTECTED": ("withheld protected", "withheld protected", "syndication", "syndication"),
    "RULES": ("withheld rules", "withheld rules", "syndication", "syndication"),
    "SUBSCRIBERS": ("withheld subscribers", "withheld subscribers", "graphql", "graphql"),
    "SUSPENDED": ("withheld suspended", "withheld suspended", "syndication", "syndication"),
    "WITHHELD": ("withheld country", "withheld country", "syndication", "syndication"),
    "WRAPPED": ("captured", "captured", "graphql", "graphql"),
    "LIMITED": ("captured", "captured", "graphql", "graphql"),
    "NEVER_EXISTED": ("absent never-existed", "absent never-existed", "syndication", "syndication"),
    "UNCLEAR": ("refused unclear", "refused unclear", "syndication", "syndication"),
}


@pytest.mark.parametrize("name", OUTCOMES)
@pytest.mark.parametrize("login", ["", "adult"])
def test_each_kind_of_post_is_judged_by_all_that_came(name: str, login: str) -> None:
    post, given = posts.POSTS[name], answers(posts.POSTS[name], login)
    guest, adult, to_guest, to_adult = OUTCOMES[name]
    verdict = x.judge(*given, id=post.id)
    assert f"{verdict.outcome} {verdict.reason}".strip() == (adult if login else guest)
    reading = x.read(verdict, given, id=post.id)
    assert reading is not None
    assert (reading.service, reading.answer.record) == (to_adult if login else to_guest, verdict.grounds[0])
    assert all(fact.record == reading.answer.record for fact in reading.extraction.facts)


def test_media_that_vanished_are_never_captured() -> None:
    post = posts.AGE_STRIPPED
    stripped = asked(result(post, None))
    for embedded, expected, grounds in (
        (made("S", AGE), ("withheld", "age"), ("G", "S")),
        (made("S", {}), ("partial", "age"), ("G",)),
        (made("S", b"", 429), ("partial", "age"), ("G",)),
        (None, ("partial", "age"), ("G",)),
        (made("S", {"__typename": "Tweet", "id_str": post.id, "text": "words"}), ("partial", "age"), ("G",)),
    ):
        verdict = x.judge(embedded, None, stripped, id=post.id)
        assert ((verdict.outcome, verdict.reason), verdict.grounds) == (expected, grounds)


def test_the_service_that_lists_the_media_is_read_where_the_other_left_them_out() -> None:
    post = posts.AGE_STRIPPED
    served = syndication.document(posts.PHOTO) | {"id_str": post.id}
    given = x.Answers(made("S", served), None, asked(result(post, None)))
    verdict = x.judge(*given, id=post.id)
    assert (verdict.outcome, verdict.grounds) == ("captured", ("S",))


def test_nothing_alone_says_nothing() -> None:
    for embedded in (None, made("S", {}), made("S", b"", 404), made("S", b"", 403)):
        assert x.judge(embedded, None, made("G", NOTHING), id=TEXT.id).outcome == "refused"
    assert x.judge(made("S", {}), made("O", b"", 404), made("G", NOTHING), id=TEXT.id).outcome == "refused"


def test_not_found_needs_two_services() -> None:
    missing, gone = made("G", NOT_FOUND), made("O", b"", 404)
    alone = x.judge(made("S", {}), None, missing, id=TEXT.id)
    assert (alone.outcome, alone.reason) == ("refused", "unclear")
    two = x.judge(made("S", {}), gone, missing, id=TEXT.id)
    assert (two.outcome, two.reason, two.grounds) == ("absent", "not-found", ("G", "O"))
    three = x.judge(made("S", b"", 404), gone, missing, id=TEXT.id)
    assert (three.outcome, three.reason, three.grounds) == ("absent", "never-existed", ("S", "G", "O"))


def test_those_who_agree_are_grounds_together_and_the_plainer_words_count() -> None:
    suspended = told("This Post is from a suspended account. Learn more")
    both = x.judge(made("S", suspended), None, asked({"__typename": "TweetUnavailable", "reason": "Suspended"}), id="1")
    assert (both.reason, both.grounds, both.words) == ("suspended", ("S", "G"), suspended["tombstone"]["text"]["text"])
    vague = x.judge(made("S", told("This Post is unavailable.")), None, asked(suspended), id="1")
    assert (vague.reason, vague.grounds) == ("suspended", ("G",))
    reason = x.judge(made("S", AGE), None, asked({"__typename": "TweetUnavailable", "reason": "NsfwLoggedOut"}), id="1")
    assert (reason.reason, reason.words, reason.grounds) == ("age", "NsfwLoggedOut", ("G", "S"))
    deleted = told("This Post was deleted by the Post author.")
    three = x.judge(made("S", deleted), made("O", b"", 404), asked(deleted), id="1")
    assert (three.outcome, three.grounds) == ("absent", ("S", "G", "O"))


@pytest.mark.parametrize(
    ("graphql", "outcome", "reason"),
    [
        (errors(88, 429), "refused", "rate-limit"),
        (errors(32, 401), "refused", "login"),
        (errors(353, 403), "refused", "login"),
        (errors(326, 403), "refused", "account-locked"),
        (errors(336, 400), "refused", "outdated-request"),
        (made("G", b"", 404), "refused", "outdated-request"),
        (made("G", b"<html>", 403), "refused", "blocked"),
        (made("G", b"", 429), "refused", "rate-limit"),
        (made("G", b"", 503), "unreachable", "server-error"),
        (errors(29), "unreachable", "timeout"),
        (made("G", b"[" * 100_000), "refused", "unclear"),
        (made("G", NOTHING, truncated="length"), "refused", "unclear"),
    ],
)
def test_a_refusal_gives_the_reason_that_says_what_to_do(graphql: Answer, outcome: str, reason: str) -> None:
    verdict = x.judge(made("S", {}), None, graphql, id=TEXT.id)
    assert (verdict.outcome, verdict.reason) == (outcome, reason)
    whole = x.judge(made("S", syndication.document(TEXT)), None, graphql, id=TEXT.id)
    assert (whole.outcome, whole.grounds) == ("captured", ("S",))


def test_a_status_that_is_no_200_brings_no_post() -> None:
    served = result(TEXT, None)
    assert x.judge(made("S", {}), None, asked(served), id=TEXT.id).outcome == "captured"
    assert x.judge(made("S", {}), None, asked(served, 403), id=TEXT.id).outcome == "refused"


def test_a_stale_edit_names_the_version_that_there_is() -> None:
    stale = asked(result(posts.EDITED_FIRST, None))
    verdict = x.judge(made("S", {}), None, stale, id=posts.EDITED_FIRST.id)
    assert (verdict.outcome, verdict.reason) == ("refused", "superseded")
    assert verdict.words == f"a newer version came in place of this post: {posts.EDITED.id}"


SHORT = {
    "LONG": "its text is cut",
    "EDITED": "it was edited",
    "EDITED_FIRST": "it was edited",
    "AGE_STRIPPED": "it is withheld without a reason",
    "SUBSCRIBERS": "it is withheld without a reason",
    "UNCLEAR": "it did not come",
    "STREAMED": "its media are no single files",
    **dict.fromkeys(("TEXT", "PHOTO", "SHELLING", "QUOTING", "CARD", "REPLY", "SENSITIVE", "DELETED", "SUSPENDED"), ""),
    **dict.fromkeys(("PROTECTED", "WITHHELD", "NEVER_EXISTED", "MIXED", "GIF", "POLL", "REFUSED_MEDIA", "RETWEET"), ""),
}


@pytest.mark.parametrize("name", SHORT)
def test_more_is_asked_for_only_where_it_is_needed(name: str) -> None:
    embedded, second, _ = answers(posts.POSTS[name])
    assert x.falls_short(embedded, second, id=posts.POSTS[name].id) == SHORT[name]


@pytest.mark.parametrize("served", [{"mediaDetails": None, "photos": None}, {"mediaDetails": [], "photos": []}])
def test_media_that_only_the_text_tells_of_are_asked_for(served: dict[str, Any]) -> None:
    document = syndication.document(posts.PHOTO) | served
    document["entities"] = {}
    assert x.falls_short(made("S", document), None, id=posts.PHOTO.id) == "its media are left out"


@settings(max_examples=150, deadline=None)
@given(
    st.none() | st.integers(200, 599),
    st.none() | st.integers(200, 599),
    st.none() | st.integers(200, 599),
    st.binary(max_size=30),
)
def test_noise_of_all_three_makes_nothing_of_a_post(one: int | None, two: int | None, three: int | None, raw: bytes):
    def noise(record: str, status: int | None) -> Answer | None:
        return None if status is None else made(record, raw, status)

    verdict = x.judge(noise("S", one), noise("O", two), noise("G", three), id=TEXT.id)
    assert verdict.outcome in ("refused", "unreachable") or (one, two) == (404, 404)
