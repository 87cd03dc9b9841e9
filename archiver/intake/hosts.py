"""Names the hosts by which posts are designated; a host that only looks like one of them is none of them."""

from __future__ import annotations

import re
from typing import Final, Literal

Role = Literal["x", "mirror", "embed", "publish", "short", "wayback", "archive-today"]

ONION: Final = "twitter3e4tixl4xyajtrzo62zg5vztmjuricljdp2c5kshju4avyoid.onion"

_ROLES: Final[dict[str, Role]] = {
    **{prefix + host: "x" for host in ("twitter.com", "x.com", ONION) for prefix in ("", "www.", "m.", "mobile.")},
    "platform.twitter.com": "embed",
    "platform.x.com": "embed",
    "publish.twitter.com": "publish",
    "publish.x.com": "publish",
    "t.co": "short",
    "pic.twitter.com": "short",
    "pic.x.com": "short",
    "web.archive.org": "wayback",
    **{
        f"{prefix}archive.{end}": "archive-today"
        for end in ("today", "ph", "is", "li", "md", "vn", "fo")
        for prefix in ("", "www.")
    },
}
_MIRRORS = re.compile(
    r"(?:(?:www|api|d|dl|t|i|g)\.)?(?:fxtwitter|fixupx|twittpr|vxtwitter|fixvx)\.com"
    r"|(?:www\.)?(?:xcancel|lightbrd)\.com"
    r"|nitter\.[a-z0-9-]+(?:\.[a-z0-9-]+)*"
)


def role_of(host: str) -> Role | None:
    """Say what a host (lower case, ASCII) does with posts; None for every other host, look-alikes included."""
    return _ROLES.get(host) or ("mirror" if _MIRRORS.fullmatch(host) else None)
