"""A case as a folder: made once, and opened strictly."""

from __future__ import annotations

import threading

import pytest

from archiver import canonical
from archiver.case import layout, store
from archiver.errors import ArchiverError, CaseNotFound, FormatError, UsageError
from archiver.hashing import sha256_hex


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


def test_a_package_is_read_and_never_written_to(case):
    (case.path / layout.TRANSFER).write_bytes(b"{}")
    assert store.open_case(case.path) == case
    for write in (store.open_or_make, lambda path: store.open_case(path, writing=True)):
        with pytest.raises(UsageError, match="stays as it is") as refused:
            write(case.path)
        assert "archiver import" in refused.value.advice
