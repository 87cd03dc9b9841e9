"""Tells what does not belong in a folder by what its entries are and are called; it looks into none of them."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Literal

from archiver.case import layout
from archiver.model import Finding, Record
from archiver.verify.findings import failure, note, shown

Kind = Literal["file", "folder", "link", "other", "unread"]


class Entry(Record, frozen=True, kw_only=True):
    """One name in a folder.

    Attributes:
        name: as the system gives it; bytes that are no text are surrogates.
        kind: what it is itself, not what it may point at; "unread" where that cannot be told.
    """

    name: str
    kind: Kind


def outsiders(folder: str, found: Iterable[Entry]) -> Iterator[Finding]:
    """Find what may stand nowhere: links, special files, two names that some system takes for one; and litter.

    Args:
        folder: path of the folder, for the findings; empty for the root.
        found: what stands in it.
    """
    same: defaultdict[str, list[str]] = defaultdict(list)
    for entry in found:
        path = below(folder, entry.name)
        if entry.kind == "link":
            yield failure("tree", path, "it is a symbolic link; what it points at is no part of the evidence")
        elif entry.kind == "other":
            yield failure("tree", path, "it is neither a regular file nor a folder")
        elif entry.kind == "unread":
            yield failure("unreadable", path, "it cannot be told what this is")
        elif layout.is_litter(entry.name):
            yield note("litter", path, "an operating system left this here; it is no part of the evidence")
        same[folded(entry.name)].append(entry.name)
    for names in same.values():
        for name in names[1:]:
            twin = shown(names[0])
            yield failure("name", below(folder, name), f"on some systems this name and '{twin}' are the same")


def folded(name: str) -> str:
    """Return what names have in common that differ by case or Unicode normalisation only."""
    # Folding case can undo normalisation, and the other way round: hence twice.
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).casefold()


def below(folder: str, name: str) -> str:
    """Return the path of a name in a folder as findings show it."""
    return f"{folder}/{shown(name, 255)}" if folder else shown(name, 255)
