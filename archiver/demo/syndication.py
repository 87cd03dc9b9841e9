"""X's syndication answer (cdn.syndication.twimg.com/tweet-result) for the sample posts; it knows no other endpoint.

The shape is the one that X served in 2026: empty members of `entities` left out, text HTML-escaped, indices in code
points of the escaped text, photo URLs bare, one entry in `entities.media` however many media there are.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import parse_qs

from archiver.demo.records import Account, Media, Photo, Post, Video
from archiver.demo.token import token
from archiver.demo.wire import Reply, Request

TOMBSTONES = {
    "deleted": "This Post was deleted by the Post author. Learn more",
    "suspended": "This Post is from a suspended account. Learn more",
    "account-gone": "This Post is from an account that no longer exists. Learn more",
    "protected": (
        "You’re unable to view this Post because this account owner limits who can view their Posts. Learn more"
    ),
}
_NOTICES = "https://help.x.com/rules-and-policies/notices-on-x"
_NOT_FOUND = b"<!DOCTYPE html><html><head><title>404</title></head><body><h1>Not found</h1></body></html>\n"


def answer(posts: Mapping[str, Post], request: Request) -> Reply:
    """Answer a request for a post as X's syndication host does; the note says how the token was."""
    query = parse_qs(request.query)
    post_id = query.get("id", [""])[0]
    given = query.get("token", [""])[0]
    if request.path != "/tweet-result" or not re.fullmatch(r"[0-9]{1,19}", post_id):
        return _html_404("")
    if not given:
        return _json({}, "token: missing")
    note = "token: right" if given == token(post_id) else "token: wrong"
    post = posts.get(post_id)
    if post is None or post.state == "never-existed":
        return _html_404(note)
    return _json(document(post), note)


def document(post: Post) -> dict[str, Any]:
    """Return the decoded JSON body that is served for a post."""
    if post.state in ("unclear", "never-existed"):
        return {}
    if post.state == "age-restricted":
        return {"__typename": "TweetTombstone", "tombstone": {}}
    if post.state in TOMBSTONES:
        return {"__typename": "TweetTombstone", "tombstone": {"text": _tombstone_text(TOMBSTONES[post.state])}}
    return _tweet(post)


def _json(body: dict[str, Any], note: str) -> Reply:
    data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    headers = (
        ("content-type", "application/json; charset=utf-8"),
        ("cache-control", "public, max-age=300"),
        ("server", "archiver-demo"),
    )
    return Reply(200, headers, data, note=note)


def _html_404(note: str) -> Reply:
    return Reply(
        404, (("content-type", "text/html; charset=utf-8"), ("server", "archiver-demo")), _NOT_FOUND, note=note
    )


def _tombstone_text(text: str) -> dict[str, Any]:
    link = {"__typename": "TimelineUrl", "url": _NOTICES, "url_type": "ExternalUrl"}
    start = text.index("Learn more")
    return {"text": text, "entities": [{"from_index": start, "to_index": len(text), "ref": link}], "rtl": False}


def _tweet(post: Post) -> dict[str, Any]:
    visible = escape(post.shown_text, quote=False)
    text = f"{visible} {post.short_url}" if post.media else visible
    created = post.created.strftime("%Y-%m-%dT%H:%M:%S") + ".000Z"
    tweet: dict[str, Any] = {"__typename": "Tweet", "lang": post.lang, "favorite_count": 12}
    if post.media or post.sensitive:
        tweet["possibly_sensitive"] = post.sensitive
    tweet |= {
        "created_at": created,
        # X counts this range in UTF-16 units, unlike every other index: with an emoji it ends inside the media link.
        "display_text_range": [0, len(visible.encode("utf-16-le")) // 2],
        "entities": _entities(post, text),
        "id_str": post.id,
        "text": text,
        "user": _user(post.author),
        "edit_control": {
            "edit_tweet_ids": [post.id],
            "editable_until_msecs": str((int(post.id) >> 22) + 1288834974657 + 3_600_000),
            "is_edit_eligible": True,
            "edits_remaining": "5",
        },
    }
    if post.media:
        tweet |= _media(post, text)
    if post.is_long:
        tweet["note_tweet"] = {"id": base64.b64encode(f"NoteTweetResults:{post.id}".encode()).decode()}
    return tweet | {
        "conversation_count": 3,
        "news_action_type": "conversation",
        "isEdited": False,
        "isStaleEdit": False,
    }


def _user(account: Account) -> dict[str, Any]:
    user = {
        "id_str": account.id,
        "name": account.name,
        "profile_image_url_https": f"https://pbs.twimg.com{account.image_path}_normal.jpg",
        "screen_name": account.handle,
        "verified": False,
        "is_blue_verified": account.verified,
        "profile_image_shape": "Circle",
    }
    return user | ({"verified_type": "Business"} if account.verified else {})


def _entities(post: Post, text: str) -> dict[str, Any]:
    found = {
        "hashtags": [
            {"indices": [match.start(), match.end()], "text": match[1]} for match in re.finditer(r"#(\w+)", text)
        ],
        "urls": [
            {
                "display_url": link.expanded.removeprefix("https://"),
                "expanded_url": link.expanded,
                "indices": _indices(text, link.url),
                "url": link.url,
            }
            for link in post.links
        ],
        "user_mentions": [
            {
                "id_str": account.id,
                "indices": _indices(text, f"@{account.handle}"),
                "name": account.name,
                "screen_name": account.handle,
            }
            for account in post.mentions
        ],
        "media": [_media_link(post, post.media[0], text)] if post.media else [],
    }
    return {name: values for name, values in found.items() if values}


def _indices(text: str, part: str) -> list[int]:
    start = text.index(part)
    return [start, start + len(part)]


def _media_link(post: Post, media: Media, text: str) -> dict[str, Any]:
    video = isinstance(media, Video) and media.place != "tweet_video"
    return {
        "display_url": post.pic,
        "expanded_url": f"{post.url}/{'video' if video else 'photo'}/1",
        "indices": _indices(text, post.short_url),
        "url": post.short_url,
    }


def _media(post: Post, text: str) -> dict[str, Any]:
    photos = [media for media in post.media if isinstance(media, Photo)]
    videos = [media for media in post.media if isinstance(media, Video)]
    members: dict[str, Any] = {
        "mediaDetails": [_detail(post, media, text) for media in post.media],
        "photos": [_photo(post, photo) for photo in photos],
    }
    return members | ({"video": _video(post, videos[0])} if videos else {})


def _detail(post: Post, media: Media, text: str) -> dict[str, Any]:
    detail = _media_link(post, media, text) | {"ext_media_availability": {"status": "Available"}}
    if isinstance(media, Photo):
        detail |= {
            "media_url_https": f"https://pbs.twimg.com/media/{media.key}.jpg",
            "original_info": {
                "height": media.height,
                "width": media.width,
                "focus_rects": _crops(media.width, media.height),
            },
            "sizes": _sizes(media.width, media.height),
            "type": "photo",
        }
        return detail | ({"ext_alt_text": media.alt} if media.alt else {})
    width, height = max((variant.width, variant.height) for variant in media.variants)
    gif = media.place == "tweet_video"
    return detail | {
        "additional_media_info": {},
        "media_url_https": f"https://pbs.twimg.com{media.poster_path}",
        "original_info": {"height": height, "width": width, "focus_rects": []},
        "sizes": _sizes(width, height),
        "type": "animated_gif" if gif else "video",
        "video_info": {
            "aspect_ratio": [16, 9],
            **({} if gif else {"duration_millis": media.milliseconds}),
            "variants": [
                *({"content_type": kind, "url": url} for kind, url in _playlists(media)),
                *(
                    {"bitrate": variant.bitrate, "content_type": "video/mp4", "url": media.url(variant)}
                    for variant in media.variants
                ),
            ],
        },
    }


def _photo(post: Post, photo: Photo) -> dict[str, Any]:
    described = {"accessibilityLabel": photo.alt} if photo.alt else {}
    return described | {
        "backgroundColor": {"red": 204, "green": 214, "blue": 221},
        "cropCandidates": _crops(photo.width, photo.height),
        "expandedUrl": f"{post.url}/photo/1",
        "url": f"https://pbs.twimg.com/media/{photo.key}.jpg",
        "width": photo.width,
        "height": photo.height,
    }


def _video(post: Post, video: Video) -> dict[str, Any]:
    gif = video.place == "tweet_video"
    return {
        "aspectRatio": [16, 9],
        "contentType": "gif" if gif else "media_entity",
        "durationMs": 0 if gif else video.milliseconds,
        "mediaAvailability": {"status": "available"},
        "poster": f"https://pbs.twimg.com{video.poster_path}",
        "variants": [
            *({"type": kind, "src": url} for kind, url in _playlists(video)),
            *({"type": "video/mp4", "src": video.url(variant)} for variant in video.variants),
        ],
        "videoId": {"type": "tweet", "id": post.id},
        "viewCount": 0,
    }


def _playlists(video: Video) -> tuple[tuple[str, str], ...]:
    return (("application/x-mpegURL", video.playlist_url),) if video.playlist_url else ()


def _sizes(width: int, height: int) -> dict[str, Any]:
    def fit(box: int) -> dict[str, Any]:
        longest = max(width, height, box)
        return {"h": round(height * box / longest), "resize": "fit", "w": round(width * box / longest)}

    thumb = {"h": 150, "resize": "crop", "w": 150}
    return {"large": fit(2048), "medium": fit(1200), "small": fit(680), "thumb": thumb}


def _crops(width: int, height: int) -> list[dict[str, int]]:
    """Return the centred crops that X proposes: heights of 0.56, 1, 1.14 and 2 times the width, and the whole."""
    crops = []
    for ratio in (0.56, 1.0, 1.14, 2.0, height / width):
        w, h = min(width, round(height / ratio)), min(height, round(width * ratio))
        crops.append({"x": (width - w) // 2, "y": (height - h) // 2, "w": w, "h": h})
    return crops
