"""A museum of broken custody logs, and of captures that the log knows better: each gives its finding, and no other."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from archiver import canonical
from archiver.case import layout
from archiver.custody.keys import Signer
from archiver.custody.logs import HEAD, LINES, TEXTS, log_path
from archiver.hashing import sha256_hex

from .builder import make_capture, make_case, reseal
from .forgery import account
from .installation import BEGAN, OTHER, SIGNER, only_writer, open_log, rewrite_log, write_head
from .log_forgery import (
    ACQUIRED,
    ACQUIRED_2,
    DAY,
    FIRST,
    HEADED,
    LOG,
    NOTED,
    NOTED_2,
    OPENED,
    PLACE,
    PLACE_2,
    SECOND,
    STARTED,
    STARTED_2,
    WORDS,
    Told,
    cut,
    end,
    exchange,
    lines,
    make_logged_case,
    raw,
    remove,
    resigned,
    swap,
    told,
    without,
)


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A case of two captures and their log."""
    return make_logged_case(tmp_path / "evidence")


def flip_head(offset: int) -> Callable[[Path], None]:
    def do(case: Path) -> None:
        path = log_path(case, only_writer(case), HEAD)
        data = bytearray(path.read_bytes())
        data[offset] ^= 1
        path.write_bytes(data)

    return do


def foreign_head(case: Path) -> None:
    """Put the head of another log, which the same key signed, in the place of this one's."""
    other = make_case(case.parent / "other")
    make_capture(other)
    shutil.copy(log_path(other, only_writer(other), HEAD), log_path(case, only_writer(case), HEAD))


def foreign_log(case: Path) -> None:
    """Put the log of another case, whole and by the same key, in the place of this one's."""
    other = make_case(case.parent / "other", title="Another")
    for letters, seconds in (("k7f3q9", 0), ("m7f3q9", 90)):
        make_capture(other, letters, seconds=seconds)
    shutil.rmtree(case / layout.CUSTODY)
    shutil.copytree(other / layout.CUSTODY, case / layout.CUSTODY)


def head_by(signer: Signer | None) -> Callable[[Path], None]:
    return lambda case: write_head(case, end(case), signer)


def add_capture(signer: Signer) -> Callable[[Path], None]:
    """Add a capture that is whole, was made for this case and is in no log of it."""

    def do(case: Path) -> None:
        copy = case.parent / "copy"
        shutil.copytree(case, copy)
        shutil.rmtree(copy / layout.CUSTODY)
        made = make_capture(copy, "z7f3q9", seconds=600, signer=signer)
        shutil.copytree(made, case / "captures" / DAY / made.name)

    return do


def exchange_names(case: Path) -> None:
    folder = case / "captures" / DAY
    (folder / FIRST).rename(folder / "aside")
    (folder / SECOND).rename(folder / FIRST)
    (folder / "aside").rename(folder / SECOND)


def capture_by(signer: Signer) -> Callable[[Path], None]:
    """Let another key sign a capture, name itself in it, and make the log agree; the head stays by the first key."""

    def do(case: Path) -> None:
        bag = case / "captures" / DAY / FIRST
        account(lambda said: said.update(signing={"fingerprint": signer.key.fingerprint}))(bag)
        reseal(bag, signer, logged=False)
        digest = sha256_hex((bag / layout.TAGMANIFEST).read_bytes())
        rewrite_log(case, lambda held: held[ACQUIRED].update(sha256=digest))

    return do


def unlogged(case: Path) -> None:
    """Rewrite a capture with the key at hand, and leave the log as it is."""
    bag = case / "captures" / DAY / FIRST
    path = bag / layout.CUSTODY_MANIFEST
    said = canonical.decode(path.read_bytes())
    said["operator"]["name"] = "Somebody else"
    path.write_bytes(canonical.encode(said))
    reseal(bag, logged=False)


def name_a_file(event: str, what: str) -> Callable[[Path], None]:
    def do(case: Path) -> None:
        open_log(case, BEGAN + timedelta(hours=1)).append(event, sha256="0" * 64, what=what)

    return do


def write(path: str) -> Callable[[Path], None]:
    def do(case: Path) -> None:
        (case / path).parent.mkdir(parents=True, exist_ok=True)
        (case / path).write_bytes(b"x")

    return do


CUT = {("log", LOG)}

EXHIBITS: dict[str, tuple[Callable[[Path], object], Told]] = {
    "log cut by a note": (cut(1, old_head=False), CUT),
    "log cut by a note, with the head of before": (cut(1, old_head=True), set()),
    "log cut by a capture": (cut(3, old_head=False), {*CUT, ("added", PLACE_2)}),
    "log cut by a capture, with the head of before": (cut(3, old_head=True), {("added", PLACE_2)}),
    "log reordered": (raw(exchange(STARTED_2, ACQUIRED_2)), CUT),
    "notes exchanged": (raw(exchange(NOTED, NOTED_2)), CUT),
    "log reordered by who has the key": (resigned(exchange(STARTED_2, ACQUIRED_2)), {("story", PLACE_2)}),
    "line put in twice": (raw(lambda held: held.insert(NOTED, held[NOTED])), CUT),
    "line taken out": (raw(lambda held: held.pop(NOTED)), CUT),
    "first line taken out": (raw(lambda held: held.pop(0)), CUT),
    "last line edited": (swap(NOTED_2, b'"what":""', b'"what":"x"'), CUT),
    "time of the last line edited": (swap(NOTED_2, b"T01:37", b"T01:36"), CUT),
    "line in the middle edited": (swap(NOTED, b"T01:35", b"T01:34"), CUT),
    "event in the middle edited": (swap(NOTED, b'"noted"', b'"verified"'), CUT),
    "first line edited": (swap(OPENED, b"T01:35", b"T01:34"), CUT),
    "zeros in the middle": (swap(NOTED, b"{", b"\0" * 64 + b"{"), CUT),
    "zeros at the end": (raw(lambda held: held.append(b"\0" * 4096)), CUT),
    "empty line": (raw(lambda held: held.insert(NOTED, b"\n")), CUT),
    "carriage returns": (raw(lambda held: held.__setitem__(NOTED, held[NOTED][:-1] + b"\r\n")), CUT),
    "line without its end": (raw(lambda held: held.__setitem__(-1, held[-1][:-1])), CUT),
    "last line torn": (raw(lambda held: held.__setitem__(-1, held[-1][:-20])), CUT),
    "key twice in a line": (swap(NOTED, b'"what":""', b'"what":"","what":""'), CUT),
    "key twice in the last line": (swap(NOTED_2, b'"what":""', b'"what":"","what":""'), CUT),
    "key of no line": (swap(NOTED, b'"what":""', b'"what":"","why":""'), CUT),
    "blank in a line": (swap(NOTED, b'"what":""', b'"what": ""'), CUT),
    "two lines more than the head names": (lambda case: write_head(case, end(case, 5)), CUT),
    "head flipped in its signature": (flip_head(200), {("signature", HEADED)}),
    "head flipped in its first line": (flip_head(3), {("log", HEADED)}),
    "head flipped in what it says": (swap(-1, b'"sequence":7', b'"sequence":6', HEAD), {("signature", HEADED)}),
    "head of another log": (foreign_head, {("log", HEADED)}),
    "head of another key": (head_by(OTHER), {("signature", HEADED)}),
    "head of no key": (head_by(None), {("signature", HEADED)}),
    "head missing": (without(HEAD), {("missing", HEADED)}),
    "head and all lines but the first missing": (
        lambda case: (
            without(HEAD)(case),
            without(TEXTS)(case),
            raw(lambda held: held.__delitem__(slice(1, None)))(case),
        ),
        {("added", PLACE), ("added", PLACE_2)},
    ),
    "log missing": (without(LINES), {("missing", LOG)}),
    "log emptied": (raw(lambda held: held.clear()), {*CUT, ("added", PLACE), ("added", PLACE_2), ("text", WORDS)}),
    "all logs missing": (remove("custody"), {("missing", "custody")}),
    "log of another case": (
        foreign_log,
        {*CUT, ("story", f"{PLACE}/tagmanifest-sha256.txt"), ("story", f"{PLACE_2}/tagmanifest-sha256.txt")},
    ),
    "words edited": (swap(0, b"north", b"south", TEXTS), {("text", WORDS)}),
    "words of two events exchanged": (raw(exchange(0, 1), TEXTS), {("text", WORDS)}),
    "words taken out": (raw(lambda held: held.pop(0), TEXTS), {("text", WORDS)}),
    "last words taken out": (raw(lambda held: held.pop(), TEXTS), {("text", WORDS)}),
    "all words taken out": (without(TEXTS), {("text", WORDS)}),
    "words twice": (raw(lambda held: held.append(held[-1]), TEXTS), {("text", WORDS)}),
    "words with a key twice": (swap(0, b'"seq":4', b'"seq":4,"seq":4', TEXTS), {("text", WORDS)}),
    "words of an event that has none": (swap(0, b'"seq":4', b'"seq":3', TEXTS), {("text", WORDS)}),
    "words of an event that is far ahead": (
        raw(lambda held: held.append(held[-1].replace(b'"seq":7', b'"seq":9')), TEXTS),
        {("text", WORDS)},
    ),
    "last words torn": (raw(lambda held: held.__setitem__(-1, held[-1][:-9]), TEXTS), {("text", WORDS)}),
    "commitment edited by who has the key": (
        resigned(lambda held: held[STARTED].update(sha256="0" * 64)),
        {("story", f"{PLACE}/data/custody-manifest.json")},
    ),
    "never begun": (resigned(lambda held: held.pop(STARTED)), {("story", PLACE), ("text", WORDS)}),
    "acquired and never told": (resigned(lambda held: held[ACQUIRED].update(event="failed")), {("added", PLACE)}),
    "capture removed": (remove(PLACE), {("missing", PLACE)}),
    "day removed": (remove(f"captures/{DAY}"), {("missing", PLACE), ("missing", PLACE_2)}),
    "captures removed": (remove("captures"), {("missing", PLACE), ("missing", PLACE_2)}),
    "capture added": (add_capture(SIGNER), {("added", f"captures/{DAY}/20261123T014512Z-z7f3q9")}),
    "capture by another key added": (add_capture(OTHER), {("added", f"captures/{DAY}/20261123T014512Z-z7f3q9")}),
    "capture by another key, which the log was made to name": (
        capture_by(OTHER),
        {("signature", f"{PLACE}/data/custody-manifest.json")},
    ),
    "capture written anew by who has the key": (unlogged, {("story", f"{PLACE}/tagmanifest-sha256.txt")}),
    "captures exchanged by name": (
        exchange_names,
        {
            (check, f"{place}/{path}")
            for place in (PLACE, PLACE_2)
            for check, path in (("name", "data/custody-manifest.json"), ("story", "tagmanifest-sha256.txt"))
        },
    ),
    "file that a seal is said to have": (
        name_a_file("sealed", "seals/20261123T014000Z-abcdef/SEAL"),
        {("missing", "seals/20261123T014000Z-abcdef/SEAL")},
    ),
    "signature that a seal is said to have": (
        name_a_file("signed", "seals/20261123T014000Z-abcdef/SEAL.sig"),
        {("missing", "seals/20261123T014000Z-abcdef/SEAL.sig")},
    ),
    "reply that a seal is said to have": (
        name_a_file("time-stamped", "seals/20261123T014000Z-abcdef/OPEN.one.tsr"),
        {("missing", "seals/20261123T014000Z-abcdef/OPEN.one.tsr")},
    ),
    "transfer that is said to be there": (
        name_a_file("received", "received/20261123T014000Z-abcdef"),
        {("missing", "received/20261123T014000Z-abcdef/package/transfer.json")},
    ),
    "seal elsewhere": (name_a_file("sealed", "working/notes.jsonl"), CUT),
    "file among the logs": (write("custody/notes.txt"), {("added", "custody/notes.txt")}),
    "folder among the logs": (write("custody/abcdefgh.jsonl/x"), {("added", "custody/abcdefgh.jsonl")}),
    "log under a name of its own": (
        lambda case: log_path(case, only_writer(case), LINES).rename(case / "custody/main.jsonl"),
        {("added", "custody/main.jsonl"), ("missing", LOG)},
    ),
    "file among the seals": (write("seals/notes.txt"), {("added", "seals/notes.txt")}),
    "seal under a name of its own": (write("seals/last/SEAL"), {("added", "seals/last")}),
    "file in a seal": (
        write("seals/20261123T014000Z-abcdef/notes.txt"),
        {("added", "seals/20261123T014000Z-abcdef/notes.txt")},
    ),
    "folder in a seal": (
        write("seals/20261123T014000Z-abcdef/OPEN/x"),
        {("added", "seals/20261123T014000Z-abcdef/OPEN")},
    ),
}


def test_the_case_is_sound_before(case: Path) -> None:
    assert told(case, "failure", "warning", "note") == set()
    assert {("log", LOG), ("story", PLACE), ("story", PLACE_2), ("story", "captures")} <= told(case, "ok")
    assert [line["event"] for line in lines(case)] == [
        "opened", *("started", "acquired", "noted") * 2
    ]  # fmt: skip


@pytest.mark.parametrize("name", EXHIBITS)
def test_a_defect_gives_its_finding_and_no_other(name: str, case: Path) -> None:
    defect, expected = EXHIBITS[name]
    defect(case)
    assert told(case) == expected
