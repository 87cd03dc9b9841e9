"""Decides which captures a search means: by words in any script, author, days, outcome and tags; it reads no file."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from datetime import date

from archiver.case.index import Entry
from archiver.model import Record

# Arabic is written with and without vowel signs, with a stretching line, and with one letter in several forms.
_SAME = str.maketrans(
    {
        "\u0640": "",
        "\u0622": "\u0627",
        "\u0623": "\u0627",
        "\u0625": "\u0627",
        "\u0671": "\u0627",
        "\u0649": "\u064a",
        "\u06cc": "\u064a",
        "\u0629": "\u0647",
        "\u06a9": "\u0643",
        "\u0624": "\u0648",
        "\u0626": "\u064a",
    }
)


class Search(Record, frozen=True, kw_only=True):
    """What is looked for; everything that is given has to fit.

    Attributes:
        text: words that have to stand in the text, the author, the inputs or the links, in any order.
        author: handle, with or without @.
        since, until: first and last UTC day of the post, or of the capture where the post has no day.
        outcomes: any of these.
        tags: all of these, as `working.tag_word` returns them.
    """

    text: str = ""
    author: str = ""
    since: date | None = None
    until: date | None = None
    outcomes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def fits(self, entry: Entry, tags: Collection[str] = ()) -> bool:
        """Tell whether a capture, which has these tags, is meant."""
        if any(tag not in tags for tag in self.tags):
            return False
        if self.author and entry.author.casefold() != self.author.removeprefix("@").casefold():
            return False
        if self.outcomes and entry.outcome not in self.outcomes:
            return False
        day = (entry.created or entry.started)[:10]
        if (self.since and day < self.since.isoformat()) or (self.until and day > self.until.isoformat()):
            return False
        place = folded(" ".join((entry.text, entry.author, entry.name, entry.url, entry.post, *entry.inputs)))
        return all(word in place for word in folded(self.text).split())


def folded(text: str) -> str:
    """Return text as it is compared: case, accents and the variants of Arabic letters do not count."""
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_SAME)
    return "".join(char for char in plain if not unicodedata.combining(char))
