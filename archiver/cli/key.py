"""The commands `key …`: the keys of this installation, what to give to whoever checks them, and whom it trusts."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archiver.cli.context import Context, pass_context, shared_options
from archiver.cli.text import safe
from archiver.config import PASSPHRASE
from archiver.custody import keys, signers
from archiver.custody.home import KEY, Home
from archiver.custody.signers import AllowedSigner
from archiver.custody.sshkeys import TYPES, PublicKey, parse_public
from archiver.errors import ConfigError, FormatError, UsageError
from archiver.model import Json
from archiver.times import to_warc_date

_MAX_LIST: Final = 1 << 20

_ROLES: Final = {"installation": "installation key", "own": "your own key", "retired": "earlier key"}
_WHAT_TO_DO: Final = """
Give each line to whoever is to check your captures, by another way than these.
They save it in a file named allowed_signers, or run 'archiver key trust' with
it. Before they rely on it, they compare the fingerprint with you in person or
by telephone: a key that came with the captures proves nothing of who signed."""


@click.group(
    "key",
    epilog="""\b
Examples:
  archiver key new --as 'Jane Doe'       make a key for this installation
  archiver key show                      what to give to a lawyer
  archiver key trust jane.pub            trust what Jane signs
  archiver key backup key-backup         keep a copy of the key elsewhere

Exit status: 0 done · 2 usage, or a key that cannot be used
""",
)
@shared_options
def command() -> None:
    """Show, make, keep and trust the keys that sign."""


@command.command("new")
@click.option("--as", "name", required=True, metavar="NAME", help="Your name or pseudonym; '' to state none.")
@shared_options
@pass_context
def new(context: Context, name: str) -> int:
    """Make a new installation key, for the operator NAME. A key that is there already is retired, never deleted."""
    home = _home(context)
    before = home.public()
    signer = home.replace(keys.generate(), name)
    _tell_installed(context, home, before, signer.key)
    context.say("next: keep a copy of the key elsewhere, with 'archiver key backup FILE'")
    return 0


@command.command("show")
@shared_options
@pass_context
def show(context: Context) -> int:
    """Show what to give to a lawyer.

    That is who signs, the fingerprints of the keys, and the lines by which others check them.
    """
    home = _home(context)
    current = home.public()
    if current is None:
        raise UsageError(
            f"there is no installation key in {home.path} yet", advice="make one with 'archiver key new --as NAME'"
        )
    shown = [("installation", current, str(home.path / KEY))]
    if own := context.settings().signing.key:
        shown.append(("own", keys.read_public(Path(own).expanduser()), own))
    shown += [("retired", signer.key, "") for signer in home.retired()]
    if not context.as_json:
        context.result(f"{'operator':<13}{safe(home.operator) or 'not stated'}")
    for role, key, path in shown:
        if not context.as_json:
            context.result()
        _show_key(context, home, role, key, path)
    if not context.as_json:
        context.result(_WHAT_TO_DO)
    return 0


@command.command("trust")
@click.argument("what", metavar="FILE|LINE")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@shared_options
@pass_context
def trust(context: Context, what: str, yes: bool) -> int:
    """Trust a signer from now on. FILE is an allowed_signers or a .pub file; LINE is a line of one."""
    home = _home(context)
    try:
        offered = signers.parse_offered(_given(what))
    except FormatError as error:
        raise UsageError(
            f"what is to be trusted: {error}",
            advice="ask the signer for the line that 'archiver key show' prints, and give all of it between quotes",
        ) from None
    if not offered:
        raise UsageError("there is no key in what is to be trusted")
    if not context.as_json:
        for signer in offered:
            context.result(_describe(signer))
    _confirm(context, yes, "Confirmed by the signer, in person or by telephone? Trust it?")
    added = home.trust(offered)
    for signer in offered:
        if context.as_json:
            context.emit(_signer_object(signer) | {"added": signer in added})
    context.say(f"{len(added)} added to those whom this installation trusts, {len(offered) - len(added)} were there")
    return 0


@command.command("revoke")
@click.argument("what", metavar="FINGERPRINT|LINE")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@shared_options
@pass_context
def revoke(context: Context, what: str, yes: bool) -> int:
    """Never again trust what a key signed, whenever that was. Use it for a key that others may have."""
    home = _home(context)
    key = _find_key(home, what.strip())
    _confirm(context, yes, f"Nothing that {key.fingerprint} signed will be trusted. Revoke it?")
    added = home.revoke(key)
    if context.as_json:
        context.emit({"type": "revoked", "fingerprint": key.fingerprint, "added": added})
    context.say(f"revoked {key.fingerprint}" if added else f"{key.fingerprint} was revoked already")
    if key == home.public():
        context.say("next: make a new installation key with 'archiver key new --as NAME'")
    return 0


@command.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@shared_options
@pass_context
def backup(context: Context, file: Path) -> int:
    """Write the installation key to a new FILE, encrypted.

    The passphrase is asked for, or taken from ARCHIVER_SIGNING_PASSPHRASE. An empty one leaves the key unencrypted.
    """
    home = _home(context)
    if home.public() is None:
        raise UsageError(f"there is no installation key in {home.path} yet", advice="there is nothing to keep")
    signer = home.installation()
    if file.exists():
        raise UsageError(f"{file} exists", advice="name a new file; a backup overwrites nothing")
    word = _passphrase(context, new=True)
    try:
        keys.write_file(file, keys.encode(signer.private, word))
    except FileExistsError:
        raise UsageError(f"{file} exists", advice="name a new file; a backup overwrites nothing") from None
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}", advice="name another file") from None
    if context.as_json:
        context.emit({"type": "backup", "fingerprint": signer.key.fingerprint, "encrypted": bool(word)})
    if word:
        context.say(f"kept {signer.key.fingerprint} in {file}, encrypted; without the passphrase it is lost")
    else:
        context.warn(f"archiver: {file} is NOT encrypted: whoever has it can sign as you")
    return 0


@command.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "name", metavar="NAME", help="Your name or pseudonym, which a backup does not hold.")
@shared_options
@pass_context
def restore(context: Context, file: Path, name: str | None) -> int:
    """Make the key in FILE the installation key. A key that is there already is retired, never deleted."""
    home = _home(context)
    stored = keys.read_file(file)
    try:
        private = keys.unlock(stored, lambda: _passphrase(context, new=False))
    except FormatError as error:
        raise ConfigError(f"{file}: {error}", advice="try again, or use another copy of the key") from None
    if not isinstance(private, Ed25519PrivateKey):
        raise UsageError(
            f"{file} holds a key of type {stored.key.type}",
            advice="an installation key is of type ssh-ed25519; name a key of your own in the setting [signing] key",
        )
    before = home.public()
    _tell_installed(context, home, before, home.replace(private, name).key)
    return 0


def _home(context: Context) -> Home:
    return Home.at(context.settings().signing.folder)


def _tell_installed(context: Context, home: Home, before: PublicKey | None, key: PublicKey) -> None:
    if before is not None and before != key:
        context.say(f"retired {before.fingerprint}; what it signed stays your own")
    _show_key(context, home, "installation", key, str(home.path / KEY))


def _show_key(context: Context, home: Home, role: str, key: PublicKey, path: str) -> None:
    line = signers.to_line(home.as_signer(key))
    revoked = key in home.revoked()
    if context.as_json:
        context.emit(
            {
                "type": "key",
                "role": role,
                "operator": home.operator,
                "fingerprint": key.fingerprint,
                "line": line,
                "path": path,
                "revoked": revoked,
            }
        )
        return
    context.result(f"{_ROLES[role]}{' (REVOKED)' if revoked else ''}")
    context.result(f"{'fingerprint':<13}{key.fingerprint}")
    if path:
        context.result(f"{'kept in':<13}{safe(path)}")
    context.result(line)


def _given(what: str) -> bytes:
    """Return what FILE|LINE stands for. A key is longer than some systems let a file name be."""
    if not TYPES.isdisjoint(what.split()):
        return what.encode("utf-8", "replace")
    try:
        with Path(what).open("rb") as file:
            data = file.read(_MAX_LIST + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "this is no file name"
        raise UsageError(f"{what} is neither a key nor a file that can be read: {why}") from None
    if len(data) > _MAX_LIST:
        raise UsageError(f"{what} is too large for a list of keys")
    if data.lstrip().startswith(b"-----BEGIN"):
        raise UsageError(f"{what} holds no public key", advice="give the .pub file that belongs to it")
    return data


def _find_key(home: Home, what: str) -> PublicKey:
    known = [*home.own_keys(), *(signer.key for signer in home.trusted()), *home.revoked()]
    if what.startswith("SHA256:"):
        found = next((key for key in known if key.fingerprint == what), None)
        if found is None:
            raise UsageError(f"no key with the fingerprint {what} is known here", advice="give the whole key instead")
        return found
    try:
        words = what.split()
        return parse_public(what) if words and words[0] in TYPES else signers.parse(what.encode("utf-8"))[0].key
    except (FormatError, UnicodeEncodeError, IndexError):
        raise UsageError("what is to be revoked is neither a fingerprint nor a public key") from None


def _describe(signer: AllowedSigner) -> str:
    rows = [
        ("key", f"{signer.key.fingerprint}  {signer.key.type}"),
        ("signs as", ", ".join(signer.principals)),
        ("only for", ", ".join(signer.namespaces)),
        ("valid from", to_warc_date(signer.valid_after) if signer.valid_after else ""),
        ("valid until", to_warc_date(signer.valid_before) if signer.valid_before else ""),
    ]
    return "\n".join(f"{name:<13}{safe(text)}" for name, text in rows if text)


def _signer_object(signer: AllowedSigner) -> dict[str, Json]:
    return {
        "type": "signer",
        "fingerprint": signer.key.fingerprint,
        "principals": list(signer.principals),
        "line": signers.to_line(signer),
    }


def _confirm(context: Context, yes: bool, question: str) -> None:
    if not yes and _on_terminal(context) and not click.confirm(question, err=True):
        raise UsageError("not confirmed; nothing was changed", advice="")


def _passphrase(context: Context, *, new: bool) -> str:
    """Return the passphrase of a backup: the environment's, else what is typed."""
    if (given := os.environ.get(PASSPHRASE)) is not None:
        return given
    if not _on_terminal(context):
        raise UsageError(
            "there is no terminal on which to ask for the passphrase",
            advice=f"set {PASSPHRASE}" + ("; an empty one leaves the backup unencrypted" if new else ""),
        )
    text = "Passphrase for the backup (empty: not encrypted)" if new else "Passphrase of the backup"
    return str(click.prompt(text, default="", show_default=False, hide_input=True, confirmation_prompt=new, err=True))


def _on_terminal(context: Context) -> bool:
    return (context.stdin or sys.stdin).isatty()
