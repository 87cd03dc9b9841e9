"""Transformations for X's GraphQL answers, from a value as served to one of the post; each stays as it is for ever.

Their names and versions are in `transforms`; what is said in `x_transforms` of changed rules holds here as well.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from archiver.errors import FormatError
from archiver.model import Json
from archiver.platforms.pointer import at
from archiver.platforms.x_graphql_lookup import elements
from archiver.platforms.x_transforms import identifier, post_url, readable_text, unescape

NOTE: Final = "/note_tweet/note_tweet_results/result"
"""Where a long post has its text and what is in it."""

_DAYS: Final = "Mon|Tue|Wed|Thu|Fri|Sat|Sun"
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TIME: Final = re.compile(
    rf"(?:{_DAYS}) ({'|'.join(_MONTHS)}) ([0-9]{{2}}) ([0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}) \+0000 ([0-9]{{4}})"
)
_ANCHOR: Final = re.compile(r"<a [^<>]{1,500}>([^<>]{1,200})</a>")
_ID: Final = re.compile(r"[0-9]{1,19}")
_LAST_SECOND: Final = 253_402_300_799


def legacy_time(value: Json) -> str:
    """x-legacy-time/1: a UTC time as in Tue Oct 01 19:59:18 +0000 2024, to 2024-10-01T19:59:18Z."""
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise FormatError("not a UTC time")
    moment = f"{found[4]}-{_MONTHS.index(found[1]) + 1:02d}-{found[2]}T{found[3]}"
    try:
        datetime.fromisoformat(moment)
    except ValueError:
        raise FormatError("no such time") from None
    return f"{moment}Z"


def epoch_seconds(value: Json) -> str:
    """x-epoch-seconds/1: whole seconds since 1970, as a number or its digits, to a UTC time."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}", value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LAST_SECOND:
        raise FormatError("not a time in seconds")
    return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def source_name(value: Json) -> str:
    """x-source/1: the link that names the program a post was written with, to the program's name."""
    if not isinstance(value, str):
        raise FormatError("not text")
    found = _ANCHOR.fullmatch(value)
    if found is None and "<" in value:
        raise FormatError("not a link to a program")
    return unescape(found[1] if found else value)


def graphql_url(value: Json) -> str:
    """x-graphql-url/1: a whole post to its canonical URL."""
    user = "/core/user_results/result"
    handle = at(value, f"{user}/core/screen_name") or at(value, f"{user}/legacy/screen_name")
    return post_url({"id_str": identifier(at(value, "/rest_id")), "user": {"screen_name": handle}})


def graphql_text(value: Json) -> str:
    """x-graphql-text/1: a whole post to the text that its author meant, as x-text/1 makes it of the other service's.

    A long post has its text, and the links in it, apart from the beginning that is shown first; that text is read.
    """
    long = at(value, f"{NOTE}/text")
    is_long = isinstance(long, str)
    media = at(value, "/legacy/entities/media") or at(value, "/legacy/extended_entities/media")
    links = at(value, f"{NOTE}/entity_set/urls" if is_long else "/legacy/entities/urls")
    text = long if is_long else at(value, "/legacy/full_text")
    return readable_text({"text": text, "entities": {"urls": links, "media": media}})


def superseded(value: Json) -> bool:
    """x-superseded/1: a whole post to whether it names a newer version of itself."""
    own = int(identifier(at(value, "/rest_id")))
    if not isinstance(at(value, "/edit_control"), dict):
        raise FormatError("the post does not state its versions")
    return any(int(id) > own for id in stated_versions(value))


def stated_versions(post: Json) -> tuple[str, ...]:
    """Return the ids of versions that a post states, in X's order; part of x-superseded/1, and as fixed as that."""
    control = "/edit_control"
    stated = [at(post, f"{control}/initial_tweet_id")]
    for level in (control, f"{control}/edit_control_initial"):
        stated += [item for _, item in elements(post, f"{level}/edit_tweet_ids")]
    return tuple(dict.fromkeys(id for id in stated if isinstance(id, str) and _ID.fullmatch(id)))
