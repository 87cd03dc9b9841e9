"""Verifies a package: a case of which only what was handed over is there, and of that all."""

from __future__ import annotations

from collections.abc import Iterator

from archiver.custody.transfer import Transfer
from archiver.model import Finding
from archiver.verify.case import findings_of_case
from archiver.verify.handover import Document, check_document, check_files
from archiver.verify.places import Spot
from archiver.verify.trust import NOBODY, Trust
from archiver.verify.watching import Watch


def findings_of_package(
    top: Spot, document: Document, *, trust: Trust = NOBODY, workers: int | None = None
) -> Iterator[Finding]:
    """Read a package, wherever it is, and yield its findings.

    Args:
        top: the top of it.
        document: its `transfer.json`. Where that is damaged, the captures are verified, each by itself.
        trust: whom whoever verifies trusts.
        workers: captures that are read at once, as in `verify_case`.

    Returns:
        Findings with paths relative to the package, as they are made.
    """
    watch = Watch(top)
    yield from check_document(document, trust)
    yield from findings_of_case(watch.top, trust=trust, workers=workers, transfer=document.transfer)
    if isinstance(document.transfer, Transfer):
        yield from check_files(watch, document.transfer)
