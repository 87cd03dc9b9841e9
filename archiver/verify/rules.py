"""Finds the rules by which a capture was made, by the names that it gives them; one that it does not know is None."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from archiver.model import Answer, Json, Record, Verdict
from archiver.platforms import x


class Judgement(Record, frozen=True, kw_only=True):
    """The rules of a platform that read its answers.

    Attributes:
        judge: the outcome, from the answers of the embedding service and of oEmbed, and the id.
        corroborate: whether the two answers agree.
        extract: what the answer of the embedding service says.
        media_plan: which media the post has, and where.
    """

    judge: Callable[..., Verdict]
    corroborate: Callable[[Answer | None, Answer | None], x.Corroboration]
    extract: Callable[[Answer], x.Extraction]
    media_plan: Callable[[Json], x.MediaPlan]


_JUDGEMENTS: Final = {
    (x.PLATFORM, version): Judgement(judge=judge, corroborate=x.corroborate, extract=x.extract, media_plan=x.media_plan)
    for version, judge in x.JUDGEMENTS.items()
}


def judgement(platform: str, version: str) -> Judgement | None:
    """Return the rules of a platform that go by a version's name."""
    return _JUDGEMENTS.get((platform, version))
