"""The rules for what X shows below a post as a card: the preview of a link, a broadcast, a poll; tables only.

A card is a bag of typed values by name. Each picture comes in several sizes under one name; the largest is read.
"""

from __future__ import annotations

from typing import Final

from archiver.platforms.rules import First, Rule, Rules

_VALUES: Final = "/binding_values"
_TITLES: Final = ("title", "broadcast_title", "event_title")
_DOMAINS: Final = ("domain", "vanity_url")
_LINKS: Final = ("card_url", "broadcast_url", "event_url")
_PICTURES: Final = (
    "photo_image_full_size",
    "summary_photo_image",
    "player_image",
    "image",
    "broadcast_thumbnail",
    "event_thumbnail",
    "thumbnail_image",
)
_SIZES: Final = ("_original", "_x_large", "_large", "", "_small")
_CHOICES: Final = range(1, 5)

_PICTURE: Final[Rules] = (
    Rule("/url", "/image_value/url"),
    Rule("/width", "/image_value/width", "x-count/1", int),
    Rule("/height", "/image_value/height", "x-count/1", int),
    Rule("/alt", "/image_value/alt"),
)
CARD: Final[Rules] = (
    Rule("/name", "/name"),
    Rule("/url", "/url"),
    *(Rule("/title", f"{_VALUES}/{name}/string_value") for name in _TITLES),
    Rule("/description", f"{_VALUES}/description/string_value"),
    *(Rule("/domain", f"{_VALUES}/{name}/string_value") for name in _DOMAINS),
    *(Rule("/link", f"{_VALUES}/{name}/string_value") for name in _LINKS),
    Rule("/site", f"{_VALUES}/site/user_value/id_str", "id/1"),
    *(First("/images", tuple(f"{_VALUES}/{name}{size}" for size in _SIZES), _PICTURE) for name in _PICTURES),
)
"""Relative to the card."""

POLL: Final[Rules] = (
    *(Rule(f"/choice{n}/label", f"/choice{n}_label/string_value") for n in _CHOICES),
    *(Rule(f"/choice{n}/votes", f"/choice{n}_count/string_value", "x-count/1", int) for n in _CHOICES),
    Rule("/ends", "/end_datetime_utc/string_value", "x-time/1"),
    Rule("/updated", "/last_updated_datetime_utc/string_value", "x-time/1"),
    Rule("/minutes", "/duration_minutes/string_value", "x-count/1", int),
    Rule("/final", "/counts_are_final/boolean_value", type=bool),
)
"""Relative to the values of the card."""

_READ: Final = (
    *_TITLES,
    "description",
    *_DOMAINS,
    *_LINKS,
    "site",
    *(f"{name}{size}" for name in _PICTURES for size in _SIZES),
    *(f"choice{n}_{what}" for n in _CHOICES for what in ("label", "count")),
    "end_datetime_utc",
    "last_updated_datetime_utc",
    "duration_minutes",
    "counts_are_final",
)
CARD_LEFT: Final = (
    "/card_platform",
    f"{_VALUES}/**",
    *(f"{_VALUES}/{name}/**" for name in _READ),
    f"{_VALUES}/site/user_value/**",
    *(f"{_VALUES}/{name}{size}/image_value/**" for name in _PICTURES for size in _SIZES),
)
"""Known of a card, and left in the answer: the rest of its values, which say how it is laid out and counted."""
