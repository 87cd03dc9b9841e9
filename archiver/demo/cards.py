"""What hangs on a sample post besides its media: links, a poll, the preview of a link, readers' notes; no shapes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    """A link in the text: the code at t.co and where it leads."""

    code: str
    expanded: str

    @property
    def url(self) -> str:
        """The short link, as it stands in the text."""
        return f"https://t.co/{self.code}"


@dataclass(frozen=True)
class Poll:
    """A poll that has ended: labels with votes, when it ended and was last counted (ISO, UTC), how long it ran."""

    choices: tuple[tuple[str, int], ...]
    ends: str
    minutes: int
    updated: str


@dataclass(frozen=True)
class LinkCard:
    """The preview of a post's first link; `file` is the stem of its image, which is gone when it has `expired`."""

    title: str
    description: str
    image_id: str
    image_key: str
    file: str
    expired: bool = False

    @property
    def image_path(self) -> str:
        """Path of the image on pbs.twimg.com; format and size stand in the query."""
        return f"/card_img/{self.image_id}/{self.image_key}"


@dataclass(frozen=True)
class CommunityNote:
    """Context that readers have added: the note's id, its words, and the link after them."""

    id: str
    text: str
    link: Link
