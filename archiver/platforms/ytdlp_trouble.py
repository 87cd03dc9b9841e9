"""What stands behind yt-dlp's errors, as outcomes with reasons; a table, and no last word.

yt-dlp tells its errors apart by class and by sentence. Each reading is a hint from one attempt: whether a post is
absent or withheld is for the judgement of recorded answers to say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from archiver.model import Record
from archiver.platforms import x_notices
from archiver.platforms.x_notices import NOT_FOUND, UNCLEAR, Reading

LIVE: Final = "Live"
"""Kind of our own refusal of what is still going on."""
UNSUPPORTED: Final = "Unsupported"
"""Kind of our own refusal of what cannot be fetched through the recorder."""
PROGRAM: Final = "Program"
"""Kind of what went wrong in yt-dlp itself."""


class Trouble(Record, frozen=True, kw_only=True):
    """Why yt-dlp did not give what it was asked for.

    Attributes:
        kind: name of its error's class, or one of the kinds above.
        words: its message, without credentials; untrusted.
        status: HTTP status behind it, 0 if none is.
        failure: reason of the exchange's failure behind it ("timeout", …), empty if there is none.
    """

    kind: str
    words: str
    status: int = 0
    failure: str = ""


_KINDS: Final[Mapping[str, Reading]] = MappingProxyType(
    {
        LIVE: ("refused", "live"),
        UNSUPPORTED: ("refused", "unsupported"),
        PROGRAM: ("refused", "yt-dlp"),
        "UnsupportedError": ("refused", "unsupported"),
        "NoSupportingHandlers": ("refused", "unsupported"),
        "GeoRestrictedError": ("withheld", "country"),
    }
)
_STATUS: Final[Mapping[int, Reading]] = MappingProxyType(
    {
        401: ("refused", "login"),
        403: ("refused", "blocked"),
        404: NOT_FOUND,
        410: NOT_FOUND,
        429: ("refused", "rate-limit"),
        451: ("withheld", "country"),
    }
)
_SAYS: Final = re.compile(r"Twitter API says: (.*)", re.DOTALL)
_REPORTS: Final = re.compile(r"Error\(s\) while querying API: (.*)", re.DOTALL)
_ONE_WORD: Final = re.compile(r"[A-Z][A-Za-z]{3,40}")
# The first that fits decides.
_WORDS: Final[tuple[tuple[re.Pattern[str], Reading], ...]] = (
    (re.compile(r"NSFW tweet requires authentication"), x_notices.AGE),
    (re.compile(r"not authorized to view this protected tweet"), ("withheld", "protected")),
    (re.compile(r"Requested tweet is unavailable"), ("withheld", "unavailable")),
    (re.compile(r"Could not retrieve guest token"), ("refused", "guest-token")),
    (re.compile(r"No video could be found in this tweet|returned empty JSON|Video #\d+ is unavailable"), UNCLEAR),
    (re.compile(r"\bDRM\b"), ("withheld", "drm")),
    (re.compile(r"not available (from|in) your (location|country)|geo.?restrict", re.I), ("withheld", "country")),
    (re.compile(r"confirm your age|age[- ]restricted", re.I), x_notices.AGE),
    (re.compile(r"\bPrivate video\b|\bThis (account|video|post) is private\b", re.I), ("withheld", "protected")),
    (re.compile(r"--cookies|\blog ?in\b|requires authentication|registered users", re.I), ("refused", "login")),
)
_API_WORDS: Final[tuple[tuple[re.Pattern[str], Reading], ...]] = (
    (re.compile(r"rate limit", re.I), ("refused", "rate-limit")),
    (re.compile(r"authenticate|csrf|authoriz", re.I), ("refused", "login")),
    (re.compile(r"guest token", re.I), ("refused", "guest-token")),
    (re.compile(r"cannot be null|Query: Unspecified", re.I), ("refused", "outdated-request")),
    (re.compile(r"temporarily locked|account is locked", re.I), ("refused", "account-locked")),
    (re.compile(r"Timeout", re.I), ("unreachable", "timeout")),
)
_LONGEST: Final = 1000


def reading(trouble: Trouble) -> Reading:
    """Return what an error of yt-dlp stands for.

    The words go first where they say something, then the kind; then a failure of the network, then the status.
    """
    words = trouble.words[:_LONGEST]
    if found := _SAYS.fullmatch(words):
        return x_notices.of_notice(found[1])
    if found := _REPORTS.match(words):
        return _first(_API_WORDS, found[1]) or x_notices.of_error(None, found[1])
    if trouble.failure:
        return "unreachable", trouble.failure
    if trouble.kind in _KINDS:
        return _KINDS[trouble.kind]
    if 500 <= trouble.status <= 599:
        return "unreachable", "server-error"
    if trouble.status in _STATUS:
        return _STATUS[trouble.status]
    if _ONE_WORD.fullmatch(words):
        return x_notices.of_reason(words)
    return _first(_WORDS, words) or UNCLEAR


def _first(table: tuple[tuple[re.Pattern[str], Reading], ...], words: str) -> Reading | None:
    return next((found for pattern, found in table if pattern.search(words)), None)
