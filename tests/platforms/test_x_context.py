"""What stands around a post is told with its origin, as far as one answer gives it, and led on to no further."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archiver.demo import posts
from archiver.demo.graphql_conversation import conversation
from archiver.demo.graphql_logins import Sessions
from archiver.demo.records import Post
from archiver.model import Answer
from archiver.platforms import document, x


def answer(post: Post, login: str = "adult") -> Answer:
    laid_out = conversation({item.id: item for item in posts.POSTS.values()}, post, Sessions().login(login), "")  # type: ignore[arg-type]
    body = {"data": {"threaded_conversation_with_injections_v2": laid_out}}
    return Answer(record="urn:uuid:thread", url="u", status=200, body=json.dumps(body).encode())


def tree(post: Post) -> Any:
    return document.tree((fact.path, fact.value) for fact in x.around(answer(post), post.id))


def test_parents_and_the_continuation_are_told_in_their_order() -> None:
    around = tree(posts.STRAND_SECOND)["context"]
    assert around["parents"] == [
        {"id": posts.SHELLING.id, "author": {"handle": posts.SHELLING.author.handle}},
        {"notice": "This Post is from a suspended account. Learn more"},
        {"id": posts.STRAND_FIRST.id, "author": {"handle": posts.STRAND_FIRST.author.handle}},
    ]
    assert [item["id"] for item in around["continuation"]] == [posts.STRAND_THIRD.id]


def test_each_is_borne_out_by_the_answer() -> None:
    given = answer(posts.STRAND_SECOND)
    built = document.build(x.around(given, posts.STRAND_SECOND.id), platform="x", id=posts.STRAND_SECOND.id)
    assert list(document.check(json.loads(document.as_bytes(built)), {given.record: given.body})) == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"data":{}}', b"[" * 100_000])
def test_an_answer_that_says_nothing_of_the_post_gives_nothing(body: bytes) -> None:
    assert x.around(Answer(record="r", url="u", status=200, body=body), posts.TEXT.id) == ()


def test_another_post_a_bad_status_or_a_cut_body_give_nothing() -> None:
    given = answer(posts.STRAND_SECOND)
    assert x.around(given, "20") == ()
    for changed in ({"status": 404}, {"truncated": "length"}):
        fields: dict[str, Any] = {"record": "r", "url": "u", "status": 200, "body": given.body} | changed
        assert x.around(Answer(**fields), posts.STRAND_SECOND.id) == ()


def test_it_leads_to_each_post_once_and_to_the_one_that_is_replied_to() -> None:
    post = {
        "reply_to": {"post": "30"},
        "context": {"parents": [{"id": "10"}, {"notice": "n"}, {"id": "30"}], "continuation": [{"id": "50"}]},
    }
    assert x.ids_around(post) == ("10", "30", "50")
    assert x.ids_around({"reply_to": {"post": "30"}}) == ("30",)


@pytest.mark.parametrize("post", [None, [], {}, {"reply_to": 5}, {"reply_to": {"post": "../1"}}, {"context": [1]}])
def test_what_is_no_post_leads_nowhere(post: Any) -> None:
    assert x.ids_around(post) == ()


def test_it_leads_to_no_more_than_fifty() -> None:
    post = {"context": {"parents": [{"id": str(number)} for number in range(1, 200)]}}
    assert len(x.ids_around(post)) == 50
