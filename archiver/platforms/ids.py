"""What follows from a platform's ids alone: where the post is, and when its id was given out; it asks nobody."""

from __future__ import annotations

from typing import Final

from archiver.errors import FormatError
from archiver.platforms import transforms

_URLS: Final = {"x": "https://x.com/i/status/{id}"}
_TIMES: Final = {"x": "x-snowflake-time/1"}


def canonical_url(platform: str, id: str) -> str | None:
    """Return the URL that follows from platform and id alone, or None for an unknown platform."""
    form = _URLS.get(platform)
    return None if form is None else form.format(id=id)


def id_time(platform: str, id: str) -> str:
    """Return the UTC time at which an id was given out (`2025-03-08T09:12:44.123Z`), empty where it does not tell."""
    name = _TIMES.get(platform)
    if name is None:
        return ""
    try:
        return str(transforms.apply(name, id, ""))
    except FormatError:
        return ""
