"""Polls, link previews and readers' notes as members of X's syndication answer; posts and media are elsewhere."""

from __future__ import annotations

from typing import Any

from archiver.demo.records import CommunityNote, Link, LinkCard, Poll

CARD_SIZES = {"orig": ("orig", 800, 419), "280x150": ("small", 280, 147)}
"""Names in the URL of a card's image, with the stored rendition and its width and height in pixels."""

_PLATFORM = {"platform": {"audience": {"name": "production"}, "device": {"name": "Swift", "version": "12"}}}


def poll(post_id: str, asked: Poll) -> dict[str, Any]:
    """Return the card of a poll: `binding_values` is an object here, and counts are text."""
    values = {
        "api": _text("capi://passthrough/1"),
        "card_url": _text("https://twitter.com") | {"scribe_key": "card_url"},
        "counts_are_final": {"boolean_value": True, "type": "BOOLEAN"},
        "duration_minutes": _text(str(asked.minutes)),
        "end_datetime_utc": _text(asked.ends),
        "last_updated_datetime_utc": _text(asked.updated),
    }
    for number, (label, votes) in enumerate(asked.choices, start=1):
        values |= {f"choice{number}_label": _text(label), f"choice{number}_count": _text(str(votes))}
    return {
        "card_platform": _PLATFORM,
        "name": f"poll{len(asked.choices)}choice_text_only",
        "url": f"card://{int(post_id) - 1}",
        "binding_values": values,
    }


def link_card(link: Link, card: LinkCard) -> dict[str, Any]:
    """Return the preview of a link with a large image."""
    domain = link.expanded.split("/")[2]
    return {
        "card_platform": _PLATFORM,
        "name": "summary_large_image",
        "url": link.url,
        "binding_values": {
            "card_url": _text(link.url) | {"scribe_key": "card_url"},
            "description": _text(card.description),
            "domain": _text(domain),
            "thumbnail_image": _image(card, "280x150"),
            "thumbnail_image_alt_text": _text(card.title),
            "thumbnail_image_original": _image(card, "orig"),
            "summary_photo_image_original": _image(card, "orig"),
            "title": _text(card.title),
            "vanity_url": _text(domain) | {"scribe_key": "vanity_url"},
        },
    }


def community_note(note: CommunityNote) -> dict[str, Any]:
    """Return a readers' note in the shape of X's GraphQL answers; the one of this service is not known."""
    text = note.text + note.link.url
    ref = {"type": "TimelineUrl", "url": note.link.url, "urlType": "ExternalUrl"}
    return {
        "destinationUrl": f"https://x.com/i/birdwatch/n/{note.id}",
        "iconType": "BirdwatchV1Icon",
        "note": {"rest_id": note.id},
        "subtitle": {
            "text": text,
            "entities": [{"fromIndex": len(note.text), "toIndex": len(text), "ref": ref}],
        },
        "title": "Readers added context",
        "shorttitle": "Readers added context",
        "visualStyle": "Default",
    }


def _text(value: str) -> dict[str, Any]:
    return {"string_value": value, "type": "STRING"}


def _image(card: LinkCard, name: str) -> dict[str, Any]:
    _, width, height = CARD_SIZES[name]
    url = f"https://pbs.twimg.com{card.image_path}?format=jpg&name={name}"
    return {"image_value": {"height": height, "url": url, "width": width}, "type": "IMAGE"}
