"""`archiver key`: what people give to a lawyer, whom they trust, and a key that survives the laptop."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from archiver.custody import keys, sshsig
from archiver.custody.home import Home
from archiver.demo import posts

if TYPE_CHECKING:
    from tests.conftest import Ended

Run = Callable[..., "Ended"]
ROOT = Path(__file__).parents[2]
JANE = keys.FileSigner(keys.Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
posix = pytest.mark.skipif(os.name != "posix", reason="a terminal of POSIX")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    folder = tmp_path / "home"
    monkeypatch.setenv("ARCHIVER_SIGNING_FOLDER", str(folder))
    monkeypatch.delenv("ARCHIVER_SIGNING_PASSPHRASE", raising=False)
    return Home(folder)


@pytest.fixture
def key(command: Run, home: Home) -> Run:
    """Return a function that runs `archiver key ARGUMENTS` with a data folder of the test's own."""
    return lambda *arguments: command("key", *arguments)


def test_new_makes_a_key_for_the_stated_name(key: Run, home: Home) -> None:
    ended = key("new", "--as", "Zoë O'Neil")
    assert ended.code == 0
    public = home.public()
    assert public is not None
    assert public.fingerprint in ended.out
    assert f"zoe-o-neil@{public.short} {public.line}" in ended.lines
    assert home.operator == "Zoë O'Neil"
    assert "backup" in ended.err


def test_new_retires_the_key_that_was_there(key: Run, home: Home) -> None:
    old = home.installation().key
    ended = key("new", "--as", "Jane")
    assert f"retired {old.fingerprint}" in ended.err
    assert [signer.key for signer in home.retired()] == [old]


@pytest.mark.parametrize("name", ["a\x1b[31mb", "a\nb", "\u202eb"])
def test_a_name_with_control_characters_is_refused(key: Run, home: Home, name: str) -> None:
    ended = key("new", "--as", name)
    assert ended.code == 2
    assert "control characters" in ended.err
    assert "\x1b" not in ended.err + ended.out
    assert home.public() is None


def test_show_makes_no_key(key: Run, home: Home) -> None:
    ended = key("show")
    assert ended.code == 2
    assert "archiver key new --as NAME" in ended.err
    assert not home.path.exists()


def test_show_prints_what_checks_a_signature(key: Run, home: Home, tmp_path: Path) -> None:
    key("new", "--as", "Jane Doe")
    ended = key("show")
    assert ended.code == 0
    assert ended.lines[0].split(None, 1) == ["operator", "Jane Doe"]
    assert "allowed_signers" in ended.out
    signer = home.installation()
    (line,) = (line for line in ended.lines if signer.key.line in line)
    (tmp_path / "allowed_signers").write_text(f"{line}\n")
    (tmp_path / "sig").write_bytes(signer.sign(b"bag", sshsig.CAPTURE))
    words = ("-f", "allowed_signers", "-I", line.split()[0], "-n", sshsig.CAPTURE, "-s", "sig")
    subprocess.run(("ssh-keygen", "-Y", "verify", *words), cwd=tmp_path, input=b"bag", check=True, capture_output=True)


def test_show_tells_of_earlier_keys_and_of_one_s_own(
    key: Run, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = home.installation().key
    key("new", "--as", "Jane")
    own = tmp_path / "own"
    keys.write_file(own, keys.encode(JANE.private, "secret"))
    monkeypatch.setenv("ARCHIVER_SIGNING_KEY", str(own))
    shown = {value["role"]: value for value in key("show", "--json").objects}
    assert list(shown) == ["installation", "own", "retired"]
    assert shown["retired"]["fingerprint"] == old.fingerprint
    assert shown["own"]["line"] == f"jane@{JANE.key.short} {JANE.key.line}"
    assert all(value["type"] == "key" and value["operator"] == "Jane" for value in shown.values())
    text = key("show").out
    assert JANE.key.fingerprint in text
    assert old.line in text


def test_show_marks_a_revoked_key(key: Run, home: Home) -> None:
    fingerprint = home.installation().key.fingerprint
    assert "new installation key" in key("revoke", fingerprint).err
    assert "REVOKED" in key("show").out


def test_the_first_capture_says_that_a_key_was_made(command: Run, home: Home) -> None:
    first = command("capture", posts.TEXT.url)
    public = home.public()
    assert public is not None
    assert public.fingerprint in first.err
    assert "archiver key backup" in first.err
    assert "key" not in command("capture", posts.PHOTO.url).err


def test_trust_takes_a_line_and_shows_the_fingerprint(key: Run, home: Home) -> None:
    line = f'jane@example namespaces="archiver-capture",valid-before="20300101Z" {JANE.key.line}'
    ended = key("trust", line)
    assert ended.code == 0
    assert JANE.key.fingerprint in ended.out
    assert "2030-01-01" in ended.out
    (signer,) = home.trusted()
    assert signer.principals == ("jane@example",)
    assert signer.namespaces == ("archiver-capture",)
    assert "0 added" in key("trust", line).err
    assert len(home.trusted()) == 1


def test_trust_takes_a_file_of_several_lines(key: Run, home: Home, tmp_path: Path) -> None:
    other = keys.FileSigner(keys.generate()).key
    file = tmp_path / "their signers"
    file.write_text(f"# theirs\njane@example {JANE.key.line}\n{other.line} bob's laptop\n")
    ended = key("trust", str(file), "--json")
    assert [(value["principals"], value["added"]) for value in ended.objects] == [
        (["jane@example"], True),
        ([f"bob-s-laptop@{other.short}"], True),
    ]
    assert {signer.key for signer in home.trusted()} == {JANE.key, other}


@pytest.mark.parametrize(
    "what",
    [
        f"* {JANE.key.line}",
        f"*@example {JANE.key.line}",
        f"jane@example cert-authority {JANE.key.line}",
        f'jane@example valid-after="20250101" {JANE.key.line}',
        f"jane@example {JANE.key.line[:-5]}",
        "absent-file",
        "",
        "a\0b",
        "x" * 5000,
        ".",
    ],
)
def test_trust_refuses_the_rest(key: Run, home: Home, what: str) -> None:
    ended = key("trust", what, "-y")
    assert ended.code == 2
    assert "next: " in ended.err
    assert "Traceback" not in ended.err
    assert home.trusted() == ()


def test_a_private_key_is_not_what_is_trusted(key: Run, home: Home, tmp_path: Path) -> None:
    (tmp_path / "theirs").write_bytes(keys.encode(keys.generate()))
    ended = key("trust", str(tmp_path / "theirs"), "-y")
    assert ended.code == 2
    assert ".pub" in ended.err
    assert home.trusted() == ()


def test_one_bad_line_and_nobody_of_the_file_is_trusted(key: Run, home: Home, tmp_path: Path) -> None:
    file = tmp_path / "signers"
    file.write_text(f"jane@example {JANE.key.line}\n*@example {JANE.key.line}\n")
    ended = key("trust", str(file))
    assert ended.code == 2
    assert "line 2" in ended.err
    assert home.trusted() == ()


def test_what_a_file_says_cannot_move_the_cursor(key: Run, home: Home, tmp_path: Path) -> None:
    file = tmp_path / "signers"
    file.write_text(f"jane\u202e@example {JANE.key.line}\n", "utf-8")
    ended = key("trust", str(file))
    assert "\u202e" not in ended.out + ended.err


@pytest.mark.parametrize("form", ["fingerprint", "line", "signer"])
def test_revoke_ends_trust(key: Run, home: Home, form: str) -> None:
    key("trust", f"jane@example {JANE.key.line}")
    what = {
        "fingerprint": JANE.key.fingerprint,
        "line": JANE.key.line,
        "signer": f"jane@example {JANE.key.line}",
    }[form]
    assert key("revoke", what).code == 0
    assert home.trusted() == ()
    assert home.revoked() == (JANE.key,)
    ended = key("trust", f"jane@example {JANE.key.line}")
    assert ended.code == 2
    assert "revoked" in ended.err


@pytest.mark.parametrize("what", ["SHA256:unknown", "text", "", "ssh-ed25519 AAAA", "\udcff"])
def test_revoke_refuses_what_is_no_key(key: Run, home: Home, what: str) -> None:
    assert key("revoke", what).code == 2
    assert home.revoked() == ()


@pytest.mark.parametrize("passphrase", ["", "pass phrase é"])
def test_a_backup_brings_the_key_to_a_new_machine(
    key: Run, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passphrase: str
) -> None:
    key("new", "--as", "Jane")
    public = home.public()
    monkeypatch.setenv("ARCHIVER_SIGNING_PASSPHRASE", passphrase)
    file = tmp_path / "backup"
    ended = key("backup", str(file))
    assert ended.code == 0
    assert ("NOT encrypted" in ended.err) is (passphrase == "")
    assert file.stat().st_mode & 0o077 == 0 or os.name != "posix"
    assert keys.read_file(file).encrypted is bool(passphrase)
    before = file.read_bytes()
    assert key("backup", str(file)).code == 2
    assert file.read_bytes() == before

    monkeypatch.setenv("ARCHIVER_SIGNING_FOLDER", str(tmp_path / "new machine"))
    made_there = Home(tmp_path / "new machine").installation().key
    assert key("restore", str(file), "--as", "Jane").code == 0
    there = Home(tmp_path / "new machine")
    assert there.public() == public
    assert there.operator == "Jane"
    assert [signer.key for signer in there.retired()] == [made_there]


def test_a_backup_asks_or_is_told_and_never_guesses(key: Run, home: Home, tmp_path: Path) -> None:
    home.installation()
    ended = key("backup", str(tmp_path / "backup"))
    assert ended.code == 2
    assert "ARCHIVER_SIGNING_PASSPHRASE" in ended.err
    assert not (tmp_path / "backup").exists()


def test_there_is_no_backup_of_no_key(key: Run, home: Home, tmp_path: Path) -> None:
    assert key("backup", str(tmp_path / "backup")).code == 2
    assert not home.path.exists()


def test_restore_refuses_what_is_no_key_of_an_installation(
    key: Run, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHIVER_SIGNING_PASSPHRASE", "wrong")
    encrypted, damaged, foreign = tmp_path / "encrypted", tmp_path / "damaged", tmp_path / "foreign"
    keys.write_file(encrypted, keys.encode(JANE.private, "secret"))
    keys.write_file(damaged, keys.encode(JANE.private)[:-80])
    subprocess.run(["ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", foreign], check=True)
    for file in (encrypted, damaged, foreign, tmp_path / "absent", tmp_path):
        ended = key("restore", str(file))
        assert ended.code == 2
        assert "next: " in ended.err
    assert home.public() is None


def test_a_damaged_key_is_named_without_a_traceback(key: Run, home: Home) -> None:
    home.installation()
    (home.path / "installation.key").write_bytes(b"\0")
    for arguments in (("show",), ("new", "--as", "x"), ("backup", "file")):
        ended = key(*arguments)
        assert ended.code == 2
        assert "installation.key" in ended.err
        assert "Traceback" not in ended.err


def on_terminal(home: Home, typed: list[bytes], *arguments: str) -> tuple[int, str]:
    """Run `archiver key ARGUMENTS` on a terminal of its own, and type one line at each question."""
    environment = os.environ | {"ARCHIVER_SIGNING_FOLDER": str(home.path), "PYTHONPATH": str(ROOT)}
    terminal, inside = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "archiver", "key", *arguments],
        stdin=inside,
        stdout=inside,
        stderr=inside,
        env=environment,
        start_new_session=True,
    )
    os.close(inside)
    shown, waiting = b"", list(typed)
    while select.select([terminal], [], [], 60)[0]:
        try:
            data = os.read(terminal, 4096)
        except OSError:  # What Linux says at the end of a terminal.
            break
        shown += data
        if not data:
            break
        if waiting and shown.endswith(b": "):
            os.write(terminal, waiting.pop(0) + b"\n")
    os.close(terminal)
    return process.wait(60), shown.decode()


@posix
def test_on_a_terminal_people_are_asked(home: Home, tmp_path: Path) -> None:
    line = f"jane@example {JANE.key.line}"
    code, shown = on_terminal(home, [b"n"], "trust", line)
    assert code == 2
    assert JANE.key.fingerprint in shown
    assert home.trusted() == ()
    assert on_terminal(home, [b"y"], "trust", line)[0] == 0
    assert [signer.key for signer in home.trusted()] == [JANE.key]

    home.installation()
    code, shown = on_terminal(home, [b"secret", b"secret"], "backup", str(tmp_path / "backup"))
    assert code == 0
    assert "secret" not in shown
    assert keys.unlock(keys.read_file(tmp_path / "backup"), lambda: "secret")
