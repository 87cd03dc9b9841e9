"""The hosts besides X's data: short links, ranges, refusals; and the demo shares nothing with what it is to judge."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import archiver.demo
from archiver.demo import posts
from archiver.demo.sites import World
from archiver.demo.wire import Reply, parse_head

VIDEO = posts.SHELLING.media[0]
BEST = max(VIDEO.variants, key=lambda variant: variant.bitrate)


def ask(host: str, resource: str, **fields: str) -> Reply:
    lines = [f"GET {resource} HTTP/1.1", *(f"{name.replace('_', '-')}: {value}" for name, value in fields.items())]
    request = parse_head(("\r\n".join(lines) + "\r\n\r\n").encode(), host)
    return World().hosts[host](request)


def location(reply: Reply) -> str:
    assert reply.status == 301
    return dict(reply.headers)["location"]


def test_short_link_redirects_programs_and_shows_browsers_a_page():
    assert location(ask("t.co", "/x7RwLd2PqN", User_Agent="curl/8")) == posts.PHOTO.url + "/photo/1"
    page = ask("t.co", "/x7RwLd2PqN", User_Agent="Mozilla/5.0 (X11)")
    assert page.status == 200
    assert f'content="0;URL={posts.PHOTO.url}/photo/1"'.encode() in page.body
    assert b'location.replace("https:\\/\\/x.com\\/belinward_demo' in page.body
    assert location(ask("t.co", "/Np5cJ1oGwE")) == "https://coast-herald.example/help"
    assert ask("t.co", "/nothing").status == 404


def test_picture_links_lead_to_the_short_link_or_the_post():
    assert location(ask("pic.twitter.com", "/x7RwLd2PqN")) == posts.PHOTO.short_url
    assert location(ask("pic.x.com", "/x7RwLd2PqN")) == posts.PHOTO.url + "/photo/1"
    assert ask("pic.x.com", "/nothing").status == 404


def test_moved_hosts():
    assert location(ask("publish.twitter.com", "/oembed?url=u")) == "https://publish.x.com/oembed?url=u"
    assert location(ask("twitter.com", "/a/status/1")) == "https://x.com/a/status/1"


def test_status_page_goes_by_the_id_alone():
    assert ask("x.com", f"/anyone/status/{posts.PHOTO.id}").status == 200
    assert ask("x.com", f"/anyone/status/{posts.PHOTO.id}/photo/1").status == 200
    assert ask("x.com", "/anyone/status/1").status == 404


def test_unknown_pictures_and_articles_are_not_found():
    assert ask("pbs.twimg.com", "/media/Nothing.jpg").status == 404
    assert ask("pbs.twimg.com", f"/media/{posts.PHOTO.media[0].key}").status == 404
    assert ask("coast-herald.example", "/").status == 404


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-0", 0, 1), ("bytes=100-", 100, None), ("bytes=-7", -7, None), ("bytes=5-99999999", 5, None)],
)
def test_video_in_ranges(asked, start, end):
    whole = ask("video.twimg.com", VIDEO.path(BEST))
    assert (whole.status, dict(whole.headers)["accept-ranges"]) == (200, "bytes")
    part = ask("video.twimg.com", VIDEO.path(BEST), Range=asked)
    assert (part.status, part.body) == (206, whole.body[start:end])
    size = len(whole.body)
    first = size + start if start < 0 else start
    assert dict(part.headers)["content-range"] == f"bytes {first}-{first + len(part.body) - 1}/{size}"


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=99999999-99999999"])
def test_range_beyond_the_end(asked):
    size = len(ask("video.twimg.com", VIDEO.path(BEST)).body)
    part = ask("video.twimg.com", VIDEO.path(BEST), Range=asked)
    assert (part.status, dict(part.headers)["content-range"]) == (416, f"bytes */{size}")


@pytest.mark.parametrize("asked", ["bytes=9-3", "bytes=0-1,4-5", "lines=1-2"])
def test_range_that_is_none_gives_the_whole(asked):
    assert ask("video.twimg.com", VIDEO.path(BEST), Range=asked).status == 200


def test_video_host_refuses_a_referrer_and_for_one_variant_a_query():
    assert ask("video.twimg.com", VIDEO.path(BEST), Referer="https://x.com/").status == 403
    assert ask("video.twimg.com", VIDEO.path(BEST) + "?tag=12").status == 200
    mixed = posts.MIXED.media[1]
    best = max(mixed.variants, key=lambda variant: variant.bitrate)
    assert ask("video.twimg.com", mixed.path(best) + "?tag=16").status == 403
    assert ask("video.twimg.com", mixed.path(best)).status == 200


def test_demo_imports_the_standard_library_cryptography_and_itself():
    allowed = sys.stdlib_module_names | {"cryptography"}
    for file in Path(archiver.demo.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or "."] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert name.startswith("archiver.demo") or name.split(".")[0] in allowed, f"{file.name}: {name}"


@pytest.mark.skipif(sys.platform == "win32", reason="an interrupt cannot be sent to one process only")
def test_demo_runs_until_interrupted():
    command = [sys.executable, "-W", "error", "-m", "archiver.demo"]
    root = str(Path(archiver.demo.__file__).parents[2])
    with subprocess.Popen(
        command,
        cwd=root,
        env={**os.environ, "PYTHONPATH": root},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        lines = [process.stdout.readline().strip() for _ in range(7 + len(posts.POSTS))]
        ca_file = Path(lines[2].removeprefix("export SSL_CERT_FILE="))
        assert ca_file.exists()
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=20)
    names = [line.partition("=")[0].removeprefix("export ") for line in lines[:3]]
    assert names == ["HTTPS_PROXY", "HTTP_PROXY", "SSL_CERT_FILE"]
    assert [line.split()[-1] for line in lines[-len(posts.POSTS) :]] == [post.url for post in posts.POSTS.values()]
    assert (process.returncode, rest, errors) == (0, "", "")
    assert not ca_file.exists()
