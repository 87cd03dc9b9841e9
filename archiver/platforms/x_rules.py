"""The rules that take an answer of X's embedding service to the normalised post: tables, and nothing that reads.

A changed rule changes which facts a new capture has, never what an old one says: captures carry their own origins.
"""

from __future__ import annotations

from typing import Final

from archiver.platforms.rules import Each, First, Known, Rule, Rules, Within, as_tree, known
from archiver.platforms.x_card import CARD, CARD_LEFT, POLL

_OWNER: Final[Rules] = (
    Rule("/post", "/source_status_id_str", "id/1"),
    Rule("/id", "/source_user_id_str", "id/1"),
    *(
        rule
        for user in ("", "/user_results/result", "/user_results/result/core", "/user_results/result/legacy")
        for rule in (
            Rule("/id", f"/additional_media_info/source_user{user}/id_str", "id/1"),
            Rule("/id", f"/additional_media_info/source_user{user}/rest_id", "id/1"),
            Rule("/handle", f"/additional_media_info/source_user{user}/screen_name"),
            Rule("/name", f"/additional_media_info/source_user{user}/name"),
        )
    ),
    Rule("/page/post", "/expanded_url", "x-page-post/1", derived=True),
    Rule("/page/handle", "/expanded_url", "x-page-handle/1", derived=True),
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
    Within("/owner", "", _OWNER),
    Rule("/width", "/original_info/width", "x-count/1", int),
    Rule("/height", "/original_info/height", "x-count/1", int),
    Rule("/duration_ms", "/video_info/duration_millis", "x-count/1", int),
    Rule("/availability", "/ext_media_availability/status"),
    Rule("/availability_reason", "/ext_media_availability/reason"),
    Each("/variants", "/video_info/variants", _VARIANT, most=50),
)
# No answer of this service with a community note has been seen. These are the shapes of X's other service.
_COMMUNITY_NOTE: Final[Rules] = (
    *(Rule("/id", pointer, "id/1") for pointer in ("/note/rest_id", "/note/id_str", "/note/id", "/note_id")),
    Rule("/title", "/title"),
    *(Rule("/text", pointer) for pointer in ("/subtitle/text", "/note/text", "/text")),
    *(Rule("/url", pointer) for pointer in ("/destinationUrl", "/destination_url", "/url")),
    Each("/links", "/subtitle/entities", (Rule("/url", "/ref/url"),)),
)
_POST: Final[Rules] = (
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
    # Of the post itself X counts the conversation, of a quoted or parent post the replies.
    Rule("/counts/replies", "/conversation_count", "x-count/1", int),
    Rule("/counts/replies", "/reply_count", "x-count/1", int),
    Rule("/counts/reposts", "/retweet_count", "x-count/1", int),
    Rule("/counts/quotes", "/quote_count", "x-count/1", int),
    Rule("/sensitive", "/possibly_sensitive", type=bool),
    Rule("/reply_to/post", "/in_reply_to_status_id_str", "id/1"),
    Rule("/reply_to/user", "/in_reply_to_user_id_str", "id/1"),
    Rule("/reply_to/handle", "/in_reply_to_screen_name"),
    Rule("/reply_policy", "/conversation_control/policy"),
    Rule("/thread/id", "/self_thread/id_str", "id/1"),
    # An edited post may state its versions one level deeper, as they were at its first version.
    Each("/edits", "/edit_control/edit_tweet_ids", (Rule("/id", "", "id/1"),)),
    Each("/edits", "/edit_control/edit_control_initial/edit_tweet_ids", (Rule("/id", "", "id/1"),)),
    Rule("/first_version/id", "/edit_control/initial_tweet_id", "id/1"),
    Rule("/edited", "/isEdited", type=bool),
    Rule("/superseded", "/isStaleEdit", type=bool),
    Rule("/note/id", "/note_tweet/id"),
    Within("/card", "/card", CARD),
    Within("/poll", "/card/binding_values", POLL),
    Within("/community_note", "/birdwatch_pivot", _COMMUNITY_NOTE),
    Rule("/has_community_notes", "/has_birdwatch_notes", type=bool),
)
_SUMMARY: Final[Rules] = (
    Rule("/id", "/id_str", "id/1"),
    Rule("/text", "", "x-text/1", derived=True),
    Rule("/author/handle", "/user/screen_name"),
    Rule("/author/name", "/user/name"),
)
_NESTED: Final = (("/quoted", "/quoted_tweet"), ("/parent", "/parent"))
_CONTEXT: Final[Rules] = (
    *_POST,
    *(Within(path, pointer, _SUMMARY) for path, pointer in _NESTED),
    Rule("/notice", "/tombstone/text/text"),
)
POSTS: Final = (("", "", _POST), *((path, pointer, _CONTEXT) for path, pointer in _NESTED))
"""The posts in one answer: where each goes, where it comes from, and its rules."""

# X states its media three times. These are read only where the first list, the complete one, is not there.
LESSER_MEDIA: Final[Rules] = (
    Each(
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
    ),
    First(
        "/media",
        ("/video",),
        (
            Rule("/kind", "/contentType", "x-media-kind/1"),
            Rule("/url", "/poster"),
            Rule("/duration_ms", "/durationMs", "x-count/1", int),
            Rule("/availability", "/mediaAvailability/status"),
            Each("/variants", "/variants", (Rule("/url", "/src"), Rule("/content_type", "/type")), most=50),
        ),
    ),
)
TOMBSTONE: Final[Rules] = (Rule("/notice", "/tombstone/text/text"),)

# Known of every post, and left in the answer on purpose: how to lay it out, where its links stand in the text, and what
# other members say better. "**" stands for every other member.
_LEFT: Final = (
    "/__typename",
    "/display_text_range",
    "/news_action_type",
    "/photos",
    "/video",
    *(f"/card{pointer}" for pointer in CARD_LEFT),
    "/conversation_control/**",
    *(
        f"/edit_control{initial}/{name}"
        for initial in ("", "/edit_control_initial")
        for name in ("editable_until_msecs", "edits_remaining", "is_edit_eligible")
    ),
    "/entities/media",
    *(f"/entities/{name}/*/indices" for name in ("urls", "user_mentions", "hashtags", "symbols")),
    *(f"/mediaDetails/*/{name}" for name in ("display_url", "ext_media_stats", "indices", "sizes")),
    "/mediaDetails/*/additional_media_info/monetizable",
    *(
        f"/mediaDetails/*/additional_media_info/source_user{user}/**"
        for user in ("", "/user_results/result", "/user_results/result/core", "/user_results/result/legacy")
    ),
    "/mediaDetails/*/original_info/focus_rects",
    "/mediaDetails/*/video_info/aspect_ratio",
    "/birdwatch_pivot/shorttitle",
    "/birdwatch_pivot/visualStyle",
    "/birdwatch_pivot/iconType",
    *(f"/birdwatch_pivot/subtitle/entities/*/{name}" for name in ("fromIndex", "toIndex")),
    *(f"/birdwatch_pivot/subtitle/entities/*/ref/{name}" for name in ("type", "urlType")),
    "/tombstone/text/entities",
    "/tombstone/text/rtl",
    "/user/highlighted_label/**",
    "/user/profile_image_shape",
)
KNOWN: Final[Known] = as_tree(
    (
        *(base + pointer for _, base, rules in POSTS for pointer in (*known(rules), *_LEFT)),
        *known(TOMBSTONE),
        *(f"{outer}{inner}{rest}" for _, outer in _NESTED for _, inner in _NESTED for rest in ("/**", "/user/**")),
    )
)
"""Everything in an answer that is read or left on purpose."""
