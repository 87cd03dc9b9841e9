"""`archiver export`: what is needed to check the captures that go, and not a word of any other."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from archiver.demo import posts

from .conftest import Run

NOTE = "planted-note-of-another-capture"
PRIVATE = "planted-private-note"
ALLOWED = ("case.json", "allowed_signers", "transfer.json", "transfer.json.sig")


@pytest.fixture
def filled(archiver: Run, stamped: None) -> Run:
    """A case with three captures of one run, words about one of them in the log, and one capture of a later run."""
    targets = (posts.PHOTO, posts.SHELLING, posts.DELETED)
    assert archiver("capture", *(target.url for target in targets)).code == 0
    assert archiver("note", posts.SHELLING.id, NOTE).code == 0
    assert archiver("note", posts.PHOTO.id, "a note that goes along").code == 0
    assert archiver("note", "--private", posts.PHOTO.id, PRIVATE).code == 0
    assert archiver("tag", posts.PHOTO.id, "planted-tag").code == 0
    assert archiver("capture", posts.FLOOD.url).code == 0
    return archiver


def ids(run: Run) -> dict[str, str]:
    return {entry["post"]: entry["id"] for entry in run("list", "--json").objects}


def exported(run: Run, *arguments: str) -> zipfile.ZipFile:
    (told,) = run("export", *arguments, "--format", "zip", "--json").objects
    return zipfile.ZipFile(told["path"])


def test_a_capture_goes_with_all_that_is_needed_to_check_it_and_nothing_else(filled: Run) -> None:
    capture = ids(filled)[posts.PHOTO.id]
    package = exported(filled, posts.PHOTO.id)
    folder = f"captures/{capture[:4]}-{capture[4:6]}-{capture[6:8]}/{capture}"
    there = {path.relative_to("evidence").as_posix() for path in Path("evidence", folder).rglob("*") if path.is_file()}
    names = set(package.namelist())
    assert there < names
    assert set(ALLOWED) < names
    seals = {name for name in names if name.startswith("seals/")}
    logs = {name for name in names if name.startswith("custody/")}
    assert names == there | set(ALLOWED) | seals | logs
    assert {Path(name).suffix for name in logs} == {".jsonl", ".head", ".texts"}
    assert len({name.split("/")[1] for name in seals}) == 1
    assert {name.split("/")[2].split(".")[0] for name in seals} == {"SEAL", "OPEN"}
    assert len([name for name in seals if name.endswith(".tsr")]) == 4


def test_files_go_byte_for_byte(filled: Run) -> None:
    package = exported(filled, posts.PHOTO.id)
    for name in package.namelist():
        if name.startswith(("captures/", "seals/", "case.json")):
            assert package.read(name) == Path("evidence", name).read_bytes()


def test_a_planted_word_of_another_capture_is_nowhere_in_it(filled: Run) -> None:
    other = posts.SHELLING
    words = [
        other.text,
        *(word for word in other.text.split() if len(word) > 5 and word not in posts.PHOTO.text),
        other.author.handle,
        other.author.name,
        other.id,
        other.url,
        NOTE,
        PRIVATE,
        "planted-tag",
        posts.FLOOD.id,
        posts.DELETED.id,
    ]
    package = exported(filled, posts.PHOTO.id)
    held = [Path(str(package.filename)).read_bytes(), *(package.read(name) for name in package.namelist())]
    assert any(b"a note that goes along" in data for data in held)
    for word in words:
        for form in {word.encode(), json.dumps(word).strip('"').encode()}:
            assert not any(form in data for data in held), word


def test_transfer_json_lists_what_went_and_is_signed(filled: Run, tmp_path: Path) -> None:
    package = exported(filled, posts.PHOTO.id, "--to", "Chambers of A. Roe", "--medium", "USB stick 7")
    transfer = json.loads(package.read("transfer.json"))
    assert (transfer["to"], transfer["medium"]) == ("Chambers of A. Roe", "USB stick 7")
    listed = [file["path"] for file in transfer["files"]]
    assert [*listed, "transfer.json", "transfer.json.sig"] == package.namelist()
    (tmp_path / "out").mkdir()
    package.extractall(tmp_path / "out")
    sums = "".join(f"{file['sha256']}  {file['path']}\n" for file in transfer["files"])
    subprocess.run(["sha256sum", "--strict", "--quiet", "-c"], input=sums, cwd=tmp_path / "out", text=True, check=True)


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs OpenSSH")
def test_stock_tools_check_the_signatures_with_the_keys_that_go_along(filled: Run, tmp_path: Path) -> None:
    package = exported(filled, posts.PHOTO.id)
    package.extractall(tmp_path / "out")
    who = package.read("allowed_signers").split()[0].decode()
    documents = [("transfer.json", "archiver-transfer")]
    documents += [(name, "archiver-capture") for name in package.namelist() if name.endswith("tagmanifest-sha256.txt")]
    documents += [(name, "archiver-seal") for name in package.namelist() if name.endswith("/SEAL")]
    assert len(documents) == 3
    for document, namespace in documents:
        command = ["ssh-keygen", "-Y", "verify", "-f", "allowed_signers", "-I", who, "-n", namespace]
        done = subprocess.run(
            [*command, "-s", f"{document}.sig"],
            input=package.read(document),
            cwd=tmp_path / "out",
            capture_output=True,
            check=True,
        )
        assert done.stdout.startswith(b"Good")


def test_the_log_is_told_after_the_package_was_made(filled: Run) -> None:
    capture = ids(filled)[posts.PHOTO.id]
    (told,) = filled("export", capture, "--format", "zip", "--to", "Chambers", "--json").objects
    events = [event for event in filled("log", capture, "--json").objects if event["capture"] == capture]
    assert [event["event"] for event in events[-2:]] == ["exported", "transferred"]
    assert {event["sha256"] for event in events[-2:]} == {told["transfer"]}
    assert events[-2]["text"] == {"to": "Chambers", "medium": "", "file": Path(told["path"]).name}
    package = zipfile.ZipFile(told["path"])
    (log,) = [name for name in package.namelist() if name.endswith(".jsonl")]
    assert b'"exported"' not in package.read(log)


def test_without_recipient_and_medium_it_is_exported_and_not_transferred(filled: Run) -> None:
    filled("export", posts.PHOTO.id, "--format", "zip")
    events = [event["event"] for event in filled("log", "--json").objects]
    assert events.count("exported") == 1
    assert "transferred" not in events


def test_several_captures_go_together_each_once(filled: Run) -> None:
    package = exported(filled, posts.PHOTO.id, posts.FLOOD.id, posts.PHOTO.id)
    transfer = json.loads(package.read("transfer.json"))
    assert transfer["captures"] == sorted(ids(filled)[post.id] for post in (posts.PHOTO, posts.FLOOD))
    assert len({name.split("/")[1] for name in package.namelist() if name.startswith("seals/")}) == 2
    events = [event["capture"] for event in filled("log", "--json").objects if event["event"] == "exported"]
    assert sorted(events) == transfer["captures"]


def test_what_is_to_be_handed_over_besides_is_said(filled: Run) -> None:
    ended = filled("export", posts.PHOTO.id, "--format", "zip")
    assert ended.code == 0
    assert "archiver key show" in ended.err
    assert "pending" not in ended.err
    (path,) = Path().glob("evidence-*.zip")
    sums = subprocess.run(["sha256sum", str(path)], capture_output=True, text=True, check=True).stdout.split()[0]
    assert f"sha256      {sums}" in ended.lines
    assert ids(filled)[posts.PHOTO.id] in path.name


def test_nothing_is_overwritten_and_nothing_is_told_then(filled: Run, tmp_path: Path) -> None:
    (tmp_path / "taken.zip").write_bytes(b"mine")
    ended = filled("export", posts.PHOTO.id, "--format", "zip", "-o", "taken.zip")
    assert ended.code == 2
    assert "-o" in ended.err
    assert (tmp_path / "taken.zip").read_bytes() == b"mine"
    assert "exported" not in [event["event"] for event in filled("log", "--json").objects]


@pytest.mark.parametrize("output", ["evidence/p.zip", "evidence", "evidence/captures/p.zip", "no/such/folder/p.zip"])
def test_a_package_is_not_put_into_the_case_or_nowhere(filled: Run, output: str) -> None:
    assert filled("export", posts.PHOTO.id, "--format", "zip", "-o", output).code == 2
    assert not list(Path("evidence").rglob("*.zip"))


def test_a_folder_may_be_named_for_it(filled: Run, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert filled("export", posts.PHOTO.id, "--format", "zip", "-o", "out").code == 0
    assert len(list((tmp_path / "out").glob("*.zip"))) == 1


@pytest.mark.parametrize("name", ["data/post.json", "data/media/01.jpg", "tagmanifest-sha256.txt.sig", "bagit.txt"])
def test_what_is_damaged_does_not_go(filled: Run, name: str) -> None:
    (path,) = Path("evidence").glob(f"captures/*/{ids(filled)[posts.PHOTO.id]}/{name}")
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    ended = filled("export", posts.PHOTO.id, "--format", "zip")
    assert ended.code == 1
    assert name in ended.err
    assert not list(Path().glob("*.zip"))
    assert not list(Path().glob(".*.part"))


def test_a_capture_whose_seal_is_pending_goes_with_a_warning(
    archiver: Run, stamped: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHIVER_TIMESTAMP_AUTHORITIES", "http://timestamp.nowhere.example/")
    archiver("capture", posts.PHOTO.url)
    ended = archiver("export", "last")
    assert ended.code == 0
    assert "pending" in ended.err
    assert "archiver seal" in ended.err


def test_an_unsigned_capture_goes_unsigned(archiver: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHIVER_SIGNING_UNSIGNED", "true")
    archiver("capture", posts.PHOTO.url)
    package = exported(archiver, "last")
    assert not [name for name in package.namelist() if name.endswith(".sig")]
    assert json.loads(package.read("transfer.json"))["by"] == ""


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 2),
        (["last", "--format", "tar"], 2),
        (["no-such-capture", "--format", "zip"], 12),
        (["last", "--format", "zip", "--to", "a\x1b[31m"], 2),
        (["last", "--format", "zip", "--medium", "x" * 1001], 2),
    ],
)
def test_what_cannot_be_done_is_said(filled: Run, arguments: list[str], code: int) -> None:
    assert filled("export", *arguments).code == code
    assert not list(Path().glob("*.zip"))
