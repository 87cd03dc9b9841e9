"""Posts around captured ones are followed each once, back to the one that was given, and not without end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archiver.case import layout
from archiver.model import Reference
from archiver.platforms.ids import canonical_url
from archiver.sources import all_sources
from archiver.threads import MOST, Threads


def reference(id: int) -> Reference:
    return Reference(platform="x", id=str(id), url=canonical_url("x", str(id)) or "")


@pytest.fixture
def replying(tmp_path: Path):
    """Return a function that makes as much of a capture as is read: a post that replies to another."""

    def make(to: object) -> Path:
        path = tmp_path / layout.POST_JSON
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"post": {"reply_to": {"post": to}}}))
        return tmp_path

    return make


def test_a_chain_is_followed_to_its_bound_and_names_the_post_that_was_given(replying) -> None:
    first = reference(1000)
    threads, at, led = Threads([first], all_sources()), first, []
    while found := list(threads.around(at, replying(str(int(at.id) - 1)))):
        (post,) = found
        at = post.reference
        led.append(at.id)
        (trail,) = post.trails
        assert (trail.mention.input, trail.mention.place.kind) == (at.url, "thread")
        assert trail.mention.place.name == first.url
    assert led == [str(1000 - number) for number in range(1, MOST + 1)]


def test_what_is_known_is_not_led_to_again(replying) -> None:
    threads = Threads([reference(5), reference(4)], all_sources())
    assert list(threads.around(reference(5), replying("4"))) == []
    assert [post.reference.id for post in threads.around(reference(4), replying("3"))] == ["3"]
    assert list(threads.around(reference(3), replying("5"))) == []


@pytest.mark.parametrize("to", [None, 7, "../1", "", []])
def test_what_names_no_post_leads_nowhere(replying, to: object) -> None:
    assert list(Threads([reference(5)], all_sources()).around(reference(5), replying(to))) == []


def test_a_capture_that_is_not_there_or_unreadable_leads_nowhere(tmp_path: Path) -> None:
    threads = Threads([reference(5)], all_sources())
    assert list(threads.around(reference(5), None)) == []
    assert list(threads.around(reference(5), tmp_path)) == []
    (tmp_path / "data").mkdir()
    for content in (b"[" * 100_000, b"[]", b"\xff"):
        (tmp_path / layout.POST_JSON).write_bytes(content)
        assert list(threads.around(reference(5), tmp_path)) == []
