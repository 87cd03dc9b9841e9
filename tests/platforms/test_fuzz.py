"""Five thousand broken answers of the embedding service: none breaks anything, each gets an outcome that says why."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from archiver import canonical
from archiver.model import Answer
from archiver.platforms import document, x
from archiver.rendition import render

Sample = Callable[[str], Any]
SAMPLES = ("photos", "video", "gif-quote", "reply", "poll", "context", "edited", "tombstone")
BATCHES = 20
EACH = 250
OUTCOMES = {"captured", "absent", "withheld", "refused", "unreachable"}
RECORD = "urn:uuid:synd"
ID = "2032703561050281607"
JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**63, 10**40, 1.5, 1e308, "", " ", "\ud800", "a\udc00b", "\x00\x1b[2J", "\u202eevil",
    "</style><script>alert(1)</script>", "https://evil.example/a.jpg", "https://pbs.twimg.com/media/../../x.jpg",
    "9" * 30, "Tweet", [], {}, [[]], [None] * 3, {"text": {"text": "words"}}, {"": {"": ""}}, {"~/": {"/~1": 1}},
)  # fmt: skip


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each container of an answer with the name of one of its members."""
    members = list(value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ())
    for name, member in members:
        yield value, name
        yield from _places(member)


def _remove(draw: random.Random, holder: Any, name: Any) -> None:
    del holder[name]


def _junk(draw: random.Random, holder: Any, name: Any) -> None:
    holder[name] = copy.deepcopy(draw.choice(JUNK))


def _as_number(draw: random.Random, holder: Any, name: Any) -> None:
    value = holder[name]
    holder[name] = int(value) if isinstance(value, str) and value.isdecimal() and value.isascii() else [value]


def _wrap(draw: random.Random, holder: Any, name: Any) -> None:
    for _ in range(draw.choice((1, 2, 60))):
        holder[name] = draw.choice(([holder[name]], {"text": holder[name]}, {str(name): holder[name]}))


def _repeat(draw: random.Random, holder: Any, name: Any) -> None:
    value, times = holder[name], draw.choice((2, 5, 150))
    if isinstance(value, list):
        # The elements stay one object, which JSON writes out as often.
        holder[name] = value * (times if len(value) < 9 else 2)
    elif isinstance(value, str):
        holder[name] = (value or "x") * times * 10
    elif isinstance(value, dict):
        value.update({f"{key}{number}": 1 for key in list(value)[:3] for number in range(times)})


def _rename(draw: random.Random, holder: Any, name: Any) -> None:
    if isinstance(holder, dict):
        holder[draw.choice((f"{name}s", name.upper(), "", "a/b~c", "**", "*", "0"))] = holder.pop(name)


def _mix(draw: random.Random, holder: Any, name: Any) -> None:
    other, another = draw.choice(list(_places(holder)))
    holder[name] = copy.deepcopy(other[another])


CHANGES = (_remove, _remove, _junk, _junk, _junk, _as_number, _wrap, _repeat, _rename, _mix)


def _nested(draw: random.Random, served: dict[str, Any], other: Any) -> None:
    """Hang posts into a post, as nothing that X serves is."""
    name, inner = draw.choice(("quoted_tweet", "parent")), draw.choice(("quoted_tweet", "parent", "card", "user"))
    served[name] = other
    if isinstance(other, dict):
        other[inner] = copy.deepcopy(other)


def _spoilt(draw: random.Random, body: bytes) -> bytes:
    """Break the bytes themselves: cut, doubled keys, numbers that are none, noise, depth."""
    at = draw.randrange(len(body) + 1)
    return draw.choice(
        (
            body[:at],
            body[:at] + bytes((draw.randrange(256),)) + body[at + 1 :],
            body.replace(b'{"', b'{"id_str":"1","id_str":"2","', 1),
            body.replace(b":", b":NaN,", 1),
            body.replace(b"false", b"-Infinity", 1),
            body.replace(b"false", b"1" * 5000, 1),
            body.replace(b"false", b"[" * 100_000, 1),
            body.replace(b"false", b'{"a":' * 5000 + b"1" + b"}" * 5000, 1),
            b"\xef\xbb\xbf" + body,
            body.decode().encode("utf-16"),
            body + body,
            b"",
        )
    )


def _variant(draw: random.Random, sample: Sample) -> bytes:
    served = sample(draw.choice(SAMPLES))
    if draw.random() < 0.1:
        _nested(draw, served, sample(draw.choice(SAMPLES)))
    for _ in range(draw.choice((0, 1, 1, 2, 4, 8))):
        places = list(_places(served))
        if places:
            draw.choice(CHANGES)(draw, *draw.choice(places))
    body = json.dumps(served).encode()
    return _spoilt(draw, body) if draw.random() < 0.15 else body


def _oembed(draw: random.Random, sample: Sample) -> Answer:
    served = sample("photos-oembed")
    if draw.random() < 0.5:
        _junk(draw, *draw.choice(list(_places(served))))
    return Answer(
        record="urn:uuid:oembed", url="u", status=draw.choice((200, 200, 404)), body=json.dumps(served).encode()
    )


def _assert_sound(answer: Answer, oembed: Answer) -> str:
    """Take an answer all the way to the page, and return the outcome."""
    named = _id_of(answer.body)
    verdict = x.judge(answer, oembed, id=named)
    assert verdict.outcome in OUTCOMES
    assert (verdict.reason == "") == (verdict.outcome == "captured")
    assert verdict.grounds
    extraction = x.extract(answer)
    assert len(extraction.not_understood) <= 200
    assert verdict.outcome == "refused" or extraction.facts or verdict.reason == "age"
    built = document.build(
        extraction.facts,
        platform="x",
        id=named,
        not_understood=[(RECORD, pointer) for pointer in extraction.not_understood],
    )
    stored = canonical.decode(document.as_bytes(built))
    faults = [fault for fault in document.check(stored, {RECORD: answer.body}) if fault.path != "/id"]
    assert faults == []
    for item in x.media_plan(stored["post"]).items:
        assert all(
            candidate.url.startswith(("https://pbs.twimg.com/", "https://video.twimg.com/"))
            for candidate in item.candidates
        )
        assert item.required <= (item.context == "post")
    assert all(version.isdecimal() for version in x.other_versions(stored["post"]))
    x.judge(answer, oembed, id=ID)
    x.corroborate(answer, oembed)
    assert b"<script" not in render(stored)
    return verdict.outcome


def _id_of(body: bytes) -> str:
    """The id that an answer is about, so that it is judged as the answer to the question for it."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ID
    id = found.get("id_str") if isinstance(found, dict) else None
    return id if isinstance(id, str) and id else ID


@pytest.mark.parametrize("seed", range(BATCHES))
def test_any_answer_gets_an_outcome_and_a_sound_document(sample: Sample, seed: int) -> None:
    draw = random.Random(seed)
    outcomes = {
        _assert_sound(Answer(record=RECORD, url="u", status=200, body=_variant(draw, sample)), _oembed(draw, sample))
        for _ in range(EACH)
    }
    assert outcomes >= {"captured", "refused", "absent"}, "the changes leave some answers whole, and break some"
