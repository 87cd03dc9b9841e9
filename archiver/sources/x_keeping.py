"""Asks for what belongs to a post that came and keeps it: its other versions, its media, the captions of its videos."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from archiver import canonical
from archiver.custody.manifest import Corroboration, File, Missing, Way
from archiver.errors import FormatError
from archiver.model import Answer, Fact, MediaItem, Verdict
from archiver.platforms import document, transforms, x
from archiver.recorder.recording import Recording
from archiver.sources.base import Acquired
from archiver.sources.captions import fetch_captions
from archiver.sources.media import Kept, describe, fetch_media
from archiver.sources.x_asking import MAX_POST, follow, way

MAX_EMBED: Final = 100_000
"""Characters that oEmbed's markup for a post may have."""

_OF_A_VERSION: Final = ("/id", "/created", "/text", "/text_as_served", "/edited", "/superseded")
_LEFT_OUT: Final = "X leaves its media out for those who have not shown that they are adults"


@dataclass
class Found:
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

    def lacks(self, what: str, reason: str, *, required: bool) -> None:
        """Tell something of the post missing."""
        self.missing.append(Missing(what=what, reason=reason, required=required))

    def acquired(self, witness: Corroboration, programs: tuple[str, ...]) -> Acquired:
        """Return the whole, "partial" where something of the post's own is missing."""
        verdict = self.verdict
        if verdict.outcome == "captured" and any(item.required for item in self.missing):
            verdict = msgspec.structs.replace(verdict, outcome="partial", reason="incomplete")
        return Acquired(
            verdict=verdict,
            facts=tuple(self.facts),
            not_understood=tuple(self.not_understood),
            files=tuple(self.files),
            missing=tuple(self.missing),
            ways=tuple(self.ways),
            corroboration=(witness,),
            programs=programs,
        )


def complete(found: Found, extraction: x.Extraction, oembed: Answer | None, recording: Recording, bag: Path) -> None:
    """Ask for what belongs to a post that came, and take it in.

    Args:
        found: what is found so far; it is added to.
        extraction: what the post says.
        oembed: what oEmbed answered.
        recording: what asks and records.
        bag: folder of the bag in the making.

    Raises:
        OSError: something cannot be written to the disk.
    """
    post = document.tree((fact.path, fact.value) for fact in extraction.facts)
    _versions(found, post, recording)
    if "note" in post:
        found.lacks("text", "a long text, of which only the beginning came", required=True)
        found.facts += _oembed_facts(oembed)
    if extraction.media_announced and "media" not in post:
        reason = _LEFT_OUT if found.verdict.reason == "age" else "the answer announces media and lists none"
        found.lacks("media", reason, required=True)
    plan = x.media_plan(post)
    for piece in plan.skipped:
        found.lacks(describe(piece), piece.reason, required=piece.required)
    for item in plan.items:
        if item.role == "playlist":
            _captions(item, found, recording, bag)
        else:
            found.keep(fetch_media(item, recording, bag))


def _versions(found: Found, post: dict[str, object], recording: Recording) -> None:
    came = 0
    for id in x.other_versions(post):
        answer = follow(x.syndication_url(id), "version", recording, MAX_POST)
        found.ways.append(way(f"version {id}", answer, recording, "version"))
        if answer is not None and x.judge(answer, None, id=id).outcome == "captured":
            found.facts += _version_facts(answer, came)
            came += 1
        else:
            found.lacks(f"version {id}", found.ways[-1].result, required=False)


def _captions(item: MediaItem, found: Found, recording: Recording, bag: Path) -> None:
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
        found.ways += [Way(way=way.way, result="recorded, names no captions", record=way.record) for way in kept.ways]


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
