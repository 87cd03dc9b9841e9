"""What kills, clones, restored copies and a run that goes on leave behind reads as that, and never as a change."""

from __future__ import annotations

import shutil
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from archiver.case import layout
from archiver.case.store import open_case
from archiver.custody.log import CustodyLog
from archiver.custody.logs import HEAD, LINES, TEXTS, log_path
from archiver.hashing import hash_file
from archiver.verify import verify

from .builder import make_capture, make_case
from .forgery import account
from .installation import (
    BEGAN,
    OTHER,
    SIGNER,
    Stamps,
    make_office,
    only_writer,
    open_log,
    open_period,
    rewrite_log,
    seal_captures,
)
from .log_forgery import (
    ACQUIRED,
    FIRST,
    LOG,
    PLACE,
    PLACE_2,
    STARTED,
    Told,
    cut,
    lines,
    make_logged_case,
    raw,
    remove,
    told,
    writers,
)

LATER = BEGAN + timedelta(hours=1)
TORN: Told = {("interrupted", LOG)}


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A case of two captures and their log."""
    return make_logged_case(tmp_path / "evidence")


def stopped(case: Path, event: str = "noted", *, text: bool = False) -> None:
    """Append a line, and let the head be the one of before."""
    head = log_path(case, only_writer(case), HEAD)
    before = head.read_bytes()
    open_log(case, LATER).append(event, capture=FIRST, text={"note": "the harbour"} if text else None)
    head.write_bytes(before)


def torn(case: Path, count: int, suffix: str = LINES) -> None:
    """Cut bytes off the end of a file of the log."""
    path = log_path(case, only_writer(case), suffix)
    path.write_bytes(path.read_bytes()[:-count])


def odd(case: Path) -> Told:
    """Return what is told of a kill; of anything worse, the test fails."""
    assert told(case) == set()
    return {(check, path) for check, path in told(case, "warning") if check in ("interrupted", "clock")}


def test_one_line_more_than_the_head_names(case: Path) -> None:
    stopped(case)
    assert odd(case) == TORN


@pytest.mark.parametrize("count", [1, 2, 100, 200, -1])
def test_a_line_that_was_being_written(case: Path, count: int) -> None:
    stopped(case)
    length = len(log_path(case, only_writer(case), LINES).read_bytes().splitlines(keepends=True)[-1])
    torn(case, count if count > 0 else length + count)
    assert odd(case) == TORN


def test_what_was_torn_is_as_it_should_be_once_it_is_completed(case: Path) -> None:
    remembered = next((case.parent / "evidence.home" / "writers").glob("*.json"))
    before = remembered.read_bytes()
    stopped(case, text=True)
    line = log_path(case, only_writer(case), LINES).read_bytes().splitlines()[-1]
    torn(case, 30)
    assert odd(case) == {*TORN, ("interrupted", LOG.replace(LINES, TEXTS))}
    words = log_path(case, only_writer(case), TEXTS).read_bytes().splitlines()[-1]
    pending = b'"pending":"' + line.replace(b'"', b'\\"') + b'"'
    spoken = b'"pending_text":"' + words.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    after = before.replace(b'"pending":""', pending).replace(b'"pending_text":""', spoken)
    remembered.write_bytes(after)
    open_log(case, LATER).append("noted", capture=FIRST)
    assert [item["event"] for item in lines(case)][-3:] == ["noted", "repaired", "noted"]
    assert odd(case) == set()


def test_words_that_were_written_before_their_line(case: Path) -> None:
    stopped(case, text=True)
    raw(lambda held: held.pop())(case)
    assert odd(case) == {("interrupted", LOG.replace(LINES, TEXTS))}
    torn(case, 7, TEXTS)
    assert odd(case) == {("interrupted", LOG.replace(LINES, TEXTS))}


@pytest.mark.parametrize("length", [0, 1, 100, None])
def test_the_first_line_was_being_written(tmp_path: Path, length: int | None) -> None:
    case = make_case(tmp_path / "evidence")
    log = open_log(case)
    log.append("noted")
    path = log_path(case, log.writer, LINES)
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0][:length])
    log_path(case, log.writer, HEAD).unlink()
    assert odd(case) == TORN


def test_a_capture_that_was_acquired_and_not_moved(case: Path) -> None:
    staged = case / ".work" / "run-abcdefgh" / "staging" / FIRST
    staged.parent.mkdir(parents=True)
    (case / PLACE).rename(staged)
    assert odd(case) == {("interrupted", PLACE)}
    make_office(case).seal({})
    assert odd(case) == {("interrupted", PLACE)}
    with (staged / layout.TAGMANIFEST).open("ab") as file:
        file.write(b"x")
    assert told(case) == {("missing", PLACE)}


def test_a_capture_that_is_sealed_was_moved(case: Path) -> None:
    staged = case / ".work" / "run-abcdefgh" / "staging" / FIRST
    staged.parent.mkdir(parents=True)
    seal_captures(make_office(case), case / PLACE)
    (case / PLACE).rename(staged)
    assert ("missing", PLACE) in told(case)


def test_a_staged_capture_is_not_sought_behind_a_link(case: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "staging").mkdir(parents=True)
    (case / PLACE).rename(tmp_path / "elsewhere" / "staging" / FIRST)
    (case / ".work" / "run-abcdefgh").symlink_to(tmp_path / "elsewhere")
    assert told(case) == {("missing", PLACE)}


def test_an_attempt_that_has_no_end_is_a_note(case: Path) -> None:
    open_log(case, LATER).append("started", capture="20261123T023512Z-abcdef", sha256="0" * 64)
    assert odd(case) == set()
    assert ("interrupted", "custody") in told(case, "note")
    open_log(case, LATER).append("failed", capture="20261123T023512Z-abcdef", what="interrupted")
    assert ("interrupted", "custody") not in told(case, "note")


def test_files_of_a_seal_that_no_line_names_yet(case: Path) -> None:
    office = make_office(case, Stamps(BEGAN + timedelta(minutes=5)))
    name = open_period(office).seal
    folder = seal_captures(office, case / PLACE, case / PLACE_2, name=name)
    assert odd(case) == set()
    rewrite_log(case, lambda held: held.__delitem__(slice(7, None)))
    told_of = {path for check, path in odd_files(case)}
    assert told_of == {f"seals/{name}/{path.name}" for path in folder.iterdir() if path.name != "OPEN"}


def odd_files(case: Path) -> Told:
    return {item for item in told(case, "warning") if item[0] == "interrupted"}


def test_a_file_of_a_seal_that_is_not_the_one_which_the_log_names(case: Path) -> None:
    folder = seal_captures(make_office(case, Stamps(BEGAN + timedelta(minutes=5))), case / PLACE)
    for path in folder.iterdir():
        path.write_bytes(path.read_bytes()[:-1])
    place = f"seals/{folder.name}"
    named = {
        ("seal", f"{place}/SEAL"),
        ("seal", f"{place}/SEAL.sig"),
        ("time-stamp", f"{place}/SEAL.timestamp-example.tsr"),
    }
    assert named <= told(case)


def test_times_that_cannot_be_in_this_order_are_a_warning(case: Path) -> None:
    rewrite_log(case, lambda held: held[STARTED].update(at="2026-11-23T01:39:12.000000Z"))
    assert odd(case) == set()
    rewrite_log(case, lambda held: held[STARTED].update(at="2026-11-23T01:41:12.000000Z"))
    assert odd(case) == {("clock", f"{PLACE}/data/custody-manifest.json")}
    account(lambda said: said.update(ended="2026-11-23T01:42:12.000000Z"))(case / PLACE)
    assert odd(case) == {("clock", f"{PLACE}/data/custody-manifest.json")}


def test_two_installations_with_a_log_each(case: Path, tmp_path: Path) -> None:
    make_capture(case, "z7f3q9", seconds=600, signer=OTHER, home=tmp_path / "another.home")
    assert len(writers(case)) == 2
    assert odd(case) == set()
    assert {("log", LOG), ("log", "custody/NEW.jsonl")} <= told(case, "ok")


def test_a_cloned_installation(case: Path, tmp_path: Path) -> None:
    shutil.copytree(case.parent / "evidence.home", tmp_path / "clone.home")
    make_capture(case, "y7f3q9", seconds=500)
    make_capture(case, "z7f3q9", seconds=600, home=tmp_path / "clone.home")
    old, new = writers(case)
    assert {tail.split(":")[0] for tail in lines(case, new)[0]["what"].split()} == {old}
    assert len(lines(case, new)[0]["what"].split()) == 2
    assert odd(case) == set()


def test_a_log_that_goes_on_after_it_was_cut_shows_what_is_gone(case: Path) -> None:
    cut(1, old_head=True)(case)
    open_log(case, LATER).append("noted")
    assert told(case) == {("log", LOG)}


def test_a_log_that_another_follows_and_that_is_gone(case: Path, tmp_path: Path) -> None:
    shutil.copytree(case.parent / "evidence.home", tmp_path / "clone.home")
    make_capture(case, "z7f3q9", seconds=600, home=tmp_path / "clone.home")
    old, _ = writers(case)
    for suffix in (LINES, HEAD, TEXTS):
        log_path(case, old, suffix).unlink()
    assert told(case) == {("missing", f"custody/{old}.jsonl"), ("added", PLACE), ("added", PLACE_2)}


def test_a_capture_that_was_begun_with_the_key_before(tmp_path: Path) -> None:
    case = make_case(tmp_path / "evidence")
    bag = make_capture(case)
    digest = hash_file(bag / layout.TAGMANIFEST)[0]
    rewrite_log(case, lambda held: held.pop(ACQUIRED))
    log = CustodyLog(open_case(case), tmp_path / "evidence.home", OTHER, retired=[SIGNER], now=lambda: LATER)
    log.append("acquired", capture=bag.name, sha256=digest)
    assert [[line["event"] for line in lines(case, writer)] for writer in writers(case)] == [
        ["opened", "started", "key-changed"],
        ["opened", "acquired"],
    ]
    assert odd(case) == set()


def test_an_unsigned_installation(tmp_path: Path) -> None:
    case = make_case(tmp_path / "evidence")
    make_capture(case, signer=None)
    assert odd(case) == set()
    rewrite_log(case, lambda held: held, SIGNER)
    assert told(case) == {("signature", LOG.replace(LINES, HEAD))}


def test_what_the_log_says_of_others_is_told_where_one_capture_is_verified(case: Path) -> None:
    assert {found.level for found in verify(case / PLACE)} <= {"ok", "note", "warning"}
    remove(PLACE_2)(case)
    failures = [found for found in verify(case / PLACE) if found.level == "failure"]
    assert [(found.check, found.path) for found in failures] == [("missing", f"../../../{PLACE_2}")]


def test_a_run_may_go_on_while_its_case_is_verified(case: Path) -> None:
    log, done = open_log(case, LATER), threading.Event()

    def go_on() -> None:
        while not done.is_set():
            log.append("noted", capture=FIRST, text={"note": "again"})

    run = threading.Thread(target=go_on)
    run.start()
    try:
        for _ in range(5):
            assert told(case) == set()
    finally:
        done.set()
        run.join()
    assert odd(case) == set()
