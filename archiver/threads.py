"""Follows from captured posts to those around them: each once, and not without end; it captures nothing itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from archiver import canonical
from archiver.capture import Trail
from archiver.case import layout
from archiver.errors import FormatError
from archiver.model import Json, Mention, Place, Reference
from archiver.resolve import Resolved
from archiver.sources.base import Source

MOST: Final = 50
"""How many posts are captured because of one that was given."""


class Threads:
    """The threads of the posts that were given.

    Args:
        given: the posts.
        sources: by platform.
    """

    def __init__(self, given: Iterable[Reference], sources: Mapping[str, Source]) -> None:
        self._sources = sources
        self._first = {reference: reference for reference in given}
        self._led: Counter[Reference] = Counter()

    def around(self, reference: Reference, capture: Path | None) -> Iterator[Resolved]:
        """Yield the posts around one that are not known yet, as far as its capture names them.

        Args:
            reference: the post: one that was given, or that was yielded here before.
            capture: the folder of its capture; None where there is none.
        """
        first = self._first[reference]
        post = _post(capture) if capture is not None else None
        for other in self._sources[reference.platform].thread_of(post):
            if other in self._first or self._led[first] == MOST:
                continue
            self._first[other] = first
            self._led[first] += 1
            mention = Mention(input=other.url, place=Place(kind="thread", name=first.url), reference=other)
            yield Resolved(reference=other, trails=(Trail(mention=mention),))


def _post(capture: Path) -> Json:
    """Return the normalised post of a capture, None where it cannot be read."""
    try:
        document = canonical.decode((capture / layout.POST_JSON).read_bytes())
    except (OSError, FormatError):
        return None
    return document.get("post") if isinstance(document, dict) else None
