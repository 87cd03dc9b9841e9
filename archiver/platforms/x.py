"""X (formerly Twitter) as the rest of the program sees it: the modules beside this one by name, no rule of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from archiver.model import Verdict
from archiver.platforms.x_answers import JUDGEMENT, judge
from archiver.platforms.x_captions import CaptionsPlan, caption_items, captions_plan
from archiver.platforms.x_context import around, ids_around
from archiver.platforms.x_facts import Extraction, extract
from archiver.platforms.x_links import (
    is_graphql_url,
    is_guest_token_url,
    oembed_url,
    short_link_target,
    syndication_url,
)
from archiver.platforms.x_media import MediaPlan, Skipped, media_plan
from archiver.platforms.x_oembed import Corroboration, claims_from_oembed, corroborate
from archiver.platforms.x_reading import Answers, Reading, falls_short, read, what_came
from archiver.platforms.x_versions import other_versions

__all__ = [
    "JUDGEMENT",
    "JUDGEMENTS",
    "PLATFORM",
    "Answers",
    "CaptionsPlan",
    "Corroboration",
    "Extraction",
    "MediaPlan",
    "Reading",
    "Skipped",
    "around",
    "caption_items",
    "captions_plan",
    "claims_from_oembed",
    "corroborate",
    "extract",
    "falls_short",
    "ids_around",
    "is_graphql_url",
    "is_guest_token_url",
    "judge",
    "media_plan",
    "oembed_url",
    "other_versions",
    "read",
    "short_link_target",
    "syndication_url",
    "what_came",
]

PLATFORM: Final = "x"
JUDGEMENTS: Final[Mapping[str, Callable[..., Verdict]]] = MappingProxyType({"x-judgement/1": judge})
"""Every version of the rules by which answers were ever read."""
