"""What a sample post is made of, and the names that the demo hosts know it by; the posts themselves are elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from archiver.demo.cards import CommunityNote, Link, LinkCard, Poll

__all__ = [
    "Account", "Captions", "CommunityNote", "Link", "LinkCard", "Media", "Photo", "Poll", "Post", "Shape", "State",
    "Variant", "Video", "snowflake_time",
]  # fmt: skip

State = Literal[
    "public", "deleted", "suspended", "account-gone", "protected", "age-restricted", "withheld", "rules",
    "subscribers", "unclear", "never-existed",
]  # fmt: skip
Shape = Literal["legacy", "mixed", "core"]

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
    """An invented account.

    Attributes:
        id: its id,
        handle: its handle without the @, and
        name: the name that it shows.
        image: stem of its picture in the media folder.
        image_id: id of that picture on pbs.twimg.com.
        verified: whether it has a mark of verification.
        shape: where GraphQL states the account: all of it in `legacy`, part of it, or nothing.
    """

    id: str
    handle: str
    name: str
    image: str
    image_id: str
    verified: bool = False
    shape: Shape = "legacy"

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
class Captions:
    """Captions of a video in one language: its tag and own name, a key, and cues of (start, end) in ms and text."""

    language: str
    name: str
    key: str
    cues: tuple[tuple[int, int, str], ...]


@dataclass(frozen=True)
class Video:
    """A video or a GIF.

    Attributes:
        media_id: its id on video.twimg.com, and
        place: the folder there.
        key: the name of its poster and its playlists.
        file: stem of its files in the media folder.
        milliseconds: how long it lasts.
        variants: its encodings.
        captions: in the order in which the playlist lists them.
        blocked: whether the platform announces that it is blocked in the asker's country, and enforces that.
        source: the post that the video was first part of, where another one shows it.
        offered: as single files and as a stream, as a stream only, or as a stream that has not ended.
    """

    media_id: str
    place: Literal["ext_tw_video", "amplify_video", "tweet_video"]
    key: str
    file: str
    milliseconds: int
    variants: tuple[Variant, ...]
    captions: tuple[Captions, ...] = ()
    blocked: Literal["", "announced", "enforced"] = ""
    source: Post | None = None
    offered: Literal["both", "streamed", "live"] = "both"

    @property
    def downloads(self) -> tuple[Variant, ...]:
        """The encodings that are offered as single files."""
        return self.variants if self.offered == "both" else ()

    @property
    def folder(self) -> str:
        """Folder of the video on video.twimg.com, with a slash at its end."""
        if self.place == "tweet_video":
            return "/tweet_video/"
        return f"/{self.place}/{self.media_id}/" + ("pu/" if self.place == "ext_tw_video" else "")

    @property
    def poster_path(self) -> str:
        """Path of the poster image on pbs.twimg.com."""
        if self.place == "tweet_video":
            return f"/tweet_video_thumb/{self.key}.jpg"
        return f"{self.folder.replace(self.place, self.place + '_thumb')}img/{self.key}.jpg"

    def path(self, variant: Variant) -> str:
        """Path of one encoding on video.twimg.com."""
        if self.place == "tweet_video":
            return f"{self.folder}{self.key}.mp4"
        return f"{self.folder}vid/avc1/{variant.width}x{variant.height}/{variant.name}.mp4"

    def url(self, variant: Variant) -> str:
        """URL of one encoding, as the platform gives it."""
        return f"https://video.twimg.com{self.path(variant)}{self._tag}"

    @property
    def playlist_path(self) -> str | None:
        """Path of the HLS playlist; None for a GIF, which has none."""
        return None if self.place == "tweet_video" else f"{self.folder}pl/{self.key}.m3u8"

    @property
    def playlist_url(self) -> str | None:
        """URL of the HLS playlist that the platform lists beside the encodings, if there is one."""
        if self.playlist_path is None:
            return None
        return f"https://video.twimg.com{self.playlist_path}{self._tag}&container=cmaf"

    @property
    def _tag(self) -> str:
        return {"ext_tw_video": "?tag=12", "amplify_video": "?tag=16", "tweet_video": ""}[self.place]

    def file_name(self, variant: Variant) -> str:
        """Name of the media file that holds one encoding."""
        return f"{self.file}.{variant.width}x{variant.height}.mp4"


Media = Photo | Video


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
        quotes: the post that it quotes.
        parent: the post that it answers.
        thread: id of the first post of the thread that its author continues with it.
        versions: ids of all versions of a post that was edited, oldest first, its own among them.
        card: a poll, or the preview of its first link.
        note: what readers have added.
        retweets: the post that it passes on.
        wrapper: whether GraphQL wraps it in a result about visibility, and that with or without limits to replies.
        refusal: how GraphQL withholds it: in short (a reason, or nothing), in words, or by leaving out its media.
        countries: codes of the countries in which it is withheld, while it is to be seen here.
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
    quotes: Post | None = None
    parent: Post | None = None
    thread: str = ""
    versions: tuple[str, ...] = ()
    card: Poll | LinkCard | None = None
    note: CommunityNote | None = None
    retweets: Post | None = None
    wrapper: Literal["", "bare", "limited"] = ""
    refusal: Literal["short", "words", "stripped"] = "short"
    countries: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """The canonical link of the post."""
        return f"https://x.com/{self.author.handle}/status/{self.id}"

    @property
    def media_url(self) -> str:
        """The link to its first piece of media."""
        return self.page_of(self.media[0])

    def page_of(self, media: Media) -> str:
        """Return the link to a piece of media, which leads to the post that it was first part of."""
        owner = media.source if isinstance(media, Video) and media.source else self
        video = isinstance(media, Video) and media.place != "tweet_video"
        return f"{owner.url}/{'video' if video else 'photo'}/1"

    @property
    def addressee(self) -> Account | None:
        """Whom the platform names before the text of a reply; nobody in a thread of its author's own."""
        return self.parent.author if self.parent and self.parent.author != self.author else None

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
