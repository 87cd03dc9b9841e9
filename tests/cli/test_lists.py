"""Lists of inputs: CSV in and out, prose, bad lines, pasted text, articles by URL."""

from __future__ import annotations

import csv
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

from archiver.demo import faults, posts
from archiver.demo.box import Box
from archiver.demo.sample import ARTICLE_URL
from archiver.demo.wire import Reply

from .conftest import Run


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_results_keep_the_columns_of_the_input_and_add_what_came(archiver: Run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(
        f'case,url,remark\n1,{posts.PHOTO.url},"=1+1, two"\n2,nonsense,\n3,{posts.DELETED.url},last\n', encoding="utf-8"
    )
    ended = archiver("capture", "in.csv", "--results", "out.csv")
    assert ended.code == 3
    assert "in.csv:3" in ended.err
    first, second, third = table(tmp_path / "out.csv")
    assert list(first) == ["case", "url", "remark", "outcome", "reason", "id", "author", "time", "path"]
    assert (first["case"], first["outcome"], first["author"]) == ("1", "captured", posts.PHOTO.author.handle)
    assert first["remark"] == "'=1+1, two"
    assert (tmp_path / first["path"] / "data/capture.warc").exists()
    assert (second["case"], second["outcome"]) == ("2", "")
    assert second["reason"].startswith("unreadable")
    assert (third["case"], third["outcome"], third["reason"]) == ("3", "absent", "deleted")


def test_results_of_inputs_without_columns_name_input_and_place(archiver: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"# list\n{posts.TEXT.url}\n")
    archiver("capture", posts.PHOTO.url, "a.txt", "--results", "out.csv")
    rows = table(tmp_path / "out.csv")
    assert [(row["input"], row["place"]) for row in rows] == [
        (posts.PHOTO.url, "command line"),
        (posts.TEXT.url, "a.txt:2"),
    ]


def test_a_results_file_that_cannot_be_written_is_said_before_anything_is_captured(archiver: Run, box: Box) -> None:
    assert archiver("capture", posts.TEXT.url, "--results", "none/out.csv").code == 2
    assert box.connections == ()


def test_a_column_can_be_named(archiver: Run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(f"a,b\n{posts.PHOTO.url},{posts.TEXT.url}\n")
    ended = archiver("--json", "capture", "in.csv", "--column", "b")
    assert [result["post"]["id"] for result in ended.objects[:-1]] == [posts.TEXT.id]
    assert archiver("capture", "in.csv", "--column", "c").code == 2


def test_a_bad_line_is_reported_with_its_number_and_stops_nothing(archiver: Run, tmp_path: Path) -> None:
    lines = [posts.TEXT.url, "https://x.com/somebody", posts.DELETED.url, "nonsense", posts.PHOTO.url]
    (tmp_path / "list.txt").write_text("\n".join(lines))
    ended = archiver("--json", "capture", "list.txt")
    assert ended.code == 3
    assert sorted(result["outcome"] or result["place"] for result in ended.objects[:-1]) == [
        "absent",
        "captured",
        "captured",
        "list.txt:2",
        "list.txt:4",
    ]


def test_an_article_is_read_through_the_recorder_and_stands_in_every_capture(archiver: Run, tmp_path: Path) -> None:
    ended = archiver("--json", "capture", ARTICLE_URL)
    assert ended.code == 0
    assert {result["post"]["id"] for result in ended.objects[:-1]} == {
        posts.SHELLING.id,
        posts.PHOTO.id,
        posts.FLOOD.id,
    }
    for path in sorted((tmp_path / "evidence/captures").glob("*/*")):
        account = json.loads((path / "data/custody-manifest.json").read_bytes())
        (item,) = account["inputs"]
        assert item["place"]["kind"] == "article"
        assert item["place"]["name"] == ARTICLE_URL
        assert item["route"] == [ARTICLE_URL]
        assert ARTICLE_URL in [exchange["url"] for exchange in account["exchanges"]]
    assert archiver("verify").code == 0


def test_an_article_that_does_not_come_is_reported(archiver: Run, box: Box) -> None:
    box.faults.add(faults.Status(503), host="coast-herald.example", times=None)
    ended = archiver("--json", "capture", ARTICLE_URL)
    assert (ended.code, ended.objects[0]["outcome"], ended.objects[0]["reason"]) == (4, "unreachable", "server-error")


def test_a_shortener_that_nobody_knows_leads_to_its_post(archiver: Run, box: Box, tmp_path: Path) -> None:
    box.add("short.example", lambda _: Reply(301, (("location", f"{posts.TEXT.url}?s=20"),)))
    ended = archiver("--json", "capture", "https://short.example/abc")
    assert (ended.code, ended.objects[0]["post"]["id"]) == (0, posts.TEXT.id)
    assert not box.requests("x.com")
    (path,) = (tmp_path / "evidence/captures").glob("*/*")
    (item,) = json.loads((path / "data/custody-manifest.json").read_bytes())["inputs"]
    assert (item["input"], item["route"]) == ("https://short.example/abc", ["https://short.example/abc"])
    assert archiver("verify").code == 0


def test_a_short_link_that_leads_elsewhere_says_where(archiver: Run, box: Box) -> None:
    targets = {"/page": ARTICLE_URL, "/account": "https://x.com/quayside_demo"}
    box.add("t.co", lambda request: Reply(301, (("location", targets[request.path]),)))
    page, account = archiver("--json", "capture", "https://t.co/page"), archiver("capture", "https://t.co/account")
    assert (page.code, account.code) == (7, 7)
    assert (page.objects[0]["reason"], page.objects[0]["outcome"]) == ("leads-elsewhere", None)
    assert ARTICLE_URL in page.objects[0]["words"]
    assert "https://x.com/quayside_demo (this is the profile of an account)" in account.out
    assert {exchange.host for exchange in box.exchanges} == {"t.co"}


def test_a_short_link_of_an_archive_leads_to_the_post_and_stays_its_source(
    archiver: Run, box: Box, tmp_path: Path
) -> None:
    long = f"http://archive.ph/2025.03.08-101010/{posts.TEXT.url}"
    page = f'<title>https://x.com/a/status/20</title><link rel="canonical" href="{long}"/>'.encode()
    box.add("archive.ph", lambda _: Reply(200, (("content-type", "text/html"),), page))
    assert archiver("capture", "https://archive.ph/AbCdE").code == 0
    (path,) = (tmp_path / "evidence/captures").glob("*/*")
    account = json.loads((path / "data/custody-manifest.json").read_bytes())
    assert (account["id"], account["inputs"][0]["claim"]["source"]) == (posts.TEXT.id, "https://archive.ph/AbCdE")


def test_what_is_no_post_is_named_with_what_to_do(archiver: Run, box: Box) -> None:
    for arguments in (["capture"], ["capture", "--dry-run"]):
        ended = archiver(*arguments, "https://x.com/quayside_demo")
        assert ended.code == 7
        assert "profile of an account" in ended.err
        assert "next: give the link of one post" in ended.err
    assert box.connections == ()


def test_an_article_in_another_encoding_is_read(archiver: Run, box: Box) -> None:
    embed = f'<blockquote class="twitter-tweet"><a href="{posts.FLOOD.url}">8 марта 2025 г.</a></blockquote>'
    page = f"<p>Наводнение</p>{embed}"
    fault = faults.Replace(body=page.encode("cp1251"), content_type="text/html; charset=windows-1251")
    box.faults.add(fault, host="coast-herald.example", times=None)
    ended = archiver("--json", "capture", ARTICLE_URL)
    assert ended.code == 0
    assert ended.objects[0]["mismatches"] == []


def test_links_can_be_pasted_on_a_terminal_until_an_empty_line(box: Box, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ARCHIVER_")}
    environment |= box.environment() | {"XDG_CONFIG_HOME": str(tmp_path)}
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "archiver", "--json", "capture"],
        stdin=follower,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=environment,
    )
    os.write(leader, f"{posts.TEXT.url}\nseen at {posts.PHOTO.url}\n\n".encode())
    out, err = process.communicate(timeout=60)
    os.close(leader)
    os.close(follower)
    assert process.returncode == 0
    assert b"Paste links" in err
    results = [json.loads(line) for line in out.splitlines()]
    assert {item["post"]["id"] for item in results[:-1]} == {posts.TEXT.id, posts.PHOTO.id}


def test_what_an_open_command_hands_to_the_desktop(archiver: Run, tmp_path: Path, monkeypatch: object) -> None:
    archiver("capture", posts.SHELLING.url)
    opener = tmp_path / "bin" / "xdg-open"
    opener.parent.mkdir()
    opener.write_text(f'#!/bin/sh\nprintf "%s\\n" "$1" >> {tmp_path}/opened\n')
    opener.chmod(0o755)
    environment = {**os.environ, "PATH": f"{opener.parent}:{os.environ['PATH']}"}
    for arguments in (["open", "last"], ["open", "last", "--folder"], ["open", "last", "--media", "1"]):
        subprocess.run([sys.executable, "-m", "archiver", *arguments], cwd=tmp_path, env=environment, check=True)
    for _ in range(100):
        opened = (tmp_path / "opened").read_text().splitlines() if (tmp_path / "opened").exists() else []
        if len(opened) == 3:
            break
    assert sorted(Path(line).name for line in opened)[0] == "01.mp4"
    assert any(line.endswith("data/post.html") for line in opened)
    assert archiver("open", "last", "--media", "9").code == 12
