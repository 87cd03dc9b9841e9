"""Asks for what a reference designates: one file per platform; rules for reading the answers are in platforms/."""

from __future__ import annotations

from collections.abc import Mapping

from archiver.sources.base import Acquired, Source
from archiver.sources.x import XSource

__all__ = ["Acquired", "Source", "all_sources"]


def all_sources() -> Mapping[str, Source]:
    """Return the sources that this program has, by platform."""
    sources: list[Source] = [XSource()]
    return {source.platform: source for source in sources}
