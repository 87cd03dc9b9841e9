"""Brings together the mentions of one post, so that it is fetched once; it drops no mention and resolves no link."""

from __future__ import annotations

import re
from collections.abc import Iterable

from archiver.model import Mention, Record, Reference

# A code of pic.twitter.com is the code of the same link at t.co.
_SAME_CODE = re.compile(r"https://(?:t\.co|pic\.twitter\.com|pic\.x\.com)/(.+)")


class Target(Record, frozen=True, kw_only=True):
    """One post to capture, or one short link to resolve, with every place that designates it.

    Attributes:
        reference: the post, where it is known; else short_url is set.
        short_url: the short link to resolve.
        mentions: the mentions in the order in which they came; at least one.
    """

    reference: Reference | None
    short_url: str | None
    mentions: tuple[Mention, ...]


def merge(mentions: Iterable[Mention]) -> tuple[Target, ...]:
    """Group mentions by post, or by short link where the post is not known; the order is that of first appearance."""
    groups: dict[tuple[str, str], list[Mention]] = {}
    for mention in mentions:
        groups.setdefault(_key(mention), []).append(mention)
    return tuple(
        Target(
            reference=group[0].reference,
            short_url=None if group[0].reference else group[0].short_url,
            mentions=tuple(group),
        )
        for group in groups.values()
    )


def _key(mention: Mention) -> tuple[str, str]:
    if mention.reference is not None:
        return mention.reference.platform, mention.reference.id
    short = mention.short_url or ""
    same = _SAME_CODE.fullmatch(short)
    return "", f"https://t.co/{same[1]}" if same else short
