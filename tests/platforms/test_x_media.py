"""The best file is asked for first, and nothing that a post says leads away from X's media hosts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.model import Answer, MediaItem
from archiver.platforms import document
from archiver.platforms.x import MediaPlan, extract, media_plan


def _plan_of(sample: Callable[[str], Any], answer: Callable[..., Answer], name: str) -> MediaPlan:
    return media_plan(document.tree((fact.path, fact.value) for fact in extract(answer(sample(name))).facts))


def _photo(url: Any) -> MediaPlan:
    return media_plan({"media": [{"kind": "photo", "url": url}]})


def _offers(item: MediaItem) -> list[tuple[str, str]]:
    return [(candidate.rendition, candidate.url) for candidate in item.candidates]


def test_photos_are_asked_for_in_every_size_from_the_original_down(
    sample: Callable[[str], Any], answer: Callable[..., Answer]
) -> None:
    plan = _plan_of(sample, answer, "photos")
    assert plan.skipped == ()
    assert [(item.role, item.index, item.family, item.required) for item in plan.items] == [
        ("photo", 1, "image", True),
        ("photo", 2, "image", True),
        ("photo", 3, "image", True),
        ("profile-image", 0, "image", False),
    ]
    assert plan.items[0].alt == "شارع غمرته المياه"
    assert _offers(plan.items[0]) == [
        (size, f"https://pbs.twimg.com/media/Fl00dAaaa-1?format=jpg&name={size}")
        for size in ("orig", "4096x4096", "large", "medium", "small")
    ]
    stem = "https://pbs.twimg.com/profile_images/555000177/Pr0fileAb"
    assert _offers(plan.items[3]) == [
        ("original", f"{stem}.jpg"),
        ("400x400", f"{stem}_400x400.jpg"),
        ("normal", f"{stem}_normal.jpg"),
    ]


def test_videos_are_asked_for_by_falling_bitrate_and_each_again_without_its_query(
    sample: Callable[[str], Any], answer: Callable[..., Answer]
) -> None:
    video, poster, playlist, _ = _plan_of(sample, answer, "video").items
    base = "https://video.twimg.com/ext_tw_video/1984999000111222333/pu/vid"
    assert _offers(video) == [
        ("mp4 2176000", f"{base}/1280x720/best.mp4?tag=12"),
        ("mp4 2176000 without query", f"{base}/1280x720/best.mp4"),
        ("mp4 832000", f"{base}/640x360/mid.mp4?tag=12"),
        ("mp4 832000 without query", f"{base}/640x360/mid.mp4"),
        ("mp4 256000", f"{base}/480x270/low.mp4?tag=12"),
        ("mp4 256000 without query", f"{base}/480x270/low.mp4"),
    ]
    assert (poster.role, poster.index, poster.required) == ("poster", 1, False)
    assert poster.candidates[0].url.endswith("ThUmBnAiL?format=jpg&name=orig")
    assert poster.candidates[-1].url.endswith("ThUmBnAiL.jpg")
    assert (playlist.role, playlist.index, playlist.family, playlist.required) == ("playlist", 1, "text", False)
    (master, *_) = _offers(playlist)
    assert master[0] == "hls"
    assert ".m3u8" in master[1]


def test_media_of_the_posts_that_come_with_it_are_extras(
    sample: Callable[[str], Any], answer: Callable[..., Answer]
) -> None:
    plan = _plan_of(sample, answer, "context")
    assert plan.skipped == ()
    assert [(item.context, item.role, item.index, item.required) for item in plan.items] == [
        ("post", "card", 1, False),
        ("post", "profile-image", 0, False),
        ("quoted", "photo", 1, False),
        ("quoted", "video", 2, False),
        ("quoted", "poster", 2, False),
        ("quoted", "playlist", 2, False),
    ]


def test_a_picture_of_a_card_is_asked_for_in_every_size_then_as_served_and_only_once() -> None:
    def card(*names: str) -> dict[str, Any]:
        return {
            "card": {"images": [{"url": f"https://pbs.twimg.com/card_img/5/Ab?format=png&name={n}"} for n in names]}
        }

    (item,) = media_plan(card("600x314", "600x314")).items
    base = "https://pbs.twimg.com/card_img/5/Ab?format=png&name="
    assert _offers(item) == [
        *((size, base + size) for size in ("orig", "4096x4096", "large", "medium", "small")),
        ("as served", base + "600x314"),
    ]
    (same,) = media_plan(card("orig", "large", "280x150")).items
    assert [url.rpartition("=")[2] for _, url in _offers(same)] == [
        "orig",
        "4096x4096",
        "large",
        "medium",
        "small",
        "280x150",
    ]
    elsewhere = media_plan({"card": {"images": [{"url": "https://evil.example/a.png"}]}})
    assert elsewhere.items == ()
    assert [(item.role, item.required) for item in elsewhere.skipped] == [("card", False)]


def test_media_that_are_said_to_be_blocked_are_tried_anyway(
    sample: Callable[[str], Any], answer: Callable[..., Answer]
) -> None:
    video = _plan_of(sample, answer, "edited").items[0]
    assert (video.role, video.required, len(video.candidates)) == ("video", True, 2)


def test_nothing_is_required_of_a_post_that_comes_with_another() -> None:
    media = [{"kind": "hologram"}, {"kind": "photo", "url": "https://evil.example/a.jpg"}]
    for context in ("quoted", "parent"):
        skipped = media_plan({context: {"media": media}}).skipped
        assert [(item.context, item.index, item.required) for item in skipped] == [
            (context, 1, False),
            (context, 2, False),
        ]


def test_a_silent_video_is_one_file(sample: Callable[[str], Any], answer: Callable[..., Answer]) -> None:
    gif = _plan_of(sample, answer, "gif-quote").items[0]
    assert (gif.role, gif.family, gif.alt) == ("gif", "video", "踊る猫")
    assert _offers(gif) == [("mp4", "https://video.twimg.com/tweet_video/GiFaBcDe.mp4")]


@pytest.mark.parametrize(
    ("url", "first"),
    [
        ("https://pbs.twimg.com/media/X.jpg:orig", "https://pbs.twimg.com/media/X?format=jpg&name=orig"),
        ("https://pbs.twimg.com/media/X.png", "https://pbs.twimg.com/media/X?format=png&name=orig"),
        ("https://pbs.twimg.com/media/X.jpg?name=small", "https://pbs.twimg.com/media/X?format=jpg&name=orig"),
        (
            "https://pbs.twimg.com/media/X?format=webp&name=900x900",
            "https://pbs.twimg.com/media/X?format=webp&name=orig",
        ),
        ("https://pbs.twimg.com/media/X", "https://pbs.twimg.com/media/X"),
    ],
)
def test_every_way_to_write_the_url_of_a_photo_leads_to_the_original(url: str, first: str) -> None:
    assert _photo(url).items[0].candidates[0].url == first


@pytest.mark.parametrize(
    "url",
    [
        "http://pbs.twimg.com/media/X.jpg",
        "https://pbs.twimg.com.evil.example/media/X.jpg",
        "https://pbs.twimg.com@evil.example/X.jpg",
        "https://pbs.twimg.com:8443/media/X.jpg",
        "https://evil.example/pbs.twimg.com/media/X.jpg",
        "https://pbs.twimg.com\\@evil.example/X.jpg",
        "//pbs.twimg.com/media/X.jpg",
        "https://pbs.twimg.com/media/X.jpg\r\nHost: evil.example",
        "https://pbs.twimg.com/media/X.jpg#fragment",
        "https://pbs.twimg.com/média/X.jpg",
        "file:///etc/hosts",
        "https://video.twimg.com/X.jpg",
        "",
        None,
        ["https://pbs.twimg.com/media/X.jpg"],
    ],
)
def test_what_is_elsewhere_is_skipped_and_said(url: Any) -> None:
    plan = _photo(url)
    assert plan.items == ()
    assert [(skipped.role, skipped.index, skipped.required) for skipped in plan.skipped] == [("photo", 1, True)]


def test_a_video_without_a_file_and_an_unknown_kind_are_said() -> None:
    stream = {"url": "https://video.twimg.com/a.m3u8", "content_type": "application/x-mpegURL"}
    plan = media_plan(
        {"media": [{"kind": "video", "variants": [stream]}, {"url": "https://pbs.twimg.com/media/X.jpg"}]}
    )
    assert [(item.role, item.index, item.required) for item in plan.items] == [("playlist", 1, False)]
    assert [(skipped.role, skipped.index, skipped.required) for skipped in plan.skipped] == [
        ("video", 1, True),
        ("unknown", 2, True),
    ]


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(max_size=9)
        | st.sampled_from(["photo", "video", "video/mp4"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "media",
                        "kind",
                        "url",
                        "variants",
                        "content_type",
                        "author",
                        "image",
                        "bitrate",
                        "quoted",
                        "parent",
                        "card",
                        "images",
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=20,
    )
)
def test_an_arbitrary_tree_is_planned_without_a_crash(post: Any) -> None:
    for item in media_plan(post).items:
        for candidate in item.candidates:
            assert candidate.url.startswith(("https://pbs.twimg.com/", "https://video.twimg.com/"))
