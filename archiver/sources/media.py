"""Fetches one piece of media, best rendition first, and keeps it in the bag only if it is what it is said to be."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, count, product
from pathlib import Path
from string import ascii_lowercase

from archiver import mediatype
from archiver.case import layout
from archiver.custody.manifest import File, Missing, Way
from archiver.errors import FormatError
from archiver.exchange_records import RecordedExchange
from archiver.hashing import sha256
from archiver.http1 import ResponseHead, codings
from archiver.model import Candidate, Exchange, MediaItem, Record
from archiver.platforms.x import Skipped
from archiver.recorder.recording import MAX_ANSWER, Recording, decoded_body

WITHOUT_QUERY = " without query"
"""How a rendition is named whose URL is the one before it without its query: tried only where that one got a 403."""


_MOST = {"image": 64 << 20, "text": MAX_ANSWER}
"""Bytes that a picture or a text may have, on the wire and decoded; a video may have what the settings say."""
_GROWTH = 4
"""How many times its size a video may grow where its coding is taken off: what is compressed already hardly does."""


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
    name = describe(item)
    best = item.candidates[0].rendition
    for candidate in item.candidates:
        if candidate.rendition.endswith(WITHOUT_QUERY) and last_status != 403:
            continue
        before = len(recording.exchanges)
        recorded = recording.fetch(candidate.url, item.role, most=_MOST.get(item.family))
        asked = recording.exchanges[before].exchange.url
        last_status = recorded.exchange.status
        problem = _problem(recorded, item)
        kept = None if problem else _keep(item, candidate, recorded, recording, bag)
        recording.discard(recorded.exchange)
        if kept is None and not problem:
            problem = "its content coding is broken, or what it holds is too large"
        ways.append(
            Way(way=f"{name} {candidate.rendition}", result=problem or "kept", record=recorded.response_id or "")
        )
        if kept is not None:
            reason = ""
            if candidate.rendition.removesuffix(WITHOUT_QUERY) != best:
                reason = f"only {candidate.rendition} was to be had: {ways[0].result}"
            elif kept.source_url != asked:
                reason = f"a redirect led to another file: {kept.source_url}"
            missing = Missing(what=f"{name} in {best}", reason=reason, required=item.required) if reason else None
            return Kept(file=kept, ways=tuple(ways), missing=missing)
    return Kept(
        file=None,
        ways=tuple(ways),
        missing=Missing(what=name, reason=ways[-1].result, required=item.required),
    )


def describe(item: MediaItem | Skipped) -> str:
    """Name a piece of media for people: "photo 2", "quoted video 1", "profile-image"."""
    context = "" if item.context == "post" else f"{item.context} "
    return f"{context}{item.role} {item.index}" if item.index else f"{context}{item.role}"


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


def _keep(
    item: MediaItem, candidate: Candidate, recorded: RecordedExchange, recording: Recording, bag: Path
) -> File | None:
    """Make the payload a file of the bag; a body that came as it is to be stored is moved, never copied."""
    exchange = recorded.exchange
    media_type = mediatype.sniff(_start(exchange))
    path = _free_path(item, mediatype.extension(media_type), bag)
    head = ResponseHead(version="1.1", status=exchange.status or 0, reason="", fields=exchange.fields)
    as_served = not codings(head)
    if as_served:
        digest, size = exchange.body.sha256, exchange.body.size
        if exchange.body.path is None:
            path.write_bytes(exchange.body.data or b"")
        else:
            exchange.body.path.rename(path)
    else:
        decoded = _write_decoded(
            path, exchange, min(_MOST.get(item.family, _GROWTH * exchange.body.size), recording.max_media_bytes)
        )
        if decoded is None:
            return None
        digest, size = decoded
    return File(
        path=f"{layout.MEDIA}/{path.name}",
        bytes=size,
        sha256=digest,
        media_type=media_type,
        role=item.role,
        index=item.index,
        context=item.context,
        source_url=exchange.url,
        rendition=candidate.rendition,
        record=recorded.response_id or "",
        relation="payload" if as_served else "decoded",
    )


def _free_path(item: MediaItem, extension: str, bag: Path) -> Path:
    """Return where a piece of media goes; what there may be several of (captions) gets letters until a name is free."""
    stem = layout.media_stem(item.role, item.index, item.context)
    if stem is None:
        raise FormatError(f"no file can be named for {describe(item)}")
    folder = bag / layout.MEDIA
    folder.mkdir(exist_ok=True)
    names = chain([stem], (layout.further_stem(stem, letters) for letters in _letters()))
    return next(path for name in names if not (path := folder / f"{name}.{extension}").exists())


def _letters() -> Iterator[str]:
    for length in count(1):
        yield from map("".join, product(ascii_lowercase[1:], repeat=length))


def _write_decoded(path: Path, exchange: Exchange, limit: int) -> tuple[str, int] | None:
    """Write the decoded payload and return its digest and size; None, and no file, if that cannot be had."""
    hasher, size = sha256(), 0
    try:
        with path.open("xb") as file:
            for piece in decoded_body(exchange, limit=limit):
                file.write(piece)
                hasher.update(piece)
                size += len(piece)
    except FormatError:
        path.unlink()
        return None
    return hasher.hexdigest(), size
