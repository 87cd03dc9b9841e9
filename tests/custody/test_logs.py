"""The custody logs as they are read: their ends for a seal, their events for people, and nothing that is no log."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.custody.logs import events, heads
from archiver.custody.memory import remembered

ID = "20261123T013512Z-k7f3q9"
NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


def test_events_of_all_logs_come_by_time_with_their_words(bench):
    clock = iter(NOON + timedelta(minutes=minute) for minute in range(20))
    one = bench.log(now=lambda: next(clock))
    other = bench.log(home=bench.root / "other", now=lambda: next(clock))
    for number, log in enumerate((one, other, one, other)):
        log.append("noted", capture=ID, text={"note": str(number)} if number % 3 else None)
    found = list(events(bench.case.path))
    assert [event.line.event for event in found] == ["opened", "noted", "opened", "noted", "noted", "noted"]
    assert [event.line.at for event in found] == sorted(event.line.at for event in found)
    assert [event.text for event in found] == [None, None, None, {"note": "1"}, {"note": "2"}, None]


def test_events_of_one_log_keep_their_order_when_the_clock_is_set_back(bench):
    clock = iter([NOON, NOON, NOON - timedelta(days=1), NOON + timedelta(days=1)])
    log = bench.log(now=lambda: next(clock))
    for number in range(3):
        log.append("noted", capture=ID, what=str(number))
    assert [event.line.seq for event in events(bench.case.path)] == [1, 2, 3, 4]


def test_a_case_without_log_has_no_events_and_no_heads(bench):
    assert list(events(bench.case.path)) == []
    assert heads(bench.case.path) == ()


def damage(path: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    path.write_bytes(b"\n".join(change(path.read_bytes().split(b"\n"))))


def test_damaged_lines_and_words_are_passed_over_by_who_lists_events(bench):
    log = bench.log()
    for number in range(5):
        log.append("noted", capture=ID, text={"note": str(number)})
    damage(bench.file(".jsonl"), lambda raw: [*raw[:2], b"x" * 70_000, *raw[3:], b"{"])
    damage(bench.file(".texts"), lambda raw: [b"\xff" * (9 << 20), raw[1], raw[2].replace(b"2", b"7"), *raw[3:]])
    found = [(event.line.seq, event.text) for event in events(bench.case.path)]
    assert found == [(1, None), (2, None), (4, None), (5, {"note": "3"}), (6, {"note": "4"})]


def test_heads_are_the_last_whole_lines_whatever_follows_them(bench):
    one, other = bench.log(), bench.log(home=bench.root / "other")
    for log in (one, other, one):
        log.append("sealed")
    expected = []
    for name, log in bench.judge().items():
        size = (bench.custody / f"{name}.jsonl").stat().st_size
        expected.append((f"{name}:{len(log.lines)}:{log.tail[-64:]}", size))
    with (bench.custody / f"{one.writer}.jsonl").open("ab") as file:
        file.write(b'{"_prev":"')
    found = [(f"{head.writer}:{head.sequence}:{head.digest}", head.length) for head in heads(bench.case.path)]
    assert found == expected


def test_the_head_of_a_large_log_is_found_from_its_end(bench):
    bench.log().append("sealed")
    path = bench.file(".jsonl")
    last = path.read_bytes().split(b"\n")[1]
    # A gigabyte that is not on the disk: to read it would take seconds.
    with path.open("wb") as file:
        file.truncate(1 << 30)
        file.seek(0, os.SEEK_END)
        file.write(b"\n" + last + b"\n")
    began = time.perf_counter()
    (head,) = heads(bench.case.path)
    assert (head.sequence, head.length) == (2, (1 << 30) + len(last) + 2)
    assert time.perf_counter() - began < 0.2


@pytest.mark.skipif(os.name == "nt", reason="there are no pipes, and links need a privilege")
def test_what_is_no_regular_file_is_no_log(bench):
    log = bench.log()
    log.append("sealed")
    custody = bench.custody
    os.mkfifo(custody / "aaaaaaaa.jsonl")
    (custody / "bbbbbbbb.jsonl").symlink_to(bench.file(f"{log.writer}.jsonl"))
    (custody / "cccccccc.jsonl").mkdir()
    (custody / "NOTALOG.jsonl").write_bytes(b"")
    (custody / "dddddddd.jsonl").write_bytes((custody / f"{log.writer}.jsonl").read_bytes())
    assert [head.writer for head in heads(bench.case.path)] == [log.writer]
    assert len(list(events(bench.case.path))) == 2
    os.mkfifo(custody / f"{log.writer}.texts")
    old = log.writer
    log.append("noted", capture=ID, text={"note": "not into a pipe"})
    assert log.writer != old


def test_what_is_remembered_is_the_end_of_ones_log(bench):
    assert remembered(bench.home, bench.case.record.id) is None
    bench.log().append("sealed")
    assert (remembered(bench.home, bench.case.record.id),) == heads(bench.case.path)
