"""What a killed run left in staging is finished by the next run as if it had never been killed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from archiver.case.store import open_case
from archiver.custody.home import Home
from archiver.custody.log import CustodyLog
from archiver.demo import posts
from archiver.hashing import sha256_hex

Command = Callable[..., object]
SIGNATURE, SEAL_SIGNATURE = "tagmanifest-sha256.txt.sig", "SEAL.sig"


def begun(tmp_path: Path) -> tuple[Path, CustodyLog]:
    """Take the log of the one capture back to where it told of its start only; return the bag and the log."""
    case, home = tmp_path / "evidence", Home(tmp_path.with_name(f"{tmp_path.name}-home"))
    (bag,) = (case / "captures").glob("*/*")
    for folder in (case / "custody", home.path / "writers"):
        shutil.rmtree(folder)
    told = json.loads((bag / "data" / "custody-manifest.json").read_bytes())
    commitment = sha256_hex(f"{told['salt']} {told['url']}".encode("ascii"))
    log = CustodyLog(open_case(case), home.path, home.installation())
    log.append("started", capture=bag.name, sha256=commitment)
    return bag, log


def staged(tmp_path: Path) -> Path:
    """Put the one capture back to where it stood before it was acquired, and return the bag."""
    case = tmp_path / "evidence"
    bag, _ = begun(tmp_path)
    shutil.rmtree(case / "seals")
    corner = case / ".work" / "run-abcdefgh" / "staging"
    corner.mkdir(parents=True)
    return bag.rename(corner / bag.name)


@pytest.mark.parametrize("length", [None, 0, 1, 100, -1])
def test_a_kill_while_the_signature_was_written(command: Command, tmp_path: Path, length: int | None) -> None:
    command("capture", posts.PHOTO.url)
    bag = staged(tmp_path)
    whole = (bag / SIGNATURE).read_bytes()
    (bag / SIGNATURE).unlink()
    if length is not None:
        (bag / SIGNATURE).write_bytes(whole[:length])
    assert command("capture", posts.TEXT.url).code == 0
    found = tmp_path / "evidence" / "captures" / f"{bag.name[:4]}-{bag.name[4:6]}-{bag.name[6:8]}" / bag.name
    assert (found / SIGNATURE).read_bytes() == whole
    ended = command("verify")
    assert ended.code == 0
    assert "interrupted" not in ended.out


def test_a_signature_of_another_key_is_not_ours_to_replace(command: Command, tmp_path: Path) -> None:
    command("capture", posts.PHOTO.url)
    bag = staged(tmp_path)
    torn = (bag / SIGNATURE).read_bytes()[:100]
    (bag / SIGNATURE).unlink()
    (bag / SIGNATURE).write_bytes(torn)
    command("key", "new", "--as", "Jane")
    assert f"kept in {Path('evidence', '.work', 'run-abcdefgh')}" in command("capture", posts.TEXT.url).err
    assert (bag / SIGNATURE).read_bytes() == torn
    (failed,) = [event for event in command("log", "--json").objects if event["event"] == "failed"]
    assert (failed["capture"], failed["what"]) == (bag.name, "interrupted")
    assert command("verify").code == 0


@pytest.mark.parametrize("others", [False, True])
def test_a_kill_between_a_seal_and_its_signature(command: Command, tmp_path: Path, others: bool) -> None:
    command("capture", posts.PHOTO.url)
    case = tmp_path / "evidence"
    (seal,) = (case / "seals").iterdir()
    whole = (seal / SEAL_SIGNATURE).read_bytes()
    bag, log = begun(tmp_path)
    log.append("acquired", capture=bag.name, sha256=sha256_hex((bag / "tagmanifest-sha256.txt").read_bytes()))
    (seal / SEAL_SIGNATURE).unlink()
    (case / ".work" / "run-abcdefgh").mkdir()
    if others:
        # Of another installation, whose half of a seal may be on its way here.
        CustodyLog(open_case(case), tmp_path / "elsewhere", None).append("noted", capture=bag.name, text={"note": "x"})
    command("capture", posts.TEXT.url)
    assert (seal / SEAL_SIGNATURE).exists() != others
    if not others:
        assert (seal / SEAL_SIGNATURE).read_bytes() == whole
    assert ("the seal was not signed" in command("verify").out) == others
