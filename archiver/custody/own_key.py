"""Opens the user's own key, which vouches for what an installation signs; it keeps no passphrase and no private half.

A key file signs here. What only an SSH agent or a hardware token can use signs through `ssh-keygen -Y sign`, whose
questions (a touch, a PIN) reach the user by themselves.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

from archiver.custody import sshsig
from archiver.custody.keys import FileSigner, Signer, read_file, read_public, unlock
from archiver.custody.sshkeys import FILE_TYPES, PublicKey
from archiver.errors import ConfigError, FormatError

_PATIENCE: Final = 300.0
"""Seconds that a user may take to touch a hardware key or to answer an agent."""


class ProgramSigner:
    """Signs through ssh-keygen, with a key that may be anywhere.

    Attributes:
        path: the `.pub` file, or the file that stands for a hardware key.
        key: the public key in it.
    """

    def __init__(self, path: Path, key: PublicKey) -> None:
        self.path = path
        self.key = key

    def sign(self, message: bytes, namespace: str) -> bytes:
        """Return the armoured signature over a message, for one use.

        Raises:
            ConfigError: there is no ssh-keygen, or it did not sign with this key.
        """
        program = shutil.which("ssh-keygen")
        if program is None:
            raise ConfigError(f"ssh-keygen is needed to sign with {self.path}", advice="install OpenSSH")
        arguments = (program, "-q", "-Y", "sign", "-n", namespace, "-f", str(self.path.absolute()))
        try:
            done = subprocess.run(arguments, input=message, stdout=subprocess.PIPE, timeout=_PATIENCE, check=True)
            armour = done.stdout.replace(b"\r\n", b"\n")  # Windows' standard output may be in text mode.
            signed_by = sshsig.verify(armour, message, namespace)
        except (subprocess.SubprocessError, OSError, FormatError) as error:
            raise ConfigError(
                f"ssh-keygen did not sign with {self.path} ({_why(error)})",
                advice="see that the agent holds the key (ssh-add -L) or that the hardware key is plugged in",
            ) from None
        if signed_by != self.key:
            raise ConfigError(f"ssh-keygen signed with another key than {self.path}")
        return armour


def open_key(path: Path, passphrase: Callable[[], str]) -> Signer:
    """Open the key that the setting `[signing] key` names.

    Args:
        path: a private key file, or a `.pub` file whose private half the SSH agent or a hardware key holds.
        passphrase: returns the passphrase of an encrypted file; called only for one. It may
            raise ConfigError where there is nobody to ask.

    Raises:
        ConfigError: the file is missing or no such key, others can read it, or the passphrase is wrong.
    """
    key = read_public(path)
    if path.suffix == ".pub" or key.type not in FILE_TYPES:
        return ProgramSigner(path, key)
    try:
        return FileSigner(unlock(read_file(path), passphrase))
    except FormatError as error:
        raise ConfigError(f"{path}: {error}", advice="try the passphrase with: ssh-keygen -y -f FILE") from None


def _why(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return f"exit {error.returncode}"
    return "no answer in time" if isinstance(error, subprocess.TimeoutExpired) else str(error)
