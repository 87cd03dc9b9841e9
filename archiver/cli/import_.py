"""The command `import`: checks a package that somebody handed on, takes it over into the case, and countersigns it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver import times, verify
from archiver.case import layout
from archiver.case.store import open_or_make
from archiver.cli.context import Context, pass_context, shared_options
from archiver.cli.text import safe
from archiver.cli.trusting import trust_of
from archiver.cli.verify import report
from archiver.custody import sshsig
from archiver.errors import ArchiverError, CaseNotFound, FormatError, UsageError
from archiver.hashing import BLOCK
from archiver.verify.places import OnDisk, Spot
from archiver.verify.reading import Readable, Unread
from archiver.verify.trust import Opinion, Trust
from archiver.verify.zip_index import ZipFault
from archiver.verify.zips import Zip, claims_to_be_zip

if TYPE_CHECKING:
    from archiver.export.receive import Feed, Incoming

_ALTERED = 10
_BELOW = 11
_ADVICE = "name the .zip that 'archiver export' made, or the folder into which it was unpacked"


@click.command(
    "import",
    epilog="""\b
Examples:
  archiver import evidence-20261123T013512Z-k7f3q9.zip
  archiver -C received-matters import unpacked-package/

\b
Exit status: 0 taken over, now or before · 2 no package · 10 altered: nothing was taken over
11 taken over, but not all that signed is trusted · 12 nothing there
""",
)
@click.argument("package", type=click.Path(path_type=Path), metavar="PATH")
@shared_options
@pass_context
def command(context: Context, package: Path) -> int:
    """Take over a package: check it, keep it as it came under received/, and sign a receipt for it.

    PATH is the zip, or a folder into which it was unpacked. The receipt, RECEIPT.json with its signature, is what you
    send back to whoever handed the package over. The case is made if there is none.
    """
    from archiver.custody.desk import open_desk
    from archiver.export import receive

    settings = context.settings()
    try:
        top = _open(package)
        incoming = receive.read_incoming(_feed(top), signed=(top / layout.TRANSFER_SIGNATURE).kind() != "unread")
    except FormatError as fault:
        return _refuse(context, fault)
    trust, tally = trust_of(settings, package), verify.Tally()
    verdict = report(context, verify.verify(package, trust), tally)
    if verdict == "altered":
        return _refuse(context)
    case, made = open_or_make(Path(settings.case.path), settings.case.title)
    if made:
        context.say(f"made the case {case.path}")
    desk = open_desk(case, settings)
    opinion = _opinion(trust, incoming)
    name, known = receive.find_received(desk, incoming.sha256), True
    if not name:
        try:
            name = receive.take_over(desk, incoming, _feed(top), verdict=verdict, trusted=opinion.trusted)
        except FormatError as fault:
            return _refuse(context, fault)
        known = False
    _show(context, incoming, case.path / name, opinion, known=known)
    return 0 if (opinion.trusted and tally.met) or known else _BELOW


def _refuse(context: Context, fault: FormatError | None = None) -> int:
    if fault is not None:
        where = f"{fault.path}: " if isinstance(fault, ZipFault) and fault.path else ""
        context.warn(f"archiver: the package is altered, or is none: {where}{fault}")
    context.warn("archiver: nothing was taken over\n  next: have it exported and handed over again")
    return _ALTERED


def _opinion(trust: Trust, incoming: Incoming) -> Opinion:
    """Return what the user thinks of who signed the transfer."""
    if incoming.sender is None:
        return Opinion(trusted=False, who="nobody", why="the package is not signed")
    return trust.judge(incoming.sender, sshsig.TRANSFER, said=times.parse(incoming.transfer.at))


def _show(context: Context, incoming: Incoming, folder: Path, opinion: Opinion, *, known: bool) -> None:
    from archiver.custody.transfer import RECEIPT, RECEIPT_SIGNATURE

    said, receipt = incoming.transfer, folder / RECEIPT
    if context.as_json:
        context.emit(
            {
                "type": "import",
                "name": folder.name,
                "path": str(folder),
                "known": known,
                "transfer": incoming.sha256,
                "sender": said.by,
                "trusted": opinion.trusted,
                "captures": list(said.captures),
                "receipt": str(receipt),
            }
        )
    else:
        count = f"{len(said.captures)} capture{'' if len(said.captures) == 1 else 's'}"
        rows = (
            ("received" if not known else "known", f"{folder}  {count}"),
            ("from", f"{opinion.who}: {opinion.why}"),
            ("states", said.operator or "no name"),
            ("transfer", incoming.sha256),
            ("receipt", str(receipt)),
        )
        for name, text in rows:
            context.result(f"{name:<12}{safe(text)}")
        signed = f" with {RECEIPT_SIGNATURE}" if (folder / RECEIPT_SIGNATURE).exists() else ""
        context.say("it was already received" if known else f"send the receipt{signed} back to the sender")
    if not opinion.trusted:
        advice = f"archiver key trust '{incoming.sender.line}'" if incoming.sender is not None else ""
        context.warn(
            f"archiver: the signer of this package is not trusted: {opinion.why}"
            + (f"\n  next: have the fingerprint {said.by} confirmed by telephone, then: {advice}" if advice else "")
        )


def _open(package: Path) -> Spot:
    """Return the top of a package.

    Raises:
        CaseNotFound: nothing is there.
        UsageError: it is something else.
        FormatError: it is a zip, and none that can be read in one way only.
    """
    top: Spot = OnDisk(Path(os.path.realpath(package)))
    kind = top.kind()
    if kind == "unread":
        raise CaseNotFound(f"{package} does not exist, or cannot be read", advice=_ADVICE)
    if kind == "file":
        path = Path(os.path.realpath(package))
        if not claims_to_be_zip(path):
            raise UsageError(f"{package} is no package", advice=_ADVICE)
        top = Zip(path).root
    if (top / layout.TRANSFER).kind() == "unread":
        what = "a case" if (top / layout.CASE_FILE).kind() != "unread" else "something else"
        raise UsageError(
            f"{package} is no package but {what}: there is no {layout.TRANSFER} in it",
            advice="have it exported where it was made, with 'archiver export ID --format zip'",
        )
    return top


def _feed(top: Spot) -> Feed:
    def feed(path: str, take: Callable[[bytes], object]) -> None:
        raised: list[Exception] = []

        def read(file: Readable, _size: int) -> None:
            try:
                while block := file.read(BLOCK):
                    take(block)
            except (ArchiverError, OSError) as error:
                # What the taker raises is not to be told as if the package could not be read.
                raised.append(error)

        result = (top / path).read_with(read)
        if raised:
            raise raised[0]
        if isinstance(result, Unread):
            raise FormatError(f"{path}: {result.why}")

    return feed
