"""Fetches one piece of media, best rendition first, and keeps it in the bag only if it is what it is said to be."""

from __future__ import annotations

from pathlib import Path

from archiver import mediatype
from archiver.case import layout
from archiver.custody.manifest import File, Missing, Way
from archiver.errors import FormatError
from archiver.exchange_records import RecordedExchange
from archiver.hashing import sha256
from archiver.http1 import ResponseHead, codings
from archiver.model import Candidate, Exchange, MediaItem, Record
from archiver.recorder.recording import Recording, decoded_body

WITHOUT_QUERY = " without query"
"""How a rendition is named whose URL is the one before it without its query: tried only where that one got a 403."""

_SUFFIXES = {"poster": "-poster", "profile-image": "-profile"}


class Kept(Record, frozen=True, kw_only=True):
    """What became of one piece of media: the file if there is one, each way tried, and what is missing."""

    file: File | None
    ways: tuple[Way, ...]
    missing: Missing | None


def fetch_media(item: MediaItem, recording: Recording, bag: Path) -> Kept:
    """Fetch a piece of media and keep the first rendition that is whole and of the right family.

    Args:
        item: what to fetch, and where to try.
        recording: what asks and records.
        bag: folder of the bag in the making.

    Raises:
        OSError: it cannot be written to the disk.
    """
    ways: list[Way] = []
    last_status: int | None = None
    name = f"{item.role} {item.index}" if item.index else item.role
    best = item.candidates[0].rendition
    for candidate in item.candidates:
        if candidate.rendition.endswith(WITHOUT_QUERY) and last_status != 403:
            continue
        recorded = recording.fetch(candidate.url, item.role)
        last_status = recorded.exchange.status
        problem = _problem(recorded, item)
        kept = None if problem else _keep(item, candidate, recorded, bag)
        recording.discard(recorded.exchange)
        if kept is None and not problem:
            problem = "its content coding is broken"
        ways.append(
            Way(way=f"{name} {candidate.rendition}", result=problem or "kept", record=recorded.response_id or "")
        )
        if kept is not None:
            lesser = candidate.rendition.removesuffix(WITHOUT_QUERY) != best
            missing = (
                Missing(
                    what=f"{name} in {best}",
                    reason=f"only {candidate.rendition} was to be had: {ways[0].result}",
                    required=item.required,
                )
                if lesser
                else None
            )
            return Kept(file=kept, ways=tuple(ways), missing=missing)
    return Kept(
        file=None,
        ways=tuple(ways),
        missing=Missing(what=name, reason=ways[-1].result, required=item.required),
    )


def _problem(recorded: RecordedExchange, item: MediaItem) -> str:
    """Say why an answer is not the media that was asked for; empty if nothing speaks against it."""
    exchange = recorded.exchange
    if exchange.failure is not None:
        return f"{exchange.failure.reason}: {exchange.failure.detail}"
    if exchange.status != 200:
        return f"answered {exchange.status}"
    if not exchange.body.size:
        return "the answer is empty"
    media_type = mediatype.sniff(_start(exchange))
    if mediatype.family(media_type) != item.family:
        return f"the answer is no {item.family} but {media_type}"
    return ""


def _start(exchange: Exchange) -> bytes:
    try:
        return next(iter(decoded_body(exchange)), b"")[: mediatype.SNIFF_BYTES]
    except FormatError:
        return b""


def _keep(item: MediaItem, candidate: Candidate, recorded: RecordedExchange, bag: Path) -> File | None:
    """Make the payload a file of the bag; a body that came as it is to be stored is moved, never copied."""
    exchange = recorded.exchange
    media_type = mediatype.sniff(_start(exchange))
    name = f"{item.index:02}{_SUFFIXES.get(item.role, '')}.{mediatype.extension(media_type)}"
    path = bag / layout.MEDIA / name
    path.parent.mkdir(exist_ok=True)
    head = ResponseHead(version="1.1", status=exchange.status or 0, reason="", fields=exchange.fields)
    as_served = not codings(head)
    if as_served:
        digest, size = exchange.body.sha256, exchange.body.size
        if exchange.body.path is None:
            path.write_bytes(exchange.body.data or b"")
        else:
            exchange.body.path.rename(path)
    else:
        decoded = _write_decoded(path, exchange)
        if decoded is None:
            return None
        digest, size = decoded
    return File(
        path=f"{layout.MEDIA}/{name}",
        bytes=size,
        sha256=digest,
        media_type=media_type,
        role=item.role,
        index=item.index,
        source_url=exchange.url,
        rendition=candidate.rendition,
        record=recorded.response_id or "",
        relation="payload" if as_served else "decoded",
    )


def _write_decoded(path: Path, exchange: Exchange) -> tuple[str, int] | None:
    """Write the decoded payload and return its digest and size; None, and no file, if it cannot be decoded."""
    hasher, size = sha256(), 0
    try:
        with path.open("xb") as file:
            for piece in decoded_body(exchange):
                file.write(piece)
                hasher.update(piece)
                size += len(piece)
    except FormatError:
        path.unlink()
        return None
    return hasher.hexdigest(), size
