"""X's GraphQL for the sample posts, and the guest token that opens it; it has no search and no timelines.

`TweetResultByRestId` for guests and logins, `TweetDetail` for logins. The id of a query and the list of features change
often: any id will do, and of the features only those that have been asked for as long as the answers have this form.
"""

from __future__ import annotations

import gzip
import json
import re
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

from archiver.demo.graphql_conversation import conversation
from archiver.demo.graphql_errors import JSON_HEADERS, refuse
from archiver.demo.graphql_logins import Asker, Login, Sessions, has_bearer
from archiver.demo.graphql_results import result
from archiver.demo.graphql_users import user
from archiver.demo.records import Post
from archiver.demo.wire import Header, Reply, Request

ACTIVATE = "/1.1/guest/activate.json"
_QUERY = re.compile(r"(?:/i/api)?/graphql/[\w-]{22}/(TweetResultByRestId|TweetDetail)")
_FEATURES = ("longform_notetweets_consumption_enabled", "responsive_web_edit_tweet_api_enabled")
_COOKIES = "Max-Age=34214400; Path=/; Domain=.x.com; Secure; SameSite=None"


def asks_graphql(request: Request) -> bool:
    """Tell whether a request to x.com or api.x.com is for this part of it."""
    return request.path.startswith(("/i/api/graphql/", "/graphql/"))


def answer(posts: Mapping[str, Post], sessions: Sessions, request: Request) -> Reply:
    """Answer a query, or the request for a guest token, as X does; the note says who asked."""
    if request.path == ACTIVATE:
        return _activate(sessions, request)
    found = _QUERY.fullmatch(request.path)
    if found is None or request.method != "GET":
        return _missing()
    asker = sessions.identify(request)
    if not isinstance(asker, Asker):
        return _coded(refuse(asker), request)
    reply = _query(posts, found[1], asker, request) if asker.remaining >= 0 else refuse("rate-limit")
    note = f"asked by {asker.login.account.handle if asker.login else 'a guest'}"
    if request.headers.get("x-client-transaction-id"):
        note += ", with a transaction id"
    return _coded(replace(reply, headers=(*reply.headers, *asker.headers()), note=reply.note or note), request)


def _query(posts: Mapping[str, Post], name: str, asker: Asker, request: Request) -> Reply:
    if name == "TweetDetail" and asker.login is None:
        return _missing()
    query = parse_qs(request.query)
    variables, features = (_object(query.get(part, [""])[0]) for part in ("variables", "features"))
    absent = [feature for feature in _FEATURES if features.get(feature) is None]
    if absent:
        return refuse("features", ", ".join(absent))
    post_id = variables.get("tweetId" if name == "TweetResultByRestId" else "focalTweetId")
    if not isinstance(post_id, str) or not re.fullmatch(r"[0-9]{1,19}", post_id):
        return refuse("bad-id", str(post_id))
    post = posts.get(post_id)
    if name == "TweetResultByRestId":
        found = result(post, asker.login)
        return _data({"tweetResult": {"result": found} if found else {}}, asker.login)
    if post is None or asker.login is None or post.state in ("never-existed", "unclear"):
        return refuse("no-status")
    cursor = variables.get("cursor")
    laid_out = conversation(posts, post, asker.login, cursor if isinstance(cursor, str) else "")
    return _data({"threaded_conversation_with_injections_v2": laid_out}, asker.login)


def _activate(sessions: Sessions, request: Request) -> Reply:
    if request.method != "POST":
        return _missing()
    if not has_bearer(request):
        return _coded(refuse("no-bearer"), request)
    cookie = f"guest_id=v1%3A{int(time.time() * 1000)}{secrets.randbelow(100_000):05}; {_COOKIES}"
    reply = _json({"guest_token": sessions.new_guest()}, (("set-cookie", cookie),))
    return _coded(replace(reply, note="guest token"), request)


def _object(text: str) -> dict[str, Any]:
    """Return the JSON object in a member of the query; an empty one where there is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _data(data: dict[str, Any], login: Login | None) -> Reply:
    viewer = {"viewer_v2": {"user_results": {"result": user(login.account)}}} if login else {}
    return _json({"data": data | viewer})


def _json(body: dict[str, Any], headers: Iterable[Header] = ()) -> Reply:
    data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Reply(200, (*JSON_HEADERS, *headers), data)


def _coded(reply: Reply, request: Request) -> Reply:
    """Return a reply compressed where the client says that it can read that."""
    accepted = re.split(r"\s*,\s*", (request.headers.get("Accept-Encoding") or "").lower())
    if "gzip" not in accepted or not isinstance(reply.body, bytes):
        return reply
    packed = replace(reply, body=gzip.compress(reply.body, mtime=0))
    return packed.with_header("content-encoding", "gzip").with_header("vary", "Accept-Encoding")


def _missing() -> Reply:
    return Reply(404, (("server", "archiver-demo"),), note="no such thing for this asker")
