"""The rules that take a post in X's GraphQL answers to the normalised post: tables, and nothing that reads.

The paths are those of the embedding service's posts, so that whatever came, the post reads the same. Each table is
relative to the post itself, taken out of its wrappers. A changed rule changes which facts a new capture has, never
what an old one says.
"""

from __future__ import annotations

from typing import Final

from archiver.platforms.rules import Each, Rule, Rules, Within
from archiver.platforms.x_graphql_transforms import NOTE

USER: Final = "/core/user_results/result"
EXTENDED_MEDIA: Final = "/legacy/extended_entities/media"
LESSER_MEDIA: Final = "/legacy/entities/media"
"""X states its media twice; the second may have only the first of several, and calls a video a photo."""
QUOTED: Final = "/quoted_status_result/result"
REPOSTED: Final = "/legacy/retweeted_status_result/result"
NOTE_TEXT: Final = f"{NOTE}/text"

_AUTHOR: Final[Rules] = (
    Rule("/id", "/rest_id", "id/1"),
    # Since 2025 what an account says of itself stands beside `legacy`, and no longer in it.
    *(
        Rule(path, f"{home}{pointer}")
        for path, new, old in (
            ("/handle", "/core/screen_name", "/screen_name"),
            ("/name", "/core/name", "/name"),
            ("/image", "/avatar/image_url", "/profile_image_url_https"),
            ("/verified_type", "/verification/verified_type", "/verified_type"),
            ("/description", "/profile_bio/description", "/description"),
            ("/location", "/location/location", "/location"),
        )
        for home, pointer in (("", new), ("/legacy", old))
    ),
    *(Rule("/created", f"/{home}/created_at", "x-legacy-time/1") for home in ("core", "legacy")),
    *(Rule("/verified", f"/{home}/verified", type=bool) for home in ("verification", "legacy")),
    *(Rule("/protected", f"/{home}/protected", type=bool) for home in ("privacy", "legacy")),
    Rule("/followers", "/relationship_counts/followers", "x-count/1", int),
    Rule("/followers", "/legacy/followers_count", "x-count/1", int),
    Rule("/blue", "/is_blue_verified", type=bool),
    Rule("/label", "/affiliates_highlighted_label/label/description"),
    Rule("/parody_label", "/parody_commentary_fan_label"),
    Rule("/unavailable", "/reason"),
    Rule("/unavailable_words", "/message"),
)
_OWNER: Final[Rules] = (
    Rule("/post", "/source_status_id_str", "id/1"),
    Rule("/id", "/source_user_id_str", "id/1"),
    *(
        rule
        for user in ("/source_user", "/source_user/user_results/result")
        for rule in (
            Rule("/id", f"/additional_media_info{user}/id_str", "id/1"),
            Rule("/id", f"/additional_media_info{user}/rest_id", "id/1"),
            *(
                Rule(path, f"/additional_media_info{user}{home}{pointer}")
                for home in ("", "/core", "/legacy")
                for path, pointer in (("/handle", "/screen_name"), ("/name", "/name"))
            ),
        )
    ),
    Rule("/page/post", "/expanded_url", "x-page-post/1", derived=True),
    Rule("/page/handle", "/expanded_url", "x-page-handle/1", derived=True),
)
_MEDIUM: Final[Rules] = (
    Rule("/id", "/id_str", "id/1"),
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
    Rule("/views", "/mediaStats/viewCount", "x-count/1", int),
    Rule("/availability", "/ext_media_availability/status"),
    Rule("/availability_reason", "/ext_media_availability/reason"),
    *(
        Rule(f"/warning/{name}", f"/sensitive_media_warning/{name}", type=bool)
        for name in ("adult_content", "graphic_violence", "other")
    ),
    Each(
        "/variants",
        "/video_info/variants",
        (
            Rule("/url", "/url"),
            Rule("/content_type", "/content_type"),
            Rule("/bitrate", "/bitrate", "x-count/1", int),
        ),
        most=50,
    ),
)


def media(pointer: str) -> Rules:
    """Return the rules for the media that a post lists at one of its two places."""
    return (Each("/media", pointer, _MEDIUM, most=100),)


def entities(pointer: str) -> Rules:
    """Return the rules for the links, mentions and tags of a text."""
    return (
        Each(
            "/links",
            f"{pointer}/urls",
            (Rule("/url", "/url"), Rule("/expanded", "/expanded_url"), Rule("/display", "/display_url")),
        ),
        Each(
            "/mentions",
            f"{pointer}/user_mentions",
            (Rule("/id", "/id_str", "id/1"), Rule("/handle", "/screen_name"), Rule("/name", "/name")),
        ),
        Each("/hashtags", f"{pointer}/hashtags", (Rule("/text", "/text"),)),
        Each("/symbols", f"{pointer}/symbols", (Rule("/text", "/text"),)),
    )


ENTITIES: Final = entities("/legacy/entities")
NOTE_ENTITIES: Final = entities(f"{NOTE}/entity_set")
_COMMUNITY_NOTE: Final[Rules] = (
    Rule("/id", "/note/rest_id", "id/1"),
    Rule("/title", "/title"),
    Rule("/text", "/subtitle/text"),
    Rule("/text", "/note/data_v1/summary/text"),
    Rule("/url", "/destinationUrl"),
    Each("/links", "/subtitle/entities", (Rule("/url", "/ref/url"),)),
)
_ARTICLE: Final[Rules] = (
    Rule("/id", "/rest_id", "id/1"),
    Rule("/title", "/title"),
    Rule("/preview", "/preview_text"),
    Rule("/text", "/plain_text"),
    Rule("/cover", "/cover_media/media_info/original_img_url"),
    Rule("/published", "/metadata/first_published_at_secs", "x-epoch-seconds/1"),
    Rule("/modified", "/lifecycle_state/modified_at_secs", "x-epoch-seconds/1"),
    Each("/blocks", "/content_state/blocks", (Rule("/kind", "/type"), Rule("/text", "/text")), most=2000),
)
POST: Final[Rules] = (
    Rule("/id", "/rest_id", "id/1"),
    Rule("/id", "/legacy/id_str", "id/1"),
    Rule("/id_time", "/rest_id", "x-snowflake-time/1", derived=True),
    Rule("/url", "", "x-graphql-url/1", derived=True),
    Rule("/created", "/legacy/created_at", "x-legacy-time/1"),
    Rule("/language", "/legacy/lang"),
    Rule("/text", "", "x-graphql-text/1", derived=True),
    Rule("/text_as_served", NOTE_TEXT),
    Rule("/text_as_served", "/legacy/full_text"),
    Within("/author", USER, _AUTHOR),
    Rule("/author/id", "/legacy/user_id_str", "id/1"),
    Rule("/source", "/source", "x-source/1"),
    Rule("/counts/likes", "/legacy/favorite_count", "x-count/1", int),
    Rule("/counts/replies", "/legacy/reply_count", "x-count/1", int),
    Rule("/counts/reposts", "/legacy/retweet_count", "x-count/1", int),
    Rule("/counts/quotes", "/legacy/quote_count", "x-count/1", int),
    Rule("/counts/bookmarks", "/legacy/bookmark_count", "x-count/1", int),
    Rule("/counts/views", "/views/count", "x-count/1", int),
    Rule("/sensitive", "/legacy/possibly_sensitive", type=bool),
    Rule("/reply_to/post", "/legacy/in_reply_to_status_id_str", "id/1"),
    Rule("/reply_to/post", "/reply_to_results/rest_id", "id/1"),
    Rule("/reply_to/user", "/legacy/in_reply_to_user_id_str", "id/1"),
    Rule("/reply_to/handle", "/legacy/in_reply_to_screen_name"),
    Rule("/reply_policy", "/legacy/conversation_control/policy"),
    Rule("/limited_actions", "/legacy/limited_actions"),
    Rule("/conversation/id", "/legacy/conversation_id_str", "id/1"),
    Rule("/thread/id", "/legacy/self_thread/id_str", "id/1"),
    # An edited post states its versions one level deeper, as they were at its first version.
    Each("/edits", "/edit_control/edit_tweet_ids", (Rule("/id", "", "id/1"),)),
    Each("/edits", "/edit_control/edit_control_initial/edit_tweet_ids", (Rule("/id", "", "id/1"),)),
    Rule("/first_version/id", "/edit_control/initial_tweet_id", "id/1"),
    Rule("/superseded", "", "x-superseded/1", bool, derived=True),
    Within("/community_note", "/birdwatch_pivot", _COMMUNITY_NOTE),
    Rule("/has_community_notes", "/has_birdwatch_notes", type=bool),
    Within("/article", "/article/article_results/result", _ARTICLE),
    Rule("/community/id", "/community_results/result/id_str", "id/1"),
    Rule("/community/id", "/community_results/result/rest_id", "id/1"),
    Rule("/community/name", "/community_results/result/name"),
    Rule("/community/name", "/author_community_relationship/community_results/result/name"),
    Rule("/image_description", "/post_image_description"),
    Rule("/place/id", "/legacy/place/id"),
    Rule("/place/kind", "/legacy/place/place_type"),
    Rule("/place/name", "/legacy/place/full_name"),
    Rule("/place/country", "/legacy/place/country"),
    Each("/withheld", "/legacy/withheld_in_countries", (Rule("/country", ""),)),
    Rule("/withheld_scope", "/legacy/withheld_scope"),
    # Of a quoted or reposted post that is gone, the post still says which it was.
    Rule("/quoted/id", "/legacy/quoted_status_id_str", "id/1"),
    Rule("/quoted/id", "/quotedRefResult/result/rest_id", "id/1"),
    Rule("/quoted/id", "/quotedRefResult/result/tweet/rest_id", "id/1"),
    Rule("/quoted/permalink", "/legacy/quoted_status_permalink/expanded"),
    Rule("/reposted/id", "/legacy/retweeted_status_id_str", "id/1"),
)
"""Without what is there once in one of several places: the text's links and tags, the media, the card."""
CUT: Final[Rules] = (
    Rule("/note/id", f"{NOTE}/id"),
    Rule("/note/id", f"{NOTE}/rest_id"),
    Rule("/note/id", "/rest_id"),
)
"""For a long post of which only the beginning came: under this path the other service says so as well."""
STUB: Final[Rules] = tuple(
    rule for rule in POST if rule.path in ("/id", "/id_time", "/edits", "/first_version/id", "/superseded")
)
WRAPPER: Final[Rules] = (
    Rule("/interstitial/kind", "/tweetInterstitial/displayType"),
    Rule("/interstitial/text", "/tweetInterstitial/text/text"),
    *(
        Rule(f"/interstitial/media/{path}", f"/mediaVisibilityResults/blurred_image_interstitial/{pointer}")
        for path, pointer in (("title", "title/text"), ("text", "text/text"), ("action", "interstitial_action"))
    ),
)
"""Relative to the wrapper around a post: what X shows before it lets it be seen."""
TOMBSTONE: Final[Rules] = (
    Rule("/notice", "/tombstone/text/text"),
    Rule("/notice", "/tombstone/richText/text"),
)
UNAVAILABLE: Final[Rules] = (Rule("/notice", "/reason"),)
ERROR: Final[Rules] = (
    Rule("/notice", "/message"),
    Rule("/notice_code", "/code", "x-count/1", int),
)
PREVIEW: Final[Rules] = (
    Rule("/id", "/tweet/rest_id", "id/1"),
    Rule("/id_time", "/tweet/rest_id", "x-snowflake-time/1", derived=True),
    Rule("/created", "/tweet/created_at", "x-legacy-time/1"),
    Rule("/preview/text", "/tweet/text", "x-unescape/1"),
    Within("/author", f"/tweet{USER}", _AUTHOR),
    Rule("/notice", "/cta/title/text"),
    Rule("/notice", "/cta/title"),
)
