"""Posts that carry or continue others have the shapes that X serves, and lead to what they name."""

from __future__ import annotations

import io
import json
import re

import pytest
from PIL import Image

from archiver.demo import posts
from archiver.demo.records import Post
from archiver.demo.syndication import document


def test_answer_carries_the_quoted_post_whole_but_for_its_type_name():
    quoted = document(posts.QUOTING)["quoted_tweet"]
    alone = document(posts.PHOTO)
    assert set(alone) - set(quoted) == {"__typename", "conversation_count", "news_action_type"}
    assert set(quoted) - set(alone) == {"reply_count", "retweet_count"}
    assert {name: quoted[name] for name in set(quoted) & set(alone)} == {
        name: alone[name] for name in set(quoted) & set(alone)
    }
    assert quoted["mediaDetails"][0]["type"] == "photo"


def test_quote_of_a_post_that_is_gone_leaves_no_trace():
    quoting = Post(posts.QUOTING.id, posts.HARBOUR, "See this.", "en", quotes=posts.DELETED)
    assert posts.DELETED.id not in json.dumps(document(quoting))


def test_reply_names_its_parent_brings_it_and_hides_the_addressee():
    body = document(posts.REPLY)
    parent = body["parent"]
    assert (body["in_reply_to_status_id_str"], parent["id_str"]) == (posts.FLOOD.id, posts.FLOOD.id)
    assert (body["in_reply_to_screen_name"], body["in_reply_to_user_id_str"]) == (
        parent["user"]["screen_name"],
        parent["user"]["id_str"],
    )
    assert "__typename" not in parent
    assert len(parent["mediaDetails"]) == 4
    start, end = body["display_text_range"]
    assert (body["text"][:start], body["text"][start:end]) == ("@kalynka_demo ", posts.REPLY.text)


def test_thread_is_known_by_its_first_post():
    first, second = document(posts.THREAD_FIRST), document(posts.THREAD_SECOND)
    assert first["self_thread"] == second["self_thread"] == {"id_str": first["id_str"]}
    assert second["in_reply_to_status_id_str"] == second["parent"]["id_str"] == first["id_str"]
    assert second["parent"]["self_thread"] == first["self_thread"]
    assert (second["text"], second["display_text_range"][0]) == (posts.THREAD_SECOND.text, 0)
    assert "in_reply_to_status_id_str" not in first


def test_each_version_of_an_edited_post_is_served_under_its_own_id(ask):
    versions = (posts.EDITED_FIRST, posts.EDITED_SECOND, posts.EDITED)
    bodies = [
        json.loads(ask(f"https://cdn.syndication.twimg.com/tweet-result?id={post.id}&token=a").body)
        for post in versions
    ]
    assert [body["id_str"] for body in bodies] == [post.id for post in versions]
    assert [body["text"] for body in bodies] == [post.text for post in versions]
    assert len({body["text"] for body in bodies}) == 3
    assert [(body["isEdited"], body["isStaleEdit"]) for body in bodies] == [(False, True), (False, True), (True, False)]
    for body in bodies:
        assert body["edit_control"]["edit_tweet_ids"] == [post.id for post in versions]
        assert body["edit_control"]["editable_until_msecs"] == bodies[0]["edit_control"]["editable_until_msecs"]
    assert document(posts.TEXT)["edit_control"]["edit_tweet_ids"] == [posts.TEXT.id]
    assert (document(posts.TEXT)["isEdited"], document(posts.TEXT)["isStaleEdit"]) == (False, False)


def test_poll_states_its_counts_as_text_in_an_object():
    card = document(posts.POLL)["card"]
    values = card["binding_values"]
    assert card["name"] == "poll2choice_text_only"
    assert re.fullmatch(r"card://[0-9]+", card["url"])
    assert values["choice1_label"] == {"string_value": "Млинова вулиця", "type": "STRING"}
    assert [values[f"choice{number}_count"]["string_value"] for number in (1, 2)] == ["41", "17"]
    assert values["counts_are_final"] == {"boolean_value": True, "type": "BOOLEAN"}
    assert values["end_datetime_utc"]["string_value"] == "2025-03-10T18:04:22Z"


@pytest.mark.parametrize(("post", "status"), [(posts.CARD, 200), (posts.EXPIRED_CARD, 404)])
def test_preview_has_images_that_are_served_until_they_expire(ask, post, status):
    body = document(post)
    values = body["card"]["binding_values"]
    assert body["card"]["url"] == values["card_url"]["string_value"] == body["entities"]["urls"][0]["url"]
    assert values["domain"]["string_value"] == "coast-herald.example"
    images = [value["image_value"] for value in values.values() if value["type"] == "IMAGE"]
    assert images
    for image in images:
        answer = ask(image["url"])
        assert answer.status == status
        if status == 200:
            assert Image.open(io.BytesIO(answer.body)).size == (image["width"], image["height"])
        assert ask(image["url"].replace("format=jpg", "format=png")).status == 404
        assert ask(image["url"].partition("?")[0]).status == 404


def test_readers_note_ends_with_its_link(ask):
    pivot = document(posts.NOTED)["birdwatch_pivot"]
    [entity] = pivot["subtitle"]["entities"]
    link = pivot["subtitle"]["text"][entity["fromIndex"] : entity["toIndex"]]
    assert link == entity["ref"]["url"] == posts.NOTED.note.link.url
    assert pivot["destinationUrl"].endswith(f"/{pivot['note']['rest_id']}")
    assert dict(ask(link).headers)["location"] == posts.NOTED.note.link.expanded


@pytest.mark.parametrize(("post", "status"), [(posts.GEOBLOCKED, 200), (posts.REFUSED_MEDIA, 403)])
def test_blocked_media_are_listed_and_one_is_served_all_the_same(ask, post, status):
    body = document(post)
    [detail] = body["mediaDetails"]
    assert detail["ext_media_availability"] == {"status": "Unavailable", "reason": "Geoblocked"}
    assert body["video"]["mediaAvailability"] == {"status": "unavailable"}
    urls = [variant["url"] for variant in detail["video_info"]["variants"]]
    assert len(urls) == 3
    assert {ask(url).status for url in urls} == {status}


def test_reused_video_names_the_post_that_it_comes_from(ask):
    body = document(posts.REUSED)
    [detail] = body["mediaDetails"]
    assert detail["expanded_url"] == posts.SHELLING.media_url
    assert detail["source_status_id_str"] == posts.SHELLING.id
    assert detail["additional_media_info"]["source_user"]["screen_name"] == posts.SHELLING.author.handle
    assert body["user"]["id_str"] != detail["source_user_id_str"] == posts.SHELLING.author.id
    assert dict(ask(f"https://{detail['display_url']}").headers)["location"] == posts.SHELLING.short_url
    assert dict(ask(detail["url"]).headers)["location"] == posts.SHELLING.media_url
