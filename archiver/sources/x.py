"""Asks X for a post without a login: the embedding service, oEmbed as a second witness, then the media."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from archiver import canonical
from archiver.custody.manifest import Corroboration, File, Missing, Way
from archiver.errors import FormatError, NoSource
from archiver.intake.links import parse_link
from archiver.model import Answer, Fact, MediaItem, Reference, Verdict
from archiver.platforms import document, transforms, x
from archiver.recorder.recording import MAX_ANSWER, Recording, read_answer
from archiver.sources.base import Acquired
from archiver.sources.captions import fetch_captions
from archiver.sources.media import Kept, describe, fetch_media

MAX_POST = 1 << 18
"""Bytes that an answer about a post may have; the longest that were seen have a tenth of it."""
MAX_EMBED = 100_000
"""Characters that oEmbed's markup for a post may have."""

_OF_A_VERSION = ("/id", "/created", "/text", "/text_as_served", "/edited", "/superseded")
NAMES = {200: "answered", 404: "answered 404, not found", 429: "answered 429, too many requests"}


class XSource:
    """The source for posts on X."""

    platform = x.PLATFORM
    judgement = x.JUDGEMENT

    def acquire(self, reference: Reference, recording: Recording, bag: Path) -> Acquired:
        """Ask for a post and its media; see `Source`."""
        syndication = self._ask(x.syndication_url(reference.id), "syndication", recording, MAX_POST)
        if syndication is None:
            return _unreachable(recording)
        oembed = self._ask(x.oembed_url(reference.url), "oembed", recording)
        verdict = x.judge(syndication, oembed, id=reference.id)
        found = _Found(
            verdict=verdict,
            ways=[_way("syndication", syndication, recording), _way("oembed", oembed, recording)],
        )
        if verdict.outcome in ("captured", "absent", "withheld"):
            extraction = x.extract(syndication)
            found.facts += extraction.facts
            found.not_understood += [(syndication.record, pointer) for pointer in extraction.not_understood]
            if verdict.outcome == "captured":
                self._complete(found, extraction, oembed, recording, bag)
        agreement = x.corroborate(syndication, oembed)
        witness = Corroboration(
            source="oembed",
            record=oembed.record if oembed is not None else "",
            author=agreement.author,
            text=agreement.text,
        )
        return found.acquired(witness)

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

    def _ask(self, url: str, purpose: str, recording: Recording, most: int = MAX_ANSWER) -> Answer | None:
        for _ in recording.follow(url, purpose, lambda _, location: location):
            pass
        return read_answer(recording.exchanges[-1], most)

    def _complete(
        self, found: _Found, extraction: x.Extraction, oembed: Answer | None, recording: Recording, bag: Path
    ) -> None:
        """Ask for what belongs to a post that came: its earlier or later versions, its media."""
        post = document.tree((fact.path, fact.value) for fact in extraction.facts)
        came = 0
        for id in x.other_versions(post):
            answer = self._ask(x.syndication_url(id), "version", recording, MAX_POST)
            found.ways.append(_way(f"version {id}", answer, recording, "version"))
            if answer is not None and x.judge(answer, None, id=id).outcome == "captured":
                found.facts += _version_facts(answer, came)
                came += 1
            else:
                found.missing.append(Missing(what=f"version {id}", reason=found.ways[-1].result, required=False))
        if "note" in post:
            reason = "a long text, of which this service gives only the beginning"
            found.missing.append(Missing(what="text", reason=reason, required=True))
            found.facts += _oembed_facts(oembed)
        if extraction.media_announced and "media" not in post:
            reason = "the answer announces media and lists none"
            found.missing.append(Missing(what="media", reason=reason, required=True))
        plan = x.media_plan(post)
        found.missing += [
            Missing(what=describe(item), reason=item.reason, required=item.required) for item in plan.skipped
        ]
        for item in plan.items:
            if item.role == "playlist":
                self._captions(item, found, recording, bag)
            else:
                found.keep(fetch_media(item, recording, bag))

    def _captions(self, item: MediaItem, found: _Found, recording: Recording, bag: Path) -> None:
        """Fetch a video's playlist, and keep it if it leads to captions; recorded it is in any case."""
        kept = fetch_media(item, recording, bag)
        if kept.file is None:
            found.keep(kept)
            return
        path = bag / kept.file.path
        captions = fetch_captions(item, kept.file.source_url, path.read_bytes(), recording, bag)
        if captions:
            found.keep(kept)
            for piece in captions:
                found.keep(piece)
        else:
            path.unlink()
            found.ways += [
                Way(way=way.way, result="recorded, names no captions", record=way.record) for way in kept.ways
            ]


def _unreachable(recording: Recording) -> Acquired:
    """Say why no answer came; what was tried is recorded."""
    failure = recording.exchanges[-1].exchange.failure
    reason, words = (failure.reason, failure.detail) if failure is not None else ("network", "no answer came")
    verdict = Verdict(outcome="unreachable", reason=reason, words=words)
    return Acquired(verdict=verdict, ways=(Way(way="syndication", result=words, record=""),))


@dataclass
class _Found:
    """What is found of a post while it is being acquired."""

    verdict: Verdict
    ways: list[Way]
    facts: list[Fact] = field(default_factory=list)
    not_understood: list[tuple[str, str]] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)

    def keep(self, kept: Kept) -> None:
        """Take in what became of a piece of media."""
        self.files += [kept.file] if kept.file is not None else []
        self.missing += [kept.missing] if kept.missing is not None else []
        self.ways += kept.ways

    def acquired(self, witness: Corroboration) -> Acquired:
        """Return the whole, "partial" where something of the post's own is missing."""
        verdict = self.verdict
        if any(item.required for item in self.missing):
            verdict = Verdict(outcome="partial", reason="incomplete", words=verdict.words, grounds=verdict.grounds)
        return Acquired(
            verdict=verdict,
            facts=tuple(self.facts),
            not_understood=tuple(self.not_understood),
            files=tuple(self.files),
            missing=tuple(self.missing),
            ways=tuple(self.ways),
            corroboration=(witness,),
        )


def _version_facts(answer: Answer, number: int) -> Iterator[Fact]:
    """Yield what another version of the post says, as part of the post's own facts."""
    for fact in x.extract(answer).facts:
        if fact.path in _OF_A_VERSION:
            yield msgspec.structs.replace(fact, path=f"/versions/{number}{fact.path}")


def _oembed_facts(oembed: Answer | None) -> Iterator[Fact]:
    """Yield what oEmbed shows of a text, which may be more than the other service gives."""
    if oembed is None or oembed.status != 200:
        return
    try:
        shown = transforms.apply("as-is/1", canonical.decode(oembed.body), "/html")
    except FormatError:
        return
    if isinstance(shown, str) and len(shown) <= MAX_EMBED:
        yield Fact(path="/oembed/html", value=shown, record=oembed.record, pointer="/html", transform="as-is/1")


def _way(name: str, answer: Answer | None, recording: Recording, purpose: str = "") -> Way:
    if answer is not None:
        return Way(way=name, result=NAMES.get(answer.status, f"answered {answer.status}"), record=answer.record)
    failures = [
        recorded.exchange.failure.detail
        for recorded in recording.exchanges
        if recorded.exchange.purpose == (purpose or name) and recorded.exchange.failure is not None
    ]
    return Way(way=name, result=failures[-1] if failures else "no answer", record="")
