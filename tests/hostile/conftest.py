"""Captures what a hostile server answers together with a good post, and checks what has to hold whatever it answers."""

from __future__ import annotations

import json
import re
import tracemalloc
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from archiver.demo import faults, posts
from archiver.demo.sample import ARTICLE_PATH, ARTICLE_URL, NEWS_HOST

GOOD = posts.TEXT
HARMFUL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Attacked:
    """What a run came to in which something hostile answered.

    Attributes:
        results: the result of each input, by the input.
        folders: the captures that were made, by the id of the post.
        code: the exit code.
        shown: all that was printed.
        peak: bytes of memory that capturing and verifying took at most; 0 where that was not traced.
    """

    results: dict[str, dict[str, Any]]
    folders: dict[str, Path]
    code: int
    shown: str
    peak: int

    @property
    def bad(self) -> dict[str, Any]:
        """The result of the one input beside the good post."""
        [result] = [result for text, result in self.results.items() if text != GOOD.url]
        return result

    @property
    def outcome(self) -> tuple[str, str]:
        """The outcome of that input, and its reason."""
        return self.bad["outcome"], self.bad["reason"]

    @property
    def missing(self) -> dict[str, str]:
        """What of that input's post is missing, each with its reason."""
        return {item["what"]: item["reason"] for item in self.bad["missing"]}

    def account(self, post: Any) -> Any:
        """Return the custody manifest of a post's capture."""
        return json.loads((self.folders[post.id] / "data/custody-manifest.json").read_bytes())

    def kept(self, post: Any) -> list[str]:
        """Return the names of the media files of a post's capture."""
        return sorted(path.name for path in (self.folders[post.id] / "data").glob("media/*"))


@pytest.fixture
def attack(box, command, tmp_path, read_warc, overlaid, monkeypatch) -> Callable[..., Attacked]:
    """Return a function that captures inputs and, after them, a good post, one at a time, and tells what came of them.

    Settings of the network may be given by name, and the memory that it takes be traced. Whatever was answered: the
    good post is captured, every input has an outcome and a reason, nothing is unexpected, what was sealed verifies, and
    it is what the box saw.
    """

    def run(*inputs: str, trace: bool = False, **settings: float) -> Attacked:
        for name, value in settings.items():
            monkeypatch.setenv(f"ARCHIVER_NETWORK_{name.upper()}", str(value))
        if trace:
            tracemalloc.start()
        ended = command("--json", "capture", "--jobs", "1", *inputs, GOOD.url)
        verified = command("verify")
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        *objects, summary = ended.objects
        results = {item["input"]: item for item in objects}
        folders = {item["post"]["id"]: tmp_path / item["path"] for item in objects if item["path"]}
        attacked = Attacked(results, folders, ended.code, ended.out + ended.err, peak)
        assert results[GOOD.url]["outcome"] == "captured"
        assert all(item["reason"] or item["outcome"] == "captured" for item in objects)
        assert ended.code == summary["exit"] == (0 if all(done(item) for item in objects) else 3)
        assert "error" not in summary["counts"]
        assert "Traceback" not in ended.err
        assert not HARMFUL.search(attacked.shown)
        assert set(tmp_path.glob("evidence/captures/*/*")) == set(folders.values())
        assert (verified.code, "INTACT" in verified.out) == (0, True), verified.out
        for folder in folders.values():
            compare(box, folder, read_warc, overlaid(folder))
        return attacked

    return run


def done(result: dict[str, Any]) -> bool:
    return result["outcome"] in ("captured", "absent", "withheld")


def compare(box, folder: Path, read_warc, overlay) -> None:
    """Hold a WARC against what the box saw: the same bytes, or fewer where the account says that reading stopped."""
    answers: dict[str, tuple[bytes, bytes]] = {}
    responses: dict[str, str] = {}
    for fields, block in read_warc(folder / "data/capture.warc"):
        values = dict(reversed(fields))
        target = values.get("WARC-Target-URI", "")
        if values["WARC-Type"] == "request":
            answers[values["WARC-Record-ID"]] = (block, b"")
        elif values["WARC-Type"] == "response" or target.startswith(("urn:archiver:stray:", "urn:archiver:interim:")):
            request, so_far = answers[values["WARC-Concurrent-To"]]
            if values["WARC-Type"] == "response":
                responses[values["WARC-Concurrent-To"]] = values["WARC-Record-ID"]
            answers[values["WARC-Concurrent-To"]] = (request, so_far + block)
    left = Counter[bool]()
    for record, (request, response) in answers.items():
        sent, came = partial(overlay, record.strip("<>")), partial(overlay, responses.get(record, "").strip("<>"))
        seen = [item for item in box.exchanges if is_of(item, request, sent) and begins(item, response, came)]
        assert seen, request
        left[max(exchange.response_bytes == len(response) for exchange in seen)] += 1
    account = json.loads((folder / "data/custody-manifest.json").read_bytes())
    assert left[False] <= sum(bool(item["failure"]) for item in account["exchanges"])


def is_of(exchange, request: bytes, stored: Callable[[bytes], bytes]) -> bool:
    return stored(exchange.request) == request if exchange.request else exchange.request_bytes == len(request)


def begins(exchange, response: bytes, stored: Callable[[bytes], bytes]) -> bool:
    """Whether a response is what the box answered, or the beginning of it; by its size where the box kept no bytes."""
    return (
        stored(exchange.response).startswith(response) if exchange.request else exchange.response_bytes >= len(response)
    )


@dataclass(frozen=True)
class Target:
    """A place at which something hostile may answer: what to capture, and which requests of that are meant."""

    input: str
    host: str
    path: str | re.Pattern[str]

    def arm(self, box, fault: Any, times: int | None = None) -> str:
        """Let a fault happen there and return the input that meets it; nobody else gives the post in its place."""
        box.faults.add(fault, host=self.host, path=self.path, times=times)
        if self.host == "cdn.syndication.twimg.com":
            box.faults.add(faults.Status(403), host="api.x.com", times=None)
        return self.input

    def asked(self, box) -> list[Any]:
        """Return the exchanges that the box logged there."""
        pattern = self.path if isinstance(self.path, re.Pattern) else re.compile(re.escape(self.path))
        return [item for item in box.requests(self.host) if pattern.search(item.target)]


TARGETS = {
    "syndication": Target(posts.PHOTO.url, "cdn.syndication.twimg.com", f"/tweet-result?id={posts.PHOTO.id}"),
    "oembed": Target(posts.PHOTO.url, "publish.x.com", re.compile(posts.PHOTO.id)),
    "photo": Target(posts.PHOTO.url, "pbs.twimg.com", "/media/"),
    "video": Target(posts.SHELLING.url, "video.twimg.com", re.compile(r"\.mp4")),
    "playlist": Target(posts.CAPTIONED.url, "video.twimg.com", re.compile(r"\.m3u8")),
    "short link": Target(posts.PHOTO.short_url, "t.co", f"/{posts.PHOTO.short_code}"),
    "article": Target(ARTICLE_URL, NEWS_HOST, ARTICLE_PATH),
}
