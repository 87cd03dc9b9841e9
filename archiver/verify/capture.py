"""Verifies one capture: takes a snapshot of it and puts every check to that."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from archiver.custody.transfer import Transfer
from archiver.errors import CaseNotFound, FormatError
from archiver.model import Finding
from archiver.verify import (
    account,
    answers,
    asked,
    binding,
    clock,
    connections,
    custody,
    digests,
    exchanges,
    judgement,
    media,
    post,
    shape,
    signature,
    story,
    wire,
)
from archiver.verify.case_file import CaseFile, check_case, read_case_file
from archiver.verify.case_wide import check_custody
from archiver.verify.findings import below, failure
from archiver.verify.handover import check_document, check_files, is_package, read_document
from archiver.verify.places import OnDisk, Spot
from archiver.verify.seals import Seals
from archiver.verify.snapshot import Snapshot, take
from archiver.verify.standing import conclude
from archiver.verify.tally import Extent
from archiver.verify.trust import NOBODY, Trust
from archiver.verify.watching import Watch

CHECKS: tuple[Callable[[Snapshot], Iterator[Finding]], ...] = (
    shape.check_tree,
    digests.check_readable,
    digests.check_tags,
    digests.check_payload,
    signature.check_signature,
    account.check_account,
    wire.check_records,
    exchanges.check_exchanges,
    connections.check_certificates,
    connections.check_redactions,
    media.check_media,
    post.check_post,
    post.check_rendition,
    post.check_told,
    judgement.check_judgement,
    answers.check_whole,
    binding.check_server_dates,
    binding.check_access,
    binding.check_ways,
    binding.check_pieces,
    asked.check_asked,
    clock.check_clock,
)
"""Every check, in the order in which its findings are told. Each reads the snapshot and nothing else."""


_UP = "../../.."
"""The top of a case, seen from the folder of a capture."""


def verify_capture(bag: Path, *, case: Path | None = None, trust: Trust = NOBODY) -> Iterator[Finding]:
    """Verify one capture.

    Args:
        bag: its folder.
        case: the case to which it has to belong; None to leave that open.
        trust: whom whoever verifies trusts.

    Returns:
        Findings with paths relative to the bag, as they are made; last those about the custody of the case.

    Raises:
        CaseNotFound: there is no folder.
    """
    kind = OnDisk(bag).kind()
    if kind == "link":
        return iter([failure("tree", "", "the capture is a symbolic link; what it points at was not read")])
    if kind != "folder":
        raise CaseNotFound(f"there is no capture in {bag}")
    if case is None:
        return findings_of(OnDisk(bag), None, None, trust)
    if is_package(OnDisk(case)):
        return _within_package(Path(os.path.relpath(bag, case)).as_posix(), OnDisk(case), trust)
    return _within(OnDisk(bag), OnDisk(case), trust)


def _within_package(path: str, package: Spot, trust: Trust) -> Iterator[Finding]:
    """Verify a capture, and of the package around it all that does not belong to other captures."""
    document, watch = read_document(package), Watch(package)
    said, bag = document.transfer, watch.top / path
    for finding in check_document(document, trust):
        yield below(_UP, finding)
    if isinstance(said, FormatError):
        yield from findings_of(bag, read_case_file(package), None, trust)
        return
    yield from _within(bag, watch.top, trust, said)
    for finding in check_files(watch, said, capture=bag.name):
        yield below(_UP, finding)


def _within(bag: Spot, case: Spot, trust: Trust, transfer: Transfer | None = None) -> Iterator[Finding]:
    """Verify a capture, and of the case around it what is kept of custody."""
    case_file = read_case_file(case)
    seals = Seals(custody.take(case, transfer), trust)
    named = {}
    for finding in findings_of(bag, case_file, seals, trust):
        if isinstance(finding, Extent):
            named[bag.name] = finding.key
        yield finding
    for finding in check_custody(case, case_file, seals, named):
        yield below(_UP, finding)


def findings_of(bag: Spot, case: CaseFile | None, seals: Seals | None, trust: Trust) -> Iterator[Finding]:
    """Read the capture in a folder, wherever that is, and yield its findings.

    Args:
        bag: its folder.
        case: the case.json of the case to which it has to belong; None to leave that open.
        seals: of that case, with all that is kept of custody in it; None to leave that open.
        trust: whom whoever verifies trusts.
    """
    snapshot = take(bag)
    for check in CHECKS:
        yield from check(snapshot)
    yield from check_case(snapshot, case)
    if seals is not None:
        yield from story.check_story(snapshot, seals.custody)
    yield from conclude(snapshot, seals, trust)
