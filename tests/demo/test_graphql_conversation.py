"""A conversation is laid out as X's TweetDetail does it, and a login alone gets it."""

from __future__ import annotations

import json

import pytest

from archiver.demo import posts

STRAND = (posts.STRAND_FIRST, posts.STRAND_SECOND, posts.STRAND_THIRD)


def entries(graphql, focal, cursor=None):
    variables = {"focalTweetId": focal, "with_rux_injections": False} | ({"cursor": cursor} if cursor else {})
    reply = graphql.query("TweetDetail", variables, graphql.headers(graphql.login("adult")))
    assert reply.status == 200
    instructions = json.loads(reply.body)["data"]["threaded_conversation_with_injections_v2"]["instructions"]
    [added] = [item["entries"] for item in instructions if item["type"] == "TimelineAddEntries"]
    assert [entry["sortIndex"] for entry in added] == sorted(
        (entry["sortIndex"] for entry in added), key=int, reverse=True
    ) or any("cursor" in entry["entryId"] for entry in added)
    return {entry["entryId"]: entry["content"] for entry in added}


def shown(item):
    return item["itemContent"]["tweet_results"]["result"]


@pytest.mark.parametrize("place", range(3))
def test_parents_come_before_the_post_and_the_rest_of_its_thread_after(graphql, place):
    found = entries(graphql, STRAND[place].id)
    above = [posts.SHELLING, posts.ASKED, *STRAND[: place + 1]]
    expected = [f"tweet-{post.id}" for post in above]
    rest = STRAND[place + 1 :]
    expected += [f"conversationthread-{rest[0].id}"] if rest else []
    assert [name for name in found if not name.startswith("cursor-")] == expected
    assert {found[name]["__typename"] for name in expected[: len(above)]} == {"TimelineTimelineItem"}
    if rest:
        module = found[expected[-1]]
        assert module["__typename"] == "TimelineTimelineModule"
        assert [shown(item["item"])["rest_id"] for item in module["items"]] == [post.id for post in rest]
        assert {item["item"]["itemContent"]["tweetDisplayType"] for item in module["items"]} == {"SelfThread"}


def test_withheld_parent_is_a_tombstone_without_its_id(graphql):
    found = entries(graphql, posts.STRAND_THIRD.id)
    gone = shown(found[f"tweet-{posts.ASKED.id}"])
    assert gone["__typename"] == "TweetTombstone"
    assert gone["tombstone"]["text"]["text"].startswith("This Post is from a suspended account.")
    first = shown(found[f"tweet-{posts.STRAND_FIRST.id}"])["legacy"]
    assert first["in_reply_to_status_id_str"] == posts.ASKED.id
    assert first["conversation_id_str"] == posts.SHELLING.id


def test_replies_of_others_are_behind_the_cursor(graphql):
    [cursor] = [
        content
        for name, content in entries(graphql, posts.STRAND_SECOND.id).items()
        if name.startswith("cursor-bottom-")
    ]
    assert (cursor["__typename"], cursor["cursorType"]) == ("TimelineTimelineCursor", "Bottom")
    further = entries(graphql, posts.STRAND_SECOND.id, cursor["value"])
    [(name, module)] = further.items()
    assert name == f"conversationthread-{posts.BYSTANDER.id}"
    assert shown(module["items"][0]["item"])["legacy"]["full_text"].startswith("@belinward_demo ")
    assert entries(graphql, posts.STRAND_SECOND.id, "another") == {}


def test_guests_get_nothing_and_logins_are_told_what_is_not_there(graphql):
    guest = graphql.query("TweetDetail", {"focalTweetId": posts.STRAND_FIRST.id}, graphql.headers(None))
    assert (guest.status, guest.body) == (404, b"")
    headers = graphql.headers(graphql.login("adult"))
    absent = graphql.query("TweetDetail", {"focalTweetId": "1897000000000000000"}, headers)
    body = json.loads(absent.body)
    assert (absent.status, body["data"], body["errors"][0]["code"]) == (200, {}, 144)


def test_transaction_id_is_taken_and_not_asked_for(graphql):
    headers = graphql.headers(graphql.login("adult"))
    variables = {"focalTweetId": posts.THREAD_SECOND.id}
    without = graphql.query("TweetDetail", variables, headers)
    given = graphql.query("TweetDetail", variables, headers | {"x-client-transaction-id": "abc"})
    assert (without.status, given.status) == (200, 200)
    assert (without.note, given.note) == ("asked by desk_adult_demo", "asked by desk_adult_demo, with a transaction id")
