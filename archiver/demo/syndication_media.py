"""The media of a post as X's syndication answer states them, three times over; it serves no file.

Photo URLs are bare, variants are not sorted, the playlist has no bitrate: as served in 2026. How this service marks
blocked and reused media was not observed; the members are those of X's GraphQL answers.
"""

from __future__ import annotations

from typing import Any

from archiver.demo.records import Account, Media, Photo, Post, Video


def members(post: Post, text: str) -> dict[str, Any]:
    """Return the members of a post that state its media; `text` is the text as served."""
    photos = [media for media in post.media if isinstance(media, Photo)]
    videos = [media for media in post.media if isinstance(media, Video)]
    stated: dict[str, Any] = {
        "mediaDetails": [_detail(post, media, text) for media in post.media],
        "photos": [_photo(post, photo) for photo in photos],
    }
    return stated | ({"video": _video(post, videos[0])} if videos else {})


def link(post: Post, media: Media, text: str) -> dict[str, Any]:
    """Return the entity for the link that stands for the media at the end of the text."""
    start = text.index(post.short_url)
    return {
        "display_url": post.pic,
        "expanded_url": post.page_of(media),
        "indices": [start, start + len(post.short_url)],
        "url": post.short_url,
    }


def user(account: Account) -> dict[str, Any]:
    """Return an account as a member of an answer."""
    stated = {
        "id_str": account.id,
        "name": account.name,
        "profile_image_url_https": f"https://pbs.twimg.com{account.image_path}_normal.jpg",
        "screen_name": account.handle,
        "verified": False,
        "is_blue_verified": account.verified,
        "profile_image_shape": "Circle",
    }
    return stated | ({"verified_type": "Business"} if account.verified else {})


def _detail(post: Post, media: Media, text: str) -> dict[str, Any]:
    detail = link(post, media, text) | {"ext_media_availability": {"status": "Available"}}
    if isinstance(media, Photo):
        detail |= {
            "media_url_https": f"https://pbs.twimg.com/media/{media.key}.jpg",
            "original_info": {
                "height": media.height,
                "width": media.width,
                "focus_rects": crops(media.width, media.height),
            },
            "sizes": sizes(media.width, media.height),
            "type": "photo",
        }
        return detail | ({"ext_alt_text": media.alt} if media.alt else {})
    width, height = max((variant.width, variant.height) for variant in media.variants)
    gif = media.place == "tweet_video"
    if media.blocked:
        detail["ext_media_availability"] = {"status": "Unavailable", "reason": "Geoblocked"}
    source = media.source
    if source:
        detail |= {"source_status_id_str": source.id, "source_user_id_str": source.author.id}
    return detail | {
        "additional_media_info": {"source_user": user(source.author)} if source else {},
        "media_url_https": f"https://pbs.twimg.com{media.poster_path}",
        "original_info": {"height": height, "width": width, "focus_rects": []},
        "sizes": sizes(width, height),
        "type": "animated_gif" if gif else "video",
        "video_info": {
            "aspect_ratio": [16, 9],
            **({} if gif else {"duration_millis": media.milliseconds}),
            "variants": [
                *({"content_type": kind, "url": url} for kind, url in _playlists(media)),
                *(
                    {"bitrate": variant.bitrate, "content_type": "video/mp4", "url": media.url(variant)}
                    for variant in media.downloads
                ),
            ],
        },
    }


def _photo(post: Post, photo: Photo) -> dict[str, Any]:
    described = {"accessibilityLabel": photo.alt} if photo.alt else {}
    return described | {
        "backgroundColor": {"red": 204, "green": 214, "blue": 221},
        "cropCandidates": crops(photo.width, photo.height),
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
        "mediaAvailability": {"status": "unavailable" if video.blocked else "available"},
        "poster": f"https://pbs.twimg.com{video.poster_path}",
        "variants": [
            *({"type": kind, "src": url} for kind, url in _playlists(video)),
            *({"type": "video/mp4", "src": video.url(variant)} for variant in video.downloads),
        ],
        "videoId": {"type": "tweet", "id": post.id},
        "viewCount": 0,
    }


def _playlists(video: Video) -> tuple[tuple[str, str], ...]:
    return (("application/x-mpegURL", video.playlist_url),) if video.playlist_url else ()


def sizes(width: int, height: int) -> dict[str, Any]:
    """Return the renditions that X states for a picture of this size in pixels."""

    def fit(box: int) -> dict[str, Any]:
        longest = max(width, height, box)
        return {"h": round(height * box / longest), "resize": "fit", "w": round(width * box / longest)}

    thumb = {"h": 150, "resize": "crop", "w": 150}
    return {"large": fit(2048), "medium": fit(1200), "small": fit(680), "thumb": thumb}


def crops(width: int, height: int) -> list[dict[str, int]]:
    """Return the centred crops that X proposes: heights of 0.56, 1, 1.14 and 2 times the width, and the whole."""
    crops = []
    for ratio in (0.56, 1.0, 1.14, 2.0, height / width):
        w, h = min(width, round(height / ratio)), min(height, round(width * ratio))
        crops.append({"x": (width - w) // 2, "y": (height - h) // 2, "w": w, "h": h})
    return crops
