"""Checks what stands in a bag: every name that has to be there, and none beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archiver.case import layout
from archiver.model import Finding
from archiver.verify import tree
from archiver.verify.findings import concluded, failure, ok
from archiver.verify.snapshot import Snapshot

_TAG_FILES = (*layout.TAG_FILES, layout.TAGMANIFEST)
_PAYLOAD = (layout.CUSTODY_MANIFEST, layout.POST_JSON, layout.POST_HTML, layout.WARC)


def check_tree(snapshot: Snapshot) -> Iterator[Finding]:
    """Find links, special files, names that are not allowed and names that are missing."""
    yield from concluded(
        _strangers(snapshot), ok("tree", "", "nothing stands in the capture that does not belong there")
    )


def _strangers(snapshot: Snapshot) -> Iterator[Finding]:
    listed = snapshot.payload_list if isinstance(snapshot.payload_list, dict) else {}
    for folder, entries in snapshot.folders.items():
        if entries is None:
            yield failure("unreadable", folder, "the folder cannot be read")
            continue
        yield from tree.outsiders(folder, entries)
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.kind == "folder" and path not in (layout.DATA, layout.MEDIA) and not layout.is_litter(entry.name):
                yield failure("added", tree.below(folder, entry.name), "no capture has a folder here of this name")
            elif entry.kind == "file" and path not in snapshot.files and not layout.is_litter(entry.name):
                yield failure("added", tree.below(folder, entry.name), "no capture has a file of this name")
            elif layout.is_payload_name(path) and entry.kind == "file" and listed and path not in listed:
                yield _unlisted(snapshot, path)
    media = snapshot.folders.get(layout.MEDIA)
    if media is not None and all(layout.is_litter(entry.name) for entry in media):
        yield failure("added", layout.MEDIA, "a capture without media has no such folder")
    yield from _missing(snapshot, listed)


def _unlisted(snapshot: Snapshot, path: str) -> Finding:
    if snapshot.changed(layout.MANIFEST):
        return failure("manifest", layout.MANIFEST, f"it does not list {path}")
    return failure("added", path, f"it is not listed in {layout.MANIFEST}")


def _missing(snapshot: Snapshot, listed: Iterable[str]) -> Iterator[Finding]:
    there = {
        f"{folder}/{entry.name}" if folder else entry.name
        for folder, entries in snapshot.folders.items()
        for entry in entries or ()
    }
    media = sorted(path for path in listed if layout.is_payload_name(path))
    for path in dict.fromkeys([*_TAG_FILES, *_PAYLOAD, *media]):
        folder = path.rpartition("/")[0]
        if path not in there and snapshot.folders.get(folder, ()) is not None:
            yield failure("missing", path, "it belongs to the capture and is not there")
