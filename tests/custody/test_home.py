"""The data folder of an installation: one key however many ask, none ever lost, and trust only where it was given."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver import canonical
from archiver.custody import keys, signers, sshsig
from archiver.custody.home import Home, check_operator
from archiver.custody.signers import AllowedSigner
from archiver.errors import ConfigError, UsageError

ROOT = Path(__file__).parents[2]
JANE = keys.FileSigner(keys.Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
TRUSTED = AllowedSigner(principals=("jane@example",), key=JANE.key)
posix = pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "data" / "home")


def test_looking_makes_nothing(home: Home) -> None:
    assert home.public() is None
    assert (home.own_keys(), home.retired(), home.trusted(), home.revoked()) == ((), (), (), ())
    assert home.operator == ""
    assert not home.path.exists()


def test_the_key_is_made_on_first_use_and_stays(home: Home, tmp_path: Path) -> None:
    signer = home.installation()
    assert signer.key.type == "ssh-ed25519"
    assert home.installation().key == signer.key == home.public() == Home(home.path).public()
    assert home.own_keys() == (signer.key,)
    armour = signer.sign(b"message", sshsig.LOG)
    (tmp_path / "sig").write_bytes(armour)
    # The line beside the key is what a stock tool checks with.
    allowed = home.path / "installation.pub"
    (principal,) = signers.parse(allowed.read_bytes())[0].principals
    command = ("ssh-keygen", "-Y", "verify", "-f", allowed, "-I", principal, "-n", sshsig.LOG, "-s", tmp_path / "sig")
    assert subprocess.run(command, input=b"message", capture_output=True, check=False).returncode == 0


@posix
def test_nobody_else_may_look_into_the_folder(home: Home) -> None:
    home.installation()
    home.replace(keys.generate(), "Jane")
    home.trust([TRUSTED])
    assert home.path.stat().st_mode & 0o777 == 0o700
    assert (home.path / "retired").stat().st_mode & 0o777 == 0o700
    for path in home.path.rglob("*"):
        if path.is_file() and path.suffix != ".lock":
            assert path.stat().st_mode & 0o777 == 0o600, path


def test_threads_that_make_the_key_at_once_end_with_one(home: Home) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: Home(home.path).installation().key, range(16)))
    assert len(set(found)) == 1
    assert home.retired() == ()


def test_processes_that_make_the_key_at_once_end_with_one(home: Home) -> None:
    program = (
        "import sys; from pathlib import Path; from archiver.custody.home import Home; print('.', flush=True);"
        "sys.stdin.read();"
        "print(Home(Path(sys.argv[1])).installation().key.fingerprint)"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(home.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        for _ in range(4)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline()
    for process in running:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    found = {process.communicate()[0] for process in running}
    assert [process.returncode for process in running] == [0] * 4
    assert len(found) == 1
    names = {path.name for path in home.path.iterdir()}
    assert names - {"home.lock"} == {"installation.key", "installation.pub"}


def test_a_replaced_key_is_retired_and_still_signs(home: Home) -> None:
    old = home.installation()
    new = home.replace(keys.generate(), "Jane Doe")
    assert home.installation().key == new.key != old.key
    (retired,) = home.retired()
    assert retired.key == old.key
    assert sshsig.verify(retired.sign(b"last line", sshsig.LOG), b"last line", sshsig.LOG) == old.key
    assert home.own_keys() == (new.key, old.key)
    assert (home.path / "retired" / f"{old.key.short}.key").exists()
    assert home.operator == "Jane Doe"
    assert (home.path / "installation.pub").read_text() == f"jane-doe@{new.key.short} {new.key.line}\n"


def test_a_key_that_comes_back_is_retired_no_more(home: Home) -> None:
    old = home.installation()
    new = home.replace(keys.generate())
    home.replace(old.private)
    assert home.public() == old.key
    assert [signer.key for signer in home.retired()] == [new.key]
    home.replace(old.private)
    assert home.own_keys() == (old.key, new.key)


def test_the_name_is_what_the_operator_states(home: Home) -> None:
    home.state_operator("  Zoë O'Neil ")
    assert home.operator == "Zoë O'Neil"
    data = (home.path / "identity.json").read_bytes()
    assert data == canonical.encode({"format": "archiver-identity/1", "operator": "Zoë O'Neil"})
    key = home.installation().key
    home.state_operator("Anonymous 7")
    assert signers.parse((home.path / "installation.pub").read_bytes()) == (home.as_signer(key),)
    assert home.as_signer(key).principals == (f"anonymous-7@{key.short}",)
    home.state_operator("")
    assert home.operator == ""


@pytest.mark.parametrize("name", ["a\x1b[2Jb", "a\nb", "a\0b", "\udcff", "\u202egnp.exe", "a\u2028b", "x" * 201])
def test_a_name_that_is_no_text_is_refused(home: Home, name: str) -> None:
    with pytest.raises(UsageError, match="operator"):
        check_operator(name)
    with pytest.raises(UsageError, match="operator"):
        home.replace(keys.generate(), name)
    assert not home.path.exists()


@pytest.mark.parametrize("name", ["", "نرگس محمدی", "می‌خواهم", "Ольга", "o_o", "张伟"])
def test_names_of_the_world_are_taken(home: Home, name: str) -> None:
    home.state_operator(name)
    assert home.operator == name


def test_trust_is_given_once_and_kept_beside_what_was_there(home: Home) -> None:
    home.installation()
    path = home.path / "trusted_signers"
    path.write_text("# from the hearing")
    assert home.trust([TRUSTED, TRUSTED]) == (TRUSTED,)
    assert home.trust([TRUSTED]) == ()
    limited = AllowedSigner(principals=("jane@example",), key=JANE.key, valid_before=datetime(2030, 1, 1, tzinfo=UTC))
    assert home.trust([limited]) == (limited,)
    assert home.trusted() == (TRUSTED, limited)
    assert path.read_text().startswith("# from the hearing\njane@example ")
    assert JANE.key not in home.own_keys()


def test_a_revoked_key_is_trusted_no_more(home: Home) -> None:
    home.trust([TRUSTED])
    assert home.revoke(JANE.key)
    assert not home.revoke(JANE.key)
    assert home.trusted() == ()
    assert (home.path / "revoked_keys").read_text() == f"{JANE.key.line}\n"
    with pytest.raises(UsageError, match="is revoked"):
        home.trust([TRUSTED, AllowedSigner(principals=("other@example",), key=JANE.key)])


def test_a_revoked_installation_key_signs_no_more(home: Home) -> None:
    key = home.installation().key
    home.revoke(key)
    assert home.own_keys() == ()
    with pytest.raises(ConfigError, match="is revoked"):
        home.installation()
    new = home.replace(keys.generate())
    assert home.own_keys() == (new.key,)


def test_other_processes_that_trust_at_once_lose_nothing(home: Home) -> None:
    offered = [AllowedSigner(principals=(f"s{number}@example",), key=JANE.key) for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda signer: Home(home.path).trust([signer]), offered))
    assert set(home.trusted()) == set(offered)


READ: dict[str, Callable[[Home], object]] = {
    "installation.key": Home.installation,
    "identity.json": lambda home: home.operator,
    "trusted_signers": Home.trusted,
    "revoked_keys": Home.trusted,
}
DAMAGE = {
    "installation.key": [b"", b"rubbish", b"-----BEGIN OPENSSH PRIVATE KEY-----\n-----END OPENSSH PRIVATE KEY-----\n"],
    "identity.json": [b"{", b"[]", b'{"format":"archiver-identity/2"}', b'{"operator":"\\u001b"}', b"\xff"],
    "trusted_signers": [b"* ssh-ed25519 AAAA\n", b"\xff\n"],
    "revoked_keys": [b"SSHKRL\n\0", b"x\n"],
}


@pytest.mark.parametrize(("name", "data"), [(name, data) for name, datas in DAMAGE.items() for data in datas])
def test_a_damaged_file_is_named_with_what_to_do(home: Home, name: str, data: bytes) -> None:
    home.installation()
    (home.path / name).write_bytes(data)
    with pytest.raises(ConfigError, match=name) as caught:
        READ[name](home)
    assert caught.value.advice
    assert (home.path / name).read_bytes() == data


def test_an_encrypted_or_foreign_installation_key_is_refused(home: Home, tmp_path: Path) -> None:
    home.path.mkdir(parents=True)
    path = home.path / "installation.key"
    keys.write_file(path, keys.encode(keys.generate(), "secret"))
    with pytest.raises(ConfigError, match="encrypted"):
        home.installation()
    path.unlink()
    subprocess.run(["ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", path], check=True)
    with pytest.raises(ConfigError, match="not an Ed25519 key"):
        home.installation()


@posix
def test_a_key_that_others_can_read_is_refused(home: Home) -> None:
    home.installation()
    (home.path / "installation.key").chmod(0o644)
    for use in (home.installation, home.public, home.own_keys):
        with pytest.raises(ConfigError, match="others can read"):
            use()


def test_a_folder_that_cannot_be_one_is_a_configuration_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path / "file", tmp_path / "file" / "inside"):
        with pytest.raises(ConfigError, match="data folder") as caught:
            Home(path).installation()
        assert "folder" in caught.value.advice


def test_the_folder_is_the_configured_one_else_the_platform_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Home.at(str(tmp_path)).path == tmp_path
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Home.at("~/keys").path == tmp_path / "keys"
    assert Home.at().path.name == "archiver"
