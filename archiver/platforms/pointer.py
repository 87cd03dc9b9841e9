"""JSON pointers (RFC 6901): where a value stands in a document. It reads; it never changes a document."""

from __future__ import annotations

import re
from typing import Final

from archiver.errors import FormatError
from archiver.model import Json

# Nine digits are more than any array has, and keep int() from meeting a number of a million digits.
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,8}")
_BAD_ESCAPE: Final = re.compile(r"~(?![01])")


def parse(pointer: str) -> tuple[str, ...]:
    """Return the steps of a pointer, unescaped; none for the whole document.

    Raises:
        FormatError: the text is not a JSON pointer.
    """
    if not pointer:
        return ()
    if not pointer.startswith("/") or _BAD_ESCAPE.search(pointer):
        raise FormatError(f"not a JSON pointer: {pointer!a:.80}")
    if "~" not in pointer:
        return tuple(pointer[1:].split("/"))
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer[1:].split("/"))


def join(pointer: str, step: str | int) -> str:
    """Return the pointer of a member (text) or of an element (number) of what `pointer` designates."""
    return f"{pointer}/{str(step).replace('~', '~0').replace('/', '~1')}"


def is_index(step: str) -> bool:
    """Tell whether a step can designate an element of an array."""
    return _INDEX.fullmatch(step) is not None


def resolve_pointer(document: Json, pointer: str) -> Json:
    """Return the value that a pointer designates in a decoded JSON document.

    Raises:
        FormatError: the text is not a pointer, or there is nothing where it points.
    """
    value = document
    for step in parse(pointer):
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and is_index(step) and int(step) < len(value):
            value = value[int(step)]
        else:
            raise FormatError(f"nothing stands at {pointer!a:.80}")
    return value


def at(served: Json, pointer: str) -> Json:
    """Return the value at a JSON pointer, None where nothing stands there."""
    try:
        return resolve_pointer(served, pointer)
    except FormatError:
        return None
