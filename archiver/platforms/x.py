"""X (formerly Twitter) as the rest of the program sees it: the modules beside this one by name, no rule of its own."""

from __future__ import annotations

from typing import Final

from archiver.platforms.x_answers import JUDGEMENT, judge
from archiver.platforms.x_facts import Extraction, extract
from archiver.platforms.x_links import oembed_url, short_link_target, syndication_url
from archiver.platforms.x_media import MediaPlan, Skipped, media_plan
from archiver.platforms.x_oembed import Corroboration, claims_from_oembed, corroborate

__all__ = [
    "JUDGEMENT",
    "PLATFORM",
    "Corroboration",
    "Extraction",
    "MediaPlan",
    "Skipped",
    "claims_from_oembed",
    "corroborate",
    "extract",
    "judge",
    "media_plan",
    "oembed_url",
    "short_link_target",
    "syndication_url",
]

PLATFORM: Final = "x"
