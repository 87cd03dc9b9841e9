"""The rules that take an answer of X's embedding service to the normalised post: tables, and nothing that reads.

A changed rule changes which facts a new capture has, never what an old one says: captures carry their own origins.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Rule(NamedTuple):
    """One place in the answer to one place in the post, both relative to what the rule is applied to.

    Attributes:
        path: where the value goes, a JSON pointer.
        pointer: where it comes from, a JSON pointer.
        transform: name and version of the transformation.
        type: what the value has to be in the end.
        derived: made from values that have rules of their own, so that a failure is no further loss.
    """

    path: str
    pointer: str
    transform: str = "as-is/1"
    type: type = str
    derived: bool = False


class Each(NamedTuple):
    """Rules for the elements of an array, which make an array of the post.

    Attributes:
        path: where the elements go, a JSON pointer.
        pointer: where the array is, a JSON pointer.
        rules: for each element, relative to it.
        most: how many elements are read; far more than any post has, and few enough for a forged one to cost little.
    """

    path: str
    pointer: str
    rules: tuple[Rule | Each, ...]
    most: int = 500


Rules = tuple[Rule | Each, ...]


def _text_rules(path: str, pointer: str) -> Rules:
    return (
        Rule(f"{path}/id", f"{pointer}/id_str", "id/1"),
        Rule(f"{path}/text", pointer, "x-text/1", derived=True),
        Rule(f"{path}/author/handle", f"{pointer}/user/screen_name"),
    )


_CARD: Final = "/card/binding_values"
_POLL: Final[Rules] = (
    *(Rule(f"/poll/choice{n}/label", f"{_CARD}/choice{n}_label/string_value") for n in range(1, 5)),
    *(Rule(f"/poll/choice{n}/votes", f"{_CARD}/choice{n}_count/string_value", "x-count/1", int) for n in range(1, 5)),
    Rule("/poll/ends", f"{_CARD}/end_datetime_utc/string_value", "x-time/1"),
    Rule("/poll/final", f"{_CARD}/counts_are_final/boolean_value", type=bool),
)
_VARIANT: Final[Rules] = (
    Rule("/url", "/url"),
    Rule("/content_type", "/content_type"),
    Rule("/bitrate", "/bitrate", "x-count/1", int),
)
_MEDIA: Final[Rules] = (
    Rule("/kind", "/type", "x-media-kind/1"),
    Rule("/url", "/media_url_https"),
    Rule("/link", "/url"),
    Rule("/page", "/expanded_url"),
    Rule("/alt", "/ext_alt_text"),
    Rule("/title", "/additional_media_info/title"),
    Rule("/description", "/additional_media_info/description"),
    Rule("/width", "/original_info/width", "x-count/1", int),
    Rule("/height", "/original_info/height", "x-count/1", int),
    Rule("/duration_ms", "/video_info/duration_millis", "x-count/1", int),
    Rule("/availability", "/ext_media_availability/status"),
    Rule("/availability_reason", "/ext_media_availability/reason"),
    Each("/variants", "/video_info/variants", _VARIANT, most=50),
)
POST: Final[Rules] = (
    Rule("/id", "/id_str", "id/1"),
    Rule("/id_time", "/id_str", "x-snowflake-time/1", derived=True),
    Rule("/url", "", "x-url/1", derived=True),
    Rule("/created", "/created_at", "x-time/1"),
    Rule("/language", "/lang"),
    Rule("/text", "", "x-text/1", derived=True),
    Rule("/text_as_served", "/text"),
    Rule("/author/id", "/user/id_str", "id/1"),
    Rule("/author/handle", "/user/screen_name"),
    Rule("/author/name", "/user/name"),
    Rule("/author/verified", "/user/verified", type=bool),
    Rule("/author/blue", "/user/is_blue_verified", type=bool),
    Rule("/author/verified_type", "/user/verified_type"),
    Rule("/author/label", "/user/highlighted_label/description"),
    Rule("/author/image", "/user/profile_image_url_https"),
    Each(
        "/links",
        "/entities/urls",
        (Rule("/url", "/url"), Rule("/expanded", "/expanded_url"), Rule("/display", "/display_url")),
    ),
    Each(
        "/mentions",
        "/entities/user_mentions",
        (Rule("/id", "/id_str", "id/1"), Rule("/handle", "/screen_name"), Rule("/name", "/name")),
    ),
    Each("/hashtags", "/entities/hashtags", (Rule("/text", "/text"),)),
    Each("/symbols", "/entities/symbols", (Rule("/text", "/text"),)),
    Each("/media", "/mediaDetails", _MEDIA, most=100),
    Rule("/counts/likes", "/favorite_count", "x-count/1", int),
    Rule("/counts/replies", "/conversation_count", "x-count/1", int),
    Rule("/sensitive", "/possibly_sensitive", type=bool),
    Rule("/reply_to/post", "/in_reply_to_status_id_str", "id/1"),
    Rule("/reply_to/user", "/in_reply_to_user_id_str", "id/1"),
    Rule("/reply_to/handle", "/in_reply_to_screen_name"),
    Rule("/reply_policy", "/conversation_control/policy"),
    Rule("/thread/id", "/self_thread/id_str", "id/1"),
    Each("/edits", "/edit_control/edit_tweet_ids", (Rule("/id", "", "id/1"),)),
    Rule("/edited", "/isEdited", type=bool),
    Rule("/superseded", "/isStaleEdit", type=bool),
    Rule("/note/id", "/note_tweet/id"),
    Rule("/card/name", "/card/name"),
    Rule("/card/url", "/card/url"),
    *_POLL,
    *_text_rules("/quoted", "/quoted_tweet"),
    *_text_rules("/parent", "/parent"),
)
# X states its media three times. These are read only where the first list, the complete one, is not there.
PHOTOS: Final = Each(
    "/media",
    "/photos",
    (
        Rule("/kind", "/url", "x-photo-kind/1"),
        Rule("/url", "/url"),
        Rule("/page", "/expandedUrl"),
        Rule("/alt", "/accessibilityLabel"),
        Rule("/width", "/width", "x-count/1", int),
        Rule("/height", "/height", "x-count/1", int),
    ),
)
VIDEO: Final[Rules] = (
    Rule("/kind", "/contentType", "x-media-kind/1"),
    Rule("/url", "/poster"),
    Rule("/duration_ms", "/durationMs", "x-count/1", int),
    Rule("/availability", "/mediaAvailability/status"),
    Each("/variants", "/variants", (Rule("/url", "/src"), Rule("/content_type", "/type"))),
)
TOMBSTONE: Final[Rules] = (Rule("/notice", "/tombstone/text/text"),)

# Known, and left in the answer on purpose: how to lay the post out, where its links stand in the text, what other
# members say better, and what belongs to quoted and parent posts. "**" stands for every other member.
LEFT: Final = (
    "/__typename",
    "/display_text_range",
    "/news_action_type",
    "/photos",
    "/video",
    "/card/card_platform",
    f"{_CARD}/**",
    *(f"{_CARD}/choice{n}_{what}/**" for n in range(1, 5) for what in ("label", "count")),
    f"{_CARD}/end_datetime_utc/**",
    f"{_CARD}/counts_are_final/**",
    "/conversation_control/**",
    "/edit_control/editable_until_msecs",
    "/edit_control/edits_remaining",
    "/edit_control/is_edit_eligible",
    "/entities/media",
    *(f"/entities/{name}/*/indices" for name in ("urls", "user_mentions", "hashtags", "symbols")),
    *(f"/mediaDetails/*/{name}" for name in ("display_url", "ext_media_stats", "indices", "sizes")),
    "/mediaDetails/*/additional_media_info/monetizable",
    "/mediaDetails/*/original_info/focus_rects",
    "/mediaDetails/*/video_info/aspect_ratio",
    "/parent/**",
    "/parent/user/**",
    "/quoted_tweet/**",
    "/quoted_tweet/user/**",
    "/tombstone/text/entities",
    "/tombstone/text/rtl",
    "/user/highlighted_label/**",
    "/user/profile_image_shape",
)
