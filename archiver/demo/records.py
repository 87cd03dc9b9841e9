"""What a sample post is made of, and the names that the demo hosts know it by; the posts themselves are elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

State = Literal[
    "public", "deleted", "suspended", "account-gone", "protected", "age-restricted", "unclear", "never-existed"
]

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_LONG = 280


def snowflake_time(snowflake: str) -> datetime:
    """Return the UTC moment that an id carries, to the millisecond."""
    milliseconds = (int(snowflake) >> 22) + 1288834974657
    return datetime.fromtimestamp(milliseconds // 1000, UTC).replace(microsecond=milliseconds % 1000 * 1000)


@dataclass(frozen=True)
class Account:
    """An invented account; `image` is the stem of its picture in the media folder, `image_id` that picture's id."""

    id: str
    handle: str
    name: str
    image: str
    image_id: str
    verified: bool = False

    @property
    def image_path(self) -> str:
        """Path of the profile image on pbs.twimg.com, without size and extension."""
        return f"/profile_images/{self.image_id}/{self.image.title()}Pic"


@dataclass(frozen=True)
class Photo:
    """A photo: its key on pbs.twimg.com, the stem of its files, and its size in pixels."""

    key: str
    file: str
    width: int
    height: int
    alt: str | None = None


@dataclass(frozen=True)
class Variant:
    """One encoding of a video; `refuses_query` makes the host answer 403 to its URL when a query is present."""

    width: int
    height: int
    bitrate: int
    name: str
    refuses_query: bool = False


@dataclass(frozen=True)
class Video:
    """A video or a GIF: id and place on video.twimg.com, the stem of its files, and its encodings."""

    media_id: str
    place: Literal["ext_tw_video", "amplify_video", "tweet_video"]
    key: str
    file: str
    milliseconds: int
    variants: tuple[Variant, ...]

    @property
    def poster_path(self) -> str:
        """Path of the poster image on pbs.twimg.com."""
        folder = {"ext_tw_video": "/pu/img/", "amplify_video": "/img/", "tweet_video": ""}[self.place]
        return f"/{self.place}_thumb/{self.media_id + folder if folder else ''}{self.key}.jpg"

    def path(self, variant: Variant) -> str:
        """Path of one encoding on video.twimg.com."""
        if self.place == "tweet_video":
            return f"/tweet_video/{self.key}.mp4"
        folder = "pu/vid/avc1" if self.place == "ext_tw_video" else "vid/avc1"
        return f"/{self.place}/{self.media_id}/{folder}/{variant.width}x{variant.height}/{variant.name}.mp4"

    def url(self, variant: Variant) -> str:
        """URL of one encoding, as the platform gives it."""
        query = {"ext_tw_video": "?tag=12", "amplify_video": "?tag=16", "tweet_video": ""}[self.place]
        return f"https://video.twimg.com{self.path(variant)}{query}"

    @property
    def playlist_url(self) -> str | None:
        """URL of the HLS playlist that the platform lists beside the encodings; None for a GIF, which has none."""
        if self.place == "tweet_video":
            return None
        folder, query = ("pu/pl", "?tag=12") if self.place == "ext_tw_video" else ("pl", "?tag=16")
        return f"https://video.twimg.com/{self.place}/{self.media_id}/{folder}/{self.key}.m3u8{query}&container=cmaf"

    def file_name(self, variant: Variant) -> str:
        """Name of the media file that holds one encoding."""
        return f"{self.file}.{variant.width}x{variant.height}.mp4"


Media = Photo | Video


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
class Post:
    """One sample post.

    Attributes:
        id: the snowflake, as text.
        author: who wrote it.
        text: the words as typed, without the link of the media at their end, not escaped.
        lang: language tag that the platform gives it.
        media: in order.
        short_code: code at t.co, pic.twitter.com and pic.x.com of the link that stands for the media; else empty.
        links: other links in the text.
        mentions: accounts that the text names with an @.
        state: what the platform answers when asked for it.
        sensitive: whether the platform flags it.
    """

    id: str
    author: Account
    text: str
    lang: str
    media: tuple[Media, ...] = ()
    short_code: str = ""
    links: tuple[Link, ...] = ()
    mentions: tuple[Account, ...] = ()
    state: State = "public"
    sensitive: bool = False

    @property
    def url(self) -> str:
        """The canonical link of the post."""
        return f"https://x.com/{self.author.handle}/status/{self.id}"

    @property
    def media_url(self) -> str:
        """The post's link to its own first piece of media."""
        video = bool(self.media) and isinstance(self.media[0], Video) and self.media[0].place != "tweet_video"
        return f"{self.url}/{'video' if video else 'photo'}/1"

    @property
    def is_long(self) -> bool:
        """Whether the platform keeps the whole text apart (a "note") and shows a shortened one."""
        return len(self.text) > _LONG

    @property
    def shown_text(self) -> str:
        """The text as the platform gives it to the public: whole, or cut after a word and ended with an ellipsis."""
        return self.text[:_LONG].rsplit(" ", 1)[0] + "…" if self.is_long else self.text

    @property
    def short_url(self) -> str:
        """The t.co link of the media."""
        return f"https://t.co/{self.short_code}"

    @property
    def pic(self) -> str:
        """The media link as it is shown and printed."""
        return f"pic.twitter.com/{self.short_code}"

    @property
    def created(self) -> datetime:
        """When it was posted, in UTC."""
        return snowflake_time(self.id)

    @property
    def day(self) -> str:
        """The UTC day as embeds print it ("March 8, 2025")."""
        return f"{_MONTHS[self.created.month - 1]} {self.created.day}, {self.created.year}"
