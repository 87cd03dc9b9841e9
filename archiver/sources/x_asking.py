"""Asks X's services for what they say of one post, each only as far as it is needed; it keeps no media.

Nobody but X is asked: no mirror, no archive. GraphQL is asked through yt-dlp, whose questions stay those that X takes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from archiver.custody.manifest import Way
from archiver.exchange_records import RecordedExchange
from archiver.model import Answer, Reference
from archiver.platforms import x
from archiver.platforms.ytdlp_trouble import Trouble
from archiver.recorder.logins import Login
from archiver.recorder.recording import MAX_ANSWER, Recording, read_answer
from archiver.recorder.ytdlp import Asked, Session
from archiver.recorder.ytdlp_thread import ask_thread

MAX_POST: Final = 1 << 18
"""Bytes that an embedding service's answer about a post may have; the longest that were seen have a tenth of it."""
YTDLP: Final = "yt-dlp"
"""The name of the library through which GraphQL is asked, as the manifest has it where it was used."""

_HOME: Final = "https://x.com/"
_NAMES: Final = {200: "answered", 404: "answered 404, not found", 429: "answered 429, too many requests"}


def is_logged_in(login: Login | None) -> bool:
    """Tell whether cookies are a login to X."""
    return login is not None and login.has(_HOME, "auth_token")


@dataclass
class Replies:
    """What X's services replied about one post.

    Attributes:
        answers: those from which its outcome follows.
        thread: about the posts around it, where that was asked for and came.
        ways: each that was tried.
        programs: names of the libraries that were used for some of them only.
    """

    answers: x.Answers = field(default_factory=x.Answers)
    thread: Answer | None = None
    ways: list[Way] = field(default_factory=list)
    programs: tuple[str, ...] = ()


def ask(reference: Reference, recording: Recording, *, thread: bool) -> Replies:
    """Ask the embedding service and oEmbed; and GraphQL, where they fall short or there is a login to X.

    Where the embedding service cannot be reached at all and there is no login, nothing else is asked.

    Args:
        reference: the post.
        recording: what asks and records.
        thread: whether to ask for the posts around it too, which needs a login.

    Raises:
        OSError: something cannot be written to the disk.
    """
    login = is_logged_in(recording.login)
    syndication = follow(x.syndication_url(reference.id), "syndication", recording, MAX_POST)
    replies = Replies(ways=[way("syndication", syndication, recording)])
    if syndication is None and not login:
        return replies
    oembed = follow(x.oembed_url(reference.url), "oembed", recording)
    replies.ways.append(way("oembed", oembed, recording))
    replies.answers = x.Answers(syndication, oembed)
    if login or x.falls_short(syndication, oembed, id=reference.id):
        _ask_graphql(reference.id, recording, replies, thread=thread and login)
    return replies


def _ask_graphql(id: str, recording: Recording, replies: Replies, *, thread: bool) -> None:
    with Session(recording) as session:
        asked = session.ask_x(id)
        graphql = _answer(asked)
        replies.ways.append(_way("graphql", asked, graphql, x.what_came(graphql, id) if graphql is not None else ""))
        replies.answers = replies.answers._replace(graphql=graphql)
        if thread:
            asked = ask_thread(session, id)
            replies.thread = _answer(asked)
            replies.ways.append(_way("thread", asked, replies.thread, ""))
    replies.programs = (YTDLP,)


def follow(url: str, purpose: str, recording: Recording, most: int = MAX_ANSWER) -> Answer | None:
    """Ask for a URL, follow its redirects, and return the last answer, None where none came.

    Raises:
        OSError: something cannot be written to the disk.
    """
    for _ in recording.follow(url, purpose, lambda _, location: location):
        pass
    return read_answer(recording.exchanges[-1], most)


def way(name: str, answer: Answer | None, recording: Recording, purpose: str = "") -> Way:
    """Return how asking at a URL ended.

    Args:
        name: what was asked, for people.
        answer: what came.
        recording: what asked.
        purpose: what the exchange was recorded as, where that is not the name.
    """
    if answer is not None:
        return Way(way=name, result=_answered(answer), record=answer.record)
    failures = [
        recorded.exchange.failure.detail
        for recorded in recording.exchanges
        if recorded.exchange.purpose == (purpose or name) and recorded.exchange.failure is not None
    ]
    return Way(way=name, result=failures[-1] if failures else "no answer", record="")


def _way(name: str, asked: Asked, answer: Answer | None, came: str) -> Way:
    if answer is not None:
        result = _answered(answer)
        return Way(way=name, result=f"{result}, {came}" if came else result, record=answer.record)
    return Way(way=name, result=_why(asked.answer, asked.trouble), record="")


def _why(recorded: RecordedExchange | None, trouble: Trouble | None) -> str:
    if recorded is not None and recorded.exchange.failure is not None:
        return recorded.exchange.failure.detail
    return f"not asked: {trouble.words}" if trouble is not None and trouble.words else "no answer"


def _answer(asked: Asked) -> Answer | None:
    return read_answer(asked.answer) if asked.answer is not None else None


def _answered(answer: Answer) -> str:
    return _NAMES.get(answer.status, f"answered {answer.status}")
