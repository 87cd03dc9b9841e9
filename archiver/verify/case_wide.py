"""Puts together the checks of custody that concern a case as a whole, also where only some captures are verified."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archiver.case import layout
from archiver.model import Finding
from archiver.verify import custody_tree, logs, story
from archiver.verify.case_file import CaseFile
from archiver.verify.findings import failure
from archiver.verify.handover import check_origin
from archiver.verify.places import Spot
from archiver.verify.remembered import check_remembered
from archiver.verify.seals import Seals, check_seals


def check_custody(case: Spot, case_file: CaseFile, seals: Seals, named: Mapping[str, str | None]) -> Iterator[Finding]:
    """Check what is kept of custody in a case.

    Args:
        case: the top of it.
        case_file: its case.json.
        seals: of it, with all that was read of its custody.
        named: of the captures that were verified, the fingerprint that each manifest names, by id; empty if it names
            none, None if that cannot be told.

    Returns:
        Findings with paths relative to the case, as they are made.
    """
    custody = seals.custody
    if custody.transfer is not None:
        yield from check_origin(custody.transfer, case_file)
    yield from custody_tree.check_tree(custody)
    if named and not custody.logs:
        yield failure("missing", layout.CUSTODY, "there are captures, and no custody log that tells of them")
    yield from logs.check_logs(custody, case_file)
    yield from logs.check_keys(custody, named)
    yield from story.check_captures(custody, case)
    yield from story.check_files(custody)
    yield from check_seals(case, seals, case_file)
    yield from check_remembered(custody, seals.trust)
