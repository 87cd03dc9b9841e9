"""Canonical JSON out, strict JSON in; it refuses floats on the way out and every ambiguity on the way in.

Canonical: ASCII only (other characters as \\u escapes), keys sorted, no white space, no floats, one object. It is the
form of every JSON file and log line of a case, so that equal content has equal bytes.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from archiver.errors import FormatError
from archiver.model import Json

MAX_DEPTH = 200
"""Levels of arrays and objects that are read. What the interpreter would take depends on who calls, and from where."""


def encode(value: Json) -> bytes:
    """Return the one canonical form of a JSON value, without a trailing newline.

    Raises:
        FormatError: the value holds a float, a key that is not text, or something that JSON has no form for.
    """
    _refuse_floats(value)
    try:
        text = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise FormatError(f"value cannot be written as canonical JSON: {error}") from None
    return text.encode("ascii")


def decode(data: bytes) -> Json:
    """Read JSON strictly: UTF-8, no duplicate keys, no NaN or infinity, bounded depth and digits.

    Raises:
        FormatError: the bytes are anything else. The message never quotes them.
    """
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except FormatError:
        raise
    except RecursionError:
        raise FormatError("JSON is nested too deeply") from None
    except UnicodeDecodeError as error:
        raise FormatError(f"JSON is not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise FormatError(f"not JSON: {error.msg} at character {error.pos}") from None
    except ValueError:
        raise FormatError("JSON holds a number of too many digits") from None
    _refuse_depth(value)
    return value


def is_canonical(data: bytes, value: Json) -> bool:
    """Tell whether these bytes are the canonical form of the value that was read from them."""
    try:
        return encode(value) == data
    except FormatError:
        return False


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise FormatError("JSON object has a key twice")
    return result


def _refuse_constant(name: str) -> NoReturn:
    raise FormatError(f"JSON holds {name}, which is not a JSON value")


def _refuse_depth(value: Json) -> None:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [
            item
            for container in level
            if isinstance(container, (dict, list))
            for item in (container.values() if isinstance(container, dict) else container)
        ]
        if not level:
            return
    raise FormatError("JSON is nested too deeply")


def _refuse_floats(value: Json) -> None:
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            continue
        if isinstance(item, float):
            raise FormatError("canonical JSON has no floats")
        if isinstance(item, dict):
            if not all(isinstance(key, str) for key in item):
                raise FormatError("canonical JSON has only text as keys")
            pending.extend(item.values())
        elif isinstance(item, (list, tuple)):
            pending.extend(item)
