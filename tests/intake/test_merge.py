"""Mentions of one post become one target, and none is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from archiver.intake.links import post_reference
from archiver.intake.merge import merge
from archiver.model import Claim, Mention, Place

FILE = Place(kind="file", name="links")

mentions = st.lists(
    st.builds(
        lambda id, line, short: Mention(
            input=id,
            place=Place(kind="file", name="links", line=line),
            reference=None if short else post_reference(id),
            short_url=f"https://t.co/{id}" if short else None,
        ),
        st.sampled_from(["20", "21", "22"]),
        st.integers(min_value=1, max_value=9),
        st.booleans(),
    )
)


@given(mentions)
def test_every_mention_is_in_one_target_and_the_order_is_kept(given_mentions: list[Mention]) -> None:
    targets = merge(given_mentions)
    assert sorted(map(repr, given_mentions)) == sorted(
        repr(mention) for target in targets for mention in target.mentions
    )
    keys = [(target.reference, target.short_url) for target in targets]
    assert keys == list(dict.fromkeys((mention.reference, mention.short_url) for mention in given_mentions))
    for target in targets:
        assert all((m.reference, m.short_url) == (target.reference, target.short_url) for m in target.mentions)


def test_forms_of_one_short_link_are_one() -> None:
    urls = [
        "https://pic.twitter.com/AbC",
        "https://t.co/AbC",
        "https://pic.x.com/AbC",
        "https://t.co/abc",
        "https://archive.ph/AbC",
    ]
    targets = merge(Mention(input=url, place=FILE, short_url=url) for url in urls)
    assert [(target.short_url, len(target.mentions)) for target in targets] == [
        (urls[0], 3),
        (urls[3], 1),
        (urls[4], 1),
    ]


def test_what_is_claimed_does_not_tell_posts_apart() -> None:
    reference = post_reference("20")
    given_mentions = [
        Mention(input="a", place=FILE, reference=reference, claim=Claim(handle="ana")),
        Mention(input="b", place=FILE, reference=reference, claim=Claim(handle="eve")),
    ]
    (target,) = merge(given_mentions)
    assert target.mentions == tuple(given_mentions)
