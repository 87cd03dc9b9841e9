"""Errors in the words and codes of X's GraphQL, as replies and as faults to ask for; it decides on none of them."""

from __future__ import annotations

import gzip
import json
import time
from dataclasses import dataclass, replace
from typing import Any, Literal

from archiver.demo.wire import Header, Reply, Request

ErrorName = Literal[
    "no-bearer", "guest-token", "csrf", "credentials", "locked", "rate-limit", "features", "bad-id", "no-status"
]

_ERRORS: dict[ErrorName, tuple[int, int, str]] = {
    "no-bearer": (400, 215, "Bad Authentication data."),
    "guest-token": (403, 239, "Bad guest token."),
    "csrf": (403, 353, "This request requires a matching csrf cookie and header."),
    "credentials": (401, 32, "Could not authenticate you."),
    "locked": (
        403,
        326,
        "To protect our users from spam and other malicious activity, this account is temporarily locked. "
        "Please log in to https://x.com to unlock your account.",
    ),
    "rate-limit": (429, 88, "Rate limit exceeded."),
    "features": (400, 336, "The following features cannot be null: {}"),
    "bad-id": (400, 366, "NumericString value expected. Received {}"),
    "no-status": (200, 144, "_Missing: No status found with that ID."),
}
JSON_HEADERS: tuple[Header, ...] = (
    ("content-type", "application/json; charset=utf-8"),
    ("cache-control", "no-cache, no-store, must-revalidate, pre-check=0, post-check=0"),
    ("server", "archiver-demo"),
)


def refuse(name: ErrorName, detail: str = "") -> Reply:
    """Return the reply for an error; `detail` stands where its words have a gap."""
    status, code, message = _ERRORS[name]
    body: dict[str, Any] = {"errors": [{"message": message.format(detail), "code": code}]}
    if name == "no-status":
        body = {"errors": [_traced(message, code, "GenericError")], "data": {}}
    return Reply(status, JSON_HEADERS, json.dumps(body, separators=(",", ":")).encode(), note=f"refused: {name}")


@dataclass(frozen=True)
class Refused:
    """A fault: this error in place of the answer; a rate limit ends after so many seconds."""

    name: ErrorName
    detail: str = ""
    seconds: int = 900

    def __call__(self, _request: Request, _reply: Reply) -> Reply:
        reply = refuse(self.name, self.detail)
        if self.name != "rate-limit":
            return reply
        limits = {"limit": 50, "remaining": 0, "reset": int(time.time()) + self.seconds}
        fields = tuple((f"x-rate-limit-{what}", str(value)) for what, value in limits.items())
        return replace(reply, headers=(*reply.headers, *fields))


@dataclass(frozen=True)
class AlsoFailed:
    """A fault: the whole answer, with an error beside it that says nothing of the post."""

    message: str = "Dependency: Unspecified"

    def __call__(self, _request: Request, reply: Reply) -> Reply:
        packed = reply.body if isinstance(reply.body, bytes) else b"".join(reply.body)
        coded = any(name == "content-encoding" for name, _ in reply.headers)
        body = json.loads(gzip.decompress(packed) if coded else packed)
        changed = {"errors": [_traced(self.message, 0, "DependencyError")], **body}
        data = json.dumps(changed, ensure_ascii=False, separators=(",", ":")).encode()
        return replace(reply, body=gzip.compress(data, mtime=0) if coded else data, length=None)


def _traced(message: str, code: int, name: str) -> dict[str, Any]:
    said = {"code": code, "kind": "Operational", "name": name, "source": "Server"}
    tracing = {"tracing": {"trace_id": "5f0c1d2e3b4a5968"}}
    place = {"locations": [{"line": 7, "column": 5}], "path": ["tweetResult"]}
    return {"message": message, **place, "extensions": said | tracing, **said, **tracing}
