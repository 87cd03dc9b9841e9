"""Every sample post and account by its name; invented, all of it, and no word or picture of theirs is real."""

# What is imported here is imported to be found here.
# ruff: noqa: F401
from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from archiver.demo.accounts import CREW, HARBOUR, HERALD, HOSPITAL, NIGHT, PIER, PORT_WATCH, RESIDENT, WATCH, WATER
from archiver.demo.attached import (
    CAPTIONED,
    CARD,
    EDITED,
    EDITED_FIRST,
    EDITED_SECOND,
    EXPIRED_CARD,
    GEOBLOCKED,
    NOTED,
    POLL,
    QUOTING,
    REFUSED_MEDIA,
    REPLY,
    REUSED,
    THREAD_FIRST,
    THREAD_SECOND,
)
from archiver.demo.guarded import (
    AGE_STRIPPED,
    AGE_TOLD,
    AGE_VIDEO,
    DELETED_TOLD,
    PROTECTED_TOLD,
    RULES,
    SUBSCRIBERS,
    SUSPENDED_TOLD,
    WITHHELD,
    WITHHELD_ELSEWHERE,
)
from archiver.demo.linked import (
    ASKED,
    BYSTANDER,
    QUOTING_GONE,
    QUOTING_VIDEO,
    RETWEET,
    STRAND_FIRST,
    STRAND_SECOND,
    STRAND_THIRD,
)
from archiver.demo.records import Post
from archiver.demo.reports import (
    AGE_RESTRICTED,
    DELETED,
    FLOOD,
    GIF,
    GONE,
    LONG,
    MIXED,
    NEVER_EXISTED,
    PHOTO,
    PROTECTED,
    SENSITIVE,
    SHELLING,
    SUSPENDED,
    TEXT,
    UNCLEAR,
)
from archiver.demo.unusual import LIMITED, LIVE, LONG_PHOTOS, STREAMED, WRAPPED

POSTS: Mapping[str, Post] = MappingProxyType(
    {name: value for name, value in tuple(globals().items()) if isinstance(value, Post)}
)
"""Every sample post by its name in this module."""
