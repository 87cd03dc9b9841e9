"""Reads one embed of X, the quotation that is a post's stand-in until a script replaces it; it loads no script."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime

from archiver.intake.dates import parse_day
from archiver.intake.flow import Flow
from archiver.intake.html import Tag
from archiver.intake.links import Link
from archiver.intake.signatures import last_signature
from archiver.intake.text import Lead, Span, mention_of, quoted_words
from archiver.model import Claim, Mention, Place

_CLASS = re.compile(r"twitter-(?:tweet|video)", re.IGNORECASE)
_STATUS = re.compile(r"status(?:es)?/[0-9]", re.IGNORECASE)
_CONTAINERS = frozenset({"article", "aside", "body", "div", "figure", "li", "main", "noscript", "section", "td"})


def opens_embed(tag: Tag) -> bool:
    """Tell whether a start tag opens an embed: a blockquote of one of X's classes, JSX's className included."""
    classes = tag.attributes.get("class", "") + " " + tag.attributes.get("classname", "")
    return tag.name == "blockquote" and _CLASS.search(classes) is not None


class Embed:
    """An embed that is being read: tags and text go in, and one mention (or lead) comes out."""

    def __init__(self, tag: Tag) -> None:
        self.offset = tag.offset
        self.flow = Flow()
        self.designation: Link | None = None
        self._open = Counter([tag.name])

    def closes_with(self, tag: Tag) -> bool:
        """Take note of a tag, and tell whether the embed ends with it: its own end, or the end of what it is in."""
        if tag.kind == "start":
            self._open[tag.name] += 1
            return False
        self._open[tag.name] -= 1
        if tag.name == "blockquote":
            return self._open[tag.name] <= 0
        return tag.name in _CONTAINERS and self._open[tag.name] < 0

    def result(self, place: Place, *, now: datetime | None = None) -> Mention | Lead | None:
        """Return what the embed designates; a lead when nothing in it leads to the post, None when it is empty."""
        self.flow.close_anchor()
        text = self.flow.text
        spans = self.flow.spans(now=now)
        permalink = self._permalink(spans)
        claim, signed = _claim(text, permalink)
        if permalink is not None:
            return mention_of(permalink.link, place, claim)
        if self.designation is not None:
            return mention_of(self.designation, place, claim)
        short = next((span.link for span in reversed(spans) if span.link.kind == "short"), None)
        if short is not None:
            return mention_of(short, place, claim)
        if signed and claim.handle is not None:
            return Lead(handle=claim.handle, name=claim.name, day=claim.day, text=claim.text, place=place)
        return None

    def _permalink(self, spans: list[Span]) -> Span | None:
        """Return the last link of a post: the last anchor, or where no anchor has one, the last in plain text."""
        anchors = set(self.flow.anchors)
        posts = [span for span in spans if span.link.kind == "post" and _STATUS.search(span.link.input)]
        return max(posts, key=lambda span: (span in anchors, span.start), default=None)


def _claim(text: str, permalink: Span | None) -> tuple[Claim, bool]:
    """Return what an embed says of its post, and whether a signature says it."""
    signature = last_signature(text, len(text) if permalink is None else permalink.end)
    visible = None if permalink is None else parse_day(text[permalink.start : permalink.end])
    if signature is None:
        quote = text if permalink is None else text[: permalink.start]
        return Claim(day=visible, text=quoted_words(quote)), False
    claim = Claim(
        handle=signature.handle,
        name=signature.name,
        day=visible or signature.day,
        text=quoted_words(text[: signature.start]),
    )
    return claim, True
