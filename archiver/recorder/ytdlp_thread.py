"""Asks X's GraphQL for the conversation around a post, through yt-dlp's session; X answers this to logins only.

yt-dlp has no such question of its own. The login, the bearer and the list of features are those that it asks with for
posts; the query's id is kept here, and X changes it now and then: it then answers 404, and the thread is not had.
"""

from __future__ import annotations

import json
from typing import Final

from archiver.recorder.recording import MAX_ANSWER
from archiver.recorder.ytdlp import GRAPHQL, Asked, Phase, Session, purpose_of

THREAD: Final = "thread"
"""Purpose of the exchange."""

_ENDPOINT: Final = "_8aYOgEDz35BrBcBal1-_w/TweetDetail"


def ask_thread(session: Session, id: str) -> Asked:
    """Ask for the conversation around a post.

    Args:
        session: yt-dlp in a recording that has a login.
        id: the post's id.

    Raises:
        OSError: something cannot be written to the disk.
    """
    before = len(session.recording.exchanges)

    def ask() -> None:
        extractor = session.ydl.get_info_extractor("Twitter")
        query = extractor._build_graphql_query(id) | {"variables": _variables(id)}
        written = {name: json.dumps(value, separators=(",", ":")) for name, value in query.items()}
        extractor._call_api(_ENDPOINT, id, query=written, graphql=True)

    seconds = session.recording.settings.answer_seconds
    with session.phase(Phase(_purpose, MAX_ANSWER, seconds)):
        _, why = session.attempt(ask)
    answers = [item for item in session.recording.exchanges[before:] if item.exchange.purpose == THREAD]
    return Asked(answer=answers[-1] if answers else None, trouble=why)


def _variables(id: str) -> dict[str, object]:
    return {
        "focalTweetId": id,
        "includePromotedContent": False,
        "rankingMode": "Relevance",
        "withBirdwatchNotes": True,
        "withCommunity": True,
        "withVoice": False,
    }


def _purpose(url: str) -> str:
    purpose = purpose_of(url)
    return THREAD if purpose == GRAPHQL else purpose
