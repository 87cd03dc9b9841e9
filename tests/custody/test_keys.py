"""Private keys: OpenSSH's files, whole, encrypted and damaged, and keys that only another program can use."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.custody import keys, sshsig
from archiver.custody.own_key import ProgramSigner, open_key
from archiver.errors import ConfigError, FormatError

MESSAGE = b"archiver-seal/1\n"
PRIVATE = keys.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
posix = pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")


def nobody() -> str:
    raise AssertionError("nobody was to be asked for a passphrase")


def make(folder: Path, *arguments: str, passphrase: str = "", name: str = "key") -> Path:
    command = ("ssh-keygen", "-q", "-C", "", "-N", passphrase, "-f", str(folder / name), *arguments)
    subprocess.run(command, check=True, capture_output=True)
    return folder / name


def fingerprint(path: Path) -> str:
    return subprocess.run(["ssh-keygen", "-l", "-f", path], check=True, capture_output=True, text=True).stdout.split()[
        1
    ]


def test_a_written_key_is_one_that_openssh_reads(tmp_path: Path) -> None:
    for passphrase in ("", "pass phrase é"):
        path = tmp_path / f"key{len(passphrase)}"
        keys.write_file(path, keys.encode(PRIVATE, passphrase))
        command = ("ssh-keygen", "-y", "-P", passphrase, "-f", str(path))
        shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        assert shown.split()[:2] == keys.FileSigner(PRIVATE).key.line.split()
        stored = keys.read_file(path)
        assert stored.encrypted is bool(passphrase)
        assert keys.FileSigner(keys.unlock(stored, lambda word=passphrase: word)).key == keys.FileSigner(PRIVATE).key


@posix
def test_a_key_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "key"
    keys.write_file(path, keys.encode(PRIVATE))
    assert path.stat().st_mode & 0o777 == 0o600
    for mode in (0o640, 0o604, 0o660, 0o644):
        path.chmod(mode)
        with pytest.raises(ConfigError, match="others can read") as caught:
            keys.read_file(path)
        assert "chmod 600" in caught.value.advice
    path.chmod(0o400)
    keys.read_file(path)


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "key"
    keys.write_file(path, b"first")
    with pytest.raises(FileExistsError):
        keys.write_file(path, b"second")
    assert path.read_bytes() == b"first"


@pytest.mark.parametrize("arguments", ["-t ed25519", "-t ecdsa -b 256", "-t ecdsa -b 521", "-t rsa -b 2048"])
@pytest.mark.parametrize("passphrase", ["", "secret"])
def test_a_user_s_own_key_file_signs(arguments: str, passphrase: str, tmp_path: Path) -> None:
    path = make(tmp_path, *arguments.split(), passphrase=passphrase)
    assert keys.read_public(path).fingerprint == fingerprint(path)
    signer = open_key(path, (lambda: passphrase) if passphrase else nobody)
    assert isinstance(signer, keys.FileSigner)
    assert signer.key.fingerprint == fingerprint(path)
    assert sshsig.verify(signer.sign(MESSAGE, sshsig.SEAL), MESSAGE, sshsig.SEAL) == signer.key


@pytest.mark.parametrize("cipher", ["aes256-ctr", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com"])
@pytest.mark.parametrize("word", ["wrong", ""])
def test_a_wrong_passphrase_is_said(cipher: str, word: str, tmp_path: Path) -> None:
    path = make(tmp_path, "-t", "ed25519", "-Z", cipher, passphrase="secret")
    with pytest.raises(ConfigError, match="passphrase is wrong"):
        open_key(path, lambda: word)


def test_an_encrypted_key_that_nobody_is_asked_about_stays_closed() -> None:
    stored = keys.decode_file(keys.encode(PRIVATE, "secret"))
    with pytest.raises(FormatError, match="is encrypted"):
        keys.unlock(stored)


@pytest.mark.parametrize("data", [b"", b"text", b"\0\xff", b"-----BEGIN RSA PRIVATE KEY-----\n", b"x" * 100_000])
def test_what_is_no_key_is_a_configuration_error(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "key"
    keys.write_file(path, data)
    for read in (keys.read_file, keys.read_public):
        with pytest.raises(ConfigError, match="key"):
            read(path)


def test_a_missing_key_is_a_configuration_error(tmp_path: Path) -> None:
    for path in (tmp_path / "absent", tmp_path, tmp_path / "a\0b"):
        with pytest.raises(ConfigError, match="cannot be read"):
            open_key(path, nobody)


def test_a_key_with_another_public_half_is_refused() -> None:
    other = keys.FileSigner(keys.generate()).key.blob
    data = keys.decode_file(keys.encode(PRIVATE)).data
    stored = keys.KeyFile(data=data, key=sshsig.PublicKey(type="ssh-ed25519", blob=other), encrypted=False)
    with pytest.raises(FormatError, match="do not belong together"):
        keys.unlock(stored)


@pytest.fixture(scope="module")
def written() -> list[bytes]:
    return [keys.encode(PRIVATE), keys.encode(PRIVATE, "secret")]


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 1), st.integers(0, 10_000), st.integers(1, 255))
def test_a_damaged_key_file_is_a_format_error_and_nothing_worse(
    written: list[bytes], which: int, at: int, change: int
) -> None:
    data = bytearray(written[which])
    # The count of rounds of an encrypted key stays as it is: another one is no damage, but may take years.
    places = [place for place in range(len(data)) if which == 0 or not 116 <= place < 132]
    data[places[at % len(places)]] ^= change
    try:
        private = keys.unlock(keys.decode_file(bytes(data)), lambda: "secret")
    except FormatError:
        return
    assert keys.FileSigner(private).key == keys.FileSigner(PRIVATE).key


def test_the_public_half_signs_through_ssh_keygen(tmp_path: Path) -> None:
    path = make(tmp_path, "-t", "ed25519")
    signer = open_key(path.with_suffix(".pub"), nobody)
    assert isinstance(signer, ProgramSigner)
    assert signer.sign(MESSAGE, sshsig.SEAL) == open_key(path, nobody).sign(MESSAGE, sshsig.SEAL)


def test_a_public_half_without_its_private_one_is_a_configuration_error(tmp_path: Path) -> None:
    path = make(tmp_path, "-t", "ed25519")
    path.unlink()
    with pytest.raises(ConfigError, match="did not sign") as caught:
        open_key(path.with_suffix(".pub"), nobody).sign(MESSAGE, sshsig.SEAL)
    assert "ssh-add" in caught.value.advice


def test_a_program_that_signs_with_another_key_is_found_out(tmp_path: Path) -> None:
    make(tmp_path, "-t", "ed25519", name="one")
    two = make(tmp_path, "-t", "ed25519", name="two")
    signer = ProgramSigner(two, keys.read_public(tmp_path / "one"))
    with pytest.raises(ConfigError, match="another key"):
        signer.sign(MESSAGE, sshsig.SEAL)


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An SSH agent of the test's own; its end is that of its process, which is this test's child."""
    socket = tmp_path / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
    yield
    process.terminate()
    process.wait()
    process.stdout.close()


@posix
@pytest.mark.usefixtures("agent")
def test_a_key_that_only_the_agent_holds_signs(tmp_path: Path) -> None:
    path = make(tmp_path, "-t", "ecdsa")
    subprocess.run(["ssh-add", "-q", str(path)], check=True)
    path.unlink()
    signer = open_key(path.with_suffix(".pub"), nobody)
    assert sshsig.verify(signer.sign(MESSAGE, sshsig.SEAL), MESSAGE, sshsig.SEAL) == signer.key
