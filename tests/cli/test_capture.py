"""`archiver capture` as a user meets it: inputs, outcomes, exit codes, what is kept and what is said."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from archiver.demo import faults, hostile, media, posts
from archiver.demo.box import Box
from archiver.demo.records import Post
from archiver.demo.sample import article_html, article_text
from archiver.demo.sites import World

from .conftest import Run


def captures(folder: Path) -> list[Path]:
    return sorted((folder / "evidence" / "captures").glob("*/*"))


def manifest(capture: Path) -> dict[str, Any]:
    return json.loads((capture / "data/custody-manifest.json").read_bytes())


def post(capture: Path) -> dict[str, Any]:
    return json.loads((capture / "data/post.json").read_bytes())["post"]


def test_a_photo_is_kept_in_its_original_rendition(archiver: Run, tmp_path: Path) -> None:
    ended = archiver("capture", posts.PHOTO.url)
    assert ended.code == 0
    assert "new case: evidence" in ended.err
    (capture,) = captures(tmp_path)
    assert str(capture.relative_to(tmp_path)) in ended.out
    assert (capture / "data/media/01.jpg").read_bytes() == media.read_rendition(posts.PHOTO.media[0].file, "orig")
    (photo,) = [file for file in manifest(capture)["files"] if file["role"] == "photo"]
    assert photo["rendition"] == "orig"
    assert photo["relation"] == "payload"
    assert post(capture)["media"][0]["alt"] == posts.PHOTO.media[0].alt
    assert post(capture)["author"]["handle"] == posts.PHOTO.author.handle


def test_four_photos_and_a_video_come_whole(archiver: Run, tmp_path: Path) -> None:
    assert archiver("capture", posts.FLOOD.url, posts.SHELLING.url).code == 0
    kept = {
        manifest(path)["id"]: sorted(file.name for file in (path / "data/media").iterdir())
        for path in captures(tmp_path)
    }
    assert kept[posts.FLOOD.id] == ["00-profile.jpg", "01.jpg", "02.jpg", "03.jpg", "04.jpg"]
    assert kept[posts.SHELLING.id] == ["00-profile.jpg", "01-poster.jpg", "01.mp4"]


def test_the_best_variant_is_asked_for_again_without_its_query(archiver: Run, tmp_path: Path) -> None:
    assert archiver("capture", posts.MIXED.url).code == 0
    (capture,) = captures(tmp_path)
    (video,) = [file for file in manifest(capture)["files"] if file["role"] == "video"]
    assert video["rendition"].endswith("without query")
    assert "?" not in video["source_url"]
    ways = [way for way in manifest(capture)["ways"] if way["way"].startswith("video")]
    assert [way["result"] for way in ways] == ["answered 403", "kept"]


def test_no_request_carries_a_referer_or_a_cookie(archiver: Run, box: Box) -> None:
    archiver("capture", posts.MIXED.url)
    heads = [exchange.request.lower() for exchange in box.exchanges]
    assert heads
    assert not any(b"referer:" in head or b"cookie:" in head for head in heads)


@pytest.mark.parametrize(
    ("target", "code", "outcome", "reason", "sealed"),
    [
        (posts.TEXT, 0, "captured", "", True),
        (posts.GIF, 0, "captured", "", True),
        (posts.SENSITIVE, 0, "captured", "", True),
        (posts.LONG, 0, "captured", "", True),
        (posts.DELETED, 6, "absent", "deleted", True),
        (posts.GONE, 6, "absent", "account-gone", True),
        (posts.NEVER_EXISTED, 6, "absent", "never-existed", True),
        (posts.SUSPENDED, 6, "withheld", "suspended", True),
        (posts.PROTECTED, 6, "withheld", "protected", True),
        (posts.AGE_RESTRICTED, 6, "withheld", "age", True),
        (posts.UNCLEAR, 5, "refused", "unclear", False),
    ],
)
def test_outcome(
    archiver: Run, tmp_path: Path, target: Post, code: int, outcome: str, reason: str, sealed: bool
) -> None:
    ended = archiver("--json", "capture", target.url)
    result, summary = ended.objects
    assert (ended.code, result["outcome"], result["reason"]) == (code, outcome, reason)
    assert summary == {"type": "summary", "counts": {outcome: 1}, "unread": 0, "case": "evidence", "exit": code}
    assert len(captures(tmp_path)) == sealed
    assert bool(result["path"]) == bool(result["id"]) == sealed
    if sealed:
        assert archiver("verify").code == 0


def test_the_words_of_a_refusal_are_kept(archiver: Run, tmp_path: Path) -> None:
    ended = archiver("capture", posts.SUSPENDED.url)
    assert "suspended account" in ended.out
    (capture,) = captures(tmp_path)
    assert "suspended account" in manifest(capture)["words"]
    assert "suspended account" in (capture / "data/post.html").read_text()


def test_what_is_captured_already_is_skipped_and_said(archiver: Run, tmp_path: Path) -> None:
    archiver("capture", posts.TEXT.url)
    again = archiver("capture", posts.TEXT.url)
    assert again.code == 0
    assert again.out.startswith("already")
    assert len(captures(tmp_path)) == 1
    assert archiver("capture", "--again", posts.TEXT.url).code == 0
    assert len(captures(tmp_path)) == 2


def test_a_partial_capture_is_due_again(archiver: Run, box: Box, tmp_path: Path) -> None:
    box.faults.add(faults.Status(404), host="pbs.twimg.com", path="/media/", times=5)
    first = archiver("--json", "capture", posts.PHOTO.url)
    assert (first.code, first.objects[0]["outcome"]) == (3, "partial")
    assert first.objects[0]["missing"] == [{"what": "photo 1", "reason": "answered 404"}]
    second = archiver("--json", "capture", posts.PHOTO.url)
    assert (second.code, second.objects[0]["outcome"]) == (0, "captured")
    assert len(captures(tmp_path)) == 2


def test_a_lesser_rendition_is_kept_and_called_partial(archiver: Run, box: Box, tmp_path: Path) -> None:
    box.faults.add(faults.Status(404), host="pbs.twimg.com", path="/media/", times=2)
    ended = archiver("--json", "capture", posts.PHOTO.url)
    assert ended.objects[0]["outcome"] == "partial"
    (capture,) = captures(tmp_path)
    (photo,) = [file for file in manifest(capture)["files"] if file["role"] == "photo"]
    assert photo["rendition"] == "large"
    assert (capture / "data/media/01.jpg").read_bytes() == media.read_rendition(posts.PHOTO.media[0].file, "large")


def test_a_rendition_that_a_redirect_leads_to_is_kept_and_called_partial(
    archiver: Run, box: Box, tmp_path: Path
) -> None:
    photo = posts.PHOTO.media[0]
    smaller = f"https://pbs.twimg.com/media/{photo.key}?format=jpg&name=large"
    box.faults.add(hostile.Redirect(smaller), host="pbs.twimg.com", path="/media/", times=1)
    ended = archiver("--json", "capture", posts.PHOTO.url)
    assert (ended.code, ended.objects[0]["outcome"]) == (3, "partial")
    assert ended.objects[0]["missing"][0]["reason"].endswith(smaller)
    assert archiver("verify").code == 0


def test_an_error_page_is_not_kept_as_a_photo(archiver: Run, box: Box, tmp_path: Path) -> None:
    page = faults.Replace(body=b"<!DOCTYPE html><p>Over capacity", content_type="image/jpeg")
    box.faults.add(page, host="pbs.twimg.com", path="/media/", times=None)
    assert archiver("capture", posts.PHOTO.url).code == 3
    (capture,) = captures(tmp_path)
    assert [file.name for file in (capture / "data/media").iterdir()] == ["00-profile.jpg"]
    assert archiver("verify").code == 0


def test_a_missing_extra_does_not_make_a_capture_partial(archiver: Run, box: Box, tmp_path: Path) -> None:
    box.faults.add(faults.Status(404), host="pbs.twimg.com", path="/profile_images", times=None)
    ended = archiver("--json", "capture", posts.TEXT.url)
    assert (ended.code, ended.objects[0]["outcome"]) == (0, "captured")
    assert ended.objects[0]["missing"] == [{"what": "profile-image", "reason": "answered 404"}]


def test_a_cut_video_is_fetched_again_and_only_the_whole_one_kept(archiver: Run, box: Box, tmp_path: Path) -> None:
    box.faults.add(faults.Truncate(after=5000), host="video.twimg.com", times=1)
    assert archiver("capture", posts.SHELLING.url).code == 0
    (capture,) = captures(tmp_path)
    truncated = [exchange["truncated"] for exchange in manifest(capture)["exchanges"] if exchange["purpose"] == "video"]
    assert truncated == ["disconnect", ""]
    assert archiver("verify").code == 0


def test_dry_run_lists_and_contacts_nothing(archiver: Run, box: Box, tmp_path: Path) -> None:
    (tmp_path / "article.txt").write_text(article_text(), encoding="utf-8")
    ended = archiver("capture", "--dry-run", "article.txt")
    assert ended.code == 0
    listed = [line.split("  ") for line in ended.lines]
    expected = [posts.SHELLING, posts.PHOTO, posts.FLOOD]
    assert [row[1] for row in listed] == [f"@{item.author.handle}" for item in expected]
    assert [row[2] for row in listed] == [item.created.strftime("%Y-%m-%d") for item in expected]
    assert all(row[3].startswith("article.txt:") for row in listed)
    assert box.connections == ()
    assert [path.name for path in tmp_path.iterdir()] == ["article.txt"]


@pytest.mark.parametrize("how", ["text", "html", "stdin", "batch"])
def test_the_posts_of_an_article_are_captured(archiver: Run, tmp_path: Path, how: str) -> None:
    (tmp_path / "article.txt").write_text(article_text(), encoding="utf-8")
    (tmp_path / "article.html").write_text(article_html(), encoding="utf-8")
    arguments = {"text": ["article.txt"], "html": ["article.html"], "stdin": ["-"], "batch": ["-a", "article.txt"]}[how]
    ended = archiver("--json", "capture", *arguments, stdin=article_html().encode() if how == "stdin" else b"")
    assert ended.code == 0
    *results, _summary = ended.objects
    assert {result["post"]["id"] for result in results} == {posts.SHELLING.id, posts.PHOTO.id, posts.FLOOD.id}
    assert all(not result["mismatches"] for result in results)
    for capture in captures(tmp_path):
        (item,) = manifest(capture)["inputs"]
        assert item["claim"]["handle"]
        assert item["place"]["name"] == {"stdin": "", "html": "article.html"}.get(how, "article.txt")
        assert str(tmp_path) not in (capture / "data/custody-manifest.json").read_text()
    assert archiver("verify").code == 0


def test_the_way_through_a_short_link_is_in_the_capture(archiver: Run, tmp_path: Path) -> None:
    assert archiver("capture", f"https://{posts.PHOTO.pic}").code == 0
    (capture,) = captures(tmp_path)
    account = manifest(capture)
    (item,) = account["inputs"]
    assert item["route"][0] == f"https://{posts.PHOTO.pic}"
    assert [exchange["url"] for exchange in account["exchanges"] if exchange["purpose"] == "redirect"] == item["route"]


def test_mentions_of_one_post_are_one_capture_with_every_place(archiver: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"{posts.PHOTO.url}\n{posts.PHOTO.url}/photo/1?s=20\n")
    (tmp_path / "b.txt").write_text(f"seen at https://{posts.PHOTO.pic} and elsewhere\n")
    ended = archiver("--json", "capture", "a.txt", "b.txt")
    assert ended.code == 0
    *results, _summary = ended.objects
    assert [result["place"] for result in results] == ["a.txt:1", "a.txt:2", "b.txt:1"]
    assert len({result["id"] for result in results}) == 1
    (capture,) = captures(tmp_path)
    assert len(manifest(capture)["inputs"]) == 3


def test_a_claim_that_does_not_fit_is_a_finding_not_an_error(archiver: Run, tmp_path: Path) -> None:
    text = f"The quay burned {posts.PHOTO.pic}\n— Somebody Else (@someone_else) March 9, 2025\n"
    ended = archiver("capture", "-", stdin=text.encode())
    assert ended.code == 0
    assert f"author someone_else, the post has {posts.PHOTO.author.handle}" in ended.out
    assert "day 2025-03-09, the post has 2025-03-08" in ended.out
    (capture,) = captures(tmp_path)
    assert {(item["what"], item["agrees"]) for item in manifest(capture)["comparisons"]} == {
        ("author", False),
        ("day", False),
    }
    verified = archiver("verify")
    assert verified.code == 0
    assert "someone_else" in verified.out


def test_bad_inputs_cost_the_good_ones_nothing(archiver: Run, tmp_path: Path) -> None:
    ended = archiver("capture", "no-such-file.txt", posts.TEXT.url, "https://t.co/nowhere000")
    assert ended.code == 3
    assert "no-such-file.txt" in ended.err
    assert "leads-elsewhere" in ended.out
    assert len(captures(tmp_path)) == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["capture", "https://t.co/nowhere000"], 7),
        (["capture", "https://coast-herald.example/none"], 7),
        (["capture", "no-such-file.txt"], 7),
        (["capture"], 7),
        (["capture", "--jobs", "0", posts.TEXT.url], 2),
        (["capture", "--proxy", "nonsense://", posts.TEXT.url], 2),
        (["--config", "none.toml", "capture", posts.TEXT.url], 2),
        ([posts.TEXT.url], 2),
        (["nonsense"], 2),
        (["list"], 12),
        (["show", "last"], 12),
        (["verify"], 12),
    ],
)
def test_exit_code_of_what_cannot_be_done(archiver: Run, arguments: list[str], code: int) -> None:
    ended = archiver(*arguments)
    assert ended.code == code
    assert "Traceback" not in ended.err
    assert ended.err


def test_a_link_in_place_of_a_command_gets_the_command_that_was_meant(archiver: Run) -> None:
    assert f"archiver capture '{posts.TEXT.url}'" in archiver(posts.TEXT.url).err


@pytest.mark.parametrize(
    ("fault", "code", "reason"),
    [
        (faults.Status(429), 5, "rate-limit"),
        (faults.Status(403), 5, "blocked"),
        (faults.Status(401), 5, "login"),
        (faults.Status(503), 4, "server-error"),
        (faults.Reset(after=0), 4, "disconnect"),
        (faults.Replace(body=b"", content_type="application/json"), 5, "unclear"),
        (faults.Replace(body=b"<html>", content_type="text/html"), 5, "unclear"),
        (faults.Truncate(after=100), 5, "unclear"),
    ],
)
def test_what_says_nothing_about_the_post_leaves_no_capture(
    archiver: Run, box: Box, tmp_path: Path, fault: Any, code: int, reason: str
) -> None:
    box.faults.add(fault, host="cdn.syndication.twimg.com", times=None)
    box.faults.add(faults.Status(403), host="api.x.com", times=None)
    ended = archiver("--json", "capture", posts.TEXT.url)
    assert (ended.code, ended.objects[0]["reason"]) == (code, reason)
    assert captures(tmp_path) == []
    assert ended.objects[0]["next"]


def test_terminal_escapes_in_a_post_are_inert(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, archiver: Run) -> None:
    hostile = replace(
        posts.TEXT,
        text="\x1b]0;owned\x07\x1b[2J\u202egnp.exe\u0085<script>alert(1)</script>",
        author=replace(posts.TEXT.author, name="\x1b[31mred\x9b0m"),
        links=(),
        mentions=(),
    )
    with Box(World(posts=(hostile,))) as other:
        for name, value in other.environment().items():
            monkeypatch.setenv(name, value)
        for arguments in (["capture", hostile.url], ["list"], ["show", "last"], ["verify", "-v"], ["--json", "list"]):
            ended = archiver(*arguments)
            assert ended.code == 0
            shown = ended.out + ended.err
            assert not [char for char in shown if ord(char) in range(0x7F, 0xA0) or (ord(char) < 32 and char != "\n")]
            assert "\u202e" not in shown
    (capture,) = captures(tmp_path)
    assert "<script" not in (capture / "data/post.html").read_text()


def test_a_dry_run_of_one_input_in_which_there_is_no_post_says_so_as_a_capture_does(archiver: Run) -> None:
    for arguments in (["nonsense"], ["--dry-run", "nonsense"]):
        assert archiver("capture", *arguments).code == 7
    assert archiver("capture", "--dry-run", "nonsense", posts.TEXT.url).code == 3


def test_a_folder_that_holds_something_else_is_a_wrong_option(archiver: Run, tmp_path: Path) -> None:
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday/beach.jpg").write_bytes(b"x")
    ended = archiver("-C", "holiday", "capture", posts.TEXT.url)
    assert (ended.code, "not a case" in ended.err) == (2, True)


def test_more_retries_than_there_may_be_are_refused_by_name(archiver: Run) -> None:
    ended = archiver("capture", "--retries", "21", posts.TEXT.url)
    assert (ended.code, "--retries" in ended.err) == (2, True)


def test_show_names_an_answer_of_which_nothing_could_be_read(archiver: Run) -> None:
    assert archiver("capture", posts.NEVER_EXISTED.url).code == 6
    assert "the whole answer (raw in the WARC)" in archiver("show", "last").out
