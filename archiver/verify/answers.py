"""Checks that post.json and the media are all that the recorded answer gives: what is left out misleads as well."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from archiver.case import layout
from archiver.custody.manifest import CustodyManifest, File
from archiver.errors import FormatError
from archiver.model import Fact, Finding, Json, MediaItem
from archiver.platforms import document
from archiver.platforms.x import Reading, Skipped
from archiver.verify.findings import concluded, failure, ok, shown
from archiver.verify.judgement import last_answer, read_again
from archiver.verify.rules import Judgement, judgement
from archiver.verify.snapshot import Snapshot

_FROM_ELSEWHERE = ("/versions/", "/oembed/", "/context/")
_FOLLOWED_FURTHER = "captions"
_PLAIN = re.compile(r"https://[a-z0-9.-]+/(?!.*(?:/\.|//))[A-Za-z0-9._~/?=&:+-]*")


def check_whole(snapshot: Snapshot) -> Iterator[Finding]:
    """Read the answer again by the rules that the capture names, and hold all of it against post.json and the media."""
    account, post = snapshot.account, snapshot.post
    if isinstance(account, FormatError) or isinstance(snapshot.warc, FormatError):
        return
    # Of an unknown rule, and of a document in another form, other checks speak.
    rule = judgement(account.platform, account.versions.judgement)
    if rule is None or not isinstance(post, dict) or post.get("format") != document.FORMAT:
        return
    reading = read_again(snapshot, account, rule)
    if reading is None:
        return
    around = last_answer(snapshot, account, "thread")
    beside = rule.around(around, account.id) if around is not None else ()
    findings = (
        *_facts(snapshot, post, reading),
        *_beside(snapshot, post, beside),
        *_media(snapshot, account, post, rule),
    )
    conclusion = ok("whole", layout.POST_JSON, "nothing that is read of the recorded answer is left out")
    yield from concluded(iter(findings), conclusion)


def _facts(snapshot: Snapshot, post: dict[str, Json], reading: Reading) -> Iterator[Finding]:
    origins, left = post.get("origins"), post.get("not_understood")
    if not isinstance(origins, dict) or not isinstance(left, list):
        return
    answer, extraction = reading.answer, reading.extraction
    expected = {fact.path: (fact.value, fact.pointer, fact.transform) for fact in extraction.facts}
    values = dict(document.leaves(post.get("post")))
    told = {
        path: (values.get(path), origin.get("pointer"), origin.get("transform"))
        for path, origin in origins.items()
        if isinstance(origin, dict) and not path.startswith(_FROM_ELSEWHERE) and origin.get("record") == answer.record
    }
    blamed = snapshot.blame(layout.POST_JSON, layout.WARC, layout.CUSTODY_MANIFEST)
    for path in sorted(expected.keys() - told.keys()):
        yield failure("whole", blamed, f"{shown(path)}: the recorded answer says something of this, post.json nothing")
    for path in sorted(told.keys() - expected.keys()):
        yield failure("whole", blamed, f"{shown(path)}: this is not read of such an answer")
    for path in sorted(path for path in expected.keys() & told.keys() if expected[path] != told[path]):
        yield failure("whole", blamed, f"{shown(path)}: this is read of another place, or in another way")
    listed = sorted(
        str(item.get("pointer")) for item in left if isinstance(item, dict) and item.get("record") == answer.record
    )
    if listed != sorted(set(extraction.not_understood)):
        yield failure("whole", blamed, "what of the answer was not understood is not what post.json lists")


def _beside(snapshot: Snapshot, post: dict[str, Json], facts: tuple[Fact, ...]) -> Iterator[Finding]:
    """Check that what is told of the posts around this one is all that the answer about them says."""
    origins = post.get("origins")
    told = {path for path in origins if path.startswith("/context/")} if isinstance(origins, dict) else set()
    if told != {fact.path for fact in facts}:
        blamed = snapshot.blame(layout.POST_JSON, layout.WARC, layout.CUSTODY_MANIFEST)
        yield failure("whole", blamed, "the posts around this one are not those that the recorded answer names")


def _media(snapshot: Snapshot, account: CustodyManifest, post: dict[str, Json], rule: Judgement) -> Iterator[Finding]:
    """Check that each file was fetched where the post says that it is, and that no piece is missing without a word."""
    plan = rule.media_plan(post.get("post") if account.outcome in ("captured", "partial") else None)
    items: dict[tuple[str, int, str], MediaItem] = {(item.role, item.index, item.context): item for item in plan.items}
    led_on = {exchange.url for exchange in account.exchanges if 300 <= exchange.status < 400}
    kept = [file for file in account.files if file.relation != "derived" and file.role != _FOLLOWED_FURTHER]
    for file in kept:
        item = items.get((file.role, file.index, file.context))
        if item is None or not _is_from(file, item, led_on):
            blamed = snapshot.blame(layout.CUSTODY_MANIFEST, layout.POST_JSON)
            yield failure("media", blamed, f"{shown(file.path)} is not from where the post has its {shown(file.role)}")
    here = {(file.role, file.index, file.context) for file in kept}
    told = {item.what for item in account.missing if item.required}
    pieces: tuple[MediaItem | Skipped, ...] = (*plan.items, *plan.skipped)
    for piece in pieces:
        name = f"{piece.role} {piece.index}"
        if piece.required and (piece.role, piece.index, piece.context) not in here and name not in told:
            yield failure(
                "media", layout.CUSTODY_MANIFEST, f"the post has a {name}: it is neither here nor told missing"
            )


def _is_from(file: File, item: MediaItem, led_on: Set[str]) -> bool:
    """Tell whether a file came from one of the places of a piece of media, by way of redirects perhaps."""
    places = [candidate.url for candidate in item.candidates if candidate.rendition == file.rendition]
    # What is not plain is written otherwise when it is asked for.
    return any(url == file.source_url or url in led_on or not _PLAIN.fullmatch(url) for url in places)
