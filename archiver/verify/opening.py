"""Checks what a custody manifest names as stamped before it was written: the opening of its run."""

from __future__ import annotations

from collections.abc import Iterator

from archiver.case import layout
from archiver.custody import seal
from archiver.custody.manifest import CustodyManifest, Opening, OpeningReply
from archiver.custody.timestamp import Stamp
from archiver.errors import FormatError
from archiver.model import Finding
from archiver.verify.findings import failure, note, ok, shown, warning
from archiver.verify.reading import Seen
from archiver.verify.seals import Seals
from archiver.verify.stamps import readable
from archiver.verify.tally import Attested
from archiver.verify.timestamps import attested

_CHECK = "opening"
_PATH = layout.CUSTODY_MANIFEST


def openings(account: CustodyManifest, seals: Seals) -> tuple[Attested, ...]:
    """Return the valid time-stamps on the opening that a manifest names, the latest first."""
    found = [_find(account.opening, reply, seals) for reply in account.opening.replies]
    valid = [attested(item) for item in found if isinstance(item, Stamp)]
    return tuple(sorted(valid, key=lambda item: (item.time, item.authority), reverse=True))


def check_opening(account: CustodyManifest, seals: Seals) -> Iterator[Finding]:
    """Check that each time-stamp which the manifest names is there, the very one, and proves what it has to."""
    opening = account.opening
    if bool(opening.seal) != bool(opening.replies):
        yield failure(_CHECK, _PATH, "it names an opening without a time-stamp, or a time-stamp without an opening")
        return
    if not opening.replies:
        yield note(_CHECK, "", "nothing but the operator's clock says before what time the capture was not made")
    for reply in opening.replies:
        name = f"{layout.SEALS}/{shown(opening.seal, 40)}/{seal.OPEN}.{shown(reply.authority, 63)}.tsr"
        found = _find(opening, reply, seals)
        if isinstance(found, Stamp):
            said = f"{shown(found.authority)} stamped the run's opening, which it names, at {readable(found.time)}"
            yield ok(_CHECK, _PATH, f"it was not written before that: {said}")
        elif isinstance(found, str):
            yield failure(_CHECK, _PATH, f"{name}, which it names, {found}")
        elif seals.trust.roots:
            # That this is a failure is said of the reply, once for all captures that name it.
            yield warning(_CHECK, _PATH, f"{name}, which it names, proves nothing", "provable")


def _find(opening: Opening, reply: OpeningReply, seals: Seals) -> Stamp | FormatError | str:
    """Return what a reply that a manifest names proves, or why it proves nothing; a text if it is not the one."""
    folder, name = seals.custody.seals.get(opening.seal), f"{seal.OPEN}.{reply.authority}.tsr"
    there = folder.files.get(name) if folder is not None else None
    if folder is None or there is None:
        return "is not there"
    if not isinstance(there, Seen) or there.sha256 != reply.sha256:
        return "is not the one that was there then"
    return seals.stamps.of(folder, seal.OPEN)[name]
