"""Reads one capture, each file once, into a frozen snapshot; every check is a function of that and of nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from archiver import canonical
from archiver.case import layout
from archiver.case.bag import parse_manifest
from archiver.custody.manifest import CustodyManifest
from archiver.custody.manifest import from_bytes as parse_account
from archiver.errors import FormatError
from archiver.model import Json, Record
from archiver.verify import tree
from archiver.verify.places import Spot
from archiver.verify.reading import Seen, Unread, parsed
from archiver.verify.scan import scan
from archiver.verify.scanned import Scan, Scanned, Wants

JUDGED = ("syndication", "oembed", "graphql")
"""Purposes of the exchanges from which a judgement follows: the last of each."""

_READ = (*JUDGED, "thread")
"""Purposes of the exchanges of whose last answer something is read."""

_WORTH_A_THREAD = 8 << 20
_SMALL = (
    *layout.TAG_FILES,
    layout.TAGMANIFEST,
    layout.SIGNATURE,
    layout.CUSTODY_MANIFEST,
    layout.POST_JSON,
    layout.POST_HTML,
)


class Snapshot(Record, frozen=True, kw_only=True):
    """A capture as it was when it was read.

    Attributes:
        name: of its folder.
        folders: what stands in each folder that a bag may have, by its path; None for one that cannot be listed.
        files: each regular file of a name that a bag may have, by path.
        account: the custody manifest, or what is the matter with it.
        payload_list, tag_list: digests by path, from the two manifests of the bag, or what is the matter with them.
        post: the decoded post.json, or what is the matter with it.
        warc: the WARC, or why it could not be read.
    """

    name: str
    folders: dict[str, tuple[tree.Entry, ...] | None]
    files: dict[str, Seen | Unread]
    account: CustodyManifest | FormatError
    payload_list: dict[str, str] | FormatError
    tag_list: dict[str, str] | FormatError
    post: Json
    warc: Scan | FormatError

    def seen(self, path: str) -> Seen | None:
        """Return what was read of a file; None where it is missing or could not be read."""
        found = self.files.get(path)
        return found if isinstance(found, Seen) else None

    def changed(self, path: str) -> bool:
        """Tell whether a file is not what its list says, as far as the list itself is what it was."""
        if path in layout.TAG_FILES:
            listed = self.tag_list
        else:
            listed = FormatError("it has changed") if self.changed(layout.MANIFEST) else self.payload_list
        seen = self.seen(path)
        return seen is not None and isinstance(listed, dict) and listed.get(path, seen.sha256) != seen.sha256

    def blame(self, *paths: str) -> str:
        """Return which of several files that contradict each other has changed; the first if that cannot be told."""
        return next((path for path in paths if self.changed(path)), paths[0])

    @property
    def records(self) -> dict[str, Scanned]:
        """The records of the WARC by id; the first one where an id stands twice."""
        found = self.warc.records if isinstance(self.warc, Scan) else ()
        return {record.header.id: record for record in reversed(found)}


def take(bag: Spot) -> Snapshot:
    """Read a capture. Whatever is the matter with it is in the snapshot; nothing is raised."""
    folders = dict(_folders(bag))
    paths = list(_readable(folders))
    files = {path: (bag / path).read_small() for path in paths if path in _SMALL}
    account = parsed(files.get(layout.CUSTODY_MANIFEST), parse_account)
    post = parsed(files.get(layout.POST_JSON), _canonical)
    media = {path: (bag / path).size() for path in paths if path not in _SMALL and path != layout.WARC}
    warc: Scan | Unread | None = None
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1), thread_name_prefix="media") as pool:
        beside = pool.map if sum(media.values()) > _WORTH_A_THREAD else map
        read = beside(lambda path: (bag / path).read_large(), media)
        if layout.WARC in paths:
            wants = _wants(account, post, media)
            warc = (bag / layout.WARC).read_with(lambda file, size: scan(file, size, wants))
        files |= zip(media, read, strict=True)
    if warc is not None:
        files[layout.WARC] = (
            warc if isinstance(warc, Unread) else Seen(size=warc.size, sha256=warc.sha256, start=b"", data=None)
        )
    return Snapshot(
        name=bag.name,
        folders=folders,
        files=files,
        account=account,
        payload_list=parsed(files.get(layout.MANIFEST), parse_manifest),
        tag_list=parsed(files.get(layout.TAGMANIFEST), parse_manifest),
        post=post,
        warc=warc if isinstance(warc, Scan) else FormatError(warc.why if warc is not None else "it is not there"),
    )


def _folders(bag: Spot) -> Iterator[tuple[str, tuple[tree.Entry, ...] | None]]:
    """List the folders that a bag may have, and no other: what is in a folder that does not belong, does not either."""
    path, listed = "", bag.entries()
    yield path, listed
    for name in (layout.DATA, layout.MEDIA):
        if not any(tree.below(path, item.name) == name and item.kind == "folder" for item in listed or ()):
            return
        path, listed = name, (bag / name).entries()
        yield path, listed


def _readable(folders: Mapping[str, tuple[tree.Entry, ...] | None]) -> Iterator[str]:
    for folder, listed in folders.items():
        for entry in listed or ():
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.kind == "file" and (path in _SMALL or layout.is_payload_name(path)):
                yield path


def _canonical(data: bytes) -> Json:
    value = canonical.decode(data)
    if not canonical.is_canonical(data, value):
        raise FormatError("it is not in canonical form")
    return value


def _wants(account: CustodyManifest | FormatError, post: Json, sizes: Mapping[str, int]) -> Wants:
    """Tell what of the WARC the checks will ask for."""
    if isinstance(account, FormatError):
        return Wants(answers=frozenset(_origins(post)), decoded={}, overwritten={}, methods={})
    judged = (last_response(account, purpose) for purpose in _READ)
    return Wants(
        answers=frozenset(_origins(post)) | {record for record in judged if record},
        # What a body inflates to is followed no further than the file goes that it is said to be.
        decoded={file.record: sizes.get(file.path, 0) for file in account.files if file.relation == "decoded"},
        overwritten=_overwritten(account),
        methods={exchange.response: exchange.method for exchange in account.exchanges},
    )


def _overwritten(account: CustodyManifest) -> dict[str, tuple[tuple[int, int], ...]]:
    parts: dict[str, list[tuple[int, int]]] = {}
    for item in account.redactions:
        if item.offset >= 0 and item.length > 0:
            parts.setdefault(item.record, []).append((item.offset, item.length))
    return {record: tuple(found) for record, found in parts.items()}


def last_response(account: CustodyManifest, purpose: str) -> str | None:
    """Return the response record of the last exchange of a purpose: empty if none came, None without exchange."""
    return next((item.response for item in reversed(account.exchanges) if item.purpose == purpose), None)


def _origins(post: Json) -> Iterator[str]:
    """Yield the records that a post.json names. It may be anything."""
    origins = post.get("origins") if isinstance(post, dict) else None
    for origin in origins.values() if isinstance(origins, dict) else ():
        record = origin.get("record") if isinstance(origin, dict) else None
        if isinstance(record, str):
            yield record
