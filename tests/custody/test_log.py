"""The custody log as it is written: one chain, from which no event is lost, whatever is killed, full or contended."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import random
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from archiver.case import store
from archiver.custody.log import CustodyLog, events
from archiver.custody.memory import remembered
from archiver.errors import ConfigError, FormatError

ID = "20261123T013512Z-k7f3q9"
NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


def test_a_log_opens_with_the_case_and_each_append_signs_its_head_anew(bench):
    log = bench.log(now=lambda: NOON)
    line = log.append("acquired", capture=ID, sha256="ab" * 32, what="captured")
    found = bench.only()
    assert found.lines[0] == {
        "_prev": "0" * 64,
        "at": "2026-11-23T12:00:00.000000Z",
        "capture": "",
        "details": "",
        "event": "opened",
        "seq": 1,
        "sha256": bench.case.sha256,
        "what": "",
        "writer": log.writer,
    }
    assert found.lines[1] | {"_prev": ""} == {
        "_prev": "",
        "at": "2026-11-23T12:00:00.000000Z",
        "capture": ID,
        "details": "",
        "event": "acquired",
        "seq": 2,
        "sha256": "ab" * 32,
        "what": "captured",
        "writer": line.writer,
    }
    assert found.signed_by == bench.signer.key.fingerprint
    assert found.beyond_head == 0
    log.append("sealed")
    again = bench.only()
    assert again.beyond_head == 0
    assert again.lines[:2] == found.lines


def test_the_files_of_a_log_are_three_and_nothing_is_left_beside_them(bench):
    log = bench.log()
    assert log.writer == ""
    log.append("noted", capture=ID, text={"note": "x"})
    names = {path.name for path in bench.custody.iterdir()}
    assert names == {f"{log.writer}{suffix}" for suffix in (".jsonl", ".head", ".texts")}
    assert not [path for path in (bench.case.path / ".work").iterdir() if log.writer in path.name]


def test_words_are_beside_the_line_that_binds_them_and_salted(bench):
    log = bench.log()
    for _ in range(2):
        log.append("noted", capture=ID, text={"note": "the quay at dawn", "seen": ["one", "two"]})
    found = bench.only()
    assert found.texts == {number: {"note": "the quay at dawn", "seen": ["one", "two"]} for number in (2, 3)}
    assert found.lines[1]["details"] != found.lines[2]["details"]
    assert b"quay" not in bench.file(".jsonl").read_bytes()


def test_words_need_not_be_text_that_can_be_shown(bench):
    """What a platform says may hold half of a surrogate pair; the log takes it as it came."""
    bench.log().append("failed", capture=ID, text={"words": "\ud800 \x00 \u202e"})
    assert bench.only().texts == {2: {"words": "\ud800 \x00 \u202e"}}
    assert list(events(bench.case.path))[1].text == {"words": "\ud800 \x00 \u202e"}


def test_an_unsigned_installation_has_heads_without_signature(bench):
    bench.log(signer=None).append("sealed")
    found = bench.only()
    assert (found.signed_by, found.beyond_head) == (None, 0)
    assert bench.file(".head").read_bytes().startswith(b'{"digest":')


@pytest.mark.parametrize(
    "wrong",
    [
        {"event": "deleted"},
        {"event": "opened"},
        {"event": "noted", "capture": "k7f3q9"},
        {"event": "noted", "sha256": "ab"},
        {"event": "noted", "what": "two\nlines"},
        {"event": "noted", "text": {"note": "x" * (1 << 22)}},
    ],
)
def test_what_no_line_may_hold_is_refused_and_leaves_no_trace(bench, wrong):
    log = bench.log()
    log.append("sealed")
    before = bench.file(".jsonl").read_bytes()
    with pytest.raises(FormatError):
        log.append(**wrong)
    assert bench.file(".jsonl").read_bytes() == before
    log.append("sealed")
    assert bench.only().events == ["opened", "sealed", "sealed"]


def test_a_case_whose_id_is_a_path_is_refused(bench):
    record = store.CaseRecord(created="", format="archiver-case/1", id="urn:uuid:../../escape", title="")
    with pytest.raises(FormatError):
        bench.log(case=store.Case(path=bench.case.path, record=record, sha256=""))


def states(line: bytes, words: bytes) -> Iterator[tuple[int, int]]:
    """Yield how much of the words and of the line can be in the case, at every moment of an append."""
    yield from ((count, 0) for count in range(len(words)))
    yield from ((len(words), count) for count in range(len(line) + 1))


@pytest.mark.parametrize("text", [None, {"note": "cut anywhere"}])
def test_killed_after_any_byte_an_append_is_ended_by_the_next_one(bench, text):
    line, words = bench.interrupt(text)
    bench.keep("pending")
    for worded, lined in states(line, words):
        bench.restore("pending", "custody", "home")
        if worded:
            with bench.file(".texts").open("ab") as file:
                file.write(words[:worded])
        with bench.file(".jsonl").open("ab") as file:
            file.write(line[:lined])
        left = bench.only()
        whole = lined == len(line)
        assert (left.torn, left.beyond_head) == ((b"", 1) if whole else (line[:lined], 0))
        assert left.words_ahead == bool(worded and not whole)
        bench.log().append("sealed")
        found = bench.only()
        assert found.whole
        begun = ["noted"] if worded or lined else []
        repaired = ["repaired"] if 0 < lined < len(line) else []
        assert found.events == ["opened", "noted", *begun, *repaired, "sealed"], (worded, lined)
        if begun:
            assert bench.file(".jsonl").read_bytes().split(b"\n")[2] + b"\n" == line
            assert found.texts.get(3) == text
        if repaired:
            assert found.lines[3]["sha256"] == hashlib.sha256(line[:lined]).hexdigest()


def test_killed_before_its_last_step_an_append_has_nothing_left_to_do(bench):
    line, words = bench.interrupt({"note": "x"})
    bench.keep("pending")
    for suffix, data in ((".texts", words), (".jsonl", line)):
        with bench.file(suffix).open("ab") as file:
            file.write(data)
    bench.log().resume()
    bench.restore("pending", "home")
    assert (bench.only().events, bench.only().whole) == (["opened", "noted", "noted"], True)
    bench.log().append("sealed")
    assert bench.only().events == ["opened", "noted", "noted", "sealed"]


@pytest.mark.parametrize("signatures", [0, 1, 2])
@pytest.mark.parametrize("kept", [0, 1, 100])
def test_killed_while_it_is_repaired_a_line_is_repaired_again(bench, signatures, kept):
    """The repair stops at its first, second or third signature, and of what it was adding some bytes are there."""
    line, _ = bench.interrupt()
    with bench.file(".jsonl").open("ab") as file:
        file.write(line[:20])
    with pytest.raises(ConfigError):
        bench.log(signer=bench.failing(signatures)).append("sealed")
    path = bench.memory
    pending = json.loads(path.read_bytes())["pending"].encode()
    there = bench.only().torn
    assert pending.startswith(there)
    with bench.file(".jsonl").open("ab") as file:
        file.write(pending[len(there) : len(there) + kept])
    bench.log().append("verified")
    found = bench.only()
    told = found.events[2:]
    assert told[:2] == ["noted", "repaired"]
    assert told[-1] == "verified"
    assert set(told[2:-1]) <= {"repaired", "sealed"}
    for before, after in zip(found.lines, found.lines[1:], strict=False):
        if after["event"] == "repaired":
            raw = json.dumps(before, sort_keys=True, separators=(",", ":")).encode() + b"\n"
            assert after["sha256"] in {hashlib.sha256(raw[:count]).hexdigest() for count in range(1, len(raw))}


def test_resuming_ends_what_was_interrupted_and_adds_nothing_else(bench):
    bench.log().resume()
    assert not bench.custody.exists()
    line, _ = bench.interrupt()
    with bench.file(".jsonl").open("ab") as file:
        file.write(line[:9])
    bench.log().resume()
    assert bench.only().events == ["opened", "noted", "noted", "repaired"]
    bench.log().resume()
    assert bench.only().events == ["opened", "noted", "noted", "repaired"]


def test_killed_before_its_first_byte_a_log_is_opened_anew(bench):
    with pytest.raises(ConfigError):
        bench.log(signer=bench.failing(0)).append("sealed")
    assert bench.judge() == {}
    bench.log().append("sealed")
    assert bench.only().events == ["opened", "sealed"]


def test_killed_in_its_first_line_a_log_is_repaired_like_any_other(bench):
    with pytest.raises(ConfigError):
        bench.log(signer=bench.failing(0)).append("sealed")
    path = bench.memory
    memory = json.loads(path.read_bytes())
    (bench.custody / f"{memory['writer']}.jsonl").write_bytes(memory["pending"].encode()[:50])
    assert bench.only().torn
    bench.log().append("sealed")
    assert bench.only().events == ["opened", "repaired", "sealed"]


@pytest.mark.parametrize("pending", [True, False])
@pytest.mark.parametrize("suffix", [".jsonl", ".texts"])
@pytest.mark.parametrize("junk", [b"\0" * 40, b'{"_prev":"x', b"x\n"])
def test_a_log_torn_by_other_bytes_stays_as_it_is_and_a_new_one_names_its_tail(bench, junk, suffix, pending):
    bench.log().append("noted", capture=ID, text={"note": "x"})
    if pending:
        bench.interrupt({"note": "y"})
    tail, path = bench.only().tail, bench.file(suffix)
    with path.open("ab") as file:
        file.write(junk)
    before = path.read_bytes()
    bench.log().append("sealed")
    assert path.read_bytes() == before
    new = bench.only(path.stem)
    # Of a log whose last line is none there is only what was remembered, which is the same tail.
    assert (new.events, new.follows) == (["opened", "sealed"], tail)


def test_killed_at_any_moment_no_event_is_lost_and_the_chain_goes_on(bench):
    """Processes are killed while they append; what one has told of is there afterwards, and there is one log."""
    chance = random.Random(20261123)
    told: list[tuple[str, str, str]] = []
    bench.log().append("sealed")
    for turn in range(12):
        name = f"20261123T0135{turn:02}Z-k7f3q9"
        process = bench.start(name, 100_000)
        assert process.stdout is not None
        told.append((name, *process.stdout.readline().split()[1:]))
        time.sleep(chance.random() / 20)
        process.kill()
        told += [(name, *line.split()[1:]) for line in process.stdout.read().splitlines() if len(line.split()) == 3]
        process.stdout.close()
        process.wait()
        bench.only()
    bench.log().append("sealed")
    found = bench.only()
    assert found.whole
    assert len(told) > 24
    for name, number, count in told[:-1]:
        assert found.lines[int(number) - 1]["capture"] == name
        assert found.texts[int(number)] == {"note": f"{name} {count}"}


def test_processes_share_one_log_without_fork_or_loss(bench):
    names = [f"20261123T01351{number}Z-k7f3q9" for number in range(4)]
    processes = [bench.start(name, 50) for name in names]
    for process in processes:
        out, _ = process.communicate(timeout=60)
        assert len(out.splitlines()) == 50
    found = bench.only()
    assert found.events == ["opened", *["noted"] * 200]
    for name in names:
        notes = [found.texts[line["seq"]]["note"] for line in found.lines if line["capture"] == name]
        assert notes == [f"{name} {number}" for number in range(50)]


def test_threads_share_one_log_through_one_object_or_two(bench):
    logs = [bench.log(), bench.log()]

    def work(name: str, log: CustodyLog) -> None:
        for number in range(12):
            log.append("noted", capture=ID, what=f"{name}-{number}")

    threads = [threading.Thread(target=work, args=(str(count), logs[count % 2])) for count in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = bench.only()
    assert sorted(line["what"] for line in found.lines[1:]) == sorted(f"{a}-{b}" for a in range(8) for b in range(12))


def test_where_a_case_cannot_be_written_to_nothing_is_remembered(bench):
    bench.custody.write_bytes(b"a file")
    with pytest.raises(OSError, match="custody"):
        bench.log().append("sealed")
    assert remembered(bench.home, bench.case.record.id) is None
    bench.custody.unlink()
    bench.log().append("sealed")
    assert bench.only().events == ["opened", "sealed"]


@pytest.mark.skipif(os.name == "nt", reason="there is no limit to the size of files to be set")
@pytest.mark.parametrize("room", [0, 1, 40, 200])
def test_on_a_full_disk_the_error_passes_up_and_nothing_is_half_there_for_long(bench, room):
    log = bench.log()
    while not bench.custody.exists() or bench.file(".jsonl").stat().st_size < 6000:
        log.append("sealed")
    before = bench.only()
    size = bench.file(".jsonl").stat().st_size
    out, _ = bench.start(ID, 3, str(size + room)).communicate(timeout=60)
    assert out == f"error {errno.EFBIG}\n"
    left = bench.only()
    assert (left.lines, len(left.torn), left.words_ahead) == (before.lines, room, True)
    log.append("verified")
    found = bench.only()
    ended = ["noted", "repaired", "verified"] if room else ["noted", "verified"]
    assert found.events[len(before.lines) :] == ended
    assert list(found.texts.values()) == [{"note": f"{ID} 0"}]
