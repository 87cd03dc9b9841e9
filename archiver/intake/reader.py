"""Reads every form of link that designates a post; it follows none of them, and believes nothing in them but the id."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Literal
from urllib.parse import unquote

import msgspec

from archiver.errors import FormatError
from archiver.intake.forms import Shown, describe, read_id, read_intent, read_path
from archiver.intake.hosts import Role, role_of
from archiver.intake.marks import trimmed
from archiver.intake.snowflake import snowflake_time
from archiver.intake.urls import PLAIN_PORTS, Parts, has_scheme, split_url
from archiver.model import Record, Reference

_DEPTH = 4
_WAYBACK = re.compile(r"/(?:web|save)/(?:(?:[0-9]{1,14}\*?|\*)(?:[a-z]{2}_)?/)?(?P<inner>.+)", re.DOTALL)
_ARCHIVE_TODAY = re.compile(
    r"/(?:(?:[0-9][0-9.-]*\*?|\*|newest|oldest|timegate|timemap|o/[A-Za-z0-9]{4,6})/)?(?P<inner>.+)", re.DOTALL
)
_ARCHIVE_CODE = re.compile(r"([A-Za-z0-9]{4,6})(?:[^A-Za-z0-9].*)?", re.DOTALL)
_ARCHIVE_PAGES = frozenset({"newest", "oldest", "search", "submit"})
_SHORT_CODE = re.compile(r"(?P<code>[A-Za-z0-9]{1,32})(?P<rest>\W*|[?&%#].*)", re.DOTALL)
_SHORT_LENGTH = 10
_ALWAYS_A_POST = 15
_LOOK_ALIKE = (
    "this looks like the link of a post and is not one: its host is neither X nor a mirror that is known; "
    "if you trust it to show X, put x.com in the place of its host"
)
_PLAIN_ENDS = frozenset({"com", "edu", "gov", "info", "int", "net", "news", "org"})


class Link(Record, frozen=True, kw_only=True):
    """What one link designates.

    Attributes:
        kind: post (reference is set), short (a short link to resolve first), page (any other web address), or other
            (a link of X, or made to look like one, that is no post).
        input: the link verbatim, as it was handed in.
        url: the canonical URL of the post, the short link with https, or the address as written with its scheme.
        reference: the post.
        handle: the account name in the link; X ignores it, so it is a claim and no more.
        media_index: which picture or video of the post the link points at, from 1.
        source: the archive's or mirror's link through which the post was designated.
        advice: for "other", one sentence on what this is and what to give instead.
    """

    kind: Literal["post", "short", "page", "other"]
    input: str
    url: str
    reference: Reference | None = None
    handle: str | None = None
    media_index: int | None = None
    source: str | None = None
    advice: str = ""


def post_reference(id: str, *, now: datetime | None = None) -> Reference:
    """Return the reference of the post of X with this id.

    Raises:
        FormatError: no post can have this id (see snowflake_time, which also explains now).
    """
    snowflake_time(id, now=now)
    return Reference(platform="x", id=id, url=f"https://x.com/i/status/{id}")


def parse_link(text: str, *, now: datetime | None = None) -> Link | None:
    """Read one link; white space, invisible marks and <angle brackets> around it are allowed, nothing else is.

    Without a scheme, only hosts that are known here and addresses that are plainly of the web (www., .com/…) count.

    Args:
        text: the link.
        now: the present moment, against which ids are judged; the machine's clock when left out.

    Returns:
        The link, or None when the text is not a link at all.
    """
    written = trimmed(text)
    if written.startswith("<") and written.endswith(">"):
        written = written[1:-1]
    link = _Reader(now).read(written, _DEPTH)
    return None if link is None else msgspec.structs.replace(link, input=text)


class _Reader:
    """Reads links within links, each a level deeper, against one present moment."""

    def __init__(self, now: datetime | None) -> None:
        self._now = now

    def read(self, link: str, depth: int) -> Link | None:
        parts = split_url(link)
        if parts is None:
            return None
        if parts.scheme == "twitter":
            return self._app(link, parts)
        if parts.deceptive:
            advice = f"the link has {parts.deceptive}, which hides where it leads; give the plain address"
            return Link(kind="other", input=link, url=link, advice=advice) if has_scheme(link) else None
        role = role_of(parts.host) if parts.port in PLAIN_PORTS else None
        if role is not None:
            return self._known(role, link, parts, depth)
        if not _is_page(link, parts):
            return None
        shown = read_path(parts.segments)
        if shown is not None and shown.id is not None and len(shown.id) >= _ALWAYS_A_POST:
            return Link(kind="other", input=link, url=_absolute(link, parts), advice=_LOOK_ALIKE)
        return Link(kind="page", input=link, url=_absolute(link, parts))

    def _known(self, role: Role, link: str, parts: Parts, depth: int) -> Link | None:
        match role:
            case "x":
                return self._on_x(link, parts, depth)
            case "mirror":
                shown = read_path(parts.segments, depth=2)
                if shown is not None and parts.host.startswith("api."):
                    shown = msgspec.structs.replace(shown, handle=None)
                return self._shown(link, parts, shown, source=link)
            case "embed":
                id = parts.parameter("id", "tweetid")
                return self._shown(link, parts, read_id(id) if id and parts.path.startswith("/embed/") else None)
            case "publish":
                inner = self._inner(parts.parameter("query", "url"), depth)
                return inner or self._shown(link, parts, None)
            case "short":
                return _short(link, parts)
            case "wayback":
                return self._archived(link, parts, _WAYBACK.fullmatch(parts.path), depth)
            case "archive-today":
                code = _ARCHIVE_CODE.fullmatch(parts.segments[0]) if len(parts.segments) == 1 else None
                if code is not None and code[1] not in _ARCHIVE_PAGES:
                    return Link(kind="short", input=link, url=f"https://{parts.host}/{code[1]}", source=link)
                return self._archived(link, parts, _ARCHIVE_TODAY.fullmatch(parts.path), depth)

    def _on_x(self, link: str, parts: Parts, depth: int) -> Link:
        segments = parts.segments
        if not segments and parts.fragment is not None and parts.fragment.startswith("!"):
            segments = [segment for segment in parts.fragment[1:].partition("?")[0].split("/") if segment]
        if segments[:2] == ["safety", "unsafe_link_warning"]:
            wrapped = self._inner(parts.parameter("unsafe_link"), depth)
            if wrapped is not None:
                return wrapped
        shown = read_path(segments) or read_intent(segments, parts)
        return self._shown(link, parts, shown or Shown(advice=describe(segments)))

    def _app(self, link: str, parts: Parts) -> Link:
        id = parts.parameter("id", "status_id") if parts.host == "status" else None
        return self._shown(link, parts, read_id(id) if id else None)

    def _archived(self, link: str, parts: Parts, match: re.Match[str] | None, depth: int) -> Link:
        inner = None
        if match is not None:
            query = "" if parts.query is None else f"?{parts.query}"
            fragment = "" if parts.fragment is None else f"#{parts.fragment}"
            inner = self._inner(match["inner"] + query + fragment, depth)
        if inner is None or inner.kind == "page":
            return Link(kind="page", input=link, url=_absolute(link, parts))
        return msgspec.structs.replace(inner, source=link)

    def _inner(self, link: str | None, depth: int) -> Link | None:
        if not link or depth <= 1:
            return None
        if re.match(r"https?%3a", link, re.IGNORECASE):
            link = unquote(link)
        return self.read(link, depth - 1)

    def _shown(self, link: str, parts: Parts, shown: Shown | None, *, source: str | None = None) -> Link:
        advice = "this is not the link of a post" if shown is None else shown.advice
        if shown is not None and shown.id is not None:
            try:
                reference = post_reference(shown.id, now=self._now)
            except FormatError as error:
                advice = f"{error}; {error.advice}"
            else:
                return Link(
                    kind="post",
                    input=link,
                    url=reference.url,
                    reference=reference,
                    handle=shown.handle,
                    media_index=shown.media_index,
                    source=source,
                )
        return Link(kind="other", input=link, url=_absolute(link, parts), advice=advice)


def _short(link: str, parts: Parts) -> Link:
    code = _SHORT_CODE.fullmatch(unquote(parts.segments[0])) if len(parts.segments) == 1 else None
    if code is None:
        advice = "a short link has one code after the slash, and this one does not"
    elif code["rest"].startswith(("…", "...")) and len(code["code"]) < _SHORT_LENGTH:
        advice = "the short link is cut off; give the whole of it"
    else:
        return Link(kind="short", input=link, url=f"https://{parts.host}/{code['code']}")
    return Link(kind="other", input=link, url=_absolute(link, parts), advice=advice)


def _is_page(link: str, parts: Parts) -> bool:
    if parts.scheme:
        return True
    if has_scheme(link):
        return "." in parts.host
    plain = parts.host.rpartition(".")[2] in _PLAIN_ENDS and "." in parts.host and parts.path != ""
    return plain or (parts.host.startswith("www.") and parts.host.count(".") > 1)


def _absolute(link: str, parts: Parts) -> str:
    if parts.scheme == "twitter":
        return link
    rest = link.partition(":")[2] if parts.scheme else link
    return f"{parts.scheme or 'https'}://{rest.lstrip('/')}"
