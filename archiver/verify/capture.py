"""Verifies one capture: takes a snapshot of it and puts every check to that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from archiver.errors import CaseNotFound
from archiver.model import Finding
from archiver.verify import account, answers, connections, digests, exchanges, judgement, media, post, shape, tree, wire
from archiver.verify.case_file import CaseFile, check_case, read_case_file
from archiver.verify.findings import counted, failure
from archiver.verify.reading import Seen
from archiver.verify.snapshot import Snapshot, take
from archiver.verify.tally import Extent

CHECKS: tuple[Callable[[Snapshot], Iterator[Finding]], ...] = (
    shape.check_tree,
    digests.check_readable,
    digests.check_tags,
    digests.check_payload,
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
)
"""Every check, in the order in which its findings are told. Each reads the snapshot and nothing else."""


def verify_capture(bag: Path, *, case: Path | None = None) -> Iterator[Finding]:
    """Verify one capture.

    Args:
        bag: its folder.
        case: the case to which it has to belong; None to leave that open.

    Returns:
        Findings with paths relative to the bag, as they are made.

    Raises:
        CaseNotFound: there is no folder.
    """
    kind = tree.kind_of(bag)
    if kind == "link":
        return iter([failure("tree", "", "the capture is a symbolic link; what it points at was not read")])
    if kind != "folder":
        raise CaseNotFound(f"there is no capture in {bag}")
    return findings_of(bag, None if case is None else read_case_file(case))


def findings_of(bag: Path, case: CaseFile | None) -> Iterator[Finding]:
    """Read the capture in a folder and yield its findings."""
    snapshot = take(bag)
    for check in CHECKS:
        yield from check(snapshot)
    yield from check_case(snapshot, case)
    read = [seen for seen in snapshot.files.values() if isinstance(seen, Seen)]
    total = sum(seen.size for seen in read)
    yield Extent(
        level="ok",
        check="extent",
        path="",
        ground="provable",
        detail=f"{counted(len(read), 'file')} with {total} bytes were read",
        files=len(read),
        bytes=total,
    )
