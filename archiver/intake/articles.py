"""Reads the posts that a page embeds, quotes or links to; it follows and runs nothing.

A page shows posts as X's quotations, as what X's script makes of those (frames, widgets), as either of them put away
for later (in attributes, scripts and templates), and as plain links. Buttons that share or follow are none of these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from urllib.parse import unquote

import msgspec

from archiver.intake.decoding import decode_text
from archiver.intake.embeds import Embed, opens_embed
from archiver.intake.flow import Flow
from archiver.intake.html import Tag, Text, tokens, unescape, unescape_json
from archiver.intake.links import Link, parse_link
from archiver.intake.marks import trimmed
from archiver.intake.text import Found, Lines, Sighting, collect, mention_of, quotations
from archiver.intake.urls import joined
from archiver.model import Claim, Mention, Place

_HINT = re.compile(r"status|tweet|twitter", re.IGNORECASE)
_MARKUP = re.compile(r"[<{]|&lt;|%3c|\\u003c", re.IGNORECASE)
_ID_ATTRIBUTES = frozenset({"data-tweet-id", "data-tweetid", "tweet-id", "tweetid"})
_WAYBACK_PATH = re.compile(r"/web/[0-9]")
_UNREAD = frozenset({"style", "title"})
_DEPTH = 2


def read_html(data: bytes, place: Place, *, charset: str = "", now: datetime | None = None) -> Found:
    """Return the posts that a page embeds, quotes or links to, and the quotations without a link.

    Args:
        data: the bytes of the page, in any encoding that a browser would understand.
        place: where the page stood; each mention gets the line of its tag.
        charset: the encoding that the server names; empty if it names none.
        now: the present moment, against which ids are judged; the machine's clock when left out.
    """
    return read_markup(decode_text(data, meta=True, charset=charset), place, now=now)


def read_markup(source: str, place: Place, *, now: datetime | None = None) -> Found:
    """Return the same for HTML that is already text."""
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    return collect(_Page(source, Lines(source, place), now, _DEPTH).sightings())


class _Page:
    """One pass over a page, or over markup that was put away inside one (then with less depth left)."""

    def __init__(self, source: str, at: Callable[[int], Place], now: datetime | None, depth: int) -> None:
        self._source = source
        self._at = at
        self._now = now
        self._depth = depth
        self._base = ""
        self._flow = Flow()
        self._embed: Embed | None = None
        self._sightings: list[Sighting] = []

    def sightings(self) -> list[Sighting]:
        """Read the page and return what it shows, by offset in the source."""
        for token in tokens(self._source):
            if isinstance(token, Tag):
                self._tag(token)
            elif not token.inside:
                self._current.add_text(token.data, token.offset)
            elif token.inside not in _UNREAD and self._embed is None:
                self._put_away(token)
        self._end_embed()
        self._flow.close_anchor()
        in_source = self._flow.offset_in_source
        found = quotations(self._flow.text, self._flow.spans(now=self._now), lambda at: self._at(in_source(at)))
        quoted = [msgspec.structs.replace(sighting, start=in_source(sighting.start)) for sighting in found]
        return [*self._sightings, *quoted]

    @property
    def _current(self) -> Flow:
        return self._flow if self._embed is None else self._embed.flow

    def _tag(self, tag: Tag) -> None:
        self._current.add_break(tag.name)
        if tag.kind == "end":
            if tag.name == "a":
                self._current.close_anchor()
            if self._embed is not None and self._embed.closes_with(tag):
                self._end_embed()
            return
        if tag.name == "base" and not self._base:
            self._base = trimmed(tag.attributes.get("href", ""))
        if opens_embed(tag):
            self._end_embed()
            self._embed = Embed(tag)
        elif self._embed is not None:
            self._embed.closes_with(tag)
        if tag.name == "a":
            self._current.open_anchor(self._link(tag.attributes.get("href", "")), tag.offset)
        self._designations(tag)

    def _designations(self, tag: Tag) -> None:
        """Take up the posts that a tag's attributes name, each once; inside an embed they only stand in for a link."""
        seen: set[str] = set()
        for link in self._attribute_links(tag):
            if link.reference is None or link.reference.id in seen:
                continue
            seen.add(link.reference.id)
            if self._embed is None:
                self._sightings.append(Sighting(start=tag.offset, what=mention_of(link, self._at(tag.offset))))
            elif self._embed.designation is None:
                self._embed.designation = link

    def _attribute_links(self, tag: Tag) -> Iterator[Link]:
        for name, value in tag.attributes.items():
            if name in _ID_ATTRIBUTES and value.isascii() and value.isdigit():
                link = parse_link(f"https://x.com/i/status/{value}", now=self._now)
                if link is not None:
                    yield msgspec.structs.replace(link, input=value)
            elif (tag.name == "a" and name == "href") or not _HINT.search(value):
                continue
            elif (link := self._link(value)) is not None:
                yield link
            elif self._embed is None and _MARKUP.search(value):
                self._put_away(Text(data=value, offset=tag.offset))

    def _link(self, written: str) -> Link | None:
        """Read an address in a tag; None for what is no post and no short link, and for buttons."""
        address = trimmed(written).strip("{}\"'`")
        if _WAYBACK_PATH.match(address):
            address = "https://web.archive.org" + address
        link = parse_link(address, now=self._now)
        if link is None and self._base:
            link = parse_link(joined(self._base, address), now=self._now)
        if link is None or link.kind not in ("post", "short") or "/intent/" in address:
            return None
        return msgspec.structs.replace(link, input=written)

    def _end_embed(self) -> None:
        if self._embed is None:
            return
        offset = self._embed.offset
        result = self._embed.result(self._at(offset), now=self._now)
        if result is not None:
            self._sightings.append(Sighting(start=offset, what=result))
        self._embed = None

    def _put_away(self, text: Text) -> None:
        """Read markup that a page keeps in a script, an attribute or a text field; stray short links there are none."""
        if self._depth == 0 or not _HINT.search(text.data):
            return
        place = self._at(text.offset)
        inner = _Page(_unpacked(text.data), lambda _: place, self._now, self._depth - 1)
        for sighting in inner.sightings():
            what = sighting.what
            if isinstance(what, Mention) and (what.reference is not None or what.claim != Claim()):
                self._sightings.append(Sighting(start=text.offset, what=what))


def _unpacked(data: str) -> str:
    if "\\" in data:
        data = unescape_json(data)
    if "&lt;" in data:
        data = unescape(data)
    return unquote(data) if "%3c" in data.lower() else data
