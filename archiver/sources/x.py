"""Asks X for a post without a login: the embedding service, oEmbed as a second witness, then the media."""

from __future__ import annotations

from pathlib import Path

from archiver.custody.manifest import Corroboration, File, Missing, Way
from archiver.intake.links import parse_link
from archiver.model import Answer, Reference, Verdict
from archiver.platforms import document, x
from archiver.recorder.recording import Recording, read_answer
from archiver.sources.base import Acquired
from archiver.sources.media import fetch_media

NAMES = {200: "answered", 404: "answered 404, not found", 429: "answered 429, too many requests"}


class XSource:
    """The source for posts on X."""

    platform = x.PLATFORM
    judgement = x.JUDGEMENT

    def acquire(self, reference: Reference, recording: Recording, bag: Path) -> Acquired:
        """Ask for a post and its media; see `Source`."""
        syndication = self._ask(x.syndication_url(reference.id), "syndication", recording)
        oembed = self._ask(x.oembed_url(reference.url), "oembed", recording)
        verdict = x.judge(syndication, oembed, id=reference.id)
        extraction = x.extract(syndication) if syndication is not None else x.Extraction(facts=(), not_understood=())
        facts = extraction.facts if _says_something(verdict) else ()
        ways = (_way("syndication", syndication, recording), _way("oembed", oembed, recording))
        came = verdict.outcome == "captured"
        files, media_ways, missing = self._media(extraction, recording, bag) if came else ((), (), ())
        if any(item.required for item in missing):
            verdict = Verdict(outcome="partial", reason="incomplete", words=verdict.words, grounds=verdict.grounds)
        agreement = x.corroborate(syndication, oembed)
        return Acquired(
            verdict=verdict,
            facts=facts,
            not_understood=tuple(
                (syndication.record, pointer) for pointer in extraction.not_understood if syndication is not None
            ),
            files=files,
            missing=missing,
            ways=ways + media_ways,
            corroboration=(
                Corroboration(
                    source="oembed",
                    record=oembed.record if oembed is not None else "",
                    author=agreement.author,
                    text=agreement.text,
                ),
            ),
        )

    def resolve(self, url: str, recording: Recording) -> Reference | None:
        """Follow a short link to a post; see `Source`."""
        found: list[Reference] = []

        def target(answer: Answer, location: str | None) -> str | None:
            following = x.short_link_target(answer, location)
            link = parse_link(following) if following is not None else None
            if link is not None and link.reference is not None:
                found.append(link.reference)
                return None
            return following if link is not None and link.kind == "short" else None

        for _ in recording.follow(url, "redirect", target):
            pass
        return found[0] if found else None

    def _ask(self, url: str, purpose: str, recording: Recording) -> Answer | None:
        for _ in recording.follow(url, purpose, lambda _, location: location):
            pass
        return read_answer(recording.exchanges[-1])

    def _media(
        self, extraction: x.Extraction, recording: Recording, bag: Path
    ) -> tuple[tuple[File, ...], tuple[Way, ...], tuple[Missing, ...]]:
        post = document.tree((fact.path, fact.value) for fact in extraction.facts)
        plan = x.media_plan(post)
        missing = [
            Missing(
                what=f"{item.role} {item.index}" if item.index else item.role,
                reason=item.reason,
                required=item.required,
            )
            for item in plan.skipped
        ]
        if extraction.media_announced and "media" not in post:
            missing.append(Missing(what="media", reason="the answer announces media and lists none", required=True))
        if "note" in post:
            missing.append(
                Missing(
                    what="text", reason="a long text, of which this service gives only the beginning", required=True
                )
            )
        kept = [fetch_media(item, recording, bag) for item in plan.items]
        missing += [item.missing for item in kept if item.missing is not None]
        return (
            tuple(item.file for item in kept if item.file is not None),
            tuple(way for item in kept for way in item.ways),
            tuple(missing),
        )


def _says_something(verdict: Verdict) -> bool:
    """Tell whether the answer is about the post asked for, so that its facts may stand in the capture."""
    return verdict.outcome in ("captured", "absent", "withheld")


def _way(purpose: str, answer: Answer | None, recording: Recording) -> Way:
    if answer is not None:
        return Way(way=purpose, result=NAMES.get(answer.status, f"answered {answer.status}"), record=answer.record)
    failures = [
        recorded.exchange.failure.detail
        for recorded in recording.exchanges
        if recorded.exchange.purpose == purpose and recorded.exchange.failure is not None
    ]
    return Way(way=purpose, result=failures[-1] if failures else "no answer", record="")
