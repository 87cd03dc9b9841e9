"""X's own transformations, from a value as served to a value of the normalised post; each stays as it is for ever.

The names and versions under which they are known are in `transforms`. A changed rule is a new function with a new
version beside the old one: captures name the version that they were made with, and verify repeats it years later.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from archiver.errors import FormatError
from archiver.model import Json

_EPOCH_MS: Final = 1_288_834_974_657
_FIRST_SNOWFLAKE: Final = 300_000_000_000_000
_LARGEST_ID: Final = 2**63 - 1
_ESCAPE: Final = re.compile(r"&(amp|lt|gt);")
_ESCAPED: Final = {"amp": "&", "lt": "<", "gt": ">"}
_TIME: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]{3})?Z")
_SHORT_LINK: Final = re.compile(r"https?://t\.co/[A-Za-z0-9]+")
# White space and controls are named one by one, so that no later edition of Unicode changes what an old version did.
# Halves of surrogate pairs are shut out because two of them, brought together, would be read back as one character.
_FULL_LINK: Final = re.compile(
    r"https?://[^\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u200e\u200f\u2028-\u202f\u205f\u2066-\u2069\u3000\ud800-\udfff]+"
)
_LAST_LINK: Final = re.compile(r"[ \t\r\n]*(https?://t\.co/[A-Za-z0-9]+)[ \t\r\n]*\Z")
_HANDLE: Final = re.compile(r"[A-Za-z0-9_]{1,20}")
_PAGE: Final = re.compile(
    r"https?://(?:www\.|mobile\.)?(?:x|twitter)\.com/([A-Za-z0-9_]{1,20})/status/([0-9]{1,19})(?:/(?:photo|video)/[0-9]{1,3})?"
)
_KINDS: Final = {"photo": "photo", "video": "video", "animated_gif": "gif", "media_entity": "video", "gif": "gif"}


def identifier(value: Json) -> str:
    """id/1: an id of 1 to 19 digits, as text or as a whole number, to text."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**19:
        return str(value)
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,19}", value):
        return value
    raise FormatError("not an id of 1 to 19 digits")


def count(value: Json) -> int:
    """x-count/1: a count, as a whole number or as its digits, to a whole number below 10**15."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**15:
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}", value):
        return int(value)
    raise FormatError("not a count")


def unescape(value: Json) -> str:
    """x-unescape/1: text in which X has escaped &, < and > (and nothing else), to plain text."""
    if not isinstance(value, str):
        raise FormatError("not text")
    return _ESCAPE.sub(lambda found: _ESCAPED[found[1]], value)


def time(value: Json) -> str:
    """x-time/1: a UTC time as in 2021-07-29T08:55:55.000Z, without its fraction where that is zero."""
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise FormatError("not a UTC time")
    try:
        datetime.fromisoformat(found[1])
    except ValueError:
        raise FormatError("no such time") from None
    fraction = found[2] if found[2] and found[2] != ".000" else ""
    return f"{found[1]}{fraction}Z"


def snowflake_time(value: Json) -> str:
    """x-snowflake-time/1: the UTC time that is in an id, with milliseconds. Ids before November 2010 hold none."""
    number = int(identifier(value))
    if not _FIRST_SNOWFLAKE <= number <= _LARGEST_ID:
        raise FormatError("the id holds no time")
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=(number >> 22) + _EPOCH_MS)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def post_url(value: Json) -> str:
    """x-url/1: a whole post to its canonical URL."""
    user = value.get("user") if isinstance(value, dict) else None
    handle = user.get("screen_name") if isinstance(user, dict) else None
    if not isinstance(handle, str) or not _HANDLE.fullmatch(handle):
        raise FormatError("the post names no author")
    return f"https://x.com/{handle}/status/{identifier(value.get('id_str'))}"


def media_kind(value: Json) -> str:
    """x-media-kind/1: X's word for a kind of media to photo, video or gif (a silent video that repeats)."""
    kind = _KINDS.get(value) if isinstance(value, str) else None
    if kind is None:
        raise FormatError("not a known kind of media")
    return kind


def photo_kind(value: Json) -> str:
    """x-photo-kind/1: the URL of an image to photo; for X's list of photos, which states no kind."""
    if not isinstance(value, str) or not value.startswith("https://pbs.twimg.com/"):
        raise FormatError("not the URL of a photo on X")
    return "photo"


def page_post(value: Json) -> str:
    """x-page-post/1: the URL of the page on which X shows a piece of media to the id of the post there."""
    return _page(value)[2]


def page_handle(value: Json) -> str:
    """x-page-handle/1: the URL of the page on which X shows a piece of media to the account name in it."""
    handle = _page(value)[1]
    if handle == "i":
        raise FormatError("the page names no account")
    return handle


def _page(value: Json) -> re.Match[str]:
    found = _PAGE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise FormatError("not the page of a piece of media on X")
    return found


def readable_text(value: Json) -> str:
    """x-text/1: a whole post to the text that its author meant.

    X escapes the text, replaces every link by a t.co link, and appends one for the media. Here the links stand as they
    were written, the appended one is left out, and the escapes are undone. Nothing else is cut: X's
    `display_text_range` hides the names replied to, and may end in the middle of a link.

    Links are found by their text rather than by X's indices: those count code points of the escaped text, which not
    every writer of answers does, while a t.co link is unmistakable. Each listed link is used once, so that no answer
    can make the text longer than itself. What does not fit is left as served.
    """
    text = value.get("text") if isinstance(value, dict) else None
    if not isinstance(text, str):
        raise FormatError("the post has no text")
    text = _without_media_link(text, value)
    written: defaultdict[str, deque[str]] = defaultdict(deque)
    for link in _entities(value, "urls"):
        short, full = link.get("url"), link.get("expanded_url")
        if isinstance(short, str) and isinstance(full, str) and _FULL_LINK.fullmatch(full):
            written[short].append(full)
    parts, end = [], 0
    for found in _SHORT_LINK.finditer(text):
        if written.get(found[0]):
            parts += [unescape(text[end : found.start()]), written[found[0]].popleft()]
            end = found.end()
    return "".join([*parts, unescape(text[end:])])


def _without_media_link(text: str, post: Json) -> str:
    links = {link.get("url") for link in _entities(post, "media") if isinstance(link.get("url"), str)}
    found = _LAST_LINK.search(text[-200:])
    if found is None or found[1] not in links:
        return text
    return text[: len(text) - len(found[0])]


def _entities(post: Json, name: str) -> Iterator[dict[str, Json]]:
    entities = post.get("entities")
    items = entities.get(name) if isinstance(entities, dict) else None
    if isinstance(items, list):
        yield from (item for item in items if isinstance(item, dict))
