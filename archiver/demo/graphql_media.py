"""The media of a post as X's GraphQL states them, with ids, keys and owners of their own; it serves no file."""

from __future__ import annotations

import base64
from typing import Any

from archiver.demo.graphql_users import user
from archiver.demo.records import Media, Photo, Post, Video
from archiver.demo.syndication_media import crops, sizes

_KINDS = {"ext_tw_video": "7", "amplify_video": "13", "tweet_video": "16"}


def entities(post: Post, text: str) -> list[dict[str, Any]]:
    """Return one entity for each of a post's media, in order; `text` is the text in which their link stands."""
    start = text.index(post.short_url)
    return [_entity(post, media, [start, start + len(post.short_url)]) for media in post.media]


def passed_on(original: Post, listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the media of a post as a retweet of it lists them: the same, with the post that they belong to."""
    owner = {"source_status_id_str": original.id, "source_user_id_str": original.author.id}
    return [entity | owner for entity in listed]


def _entity(post: Post, media: Media, indices: list[int]) -> dict[str, Any]:
    entity: dict[str, Any] = {
        "display_url": post.pic.replace("pic.twitter.com", "pic.x.com"),
        "expanded_url": post.page_of(media),
        "indices": indices,
        "url": post.short_url,
        "ext_media_availability": {"status": "Available"},
    }
    if isinstance(media, Photo):
        entity |= _photo(media)
        return entity | ({"ext_alt_text": media.alt} if media.alt else {})
    return entity | _video(media)


def _photo(photo: Photo) -> dict[str, Any]:
    media_id = str(int.from_bytes(base64.urlsafe_b64decode(photo.key + "=" * (-len(photo.key) % 4))[:8], "big"))
    return _key("3", media_id) | {
        "allow_download_status": {"allow_download": True},
        "features": {name: {"faces": []} for name in ("large", "medium", "small", "orig")},
        "media_url_https": f"https://pbs.twimg.com/media/{photo.key}.jpg",
        "original_info": {
            "height": photo.height,
            "width": photo.width,
            "focus_rects": crops(photo.width, photo.height),
        },
        "sizes": sizes(photo.width, photo.height),
        "type": "photo",
    }


def _video(video: Video) -> dict[str, Any]:
    gif = video.place == "tweet_video"
    width, height = max((variant.width, variant.height) for variant in video.variants)
    variants = [{"content_type": "application/x-mpegURL", "url": video.playlist_url}] if video.playlist_url else []
    stated = _key(_KINDS[video.place], video.media_id) | {
        "additional_media_info": {"monetizable": False},
        "media_url_https": f"https://pbs.twimg.com{video.poster_path}",
        "original_info": {"height": height, "width": width, "focus_rects": []},
        "sizes": sizes(width, height),
        "type": "animated_gif" if gif else "video",
        "video_info": {
            "aspect_ratio": [16, 9],
            **({} if gif else {"duration_millis": video.milliseconds}),
            "variants": [
                *variants,
                *(
                    {"bitrate": variant.bitrate, "content_type": "video/mp4", "url": video.url(variant)}
                    for variant in video.downloads
                ),
            ],
        },
    }
    if video.blocked:
        stated["ext_media_availability"] = {"status": "Unavailable", "reason": "Geoblocked"}
    if video.source:
        owner = {"user_results": {"result": user(video.source.author)}}
        stated["additional_media_info"] = {"monetizable": False, "source_user": owner}
        stated |= {"source_status_id_str": video.source.id, "source_user_id_str": video.source.author.id}
    return stated


def _key(kind: str, media_id: str) -> dict[str, Any]:
    key = f"{kind}_{media_id}"
    return {"id_str": media_id, "media_key": key, "media_results": {"result": {"media_key": key}}}
