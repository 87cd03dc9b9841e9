"""Closes a bag: manifest, lists, signature, and the line in the log that precedes its last step; it moves nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from archiver.case import bag, layout
from archiver.case.files import sync_folder, write_new
from archiver.case.instructions import VERIFY_TEXTS
from archiver.custody import manifest as schema
from archiver.custody import sshsig
from archiver.custody.keys import Signer
from archiver.custody.log import CustodyLog, events
from archiver.errors import FormatError
from archiver.hashing import sha256_hex
from archiver.model import Record


class Closed(Record, frozen=True, kw_only=True):
    """A closed bag: SHA-256 of its tag manifest, and of that one's signature (empty where nothing is signed)."""

    tagmanifest: str
    signature: str


def close(staged: Path, told: schema.CustodyManifest, started: datetime, signer: Signer | None) -> Closed:
    """Write the manifest and the tag files, sign the tag manifest, and wait until all of it is on the disk.

    Args:
        staged: the bag in the making, with everything else in it.
        told: its custody manifest.
        started: when the capture began.
        signer: the key that the manifest names; None if it names none.

    Raises:
        OSError: something cannot be written.
    """
    data = schema.to_bytes(told)
    write_new(staged / layout.CUSTODY_MANIFEST, data)
    digests = {file.path: file.sha256 for file in told.files} | {layout.CUSTODY_MANIFEST: sha256_hex(data)}
    sizes = {file.path: file.bytes for file in told.files} | {layout.CUSTODY_MANIFEST: len(data)}
    software = f"{told.program.name} {told.program.version}"
    info = bag.bag_info(told.capture, started, software, sizes)
    for folder in (staged / layout.MEDIA, staged / layout.DATA):
        if folder.is_dir():
            sync_folder(folder)
    files = bag.tag_files(info, digests, VERIFY_TEXTS[layout.FORMAT])
    for name, content in files.items():
        write_new(staged / name, content)
    return _sign(staged, files[layout.TAGMANIFEST], signer)


def acquired(log: CustodyLog, told: schema.CustodyManifest, closed: Closed) -> None:
    """Tell the log of a closed bag, which now only has to be moved to its place."""
    log.append("acquired", capture=told.capture, sha256=closed.tagmanifest)


class Recovery:
    """Finishes in the log what a killed run left: bags that were closed, and attempts that never ended.

    Args:
        case: folder of the case.
        log: the log of this installation.
        signer: its key; None where nothing is signed.
    """

    def __init__(self, case: Path, log: CustodyLog, signer: Signer | None) -> None:
        self._case = case
        self._log = log
        self._signer = signer

    def closed(self, staged: Path) -> bool:
        """Sign and log a bag that has its tag manifest, as far as the killed run had not; tell whether it is finished.

        Raises:
            OSError: something cannot be written.
        """
        try:
            told = schema.from_bytes((staged / layout.CUSTODY_MANIFEST).read_bytes())
        except (OSError, FormatError):
            return False
        named = told.signing.fingerprint
        ours = self._signer.key.fingerprint if self._signer is not None else ""
        tagmanifest = (staged / layout.TAGMANIFEST).read_bytes()
        if not _is_signed(staged, tagmanifest, named):
            if named != ours:
                return False
            # What a kill left of a signature is no signature.
            (staged / layout.SIGNATURE).unlink(missing_ok=True)
            _sign(staged, tagmanifest, self._signer)
        if not self._told("acquired", staged.name):
            closed = Closed(tagmanifest=sha256_hex(tagmanifest), signature="")
            acquired(self._log, told, closed)
        return True

    def given_up(self, staged: Path) -> None:
        """Tell the log once that an attempt was interrupted; what it had received stays in staging."""
        if not self._told("failed", staged.name) and not self._told("acquired", staged.name):
            self._log.append("failed", capture=staged.name, what="interrupted")

    def _told(self, event: str, capture_id: str) -> bool:
        return any(found.line.event == event and found.line.capture == capture_id for found in events(self._case))


def _is_signed(staged: Path, tagmanifest: bytes, named: str) -> bool:
    """Tell whether a bag has the signature that its manifest names, whole, or none where that names none."""
    try:
        signature = (staged / layout.SIGNATURE).read_bytes()
    except FileNotFoundError:
        return not named
    try:
        return sshsig.verify(signature, tagmanifest, sshsig.CAPTURE).fingerprint == named
    except FormatError:
        return False


def _sign(staged: Path, tagmanifest: bytes, signer: Signer | None) -> Closed:
    signature = b""
    if signer is not None:
        signature = signer.sign(tagmanifest, sshsig.CAPTURE)
        write_new(staged / layout.SIGNATURE, signature)
    sync_folder(staged)
    return Closed(tagmanifest=sha256_hex(tagmanifest), signature=sha256_hex(signature) if signature else "")
