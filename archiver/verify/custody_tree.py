"""Checks what stands in the folders of custody: names that belong there and none beside them; it reads nothing."""

from __future__ import annotations

from collections.abc import Iterator

from archiver.case import layout
from archiver.custody import seal
from archiver.model import Finding
from archiver.verify import tree
from archiver.verify.custody import Custody, is_seal_file
from archiver.verify.findings import failure, shown, warning
from archiver.verify.log_file import HEAD, LINES, WORDS
from archiver.verify.reading import Unread


def check_tree(custody: Custody) -> Iterator[Finding]:
    """Find links, special files and names that are not allowed, and files that could not be read."""
    for path, listed in custody.folders.items():
        if listed is None:
            yield failure("unreadable", path, "the folder cannot be read")
            continue
        yield from tree.outsiders(path, listed)
        for entry in listed:
            ordinary = entry.kind in ("file", "folder") and not layout.is_litter(entry.name)
            if ordinary and not _belongs(path, entry):
                yield failure("added", tree.below(path, entry.name), f"no {entry.kind} of this name stands here")
    for folder in custody.seals.values():
        for name, found in folder.files.items():
            if isinstance(found, Unread):
                yield failure("unreadable", folder.path(name), found.why)
    if custody.allowed_signers is not None:
        detail = f"it is damaged ({shown(str(custody.allowed_signers))}); nothing rests on it"
        yield warning("trust", layout.ALLOWED_SIGNERS, detail)


def _belongs(folder: str, entry: tree.Entry) -> bool:
    if folder in (layout.SEALS, layout.RECEIVED):
        return entry.kind == "folder" and seal.NAME.fullmatch(entry.name) is not None
    if folder == layout.CUSTODY:
        stem, point, suffix = entry.name.partition(".")
        of_a_log = layout.WRITER.fullmatch(stem) is not None and f"{point}{suffix}" in (LINES, HEAD, WORDS)
        return entry.kind == "file" and of_a_log
    return entry.kind == "file" and is_seal_file(entry.name)
