"""Which of X's answers the facts of a post are read of, and whether more has to be asked for; it asks nothing."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from archiver import canonical
from archiver.errors import FormatError
from archiver.model import Answer, Record, Verdict
from archiver.platforms import document, x_graphql
from archiver.platforms.x_answers import judge
from archiver.platforms.x_facts import Extraction, extract
from archiver.platforms.x_media import media_plan

_CAME: Final[dict[x_graphql.Kind, str]] = {
    "tombstone": "with a notice in place of the post",
    "unavailable": "with a reason in place of the post",
    "preview": "with the beginning of a post for subscribers",
    "stale": "with a newer version in place of the post",
    "empty": "with nothing in place of the post",
}
_LAST_LINK: Final = re.compile(r"https?://t\.co/[A-Za-z0-9]+(?=\s*\Z)")


class Reading(Record, frozen=True, kw_only=True):
    """The answer that the facts of a post are read of, and what it says.

    Attributes:
        service: which of X's services gave it.
        answer: the answer.
        extraction: its facts.
    """

    service: str
    answer: Answer
    extraction: Extraction


class Answers(NamedTuple):
    """What X's services answered about one post, in the order in which `judge` takes it; None where none came."""

    syndication: Answer | None = None
    oembed: Answer | None = None
    graphql: Answer | None = None


def read(verdict: Verdict, answers: Answers, *, id: str) -> Reading | None:
    """Return what is read of a post: of the answer on which the verdict rests first, and of no other.

    Args:
        verdict: from `judge`.
        answers: what it was given.
        id: the id that was asked for.

    Returns:
        None where the verdict rests on none of the two.
    """
    first = verdict.grounds[0] if verdict.grounds else None
    syndication, _, graphql = answers
    if graphql is not None and graphql.record == first:
        return Reading(service="graphql", answer=graphql, extraction=x_graphql.extract(graphql, id))
    if syndication is not None and syndication.record == first:
        return Reading(service="syndication", answer=syndication, extraction=extract(syndication))
    return None


def what_came(answer: Answer, id: str) -> str:
    """Return in a few words what GraphQL answered in a post's place; empty for the post as it is."""
    try:
        found = x_graphql.find(canonical.decode(answer.body) if answer.truncated is None else None, id)
    except FormatError:
        return "which cannot be read"
    if found.kind == "tweet":
        return "without its media" if found.reason == "age" else ""
    if found.kind == "error":
        return f"with an error in place of the post: {found.reason}"
    return _CAME.get(found.kind, "which is not understood")


def falls_short(syndication: Answer | None, oembed: Answer | None, *, id: str) -> str:
    """Return in a few words why GraphQL has to be asked for a post; empty where the other services say enough.

    They do not where the post did not come and no words say why not, where its text is cut, where it was edited, and
    where it has media of which the answer gives none, or none that is one file.

    Args:
        syndication: what the embedding service answered.
        oembed: what oEmbed answered.
        id: the id that was asked for.
    """
    verdict = judge(syndication, oembed, id=id)
    if verdict.outcome in ("refused", "unreachable"):
        return "it did not come"
    if verdict.outcome != "captured" or syndication is None:
        unexplained = not verdict.words or verdict.reason == "unavailable"
        return "it is withheld without a reason" if verdict.outcome == "withheld" and unexplained else ""
    extraction = extract(syndication)
    post = document.tree((fact.path, fact.value) for fact in extraction.facts)
    if "note" in post:
        return "its text is cut"
    if post.get("edited") is True or post.get("superseded") is True or len(post.get("edits", ())) > 1:
        return "it was edited"
    if "media" not in post and (extraction.media_announced or _ends_in_a_link_of_its_own(post)):
        return "its media are left out"
    if any(item.required for item in media_plan(post).skipped):
        return "its media are no single files"
    return ""


def _ends_in_a_link_of_its_own(post: dict[str, object]) -> bool:
    """Tell whether a text ends in a link that the answer does not explain: X appends one for the media."""
    last = _LAST_LINK.search(str(post.get("text_as_served", "")))
    links = post.get("links")
    explained = {link.get("url") for link in links if isinstance(link, dict)} if isinstance(links, list) else set()
    return last is not None and last[0] not in explained and not post.keys() & {"quoted", "card"}
