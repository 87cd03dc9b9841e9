"""Stock yt-dlp, led into the box by its ordinary settings, accepts what GraphQL serves and says what it says of X."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys

import pytest

from archiver.demo import media, posts
from archiver.demo.faults import Status
from archiver.demo.graphql_errors import AlsoFailed, Refused
from archiver.demo.records import Post

pytestmark = pytest.mark.skipif(importlib.util.find_spec("yt_dlp") is None, reason="yt-dlp is not installed")

REFUSALS = {
    "": {
        posts.DELETED_TOLD: "Twitter API says: This Post was deleted by the Post author",
        posts.SUSPENDED_TOLD: "Twitter API says: This Post is from a suspended account",
        posts.GONE: "Twitter API says: This Post is from an account that no longer exists",
        posts.PROTECTED_TOLD: "Twitter API says: You’re unable to view this Post because this account owner limits",
        posts.AGE_TOLD: "Twitter API says: Age-restricted adult content.",
        posts.WITHHELD: "Twitter API says: This Post has been withheld in Belinia",
        posts.SUSPENDED: "Suspended",
        posts.PROTECTED: "You are not authorized to view this protected tweet",
        posts.AGE_VIDEO: "NSFW tweet requires authentication",
        posts.AGE_STRIPPED: "No video could be found in this tweet",
        posts.DELETED: "No video could be found in this tweet",
        posts.EDITED_FIRST: "No video could be found in this tweet",
        posts.SUBSCRIBERS: "No video could be found in this tweet",
    },
    "adult": {posts.PROTECTED: "You are not authorized to view this protected tweet"},
    "no-age": {posts.AGE_VIDEO: "NSFW tweet requires authentication"},
    "under-age": {posts.AGE_VIDEO: "NsfwViewerIsUnderage"},
    "locked": {posts.SHELLING: "Error(s) while querying API: To protect our users from spam"},
}
"""What yt-dlp says of posts that are withheld, to a guest and to logins."""


@pytest.fixture
def run(box, tmp_path):
    """Return a function that runs yt-dlp with options on posts, as a guest or with a login."""

    def start(*arguments: Post | str, login: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "yt_dlp", "--ignore-config", "--no-update", "--no-cache-dir"]
        command += ["--compat-options", "no-certifi", "--proxy", box.proxy_url, "--paths", str(tmp_path)]
        if login:
            cookies = tmp_path / "cookies.txt"
            cookies.write_text(box.login(login).cookie_file(), encoding="utf-8")
            command += ["--cookies", str(cookies)]
        environment = {name: value for name, value in os.environ.items() if "PROXY" not in name.upper()}
        return subprocess.run(
            [*command, *(item.url if isinstance(item, Post) else item for item in arguments)],
            env=environment | {"SSL_CERT_FILE": str(box.ca_file), "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
        )

    return start


def described(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_guest_gets_a_video_and_its_author(box, run):
    found = described(run(posts.SHELLING, "--dump-json"))
    video = posts.SHELLING.media[0]
    assert (found["id"], found["display_id"]) == (video.media_id, posts.SHELLING.id)
    assert (found["uploader_id"], found["uploader"]) == (posts.SHELLING.author.handle, posts.SHELLING.author.name)
    assert {item["url"] for item in found["formats"]} >= {video.url(variant) for variant in video.variants}
    [token] = box.guest_tokens
    assert f"x-guest-token: {token}".encode() in box.requests("x.com")[0].request.lower()
    assert int(found["timestamp"]) == int(posts.SHELLING.created.timestamp())


def test_newer_shape_of_accounts_leaves_yt_dlp_without_an_author(run):
    found = described(run(posts.CAPTIONED, "--dump-json"))
    assert (found["id"], found.get("uploader_id")) == (posts.CAPTIONED.media[0].media_id, None)


@pytest.mark.parametrize(
    ("post", "login"),
    [(posts.AGE_VIDEO, "adult"), (posts.WRAPPED, "adult"), (posts.GIF, "follower")],
    ids=lambda value: getattr(value, "id", value),
)
def test_login_gets_a_video(box, run, post, login):
    assert described(run(post, "--dump-json", login=login))["id"] == post.media[0].media_id
    assert [exchange.note for exchange in box.requests("x.com")] == [f"asked by desk_{login}_demo"]
    assert box.requests("api.x.com") == ()


def test_video_of_a_quoted_post_and_of_a_retweeted_one(run):
    merged = [json.loads(line)["id"] for line in run(posts.QUOTING_VIDEO, "--dump-json").stdout.splitlines()]
    assert merged == [posts.QUOTING_VIDEO.media[0].media_id, posts.SHELLING.media[0].media_id]
    assert described(run(posts.RETWEET, "--dump-json"))["id"] == posts.SHELLING.media[0].media_id


@pytest.mark.parametrize("login", REFUSALS)
def test_refusals_become_the_known_messages(run, login):
    done = run(*REFUSALS[login], "--dump-json", "--ignore-errors", login=login)
    assert (done.returncode, done.stdout) == (1, "")
    for post, message in REFUSALS[login].items():
        assert f"ERROR: [twitter] {post.id}: {message}" in done.stderr


@pytest.mark.parametrize(
    ("host", "fault", "message"),
    [
        ("x.com", Refused("credentials"), "Error(s) while querying API: Could not authenticate you."),
        ("x.com", Refused("features", "a"), "Error(s) while querying API: The following features cannot be null: a"),
        ("x.com", Refused("guest-token"), "Error(s) while querying API: Bad guest token."),
        ("api.x.com", Status(200, b"{}"), "Could not retrieve guest token"),
        ("x.com", Status(200, b"<html>"), "Failed to parse JSON"),
    ],
)
def test_error_becomes_the_known_message(box, run, host, fault, message):
    box.faults.add(fault, host=host)
    done = run(posts.SHELLING, "--dump-json")
    assert done.returncode == 1
    assert message in done.stderr


def test_rate_limit_leads_yt_dlp_to_syndication(box, run):
    box.faults.add(Refused("rate-limit"), host="x.com")
    done = run(posts.SHELLING, "--dump-json")
    assert described(done)["id"] == posts.SHELLING.media[0].media_id
    assert "Rate-limit exceeded; falling back to syndication endpoint" in done.stderr
    assert [exchange.note for exchange in box.requests("cdn.syndication.twimg.com")] == ["token: right"]
    box.faults.add(Refused("rate-limit"), host="x.com")
    box.faults.add(Status(200, b"{}"), host="cdn.syndication.twimg.com")
    assert "Syndication endpoint returned empty JSON response" in run(posts.SHELLING, "--dump-json").stderr


def test_error_beside_a_whole_answer_is_no_error(box, run):
    box.faults.add(AlsoFailed(), host="x.com")
    assert described(run(posts.SHELLING, "--dump-json"))["id"] == posts.SHELLING.media[0].media_id


def test_stream_without_single_files_is_joined_by_the_native_downloader(box, run, tmp_path):
    video = posts.STREAMED.media[0]
    options = ("-f", "hls-832", "--hls-prefer-native", "--fixup", "never", "--write-subs", "-o", "%(id)s.%(ext)s")
    done = run(posts.STREAMED, *options)
    assert done.returncode == 0, done.stderr
    joined = (tmp_path / f"{video.media_id}.mp4").read_bytes()
    assert joined == media.read("ferry.640x360.fragments.mp4")
    words = (tmp_path / f"{video.media_id}.en.vtt").read_text(encoding="utf-8")
    assert [text for _, _, text in video.captions[0].cues] == [
        line for line in words.splitlines() if line.endswith(".")
    ]
    paths = [exchange.target.partition("?")[0] for exchange in box.requests("video.twimg.com")]
    assert sum(path.endswith(".m4s") for path in paths) == 2
    assert not any("/vid/" in path and path.endswith(".mp4") and "/avc1/0/" not in path for path in paths)
