"""Checks the two lists of digests against the files, and the tag files against what they have to say.

Where a file and a list disagree, one of them has changed. Some files follow from others byte for byte, which tells
which one it was.
"""

from __future__ import annotations

from collections.abc import Iterator

from archiver import times
from archiver.case import bag, layout
from archiver.case.instructions import VERIFY_TEXTS
from archiver.custody.manifest import CustodyManifest
from archiver.errors import FormatError
from archiver.model import Finding
from archiver.verify.findings import concluded, counted, failure, ok, shown
from archiver.verify.reading import Unread
from archiver.verify.snapshot import Snapshot

_CHECKS = {layout.BAGIT: "bag-declaration", layout.BAG_INFO: "bag-info", layout.VERIFY: "verify-text"}
_SAYS = {
    layout.BAGIT: "is not the declaration of a BagIt 1.0 bag, byte for byte",
    layout.BAG_INFO: "does not say what follows from the custody manifest and the files",
    layout.VERIFY: "is not the text that every capture of this format carries",
}


def check_readable(snapshot: Snapshot) -> Iterator[Finding]:
    """Find files that could not be read, or changed while they were."""
    for path, found in snapshot.files.items():
        if isinstance(found, Unread):
            yield failure("unreadable", path, found.why)


def check_payload(snapshot: Snapshot) -> Iterator[Finding]:
    """Compare every file under `data/` with manifest-sha256.txt."""
    listed = snapshot.payload_list
    if isinstance(listed, FormatError):
        if layout.MANIFEST in snapshot.files:
            yield failure("manifest", layout.MANIFEST, f"it is not a manifest of this format: {listed}")
        return
    total = sum(found.size for path in listed if (found := snapshot.seen(path)) is not None)
    conclusion = ok("file", "", f"{counted(len(listed), 'file')}, {total} bytes in all, are as {layout.MANIFEST} says")
    whole = all(snapshot.seen(path) is not None for path in listed)
    yield from concluded(_payload(snapshot, listed), conclusion, whole=whole)


def _payload(snapshot: Snapshot, listed: dict[str, str]) -> Iterator[Finding]:
    account = snapshot.account
    told = {file.path: file.sha256 for file in account.files} if isinstance(account, CustodyManifest) else {}
    changed = snapshot.changed(layout.MANIFEST)
    for path, digest in listed.items():
        if not layout.is_payload_name(path):
            yield failure("manifest", layout.MANIFEST, f"it lists a path that no capture has: {shown(path)}")
            continue
        seen = snapshot.seen(path)
        if seen is None or seen.sha256 == digest:
            continue
        if told.get(path) == seen.sha256:
            detail = f"its digest for {path} is wrong; the file is as the custody manifest says"
            yield failure("manifest", layout.MANIFEST, detail)
        else:
            hint = ", which has itself been changed" if changed else ""
            yield failure("file", path, f"its content is not what {layout.MANIFEST} lists{hint}")


def check_tags(snapshot: Snapshot) -> Iterator[Finding]:
    """Compare the tag files with tagmanifest-sha256.txt, and each with what it has to say."""
    conclusion = ok("tagmanifest", "", f"the tag files are as {layout.TAGMANIFEST} says, and say what they have to")
    whole = all(snapshot.seen(name) is not None for name in (*layout.TAG_FILES, layout.TAGMANIFEST))
    yield from concluded(_tags(snapshot), conclusion, whole=whole)


def _tags(snapshot: Snapshot) -> Iterator[Finding]:
    listed: dict[str, str] = {}
    if isinstance(snapshot.tag_list, FormatError):
        if layout.TAGMANIFEST in snapshot.files:
            detail = f"it is not a manifest of this format: {snapshot.tag_list}"
            yield failure("tagmanifest", layout.TAGMANIFEST, detail)
    else:
        listed = snapshot.tag_list
        if tuple(listed) != layout.TAG_FILES:
            detail = f"it does not list {', '.join(layout.TAG_FILES)} and nothing else"
            yield failure("tagmanifest", layout.TAGMANIFEST, detail)
    for name in layout.TAG_FILES:
        yield from _tag(snapshot, name, listed.get(name))


def _tag(snapshot: Snapshot, name: str, listed: str | None) -> Iterator[Finding]:
    seen, expected = snapshot.seen(name), _expected(snapshot, name)
    if seen is None:
        return
    as_expected = expected is not None and seen.data == expected
    if listed is not None and listed != seen.sha256:
        if as_expected:
            detail = f"its digest for {name} is wrong; that file is as it has to be"
            yield failure("tagmanifest", layout.TAGMANIFEST, detail)
        else:
            yield failure("file", name, f"its content is not what {layout.TAGMANIFEST} lists")
    elif expected is not None and not as_expected and name in _CHECKS:
        yield failure(_CHECKS[name], snapshot.blame(name, layout.CUSTODY_MANIFEST), f"{name} {_SAYS[name]}")


def _expected(snapshot: Snapshot, name: str) -> bytes | None:
    """Return what a tag file has to say; None where that does not follow, because the custody manifest is damaged."""
    if name == layout.BAGIT:
        return bag.BAGIT_TXT
    if name == layout.VERIFY:
        return VERIFY_TEXTS[layout.FORMAT]
    account, itself = snapshot.account, snapshot.seen(layout.CUSTODY_MANIFEST)
    if isinstance(account, FormatError) or itself is None:
        return None
    try:
        if name == layout.MANIFEST:
            digests = {file.path: file.sha256 for file in account.files}
            return bag.manifest(digests | {layout.CUSTODY_MANIFEST: itself.sha256})
        sizes = {file.path: file.bytes for file in account.files} | {layout.CUSTODY_MANIFEST: itself.size}
        software = f"{account.program.name} {account.program.version}"
        return bag.bag_info(account.capture, times.parse(account.started), software, sizes)
    except (FormatError, ValueError):
        # Paths that are not ASCII, numbers of thousands of digits: the checks of the account speak of them.
        return None
