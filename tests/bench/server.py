"""The box with bodies of any size and any number of posts, as a process of its own; prints its settings and waits."""

from __future__ import annotations

import argparse
import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace

from archiver.demo import posts
from archiver.demo.box import Box
from archiver.demo.records import Post
from archiver.demo.sites import World
from archiver.demo.wire import Reply, Request

BLOCK = memoryview(b"\x00\x00\x00\x20ftypisom" + os.urandom((1 << 20) - 12))


def many(count: int) -> tuple[Post, ...]:
    """Return the sample posts and `count` copies of the one with a photo, each with an id of its own."""
    photo = posts.PHOTO
    copies = (replace(photo, id=str(int(photo.id) + (number << 22))) for number in range(1, count + 1))
    return (*posts.POSTS.values(), *copies)


def video(size: int) -> Reply:
    """Return a reply of `size` bytes that begins like an MP4 file."""

    def pieces() -> Iterator[memoryview]:
        left = size
        while left:
            piece = BLOCK[: min(left, len(BLOCK))]
            yield piece
            left -= len(piece)

    headers = (("Content-Type", "video/mp4"), ("Content-Length", str(size)))
    return Reply(200, headers, body=pieces(), length=size)


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--video-bytes", type=int, default=0)
    parser.add_argument("--posts", type=int, default=0)
    options = parser.parse_args()
    with Box(World(posts=many(options.posts)), keep_bytes=False) as box:
        if options.video_bytes:

            def serve(request: Request) -> Reply:
                return video(options.video_bytes) if request.path.endswith(".mp4") else Reply(404)

            box.add("video.twimg.com", serve)
        print(box.proxy_url, box.ca_file, box.tsa_roots_file, flush=True)
        threading.Thread(target=sys.stdin.read, daemon=False).run()


if __name__ == "__main__":
    main()
