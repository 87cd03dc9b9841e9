"""Checks time-stamps: each reply against the document beside it, its time, and roots from outside; it asks nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from archiver.custody import seal, timestamp
from archiver.custody.rfc3161 import certificate as certificates
from archiver.custody.roots import Root
from archiver.custody.seal import Seal
from archiver.custody.timestamp import Stamp
from archiver.errors import FormatError
from archiver.model import Finding
from archiver.verify.custody import STAMPED, Custody, SealFolder
from archiver.verify.findings import failure, note, ok, shown, warning
from archiver.verify.reading import Seen, Unread, parsed
from archiver.verify.stamps import readable
from archiver.verify.tally import Attested

_CHECK = "time-stamp"
SOON: Final = timedelta(days=90)
"""How long before a certificate runs out it is said that a stamp has to be renewed."""


class Stamps:
    """The time-stamps of a case, each checked when it is first asked for.

    Args:
        custody: where they are.
        roots: what their certificates have to lead to. If none, no stamp is ever found valid.
    """

    def __init__(self, custody: Custody, roots: Sequence[Root]) -> None:
        self.custody = custody
        self.roots = roots
        self._checked: dict[tuple[str, str], Stamp | FormatError] = {}

    def of(self, folder: SealFolder, document: str) -> Mapping[str, Stamp | FormatError]:
        """Return what each reply over a document of a seal proves, or why it proves nothing, by its file name."""
        names = sorted(name for name in folder.files if name.startswith(f"{document}.") and seal.REPLY.fullmatch(name))
        return {name: self._check(folder, document, name) for name in names}

    def attested(self, folder: SealFolder, document: str) -> tuple[Attested, ...]:
        """Return the valid time-stamps on a document of a seal, the earliest first."""
        found = (item for item in self.of(folder, document).values() if isinstance(item, Stamp))
        return tuple(sorted(map(attested, found), key=lambda item: (item.time, item.authority)))

    def _check(self, folder: SealFolder, document: str, name: str) -> Stamp | FormatError:
        # Threads may check the same one twice, to the same end.
        if (folder.name, name) not in self._checked:
            self._checked[folder.name, name] = self._judge(folder, document, name)
        return self._checked[folder.name, name]

    def _judge(self, folder: SealFolder, document: str, name: str) -> Stamp | FormatError:
        stamped = folder.seen(document)
        if stamped is None:
            return FormatError(f"{document}, which it would be for, is not there")
        if document == seal.OPEN and not seal.is_open(stamped.data or b""):
            return FormatError(f"{document} is not in the form of an opening")
        digest = bytes.fromhex(stamped.sha256)
        return parsed(folder.files[name], lambda reply: timestamp.check(reply, digest, self.roots))


def attested(stamp: Stamp) -> Attested:
    """Return who attests what time."""
    return Attested(authority=shown(stamp.authority), time=stamp.time)


def check_stamps(stamps: Stamps, folder: SealFolder, now: datetime) -> Iterator[Finding]:
    """Check every reply in the folder of a seal.

    Args:
        stamps: those of the case.
        folder: of the seal.
        now: certificates that run out soon after this are spoken of.
    """
    if not stamps.roots:
        return
    for document in (seal.OPEN, seal.SEAL):
        for name, found in stamps.of(folder, document).items():
            path = folder.path(name)
            if isinstance(found, Stamp):
                yield ok(_CHECK, path, _words(stamps, document, found))
                yield from _ageing(stamps, folder, name, found, now)
            elif isinstance(folder.files[name], Seen):
                # One that the log names was taken by whom it trusted then; whoever verifies may not know that root.
                unknown = _reason(found) == "foreign" and _is_told(stamps.custody, path, folder.files[name])
                yield (warning if unknown else failure)(_CHECK, path, _why(found), "provable")


def _words(stamps: Stamps, document: str, stamp: Stamp) -> str:
    roots = {root.sha256: root.name for root in stamps.roots}
    root = shown(roots[stamp.root], 80)
    return f"{document} was there at {readable(stamp.time)}, says {shown(stamp.authority)} under the root {root}"


def _is_told(custody: Custody, path: str, reply: Seen | Unread) -> bool:
    lines = custody.told.get((STAMPED, path), ())
    return isinstance(reply, Seen) and any(line.sha256 == reply.sha256 for line in lines)


def _reason(fault: FormatError) -> str:
    return fault.reason if isinstance(fault, timestamp.StampFault) else ""


def _why(fault: FormatError) -> str:
    if isinstance(fault, timestamp.StampFault):
        advice = "; if you know its root to be good, name it with --tsa-roots" if fault.reason == "foreign" else ""
        return f"it proves nothing ({fault.reason}): {shown(str(fault), 300)}{advice}"
    return f"it proves nothing: {shown(str(fault), 300)}"


def _ageing(stamps: Stamps, folder: SealFolder, name: str, stamp: Stamp, now: datetime) -> Iterator[Finding]:
    end = _end(stamps, stamp)
    if now + SOON < end or _renewed(stamps, folder, name, end, now):
        return
    if end <= now:
        detail = f"a certificate that it rests on was good when the stamp was made, and ran out at {readable(end)}"
    else:
        detail = f"a certificate that it rests on runs out at {readable(end)}: 'archiver seal --renew' stamps it again"
    yield note(_CHECK, folder.path(name), detail)


def _end(stamps: Stamps, stamp: Stamp) -> datetime:
    root = next(root for root in stamps.roots if root.sha256 == stamp.root)
    return min(stamp.expires, certificates.read(root.der).not_after)


def _renewed(stamps: Stamps, folder: SealFolder, name: str, end: datetime, now: datetime) -> bool:
    """Tell whether another seal lists a reply, and was stamped in time, and for longer."""
    path, reply = folder.path(name), folder.seen(name)
    return any(
        isinstance(other.seal, Seal)
        and reply is not None
        and other.seal.digests.get(path) == reply.sha256
        and any(
            isinstance(found, Stamp) and found.time <= end and now + SOON < _end(stamps, found)
            for found in stamps.of(other, seal.SEAL).values()
        )
        for other in stamps.custody.seals.values()
    )
