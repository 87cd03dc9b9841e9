"""A case as a folder: made once, opened strictly, and sealed into by one rename, whatever was interrupted before."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from archiver import canonical
from archiver.case import layout, store
from archiver.errors import ArchiverError, CaseNotFound, FormatError
from archiver.hashing import sha256_hex

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


def test_a_case_is_made_where_there_is_none_and_opened_where_there_is(tmp_path):
    made, is_new = store.open_or_make(tmp_path / "a" / "evidence", "Quay")
    again, is_new_again = store.open_or_make(tmp_path / "a" / "evidence", "Another title")
    assert (is_new, is_new_again) == (True, False)
    assert again == made == store.open_case(tmp_path / "a" / "evidence")
    assert (made.record.title, made.record.format) == ("Quay", "archiver-case/1")
    assert made.sha256 == sha256_hex((made.path / "case.json").read_bytes())
    assert {item.name for item in made.path.iterdir()} <= layout.CASE_ENTRIES


def test_a_case_without_title_is_called_like_its_folder(tmp_path):
    assert store.open_or_make(tmp_path / "evidence")[0].record.title == "evidence"


def test_two_cases_are_never_the_same(tmp_path):
    one, two = (store.open_or_make(tmp_path / name, "Quay")[0] for name in "ab")
    assert one.record.id != two.record.id


def test_case_json_is_canonical_and_read_only(case):
    path = case.path / "case.json"
    data = path.read_bytes()
    assert canonical.is_canonical(data, canonical.decode(data))
    assert path.stat().st_mode & 0o222 == 0


def test_litter_does_not_make_a_folder_somebody_elses(tmp_path):
    (tmp_path / ".DS_Store").write_bytes(b"")
    assert store.open_or_make(tmp_path)[1]


@pytest.mark.parametrize("name", ["holiday.jpg", "captures", ".git", "working"])
def test_a_folder_that_holds_something_else_is_refused_and_left_as_it_is(tmp_path, name):
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(ArchiverError, match="not a case and not empty"):
        store.open_or_make(tmp_path)
    assert [item.name for item in tmp_path.iterdir()] == [name]


def test_where_no_folder_can_be_the_error_says_so(tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    for path in (tmp_path / "file", tmp_path / "file" / "evidence"):
        with pytest.raises(ArchiverError, match="cannot be made"):
            store.open_or_make(path)
        with pytest.raises(CaseNotFound):
            store.open_case(path)


def test_there_is_no_case_in_an_empty_folder(tmp_path):
    with pytest.raises(CaseNotFound, match="there is no case in"):
        store.open_case(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data + b"\n",
        lambda data: data.replace(b'"title"', b' "title"'),
        lambda data: data.replace(b"archiver-case/1", b"archiver-case/2"),
        lambda data: data.replace(b'"title":', b'"more":1,"title":'),
        lambda data: data.replace(b'"title":"Shelling of the quay"', b'"title":1'),
        lambda data: data[:-1],
        lambda data: b"[]",
        lambda data: b"",
        lambda data: b"[" * 100_000,
    ],
)
def test_a_damaged_case_file_is_refused_and_never_made_anew(case, change):
    path = case.path / "case.json"
    damaged = change(path.read_bytes())
    path.chmod(0o644)
    path.write_bytes(damaged)
    with pytest.raises(FormatError):
        store.open_case(case.path)
    with pytest.raises(FormatError):
        store.open_or_make(case.path)
    assert path.read_bytes() == damaged


def test_many_who_make_the_same_case_at_once_get_the_same(tmp_path):
    together = threading.Barrier(8)
    found: list[tuple[store.Case, bool]] = []

    def work() -> None:
        together.wait()
        found.append(store.open_or_make(tmp_path / "evidence"))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len({made.record.id for made, _ in found}) == 1
    assert [is_new for _, is_new in found].count(True) == 1


def test_a_sealed_capture_stands_whole_under_its_day_and_nothing_stays_in_staging(case, fill):
    with store.workshop(case) as shop:
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
    with store.workshop(case) as shop:
        sealed = store.seal(case, fill(shop.path / "staging" / ID))
        before = (sealed / layout.TAGMANIFEST).read_bytes()
        staged = fill(shop.path / "staging" / ID, outcome="absent")
        with pytest.raises(OSError):
            store.seal(case, staged)
        assert (sealed / layout.TAGMANIFEST).read_bytes() == before
        assert staged.is_dir()


def test_each_run_has_a_corner_and_folders_of_its_own(case):
    with store.workshop(case) as one, store.workshop(case) as two:
        assert one.path != two.path
        assert (one.staging(ID) / "data").is_dir()
        assert one.scratch("x").is_dir()
        with pytest.raises(FileExistsError):
            one.staging(ID)
        assert store.finish_interrupted(case, two, Notebook()) == []
        assert one.path.is_dir()


def test_what_is_left_in_staging_survives_the_end_of_its_run(case):
    with store.workshop(case) as shop:
        (shop.staging(ID) / "data" / "capture.warc").write_bytes(b"the only copy")
    with store.workshop(case) as later:
        [left] = store.finish_interrupted(case, later, Notebook())
    assert (left / "data" / "capture.warc").read_bytes() == b"the only copy"


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
    with store.workshop(case) as shop:
        assert store.finish_interrupted(case, shop, Notebook()) == []
    assert (case.path / "captures" / "2026-11-23" / ID / layout.TAGMANIFEST).is_file()
    assert list((case.path / ".work").glob("run-*")) == []


def test_one_that_was_not_whole_is_kept_and_told_and_the_whole_one_beside_it_is_sealed(case, fill):
    killed(case, fill, ID, finish=True)
    killed(case, fill, OTHER, finish=False)
    for _ in range(2):
        with store.workshop(case) as shop:
            [unfinished] = store.finish_interrupted(case, shop, Notebook())
        assert unfinished.name == OTHER
        assert unfinished.is_dir()
    assert (case.path / "captures" / "2026-11-23" / ID).is_dir()


@pytest.mark.parametrize("missing", [layout.TAGMANIFEST, layout.MANIFEST, layout.BAGIT])
def test_a_bag_without_one_of_its_tag_files_is_not_whole(case, fill, missing):
    killed(case, fill, ID, finish=True)
    (case.path / ".work" / "run-killed" / "staging" / ID / missing).unlink()
    with store.workshop(case) as shop:
        assert [path.name for path in store.finish_interrupted(case, shop, Notebook())] == [ID]
    assert not (case.path / "captures").exists()


def test_a_tag_manifest_that_lists_less_does_not_make_a_bag_whole(case, fill):
    killed(case, fill, ID, finish=True)
    path = case.path / ".work" / "run-killed" / "staging" / ID / layout.TAGMANIFEST
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    with store.workshop(case) as shop:
        assert len(store.finish_interrupted(case, shop, Notebook())) == 1


@pytest.mark.parametrize("name", ["notes", "20261123T013512Z", "99999999T999999Z-aaaaaa"])
def test_a_folder_of_another_name_does_not_stop_later_runs(case, fill, name):
    killed(case, fill, name, finish=True)
    with store.workshop(case) as shop:
        left = store.finish_interrupted(case, shop, Notebook())
    assert len(left) == (0 if layout.CAPTURE_ID.fullmatch(name) else 1)


def test_a_capture_that_stands_sealed_already_does_not_stop_later_runs(case, fill):
    with store.workshop(case) as shop:
        store.seal(case, fill(shop.path / "staging" / ID))
    killed(case, fill, ID, finish=True)
    with store.workshop(case) as shop:
        assert [path.name for path in store.finish_interrupted(case, shop, Notebook())] == [ID]


def test_a_run_that_is_alive_in_another_process_is_left_alone_and_one_that_was_killed_is_not(case, fill):
    program = """
        import sys, time
        from pathlib import Path
        from archiver.case import store
        with store.workshop(store.open_case(Path(sys.argv[1]))) as shop:
            shop.staging(sys.argv[2])
            print(shop.path, flush=True)
            time.sleep(60)
    """
    command = [sys.executable, "-c", textwrap.dedent(program), str(case.path), ID]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            corner = process.stdout.readline().strip()
            with store.workshop(case) as shop:
                assert store.finish_interrupted(case, shop, Notebook()) == []
        finally:
            process.kill()
        process.wait(30)
    with store.workshop(case) as shop:
        [left] = store.finish_interrupted(case, shop, Notebook())
    assert str(left.parent.parent) == corner


def test_a_case_whose_work_folder_is_a_file_is_an_error_that_says_so(case):
    work = case.path / ".work"
    for item in work.iterdir():
        item.unlink()
    work.rmdir()
    work.write_bytes(b"")
    with pytest.raises(ArchiverError, match="cannot be written to"), store.workshop(case):
        pass


@pytest.mark.parametrize("allows", [True, False])
def test_custody_is_asked_before_a_whole_capture_is_moved_and_told_of_what_stays(case, fill, allows):
    with store.workshop(case) as shop:
        fill(shop.staging(ID))
        shop.staging(OTHER)
    notebook = Notebook(allows=allows)
    with store.workshop(case) as shop:
        left = store.finish_interrupted(case, shop, notebook)
    assert notebook.was_whole == [ID]
    assert notebook.was_not == ([OTHER] if allows else [ID, OTHER])
    assert [path.name for path in left] == notebook.was_not
    assert layout.capture_folder(case.path, ID).exists() == allows
