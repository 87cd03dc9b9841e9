"""`archiver seal`: what a run could not finish is finished later; and the user's own key, which signs seals."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from archiver.custody import seal as document
from archiver.custody import sshsig
from archiver.custody.sshkeys import PublicKey, parse_public
from archiver.demo import posts
from archiver.demo.box import Box
from archiver.demo.faults import Stall, Status

from .conftest import Run
from .terminal import on_terminal

ONE, TWO = "timestamp-one-example", "timestamp-two-example"
PASSPHRASE = "a goose on the quay"


def seals(folder: Path) -> list[Path]:
    return sorted((folder / "evidence/seals").iterdir())


def replies(folder: Path) -> list[str]:
    return sorted(path.name for item in seals(folder) for path in item.glob("SEAL.*.tsr"))


def listed(path: Path) -> document.Seal:
    return document.parse((path / "SEAL").read_bytes())


def stamped_events(run: Run) -> set[str]:
    return {event["what"] for event in run("log", "--json").objects if event["event"] == "time-stamped"}


@pytest.fixture
def own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PublicKey:
    """An encrypted key of the user's own, which the settings name."""
    path = tmp_path.with_name(f"{tmp_path.name}-own")
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", PASSPHRASE, "-C", "", "-f", str(path)]
    subprocess.run(words, check=True, timeout=30)
    monkeypatch.setenv("ARCHIVER_SIGNING_KEY", str(path))
    monkeypatch.delenv("ARCHIVER_SIGNING_PASSPHRASE", raising=False)
    return parse_public(path.with_name(f"{path.name}.pub").read_text(encoding="utf-8"))


def signer(folder: Path) -> PublicKey:
    (path,) = seals(folder)
    return sshsig.verify((path / "SEAL.sig").read_bytes(), (path / "SEAL").read_bytes(), sshsig.SEAL)


@pytest.mark.usefixtures("stamped")
def test_after_a_run_nothing_is_due(archiver: Run, box: Box, tmp_path: Path) -> None:
    assert archiver("capture", posts.TEXT.url).code == 0
    assert replies(tmp_path) == [f"SEAL.{ONE}.tsr", f"SEAL.{TWO}.tsr"]
    asked = len(box.exchanges)
    ended = archiver("seal")
    assert (ended.code, ended.out) == (0, "")
    assert "nothing is due" in ended.err
    assert archiver("seal", "--json").objects == [{"type": "summary", "pending": 0, "exit": 0}]
    assert (len(box.exchanges), len(seals(tmp_path))) == (asked, 1)


@pytest.mark.usefixtures("stamped")
def test_an_authority_that_was_down_is_asked_again(archiver: Run, box: Box, tmp_path: Path) -> None:
    # Twice while the run goes on, for its opening and its seal, and once more after it.
    box.faults.add(Status(503), host="timestamp.two.example", times=3)
    captured = archiver("capture", posts.TEXT.url)
    assert captured.code == 0
    assert "'archiver seal' asks again" in captured.err
    (name,) = (path.name for path in seals(tmp_path))

    still = archiver("seal")
    assert still.code == 4
    (line,) = still.lines
    assert line.split()[:3] == ["pending", name, TWO]
    assert "503" in line
    assert "archiver seal" in still.err

    ended = archiver("seal", "--json")
    assert ended.code == 0
    stamp, summary = ended.objects
    assert (stamp["type"], stamp["outcome"], stamp["authority"], stamp["seal"]) == ("time-stamp", "stamped", TWO, name)
    assert stamp["path"] == f"seals/{name}/SEAL.{TWO}.tsr"
    assert summary == {"type": "summary", "pending": 0, "exit": 0}
    assert (tmp_path / "evidence" / stamp["path"]).is_file()
    assert stamp["path"] in stamped_events(archiver)


@pytest.mark.usefixtures("stamped")
def test_a_run_that_captures_nothing_new_asks_for_what_is_overdue(archiver: Run, box: Box, tmp_path: Path) -> None:
    assert archiver("capture", "--no-timestamp", posts.TEXT.url).code == 0
    assert replies(tmp_path) == []
    ended = archiver("capture", posts.TEXT.url)
    assert (ended.code, len(seals(tmp_path))) == (0, 1)
    assert replies(tmp_path) == [f"SEAL.{ONE}.tsr", f"SEAL.{TWO}.tsr"]


@pytest.mark.usefixtures("stamped")
def test_authorities_that_refuse_this_run_are_not_asked_for_earlier_ones(archiver: Run, box: Box) -> None:
    assert archiver("capture", "--no-timestamp", posts.TEXT.url).code == 0
    for host in ("timestamp.one.example", "timestamp.two.example"):
        box.faults.add(Status(503), host=host, times=9)
    assert archiver("capture", posts.PHOTO.url).code == 0
    # Each for the opening and the seal of this run.
    assert [len(box.requests(f"timestamp.{name}.example")) for name in ("one", "two")] == [2, 2]


@pytest.mark.usefixtures("stamped")
def test_a_bad_reply_is_refused_with_its_reason_and_asked_for_again(archiver: Run, box: Box, tmp_path: Path) -> None:
    box.faults.add(box.timestamps.bad("wrong-nonce"), host="timestamp.one.example", times=3)
    assert archiver("capture", posts.TEXT.url).code == 0
    (pending, summary) = archiver("seal", "--json").objects
    assert (pending["outcome"], pending["authority"], pending["path"]) == ("pending", ONE, None)
    assert "answers another request" in pending["words"]
    assert summary == {"type": "summary", "pending": 1, "exit": 4}
    assert replies(tmp_path) == [f"SEAL.{TWO}.tsr"]
    assert archiver("seal").code == 0
    assert replies(tmp_path) == [f"SEAL.{ONE}.tsr", f"SEAL.{TWO}.tsr"]


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of POSIX")
@pytest.mark.usefixtures("stamped")
def test_who_does_not_want_to_wait_for_an_authority_need_not(box: Box, tmp_path: Path) -> None:
    for host in ("timestamp.one.example", "timestamp.two.example"):
        box.faults.add(Stall(0, 60), host=host, times=9)
    ended = on_terminal(tmp_path, ("capture", posts.TEXT.url), ("Name:", "\n"), ("waited for", "\x03"))
    assert ended.code == 130
    assert "Traceback" not in ended.drawn
    assert [path.name for path in seals(tmp_path)[0].iterdir() if path.name == "SEAL"] == ["SEAL"]


@pytest.mark.usefixtures("stamped")
def test_an_authority_counts_once(archiver: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "http://timestamp.one.example/"
    monkeypatch.setenv("ARCHIVER_TIMESTAMP_AUTHORITIES", f"{url}, {url}ecc")
    refused = archiver("capture", posts.TEXT.url)
    assert refused.code == 2
    assert ONE in refused.err
    monkeypatch.setenv("ARCHIVER_TIMESTAMP_AUTHORITIES", f"{url}, {url}")
    captured = archiver("capture", posts.TEXT.url)
    assert (captured.code, replies(tmp_path)) == (0, [f"SEAL.{ONE}.tsr"])
    assert "time-stamp" not in captured.err


@pytest.mark.usefixtures("stamped")
def test_captures_in_no_seal_get_one(archiver: Run, tmp_path: Path) -> None:
    assert archiver("capture", "--no-timestamp", posts.TEXT.url).code == 0
    assert archiver("capture", "--no-timestamp", posts.PHOTO.url).code == 0
    capture = archiver("list", "--json").objects[1]["id"]
    (last,) = [path for path in seals(tmp_path) if listed(path).captures == (capture,)]
    shutil.rmtree(last)
    (first,) = seals(tmp_path)
    ended = archiver("seal", "--json")
    assert ended.code == 0
    made = next(item for item in ended.objects if item["type"] == "seal")
    assert made["captures"] == [capture]
    assert made["earlier"] == [first.name]
    assert {item["seal"] for item in ended.objects if item["type"] == "time-stamp"} == {first.name, made["seal"]}
    assert len(replies(tmp_path)) == 4


@pytest.mark.usefixtures("stamped")
def test_renewing_lists_every_earlier_seal_with_its_replies(archiver: Run, tmp_path: Path) -> None:
    assert archiver("capture", posts.TEXT.url).code == 0
    assert archiver("capture", "--no-timestamp", posts.PHOTO.url).code == 0
    earlier = seals(tmp_path)
    ended = archiver("seal", "--renew")
    assert ended.code == 0
    (new,) = set(seals(tmp_path)) - set(earlier)
    named = listed(new).digests
    assert listed(new).captures == ()
    for folder in earlier:
        for file in ("SEAL", "SEAL.sig", f"SEAL.{ONE}.tsr", f"SEAL.{TWO}.tsr"):
            assert f"seals/{folder.name}/{file}" in named
    assert sorted(path.name for path in new.glob("SEAL.*.tsr")) == [f"SEAL.{ONE}.tsr", f"SEAL.{TWO}.tsr"]
    assert f"sealed    {new.name}  captures: 0, earlier seals that it lists: 2" in ended.lines


@pytest.mark.usefixtures("stamped")
def test_where_nothing_was_sealed_nothing_is_renewed(archiver: Run, tmp_path: Path) -> None:
    archiver("capture", posts.UNCLEAR.url)
    shutil.rmtree(tmp_path / "evidence/seals")
    assert archiver("seal", "--renew").code == 0
    (made,) = (tmp_path / "evidence/seals").iterdir()
    assert listed(made).earlier == ()


def test_without_authorities_there_is_no_renewing(archiver: Run, tmp_path: Path) -> None:
    assert archiver("capture", posts.TEXT.url).code == 0
    ended = archiver("seal")
    assert ended.code == 0
    assert "no time-stamps were asked for" in ended.err
    assert archiver("seal", "--renew").code == 2
    assert len(seals(tmp_path)) == 1


def test_without_a_case_there_is_nothing_to_seal(archiver: Run, tmp_path: Path) -> None:
    assert archiver("seal").code == 12
    assert not (tmp_path / "evidence").exists()


def test_the_help_says_when_to_renew(archiver: Run) -> None:
    words = " ".join(archiver("seal", "--help").out.split())
    assert "before the certificate of an authority runs out" in words


def test_the_passphrase_of_ones_own_key_comes_from_the_environment(
    archiver: Run, own_key: PublicKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHIVER_SIGNING_PASSPHRASE", PASSPHRASE)
    assert archiver("capture", posts.TEXT.url).code == 0
    assert signer(tmp_path) == own_key


@pytest.mark.usefixtures("own_key")
def test_without_the_passphrase_nothing_is_asked_of_the_network(archiver: Run, box: Box) -> None:
    ended = archiver("capture", posts.TEXT.url)
    assert ended.code == 2
    assert "ARCHIVER_SIGNING_PASSPHRASE" in ended.err
    assert box.exchanges == ()


@pytest.mark.usefixtures("own_key")
def test_a_wrong_passphrase_is_said_to_be_wrong(archiver: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHIVER_SIGNING_PASSPHRASE", "a duck")
    ended = archiver("capture", posts.TEXT.url)
    assert ended.code == 2
    assert "passphrase is wrong" in ended.err
    assert "duck" not in ended.err


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX terminals")
def test_on_a_terminal_the_passphrase_is_asked_for_and_not_shown(
    archiver: Run, own_key: PublicKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHIVER_CUSTODY_OPERATOR", "Sam")
    session = on_terminal(tmp_path, ("capture", posts.TEXT.url), ("Passphrase of your own key: ", f"{PASSPHRASE}\n"))
    assert session.code == 0
    assert PASSPHRASE not in session.drawn + session.out
    assert signer(tmp_path) == own_key
    shutil.rmtree(tmp_path / "evidence/seals")
    assert on_terminal(tmp_path, ("seal",), ("Passphrase of your own key: ", f"{PASSPHRASE}\n")).code == 0
    assert signer(tmp_path) == own_key
