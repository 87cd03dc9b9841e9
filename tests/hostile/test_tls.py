"""Whoever cannot prove a name, or whose TLS breaks, is asked for nothing more, and nothing of theirs is kept."""

from __future__ import annotations

import pytest

from archiver.demo import faults, posts

from .conftest import TARGETS

KINDS = ["expired", "self-signed", "wrong-host"]
OUTCOMES = {
    "syndication": ("unreachable", "tls"),
    "oembed": ("captured", ""),
    "photo": ("partial", "incomplete"),
    "video": ("partial", "incomplete"),
    "short link": ("unreachable", "tls"),
    "article": ("unreachable", "tls"),
}
# The good post needs an answer of these hosts too: it comes second, and finds them honest.
SHARED = ("syndication", "oembed")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", OUTCOMES)
def test_a_certificate_that_proves_nothing_is_refused(box, attack, place, kind):
    target = TARGETS[place]
    box.faults.add(faults.BadCertificate(kind), host=target.host, times=1 if place in SHARED else None)
    attacked = attack(target.input)
    assert attacked.outcome == OUTCOMES[place]
    assert len(box.requests(target.host)) == (1 if place in SHARED else 0)
    if place in ("photo", "video"):
        reason = attacked.missing[f"{place} 1"]
        assert reason.startswith("tls: ")
        assert "certificate" in reason
    elif place != "oembed":
        assert "certificate" in attacked.bad["words"]


@pytest.mark.parametrize("place", OUTCOMES)
def test_a_handshake_that_is_no_tls_is_refused(box, attack, place):
    target = TARGETS[place]
    box.faults.add(faults.HandshakeBroken(), host=target.host, times=1 if place in SHARED else None)
    attacked = attack(target.input)
    assert attacked.outcome == OUTCOMES[place]
    assert len(box.requests(target.host)) == (1 if place in SHARED else 0)
    if place in ("photo", "video"):
        assert attacked.missing[f"{place} 1"].startswith("tls: ")


@pytest.mark.parametrize("after", [0, 20, 400])
@pytest.mark.parametrize("place", OUTCOMES)
def test_tls_that_breaks_in_the_middle_ends_the_answer(box, attack, place, after):
    """In the place of the head, in it, and in the body: what an answer about a post has to be is whole."""
    target = TARGETS[place]
    attacked = attack(target.arm(box, faults.TLSBreak(after)))
    # Where a short link leads stands at the beginning of its page.
    in_the_body = {"syndication": ("refused", "unclear"), "short link": ("captured", "")} if after == 400 else {}
    assert attacked.outcome == in_the_body.get(place, OUTCOMES[place])
    if place == "photo":
        assert len(target.asked(box)) == 5
        assert attacked.kept(posts.PHOTO) == ["00-profile.jpg"]
    if place == "video":
        assert not [name for name in attacked.kept(posts.SHELLING) if name.endswith(".mp4")]
