"""JSON answers that no reader should trust, as faults: too deep, cut short, ambiguous, of other types than agreed.

Each takes the good answer and spoils it; its length is declared as it is sent, so nothing but the content is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from archiver.demo.wire import Reply, Request


@dataclass(frozen=True)
class NestedJSON:
    """Arrays or objects inside one another, so many deep; as the whole answer, or as a member of the good one."""

    depth: int
    member: str = ""
    kind: Literal["array", "object"] = "array"
    closed: bool = True

    def __call__(self, _request: Request, reply: Reply) -> Reply:
        opening, middle, closing = (b"[", b"", b"]") if self.kind == "array" else (b'{"a":', b"0", b"}")
        nested = opening * self.depth + middle + (closing * self.depth if self.closed else b"")
        return _with(reply, _first_member(_body(reply), self.member, nested) if self.member else nested)


@dataclass(frozen=True)
class TruncatedJSON:
    """The first bytes of the answer, so many."""

    kept: int

    def __call__(self, _request: Request, reply: Reply) -> Reply:
        return _with(reply, _body(reply)[: self.kept])


@dataclass(frozen=True)
class RepeatedMember:
    """The answer, an object, with a member of this name and value (as JSON text) before or after all that it has."""

    name: str
    value: str
    place: Literal["first", "last"] = "first"

    def __call__(self, _request: Request, reply: Reply) -> Reply:
        body, value = _body(reply), self.value.encode()
        if self.place == "first":
            return _with(reply, _first_member(body, self.name, value))
        return _with(
            reply, body.rstrip().removesuffix(b"}") + b"," + json.dumps(self.name).encode() + b":" + value + b"}"
        )


@dataclass(frozen=True)
class EditedJSON:
    """The answer decoded, changed by a function, and encoded again; NaN and infinities go out as those words."""

    change: Callable[[Any], Any]

    def __call__(self, _request: Request, reply: Reply) -> Reply:
        return _with(reply, json.dumps(self.change(json.loads(_body(reply))), allow_nan=True).encode())


def with_numeric_ids(tree: Any) -> Any:
    """Return a decoded answer in which every text of digits only is a number."""
    return _map(tree, lambda text: int(text) if text.isascii() and text.isdigit() else text)


def tainted(tree: Any, taint: str = "\x00\x1b]0;x\x07\x1b[31m\u202e</script>") -> Any:
    """Return a decoded answer in which every text is followed by NUL, terminal escapes and their like."""
    return _map(tree, lambda text: text + taint)


def _map(tree: Any, change: Callable[[str], Any]) -> Any:
    if isinstance(tree, dict):
        return {name: _map(value, change) for name, value in tree.items()}
    if isinstance(tree, list):
        return [_map(value, change) for value in tree]
    return change(tree) if isinstance(tree, str) else tree


def _first_member(body: bytes, name: str, value: bytes) -> bytes:
    rest = body.lstrip().removeprefix(b"{").lstrip()
    return b"{" + json.dumps(name).encode() + b":" + value + (b"" if rest.startswith(b"}") else b",") + rest


def _body(reply: Reply) -> bytes:
    return reply.body if isinstance(reply.body, bytes) else b"".join(reply.body)


def _with(reply: Reply, body: bytes) -> Reply:
    return replace(reply, body=body, length=None)
