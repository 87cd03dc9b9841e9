"""Posts that the public services hide or cut: to a guest and to logins, with threads, and with nobody's login kept."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from archiver.demo import faults, media, posts
from archiver.demo.box import Box
from archiver.demo.graphql_errors import AlsoFailed, Refused
from archiver.demo.graphql_logins import LoginName
from archiver.demo.records import Post

from .conftest import Run

GRAPHQL, SYNDICATION = "x.com", "cdn.syndication.twimg.com"


@dataclass(frozen=True)
class Made:
    """What capturing one post came to: exit code, result, and the files of the capture where there is one."""

    code: int
    result: dict[str, Any]
    folder: Path

    @property
    def outcome(self) -> str:
        return f"{self.result['outcome']} {self.result['reason']}".strip()

    @property
    def account(self) -> dict[str, Any]:
        account: dict[str, Any] = json.loads((self.folder / "data/custody-manifest.json").read_bytes())
        return account

    @property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.folder / "data/post.json").read_bytes())
        return document

    @property
    def post(self) -> dict[str, Any]:
        post: dict[str, Any] = self.document["post"]
        return post

    @property
    def ways(self) -> dict[str, str]:
        return {way["way"]: way["result"] for way in self.account["ways"]}

    @property
    def services(self) -> set[str]:
        """Purposes of the exchanges that facts of the post were read of."""
        asked = {item["response"]: item["purpose"] for item in self.account["exchanges"]}
        return {asked[origin["record"]] for origin in self.document["origins"].values()}


Capture = Callable[..., Made]


@pytest.fixture
def cookies(box: Box, tmp_path: Path) -> Callable[[LoginName], str]:
    """Return a function that writes the cookie file of a sample login and gives its name."""

    def write(name: LoginName) -> str:
        (tmp_path / f"{name}.txt").write_text(box.login(name).cookie_file(), encoding="utf-8")
        return f"{name}.txt"

    return write


@pytest.fixture
def capture(archiver: Run, tmp_path: Path, cookies: Callable[[LoginName], str]) -> Capture:
    """Return a function that captures a post as a guest or with a login, and verifies what came."""

    def run(post: Post, login: LoginName | None = None, *options: str) -> Made:
        own = ("--cookies", cookies(login)) if login else ()
        ended = archiver("--json", "capture", *own, *options, post.url)
        result = ended.objects[0]
        if result["path"]:
            verified = archiver("verify", result["id"])
            assert verified.code == 0, verified.out
        return Made(ended.code, result, tmp_path / (result["path"] or "none"))

    return run


GUARDED = {
    # To a guest, to an adult with a login, and to one who is under age or has not said.
    "AGE_STRIPPED": ("withheld age", "captured", "withheld age"),
    "AGE_TOLD": ("withheld age", "captured", "withheld age"),
    "AGE_VIDEO": ("withheld age", "captured", "withheld age"),
    "AGE_RESTRICTED": ("withheld age", "captured", "withheld age"),
    "PROTECTED_TOLD": ("withheld protected", "withheld protected", "withheld protected"),
    "DELETED_TOLD": ("absent deleted", "absent deleted", "absent deleted"),
    "SUSPENDED_TOLD": ("withheld suspended", "withheld suspended", "withheld suspended"),
    "RULES": ("withheld rules", "withheld rules", "withheld rules"),
    "WITHHELD": ("withheld country", "withheld country", "withheld country"),
    "WITHHELD_ELSEWHERE": ("captured", "captured", "captured"),
    "SUBSCRIBERS": ("withheld subscribers", "withheld subscribers", "withheld subscribers"),
    "DELETED": ("absent deleted", "absent deleted", "absent deleted"),
    "NEVER_EXISTED": ("absent never-existed", "absent never-existed", "absent never-existed"),
    "UNCLEAR": ("refused unclear", "refused unclear", "refused unclear"),
}
SHOWN = [
    "ASKED",
    "STRAND_FIRST",
    "STRAND_SECOND",
    "STRAND_THIRD",
    "BYSTANDER",
    "RETWEET",
    "QUOTING_VIDEO",
    "QUOTING_GONE",
    "LIMITED",
    "WRAPPED",
    "LONG",
    "LONG_PHOTOS",
    "EDITED",
    "EDITED_FIRST",
    "EDITED_SECOND",
    "CARD",
    "POLL",
    "NOTED",
    "REUSED",
    "GIF",
    "MIXED",
    "SENSITIVE",
]


@pytest.mark.parametrize("name", GUARDED)
@pytest.mark.parametrize(("place", "login"), [(0, None), (1, "adult"), (2, "under-age"), (2, "no-age")])
def test_who_is_shown_what(capture: Capture, name: str, place: int, login: LoginName | None) -> None:
    made = capture(posts.POSTS[name], login)
    assert made.outcome == GUARDED[name][place]
    if made.result["path"]:
        assert made.account["access"]["login"] is (login is not None)


@pytest.mark.parametrize("login", [None, "adult"])
@pytest.mark.parametrize("name", SHOWN)
def test_what_anybody_may_see_is_captured(capture: Capture, name: str, login: LoginName | None) -> None:
    made = capture(posts.POSTS[name], login)
    assert made.outcome == ("withheld suspended" if name == "ASKED" else "captured")
    assert ("graphql" in made.ways) == (login is not None or posts.POSTS[name].is_long or "EDITED" in name)


def test_a_guest_is_asked_no_more_than_needed_and_a_login_always(capture: Capture, box: Box) -> None:
    assert capture(posts.TEXT).services == {"syndication"}
    assert box.requests(GRAPHQL) == box.requests("api.x.com") == ()
    made = capture(posts.TEXT, "adult", "--again")
    assert made.services == {"graphql"}
    assert [exchange.note for exchange in box.requests(GRAPHQL)] == ["asked by desk_adult_demo"]
    assert {host for exchange in box.exchanges if (host := exchange.host).endswith("x.com")} == {
        "publish.x.com",
        "x.com",
    }


def test_a_long_text_comes_whole_with_its_photos(capture: Capture) -> None:
    made = capture(posts.LONG_PHOTOS)
    assert made.post["text"].startswith(posts.LONG_PHOTOS.text[:100])
    assert len(made.post["text"]) > 300
    assert "note" not in made.post
    kept = [file["path"] for file in made.account["files"] if file["role"] == "photo"]
    assert kept == [f"data/media/0{number}.jpg" for number in range(1, 5)]
    first = media.read_rendition(posts.LONG_PHOTOS.media[0].file, "orig")
    assert (made.folder / kept[0]).read_bytes() == first
    assert (made.services, made.ways["graphql"]) == ({"graphql"}, "answered")


def test_media_that_vanish_for_a_guest_leave_the_words(capture: Capture) -> None:
    made = capture(posts.AGE_STRIPPED)
    assert (made.outcome, made.ways["graphql"]) == ("withheld age", "answered, without its media")
    assert made.post["text"].startswith(posts.AGE_STRIPPED.text)
    assert "media" not in made.post
    assert "--cookies" in made.result["next"]


def test_media_that_vanish_from_a_post_that_is_not_hidden_are_told_missing(capture: Capture, box: Box) -> None:
    box.faults.add(faults.Status(200, b"{}"), host=SYNDICATION, times=None)
    made = capture(posts.AGE_STRIPPED)
    assert (made.code, made.outcome) == (3, "partial age")
    assert [(item["what"], item["required"]) for item in made.account["missing"]] == [("media", True)]
    assert "--cookies" in made.result["next"]


def test_a_login_gets_the_media(capture: Capture) -> None:
    made = capture(posts.AGE_STRIPPED, "adult")
    assert {file["role"] for file in made.account["files"]} >= {"photo", "video", "poster"}
    photo, video = posts.AGE_STRIPPED.media
    assert (made.folder / "data/media/01.jpg").read_bytes() == media.read_rendition(photo.file, "orig")
    assert (made.folder / "data/media/02.mp4").read_bytes() == media.read(video.file_name(video.variants[-1]))


@pytest.mark.parametrize("post", [posts.PROTECTED, posts.PROTECTED_TOLD], ids=["short", "told"])
def test_a_follower_is_shown_a_protected_account(capture: Capture, post: Post) -> None:
    made = capture(post, "follower")
    assert (made.outcome, made.services) == ("captured", {"graphql"})


def test_the_video_of_a_quoted_post_is_not_the_posts_own(capture: Capture) -> None:
    made = capture(posts.QUOTING_VIDEO, "adult")
    videos = {file["context"]: file["source_url"] for file in made.account["files"] if file["role"] == "video"}
    assert videos.keys() == {"post", "quoted"}
    assert posts.QUOTING_VIDEO.media[0].media_id in videos["post"]
    assert posts.SHELLING.media[0].media_id in videos["quoted"]
    assert len(made.post["media"]) == 1


def test_a_quoted_post_that_is_gone_is_named_to_a_login(capture: Capture) -> None:
    assert "quoted" not in capture(posts.QUOTING_GONE).post
    assert capture(posts.QUOTING_GONE, "adult", "--again").post["quoted"]["id"] == posts.DELETED.id


def test_what_was_withheld_from_a_guest_is_due_to_a_login_and_only_once(capture: Capture, archiver: Run) -> None:
    assert capture(posts.AGE_VIDEO).outcome == "withheld age"
    assert capture(posts.AGE_VIDEO).result["reason"] == "already-captured"
    assert capture(posts.AGE_VIDEO, "adult").outcome == "captured"
    assert capture(posts.AGE_VIDEO, "adult").result["reason"] == "already-captured"
    assert capture(posts.DELETED).outcome == "absent deleted"
    assert capture(posts.DELETED, "adult").result["reason"] == "already-captured"


@pytest.mark.parametrize(
    ("fault", "login", "code", "reason", "advice"),
    [
        (Refused("rate-limit"), "adult", 5, "rate-limit", "quarter of an hour"),
        (Refused("credentials"), "adult", 5, "login", "--cookies"),
        (Refused("csrf"), "adult", 5, "login", "--cookies"),
        (Refused("features", "a"), "adult", 5, "outdated-request", "yt-dlp"),
        (faults.Status(404), "adult", 5, "outdated-request", "yt-dlp"),
        (None, "locked", 5, "account-locked", "unlock"),
        (Refused("rate-limit"), None, 5, "rate-limit", "quarter of an hour"),
        (faults.Status(503), None, 4, "server-error", "again"),
        (faults.Status(200, b"<html>"), None, 5, "unclear", "again"),
    ],
)
def test_a_refusal_says_why_and_what_to_do(
    capture: Capture, box: Box, fault: Any, login: LoginName | None, code: int, reason: str, advice: str
) -> None:
    box.faults.add(faults.Status(200, b"{}"), host=SYNDICATION, times=None)
    if fault is not None:
        box.faults.add(fault, host=GRAPHQL, times=None)
    made = capture(posts.TEXT, login)
    assert (made.code, made.result["reason"]) == (code, reason)
    assert advice in made.result["next"]


@pytest.mark.parametrize("fault", [Refused("rate-limit"), faults.Status(503), faults.Reset(after=0)])
def test_where_only_graphql_refuses_what_the_others_say_is_captured(capture: Capture, box: Box, fault: Any) -> None:
    box.faults.add(fault, host=GRAPHQL, times=None)
    made = capture(posts.LONG)
    assert (made.outcome, made.services) == ("partial incomplete", {"syndication", "oembed"})
    assert {item["what"] for item in made.account["missing"]} == {"text"}


def test_a_guest_without_a_token_is_told_so(capture: Capture, box: Box) -> None:
    box.faults.add(faults.Status(200, b"{}"), host="api.x.com", times=None)
    made = capture(posts.LONG)
    assert made.outcome == "partial incomplete"
    assert made.ways["graphql"] == "not asked: Could not retrieve guest token"


def test_an_error_beside_a_whole_answer_changes_nothing(capture: Capture, box: Box) -> None:
    box.faults.add(AlsoFailed(), host=GRAPHQL, times=None)
    assert capture(posts.LONG).outcome == "captured"


def test_with_a_login_graphql_stands_in_for_services_that_do_not_answer(capture: Capture, box: Box) -> None:
    box.faults.add(faults.Reset(after=0), host=SYNDICATION, times=None)
    box.faults.add(faults.Reset(after=0), host="publish.x.com", times=None)
    made = capture(posts.PHOTO, "adult")
    assert (made.outcome, made.services) == ("captured", {"graphql"})


def test_an_edited_posts_versions_are_asked_for_and_the_stale_one_is_read_as_served(capture: Capture) -> None:
    made = capture(posts.EDITED_FIRST)
    assert made.ways["graphql"] == "answered, with a newer version in place of the post"
    assert (made.post["text"], made.post["superseded"]) == (posts.EDITED_FIRST.text, True)
    made = capture(posts.EDITED)
    assert made.services == {"graphql", "version"}
    assert {version["id"] for version in made.post["versions"]} == {posts.EDITED_FIRST.id, posts.EDITED_SECOND.id}


def test_yt_dlp_is_named_where_it_was_used_and_not_elsewhere(capture: Capture) -> None:
    assert "yt-dlp" not in capture(posts.TEXT).account["program"]["dependencies"]
    assert capture(posts.LONG).account["program"]["dependencies"]["yt-dlp"]


def test_yt_dlp_is_not_imported_where_it_is_not_used(archiver: Run, tmp_path: Path) -> None:
    script = (
        "import sys; from archiver.cli import root; code = root.run(['capture', sys.argv[1]]); "
        "print('imported' if 'yt_dlp' in sys.modules else 'left alone', code)"
    )
    for post, expected in ((posts.TEXT, "left alone 0"), (posts.LONG, "imported 0")):
        done = subprocess.run(
            [sys.executable, "-c", script, post.url], cwd=tmp_path, capture_output=True, text=True, timeout=60
        )
        assert done.stdout.splitlines()[-1] == expected, done.stderr


def thread(tmp_path: Path) -> dict[str, dict[str, Any]]:
    """Return the account of each capture, by the id of its post."""
    found = (
        json.loads(path.read_bytes()) for path in tmp_path.glob("evidence/captures/*/*/data/custody-manifest.json")
    )
    return {account["id"]: account for account in found}


def test_a_guest_is_led_upwards_as_far_as_it_is_public(capture: Capture, archiver: Run, tmp_path: Path) -> None:
    made = capture(posts.STRAND_THIRD, None, "--context", "thread")
    accounts = thread(tmp_path)
    assert set(accounts) == {
        post.id for post in (posts.STRAND_THIRD, posts.STRAND_SECOND, posts.STRAND_FIRST, posts.ASKED)
    }
    assert accounts[posts.ASKED.id]["outcome"] == "withheld"
    first = f"https://x.com/i/status/{posts.STRAND_THIRD.id}"
    for id in set(accounts) - {posts.STRAND_THIRD.id}:
        assert [item["place"] for item in accounts[id]["inputs"]] == [{"kind": "thread", "line": None, "name": first}]
    assert "logins only" in next(item["reason"] for item in made.account["missing"] if item["what"] == "thread")
    assert archiver("verify").code == 0


def test_a_login_is_led_to_the_whole_thread(capture: Capture, archiver: Run, tmp_path: Path) -> None:
    made = capture(posts.STRAND_SECOND, "adult", "--context", "thread")
    wanted = (posts.SHELLING, posts.ASKED, posts.STRAND_FIRST, posts.STRAND_SECOND, posts.STRAND_THIRD)
    assert set(thread(tmp_path)) == {post.id for post in wanted}
    assert [item.get("id") for item in made.post["context"]["parents"]] == [
        posts.SHELLING.id,
        None,
        posts.STRAND_FIRST.id,
    ]
    assert made.post["context"]["continuation"][0]["id"] == posts.STRAND_THIRD.id
    assert made.ways["thread"] == "answered"
    asked = [item["purpose"] for account in thread(tmp_path).values() for item in account["exchanges"]]
    assert asked.count("thread") == 1
    assert archiver("verify").code == 0


def test_without_the_conversation_a_login_is_led_upwards(capture: Capture, box: Box, tmp_path: Path) -> None:
    box.faults.add(faults.Status(404), host=GRAPHQL, path="/i/api/graphql/_8aYOgEDz35BrBcBal1-_w/", times=None)
    made = capture(posts.STRAND_SECOND, "adult", "--context", "thread")
    assert made.outcome == "captured"
    assert set(thread(tmp_path)) == {post.id for post in (posts.STRAND_SECOND, posts.STRAND_FIRST, posts.ASKED)}
    missing = next(item for item in made.account["missing"] if item["what"] == "thread")
    assert (missing["required"], missing["reason"].startswith("answered 404")) == (False, True)


def test_a_thread_leads_on_from_what_is_captured_already(capture: Capture, tmp_path: Path) -> None:
    capture(posts.STRAND_SECOND)
    made = capture(posts.STRAND_THIRD, None, "--context", "thread")
    assert made.outcome == "captured"
    assert {posts.STRAND_FIRST.id, posts.ASKED.id} <= set(thread(tmp_path))
    assert len(list(tmp_path.glob("evidence/captures/*/*"))) == 4


def test_a_capture_with_a_login_is_marked(capture: Capture, archiver: Run) -> None:
    capture(posts.TEXT, "adult")
    assert "captured, with a login" in archiver("list").out
    assert [item["login"] for item in archiver("--json", "list").objects] == [True]
    assert "with a login" in archiver("show", "last").out
    verified = archiver("verify").out
    assert "can name the account" in verified
    assert "authorization (1), cookie (1), set-cookie (3), x-csrf-token (1)" in verified
    assert "with a login" in archiver("capture", "--help").out


def test_a_guests_tokens_are_declared(capture: Capture, archiver: Run, box: Box) -> None:
    made = capture(posts.LONG)
    (token,) = box.guest_tokens
    assert not any(token.encode() in path.read_bytes() for path in made.folder.rglob("*") if path.is_file())
    kinds = {item["what"] for item in made.account["redactions"]}
    assert kinds == {"authorization", "cookie", "guest_token", "x-guest-token"}
    assert "guest_token (1)" in archiver("verify").out
    assert not made.account["access"]["login"]


def test_nothing_of_a_login_is_kept(
    capture: Capture, archiver: Run, box: Box, cookies: Callable[[LoginName], str], tmp_path: Path
) -> None:
    shown = ""
    for post in (posts.AGE_STRIPPED, posts.DELETED, posts.EDITED):
        shown += json.dumps(capture(post, "adult", "--context", "thread", "-v").result)
    shown += archiver("-v", "capture", "--cookies", cookies("adult"), posts.UNCLEAR.url).err
    shown += archiver("verify").out + archiver("list").out + archiver("log").out
    canaries = box.login("adult").canaries
    assert len(canaries) > 3
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "adult.txt"]
    kept += [path for path in tmp_path.with_name(f"{tmp_path.name}-home").rglob("*") if path.is_file()]
    for canary in canaries:
        assert canary not in shown
        assert not [path for path in kept if canary.encode() in path.read_bytes()]


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("# Netscape HTTP Cookie File\n\n.site.example\tTRUE\t/\tTRUE\t2145916800\ta\tb\n", (), "no login to X"),
        ("[]", (), "Netscape format"),
        ("# Netscape HTTP Cookie File\n\n", ("--cookies-from-browser", "firefox"), "from a file and from a browser"),
        ("# Netscape HTTP Cookie File\n\n", (), "holds no cookies"),
    ],
)
def test_cookies_that_are_none_end_the_command_before_anything_is_asked(
    archiver: Run, box: Box, tmp_path: Path, content: str, options: tuple[str, ...], message: str
) -> None:
    (tmp_path / "own.txt").write_text(content, encoding="utf-8")
    ended = archiver("capture", "--cookies", "own.txt", *options, posts.TEXT.url)
    assert ended.code == 2
    assert message in ended.err
    assert box.exchanges == ()


def test_the_login_can_stand_in_the_settings(
    archiver: Run, tmp_path: Path, cookies: Callable[[LoginName], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHIVER_NETWORK_COOKIES", cookies("adult"))
    monkeypatch.setenv("ARCHIVER_CAPTURE_CONTEXT", "thread")
    ended = archiver("--json", "capture", posts.THREAD_FIRST.url)
    assert ended.code == 0
    assert all(item["access"]["login"] for item in thread(tmp_path).values())
