"""Acquires a post on X: asks X's services, judges what they answer, reads the answer that counts, keeps the media.

How it asks is in `x_asking`, how it keeps in `x_keeping`; what the answers mean is for `platforms` to say.
"""

from __future__ import annotations

from pathlib import Path

from archiver.custody.manifest import Corroboration, Way
from archiver.errors import NoSource
from archiver.intake.links import parse_link
from archiver.model import Answer, Json, Reference, Verdict
from archiver.platforms import x
from archiver.platforms.ids import canonical_url
from archiver.recorder.logins import Login
from archiver.recorder.recording import Recording
from archiver.sources.base import Acquired, Context
from archiver.sources.x_asking import Replies, ask, is_logged_in
from archiver.sources.x_keeping import Found, complete


class XSource:
    """The source for posts on X."""

    platform = x.PLATFORM
    judgement = x.JUDGEMENT

    def acquire(self, reference: Reference, recording: Recording, bag: Path, *, context: Context = "none") -> Acquired:
        """Ask for a post and its media; see `Source`."""
        replies = ask(reference, recording, thread=context == "thread")
        answers = replies.answers
        verdict = x.judge(*answers, id=reference.id)
        if verdict.reason == "network":
            return _unreachable(recording, replies.ways)
        reading = x.read(verdict, answers, id=reference.id)
        found = Found(verdict=verdict, ways=replies.ways)
        if reading is not None and verdict.outcome not in ("refused", "unreachable"):
            found.facts += reading.extraction.facts
            found.not_understood += [(reading.answer.record, place) for place in reading.extraction.not_understood]
            if verdict.outcome in ("captured", "partial"):
                complete(found, reading.extraction, answers.oembed, recording, bag)
        if context == "thread":
            _around(found, replies, reference.id, login=is_logged_in(recording.login))
        agreement = x.corroborate(
            answers.syndication, answers.oembed, reading.extraction.facts if reading is not None else ()
        )
        witness = Corroboration(
            source="oembed",
            record=answers.oembed.record if answers.oembed is not None else "",
            author=agreement.author,
            text=agreement.text,
        )
        return found.acquired(witness, replies.programs)

    def thread_of(self, post: Json) -> tuple[Reference, ...]:
        """Return the posts around a post; see `Source`."""
        urls = ((id, canonical_url(x.PLATFORM, id)) for id in x.ids_around(post))
        return tuple(Reference(platform=x.PLATFORM, id=id, url=url) for id, url in urls if url is not None)

    def logs_in(self, login: Login) -> bool:
        """Tell whether cookies are a login to X; see `Source`."""
        return is_logged_in(login)

    def resolve(self, url: str, recording: Recording) -> Reference | None:
        """Follow a short link to a post; see `Source`."""
        found: list[Reference] = []
        elsewhere: list[str] = []

        def target(answer: Answer, location: str | None) -> str | None:
            following = x.short_link_target(answer, location)
            link = parse_link(following) if following is not None else None
            if link is not None and link.reference is not None:
                found.append(link.reference)
                return None
            # What may not be contacted is asked for: nothing is sent there, and the refusal is on record.
            goes_on = following is not None and (
                (link is not None and link.kind == "short") or not recording.allows(following)
            )
            if following is not None and not goes_on:
                elsewhere.append(
                    f"{following} ({link.advice.partition('; ')[0]})" if link and link.advice else following
                )
            return following if goes_on else None

        for _ in recording.follow(url, "redirect", target):
            pass
        if elsewhere:
            raise NoSource(f"it leads to no post, but to {elsewhere[0]}")
        return found[0] if found else None


def _around(found: Found, replies: Replies, id: str, *, login: bool) -> None:
    """Take in which posts stand around one, as far as X shows them to a login."""
    facts = x.around(replies.thread, id) if replies.thread is not None else ()
    found.facts += facts
    if not login:
        found.lacks("thread", "X shows it to logins only; the posts replied to are followed upwards", required=False)
    elif replies.thread is None or replies.thread.status != 200:
        result = next((way.result for way in replies.ways if way.way == "thread"), "not asked")
        found.lacks("thread", f"{result}; the posts replied to are followed upwards", required=False)


def _unreachable(recording: Recording, ways: list[Way]) -> Acquired:
    """Say why no answer came; what was tried is recorded."""
    failure = recording.exchanges[-1].exchange.failure
    reason, words = (failure.reason, failure.detail) if failure is not None else ("network", "no answer came")
    return Acquired(verdict=Verdict(outcome="unreachable", reason=reason, words=words), ways=tuple(ways))
