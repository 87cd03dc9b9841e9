"""What of a GraphQL answer is read or left on purpose, so that the rest can be named as not understood; tables only."""

from __future__ import annotations

from typing import Final

from archiver.platforms.rules import Known, as_tree, known
from archiver.platforms.x_graphql_card import CARD_HOME
from archiver.platforms.x_graphql_rules import (
    CUT,
    ENTITIES,
    EXTENDED_MEDIA,
    LESSER_MEDIA,
    NOTE_ENTITIES,
    POST,
    PREVIEW,
    QUOTED,
    REPOSTED,
    TOMBSTONE,
    UNAVAILABLE,
    USER,
    WRAPPER,
    media,
)
from archiver.platforms.x_graphql_shapes import DETAIL, SINGLE
from archiver.platforms.x_graphql_transforms import NOTE

# Left in the answer: how a post is laid out, what the account that looks at it may do, what is said of its author that
# does not belong to the post, and what other members say better. "**" stands for every other member.
_TAGS: Final = ("urls", "user_mentions", "hashtags", "symbols")
_MEDIUM_LEFT: Final = (
    "additional_media_info/call_to_actions/**",
    "additional_media_info/embeddable",
    "additional_media_info/monetizable",
    "additional_media_info/source_user/**",
    "allow_download_status/**",
    "display_url",
    "features/**",
    "grok_post_id",
    "indices",
    "media_key",
    "media_results/**",
    "original_info/focus_rects",
    "sizes/**",
    "video_info/aspect_ratio",
)
_USER_HOMES: Final = ("", "/core", "/legacy", "/user_results/result", "/user_results/result/core")
_LEFT: Final = (
    *(f"{place}/*/{name}" for place in (EXTENDED_MEDIA, LESSER_MEDIA) for name in _MEDIUM_LEFT),
    *(
        f"{place}/*/additional_media_info/source_user{home}/**"
        for place in (EXTENDED_MEDIA, LESSER_MEDIA)
        for home in (*_USER_HOMES, "/user_results/result/legacy")
    ),
    *(f"/legacy/entities/{name}/*/indices" for name in _TAGS),
    "/legacy/entities/timestamps",
    *(f"{NOTE}/entity_set/{name}/*/indices" for name in _TAGS),
    f"{NOTE}/entity_set/timestamps",
    f"{NOTE}/media/**",
    f"{NOTE}/richtext/**",
    "/note_tweet/is_expandable",
    "/__typename",
    *(
        f"/legacy/{name}"
        for name in (
            "bookmarked",
            "display_text_range",
            "favorited",
            "is_quote_status",
            "possibly_sensitive_editable",
            "retweeted",
        )
    ),
    "/legacy/conversation_control/conversation_owner_results/**",
    "/legacy/place/bounding_box/**",
    *(f"/legacy/place/{name}" for name in ("country_code", "name", "url")),
    "/legacy/quoted_status_permalink/display",
    "/legacy/quoted_status_permalink/url",
    "/legacy/scopes/**",
    "/core/user_results/**",
    f"{USER}/**",
    *(
        f"{USER}/{home}/**"
        for home in (
            "affiliates_highlighted_label",
            "affiliates_highlighted_label/label",
            "avatar",
            "core",
            "legacy",
            "location",
            "privacy",
            "profile_bio",
            "relationship_counts",
            "verification",
        )
    ),
    *(
        f"/edit_control{initial}/{name}"
        for initial in ("", "/edit_control_initial")
        for name in ("editable_until_msecs", "edits_remaining", "is_edit_eligible")
    ),
    "/edit_perspective/**",
    f"{CARD_HOME}/binding_values/*/**",
    f"{CARD_HOME}/card_platform/**",
    f"{CARD_HOME}/name",
    f"{CARD_HOME}/url",
    f"{CARD_HOME}/user_refs_results",
    "/card/rest_id",
    "/article/article_results/result/**",
    "/article/article_results/result/content_state/**",
    "/article/article_results/result/content_state/blocks/*/**",
    "/article/article_results/result/cover_media/**",
    "/article/article_results/result/cover_media/media_info/**",
    "/article/article_results/result/lifecycle_state/**",
    "/article/article_results/result/metadata/**",
    *(f"/birdwatch_pivot/{name}" for name in ("callToAction", "footer", "iconType", "shorttitle", "visualStyle")),
    "/birdwatch_pivot/note/**",
    "/birdwatch_pivot/note/data_v1/**",
    "/birdwatch_pivot/note/data_v1/summary/**",
    "/birdwatch_pivot/subtitle/**",
    "/birdwatch_pivot/subtitle/entities/*/**",
    "/birdwatch_pivot/subtitle/entities/*/ref/**",
    "/author_community_relationship/**",
    "/author_community_relationship/community_results/**",
    "/author_community_relationship/community_results/result/**",
    "/community_results/result/**",
    "/quotedRefResult/result/**",
    "/quotedRefResult/result/tweet/**",
    "/reply_to_results/**",
    "/tombstone/**",
    "/tombstone/text/**",
    "/tombstone/richText/**",
    "/tweetInterstitial/**",
    "/tweetInterstitial/text/**",
    "/mediaVisibilityResults/blurred_image_interstitial/**",
    "/mediaVisibilityResults/blurred_image_interstitial/text/**",
    "/mediaVisibilityResults/blurred_image_interstitial/title/**",
    "/views/state",
    *(f"/tweet/{name}" for name in ("entities/**", "view_count/**", "views/**")),
    *(f"/tweet/{what}_count" for what in ("bookmark", "favorite", "quote", "reply", "retweet")),
    *(
        f"/{name}"
        for name in (
            "grok_analysis_button",
            "has_super_follower",
            "is_translatable",
            "limitedActionResults/**",
            "limited_action_results/**",
            "previous_counts/**",
            "quick_promote_eligibility/**",
            "grok_translated_post_with_availability/**",
            "unmention_data/**",
            "unmention_info/**",
        )
    ),
)


def _post() -> Known:
    """Return the tree of a post; a post inside a post is known as a post is, which makes the tree run in a circle."""
    tables = (POST, ENTITIES, NOTE_ENTITIES, media(EXTENDED_MEDIA), media(LESSER_MEDIA), CUT, WRAPPER)
    shown_instead = (TOMBSTONE, UNAVAILABLE, PREVIEW)
    tree = as_tree(
        (*(pointer for rules in (*tables, *shown_instead) for pointer in known(rules)), *_LEFT, QUOTED, REPOSTED)
    )
    tree["cta"] = {"**": {}, "title": {}}
    tree["quoted_status_result"]["result"] = tree["legacy"]["retweeted_status_result"]["result"] = tree
    tree["tweet"] = {**tree["tweet"], **tree}
    return tree


KNOWN: Final[Known] = _post()
"""Relative to the place of a post, its wrappers included."""
ENVELOPE: Final[Known] = as_tree(
    (f"{SINGLE}/**", f"{DETAIL}/*/**", "/data/threaded_conversation_with_injections_v2/**")
)
"""Relative to the answer: around the posts."""
