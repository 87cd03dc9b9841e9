"""`archiver verify` as a user meets it: what to name, whom to trust, what is said, exit codes.

The defects themselves are in tests/verify.
"""

from __future__ import annotations

import subprocess
import sys
from itertools import takewhile
from pathlib import Path

import pytest

from archiver.custody.home import Home
from archiver.custody.log import events
from archiver.demo import posts
from archiver.demo.box import Box

from .conftest import Run

LIMIT = "no recording proves to a third party what a server sent"
NOT_TRUSTED = "INTACT, BUT NOT SIGNED BY A KEY THAT YOU TRUST: "


@pytest.fixture
def filled(archiver: Run) -> Run:
    archiver("key", "new", "--as", "Ana Núñez")
    archiver("capture", posts.PHOTO.url)
    archiver("capture", posts.DELETED.url)
    return archiver


@pytest.fixture
def stranger(tmp_path: Path) -> Path:
    """The data folder of somebody else, which is not there yet."""
    return tmp_path.with_name(f"{tmp_path.name}-stranger")


def captures(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "evidence/captures").glob("*/*"))


def damage(capture: Path) -> None:
    target = capture / "data/post.html"
    target.chmod(0o644)
    target.write_bytes(target.read_bytes().replace(b"<", b" ", 1))


def tree(*folders: Path) -> list[tuple[str, int, int]]:
    paths = [path for folder in folders for path in (folder, *folder.rglob("*"))]
    return sorted((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in paths)


def section(out: str, heading: str) -> str:
    """Return what stands under a heading of the summary, as one line."""
    under = out.partition(f"\n{heading}:\n")[2] or out.removeprefix(f"{heading}:\n")
    return " ".join(" ".join(takewhile(lambda line: line.startswith("  "), under.splitlines())).split())


def test_a_sound_case_is_intact_and_its_limit_is_said(filled: Run) -> None:
    ended = filled("verify")
    assert ended.code == 0
    assert ended.lines[-1].startswith("INTACT: 2 captures")
    assert LIMIT in ended.out
    holds = section(ended.out, "What holds")
    assert "2 of 2 captures are signed by ana-nunez@" in holds
    assert "(your own key)" in holds
    assert "custody log is one unbroken chain" in holds
    assert "2 of 2 captures are without a valid time-stamp" in section(ended.out, "What does not")


def test_of_one_capture_it_says_who_signed_and_when_it_existed(box: Box, stamped: None, filled: Run) -> None:
    ended = filled("verify", "last")
    assert ended.code == 0
    holds = section(ended.out, "What holds")
    assert "It is signed by ana-nunez@" in holds
    assert "UTC at the latest, as outside authorities say: " in holds
    assert "authority 1" in holds
    assert "authority 2" in holds
    assert "Its custody manifest was not written before" in holds
    assert section(ended.out, "What does not") == "Nothing was found against it."
    whole = filled("verify", "--require", "timestamped")
    assert whole.code == 0
    assert "2 of 2 captures are time-stamped: 2 by two authorities." in whole.out


@pytest.mark.parametrize("what", ["last", "id", "path", "post", "case"])
def test_what_is_verified_can_be_named_by(filled: Run, tmp_path: Path, what: str) -> None:
    newest = filled("list", "--json").objects[-1]["id"]
    (path,) = (tmp_path / "evidence").glob(f"captures/*/{newest}")
    text = {"last": "last", "id": newest[-6:], "path": str(path), "post": posts.DELETED.id, "case": "evidence"}[what]
    ended = filled("verify", text)
    assert ended.code == 0
    assert ("2 captures" if what == "case" else "1 capture,") in ended.lines[-1]


def test_a_capture_verifies_wherever_it_is(filled: Run, tmp_path: Path) -> None:
    alone = tmp_path / "elsewhere"
    captures(tmp_path)[0].rename(alone)
    ended = filled("verify", "elsewhere")
    assert ended.code == 0
    assert "Seals and time-stamps are looked at with the case" in section(ended.out, "What was not checked")


def test_damage_is_named_with_its_ground_and_ends_in_exit_10(filled: Run, tmp_path: Path) -> None:
    damage(captures(tmp_path)[0])
    ended = filled("verify")
    assert ended.code == 10
    assert any("data/post.html" in line and line.endswith("[provable]") for line in ended.lines)
    assert ended.lines[-1].startswith("ALTERED")
    assert "In 1 of 2 captures themselves nothing is wrong." in section(ended.out, "What holds")
    assert "content was changed (1)" in section(ended.out, "What does not")
    (*findings, verdict) = filled("verify", "--json").objects
    assert verdict["type"] == "verdict"
    assert verdict["verdict"] == "altered"
    assert verdict["failures"] == sum(finding["level"] == "failure" for finding in findings)
    common = {"type", "level", "check", "path", "ground", "detail"}
    assert all(set(finding) == common for finding in findings if finding["check"] != "extent")


def test_json_says_what_each_capture_stands_on(box: Box, stamped: None, filled: Run) -> None:
    (*findings, verdict) = filled("verify", "--json").objects
    extents = [finding for finding in findings if finding["check"] == "extent"]
    assert [(one["signature"], one["basis"], len(one["stamps"]), len(one["opened"])) for one in extents] == [
        ("trusted", "your own key", 2, 2)
    ] * 2
    assert all(set(stamp) == {"authority", "time"} for one in extents for stamp in one["stamps"])
    assert {name: verdict[name] for name in ("signed", "trusted", "stamped", "required", "met")} == {
        "signed": 2,
        "trusted": 2,
        "stamped": 2,
        "required": "signed",
        "met": True,
    }


def test_a_stranger_is_told_whose_key_it_is_not_and_how_to_trust(
    filled: Run, stranger: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = Home(tmp_path.with_name(f"{tmp_path.name}-home"))
    key = home.public()
    assert key is not None
    line = (home.path / "installation.pub").read_text()
    monkeypatch.setenv("ARCHIVER_SIGNING_FOLDER", str(stranger))
    ended = filled("verify")
    assert ended.code == 11
    assert ended.lines[-1].startswith(f"{NOT_TRUSTED}2 captures")
    assert f"2 of 2 captures are signed by {key.fingerprint}, whom you do not trust" in ended.out
    assert "archiver key trust" in ended.err
    assert not stranger.exists()
    assert filled("verify", "--require", "intact").code == 0
    verdict = filled("verify", "--json").objects[-1]
    assert (verdict["verdict"], verdict["met"], verdict["signed"], verdict["trusted"]) == ("intact", False, 2, 0)

    (tmp_path / "signers").write_text(f"# whom the court named\n{line}")
    ended = filled("verify", "--allowed-signers", "signers")
    assert ended.code == 0
    assert "(a key in the file that you named with --allowed-signers)" in section(ended.out, "What holds")
    filled("key", "trust", "-y", line.strip())
    ended = filled("verify")
    assert ended.code == 0
    assert "(a key that you chose to trust)" in section(ended.out, "What holds")
    filled("key", "revoke", "-y", key.fingerprint)
    ended = filled("verify", "--allowed-signers", "signers")
    assert ended.code == 11
    assert "you have revoked it" in ended.out


def test_the_public_half_of_the_key_of_the_settings_is_ones_own(
    filled: Run, stranger: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = Home(tmp_path.with_name(f"{tmp_path.name}-home"))
    key = home.public()
    assert key is not None
    (tmp_path / "mine.pub").write_text(f"{key.line} me\n")
    monkeypatch.setenv("ARCHIVER_SIGNING_FOLDER", str(stranger))
    monkeypatch.setenv("ARCHIVER_SIGNING_KEY", "mine.pub")
    assert filled("verify").code == 0


def test_below_what_is_required_is_exit_11(filled: Run) -> None:
    ended = filled("verify", "--require", "timestamped")
    assert ended.code == 11
    assert ended.lines[-1].startswith("INTACT, BUT NOT TIME-STAMPED: 2 captures")
    assert "archiver seal" in ended.err


def test_roots_can_be_named(box: Box, stamped: None, filled: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARCHIVER_TIMESTAMP_ROOTS")
    ended = filled("verify", "--require", "timestamped")
    assert ended.code == 11
    assert "--tsa-roots" in ended.err
    assert filled("verify").code == 0
    assert filled("verify", "--require", "timestamped", "--tsa-roots", str(box.tsa_roots_file)).code == 0


def test_an_unsigned_capture_is_said_to_be_one(archiver: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHIVER_SIGNING_UNSIGNED", "true")
    archiver("capture", posts.PHOTO.url)
    ended = archiver("verify")
    assert ended.code == 11
    assert "unsigned, by an explicit setting" in ended.out
    assert "It is not validly signed." in section(ended.out, "What does not")
    assert ended.lines[-1].startswith("INTACT, BUT NOT SIGNED: ")
    assert "the holder of the key" not in ended.out
    assert ("key trust" in ended.err, "--require intact" in ended.err) == (False, True)
    assert archiver("verify", "--require", "intact").code == 0
    monkeypatch.delenv("ARCHIVER_SIGNING_UNSIGNED")
    archiver("capture", posts.TEXT.url)
    assert archiver("verify").lines[-1].startswith("INTACT, BUT NOT ALL SIGNED: ")


def test_what_is_altered_is_nowhere_called_intact(filled: Run, tmp_path: Path) -> None:
    damage(captures(tmp_path)[0])
    ended = filled("verify")
    assert ended.lines[-1].startswith("ALTERED: ")
    assert LIMIT in ended.out
    assert "it is intact" not in ended.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("--allowed-signers", "none"),
        ("--allowed-signers", "pattern"),
        ("--tsa-roots", "none"),
        ("--tsa-roots", "pattern"),
        ("--require", "everything"),
    ],
)
def test_what_cannot_be_used_is_exit_2(filled: Run, tmp_path: Path, arguments: tuple[str, str]) -> None:
    (tmp_path / "pattern").write_text("*@example.org ssh-ed25519 AAAA\n")
    assert filled("verify", *arguments).code == 2


def test_verify_writes_nothing(filled: Run, tmp_path: Path) -> None:
    home = tmp_path.with_name(f"{tmp_path.name}-home")
    before = tree(tmp_path / "evidence", home)
    filled("verify")
    filled("verify", "last")
    damage(captures(tmp_path)[0])
    changed = tree(tmp_path / "evidence", home)
    filled("verify")
    assert before != changed == tree(tmp_path / "evidence", home)


def test_recording_is_one_line_for_each_capture_named_or_for_the_case(filled: Run, tmp_path: Path) -> None:
    case = tmp_path / "evidence"
    named = sorted(path.name for path in captures(tmp_path))
    assert filled("verify", "--record").code == 0
    assert filled("verify", "--record", "--require", "timestamped", *named).code == 11
    damage(captures(tmp_path)[0])
    assert filled("verify", "--record").code == 10
    found = [event for event in events(case) if event.line.event == "verified"]
    assert [(event.line.capture, event.line.what) for event in found] == [
        ("", "intact"),
        *((name, "intact-not-timestamped") for name in named),
        ("", "altered"),
    ]
    assert [event.text["required"] for event in found if event.text] == [
        "signed",
        "timestamped",
        "timestamped",
        "signed",
    ]
    assert [event.text["captures"] for event in found if event.text] == ["2", "1", "1", "2"]
    assert "custody log" in section(filled("verify", named[1]).out, "What holds")


def test_what_is_in_no_case_cannot_be_recorded(filled: Run, tmp_path: Path) -> None:
    captures(tmp_path)[0].rename(tmp_path / "elsewhere")
    assert filled("verify", "elsewhere", "--record").code == 2


def test_a_verification_that_cannot_be_recorded_keeps_its_verdict(filled: Run, tmp_path: Path) -> None:
    (tmp_path / "evidence/case.json").write_bytes(b"{}")
    ended = filled("verify", "--record")
    assert ended.code == 10
    assert "not recorded" in ended.err


def test_verbose_says_what_holds(filled: Run) -> None:
    assert len(filled("verify", "-v").lines) > len(filled("verify").lines)


def test_quiet_leaves_the_summary_out(filled: Run) -> None:
    ended = filled("verify", "-q")
    assert "What holds" not in ended.out
    assert ended.lines[-1].startswith("INTACT")


def test_many_of_a_kind_are_told_as_a_number(filled: Run, stranger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        filled("capture", "--again", posts.DELETED.url)
    monkeypatch.setenv("ARCHIVER_SIGNING_FOLDER", str(stranger))
    ended = filled("verify")
    assert sum(line.startswith("warning trust") for line in ended.lines) == 6
    assert any(line.startswith("warning trust             and 2 more") for line in ended.lines)
    assert sum(line.startswith("warning trust") for line in filled("verify", "-v").lines) == 7


@pytest.mark.parametrize("arguments", [["verify", "nothing-there"], ["-C", "none", "verify"], ["verify", "/"]])
def test_nothing_to_verify_is_exit_12(filled: Run, arguments: list[str]) -> None:
    assert filled(*arguments).code == 12


def test_verification_loads_nothing_that_could_connect() -> None:
    """Held at import, for code that reaches the network could otherwise be called by mistake."""
    names = ("socket", "ssl", "http", "httpx", "httpcore", "h11", "subprocess", "filelock")
    program = f"import archiver.verify, sys; print([name for name in {names} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
