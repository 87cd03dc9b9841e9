"""What X's oEmbed service says of a post, and whether it agrees with the embedding service; it decides nothing.

oEmbed is a second witness inside X: it says who wrote the post and shows the text, or its beginning. It drops the names
that a reply begins with, shows links as people see them, and cuts long text off with an ellipsis.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple
from urllib.parse import urlsplit

from archiver import canonical
from archiver.errors import FormatError
from archiver.intake.html import Tag, tokens, unescape
from archiver.model import Answer, Claim, Fact, Json, Record
from archiver.platforms import x_transforms

Agreement = Literal["agrees", "differs", "silent"]
TextAgreement = Literal["agrees", "agrees-as-far-as-shown", "differs", "silent"]

# A post in an embed is a few kilobytes.
_LONGEST_HTML: Final = 100_000
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY: Final = re.compile(rf"({'|'.join(_MONTHS)})[a-z]* ([0-9]{{1,2}}), ([0-9]{{4}})")
_STATUS: Final = re.compile(r"/[A-Za-z0-9_]+/status(?:es)?/([0-9]+)")
_SHORT_LINK: Final = re.compile(r"https?://t\.co/[A-Za-z0-9]+")
_REPLIED_TO: Final = re.compile(r"\A\s*(?:@[A-Za-z0-9_]+\s+)+")
_X_HOSTS: Final = frozenset({"x.com", "www.x.com", "twitter.com", "www.twitter.com", "mobile.twitter.com"})


class Corroboration(Record, frozen=True, kw_only=True):
    """How far oEmbed bears out what the embedding service said.

    Attributes:
        author: whether both name the same account.
        text: whether both show the same text; "agrees-as-far-as-shown" where one of them cuts it off.
    """

    author: Agreement
    text: TextAgreement


def claims_from_oembed(answer: Answer | None) -> Claim | None:
    """Return what an oEmbed answer says of the post, or None where it is no such answer."""
    document = _document(answer)
    if document is None:
        return None
    name = document.get("author_name")
    shown = _Shown(document)
    return Claim(
        handle=_handle(document.get("author_url")),
        name=name if isinstance(name, str) else None,
        day=shown.day,
        text=shown.text,
    )


def corroborate(syndication: Answer | None, oembed: Answer | None, facts: Iterable[Fact] = ()) -> Corroboration:
    """Compare the two services' answers about one post, leniently as to white space, links and names replied to.

    An answer that is missing, unreadable, about no post or about another one is silent.

    Args:
        syndication: what the embedding service answered.
        oembed: what oEmbed answered.
        facts: what is read of the post elsewhere, to be compared where the embedding service does not give it.
    """
    stated, document = _stated(syndication) or _of_facts(facts), _document(oembed)
    if stated is None or document is None or not _same_post(stated.id, document):
        return Corroboration(author="silent", text="silent")
    return Corroboration(
        author=_compare_handles(stated.handle, _handle(document.get("author_url"))),
        text=_compare_texts(stated.text, _Shown(document).words),
    )


class _Stated(NamedTuple):
    """What is compared of a post; any of it may be missing, or of another type."""

    id: Json
    handle: Json
    text: Json


def _stated(syndication: Answer | None) -> _Stated | None:
    post = _document(syndication)
    if post is None or post.get("__typename") != "Tweet":
        return None
    user = post.get("user")
    return _Stated(post.get("id_str"), user.get("screen_name") if isinstance(user, dict) else None, post.get("text"))


def _of_facts(facts: Iterable[Fact]) -> _Stated | None:
    values = {fact.path: fact.value for fact in facts}
    if "/id" not in values:
        return None
    return _Stated(values["/id"], values.get("/author/handle"), values.get("/text_as_served"))


class _Shown:
    """What the HTML of an oEmbed answer shows: text for people, words for comparison, and the printed day."""

    def __init__(self, document: dict[str, Json]) -> None:
        self.text: str | None = None
        self.words: str | None = None
        self.day: str | None = None
        markup = document.get("html")
        if not isinstance(markup, str) or len(markup) > _LONGEST_HTML:
            return
        quote = _Quote()
        # Halves of surrogate pairs are legal in JSON, and nothing that a post can show.
        for token in tokens(markup.encode("utf-8", "replace").decode("utf-8")):
            if isinstance(token, Tag):
                quote.tag(token)
            elif not token.inside:
                quote.add(unescape(token.data))
        self.day = _iso_day("".join(quote.last_link)) if quote.last_link is not None else None
        if quote.text is not None:
            self.text = "".join(quote.text)
            self.words = "".join(quote.words)


class _Quote:
    """Follows the tags of an embed: the first blockquote, the first paragraph in it, and the last link in it."""

    def __init__(self) -> None:
        self.text: list[str] | None = None
        self.words: list[str] = []
        self.last_link: list[str] | None = None
        self._depth = 0
        self._over = False
        self._in_paragraph = False
        self._in_link = False
        self._in_short_link = False

    def tag(self, tag: Tag) -> None:
        starts = tag.kind == "start"
        if tag.name == "blockquote" and not self._over:
            self._over = self._depth == 1 and not starts
            self._depth = max(0, self._depth + (1 if starts else -1))
        if not self._depth:
            return
        if tag.name == "p":
            self._in_paragraph = starts and self.text is None
            self.text = [] if self._in_paragraph else self.text
        elif tag.name == "br" and starts:
            self.add("\n")
        elif tag.name == "a":
            self._in_link = starts
            self._in_short_link = starts and _SHORT_LINK.match(tag.attributes.get("href", "")) is not None
            self.last_link = [] if starts else self.last_link

    def add(self, text: str) -> None:
        if not self._depth:
            return
        if self._in_link and self.last_link is not None:
            self.last_link.append(text)
        if self._in_paragraph and self.text is not None:
            self.text.append(text)
            if not self._in_short_link:
                self.words.append(text)


def _document(answer: Answer | None) -> dict[str, Json] | None:
    if answer is None or answer.status != 200 or answer.truncated is not None:
        return None
    try:
        document = canonical.decode(answer.body)
    except FormatError:
        return None
    return document if isinstance(document, dict) else None


def _path(url: Json) -> str:
    """Return the path of a URL on X, or nothing."""
    if not isinstance(url, str):
        return ""
    try:
        parts = urlsplit(url)
        return parts.path if parts.hostname in _X_HOSTS else ""
    except ValueError:
        return ""


def _handle(url: Json) -> str | None:
    found = re.fullmatch(r"/([A-Za-z0-9_]{1,20})/?", _path(url))
    return found[1] if found else None


def _same_post(id: Json, document: dict[str, Json]) -> bool:
    found = _STATUS.match(_path(document.get("url")))
    return found is not None and found[1] == id


def _iso_day(printed: str) -> str | None:
    found = _DAY.fullmatch(printed.strip())
    if found is None:
        return None
    try:
        return datetime(int(found[3]), _MONTHS.index(found[1]) + 1, int(found[2]), tzinfo=UTC).date().isoformat()
    except ValueError:
        return None


def _compare_handles(served: Json, shown: str | None) -> Agreement:
    if not isinstance(served, str) or not served or shown is None:
        return "silent"
    return "agrees" if served.lower() == shown.lower() else "differs"


def _compare_texts(served: Json, shown: str | None) -> TextAgreement:
    if not isinstance(served, str) or shown is None:
        return "silent"
    whole = x_transforms.unescape(_SHORT_LINK.sub(" ", served))
    candidates = (_squeezed(whole), _squeezed(_REPLIED_TO.sub("", whole, count=1)))
    words = _squeezed(shown)
    if words in candidates:
        return "agrees"
    beginning = words.removesuffix("…").strip()
    if words.endswith("…"):
        if not beginning:
            return "silent"
        if any(candidate.startswith(beginning) for candidate in candidates):
            return "agrees-as-far-as-shown"
    cut = [candidate.removesuffix("…").strip() for candidate in candidates if candidate.endswith("…")]
    if any(candidate and words.startswith(candidate) for candidate in cut):
        return "agrees-as-far-as-shown"
    return "differs"


def _squeezed(text: str) -> str:
    # Without any white space at all: where a link is dropped, how much of it is left differs between the two.
    return "".join(text.split())
