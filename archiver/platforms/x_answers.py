"""How X's answers about one post are to be read: a verdict, which never claims more than the answers bear out."""

from __future__ import annotations

import re
from typing import Final

from archiver import canonical
from archiver.errors import FormatError
from archiver.model import Answer, Json, Outcome, Verdict
from archiver.platforms.x_versions import newer_version

JUDGEMENT: Final = "x-judgement/1"
"""Name and version of the rules by which answers are read, for the manifest."""

# X's sentences have changed their words (Tweet, Post), their apostrophes and their endings; what stays is the gist.
# The first that fits decides. Legal demands come first because their sentence names an account of any name.
_NOTICES: Final[tuple[tuple[re.Pattern[str], Outcome, str], ...]] = (
    (re.compile(r"\bwithheld\b.*\b(in|legal|law|demand)\b"), "withheld", "country"),
    (re.compile(r"\bage[- ]restricted\b|\badult content\b"), "withheld", "age"),
    (re.compile(r"\bdeleted by the (post|tweet)('s)? author\b"), "absent", "deleted"),
    (re.compile(r"\baccount (that|which) no longer exists\b|\baccount has been deleted\b"), "absent", "account-gone"),
    (re.compile(r"\bsuspended account\b|\baccount (is|has been|was) suspended\b"), "withheld", "suspended"),
    (re.compile(r"\blimits who can (view|see)\b|\b(posts|tweets) are protected\b"), "withheld", "protected"),
    (re.compile(r"\bviolat(ed|es) the (x|twitter) rules\b"), "withheld", "rules"),
)
_LONGEST_NOTICE: Final = 1000
_HANDLE: Final = re.compile(r"@[A-Za-z0-9_]+")


def judge(syndication: Answer | None, oembed: Answer | None, *, id: str) -> Verdict:
    """Return how the answers about a post are to be read.

    Args:
        syndication: what the embedding service answered; None where no answer came.
        oembed: what oEmbed answered; None where it was not asked or did not answer.
        id: the id that was asked for.

    Returns:
        "captured" here means that the post itself came; whether its media came too is for the caller to see.
        "never-existed" needs both services to say so; one unclear answer is refused, never absent. Where it is unclear
        because a newer version of the post came, the words name that, and are not the answer's own.
    """
    if syndication is None:
        return Verdict(outcome="unreachable", reason="network")
    both_not_found = syndication.status == 404 and oembed is not None and oembed.status == 404
    if oembed is not None and both_not_found:
        return Verdict(outcome="absent", reason="never-existed", grounds=(syndication.record, oembed.record))
    if syndication.status != 200:
        outcome, reason = _of_status(syndication.status)
        return Verdict(outcome=outcome, reason=reason, grounds=(syndication.record,))
    verdict = _of_body(syndication, id)
    if verdict.outcome == "absent" and oembed is not None and oembed.status == 404:
        return Verdict(
            outcome="absent",
            reason=verdict.reason,
            words=verdict.words,
            grounds=(syndication.record, oembed.record),
        )
    return verdict


def _of_status(status: int) -> tuple[Outcome, str]:
    if 500 <= status <= 599:
        return "unreachable", "server-error"
    return "refused", {401: "login", 403: "blocked", 429: "rate-limit"}.get(status, "unclear")


def _of_body(answer: Answer, id: str) -> Verdict:
    document = _decoded(answer)
    match document:
        case {"__typename": "Tweet", "id_str": str(given)} if given == id:
            return Verdict(outcome="captured", reason="", grounds=(answer.record,))
        case {"__typename": "TweetTombstone", "tombstone": {"text": {"text": str(words)}}} if words.strip():
            outcome, reason = _of_notice(words)
            return Verdict(outcome=outcome, reason=reason, words=words, grounds=(answer.record,))
        # An empty tombstone is what the service shows in place of posts that are there for adults only.
        case {"__typename": "TweetTombstone", "tombstone": dict(tombstone)} if not tombstone:
            return Verdict(outcome="withheld", reason="age", grounds=(answer.record,))
    newer = newer_version(document, id=id)
    words = "" if newer is None else f"a newer version came in place of this post: {newer}"
    return Verdict(outcome="refused", reason="unclear", words=words, grounds=(answer.record,))


def _of_notice(words: str) -> tuple[Outcome, str]:
    plain = _HANDLE.sub("", words[:_LONGEST_NOTICE].replace("’", "'")).lower()
    plain = " ".join(plain.split())
    for pattern, outcome, reason in _NOTICES:
        if pattern.search(plain):
            return outcome, reason
    return "withheld", "unavailable"


def _decoded(answer: Answer) -> Json:
    if answer.truncated is not None:
        return None
    try:
        return canonical.decode(answer.body)
    except FormatError:
        return None
