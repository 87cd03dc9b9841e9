"""Whether a post in a GraphQL answer has its media, or only had them; it plans nothing and fetches nothing.

To guests X answers for age-restricted posts as for any other, with the media silently taken out. What stays behind is
the flag, and the short link that X appends to the text for the media and lists nowhere else.
"""

from __future__ import annotations

import re
from typing import Final

from archiver.model import Json
from archiver.platforms.pointer import at
from archiver.platforms.x_graphql_lookup import elements, text
from archiver.platforms.x_graphql_rules import EXTENDED_MEDIA, LESSER_MEDIA, REPOSTED
from archiver.platforms.x_graphql_shapes import Found, classify

_SHORT_LINK: Final = re.compile(r"https?://t\.co/[A-Za-z0-9]+")
_LAST_LINK: Final = re.compile(r"https?://t\.co/[A-Za-z0-9]+(?=\s*\Z)")
_REPOSTS: Final = 2


def media_place(post: Json) -> str | None:
    """Return where a post lists its media, as a pointer relative to it, or None where it lists none."""
    return next((place for place in (EXTENDED_MEDIA, LESSER_MEDIA) if any(elements(post, place))), None)


def media_owner(answer: Json, found: Found) -> Found:
    """Return the post whose list of media is to be read: that which a repost without a list of its own repeats."""
    for _ in range(_REPOSTS):
        if media_place(at(answer, found.pointer)) is not None:
            break
        reposted = classify(answer, f"{found.pointer}{REPOSTED}")
        if reposted.kind != "tweet":
            break
        found = reposted
    return found


def vanished(answer: Json, found: Found) -> bool:
    """Tell whether media that a post has were taken out of the answer, as X does for those that it restricts by age."""
    owner = media_owner(answer, found)
    post = at(answer, owner.pointer)
    if owner.kind != "tweet" or media_place(post) is not None:
        return False
    if at(answer, f"{owner.place}/mediaVisibilityResults"):
        return True
    listed = _listed_links(post)
    unlisted = set(_SHORT_LINK.findall(text(post, "/legacy/full_text"))) - listed
    # X flags only posts that have media or links: without a link, it is media that the flag is about.
    return at(post, "/legacy/possibly_sensitive") is True and (bool(unlisted) or not listed)


def announced(answer: Json, found: Found) -> bool:
    """Tell whether the answer says that a post has media, be it only by the link that X appends for them."""
    owner = media_owner(answer, found)
    post = at(answer, owner.pointer)
    last = _LAST_LINK.search(text(post, "/legacy/full_text"))
    appended = last is not None and last[0] not in _listed_links(post)
    listed = media_place(post) is not None
    return listed or (appended and isinstance(at(post, "/legacy/entities"), dict)) or vanished(answer, found)


def _listed_links(post: Json) -> set[str]:
    """Return the short links that stand for something other than media: a page, the quoted post, the card."""
    found = {text(link, "/url") for _, link in elements(post, "/legacy/entities/urls")}
    found |= {
        text(post, place) for place in ("/legacy/quoted_status_permalink/url", "/card/legacy/url", "/card/rest_id")
    }
    return found - {""}
