"""GraphQL states each post as X does: in full to whoever may see it, else in the way in which it is withheld."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest

from archiver.demo import posts
from archiver.demo.records import Photo, Video

PUBLIC = [
    post
    for post in posts.POSTS.values()
    if post.state == "public" and post not in (posts.EDITED_FIRST, posts.EDITED_SECOND)
]
NOT_SHOWN = {"unclear", "never-existed", "deleted"}


def unwrap(result):
    return result["tweet"] if result["__typename"] == "TweetWithVisibilityResults" else result


@pytest.mark.parametrize("post", PUBLIC, ids=lambda post: post.id)
def test_public_post_is_whole_for_a_guest(graphql, post):
    tweet = unwrap(graphql.result(post.id))
    legacy = tweet["legacy"]
    assert (tweet["rest_id"], legacy["id_str"], legacy["lang"]) == (post.id, post.id, post.lang)
    assert re.fullmatch(r"(Sat|Sun|Mon|Tue|Wed|Thu|Fri) Mar [0-9]{2} [0-9:]{8} \+0000 2025", legacy["created_at"])
    assert f"{post.created:%H:%M:%S}" in legacy["created_at"]
    start, end = legacy["display_text_range"]
    shown = unescape(legacy["full_text"][start:end])
    assert post.text.startswith(shown)
    assert (shown == post.text) == ("note_tweet" not in tweet)
    media = legacy.get("extended_entities", {}).get("media", [])
    assert media == legacy["entities"].get("media", [])
    assert len(media) == len((post.retweets or post).media)
    for kind, key in (("media", "url"), ("urls", "url"), ("user_mentions", "screen_name"), ("hashtags", "text")):
        for entity in legacy["entities"].get(kind, ()):
            first, last = entity["indices"]
            assert legacy["full_text"][first:last].lstrip("@#") == entity[key]


@pytest.mark.parametrize("post", [post for post in PUBLIC if post.media], ids=lambda post: post.id)
def test_every_listed_medium_is_served_and_named_by_its_id(graphql, ask, post):
    for item, entity in zip(post.media, unwrap(graphql.result(post.id))["legacy"]["entities"]["media"], strict=True):
        assert entity["media_key"].endswith(f"_{entity['id_str']}")
        status = 403 if post is posts.REFUSED_MEDIA else 200
        assert ask(entity["media_url_https"]).status == 200
        if isinstance(item, Photo):
            assert (entity["type"], entity.get("ext_alt_text")) == ("photo", item.alt)
            continue
        assert entity["id_str"] == item.media_id
        kinds = [variant["content_type"] for variant in entity["video_info"]["variants"]]
        assert kinds.count("video/mp4") == (len(item.variants) if item.offered == "both" else 0)
        for variant in entity["video_info"]["variants"]:
            assert ask(variant["url"].partition("?")[0]).status == status


def test_accounts_are_stated_in_three_shapes(graphql):
    def author(post):
        return unwrap(graphql.result(post.id))["core"]["user_results"]["result"]

    legacy, mixed, newest = (author(post) for post in (posts.SHELLING, posts.FLOOD, posts.LONG))
    assert (legacy["legacy"]["screen_name"], "core" in legacy) == ("marsabelin_demo", False)
    assert (mixed["core"]["screen_name"], "screen_name" in mixed["legacy"]) == ("kalynka_demo", False)
    assert (newest["core"]["name"], "legacy" in newest) == ("Coast Herald", False)
    assert {user["rest_id"] for user in (legacy, mixed, newest)} == {
        post.author.id for post in (posts.SHELLING, posts.FLOOD, posts.LONG)
    }


def test_long_text_is_in_the_note_unescaped_with_entities_of_its_own(graphql):
    tweet = graphql.result(posts.LONG_PHOTOS.id)
    note = tweet["note_tweet"]["note_tweet_results"]["result"]
    assert note["text"] == posts.LONG_PHOTOS.text
    [hashtag] = note["entity_set"]["hashtags"]
    assert note["text"][slice(*hashtag["indices"])] == "#Kalynka"
    [link] = note["entity_set"]["urls"]
    assert note["text"][slice(*link["indices"])] == link["url"]
    assert "hashtags" not in tweet["legacy"]["entities"]
    assert "Kalynka &amp; the mill" in tweet["legacy"]["full_text"]
    assert posts.LONG_PHOTOS.text not in unescape(tweet["legacy"]["full_text"])


def test_visibility_wrappers_with_and_without_limits(graphql):
    limited, bare = graphql.result(posts.LIMITED.id), graphql.result(posts.WRAPPED.id)
    assert set(limited) == {"__typename", "tweet", "limitedActionResults"}
    assert set(bare) == {"__typename", "tweet"}
    assert "__typename" not in bare["tweet"]


def test_edits_newest_is_whole_and_older_versions_are_stubs(graphql):
    control = graphql.result(posts.EDITED.id)["edit_control"]
    assert control["initial_tweet_id"] == posts.EDITED_FIRST.id
    assert control["edit_control_initial"]["edit_tweet_ids"] == list(posts.EDITED.versions)
    for post in (posts.EDITED_FIRST, posts.EDITED_SECOND):
        stale = graphql.result(post.id)
        assert stale["__typename"] == "TweetWithVisibilityResults"
        assert set(stale["tweet"]) == {"rest_id", "unmention_info", "edit_control"}


def test_quotes_and_retweets_hold_the_other_post(graphql):
    quoting = graphql.result(posts.QUOTING_VIDEO.id)
    own, others = quoting["legacy"], quoting["quoted_status_result"]["result"]["legacy"]
    assert own["quoted_status_id_str"] == others["id_str"] == posts.SHELLING.id
    ids = [legacy["extended_entities"]["media"][0]["id_str"] for legacy in (own, others)]
    assert ids == [posts.QUOTING_VIDEO.media[0].media_id, posts.SHELLING.media[0].media_id]
    gone = graphql.result(posts.QUOTING_GONE.id)
    assert gone["legacy"]["quoted_status_id_str"] == posts.DELETED.id
    assert gone["quoted_status_result"]["result"]["__typename"] == "TweetTombstone"
    retweet = graphql.result(posts.RETWEET.id)["legacy"]
    assert retweet["full_text"].startswith("RT @marsabelin_demo: ")
    assert retweet["retweeted_status_result"]["result"]["rest_id"] == posts.SHELLING.id
    assert retweet["entities"]["media"][0]["source_status_id_str"] == posts.SHELLING.id


def test_link_of_a_quote_leads_to_the_quoted_post(graphql, ask):
    permalink = graphql.result(posts.QUOTING.id)["legacy"]["quoted_status_permalink"]
    assert dict(ask(permalink["url"]).headers)["location"] == permalink["expanded"] == posts.PHOTO.url


def test_cards_are_arrays_and_notes_and_owners_are_named(graphql):
    poll = graphql.result(posts.POLL.id)["card"]["legacy"]
    values = {entry["key"]: entry["value"] for entry in poll["binding_values"]}
    assert (poll["name"], values["choice1_count"]["string_value"]) == ("poll2choice_text_only", "41")
    assert values["counts_are_final"] == {"boolean_value": True, "type": "BOOLEAN"}
    assert graphql.result(posts.CARD.id)["card"]["rest_id"] == posts.CARD.links[0].url
    noted = graphql.result(posts.NOTED.id)
    assert (noted["birdwatch_pivot"]["note"]["rest_id"], noted["has_birdwatch_notes"]) == (posts.NOTED.note.id, True)
    [reused] = graphql.result(posts.REUSED.id)["legacy"]["entities"]["media"]
    owner = reused["additional_media_info"]["source_user"]["user_results"]["result"]
    assert (owner["rest_id"], reused["source_status_id_str"]) == (posts.SHELLING.author.id, posts.SHELLING.id)
    [blocked] = graphql.result(posts.GEOBLOCKED.id)["legacy"]["entities"]["media"]
    assert blocked["ext_media_availability"] == {"status": "Unavailable", "reason": "Geoblocked"}
    elsewhere = graphql.result(posts.WITHHELD_ELSEWHERE.id)["legacy"]
    assert elsewhere["withheld_in_countries"] == ["XZ"]


@pytest.mark.parametrize(
    ("post", "words"),
    [
        (posts.DELETED_TOLD, "This Post was deleted by the Post author. Learn more"),
        (posts.SUSPENDED_TOLD, "This Post is from a suspended account. Learn more"),
        (posts.GONE, "This Post is from an account that no longer exists. Learn more"),
        (posts.PROTECTED_TOLD, "You’re unable to view this Post because this account owner limits who can view"),
        (posts.AGE_TOLD, "Age-restricted adult content. This content might not be appropriate"),
        (posts.WITHHELD, "This Post has been withheld in Belinia in response to a legal demand. Learn more"),
        (posts.RULES, "This Post violated the X Rules. Learn more"),
    ],
    ids=lambda value: getattr(value, "id", ""),
)
def test_tombstone_says_why_in_words(graphql, post, words):
    result = graphql.result(post.id)
    assert (set(result), result["__typename"]) == ({"__typename", "tombstone"}, "TweetTombstone")
    text = result["tombstone"]["text"]
    assert text["text"].startswith(words)
    [entity] = text["entities"]
    assert text["text"][entity["fromIndex"] : entity["toIndex"]] == "Learn more"


@pytest.mark.parametrize(
    ("post", "login", "reason"),
    [
        (posts.SUSPENDED, None, "Suspended"),
        (posts.PROTECTED, None, "Protected"),
        (posts.PROTECTED, "adult", "Protected"),
        (posts.AGE_VIDEO, None, "NsfwLoggedOut"),
        (posts.AGE_VIDEO, "no-age", "NsfwViewerHasNoStatedAge"),
        (posts.AGE_STRIPPED, "no-age", "NsfwViewerHasNoStatedAge"),
        (posts.AGE_STRIPPED, "under-age", "NsfwViewerIsUnderage"),
    ],
)
def test_unavailable_gives_a_reason_only(graphql, post, login, reason):
    result = graphql.result(post.id, graphql.login(login) if login else None)
    assert result == {"__typename": "TweetUnavailable", "reason": reason}


@pytest.mark.parametrize("post_id", [posts.DELETED.id, posts.UNCLEAR.id, posts.NEVER_EXISTED.id, "1897000000000000000"])
def test_nothing_is_said_of_these(graphql, post_id):
    assert graphql.result(post_id) is None


def test_media_of_an_age_restricted_post_vanish_for_guests_without_a_word(graphql):
    seen, whole = (graphql.result(posts.AGE_STRIPPED.id, login) for login in (None, graphql.login("adult")))
    assert [item["type"] for item in whole["legacy"]["extended_entities"]["media"]] == ["photo", "video"]
    assert seen["legacy"]["possibly_sensitive"] is True
    del whole["legacy"]["extended_entities"], whole["legacy"]["entities"]["media"]
    assert seen == whole


@pytest.mark.parametrize("post", [posts.AGE_VIDEO, posts.AGE_TOLD, posts.AGE_STRIPPED], ids=lambda post: post.id)
def test_adult_login_sees_age_restricted_media_that_are_served(graphql, ask, post):
    media = graphql.result(post.id, graphql.login("adult"))["legacy"]["extended_entities"]["media"]
    assert len(media) == len(post.media)
    for item, entity in zip(post.media, media, strict=True):
        assert ask(entity["media_url_https"]).status == 200
        if isinstance(item, Video):
            assert {ask(variant["url"]).status for variant in entity["video_info"]["variants"]} == {200}


def test_protected_post_is_for_those_who_follow(graphql):
    tweet = graphql.result(posts.PROTECTED.id, graphql.login("follower"))
    assert tweet["legacy"]["full_text"] == posts.PROTECTED.text
    assert tweet["core"]["user_results"]["result"]["legacy"]["protected"] is True
    assert graphql.result(posts.PROTECTED_TOLD.id, graphql.login("adult"))["__typename"] == "TweetTombstone"


def test_preview_holds_the_beginning_only(graphql):
    result = graphql.result(posts.SUBSCRIBERS.id)
    assert result["__typename"] == "TweetPreviewDisplay"
    assert posts.SUBSCRIBERS.text.startswith(result["tweet"]["text"].removesuffix("…"))
    assert len(result["tweet"]["text"]) < len(posts.SUBSCRIBERS.text)
    assert "legacy" not in result["tweet"]


def test_each_state_is_told_apart_from_a_public_post(graphql):
    for post in posts.POSTS.values():
        result = graphql.result(post.id)
        if post.state in NOT_SHOWN and post.refusal == "short":
            assert result is None
        elif post.state != "public" and post.refusal != "stripped":
            assert "legacy" not in json.dumps(result), post.id
            assert post.text not in json.dumps(result, ensure_ascii=False), post.id
