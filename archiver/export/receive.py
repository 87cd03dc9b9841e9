"""Takes a package over into `received/`, verbatim, and countersigns it; whether it is sound was judged before.

What comes is hostile. It is read through a callable that is handed in, nothing is taken that `transfer.json` does not
list, and each file only with the size and the digest that stand there. A package is in its place whole or not at all.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from archiver.case import layout
from archiver.case.files import SEALED_MODE, sync_folder, write_new
from archiver.case.index import PACKAGE
from archiver.case.workshop import workshop
from archiver.custody import sshsig, transfer
from archiver.custody.desk import Desk
from archiver.custody.log import events
from archiver.custody.sshkeys import PublicKey
from archiver.custody.transfer import RECEIPT, RECEIPT_SIGNATURE, Receipt, Transfer, TransferredFile
from archiver.errors import FormatError
from archiver.export.members import read_small
from archiver.hashing import sha256, sha256_hex
from archiver.model import Record
from archiver.times import to_warc_date

RECEIVED_EVENT: Final = "received"

Feed = Callable[[str, Callable[[bytes], object]], None]
"""Hands the bytes of a file of the package, by its path, piece by piece to a callable; raises ArchiverError or OSError
where that cannot be done, and lets pass what the callable raises."""


class Incoming(Record, frozen=True, kw_only=True):
    """What a package says that it is.

    Attributes:
        document: the bytes of `transfer.json`.
        signature: those of its signature; empty if there is none.
        transfer: what the document says.
        sender: who signed it; None if nobody did.
    """

    document: bytes
    signature: bytes
    transfer: Transfer
    sender: PublicKey | None

    @property
    def sha256(self) -> str:
        """The digest by which logs and receipts name the transfer."""
        return sha256_hex(self.document)


def read_incoming(feed: Feed, *, signed: bool) -> Incoming:
    """Read what a package says of itself.

    Args:
        feed: reads the package.
        signed: whether there is a signature of `transfer.json`.

    Raises:
        FormatError: `transfer.json` is damaged, or not signed by the key that it names.
        OSError: it cannot be read.
    """
    document = _read(feed, layout.TRANSFER, transfer.MAX_DOCUMENT)
    said = transfer.from_bytes(document)
    signature = _read(feed, layout.TRANSFER_SIGNATURE, sshsig.MAX_ARMOUR) if signed else b""
    sender = sshsig.verify(signature, document, sshsig.TRANSFER) if signed else None
    if (sender.fingerprint if sender is not None else "") != said.by:
        raise FormatError(f"{layout.TRANSFER} is not signed by the key that it names")
    return Incoming(document=document, signature=signature, transfer=said, sender=sender)


def find_received(desk: Desk, digest: str) -> str:
    """Return the name under which a transfer was taken over before, empty if it was not.

    A run that was killed between the last two steps has left its package without a line in the log: it gets one now.

    Raises:
        OSError: something cannot be read or written.
    """
    for name in _names(desk.case.path):
        try:
            found = read_small(name, desk.case.path / name / PACKAGE / layout.TRANSFER, transfer.MAX_DOCUMENT)
        except FormatError:
            # It is damaged, which verification tells; so what comes now is taken over.
            continue
        if sha256_hex(found) == digest:
            if not any(told.line.event == RECEIVED_EVENT and told.line.what == name for told in events(desk.case.path)):
                _tell(desk, name, transfer.from_bytes(found), digest)
            return name
    return ""


def take_over(desk: Desk, incoming: Incoming, feed: Feed, *, verdict: str, trusted: bool) -> str:
    """Take a package over, write the receipt for it, and tell the log.

    Args:
        desk: what the installation acts with in the case.
        incoming: what the package says that it is.
        feed: reads the package.
        verdict: what verification said of it, one word.
        trusted: whether its sender is trusted.

    Returns:
        Where it stands, from the top of the case.

    Raises:
        FormatError: a file is not, or no longer, what `transfer.json` says. Nothing is taken over then.
        OSError: something cannot be read or written; likewise.
    """
    now = datetime.now(UTC)
    name = f"{layout.RECEIVED}/{layout.new_capture_id(now)}"
    with workshop(desk.case, desk.mark) as shop:
        folder = shop.path / name
        package = folder / PACKAGE
        package.mkdir(parents=True)
        for file in incoming.transfer.files:
            _copy(feed, file, package / file.path)
        write_new(package / layout.TRANSFER, incoming.document)
        if incoming.signature:
            write_new(package / layout.TRANSFER_SIGNATURE, incoming.signature)
        _countersign(desk, folder, _receipt(desk, incoming, now, verdict, trusted))
        for path, _, _ in os.walk(folder, topdown=False):
            sync_folder(Path(path))
        _put(desk.case.path, folder, name)
    _tell(desk, name, incoming.transfer, incoming.sha256)
    return name


def _read(feed: Feed, path: str, most: int) -> bytes:
    data = bytearray()

    def take(block: bytes) -> None:
        data.extend(block)
        if len(data) > most:
            raise FormatError(f"{path} is too large")

    feed(path, take)
    return bytes(data)


def _copy(feed: Feed, file: TransferredFile, target: Path) -> None:
    """Write one file of the package, and wait until it is on the disk."""
    target.parent.mkdir(parents=True, exist_ok=True)
    hasher, size = sha256(), 0
    with target.open("xb", buffering=0) as out:

        def take(block: bytes) -> None:
            nonlocal size
            size += len(block)
            if size > file.bytes:
                raise FormatError(f"{file.path} is longer than {layout.TRANSFER} says")
            hasher.update(block)
            view = memoryview(block)
            while view:
                view = view[out.write(view) :]

        feed(file.path, take)
        os.fsync(out.fileno())
    if (size, hasher.hexdigest()) != (file.bytes, file.sha256):
        raise FormatError(f"{file.path} is not what {layout.TRANSFER} says")
    target.chmod(SEALED_MODE)


def _receipt(desk: Desk, incoming: Incoming, now: datetime, verdict: str, trusted: bool) -> Receipt:
    return Receipt(
        format=transfer.RECEIPT_FORMAT,
        at=to_warc_date(now),
        by=desk.signer.key.fingerprint if desk.signer is not None else "",
        operator=desk.operator,
        sender=incoming.transfer.by,
        trusted=trusted,
        verdict=verdict,
        transfer=incoming.sha256,
        case=incoming.transfer.case,
        captures=incoming.transfer.captures,
        files=incoming.transfer.files,
    )


def _countersign(desk: Desk, folder: Path, receipt: Receipt) -> None:
    data = transfer.to_bytes(receipt)
    write_new(folder / RECEIPT, data)
    if desk.signer is not None:
        write_new(folder / RECEIPT_SIGNATURE, desk.signer.sign(data, sshsig.RECEIPT))


def _put(case: Path, folder: Path, name: str) -> None:
    target = case / name
    if not target.parent.is_dir():
        target.parent.mkdir(exist_ok=True)
        sync_folder(case)
    folder.rename(target)
    sync_folder(target.parent)


def _tell(desk: Desk, name: str, said: Transfer, digest: str) -> None:
    text = {"from": said.by, "operator": said.operator, "medium": said.medium, "captures": said.captures}
    desk.log.append(RECEIVED_EVENT, sha256=digest, what=name, text=text)


def _names(case: Path) -> list[str]:
    try:
        found = sorted(item.name for item in (case / layout.RECEIVED).iterdir())
    except FileNotFoundError:
        return []
    return [f"{layout.RECEIVED}/{name}" for name in found if layout.CAPTURE_ID.fullmatch(name)]
