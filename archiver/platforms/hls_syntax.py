"""The text of HLS playlists (RFC 8216, section 4): lines, attribute lists, numbers, URIs; it knows no tag."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import urljoin

from archiver.errors import FormatError

Allowed = Callable[[str], bool]

LONGEST: Final = 2_000_000
"""Bytes of a playlist that are read; ten hours of video in segments of two seconds are less."""

_ATTRIBUTE: Final = re.compile(r'([A-Z0-9-]{1,60})=("[^"]*+"|[^",\s]++)(?:,[ \t]*|\Z)')
_DURATION: Final = re.compile(r"([0-9]{1,8})(?:\.([0-9]{1,12}))?(?:,.*)?")
_RANGE: Final = re.compile(r"([0-9]{1,15})(?:@([0-9]{1,15}))?")


def lines_of(data: bytes) -> Iterator[str]:
    """Yield the lines of a playlist but the first, comments and empty ones.

    Raises:
        FormatError: it is no playlist, or too long.
    """
    if len(data) > LONGEST:
        raise FormatError("the playlist is too long")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(f"the playlist is not UTF-8 at byte {error.start}") from None
    first, *rest = (line.rstrip("\r") for line in text.split("\n"))
    if first.rstrip() != "#EXTM3U":
        raise FormatError("not an HLS playlist: it does not begin with #EXTM3U")
    for line in rest:
        if line.strip() and (not line.startswith("#") or line.startswith("#EXT")):
            yield line.strip()


class Places:
    """Resolves the URIs of one playlist."""

    def __init__(self, url: str, allowed: Allowed) -> None:
        self._url = url
        self._allowed = allowed

    def resolve(self, uri: str) -> str | None:
        """Return the URL that a URI of the playlist stands for, or None where it may not be asked for."""
        try:
            resolved = urljoin(self._url, uri)
        except ValueError:
            return None
        return resolved if self._allowed(resolved) else None


def attributes(value: str) -> dict[str, str]:
    """Read an attribute list (RFC 8216, section 4.2); quotation marks are taken off.

    Raises:
        FormatError: it is broken, or has a name twice.
    """
    found: dict[str, str] = {}
    at = 0
    while at < len(value):
        attribute = _ATTRIBUTE.match(value, at)
        if attribute is None or attribute[1] in found:
            raise FormatError("an attribute list of the playlist is broken, or has a name twice")
        found[attribute[1]] = attribute[2].strip('"')
        at = attribute.end()
    return found


def duration(value: str) -> int:
    """Read the value of EXTINF: the duration in milliseconds.

    Raises:
        FormatError: it states none.
    """
    found = _DURATION.fullmatch(value.strip())
    if found is None:
        raise FormatError("a segment has no duration")
    return int(found[1]) * 1000 + int((found[2] or "").ljust(3, "0")[:3])


def byte_range(value: str) -> tuple[int, int | None]:
    """Read a byte range: its length, and its offset where it states one.

    Raises:
        FormatError: it is none.
    """
    found = _RANGE.fullmatch(value.strip())
    if found is None:
        raise FormatError("a byte range cannot be read")
    return int(found[1]), int(found[2]) if found[2] else None
