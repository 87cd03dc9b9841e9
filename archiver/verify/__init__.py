"""Reads captures back, offline, and says what holds and what does not; it prints, writes and asks nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from archiver.case import layout
from archiver.errors import CaseNotFound
from archiver.model import Finding
from archiver.verify import zips
from archiver.verify.capture import findings_of, verify_capture
from archiver.verify.case import findings_of_case, verify_case
from archiver.verify.findings import failure
from archiver.verify.handover import is_package, read_document
from archiver.verify.packages import findings_of_package
from archiver.verify.places import OnDisk, Spot
from archiver.verify.received import check_received
from archiver.verify.tally import Extent, Tally
from archiver.verify.trust import NOBODY, Trust
from archiver.verify.zip_index import ZipFault

__all__ = ["NOBODY", "Extent", "Tally", "Trust", "case_around", "verify", "verify_capture", "verify_case"]

_What = Literal["case", "package", "capture"]
_OF_A_BAG = (*layout.TAG_FILES, layout.TAGMANIFEST, layout.DATA)


def verify(path: Path, trust: Trust = NOBODY) -> Iterator[Finding]:
    """Verify a case, one capture or a package, told apart by what is there.

    Args:
        path: a folder, or the file of a package. Of a capture that stands in a case, it is checked as well that it
            belongs there.
        trust: whom whoever verifies trusts; nobody if left out.

    Returns:
        Findings with paths relative to the folder or to the top of the package, as they are made.

    Raises:
        CaseNotFound: it is none of them.
    """
    top = OnDisk(path)
    if top.kind() in ("file", "link"):
        # A package may be named through a link: unlike the name of a capture, that of its file says nothing.
        file = Path(os.path.realpath(path))
        if OnDisk(file).kind() == "file":
            return _verify_file(file, trust)
    what = _what_is(top)
    if what is None:
        raise CaseNotFound(f"there is neither a case nor a capture in {path}")
    if what == "capture":
        return verify_capture(path, case=case_around(path), trust=trust)
    return _verify_whole(top, what, trust)


def _verify_whole(top: Spot, what: _What, trust: Trust) -> Iterator[Finding]:
    if what == "capture":
        yield from findings_of(top, None, None, trust)
    elif what == "package":
        yield from findings_of_package(top, read_document(top), trust=trust)
    else:
        held = yield from findings_of_case(top, trust=trust)
        yield from check_received(top, held, trust)


def _verify_file(path: Path, trust: Trust) -> Iterator[Finding]:
    if not zips.claims_to_be_zip(path):
        raise CaseNotFound(f"{path} is a file, and no package", advice="name the folder of a case or of a capture")
    return _verify_zip(path, trust)


def _verify_zip(path: Path, trust: Trust) -> Iterator[Finding]:
    try:
        package = zips.Zip(path)
    except ZipFault as fault:
        yield failure("package", fault.path, str(fault))
        return
    what = _what_is(package.root)
    if what is not None:
        yield from _verify_whole(package.root, what, trust)
    else:
        yield failure(
            "package", "", "there is neither a case nor a capture at its top: unpack it and verify the folder"
        )
    yield from package.check_sums()


def _what_is(top: Spot) -> _What | None:
    if (top / layout.CASE_FILE).kind() != "unread":
        return "package" if is_package(top) else "case"
    if any((top / name).kind() != "unread" for name in _OF_A_BAG) or layout.CAPTURE_ID.fullmatch(top.name):
        return "capture"
    if is_package(top):
        return "package"
    return "case" if (top / layout.CAPTURES).kind() == "folder" else None


def case_around(bag: Path) -> Path | None:
    """Return the case in which a capture's folder stands by its path; None if it stands in none."""
    # Not resolved: a link on the way would lead out of the case in which the name stands.
    above = Path(os.path.abspath(bag)).parents  # noqa: PTH100
    if len(above) < 3 or above[1].name != layout.CAPTURES or (OnDisk(above[2]) / layout.CASE_FILE).kind() != "file":
        return None
    return above[2]
