"""Reads captures back, offline, and says what holds and what does not; it prints, writes and asks nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from archiver.case import layout
from archiver.errors import CaseNotFound
from archiver.model import Finding
from archiver.verify import tree
from archiver.verify.capture import verify_capture
from archiver.verify.case import verify_case
from archiver.verify.tally import Extent, Tally

__all__ = ["Extent", "Tally", "verify", "verify_capture", "verify_case"]

_OF_A_BAG = (*layout.TAG_FILES, layout.TAGMANIFEST, layout.DATA)


def verify(path: Path) -> Iterator[Finding]:
    """Verify a case or one capture, told apart by what is in the folder.

    Args:
        path: the folder. Of a capture that stands in a case, it is checked as well that it belongs there.

    Returns:
        Findings with paths relative to the folder, as they are made.

    Raises:
        CaseNotFound: it is neither.
    """
    if tree.kind_of(path / layout.CASE_FILE) != "unread":
        return verify_case(path)
    if any(tree.kind_of(path / name) != "unread" for name in _OF_A_BAG) or layout.CAPTURE_ID.fullmatch(path.name):
        return verify_capture(path, case=_case_around(path))
    if tree.kind_of(path / layout.CAPTURES) == "folder":
        return verify_case(path)
    raise CaseNotFound(f"there is neither a case nor a capture in {path}")


def _case_around(bag: Path) -> Path | None:
    # Not resolved: a link on the way would lead out of the case in which the name stands.
    above = Path(os.path.abspath(bag)).parents  # noqa: PTH100
    if len(above) < 3 or above[1].name != layout.CAPTURES or tree.kind_of(above[2] / layout.CASE_FILE) != "file":
        return None
    return above[2]
