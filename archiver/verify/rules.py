"""Finds the rules by which a capture was made, by the names that it gives them; one that it does not know is None."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from archiver.model import Answer, Fact, Json, Record, Verdict
from archiver.platforms import x


class Judgement(Record, frozen=True, kw_only=True):
    """The rules of a platform that read its answers.

    Attributes:
        judge: the outcome, from the answers of the embedding service, of oEmbed and of GraphQL, and the id.
        corroborate: whether oEmbed's answer agrees with the post.
        read: the answer that the facts are read of, and what it says.
        falls_short: why more had to be asked than these two, the id given; empty where it had not.
        around: what an answer says of the posts around one.
        media_plan: which media the post has, and where.
    """

    judge: Callable[..., Verdict]
    corroborate: Callable[[Answer | None, Answer | None, Iterable[Fact]], x.Corroboration]
    read: Callable[..., x.Reading | None]
    falls_short: Callable[..., str]
    around: Callable[[Answer, str], tuple[Fact, ...]]
    media_plan: Callable[[Json], x.MediaPlan]


_JUDGEMENTS: Final = {
    (x.PLATFORM, version): Judgement(
        judge=judge,
        corroborate=x.corroborate,
        read=x.read,
        falls_short=x.falls_short,
        around=x.around,
        media_plan=x.media_plan,
    )
    for version, judge in x.JUDGEMENTS.items()
}


def judgement(platform: str, version: str) -> Judgement | None:
    """Return the rules of a platform that go by a version's name."""
    return _JUDGEMENTS.get((platform, version))
