"""Gathers the text of a page as a reader sees it, with its links and the source offset of every part; it judges none.

Blocks end in a line feed, <br> is a line separator (U+2028), other white space is one space.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from datetime import datetime

from archiver.intake.html import unescape
from archiver.intake.links import Link
from archiver.intake.text import Span, spans_in

_SPACES = re.compile(r"[ \t\n\r\f\v]+")
_BLOCK = re.compile(
    r"address|article|aside|blockquote|body|center|d[dlt]|details|div|fieldset|figcaption|figure|footer|form|h[1-6r]"
    r"|head|header|html|iframe|li|main|nav|noscript|ol|option|p|pre|script|section|style|summary|table|tbody|t[dhr]"
    r"|template|textarea|tfoot|thead|title|ul"
)
_FAR = 2**62


class Flow:
    """Text under way: pieces are added in the order of the source, then read once."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._ends_in_space = True
        self._offsets: list[tuple[int, int]] = []
        self._open: tuple[Link, int] | None = None
        self._anchors: list[Span] = []

    def add_text(self, data: str, offset: int) -> None:
        """Add text as it stands in the source at an offset, character references included."""
        for line in data.splitlines(keepends=True):
            piece = _SPACES.sub(" ", unescape(line))
            piece = piece.removeprefix(" ") if self._ends_in_space else piece
            if piece:
                self._offsets.append((self._length, offset))
                self._append(piece)
            offset += len(line)

    def add_break(self, tag: str) -> None:
        """Add what a tag does to the text around it: a line separator, the end of a block, or nothing."""
        if tag == "br":
            self._append("\u2028")
        elif _BLOCK.fullmatch(tag):
            self._append("\n")

    def open_anchor(self, link: Link | None, offset: int) -> None:
        """Begin an anchor; the one before it ends. Without a link of interest, its text is ordinary text."""
        self.close_anchor()
        if link is not None:
            self._offsets.append((self._length, offset))
            self._open = (link, self._length)

    def close_anchor(self) -> None:
        """End the anchor that is open, if one is."""
        if self._open is not None:
            link, start = self._open
            self._anchors.append(Span(start=start, end=self._length, link=link))
            self._open = None

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(self._pieces)

    @property
    def anchors(self) -> tuple[Span, ...]:
        """The anchors that were closed so far, with the stretch of text that each one carries."""
        return tuple(self._anchors)

    def spans(self, *, now: datetime | None = None) -> list[Span]:
        """Return the anchors, and the links that stand as plain text outside of them, in order."""
        starts = [anchor.start for anchor in self._anchors]

        def apart(span: Span) -> bool:
            number = bisect_right(starts, span.end - 1) - 1
            return number < 0 or self._anchors[number].end <= span.start

        plain = [span for span in spans_in(self.text, now=now) if apart(span)]
        return sorted([*self._anchors, *plain], key=lambda span: span.start)

    def offset_in_source(self, at: int) -> int:
        """Return where in the source the text at an offset of the flow came from."""
        number = bisect_right(self._offsets, (at, _FAR)) - 1
        return self._offsets[number][1] if number >= 0 else 0

    def _append(self, piece: str) -> None:
        self._pieces.append(piece)
        self._length += len(piece)
        self._ends_in_space = piece[-1] in " \n\u2028"
