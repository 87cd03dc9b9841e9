"""`archiver import`: verified first, taken over whole or not at all, found afterwards like any other capture."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from archiver.demo import posts

from .conftest import Run

THEIRS = ("-C", "theirs")


@pytest.fixture
def package(archiver: Run) -> Path:
    """A package of one capture, made in the case `evidence` by this installation."""
    assert archiver("capture", posts.PHOTO.url, posts.SHELLING.url).code == 0
    assert archiver("export", posts.PHOTO.id, "--format", "zip", "-o", "p.zip").code == 0
    return Path("p.zip")


@pytest.fixture
def elsewhere(package: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Be another installation from now on, which trusts nobody yet."""
    monkeypatch.setenv("ARCHIVER_SIGNING_FOLDER", str(tmp_path.with_name(f"{tmp_path.name}-elsewhere")))


def unpacked(package: Path) -> Path:
    zipfile.ZipFile(package).extractall("unpacked")
    return Path("unpacked")


def trust_sender(run: Run, package: Path) -> None:
    line = zipfile.ZipFile(package).read("allowed_signers").decode().strip()
    assert run("key", "trust", line, "--yes").code == 0


@pytest.mark.parametrize("form", [lambda package: package, unpacked])
def test_a_package_is_taken_over_as_it_came(archiver: Run, package: Path, form: Callable[[Path], Path]) -> None:
    *_, told = archiver(*THEIRS, "import", str(form(package)), "--json").objects
    folder = Path(told["path"], "package")
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with zipfile.ZipFile(package) as archive:
        assert found == {name: archive.read(name) for name in archive.namelist()}
    assert Path(told["receipt"]).is_file()
    assert told["trusted"]


def test_one_who_is_not_trusted_is_told_and_taken_over_all_the_same(
    archiver: Run, package: Path, elsewhere: None
) -> None:
    ended = archiver(*THEIRS, "import", str(package))
    assert ended.code == 11
    assert "archiver key trust 'ssh-ed25519 " in ended.err
    assert archiver(*THEIRS, "list").code == 0
    trust_sender(archiver, package)
    assert archiver("-C", "others", "import", str(package)).code == 0


def test_the_same_package_again_is_known(archiver: Run, package: Path) -> None:
    assert archiver(*THEIRS, "import", str(package)).code == 0
    again = archiver(*THEIRS, "import", str(unpacked(package)), "--json")
    assert again.code == 0
    assert again.objects[-1]["known"]
    assert len(list(Path("theirs/received").iterdir())) == 1


def test_what_came_is_listed_shown_found_and_verified(archiver: Run, package: Path) -> None:
    archiver(*THEIRS, "import", str(package))
    (entry,) = archiver(*THEIRS, "list", "--json").objects
    assert entry["received"] is True
    assert "captured, received" in archiver(*THEIRS, "list").out
    assert posts.PHOTO.author.handle in archiver(*THEIRS, "show", posts.PHOTO.id).out
    assert archiver(*THEIRS, "verify", entry["id"]).code == 0
    assert archiver(*THEIRS, "verify").code == 0


def test_what_was_made_here_has_no_such_mark(archiver: Run, package: Path) -> None:
    assert all("received" not in entry for entry in archiver("list", "--json").objects)


def test_what_came_is_not_exported_as_if_it_had_been_made_here(archiver: Run, package: Path) -> None:
    archiver(*THEIRS, "import", str(package))
    ended = archiver(*THEIRS, "export", "last", "--format", "zip")
    assert ended.code == 2
    assert "received/" in ended.err


def test_what_came_is_captured_anew_and_not_sealed_again(archiver: Run, package: Path) -> None:
    archiver(*THEIRS, "import", str(package))
    (told, *_) = archiver(*THEIRS, "capture", posts.PHOTO.url, "--json").objects
    assert told["reason"] != "already-captured"
    (seal,) = Path("theirs/seals").glob("*/SEAL")
    assert seal.read_text().count("/tagmanifest-sha256.txt\n") == 1


def altered(folder: Path, name: str) -> None:
    (path,) = folder.glob(name)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)


@pytest.mark.parametrize(
    "name",
    [
        "transfer.json",
        "transfer.json.sig",
        "case.json",
        "captures/*/*/data/post.html",
        "custody/*.head",
        "seals/*/SEAL",
    ],
)
def test_what_was_altered_is_refused_before_anything_is_written(archiver: Run, package: Path, name: str) -> None:
    folder = unpacked(package)
    altered(folder, name)
    ended = archiver(*THEIRS, "import", str(folder))
    assert ended.code == 10
    assert "nothing was taken over" in ended.err
    assert not Path("theirs").exists()


@pytest.mark.parametrize("defect", ["added", "removed", "stripped"])
def test_what_does_not_tally_is_refused(archiver: Run, package: Path, defect: str) -> None:
    folder = unpacked(package)
    if defect == "added":
        (folder / "captures/notes.txt").write_bytes(b"x")
    else:
        (folder / {"removed": "case.json", "stripped": "transfer.json.sig"}[defect]).unlink()
    assert archiver(*THEIRS, "import", str(folder)).code == 10
    assert not Path("theirs").exists()


def test_a_zip_that_can_be_read_in_two_ways_is_refused(archiver: Run, package: Path) -> None:
    package.chmod(0o644)
    with package.open("ab") as file:
        file.write(b"behind")
    assert archiver(*THEIRS, "import", str(package)).code == 10
    assert not Path("theirs").exists()


def test_what_is_no_package_is_refused_with_advice(archiver: Run, package: Path) -> None:
    (bag,) = Path("evidence").glob(f"captures/*/{json.loads(archiver('list', '--json').lines[0])['id']}")
    Path("text.txt").write_text("words")
    for path in ("evidence", str(bag), "text.txt"):
        ended = archiver(*THEIRS, "import", path)
        assert ended.code == 2
        assert "archiver export" in ended.err
    assert archiver(*THEIRS, "import", "nothing-there").code == 12
    assert not Path("theirs").exists()
