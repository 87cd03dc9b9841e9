"""What passes between a capture and X's GraphQL: the guest's token, the question with its secrets, the answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote

import msgspec

from archiver.model import Connection, Exchange, Redaction

from .traffic import POST, exchange

TOKEN = b"X" * 19
QUERIES = {"graphql": ("TweetResultByRestId", "tweetId"), "thread": ("TweetDetail", "focalTweetId")}


def question(purpose: str, id: str = POST.id) -> str:
    """Return the URL at which GraphQL is asked for a post."""
    name, variable = QUERIES[purpose]
    variables = quote(json.dumps({variable: id}, separators=(",", ":")), safe="")
    return f"https://x.com/i/api/graphql/2ICDjqPd81tulZcYrtpTuQ/{name}?variables={variables}&features=%7B%7D"


def answer(served: dict[str, Any] | None) -> dict[str, Any]:
    """Return the body in which GraphQL gives what stands for a post."""
    return {"data": {"tweetResult": {"result": served} if served else {}}}


def asking(began: datetime, bodies: dict[str, Any], *, login: bool) -> Iterator[Exchange]:
    """Yield the exchanges with GraphQL, in order.

    Args:
        began: when the capture began.
        bodies: what is answered, by the purpose of the question.
        login: whether it is asked with a login; else there is a guest's token first.
    """
    hosts = {
        host: Connection(
            id=f"urn:uuid:{id}",
            opened=began,
            origin=f"{host}:443",
            address="[2001:db8::9]:443",
            proxied=False,
            tls_version="tls/1.3",
            cipher="TLS_AES_128_GCM_SHA256",
            chain=(b"leaf of x",),
        )
        for host, id in (
            ("api.x.com", "55555555-5555-4555-8555-555555555555"),
            ("x.com", "66666666-6666-4666-8666-666666666666"),
        )
    }
    if not login:
        yield _guest_token(began, hosts["api.x.com"])
    own, guest = b"Cookie: XXXXXXXX\r\nx-twitter-auth-type: OAuth2Session\r\n", b"x-guest-token: " + TOKEN + b"\r\n"
    for second, (purpose, body) in enumerate(bodies.items()):
        made = exchange(
            began,
            2,
            purpose,
            question(purpose),
            hosts["x.com"],
            "200 OK",
            (),
            json.dumps(body).encode(),
            after=501 + second,
        )
        request = made.request.replace(b"\r\n\r\n", b"\r\n" + (own if login else guest) + b"\r\n")
        what, at = ("cookie", request.index(b"XXXXXXXX")) if login else ("x-guest-token", request.index(TOKEN))
        length = 8 if login else len(TOKEN)
        found = (Redaction(offset=at, length=length, what=what),)
        yield msgspec.structs.replace(made, request=request, redactions=found)


def _guest_token(began: datetime, connection: Connection) -> Exchange:
    url, body = "https://api.x.com/1.1/guest/activate.json", b'{"guest_token":"' + TOKEN + b'"}'
    made = exchange(began, 2, "guest-token", url, connection, "200 OK", (), body, after=500)
    found = (Redaction(offset=len(made.head) + body.index(TOKEN), length=len(TOKEN), what="guest_token"),)
    request = made.request.replace(b"GET ", b"POST ").replace(b"\r\n\r\n", b"\r\nContent-Length: 0\r\n\r\n")
    return msgspec.structs.replace(made, method="POST", request=request, response_redactions=found)
