"""Checks seals: their form, their signature, and that all they list is there as they list it.

The digests of captures are compared where the captures are read, in `standing`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from archiver.case import layout
from archiver.custody import seal, sshsig
from archiver.custody.seal import Seal, SealedLog
from archiver.custody.sshkeys import PublicKey
from archiver.errors import FormatError
from archiver.model import Finding
from archiver.verify.case_file import CaseFile
from archiver.verify.custody import SEALED, SIGNED, Custody, SealFolder
from archiver.verify.findings import concluded, counted, failure, note, ok, shown, warning
from archiver.verify.log_file import LINES, SignedHead
from archiver.verify.places import Spot
from archiver.verify.reading import Seen, Unread, parsed
from archiver.verify.timestamps import Stamps, check_stamps
from archiver.verify.trust import Opinion, Trust

_CHECK = "seal"


class Seals:
    """The seals of a case, and what each is worth to whoever verifies; worked out when it is first asked for.

    Args:
        custody: where they are.
        trust: whom whoever verifies trusts.

    Attributes:
        custody, trust: as given.
        stamps: the time-stamps on them.
    """

    def __init__(self, custody: Custody, trust: Trust) -> None:
        self.custody = custody
        self.trust = trust
        self.stamps = Stamps(custody, trust.roots)
        self._signers: dict[str, PublicKey | FormatError | None] = {}

    def signer(self, folder: SealFolder) -> PublicKey | FormatError | None:
        """Return who validly signed a seal, None if nobody did, or what is the matter with the signature."""
        if folder.name not in self._signers:
            self._signers[folder.name] = _signer(folder)
        return self._signers[folder.name]

    def opinion(self, folder: SealFolder) -> Opinion | None:
        """Return what is thought of the key that signed a seal; None if no key validly did."""
        key = self.signer(folder)
        if not isinstance(key, PublicKey):
            return None
        attested = self.stamps.attested(folder, seal.SEAL)
        stamped = attested[0].time if attested else None
        return self.trust.judge(key, sshsig.SEAL, said=_named_time(folder.name), stamped=stamped)

    def listing(self, capture_id: str) -> Iterator[tuple[SealFolder, Seal]]:
        """Yield the seals that list a capture, oldest first."""
        for name in self.custody.sealed.get(capture_id, ()):
            folder = self.custody.seals[name]
            if isinstance(folder.seal, Seal):
                yield folder, folder.seal


def check_seals(case: Spot, seals: Seals, case_file: CaseFile) -> Iterator[Finding]:
    """Check every seal of a case, and every time-stamp on it.

    Args:
        case: the top of the case, to see which captures are there.
        seals: of the case.
        case_file: its case.json.
    """
    now = datetime.now(UTC)
    replies = False
    for folder in seals.custody.seals.values():
        yield from _seal(case, seals, folder, case_file)
        yield from check_stamps(seals.stamps, folder, now)
        replies = replies or any(map(seal.REPLY.fullmatch, folder.files))
    if replies and not seals.trust.roots:
        yield note("time-stamp", layout.SEALS, "not checked: no root of any authority is trusted")


def _seal(case: Spot, seals: Seals, folder: SealFolder, case_file: CaseFile) -> Iterator[Finding]:
    path, found = folder.path(seal.SEAL), folder.files.get(seal.SEAL)
    if found is None:
        # If a log tells of it, then it is missing, which the check of that log says.
        if not seals.custody.told.get((SEALED, path)):
            detail = "a run was opened here and never sealed, as when it is killed"
            yield warning("interrupted", f"{layout.SEALS}/{folder.name}", detail)
    elif isinstance(folder.seal, FormatError):
        if isinstance(found, Seen):
            yield failure(_CHECK, path, f"it is no seal of this format: {shown(str(folder.seal))}")
    else:
        conclusion = ok(_CHECK, path, f"all that it lists is there, {counted(len(folder.seal.captures), 'capture')}")
        yield from concluded(_contents(case, seals.custody, folder, folder.seal, case_file), conclusion)
    if isinstance(found, Seen) or seal.SEAL_SIGNATURE in folder.files:
        yield from _signature(seals, folder)
    opening = folder.seen(seal.OPEN)
    if opening is not None and not seal.is_open(opening.data or b""):
        yield failure("opening", folder.path(seal.OPEN), "it is not in the form of an opening")


def _signature(seals: Seals, folder: SealFolder) -> Iterator[Finding]:
    path, key = folder.path(seal.SEAL_SIGNATURE), seals.signer(folder)
    if isinstance(key, FormatError):
        if folder.seen(seal.SEAL_SIGNATURE) is not None:
            yield failure("signature", path, f"it is no valid signature of the seal beside it: {shown(str(key))}")
    elif key is not None:
        opinion = seals.opinion(folder)
        known = f", {shown(opinion.who)} ({opinion.why})" if opinion is not None and opinion.trusted else ""
        yield ok("signature", path, f"{key.fingerprint}{known} has signed the seal")
    elif not seals.custody.told.get((SIGNED, path)):
        if _made_unsigned(seals.custody, folder):
            yield note("signature", folder.path(seal.SEAL), "the seal is unsigned, by an explicit setting")
        else:
            detail = "the seal was not signed, as when a run is killed: 'archiver seal' does it"
            yield warning("interrupted", folder.path(seal.SEAL), detail)


def _made_unsigned(custody: Custody, folder: SealFolder) -> bool:
    """Tell whether the logs that tell of a seal are unsigned themselves."""
    heads = [custody.logs[line.writer].head for line in custody.told.get((SEALED, folder.path(seal.SEAL)), ())]
    return bool(heads) and all(isinstance(head, SignedHead) and head.key is None for head in heads)


def _contents(case: Spot, custody: Custody, folder: SealFolder, sealed: Seal, case_file: CaseFile) -> Iterator[Finding]:
    path = folder.path(seal.SEAL)
    went = None if custody.transfer is None else {file.path for file in custody.transfer.files}
    if layout.CASE_FILE not in sealed.digests:
        yield failure(_CHECK, path, f"it does not list {layout.CASE_FILE}, as every seal does")
    for listed, digest in sealed.digests.items():
        if went is not None and listed not in went:
            continue
        if listed == layout.CASE_FILE:
            if isinstance(case_file.seen, Seen) and case_file.seen.sha256 != digest:
                yield failure(_CHECK, path, f"it lists another {layout.CASE_FILE} than the one that is here")
        elif listed.startswith(f"{layout.SEALS}/"):
            yield from _sealed_file(custody, path, listed, digest)
        elif listed.endswith(f"/{layout.TAGMANIFEST}"):
            capture = listed.removesuffix(f"/{layout.TAGMANIFEST}")
            if (case / capture).kind() == "unread":
                yield failure("missing", capture, f"{path} lists this capture, and it is not there")
    for log in sealed.logs:
        yield from _sealed_log(custody, path, log, packed=went is not None)
    opening = folder.path(seal.OPEN)
    if seal.OPEN in folder.files and opening not in sealed.digests:
        yield failure("added", opening, f"{path} does not list it, as it does the opening of its run")


def _sealed_file(custody: Custody, path: str, listed: str, digest: str) -> Iterator[Finding]:
    found = custody.seen(listed)
    if found is None:
        yield failure("missing", listed, f"{path} lists it, and it is not there")
    elif isinstance(found, Seen) and found.sha256 != digest:
        yield failure(_CHECK, listed, f"its content is not what {path} lists")


def _sealed_log(custody: Custody, path: str, sealed: SealedLog, *, packed: bool) -> Iterator[Finding]:
    log = custody.logs.get(sealed.writer)
    if log is None or log.chain is None:
        if not packed:
            listed = f"{layout.CUSTODY}/{sealed.writer}{LINES}"
            yield failure("missing", listed, f"{path} names line {sealed.sequence} of this log, and it is not there")
        return
    if sealed.sequence < log.first or isinstance(log.chain, Unread):
        return
    line = log.line(sealed.sequence)
    if line is None:
        detail = f"it has no line {sealed.sequence}, at which it ended when {path} was made: it was cut"
        yield failure("log", log.path(LINES), detail)
    elif (line.digest, line.end) != (sealed.digest, sealed.length):
        yield failure("log", log.path(LINES), f"up to line {sealed.sequence} it is not as {path} says")


def _signer(folder: SealFolder) -> PublicKey | FormatError | None:
    sealed, found = folder.seen(seal.SEAL), folder.files.get(seal.SEAL_SIGNATURE)
    if found is None:
        return None
    if sealed is None or sealed.data is None:
        return FormatError("the seal could not be read")
    data = sealed.data
    return parsed(found, lambda armour: sshsig.verify(armour, data, sshsig.SEAL))


def _named_time(name: str) -> datetime:
    """Return the time in the name of a seal, the epoch where it is none."""
    try:
        return datetime.strptime(f"{name[:16]}+0000", "%Y%m%dT%H%M%SZ%z")
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
