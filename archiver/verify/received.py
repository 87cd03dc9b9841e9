"""Verifies what was received: each receipt and its signature, and below it the package, as one is anywhere else."""

from __future__ import annotations

from collections.abc import Iterator

from archiver import times
from archiver.case import layout
from archiver.custody import sshsig, transfer
from archiver.custody.sshkeys import PublicKey
from archiver.custody.transfer import RECEIPT, RECEIPT_SIGNATURE, Receipt, Transfer
from archiver.errors import FormatError
from archiver.model import Finding
from archiver.verify import tree
from archiver.verify.custody import Custody
from archiver.verify.findings import below, concluded, failure, note, ok, shown
from archiver.verify.handover import Document, read_document, signature_faults
from archiver.verify.log_file import SignedHead
from archiver.verify.packages import findings_of_package
from archiver.verify.places import Spot
from archiver.verify.reading import Seen, Unread, parsed
from archiver.verify.stamps import readable
from archiver.verify.trust import Trust

PACKAGE = "package"
_CHECK = "receipt"
_KINDS: dict[str, tree.Kind] = {PACKAGE: "folder", RECEIPT: "file", RECEIPT_SIGNATURE: "file"}


def check_received(case: Spot, custody: Custody, trust: Trust, *, workers: int | None = None) -> Iterator[Finding]:
    """Check everything that was received, captures included.

    Args:
        case: the top of the case.
        custody: what was read of it; that the logs tell of what was received is checked in `story`.
        trust: whom whoever verifies trusts.
        workers: captures that are read at once, as in `verify_case`.

    Returns:
        Findings with paths relative to the case, as they are made.
    """
    for name in custody.received:
        folder = case / layout.RECEIVED / name
        for finding in _check_folder(folder, custody, trust, workers):
            yield below(f"{layout.RECEIVED}/{name}", finding)


def _check_folder(folder: Spot, custody: Custody, trust: Trust, workers: int | None) -> Iterator[Finding]:
    listed = folder.entries()
    if listed is None:
        yield failure("unreadable", "", "the folder cannot be read")
        return
    yield from tree.outsiders("", listed)
    there = {entry.name for entry in listed if _KINDS.get(entry.name) == entry.kind}
    for entry in listed:
        ordinary = entry.kind in ("file", "folder") and not layout.is_litter(entry.name)
        if ordinary and entry.name not in there:
            yield failure("added", tree.below("", entry.name), f"no {entry.kind} of this name stands beside a receipt")
    for name in (PACKAGE, RECEIPT):
        if name not in there:
            yield failure("missing", name, "it belongs to what was received, and is not there")
    package = folder / PACKAGE
    document = read_document(package) if PACKAGE in there else None
    if RECEIPT in there:
        yield from _check_receipt(folder, RECEIPT_SIGNATURE in there, document, custody, trust)
    if document is not None:
        for finding in findings_of_package(package, document, trust=trust, workers=workers):
            yield below(PACKAGE, finding)


def _check_receipt(
    folder: Spot, signed: bool, document: Document | None, custody: Custody, trust: Trust
) -> Iterator[Finding]:
    seen = (folder / RECEIPT).read_small()
    if isinstance(seen, Unread):
        yield failure("unreadable", RECEIPT, seen.why)
        return
    receipt = parsed(seen, transfer.receipt_from_bytes)
    if isinstance(receipt, FormatError):
        detail = f"it does not say what was taken over in the form that it has to: {shown(str(receipt), 300)}"
        yield failure(_CHECK, RECEIPT, detail)
        return
    armour = (folder / RECEIPT_SIGNATURE).read_small() if signed else None
    yield from concluded(_signature(receipt, seen, armour, custody, trust), ok(_CHECK, RECEIPT, _words(receipt)))
    if document is not None:
        yield from _same(receipt, document)


def _signature(
    receipt: Receipt, seen: Seen, armour: Seen | Unread | None, custody: Custody, trust: Trust
) -> Iterator[Finding]:
    """Check that one signed who also signs a log of this case: who takes over is whose case it is."""
    message = seen.data or b""
    key = parsed(armour, lambda data: sshsig.verify(data, message, sshsig.RECEIPT))
    own = {_key_of(log.head) for log in custody.logs.values() if isinstance(log.head, SignedHead)}
    faults = tuple(signature_faults(RECEIPT, receipt.by, armour is not None, key))
    yield from faults
    if not faults and receipt.by not in own:
        who = f"{receipt.by} has signed" if receipt.by else "nobody has signed"
        detail = f"{who}, and every log of this case has another signer: the receipt was not made here"
        yield failure("signature", RECEIPT, detail)
    elif isinstance(key, PublicKey) and not faults:
        opinion = trust.judge(key, sshsig.RECEIPT, said=times.parse(receipt.at))
        yield ok("signature", RECEIPT_SIGNATURE, f"{shown(opinion.who)} has signed the receipt, and a log of this case")
    elif not faults:
        yield note("signature", RECEIPT, "the receipt is unsigned, by an explicit setting")


def _key_of(head: SignedHead) -> str | None:
    """Return the fingerprint of who signed a head; empty if nobody did, None where that cannot be told."""
    if head.key is None:
        return ""
    return head.key.fingerprint if isinstance(head.key, PublicKey) else None


def _same(receipt: Receipt, document: Document) -> Iterator[Finding]:
    """Check that the receipt is for this package: what that lists is then held against its files."""
    if isinstance(document.seen, Seen) and document.seen.sha256 != receipt.transfer:
        detail = f"it is for another {layout.TRANSFER} than the one in the package"
        yield failure(_CHECK, RECEIPT, detail)
    elif isinstance(document.transfer, Transfer):
        said = document.transfer
        listed = (said.by, said.case, said.captures, said.files)
        if listed != (receipt.sender, receipt.case, receipt.captures, receipt.files):
            yield failure(_CHECK, RECEIPT, f"it lists something else than {layout.TRANSFER}, which it is for")


def _words(receipt: Receipt) -> str:
    by = f" by {shown(receipt.operator)}" if receipt.operator else ""
    known = "trusted" if receipt.trusted else "not trusted"
    at = readable(times.parse(receipt.at))
    return f"taken over at {at}{by}; verification said then: {receipt.verdict}, the sender {known}"
