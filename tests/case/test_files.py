"""Files are made whole, read-only, and never over another."""

from __future__ import annotations

import pytest

from archiver.case.files import SEALED_MODE, settle, sync_folder, write_new


def mode(path) -> int:
    return path.stat().st_mode & 0o777


def test_a_file_is_written_once_and_read_only(tmp_path):
    write_new(tmp_path / "a", b"x" * 3_000_000)
    assert (tmp_path / "a").read_bytes() == b"x" * 3_000_000
    assert mode(tmp_path / "a") == SEALED_MODE
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "a", b"other")
    assert (tmp_path / "a").stat().st_size == 3_000_000


def test_files_that_were_written_elsewhere_are_settled(tmp_path):
    paths = [tmp_path / name for name in "abc"]
    for path in paths:
        path.write_bytes(path.name.encode() * 1000)
    settle(paths)
    assert [mode(path) for path in paths] == [SEALED_MODE] * 3
    sync_folder(tmp_path)


def test_a_file_that_is_gone_cannot_be_settled(tmp_path):
    (tmp_path / "a").write_bytes(b"x")
    with pytest.raises(FileNotFoundError):
        settle([tmp_path / "a", tmp_path / "gone"])
