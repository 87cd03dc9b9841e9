"""Captures are staged in corners of runs, sealed by one rename, and finished by a later run if theirs was killed."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from archiver.case import layout, store
from archiver.case.workshop import finish_interrupted, others_left, workshop
from archiver.errors import ArchiverError

ID = "20261123T013512Z-k7f3q9"
OTHER = "20261123T013513Z-aaaaaa"


class Notebook:
    """Stands for what custody does with what a killed run left: writes down what it was asked."""

    def __init__(self, *, allows: bool = True) -> None:
        self.allows = allows
        self.was_whole: list[str] = []
        self.was_not: list[str] = []

    def closed(self, staged: Path) -> bool:
        self.was_whole.append(staged.name)
        return self.allows

    def given_up(self, staged: Path) -> None:
        self.was_not.append(staged.name)


def test_a_sealed_capture_stands_whole_under_its_day_and_nothing_stays_in_staging(case, fill):
    with workshop(case) as shop:
        (shop.staging(ID) / layout.DATA).rmdir()
        staged = fill(shop.path / "staging" / ID)
        names = {path.relative_to(staged) for path in staged.rglob("*")}
        assert not (case.path / "captures").exists()
        sealed = store.seal(case, staged)
        assert not staged.exists()
    assert sealed == case.path / "captures" / "2026-11-23" / ID
    assert {path.relative_to(sealed) for path in sealed.rglob("*")} == names
    assert list((case.path / ".work").glob("run-*")) == []


def test_sealing_overwrites_nothing(case, fill):
    with workshop(case) as shop:
        sealed = store.seal(case, fill(shop.path / "staging" / ID))
        before = (sealed / layout.TAGMANIFEST).read_bytes()
        staged = fill(shop.path / "staging" / ID, outcome="absent")
        with pytest.raises(OSError):
            store.seal(case, staged)
        assert (sealed / layout.TAGMANIFEST).read_bytes() == before
        assert staged.is_dir()


def test_each_run_has_a_corner_and_folders_of_its_own(case):
    with workshop(case) as one, workshop(case) as two:
        assert one.path != two.path
        assert (one.staging(ID) / "data").is_dir()
        assert one.scratch("x").is_dir()
        with pytest.raises(FileExistsError):
            one.staging(ID)
        assert finish_interrupted(case, two, Notebook()) == []
        assert one.path.is_dir()


def test_what_is_left_in_staging_survives_the_end_of_its_run(case):
    with workshop(case) as shop:
        (shop.staging(ID) / "data" / "capture.warc").write_bytes(b"the only copy")
    with workshop(case) as later:
        [left] = finish_interrupted(case, later, Notebook())
    assert (left / "data" / "capture.warc").read_bytes() == b"the only copy"


def test_a_corner_of_another_installation_is_let_alone(case, fill):
    """On a synchronised case it may belong to a run that is alive, of which no lock tells here."""
    killed(case, fill, ID, finish=True)
    (case.path / ".work" / "run-killed").rename(case.path / ".work" / "run-0a1b2c3d-killed")
    for owner in ("", "ffffffff"):
        with workshop(case, owner) as shop:
            assert not others_left(case, shop)
            assert finish_interrupted(case, shop, Notebook()) == []
    with workshop(case, "0a1b2c3d") as shop:
        assert others_left(case, shop)
        assert finish_interrupted(case, shop, Notebook()) == []
        assert not others_left(case, shop)
    assert (case.path / "captures" / "2026-11-23" / ID).is_dir()


def killed(case: store.Case, fill, name: str, finish: bool) -> None:
    """Leave the corner of a run that was killed: its lock is free and its folders are there."""
    corner = case.path / ".work" / "run-killed"
    folder = corner / "staging" / name
    if finish:
        fill(folder)
    else:
        (folder / "data").mkdir(parents=True)
    (corner / "scratch").mkdir(exist_ok=True)
    (corner / "scratch" / "0001.body").write_bytes(b"half a body")


def test_a_capture_that_was_whole_but_not_renamed_is_sealed_and_its_corner_cleared(case, fill):
    killed(case, fill, ID, finish=True)
    with workshop(case) as shop:
        assert finish_interrupted(case, shop, Notebook()) == []
    assert (case.path / "captures" / "2026-11-23" / ID / layout.TAGMANIFEST).is_file()
    assert list((case.path / ".work").glob("run-*")) == []


def test_one_that_was_not_whole_is_kept_and_told_and_the_whole_one_beside_it_is_sealed(case, fill):
    killed(case, fill, ID, finish=True)
    killed(case, fill, OTHER, finish=False)
    for _ in range(2):
        with workshop(case) as shop:
            [unfinished] = finish_interrupted(case, shop, Notebook())
        assert unfinished.name == OTHER
        assert unfinished.is_dir()
    assert (case.path / "captures" / "2026-11-23" / ID).is_dir()


@pytest.mark.parametrize("missing", [layout.TAGMANIFEST, layout.MANIFEST, layout.BAGIT])
def test_a_bag_without_one_of_its_tag_files_is_not_whole(case, fill, missing):
    killed(case, fill, ID, finish=True)
    (case.path / ".work" / "run-killed" / "staging" / ID / missing).unlink()
    with workshop(case) as shop:
        assert [path.name for path in finish_interrupted(case, shop, Notebook())] == [ID]
    assert not (case.path / "captures").exists()


def test_a_tag_manifest_that_lists_less_does_not_make_a_bag_whole(case, fill):
    killed(case, fill, ID, finish=True)
    path = case.path / ".work" / "run-killed" / "staging" / ID / layout.TAGMANIFEST
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    with workshop(case) as shop:
        assert len(finish_interrupted(case, shop, Notebook())) == 1


@pytest.mark.parametrize("name", ["notes", "20261123T013512Z", "99999999T999999Z-aaaaaa"])
def test_a_folder_of_another_name_does_not_stop_later_runs(case, fill, name):
    killed(case, fill, name, finish=True)
    with workshop(case) as shop:
        left = finish_interrupted(case, shop, Notebook())
    assert len(left) == (0 if layout.CAPTURE_ID.fullmatch(name) else 1)


def test_a_capture_that_stands_sealed_already_does_not_stop_later_runs(case, fill):
    with workshop(case) as shop:
        store.seal(case, fill(shop.path / "staging" / ID))
    killed(case, fill, ID, finish=True)
    with workshop(case) as shop:
        assert [path.name for path in finish_interrupted(case, shop, Notebook())] == [ID]


def test_a_run_that_is_alive_in_another_process_is_left_alone_and_one_that_was_killed_is_not(case, fill):
    program = """
        import sys, time
        from pathlib import Path
        from archiver.case import store
        from archiver.case.workshop import workshop
        with workshop(store.open_case(Path(sys.argv[1]))) as shop:
            shop.staging(sys.argv[2])
            print(shop.path, flush=True)
            time.sleep(60)
    """
    command = [sys.executable, "-c", textwrap.dedent(program), str(case.path), ID]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            corner = process.stdout.readline().strip()
            with workshop(case) as shop:
                assert finish_interrupted(case, shop, Notebook()) == []
        finally:
            process.kill()
        process.wait(30)
    with workshop(case) as shop:
        [left] = finish_interrupted(case, shop, Notebook())
    assert str(left.parent.parent) == corner


def test_a_case_whose_work_folder_is_a_file_is_an_error_that_says_so(case):
    work = case.path / ".work"
    for item in work.iterdir():
        item.unlink()
    work.rmdir()
    work.write_bytes(b"")
    with pytest.raises(ArchiverError, match="cannot be written to"), workshop(case):
        pass


@pytest.mark.parametrize("allows", [True, False])
def test_custody_is_asked_before_a_whole_capture_is_moved_and_told_of_what_stays(case, fill, allows):
    with workshop(case) as shop:
        fill(shop.staging(ID))
        shop.staging(OTHER)
    notebook = Notebook(allows=allows)
    with workshop(case) as shop:
        left = finish_interrupted(case, shop, notebook)
    assert notebook.was_whole == [ID]
    assert notebook.was_not == ([OTHER] if allows else [ID, OTHER])
    assert [path.name for path in left] == notebook.was_not
    assert layout.capture_folder(case.path, ID).exists() == allows
