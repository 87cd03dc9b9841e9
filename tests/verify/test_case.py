"""A case as a whole: what may stand in it, whose captures they are, and in what order they are told."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from archiver.case import layout
from archiver.errors import CaseNotFound
from archiver.model import Finding
from archiver.verify import Tally, verify, verify_case

from .builder import make_capture, make_case
from .forgery import account, edit, swap
from .installation import settled

DAY, ID = "2026-11-23", "20261123T013512Z-k7f3q9"
PLACE = f"captures/{DAY}/{ID}"


def failures(path: Path) -> set[tuple[str, str]]:
    return {(found.check, found.path) for found in verify(path) if found.level == "failure"}


def move(source: str, target: str) -> Callable[[Path], None]:
    def do(case: Path) -> None:
        (case / target).parent.mkdir(exist_ok=True)
        (case / source).rename(case / target)

    return do


def link(path: str) -> Callable[[Path], None]:
    def do(case: Path) -> None:
        (case / path).rename(case.parent / "aside")
        (case / path).symlink_to(case.parent / "aside")

    return do


def write(path: str) -> Callable[[Path], object]:
    return lambda case: (case / path).write_bytes(b"x")


def put_bag_in(path: str) -> Callable[[Path], object]:
    return lambda case: shutil.copytree(case / PLACE, case / path)


def file_for_a_folder(case: Path) -> None:
    shutil.rmtree(case / ".work")
    (case / ".work").write_bytes(b"x")


def pipe(case: Path) -> None:
    os.mkfifo(case / "captures" / DAY / "20261123T013512Z-aaaaaa")


EXHIBITS: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "capture renamed": (
        move(PLACE, f"captures/{DAY}/20261123T013512Z-aaaaaa"),
        "name",
        f"captures/{DAY}/20261123T013512Z-aaaaaa/data/custody-manifest.json",
    ),
    "capture in another day": (move(PLACE, f"captures/2026-11-24/{ID}"), "name", f"captures/2026-11-24/{ID}"),
    "capture under a name of its own": (move(PLACE, f"captures/{DAY}/mine"), "added", f"captures/{DAY}/mine"),
    "capture under digits of another script": (
        move(PLACE, f"captures/{DAY}/２０２６1123T013512Z-k7f3q9"),
        "added",
        f"captures/{DAY}/２０２６1123T013512Z-k7f3q9",
    ),
    "capture that is a file": (
        write(f"captures/{DAY}/20261123T013512Z-aaaaaa"),
        "added",
        f"captures/{DAY}/20261123T013512Z-aaaaaa",
    ),
    "capture that is empty": (
        lambda case: (case / f"captures/{DAY}/20261123T013512Z-aaaaaa").mkdir(),
        "missing",
        f"captures/{DAY}/20261123T013512Z-aaaaaa/bagit.txt",
    ),
    "named pipe among the captures": (pipe, "tree", f"captures/{DAY}/20261123T013512Z-aaaaaa"),
    "link in place of the capture": (link(PLACE), "tree", PLACE),
    "link in place of the day": (link(f"captures/{DAY}"), "tree", f"captures/{DAY}"),
    "link in place of all captures": (link("captures"), "tree", "captures"),
    "link in place of case.json": (link("case.json"), "missing", "case.json"),
    "day that is none": (move(f"captures/{DAY}", "captures/today"), "added", "captures/today"),
    "file among the days": (write("captures/notes.txt"), "added", "captures/notes.txt"),
    "file at the top": (write("notes.txt"), "added", "notes.txt"),
    "capture at the top": (put_bag_in("copy"), "added", "copy"),
    "file in place of the work folder": (file_for_a_folder, "added", ".work"),
    "case.json changed": (lambda case: swap("case.json", b"quay", b"bay ")(case), "case", "case.json"),
    "case.json removed": (lambda case: (case / "case.json").unlink(), "missing", "case.json"),
    "case.json not canonical": (lambda case: edit("case.json", lambda data: data + b"\n")(case), "case", "case.json"),
    "case.json with a key twice": (
        lambda case: edit("case.json", lambda data: data[:-1] + b',"title":"x"}')(case),
        "case",
        "case.json",
    ),
    "capture of another case": (
        lambda case: account(lambda told: told["case"].update(id="urn:uuid:00000000-0000-4000-8000-000000000000"))(
            case / PLACE
        ),
        "case",
        f"{PLACE}/data/custody-manifest.json",
    ),
    "photo changed": (
        lambda case: edit("data/media/01.jpg", lambda data: data + b"x")(case / PLACE),
        "file",
        f"{PLACE}/data/media/01.jpg",
    ),
}


@pytest.mark.parametrize("name", EXHIBITS)
def test_a_defect_gives_its_finding(name: str, case: Path, capture: Path) -> None:
    defect, check, path = EXHIBITS[name]
    make_capture(case, "m7f3q9", seconds=90)
    assert failures(case) == set()
    defect(case)
    assert (check, path) in failures(case)


def test_captures_exchanged_for_each_other(case: Path, capture: Path) -> None:
    other = make_capture(case, "m7f3q9", seconds=90)
    aside = case / ".work"
    capture.rename(aside)
    other.rename(capture)
    aside.rename(other)
    named = {f"captures/{DAY}/{path.name}/data/custody-manifest.json" for path in (capture, other)}
    assert {path for check, path in failures(case) if check == "name"} == named


def test_one_capture_of_another_case_does_not_accuse_case_json(case: Path, capture: Path, tmp_path: Path) -> None:
    foreign = make_capture(make_case(tmp_path / "other", title="Another"), "m7f3q9", seconds=90)
    shutil.copytree(foreign, capture.parent / foreign.name)
    path = f"captures/{DAY}/{foreign.name}"
    assert failures(case) == {("case", f"{path}/data/custody-manifest.json"), ("added", path)}


def test_what_stands_in_the_working_folders_is_not_looked_at(case: Path, capture: Path) -> None:
    for name in (".work", "working"):
        (case / name / "run" / "staging").mkdir(parents=True)
        (case / name / "link").symlink_to("/")
    assert failures(case) == set()


def test_litter_is_a_note(case: Path, capture: Path) -> None:
    for path in (".DS_Store", "captures/Thumbs.db", f"captures/{DAY}/._x"):
        (case / path).write_bytes(b"x")
    odd = [found for found in settled(verify(case)) if found.level != "ok"]
    assert sorted((found.level, found.check, found.path) for found in odd) == [
        ("note", "litter", ".DS_Store"),
        ("note", "litter", "captures/2026-11-23/._x"),
        ("note", "litter", "captures/Thumbs.db"),
    ]


def test_names_that_some_system_takes_for_one(case: Path, capture: Path) -> None:
    for name in ("caf\u00e9", "cafe\u0301", "CAFÉ"):
        (case / name).mkdir()
    assert sum(check == "name" for check, _ in failures(case)) == 2


def test_captures_are_told_in_the_order_of_their_ids(case: Path) -> None:
    for number in (3, 1, 4, 0, 2):
        make_capture(case, f"aaaaa{number}", seconds=number)

    def told(workers: int) -> list[Finding]:
        return list(verify_case(case, workers=workers))

    paths = [found.path for found in told(1) if found.check == "extent"]
    assert paths == sorted(paths)
    assert len(paths) == 5
    assert told(1) == told(4)


def test_only_some_captures(case: Path, capture: Path) -> None:
    other = make_capture(case, "m7f3q9", seconds=90)
    (case / "notes.txt").write_bytes(b"x")
    tally = Tally()
    paths = {found.path for found in tally.watch(verify_case(case, [other]))}
    assert f"captures/{DAY}/{other.name}" in paths
    assert not any(capture.name in path for path in paths)
    assert (tally.verdict, tally.captures) == ("intact", 1)


def test_reading_may_be_broken_off(case: Path) -> None:
    for number in range(6):
        make_capture(case, f"aaaaa{number}", seconds=number)
    findings = verify_case(case, workers=2)
    assert next(findings).level == "ok"
    findings.close()  # type: ignore[attr-defined]


def test_a_capture_in_a_case_is_checked_against_it(case: Path, capture: Path, tmp_path: Path) -> None:
    assert [found.level for found in verify(capture) if found.check == "case"] == ["ok"]
    alone = tmp_path / capture.name
    shutil.copytree(capture, alone)
    assert [(found.level, found.check) for found in settled(verify(alone)) if found.level != "ok"] == [("note", "case")]


def test_a_capture_on_its_own_may_have_any_name(capture: Path, tmp_path: Path) -> None:
    renamed = tmp_path / "exhibit 7"
    shutil.copytree(capture, renamed)
    assert failures(renamed) == set()


def test_a_damaged_capture_is_still_taken_for_one(capture: Path) -> None:
    for name in layout.TAG_FILES:
        (capture / name).unlink()
    assert {path for check, path in failures(capture) if check == "missing"} == set(layout.TAG_FILES)


def test_a_link_to_a_capture_is_not_followed(capture: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(capture)
    assert failures(tmp_path / "link") == {("tree", "")}


def test_a_case_without_captures_is_intact(case: Path) -> None:
    assert failures(case) == set()
    (case / "captures").rmdir()
    assert failures(case) == set()


@pytest.mark.parametrize("name", ["nothing", "file", "empty"])
def test_what_is_no_case(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "empty").mkdir()
    with pytest.raises(CaseNotFound):
        verify(tmp_path / name)


def test_the_tally(case: Path, capture: Path) -> None:
    make_capture(case, "m7f3q9", seconds=90)
    tally = Tally()
    for _ in tally.watch(verify(case)):
        pass
    size = sum(path.stat().st_size for path in (case / "captures").rglob("*") if path.is_file())
    counted = {"verdict": "intact", "captures": 2, "files": 24, "bytes": size, "failures": 0}
    assert counted.items() <= tally.as_dict().items()
