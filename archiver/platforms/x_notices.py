"""What X's notices, reasons and error codes in place of a post stand for; a table of outcomes, and no last word.

Each is a hint from one answer: whether the post is absent or withheld is for the judgement of all answers to say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from archiver.model import Outcome

Reading = tuple[Outcome, str]
"""An outcome with its reason."""

UNCLEAR: Final[Reading] = ("refused", "unclear")
AGE: Final[Reading] = ("withheld", "age")
SUBSCRIBERS: Final[Reading] = ("withheld", "subscribers")

# X's sentences have changed their words (Tweet, Post), their apostrophes and their endings; what stays is the gist.
# The first that fits decides. Legal demands come first because their sentence names an account of any name.
_NOTICES: Final[tuple[tuple[re.Pattern[str], Reading], ...]] = (
    (re.compile(r"\bwithheld\b.*\b(in|legal|law|demand)\b"), ("withheld", "country")),
    (re.compile(r"\bage[- ]restricted\b|\badult content\b"), AGE),
    (re.compile(r"\bdeleted by the (post|tweet)('s)? author\b"), ("absent", "deleted")),
    (re.compile(r"\baccount (that|which) no longer exists\b|\baccount has been deleted\b"), ("absent", "account-gone")),
    (re.compile(r"\bsuspended account\b|\baccount (is|has been|was) suspended\b"), ("withheld", "suspended")),
    (re.compile(r"\blimits who can (view|see)\b|\b(posts|tweets) are protected\b"), ("withheld", "protected")),
    (re.compile(r"\bviolat(ed|es) the (x|twitter) rules\b"), ("withheld", "rules")),
    (re.compile(r"\bonly available to (the )?subscribers\b"), SUBSCRIBERS),
)
_LONGEST_NOTICE: Final = 1000
_HANDLE: Final = re.compile(r"@[A-Za-z0-9_]+")

_REASONS: Final[Mapping[str, Reading]] = MappingProxyType(
    {
        "nsfwloggedout": AGE,
        "nsfwviewerhasnostatedage": AGE,
        "nsfwviewerisunderage": AGE,
        "suspended": ("withheld", "suspended"),
        "protected": ("withheld", "protected"),
        "deactivated": ("absent", "account-gone"),
        "offboarded": ("absent", "account-gone"),
        "deleted": ("absent", "deleted"),
        "bouncedeleted": ("absent", "deleted"),
        "bounced": ("withheld", "rules"),
        "exclusivetweet": SUBSCRIBERS,
        "blocked": ("withheld", "blocked"),
        "loggedout": ("refused", "login"),
    }
)
NOT_FOUND: Final[Reading] = ("absent", "not-found")
_LOGIN: Final[Reading] = ("refused", "login")
_LOCKED: Final[Reading] = ("refused", "account-locked")
_CODES: Final[Mapping[int, Reading]] = MappingProxyType(
    {
        29: ("unreachable", "timeout"),
        32: _LOGIN,
        34: NOT_FOUND,
        50: ("absent", "account-gone"),
        63: ("withheld", "suspended"),
        64: _LOCKED,
        88: ("refused", "rate-limit"),
        89: _LOGIN,
        130: ("unreachable", "server-error"),
        131: ("unreachable", "server-error"),
        144: NOT_FOUND,
        179: ("withheld", "protected"),
        215: _LOGIN,
        239: _LOGIN,
        326: _LOCKED,
        336: ("refused", "outdated-request"),
        353: _LOGIN,
        366: ("refused", "bad-id"),
        421: NOT_FOUND,
        422: NOT_FOUND,
    }
)


def of_notice(words: str) -> Reading:
    """Return what a sentence in place of a post stands for; one that is not known still says that it is withheld."""
    return _of_words(words) or (("withheld", "unavailable") if words.strip() else UNCLEAR)


def of_reason(reason: str) -> Reading:
    """Return what GraphQL's one-word reason stands for; X writes it without spaces (`NsfwLoggedOut`)."""
    plain = reason[:_LONGEST_NOTICE].replace("Author", "").lower()
    return _REASONS.get(plain, ("withheld", "unavailable") if plain.strip() else UNCLEAR)


def of_error(code: int | None, words: str) -> Reading:
    """Return what an error stands for, by its code; where that only says that nothing was found, its words may say why.

    Args:
        code: X's number for the error, None where it has none.
        words: its message.
    """
    reading = _CODES.get(code, UNCLEAR) if code is not None else UNCLEAR
    return _of_words(words) or reading if reading == NOT_FOUND else reading


def _of_words(words: str) -> Reading | None:
    plain = _HANDLE.sub("", words[:_LONGEST_NOTICE].replace("’", "'")).lower()
    plain = " ".join(plain.split())
    return next((reading for pattern, reading in _NOTICES if pattern.search(plain)), None)
