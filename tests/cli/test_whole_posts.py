"""What comes with a post: quoted and parent posts, captions, versions, cards, polls, notes, and what is missing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archiver.demo import faults, posts
from archiver.demo.box import Box

from .conftest import Run


@pytest.fixture
def capture(archiver: Run, tmp_path: Path) -> Any:
    """Return a function that captures a post and gives its exit code, folder, account and normalised post."""

    def run(target: posts.Post) -> tuple[int, Path, dict[str, Any], dict[str, Any]]:
        ended = archiver("--json", "capture", target.url)
        folder = tmp_path / ended.objects[0]["path"]
        account = json.loads((folder / "data/custody-manifest.json").read_bytes())
        assert archiver("verify", "last").code == 0
        return ended.code, folder, account, json.loads((folder / "data/post.json").read_bytes())["post"]

    return run


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "data/media").iterdir())


def test_a_quoted_post_comes_with_its_media_marked_as_context(capture: Any) -> None:
    code, folder, account, post = capture(posts.QUOTING)
    assert code == 0
    assert post["quoted"]["author"]["handle"] == posts.PHOTO.author.handle
    (photo,) = [file for file in account["files"] if file["role"] == "photo"]
    assert (photo["context"], photo["path"]) == ("quoted", "data/media/01-quoted.jpg")
    assert 'media/01-quoted.jpg"' in (folder / "data/post.html").read_text()


def test_a_parent_comes_with_its_media_and_its_failure_changes_no_outcome(capture: Any, box: Box) -> None:
    box.faults.add(faults.Status(404), host="pbs.twimg.com", path="/media/", times=None)
    code, _, account, post = capture(posts.REPLY)
    assert (code, account["outcome"]) == (0, "captured")
    assert post["reply_to"]["post"] == posts.FLOOD.id
    assert {item["what"] for item in account["missing"]} >= {"parent photo 1", "parent photo 4"}


def test_captions_are_kept_with_their_playlists_recorded(capture: Any) -> None:
    code, folder, account, _ = capture(posts.CAPTIONED)
    assert code == 0
    captions = [file for file in account["files"] if file["role"] == "captions"]
    assert {file["rendition"].split()[1] for file in captions} == {"ar", "en"}
    assert all((folder / file["path"]).read_bytes().startswith(b"WEBVTT") for file in captions)
    assert "01-playlist.m3u8" in names(folder)
    recorded = [exchange["url"] for exchange in account["exchanges"] if exchange["purpose"] == "playlist"]
    assert len(recorded) >= 4


def test_a_video_without_captions_keeps_no_playlist_and_says_so(capture: Any) -> None:
    _, folder, account, _ = capture(posts.SHELLING)
    assert not [name for name in names(folder) if name.endswith("m3u8")]
    assert [way["result"] for way in account["ways"] if way["way"].startswith("playlist")] == [
        "recorded, names no captions"
    ]


def test_every_version_of_an_edited_post_is_asked_for(capture: Any) -> None:
    code, _, account, post = capture(posts.EDITED)
    assert code == 0
    assert {version["id"] for version in post["versions"]} == {posts.EDITED_FIRST.id, posts.EDITED_SECOND.id}
    assert posts.EDITED_FIRST.text in {version["text"] for version in post["versions"]}
    assert len([way for way in account["ways"] if way["way"].startswith("version")]) == 2


def test_a_version_that_does_not_come_is_an_extra(capture: Any, box: Box) -> None:
    box.faults.add(
        faults.Status(404), host="cdn.syndication.twimg.com", path=f"/tweet-result?id={posts.EDITED_FIRST.id}"
    )
    code, _, account, _ = capture(posts.EDITED)
    assert code == 0
    assert f"version {posts.EDITED_FIRST.id}" in {item["what"] for item in account["missing"]}


def test_a_cut_text_is_partial_and_what_oembed_shows_stands_beside(capture: Any, box: Box) -> None:
    box.faults.add(faults.Status(429), host="api.x.com", times=None)
    code, folder, account, post = capture(posts.LONG)
    assert (code, account["outcome"]) == (3, "partial")
    assert "blockquote" in post["oembed"]["html"]
    assert "(oEmbed) shows of it" in (folder / "data/post.html").read_text()


def test_a_poll_and_a_thread_and_a_note_are_facts(capture: Any) -> None:
    _, _, _, poll = capture(posts.POLL)
    assert "poll" in poll
    _, _, _, threaded = capture(posts.THREAD_SECOND)
    assert threaded["thread"]["id"] == posts.THREAD_FIRST.id
    _, _, _, noted = capture(posts.NOTED)
    assert "community_note" in noted or "note" in noted


def test_a_cards_picture_is_kept_and_an_expired_one_is_named(capture: Any) -> None:
    _, folder, _, _ = capture(posts.CARD)
    assert "01-card.jpg" in names(folder)
    code, folder, account, _ = capture(posts.EXPIRED_CARD)
    assert code == 0
    assert "card 1" in {item["what"] for item in account["missing"]}


def test_media_that_are_said_to_be_unavailable_are_tried_all_the_same(capture: Any) -> None:
    code, folder, _, _ = capture(posts.GEOBLOCKED)
    assert code == 0
    assert "01.mp4" in names(folder)
    code, folder, account, _ = capture(posts.REFUSED_MEDIA)
    assert (code, account["outcome"]) == (3, "partial")
    assert [item["reason"] for item in account["missing"] if item["what"] == "video 1"] == ["answered 403"]


def test_media_of_another_accounts_post_name_their_owner(capture: Any) -> None:
    code, _, _, post = capture(posts.REUSED)
    assert code == 0
    assert posts.SHELLING.id in json.dumps(post["media"][0]["owner"])
