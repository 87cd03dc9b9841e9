"""How X's answers about one post are to be read: a verdict, which never claims more than the answers bear out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from archiver import canonical
from archiver.errors import FormatError
from archiver.model import Answer, Json, Outcome, Verdict
from archiver.platforms import x_notices
from archiver.platforms.x_facts import extract
from archiver.platforms.x_graphql import find
from archiver.platforms.x_versions import newer_version

JUDGEMENT: Final = "x-judgement/1"
"""Name and version of the rules by which answers are read, for the manifest."""

_NEWER: Final = "a newer version came in place of this post: "
_NO_STATUS: Final = {401: "login", 403: "blocked", 429: "rate-limit"}
# GraphQL's queries have names that change: one that is not known any more is not found.
_NO_QUERY: Final = _NO_STATUS | {404: "outdated-request"}
_VAGUE: Final = "unavailable"


class _Said(NamedTuple):
    """What one answer says, read alone; `post` if the post itself is in it."""

    outcome: Outcome
    reason: str
    words: str
    record: str
    post: bool = False

    @property
    def explains(self) -> bool:
        """Whether it says why there is no post; that nothing was found says only that."""
        return self.outcome in ("absent", "withheld") and self.reason != x_notices.NOT_FOUND[1]


def judge(syndication: Answer | None, oembed: Answer | None, graphql: Answer | None = None, *, id: str) -> Verdict:
    """Return how the answers about a post are to be read.

    Args:
        syndication: what the embedding service answered; None where no answer came.
        oembed: what oEmbed answered; None where it was not asked or did not answer.
        graphql: what GraphQL answered; None where it was not asked or did not answer.
        id: the id that was asked for.

    Returns:
        "captured" here means that the post itself came; whether its media came too is for the caller to see.
        "never-existed" and "not-found" need two services to say so; one unclear answer is refused, never absent. A post
        of which GraphQL left out the media is "partial", and "withheld" where the embedding service hides it as well.
        The first ground is the answer that facts are to be read of. Where a newer version of the post is all that came,
        the words name that, and are not the answer's own.
    """
    embedded, asked = _embedded(syndication, id), _asked(graphql, id)
    if asked is not None and asked.post:
        verdict = _of_post(asked, embedded, syndication)
        if verdict is not None:
            return verdict
    if embedded is not None and embedded.post:
        return _verdict(embedded)
    said = [item for item in (embedded, asked) if item is not None]
    absence = [oembed.record] if oembed is not None and oembed.status == 404 else []
    explained = sorted((item for item in said if item.explains), key=_vagueness)
    if explained:
        best = explained[0]
        agreeing = [item.record for item in explained[1:] if (item.outcome, item.reason) == (best.outcome, best.reason)]
        return _verdict(best, *agreeing, *(absence if best.outcome == "absent" else ()))
    not_there = [item for item in said if item.reason == x_notices.NOT_FOUND[1]]
    if syndication is not None and syndication.status == 404:
        not_there.insert(0, _Said("absent", "never-existed" if absence else "not-found", "", syndication.record))
    if not_there and len(not_there) + len(absence) > 1:
        return _verdict(not_there[0], *(item.record for item in not_there[1:]), *absence)
    return _refusal(said)


def _of_post(asked: _Said, embedded: _Said | None, syndication: Answer | None) -> Verdict | None:
    """Return the verdict where GraphQL gives the post; None where the embedding service gives more of it."""
    if asked.outcome == "captured" or embedded is None:
        return _verdict(asked)
    if embedded.post:
        listed = syndication is not None and any(fact.path == "/media/0/kind" for fact in extract(syndication).facts)
        return None if listed else _verdict(asked)
    if (embedded.outcome, embedded.reason) == x_notices.AGE:
        return _verdict(asked._replace(outcome="withheld"), embedded.record)
    return _verdict(asked)


def _verdict(said: _Said, *further: str) -> Verdict:
    return Verdict(outcome=said.outcome, reason=said.reason, words=said.words, grounds=(said.record, *further))


def _refusal(said: Iterable[_Said]) -> Verdict:
    """Return why the answers say nothing of the post; the reason by which one knows best what to do next."""
    told = sorted((_as_refusal(item) for item in said), key=_usefulness)
    if not told:
        return Verdict(outcome="unreachable", reason="network")
    best = told[0]
    return _verdict(best, *(item.record for item in told[1:] if item[:2] == best[:2]))


def _as_refusal(said: _Said) -> _Said:
    """One service alone that finds nothing has not answered."""
    return said._replace(outcome="refused", reason="unclear") if said.outcome == "absent" else said


def _usefulness(said: _Said) -> int:
    if said.reason == "superseded":
        return 0
    if said.reason == x_notices.UNCLEAR[1]:
        return 3
    return 1 if said.outcome == "refused" else 2


def _vagueness(said: _Said) -> int:
    """An empty tombstone stands for one reason without saying so; "unavailable" says none."""
    return 2 if said.reason == _VAGUE else int(not said.words)


def _embedded(answer: Answer | None, id: str) -> _Said | None:
    """Return what the embedding service's answer says alone."""
    if answer is None:
        return None
    if answer.status != 200:
        return _Said(*_of_status(answer.status, _NO_STATUS), "", answer.record)
    document = _decoded(answer)
    match document:
        case {"__typename": "Tweet", "id_str": str(given)} if given == id:
            return _Said("captured", "", "", answer.record, post=True)
        case {"__typename": "TweetTombstone", "tombstone": {"text": {"text": str(words)}}} if words.strip():
            return _Said(*x_notices.of_notice(words), words, answer.record)
        # An empty tombstone is what the service shows in place of posts that are there for adults only.
        case {"__typename": "TweetTombstone", "tombstone": dict(tombstone)} if not tombstone:
            return _Said(*x_notices.AGE, "", answer.record)
    newer = newer_version(document, id=id)
    if newer is not None:
        return _Said("refused", "superseded", f"{_NEWER}{newer}", answer.record)
    return _Said(*x_notices.UNCLEAR, "", answer.record)


def _asked(answer: Answer | None, id: str) -> _Said | None:
    """Return what GraphQL's answer says alone."""
    if answer is None:
        return None
    found = find(_decoded(answer), id)
    if answer.status != 200:
        # With such a status an answer can be no post; but it may say more of the reason than the status does.
        known = found.kind == "error" and found.reason != x_notices.UNCLEAR[1]
        reading = (found.outcome, found.reason) if known else _of_status(answer.status, _NO_QUERY)
        return _Said(*reading, found.words if known else "", answer.record)
    words = f"{_NEWER}{found.newer}" if found.kind == "stale" and found.newer else found.words
    return _Said(found.outcome, found.reason, words, answer.record, post=found.kind == "tweet")


def _of_status(status: int, reasons: dict[int, str]) -> x_notices.Reading:
    if 500 <= status <= 599:
        return "unreachable", "server-error"
    return "refused", reasons.get(status, x_notices.UNCLEAR[1])


def _decoded(answer: Answer) -> Json:
    if answer.truncated is not None:
        return None
    try:
        return canonical.decode(answer.body)
    except FormatError:
        return None
