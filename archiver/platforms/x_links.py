"""The URLs at which X's services answer, and where its short links lead; it makes and reads text, and asks nothing."""

from __future__ import annotations

import html
import re
from typing import Final
from urllib.parse import parse_qs, quote, urlsplit

from archiver import canonical
from archiver.errors import FormatError
from archiver.intake.hosts import role_of
from archiver.model import Answer
from archiver.platforms.token import syndication_token

# Enough for any page that only forwards; a page that hides its target further down is not one.
_PAGE: Final = 16_384
_LINK: Final = re.compile(r"https?://[!#-;=?-\[\]-~]{1,4000}", re.IGNORECASE)
_REFRESH: Final = re.compile(
    r"<meta\b[^<>]*\bcontent\s*=\s*([\"'])\s*[0-9]{1,4}\s*;\s*url\s*=\s*([^\"'>]*)\1", re.IGNORECASE
)
_REPLACE: Final = re.compile(r"location\.replace\(\s*([\"'])([^\"'<>]*)\1\s*\)")
_CANONICAL: Final = re.compile(
    r"<link\b[^<>]*\brel\s*=\s*([\"']?)canonical\1\s[^<>]*\bhref\s*=\s*([\"'])([^\"'<>]*)\2", re.IGNORECASE
)
_TITLE: Final = re.compile(r"<title>([^<]*)</title>", re.IGNORECASE)
_WARNING_HOSTS: Final = frozenset({"twitter.com", "www.twitter.com", "mobile.twitter.com", "x.com", "www.x.com"})
_GRAPHQL: Final = re.compile(r"https://(?:api\.)?x\.com(?:/i/api)?/graphql/[A-Za-z0-9_-]{1,64}/([A-Za-z]{1,64})")
_GRAPHQL_IDS: Final = {"TweetResultByRestId": "tweetId", "TweetDetail": "focalTweetId"}
_GUEST_TOKEN: Final = re.compile(r"https://(?:api\.)?x\.com/1\.1/guest/activate\.json")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def syndication_url(id: str, lang: str = "en") -> str:
    """Return the URL at which X's embedding service answers for a post.

    Args:
        id: the post's id, 1 to 19 digits.
        lang: language of X's own words in the answer; the verdicts read English.

    Raises:
        FormatError: the id or the language is none.
    """
    if not _LANGUAGE.fullmatch(lang):
        raise FormatError(f"not a language tag: {lang!a:.40}")
    return f"https://cdn.syndication.twimg.com/tweet-result?id={id}&lang={lang}&token={syndication_token(id)}"


def oembed_url(url: str) -> str:
    """Return the URL at which X's oEmbed service answers for the URL of a post."""
    return f"https://publish.x.com/oembed?url={quote(url, safe='', errors='replace')}&omit_script=1&dnt=1"


def is_graphql_url(url: str, name: str, id: str) -> bool:
    """Tell whether a URL asks X's GraphQL for a post, by a query of that name and whatever id the query has.

    Args:
        url: the URL.
        name: "TweetResultByRestId" or "TweetDetail".
        id: the post's id.
    """
    try:
        parts = urlsplit(url)
        variables = parse_qs(parts.query, max_num_fields=20).get("variables", [])
        asked = canonical.decode(variables[0].encode("utf-8")) if len(variables) == 1 else None
    except (ValueError, FormatError):
        return False
    found = _GRAPHQL.fullmatch(f"{parts.scheme}://{parts.netloc}{parts.path}")
    named = asked.get(_GRAPHQL_IDS.get(name, "")) if isinstance(asked, dict) else None
    return found is not None and found[1] == name and named == id


def is_guest_token_url(url: str) -> bool:
    """Tell whether a URL is where X gives out the tokens by which guests ask its GraphQL."""
    return _GUEST_TOKEN.fullmatch(url) is not None


def short_link_target(answer: Answer, location: str | None) -> str | None:
    """Return where a t.co, pic.x.com or archive.today link leads, or None where the answer does not say.

    A redirect says it in its Location. What a browser gets is a page, which says it in a meta refresh, in a script and
    in its title. X's page of warning before unsafe links is skipped, since the link behind it is the one posted. A page
    of archive.today names its long form, which holds the address that was archived; nothing else in it is believed.

    Args:
        answer: what the link was answered with.
        location: the Location header as it came, if one did.
    """
    if 300 <= answer.status <= 399:
        return _past_warning(location or "")
    if answer.status != 200:
        return None
    page = answer.body[:_PAGE].decode("utf-8", "replace")
    archived = role_of(_host(answer.url)) == "archive-today"
    for pattern in (_CANONICAL,) if archived else (_REFRESH, _REPLACE, _TITLE):
        found = pattern.search(page)
        target = _past_warning(html.unescape(found[found.lastindex or 0]).replace("\\/", "/")) if found else None
        if target is not None:
            return target
    return None


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _past_warning(link: str) -> str | None:
    for _ in range(3):
        link = link.strip()
        if not _LINK.fullmatch(link):
            return None
        try:
            parts = urlsplit(link)
            hidden = parse_qs(parts.query, max_num_fields=100).get("unsafe_link", [])
        except ValueError:
            return None
        if parts.hostname not in _WARNING_HOSTS or parts.path != "/safety/unsafe_link_warning" or not hidden:
            return link
        link = hidden[0]
    return None
