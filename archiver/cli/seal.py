"""The command `seal`: finishes what is due of sealing and time-stamping, or seals everything anew before it ages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.case.store import open_case
from archiver.cli import passphrase
from archiver.cli.context import Context, pass_context, shared_options
from archiver.cli.text import safe
from archiver.errors import ConfigError, NetworkError

if TYPE_CHECKING:
    from archiver.custody.seal import Seal
    from archiver.custody.sealing import Office, Stamped


@click.command(
    "seal",
    epilog="""\b
Examples:
  archiver seal              finish what an earlier run could not: signatures, time-stamps
  archiver seal --renew      have everything stamped again, before a certificate runs out

Exit status: 0 nothing is due any more · 2 a key cannot be used · 4 an authority gave no time-stamp · 12 no case
""",
)
@click.option(
    "--renew",
    is_flag=True,
    help="Make a seal that lists every earlier seal with all its time-stamps, and have that stamped.",
)
@shared_options
@pass_context
def command(context: Context, renew: bool) -> int:
    """Seal captures that are in no seal yet, and ask for the time-stamps that are due.

    A run seals its captures by itself. This is for what it could not do: it was killed, your own key was not at hand,
    or an authority did not answer.

    Use --renew every few years: before the certificate of an authority runs out (archiver verify tells when), or when
    an algorithm is about to be broken. The new time-stamp proves that the old ones were there while they were good.
    """
    from archiver.custody import pending, seal
    from archiver.custody.desk import open_desk
    from archiver.custody.sealing import seals
    from archiver.recorder import authorities

    settings = context.settings()
    case = open_case(Path(settings.case.path), writing=True)
    seconds = settings.timestamp.answer_seconds
    office = open_desk(case, settings).office(authorities.asker(settings.network), passphrase.ask)
    if renew and not office.authorities:
        raise ConfigError("there is no time-stamp authority to renew with", advice="see the settings under [timestamp]")
    pending.complete(office)
    missing = 0
    # The stamps of earlier seals come first: a renewal lists them.
    for stamped in pending.stamp(office, seconds, unstamped_only=False):
        missing += _show_stamp(context, stamped)
    name = pending.seal_due(office, pending.unsealed(case.path), renew=renew and any(seals(case.path)))
    if name:
        _show_seal(context, name, dict(seals(case.path))[name])
        for stamped in office.stamp(name, seal.SEAL, seconds):
            missing += _show_stamp(context, stamped)
    return _summarise(context, office, missing)


def _show_seal(context: Context, name: str, made: Seal) -> None:
    if context.as_json:
        context.emit({"type": "seal", "seal": name, "captures": list(made.captures), "earlier": list(made.earlier)})
    else:
        context.result(
            f"{'sealed':<10}{name}  captures: {len(made.captures)}, earlier seals that it lists: {len(made.earlier)}"
        )


def _show_stamp(context: Context, stamped: Stamped) -> bool:
    """Print what asking an authority came to, and tell whether its stamp is due still."""
    _, name, document = stamped.document.split("/")
    outcome = "pending" if stamped.fault else "stamped"
    if context.as_json:
        context.emit(
            {
                "type": "time-stamp",
                "authority": stamped.authority,
                "seal": name,
                "document": document,
                "outcome": outcome,
                "path": stamped.path or None,
                "sha256": stamped.sha256 or None,
                "words": stamped.fault,
            }
        )
    else:
        context.result(f"{outcome:<10}{name}  {stamped.authority:<32}{safe(stamped.fault)}".rstrip())
    return bool(stamped.fault)


def _summarise(context: Context, office: Office, missing: int) -> int:
    code = NetworkError.exit_code if missing else 0
    if context.as_json:
        context.emit({"type": "summary", "pending": missing, "exit": code})
    elif missing:
        context.warn(f"archiver: {missing} time-stamp{' is' if missing == 1 else 's are'} due still; the seals stand")
        context.warn(
            "  next: check the connection and the setting [timestamp] authorities, then run 'archiver seal' again"
        )
    elif not office.authorities:
        context.say("nothing is due; no time-stamps were asked for, as the settings say ([timestamp] enabled)")
    else:
        context.say("nothing is due any more: every seal is stamped by every authority")
    return code
