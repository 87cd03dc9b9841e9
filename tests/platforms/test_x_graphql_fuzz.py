"""Whatever is removed, exchanged or nested in a GraphQL answer, it is read to a sound document or called unclear."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from archiver import canonical
from archiver.errors import FormatError
from archiver.model import Answer
from archiver.platforms import document, x_graphql
from archiver.platforms.x_media import media_plan
from archiver.platforms.x_versions import other_versions
from archiver.rendition import render

Sample = Callable[[str], Any]
RECORD = "urn:uuid:graphql"
IDS = {
    "graphql-note": ("2032684677591990279", "2032684651797020679"),
    "graphql-wrapped": ("1853867376898998279",),
    "graphql-repost": ("1940017540142989319", "1939809959885668359"),
    "graphql-thread": ("2006924414809014279", "2006924410614710279", "2006924423197622279"),
}
JUNK: tuple[Any, ...] = (
    None, True, 0, -1, 2**63, 10**40, 1.5, "", "\ud800", "\x00\u202e", "9" * 30, "20", "Tweet", "TweetTombstone",
    "TweetUnavailable", "</style><script>alert(1)</script>", "https://evil.example/a.jpg", [], {}, [[]], [None] * 3,
    {"text": {"text": "words"}}, {"tweet": {}}, {"result": {"rest_id": "20", "legacy": {}}}, {"~/": {"/~1": 1}},
)  # fmt: skip


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every container of an answer with the name of one of its members."""
    found: list[tuple[Any, Any]] = []
    pending = [value]
    while pending:
        holder = pending.pop()
        members = holder.items() if isinstance(holder, dict) else enumerate(holder) if isinstance(holder, list) else ()
        for name, member in members:
            found.append((holder, name))
            pending.append(member)
    return found


def _change(data: st.DataObject, served: Any) -> None:
    places = _places(served)
    holder, name = data.draw(st.sampled_from(places))
    match data.draw(st.sampled_from(("remove", "junk", "junk", "wrap", "mix", "number", "repeat"))):
        case "remove":
            del holder[name]
        case "junk":
            holder[name] = copy.deepcopy(data.draw(st.sampled_from(JUNK)))
        case "wrap":
            for _ in range(data.draw(st.sampled_from((1, 2, 60)))):
                holder[name] = {data.draw(st.sampled_from(("tweet", "result", "text", str(name)))): holder[name]}
        case "mix":
            other, another = data.draw(st.sampled_from(places))
            holder[name] = copy.deepcopy(other[another])
        case "number":
            value = holder[name]
            holder[name] = int(value) if isinstance(value, str) and value.isdecimal() and value.isascii() else [value]
        case "repeat" if isinstance(holder[name], list):
            holder[name] = holder[name] * 30


def _assert_sound(served: Any, id: str) -> None:
    body = json.dumps(served).encode()
    if len(body) > 2_000_000:
        return
    given = Answer(record=RECORD, url="u", status=200, body=body)
    try:
        decoded = canonical.decode(body)
    except FormatError:
        assert x_graphql.extract(given, id).not_understood == ("",), "nested too deeply, or a number too long"
        return
    found = x_graphql.find(decoded, id)
    assert (found.reason == "") == (found.outcome == "captured")
    assert found.outcome not in ("captured", "partial") or (found.kind == "tweet" and found.id == id)
    assert found.outcome != "captured" or not x_graphql.media_vanished(decoded, id)
    extraction = x_graphql.extract(given, id)
    assert len(extraction.not_understood) <= 200
    assert found.kind not in ("empty", "unknown") or not extraction.facts
    stored = canonical.decode(
        document.as_bytes(
            document.build(
                extraction.facts,
                platform="x",
                id=id,
                not_understood=[(RECORD, pointer) for pointer in extraction.not_understood],
            )
        )
    )
    assert list(document.check(stored, {RECORD: body})) == []
    plan = media_plan(stored["post"])
    urls = [candidate.url for item in plan.items for candidate in item.candidates]
    assert all(url.startswith(("https://pbs.twimg.com/", "https://video.twimg.com/")) for url in urls)
    assert all(version.isdecimal() for version in other_versions(stored["post"]))
    assert b"<script" not in render(stored)
    thread = x_graphql.thread(decoded, id)
    assert all(item.id for item in (*thread.parents, *thread.own))


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_any_answer_is_read_to_a_sound_document(sample: Sample, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(IDS)))
    served = sample(name)
    for _ in range(data.draw(st.integers(min_value=0, max_value=6))):
        if _places(served):
            _change(data, served)
    for id in IDS[name]:
        _assert_sound(served, id)


def test_posts_nested_in_posts_without_end_are_read_to_a_bounded_depth(sample: Sample) -> None:
    served = sample("graphql-note")
    post = served["data"]["tweetResult"]["result"]
    for _ in range(60):
        post["quoted_status_result"] = {"result": copy.deepcopy({**post, "quoted_status_result": None})}
        post = post["quoted_status_result"]["result"]
    _assert_sound(served, IDS["graphql-note"][0])
