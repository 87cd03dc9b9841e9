"""Values at places of an answer where there may be none; it raises nothing, and says nothing of what they mean."""

from __future__ import annotations

from collections.abc import Iterator

from archiver.model import Json
from archiver.platforms.pointer import at, join


def text(served: Json, pointer: str) -> str:
    """Return the text at a JSON pointer, empty where none stands there."""
    found = at(served, pointer)
    return found if isinstance(found, str) else ""


def elements(served: Json, pointer: str) -> Iterator[tuple[str, Json]]:
    """Yield the elements of the array at a JSON pointer, each with its own; none where no array stands there."""
    found = at(served, pointer)
    if isinstance(found, list):
        yield from ((join(pointer, number), item) for number, item in enumerate(found))
