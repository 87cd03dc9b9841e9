"""Which custody log goes on: a clone, a restored copy, another machine or a new key begins one that names the last."""

from __future__ import annotations

import hashlib
import json
import shutil

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archiver.custody.keys import FileSigner
from archiver.custody.memory import remembered

ID = "20261123T013512Z-k7f3q9"


def an_older_case(bench):
    """The case is put back to an older copy of itself."""
    bench.keep("old")
    bench.log().append("noted", capture=ID)
    bench.restore("old", "custody")


def an_older_home(bench):
    """The data folder is put back to an older copy of itself."""
    bench.keep("old")
    bench.log().append("noted", capture=ID)
    bench.restore("old", "home")


def a_clone(bench):
    """A copy of both, with the same machine's mark, went on by itself, and its case came back through a sync."""
    bench.keep("old")
    bench.log().append("noted", capture=ID, what="clone")
    bench.keep("clone")
    bench.restore("old", "custody", "home")
    bench.log().append("noted", capture=ID, what="original")
    bench.restore("clone", "custody")


def an_edited_tail(bench):
    """The last line is another one of the same length."""
    path = bench.file(".jsonl")
    path.write_bytes(path.read_bytes().replace(b'"what":"last"', b'"what":"lost"'))


@pytest.mark.parametrize("happens", [an_older_case, an_older_home, a_clone, an_edited_tail])
def test_where_the_tail_is_another_a_new_log_names_both(bench, happens):
    log = bench.log()
    log.append("noted", capture=ID, what="last")
    old = log.writer
    happens(bench)
    known = remembered(bench.home, bench.case.record.id)
    stale = (bench.custody / f"{old}.jsonl").read_bytes()
    last = stale.split(b"\n")[-2]
    on_disk = f"{old}:{json.loads(last)['seq']}:{hashlib.sha256(last).hexdigest()}"
    bench.log().append("sealed")
    assert (bench.custody / f"{old}.jsonl").read_bytes() == stale
    found = bench.only(old)
    assert found.events == ["opened", "sealed"]
    assert found.follows == f"{old}:{known.sequence}:{known.digest} {on_disk}"
    bench.log().append("verified")
    assert bench.only(old).events == ["opened", "sealed", "verified"]


@pytest.mark.parametrize("suffixes", [[".jsonl"], [".jsonl", ".head"]])
def test_a_log_that_is_gone_is_named_as_it_was_remembered(bench, suffixes):
    bench.log().append("noted", capture=ID)
    tail = bench.only().tail
    for suffix in suffixes:
        bench.file(suffix).unlink()
    bench.log().append("sealed")
    found = bench.only()
    assert (found.events, found.follows) == (["opened", "sealed"], tail)


@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: data + b"x", lambda data: b""])
def test_a_log_whose_words_were_cut_or_added_to_is_not_gone_on_with(bench, change):
    log = bench.log()
    log.append("noted", capture=ID, text={"note": "x"})
    old, tail, texts = log.writer, bench.only().tail, bench.file(".texts")
    texts.write_bytes(change(texts.read_bytes()))
    log.append("sealed")
    new = bench.only(old)
    assert (new.events, new.follows) == (["opened", "sealed"], tail)


def test_a_copied_data_folder_begins_a_log_of_its_own_at_once(bench):
    """On the same machine, before anything was synced: the place of the data folder is part of the mark."""
    bench.log().append("noted", capture=ID)
    tail = bench.only().tail
    shutil.copytree(bench.home, bench.root / "copy")
    bench.log(home=bench.root / "copy").append("sealed")
    bench.log().append("verified")
    logs = sorted(bench.judge().values(), key=lambda log: log.follows)
    assert [log.events for log in logs] == [["opened", "noted", "verified"], ["opened", "sealed"]]
    assert logs[1].follows == tail


def test_another_machine_begins_a_log_of_its_own_and_ends_nothing_of_the_first(bench):
    line, _ = bench.interrupt()
    with bench.file(".jsonl").open("ab") as file:
        file.write(line[:20])
    path = bench.memory
    memory = json.loads(path.read_bytes())
    path.write_text(json.dumps(memory | {"machine": "ab" * 32}), "ascii")
    bench.log().append("sealed")
    logs = bench.judge()
    assert logs[memory["writer"]].events == ["opened", "noted"]
    assert logs[memory["writer"]].torn == line[:20]
    assert bench.only(memory["writer"]).follows == logs[memory["writer"]].tail


@pytest.mark.parametrize("forget", [lambda path: path.unlink(), lambda path: path.write_bytes(b"\0" * 64)])
def test_without_memory_the_logs_that_one_signed_and_nothing_follows_are_named(bench, forget):
    stranger = FileSigner(Ed25519PrivateKey.generate())
    bench.log(home=bench.root / "stranger", signer=stranger).append("sealed")
    bench.log(home=bench.root / "unsigned", signer=None).append("sealed")
    seen = set(bench.judge())
    tail = ""
    for _ in range(3):
        bench.log().append("sealed")
        new = bench.only(*seen)
        seen = set(bench.judge())
        assert new.follows == tail
        tail = new.tail
        forget(bench.memory)


def test_a_head_in_another_hand_is_no_own_one(bench):
    """A head whose signature is one's own, but for another log or of other bytes, names nothing."""
    bench.log().append("sealed")
    own = bench.file(".head")
    head = own.read_bytes()
    shutil.rmtree(bench.home)
    (bench.custody / "aaaaaaaa.jsonl").write_bytes(b"")
    (bench.custody / "aaaaaaaa.head").write_bytes(head)
    own.write_bytes(head.replace(b'"sequence":2', b'"sequence":1'))
    log = bench.log()
    log.append("sealed")
    first = (bench.custody / f"{log.writer}.jsonl").read_bytes().split(b"\n")[0]
    assert json.loads(first)["what"] == ""


def test_a_replaced_key_has_the_last_word_in_its_log_and_the_new_one_begins_another(bench):
    old = bench.log()
    old.append("sealed")
    writer, fresh = old.writer, FileSigner(Ed25519PrivateKey.generate())
    new = bench.log(signer=fresh, retired=[bench.signer])
    new.append("sealed")
    new.append("sealed")
    logs = bench.judge()
    assert logs[writer].events == ["opened", "sealed", "key-changed"]
    assert logs[writer].lines[-1]["what"] == fresh.key.fingerprint
    assert logs[writer].signed_by == bench.signer.key.fingerprint
    assert logs[new.writer].events == ["opened", "sealed", "sealed"]
    assert logs[new.writer].follows == logs[writer].tail
    assert logs[new.writer].signed_by == fresh.key.fingerprint


def test_a_replaced_key_first_ends_what_was_interrupted_in_its_log(bench):
    line, _ = bench.interrupt()
    path = bench.file(".jsonl")
    with path.open("ab") as file:
        file.write(line[:20])
    bench.log(signer=FileSigner(Ed25519PrivateKey.generate()), retired=[bench.signer]).append("sealed")
    assert bench.judge()[path.stem].events == ["opened", "noted", "noted", "repaired", "key-changed"]


def test_killed_between_the_last_word_and_the_new_log_the_key_changes_once(bench):
    bench.log().append("sealed")
    old, fresh = bench.file(".jsonl").stem, FileSigner(Ed25519PrivateKey.generate())
    bench.keep("old")
    bench.log(signer=fresh, retired=[bench.signer]).append("sealed")
    last = (bench.custody / f"{old}.jsonl").read_bytes().split(b"\n")[2]
    bench.restore("old", "custody", "home")
    pending = json.loads(bench.memory.read_bytes()) | {"pending": last.decode()}
    bench.memory.write_text(json.dumps(pending), "ascii")
    with bench.file(".jsonl").open("ab") as file:
        file.write(last + b"\n")
    bench.log(signer=fresh, retired=[bench.signer]).append("sealed")
    assert bench.judge()[old].events == ["opened", "sealed", "key-changed"]
    assert bench.only(old).follows == bench.judge()[old].tail


@pytest.mark.parametrize("signed", [True, False])
def test_a_key_that_is_not_at_hand_ends_its_log_without_a_word(bench, signed):
    bench.log(signer=bench.signer if signed else None).append("sealed")
    path, tail = bench.file(".jsonl"), bench.only().tail
    log = bench.log(signer=None if signed else bench.signer)
    log.append("sealed")
    assert bench.judge()[path.stem].events == ["opened", "sealed"]
    assert bench.judge()[log.writer].follows == tail
