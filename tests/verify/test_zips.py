"""A package is verified as the folder would be that it was made of; a zip that can be read in two ways is refused."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.case import layout
from archiver.errors import CaseNotFound
from archiver.model import Finding
from archiver.verify import Tally, verify
from archiver.verify.case import findings_of_case
from archiver.verify.places import CHANGED
from archiver.verify.reading import Seen
from archiver.verify.zip_index import ZipFault
from archiver.verify.zips import Zip

from .builder import PHOTO, make_capture, make_case
from .forgery import edit
from .installation import settled
from .packages import Part, pack, write_zip

PLACE = "captures/2026-11-23/20261123T013512Z-k7f3q9"
FOREIGN = "this is no package as archiver writes it; unpack it and verify the folder"


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound package of one capture; nobody changes it."""
    folder = tmp_path_factory.mktemp("packages")
    case = make_case(folder / "evidence")
    make_capture(case)
    return pack(case, folder / "sound.zip")


def failures(path: Path) -> set[tuple[str, str]]:
    return {(found.check, found.path) for found in verify(path) if found.level == "failure"}


def refusal(path: Path) -> Finding:
    """Verify a zip whose form is wrong: that is the only finding."""
    (found,) = verify(path)
    assert (found.level, found.check) == ("failure", "package")
    assert all(char.isprintable() for char in found.path + found.detail)
    return found


def damaged(sound: Path, target: Path, offset: int, bit: int) -> Path:
    data = bytearray(sound.read_bytes())
    data[offset] ^= 1 << bit
    target.write_bytes(data)
    return target


def test_a_package_is_verified_as_its_folder_is(case: Path, tmp_path: Path) -> None:
    for number in range(4):
        make_capture(case, f"aaaaa{number}", seconds=number)
    package = pack(case, tmp_path / "package.zip")
    before = package.stat().st_mtime_ns, sorted(tmp_path.iterdir())
    *found, last = verify(package)
    assert found == list(verify(case))
    assert (last.level, last.check, last.path) == ("ok", "package", "")
    assert (package.stat().st_mtime_ns, sorted(tmp_path.iterdir())) == before


def test_a_damaged_folder_gives_the_same_findings_in_a_package(case: Path, capture: Path, tmp_path: Path) -> None:
    edit("data/media/01.jpg", lambda data: data + b"x")(capture)
    (capture / "bagit.txt").unlink()
    (case / "notes.txt").write_bytes(b"x")
    found = [item for item in verify(pack(case, tmp_path / "package.zip")) if item.check != "package"]
    assert found == list(verify(case))
    assert {"file", "missing", "added"} <= {item.check for item in found if item.level == "failure"}


def test_a_package_of_one_capture(capture: Path, tmp_path: Path) -> None:
    tally = Tally()
    odd = [item for item in settled(tally.watch(verify(pack(capture, tmp_path / "one.zip")))) if item.level != "ok"]
    assert [(item.level, item.check) for item in odd] == [("note", "case")]
    assert tally.captures == 1


def test_large_files_are_read_out_of_a_package(case: Path, tmp_path: Path) -> None:
    """Above 8 MiB files are read in threads beside each other."""
    large = tmp_path / "large.jpg"
    large.write_bytes(PHOTO * 10_000)
    make_capture(case, photo=large)
    package = pack(case, tmp_path / "package.zip")
    assert failures(package) == set()
    root = Zip(package).root
    assert list(findings_of_case(root, workers=1)) == list(findings_of_case(root, workers=4))
    at = package.read_bytes().index(PHOTO * 3) + (9 << 20)
    found = failures(damaged(package, tmp_path / "damaged.zip", at, 0))
    assert {check for check, _ in found} == {"file", "warc-digest", "warc-record", "media", "package"}
    assert {path for _, path in found} == {f"{PLACE}/{layout.WARC}"}


def test_a_package_may_be_named_by_a_link(sealed: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(sealed)
    assert failures(tmp_path / "link") == set()


@settings(max_examples=100, deadline=None)
@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_anywhere_is_found(sealed: Path, where: float, bit: int) -> None:
    path = damaged(sealed, sealed.with_name("flipped.zip"), int(where * sealed.stat().st_size), bit)
    assert any(found.level == "failure" for found in verify(path))


@settings(max_examples=200, deadline=None)
@given(
    where=st.floats(0, 1),
    near_the_end=st.booleans(),
    cut=st.integers(0, 100),
    junk=st.binary(max_size=60) | st.sampled_from([b"PK\1\2", b"PK\3\4", b"PK\5\6", b"PK\6\6", b"\xff" * 8]),
)
def test_any_bytes_in_any_place(sealed: Path, where: float, near_the_end: bool, cut: int, junk: bytes) -> None:
    sound = sealed.read_bytes()
    at = max(len(sound) - int(where * 300), 0) if near_the_end else int(where * len(sound))
    data = sound[:at] + junk + sound[at + cut :]
    path = sealed.with_name("mangled.zip")
    path.write_bytes(data)
    tally = Tally()
    for found in tally.watch(verify(path)):
        assert all(char.isprintable() for char in found.path + found.detail)
    assert (tally.verdict == "intact") == (data == sound)


@given(data=st.binary(max_size=300))
def test_a_file_that_only_claims_to_be_a_zip(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "claims"
    path.write_bytes(b"PK\3\4" + data)
    assert refusal(path).path == ""


@pytest.mark.parametrize("data", [b"", b"x", bytes(22), b"x" * 100])
def test_a_file_that_is_called_a_zip_and_is_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "package.ZIP").write_bytes(data)
    refusal(tmp_path / "package.ZIP")


@pytest.mark.parametrize("data", [b"", b"x" * 70_000])
def test_a_file_that_is_no_zip(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "photo.jpg").write_bytes(data)
    with pytest.raises(CaseNotFound, match="no package") as raised:
        verify(tmp_path / "photo.jpg")
    assert "folder" in raised.value.advice


def test_a_compressed_case_is_no_package(case: Path, capture: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "foreign.zip", "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(path for path in case.rglob("*") if path.is_file()):
            file.write(path, path.relative_to(case))
    assert refusal(tmp_path / "foreign.zip").detail.endswith(FOREIGN)


def test_a_crc_that_both_headers_state_wrongly_is_found_out(tmp_path: Path) -> None:
    """Also that of a member which no check has a reason to read."""
    parts = [Part(b"captures/2026-11-23/x", b"unread", {"crc": 1}, {"crc": 1}), Part(b"captures/y")]
    package = write_zip(tmp_path / "package.zip", parts)
    assert ("package", "captures/2026-11-23/x") in failures(package)
    assert ("package", "captures/y") not in failures(package)


def test_a_package_that_changes_is_no_longer_read(sealed: Path, tmp_path: Path) -> None:
    path = tmp_path / "package.zip"
    path.write_bytes(sealed.read_bytes())
    package = Zip(path)
    place = package.root / "case.json"
    assert isinstance(place.read_small(), Seen)
    other = tmp_path / "other.zip"
    other.write_bytes(sealed.read_bytes())
    other.replace(path)
    assert place.read_small() == CHANGED
    assert {(found.level, found.check) for found in package.check_sums()} == {("failure", "unreadable")}


def test_a_zip_that_cannot_be_told_by_its_name_or_beginning(tmp_path: Path) -> None:
    package = write_zip(tmp_path / "setup.exe", [Part(b"case.json", before=b"MZ" * 100)])
    assert refusal(package).path == "case.json"
    with pytest.raises(ZipFault):
        Zip(package)
