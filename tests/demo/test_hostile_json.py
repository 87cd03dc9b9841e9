"""Spoilt JSON is spoilt in the way that its name says and in no other, and is sent with its right length."""

from __future__ import annotations

import json
import math

import pytest

from archiver.demo import hostile_json as hostile
from archiver.demo import posts
from archiver.demo.syndication import document
from archiver.demo.wire import Reply, parse_head

REQUEST = parse_head(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", None)
GOOD = b' {"id_str": "12", "text": "\xd0\xb6", "list": [{"n": 1}]} '


def under(fault, body: bytes = GOOD) -> bytes:
    reply = fault(REQUEST, Reply(200, (("content-type", "application/json"),), body, length=5))
    assert (reply.status, reply.length) == (200, None)
    return reply.body


@pytest.mark.parametrize(("kind", "opening", "closing"), [("array", b"[", b"]"), ("object", b'{"a":', b"}")])
def test_nested_as_the_whole_answer(kind, opening, closing):
    deep = under(hostile.NestedJSON(100_000, kind=kind))
    assert (deep.count(opening), deep.count(closing)) == (100_000, 100_000)
    with pytest.raises(RecursionError):
        json.loads(deep)
    assert closing not in under(hostile.NestedJSON(10, kind=kind, closed=False))
    depth, tree = 0, json.loads(under(hostile.NestedJSON(50, kind=kind)))
    while tree:
        depth, tree = depth + 1, tree[0] if kind == "array" else tree["a"]
    assert depth == (49 if kind == "array" else 50)


def test_nested_as_a_member_leaves_the_rest():
    tree = json.loads(under(hostile.NestedJSON(3, member="card")))
    assert tree == {"card": [[[]]], **json.loads(GOOD)}
    assert json.loads(under(hostile.NestedJSON(1, member="card"), b"{}")) == {"card": []}


def test_truncated():
    assert under(hostile.TruncatedJSON(7)) == GOOD[:7]


@pytest.mark.parametrize(("place", "kept"), [("first", "12"), ("last", 666)])
def test_repeated_member(place, kept):
    body = under(hostile.RepeatedMember("id_str", "666", place))
    pairs = json.loads(body, object_pairs_hook=list)
    assert sorted(name for name, _ in pairs).count("id_str") == 2
    assert json.loads(body) == json.loads(GOOD) | {"id_str": kept}


def test_edited():
    body = under(hostile.EditedJSON(lambda tree: tree | {"n": [math.nan, math.inf]}))
    assert body.endswith(b'"n": [NaN, Infinity]}')
    assert json.loads(under(hostile.EditedJSON(hostile.with_numeric_ids)))["id_str"] == 12


def test_taint_and_numbers_reach_every_text_of_an_answer():
    tree = document(posts.QUOTING)
    tainted = json.loads(under(hostile.EditedJSON(hostile.tainted), json.dumps(tree).encode()))
    assert tainted["quoted_tweet"]["user"]["name"].startswith(posts.HOSPITAL.name + "\x00\x1b]")
    assert tainted["mediaDetails" if "mediaDetails" in tainted else "quoted_tweet"]
    numeric = hostile.with_numeric_ids(tree)
    assert numeric["quoted_tweet"]["user"]["id_str"] == int(posts.HOSPITAL.id)
    assert numeric["edit_control"]["edit_tweet_ids"] == [int(posts.QUOTING.id)]
    assert numeric["text"] == tree["text"]
