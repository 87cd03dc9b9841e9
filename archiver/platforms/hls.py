"""HLS playlists (RFC 8216): which renditions, segments and captions a video has. It reads text and asks for nothing.

Unknown tags are passed over, as the standard demands. What would have to be guessed at is refused: a playlist that is
two kinds at once, a URI without its tag, a byte range without a beginning, variables.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from archiver.errors import FormatError
from archiver.model import Record
from archiver.platforms.hls_syntax import Allowed, Places, attributes, byte_range, duration, lines_of

Kind = Literal["AUDIO", "VIDEO", "SUBTITLES", "CLOSED-CAPTIONS"]

MOST_ENTRIES: Final = 20_000
"""Segments, or variants and renditions, of one playlist."""

_KINDS: Final[tuple[Kind, ...]] = ("AUDIO", "VIDEO", "SUBTITLES", "CLOSED-CAPTIONS")
_SIZE: Final = re.compile(r"([0-9]{1,6})x([0-9]{1,6})")
_NUMBER: Final = re.compile(r"[0-9]{1,18}")
# Tags that only one kind of playlist may have (RFC 8216, section 4.3).
_OF_MASTER: Final = ("EXT-X-STREAM-INF", "EXT-X-I-FRAME-STREAM-INF", "EXT-X-MEDIA", "EXT-X-SESSION-DATA")
_OF_MEDIA: Final = ("EXTINF", "EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-ENDLIST", "EXT-X-PLAYLIST-TYPE")


class Variant(Record, frozen=True, kw_only=True):
    """One encoding that a master playlist offers.

    Attributes:
        url: of its media playlist.
        bandwidth: bits per second at the peak.
        width, height: in pixels, None where not stated.
        codecs: as stated (RFC 6381); empty where not.
        audio, subtitles: the groups of renditions that belong to it; empty where there are none.
    """

    url: str
    bandwidth: int
    width: int | None = None
    height: int | None = None
    codecs: str = ""
    audio: str = ""
    subtitles: str = ""


class Rendition(Record, frozen=True, kw_only=True):
    """One alternative that a master playlist offers beside its variants, such as captions in a language.

    Attributes:
        kind: what it is.
        group: the group that variants name.
        name: for people, as stated.
        language: a language tag, as stated; empty where not.
        url: of its media playlist; None where it is inside the video itself, or may not be asked for.
        default, autoselect, forced: as stated.
    """

    kind: Kind
    group: str
    name: str
    language: str = ""
    url: str | None = None
    default: bool = False
    autoselect: bool = False
    forced: bool = False


class Master(Record, frozen=True, kw_only=True):
    """What a master playlist offers.

    Attributes:
        variants, renditions: in their order.
        not_allowed: how many variants and renditions were left out, or without URL, because it is not allowed.
    """

    variants: tuple[Variant, ...]
    renditions: tuple[Rendition, ...]
    not_allowed: int = 0


class Part(Record, frozen=True, kw_only=True):
    """A resource, or a range of its bytes.

    Attributes:
        url: where it is.
        offset, length: the range in bytes; None for the whole.
    """

    url: str
    offset: int | None = None
    length: int | None = None


class Segment(Record, frozen=True, kw_only=True):
    """One piece of a rendition.

    Attributes:
        part: where it is.
        milliseconds: how long it plays, as stated.
        initialisation: what has to stand before it (EXT-X-MAP), if anything.
    """

    part: Part
    milliseconds: int
    initialisation: Part | None = None


class Media(Record, frozen=True, kw_only=True):
    """What a media playlist lists.

    Attributes:
        segments: in their order.
        ended: whether it is whole; a live one goes on growing.
        encrypted: whether segments are under a key, which is not read.
        not_allowed: how many segments were left out because their URL, or that of what they need, is not allowed.
    """

    segments: tuple[Segment, ...]
    ended: bool
    encrypted: bool = False
    not_allowed: int = 0


def parse(data: bytes, url: str, allowed: Allowed) -> Master | Media:
    """Read a playlist.

    Args:
        data: the playlist.
        url: where it was, which relative URIs in it are relative to.
        allowed: tells of an absolute URL whether it may be asked for; what else is named is counted, never returned.

    Raises:
        FormatError: it is no playlist, too long, or leaves to guess what it means.
    """
    lines = tuple(lines_of(data))
    tags = {line[1:].partition(":")[0] for line in lines if line.startswith("#EXT")}
    if "EXT-X-DEFINE" in tags:
        raise FormatError("the playlist uses variables")
    is_master, is_media = tags & set(_OF_MASTER), tags & set(_OF_MEDIA)
    if bool(is_master) == bool(is_media):
        raise FormatError("the playlist is neither a master nor a media playlist, or both")
    places = Places(url, allowed)
    return _master(lines, places) if is_master else _Segments(places).media(lines)


def _master(lines: tuple[str, ...], places: Places) -> Master:
    variants: list[Variant | None] = []
    renditions: list[Rendition] = []
    refused = 0
    stream: dict[str, str] | None = None
    for line in lines:
        tag, _, value = line.partition(":")
        if tag == "#EXT-X-STREAM-INF":
            if stream is not None:
                raise FormatError("a variant has no URI")
            stream = attributes(value)
        elif tag == "#EXT-X-MEDIA":
            rendition, was_refused = _rendition(attributes(value), places)
            renditions.append(rendition)
            refused += was_refused
        elif not line.startswith("#"):
            if stream is None:
                raise FormatError("a URI has no variant")
            variants.append(_variant(stream, places.resolve(line)))
            stream = None
        _bounded(len(variants) + len(renditions))
    if stream is not None:
        raise FormatError("a variant has no URI")
    kept = tuple(variant for variant in variants if variant is not None)
    return Master(variants=kept, renditions=tuple(renditions), not_allowed=refused + len(variants) - len(kept))


def _variant(stream: dict[str, str], url: str | None) -> Variant | None:
    bandwidth, size = stream.get("BANDWIDTH", ""), _SIZE.fullmatch(stream.get("RESOLUTION", ""))
    if not _NUMBER.fullmatch(bandwidth):
        raise FormatError("a variant has no bandwidth")
    if url is None:
        return None
    return Variant(
        url=url,
        bandwidth=int(bandwidth),
        width=int(size[1]) if size else None,
        height=int(size[2]) if size else None,
        codecs=stream.get("CODECS", ""),
        audio=stream.get("AUDIO", ""),
        subtitles=stream.get("SUBTITLES", ""),
    )


def _rendition(stated: dict[str, str], places: Places) -> tuple[Rendition, bool]:
    """Return a rendition, and whether its URL may not be asked for."""
    kind = next((kind for kind in _KINDS if kind == stated.get("TYPE")), None)
    if kind is None or "GROUP-ID" not in stated or "NAME" not in stated:
        raise FormatError("a rendition has no known type, no group or no name")
    uri = stated.get("URI")
    if uri is None and kind == "SUBTITLES":
        raise FormatError("subtitles have no URI")
    url = places.resolve(uri) if uri is not None else None
    rendition = Rendition(
        kind=kind,
        group=stated["GROUP-ID"],
        name=stated["NAME"],
        language=stated.get("LANGUAGE", ""),
        url=url,
        default=stated.get("DEFAULT") == "YES",
        autoselect=stated.get("AUTOSELECT") == "YES",
        forced=stated.get("FORCED") == "YES",
    )
    return rendition, uri is not None and url is None


class _Segments:
    """Reads a media playlist line by line; what a line says holds for the next segment, or for all that follow."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._segments: list[Segment] = []
        self._not_allowed = 0
        self._ended = False
        self._encrypted = False
        self._milliseconds: int | None = None
        self._range: tuple[int, int | None] | None = None
        self._map: Part | None = None
        self._map_not_allowed = False
        # Where a range without an offset begins: the end of the one before, if that was of the same resource.
        self._next: tuple[str, int] | None = None

    def _read(self, line: str) -> None:
        tag, _, value = line.partition(":")
        match tag:
            case "#EXTINF":
                self._milliseconds = duration(value)
            case "#EXT-X-BYTERANGE":
                self._range = byte_range(value)
            case "#EXT-X-MAP":
                self._read_map(attributes(value))
            case "#EXT-X-KEY":
                self._encrypted |= attributes(value).get("METHOD") != "NONE"
            case "#EXT-X-ENDLIST":
                self._ended = True
            case _ if not line.startswith("#"):
                self._read_uri(line)

    def media(self, lines: tuple[str, ...]) -> Media:
        for line in lines:
            self._read(line)
        if self._milliseconds is not None:
            raise FormatError("a segment has no URI")
        return Media(
            segments=tuple(self._segments),
            ended=self._ended,
            encrypted=self._encrypted,
            not_allowed=self._not_allowed,
        )

    def _read_map(self, stated: dict[str, str]) -> None:
        url = self._places.resolve(stated.get("URI", ""))
        length, offset = byte_range(stated["BYTERANGE"]) if "BYTERANGE" in stated else (None, None)
        self._map_not_allowed = url is None
        # Within EXT-X-MAP, a range without an offset begins at the first byte.
        first = None if length is None else offset or 0
        self._map = None if url is None else Part(url=url, offset=first, length=length)

    def _read_uri(self, uri: str) -> None:
        if self._milliseconds is None:
            raise FormatError("a URI has no duration")
        offset, length = self._extent(uri)
        url = self._places.resolve(uri)
        if url is None or self._map_not_allowed:
            self._not_allowed += 1
        else:
            part = Part(url=url, offset=offset, length=length)
            self._segments.append(Segment(part=part, milliseconds=self._milliseconds, initialisation=self._map))
        self._milliseconds, self._range = None, None
        _bounded(len(self._segments) + self._not_allowed)

    def _extent(self, uri: str) -> tuple[int | None, int | None]:
        if self._range is None:
            self._next = None
            return None, None
        length, offset = self._range
        if offset is None:
            if self._next is None or self._next[0] != uri:
                raise FormatError("a byte range has no beginning")
            offset = self._next[1]
        self._next = (uri, offset + length)
        return offset, length


def _bounded(entries: int) -> None:
    if entries > MOST_ENTRIES:
        raise FormatError("the playlist has too many entries")
