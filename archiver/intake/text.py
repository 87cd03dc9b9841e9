"""Reads the posts that running text quotes or links to; it gives no post an author that the text does not give it.

An article that was copied as text quotes a post as a paragraph that ends in a short link, with a signature under it:
the link is then what designates the post, and the signature what is said about it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import msgspec

from archiver.intake.links import Link, find_links
from archiver.intake.marks import trimmed
from archiver.intake.signatures import Signature, signatures
from archiver.model import Claim, Mention, Place, Record

_LONGEST_QUOTE = 25_000
_MOST_LINES = 12
_MOST_BLANK_LINES = 2
_PERMALINK_GAP = 12
_BREAKS = re.compile(r" ?[\n\u2028] ?")
_WORD = re.compile(r"\w")


class Lead(Record, frozen=True, kw_only=True):
    """A quoted post that nothing in the text links to: one can look for it, but not fetch it.

    Attributes:
        handle: account name without the @.
        name: display name, as written.
        day: the printed day (YYYY-MM-DD).
        text: the quoted words, as far as they can be told from the rest.
        place: where the signature stands.
    """

    handle: str
    place: Place
    name: str | None = None
    day: str | None = None
    text: str | None = None


class Found(Record, frozen=True, kw_only=True):
    """What was found in one text or page, in the order in which it stands there."""

    mentions: tuple[Mention, ...] = ()
    leads: tuple[Lead, ...] = ()


class Span(Record, frozen=True, kw_only=True):
    """A link (a post or a short link) and the stretch of text, from start to end, that carries it."""

    start: int
    end: int
    link: Link


class Sighting(Record, frozen=True, kw_only=True):
    """A mention or a lead, with its offset in the text."""

    start: int
    what: Mention | Lead


def read_text(text: str, place: Place, *, now: datetime | None = None) -> Found:
    """Return the posts that a text quotes or links to, and the quotations without a link.

    Args:
        text: any text.
        place: where it stood; its line, if it has one, is the line of the text's first line.
        now: the present moment, against which ids are judged; the machine's clock when left out.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    at = Lines(text, place)
    return collect(quotations(text, spans_in(text, now=now), at))


class Lines:
    """Tells the place, with its line, of each offset in a text."""

    def __init__(self, text: str, place: Place) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._place = place

    def __call__(self, offset: int) -> Place:
        line = bisect_right(self._starts, offset) - 1 + (self._place.line or 1)
        return msgspec.structs.replace(self._place, line=line)


def spans_in(text: str, *, now: datetime | None = None) -> list[Span]:
    """Return the links of posts and the short links in a text, in order."""
    return [
        Span(start=start, end=start + len(link.input), link=link)
        for start, link in find_links(text, now=now)
        if link.kind in ("post", "short")
    ]


def mention_of(link: Link, place: Place, claim: Claim | None = None) -> Mention:
    """Return the mention that a link of a post or a short link makes, with the claim of the text around it."""
    claim = claim or Claim()
    return Mention(
        input=link.input,
        place=place,
        reference=link.reference,
        short_url=link.url if link.kind == "short" else None,
        claim=msgspec.structs.replace(claim, handle=claim.handle or link.handle, source=link.source),
    )


def quoted_words(quote: str) -> str | None:
    """Return a quotation without the space around it; None when it is blank, or longer than any post can be."""
    words = _BREAKS.sub("\n", trimmed(quote))
    return words if 0 < len(words) <= _LONGEST_QUOTE else None


def collect(sightings: Iterable[Sighting]) -> Found:
    """Return sightings in the order in which they stand."""
    ordered = [sighting.what for sighting in sorted(sightings, key=lambda sighting: sighting.start)]
    return Found(
        mentions=tuple(what for what in ordered if isinstance(what, Mention)),
        leads=tuple(what for what in ordered if isinstance(what, Lead)),
    )


def quotations(text: str, spans: Sequence[Span], at: Callable[[int], Place]) -> list[Sighting]:
    """Join the signatures of a text to its links.

    Args:
        text: the text, with lines ended by a line feed (a line separator is a break within a paragraph).
        spans: its links, in order, none overlapping another.
        at: the place of an offset.
    """
    starts = [span.start for span in spans]
    taken: set[int] = set()
    sightings: list[Sighting] = []
    previous = 0
    for signature in signatures(text):
        permalink = _permalink(text, spans, starts, signature)
        begin, inside = _quotation(text, spans, starts, previous, signature)
        claim = _claim(text[begin : signature.start], signature)
        previous = signature.end
        chosen = permalink if permalink is not None else next(reversed(inside), None)
        if chosen is None:
            lead = Lead(
                handle=signature.handle, place=at(signature.start), name=claim.name, day=claim.day, text=claim.text
            )
            sightings.append(Sighting(start=signature.start, what=lead))
            continue
        span = spans[chosen]
        if permalink is not None:
            # Within a quotation that names its post, other links are part of what is quoted.
            taken.update(inside)
            previous = max(previous, span.end)
        taken.add(chosen)
        sightings.append(Sighting(start=span.start, what=mention_of(span.link, at(span.start), claim)))
    sightings.extend(
        Sighting(start=span.start, what=mention_of(span.link, at(span.start)))
        for number, span in enumerate(spans)
        if number not in taken
    )
    return sightings


def _permalink(text: str, spans: Sequence[Span], starts: Sequence[int], signature: Signature) -> int | None:
    """Return the link of the post that a signature ends in: on its date, or right after it."""
    number = bisect_left(starts, signature.handle_end)
    if number == len(spans) or spans[number].link.kind != "post":
        return None
    gap = text[signature.end : spans[number].start]
    if len(gap) > _PERMALINK_GAP or _WORD.search(gap):
        return None
    return number if "\n" not in gap or _same_handle(spans[number].link, signature) else None


def _quotation(
    text: str, spans: Sequence[Span], starts: Sequence[int], previous: int, signature: Signature
) -> tuple[int, list[int]]:
    """Return where the quoted paragraph of a signature begins, and which links in it can stand for the post.

    The paragraph is the line before the signature, or what stands before it on its own line. Only where that holds no
    link, and where blank lines set paragraphs apart, the lines above it belong to it as well.
    """

    def inside(begin: int, end: int) -> list[int]:
        numbers = range(bisect_left(starts, begin), bisect_left(starts, end))
        return [number for number in numbers if _can_stand(spans[number].link, signature)]

    def line_before(end: int) -> int:
        return max(text.rfind("\n", previous, end) + 1, previous)

    end = signature.start
    begin = line_before(end)
    for _ in range(_MOST_BLANK_LINES + 1):
        if begin == previous or trimmed(text[begin:end]):
            break
        end = begin - 1
        begin = line_before(end)
    found = inside(begin, end)
    top = begin
    for _ in range(0 if found else _MOST_LINES):
        above = line_before(top - 1) if top > previous else top
        if above == top or not trimmed(text[above : top - 1]):
            found = inside(top, end)
            return (top if found else begin), found
        top = above
    return begin, found


def _can_stand(link: Link, signature: Signature) -> bool:
    if link.kind == "short":
        return link.url.startswith(("https://t.co/", "https://pic."))
    return link.handle is None or _same_handle(link, signature)


def _same_handle(link: Link, signature: Signature) -> bool:
    return link.handle is not None and link.handle.lower() == signature.handle.lower()


def _claim(quote: str, signature: Signature) -> Claim:
    return Claim(handle=signature.handle, name=signature.name, day=signature.day, text=quoted_words(quote))
