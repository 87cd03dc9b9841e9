"""Makes a package of captures and tells the log; read this file to understand an export. It sends nothing anywhere."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path

from archiver.case import layout
from archiver.custody import sshsig
from archiver.custody.desk import Desk
from archiver.custody.manifest import CaseIdentity
from archiver.custody.transfer import FORMAT, Transfer, TransferredFile, to_bytes
from archiver.errors import FormatError, UsageError
from archiver.export.contents import Contents
from archiver.export.members import of_bytes
from archiver.export.zip import new_zip
from archiver.hashing import hash_file, sha256_hex
from archiver.model import Record
from archiver.times import to_warc_date


class Package(Record, frozen=True, kw_only=True):
    """A package that was made.

    Attributes:
        path: the file.
        bytes, sha256: of the file.
        transfer: SHA-256 of its `transfer.json`, by which logs and receipts name it.
        contents: what it holds.
    """

    path: Path
    bytes: int
    sha256: str
    transfer: str
    contents: Contents


def make(desk: Desk, contents: Contents, target: Path, *, to: str = "", medium: str = "") -> Package:
    """Write the package of what `gather` collected, then tell the log of each capture that it was exported.

    The log of the package ends before these lines: it cannot hold the digest of what it is part of.

    Args:
        desk: what the installation acts with in the case.
        contents: what goes.
        target: the file to make.
        to, medium: recipient and medium, as stated; each may be empty.

    Raises:
        UsageError: the file exists, or there is more to go than one package can list.
        FormatError: something has changed since its digest was written down.
        OSError: something cannot be read or written.
    """
    with new_zip(target) as add:
        files = tuple(add(member) for member in contents.members)
        document = _document(desk, contents, to, medium, files)
        add(of_bytes(layout.TRANSFER, document))
        if desk.signer is not None:
            add(of_bytes(layout.TRANSFER_SIGNATURE, desk.signer.sign(document, sshsig.TRANSFER)))
    try:
        _tell(desk, contents, target, sha256_hex(document), to, medium)
    except BaseException:
        # What leaves the case without a line in the log has not been exported.
        target.unlink()
        raise
    digest, size = hash_file(target)
    return Package(path=target, bytes=size, sha256=digest, transfer=sha256_hex(document), contents=contents)


def _document(desk: Desk, contents: Contents, to: str, medium: str, files: tuple[TransferredFile, ...]) -> bytes:
    transfer = Transfer(
        format=FORMAT,
        at=to_warc_date(datetime.now(UTC)),
        by=desk.signer.key.fingerprint if desk.signer is not None else "",
        operator=desk.operator,
        to=to,
        medium=medium,
        case=CaseIdentity(id=desk.case.record.id, sha256=desk.case.sha256),
        captures=contents.captures,
        files=files,
        logs=contents.logs,
        salt=secrets.token_hex(16),
    )
    try:
        return to_bytes(transfer)
    except FormatError as error:
        raise UsageError(f"this makes no package: {error}", advice="export fewer captures at a time") from None


def _tell(desk: Desk, contents: Contents, target: Path, document: str, to: str, medium: str) -> None:
    text = {"to": to, "medium": medium}
    for capture in contents.captures:
        desk.log.append("exported", capture=capture, sha256=document, text=text | {"file": target.name})
        if to or medium:
            desk.log.append("transferred", capture=capture, sha256=document, text=text)
