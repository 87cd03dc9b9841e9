"""Lists what a case holds, from the custody manifests alone; the cache it keeps can be deleted at any time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from archiver.case import layout
from archiver.model import Outcome, Record

CACHE = "index.jsonl"
PACKAGE = "package"
"""The folder, in one of those under `received/`, in which a package stands as it came."""


_OPENED_BY_A_LOGIN = frozenset({"age", "protected", "subscribers", "unavailable"})


class Entry(Record, frozen=True, kw_only=True):
    """One capture, as lists show it. Texts are untrusted.

    Attributes:
        id: capture id.
        platform, post: what was captured.
        outcome, reason: how it ended.
        url, author, name, created, text, media: from the manifest's summary.
        started: when the capture began.
        inputs: the designations verbatim.
        login: whether a login of the operator's was used.
        received: name of the folder under `received/` with which it came; empty for a capture made in this case.
    """

    id: str
    platform: str
    post: str
    outcome: Outcome
    reason: str
    url: str
    author: str
    name: str
    created: str
    text: str
    media: int
    started: str
    inputs: tuple[str, ...]
    login: bool = False
    received: str = ""

    @property
    def done(self) -> bool:
        """Whether nothing more is to be had: the post was captured whole, or its refusal was."""
        return self.outcome in ("captured", "absent", "withheld")

    def done_for(self, *, login: bool) -> bool:
        """Tell whether nothing more is to be had by whoever has a login, or has none."""
        opens = login and not self.login and self.outcome == "withheld" and self.reason in _OPENED_BY_A_LOGIN
        return self.done and not opens


class _Summary(msgspec.Struct):
    url: str = ""
    author: str = ""
    name: str = ""
    created: str = ""
    text: str = ""
    media: int = 0


class _Input(msgspec.Struct):
    input: str


class _Access(msgspec.Struct, frozen=True):
    login: bool = False


class _Manifest(msgspec.Struct):
    capture: str
    platform: str
    id: str
    outcome: Outcome
    reason: str
    summary: _Summary
    started: str
    inputs: tuple[_Input, ...]
    access: _Access = _Access()


_READ_MANIFEST = msgspec.json.Decoder(_Manifest)
_READ_ENTRY = msgspec.json.Decoder(Entry)


def entries(case: Path, *, keep: bool = True) -> Iterator[Entry]:
    """Yield every capture of a case, oldest first. What is damaged is left out: verification speaks of that.

    Args:
        case: the folder of the case.
        keep: whether to write down what was read, for the next time.
    """
    cached = _read_cache(case)
    fresh = False
    found = []
    for capture_id, folder in captures(case):
        entry = cached.get(capture_id)
        if entry is None:
            entry = read_entry(folder)
            fresh = fresh or entry is not None
        if entry is not None:
            found.append(entry)
    if fresh and keep:
        _write_cache(case, found)
    yield from sorted(found, key=lambda entry: (entry.started, entry.id))


def received_entries(case: Path) -> Iterator[Entry]:
    """Yield every capture that came in a package, in the order in which they came; what is damaged is left out."""
    for name, folder in received(case):
        entry = read_entry(folder)
        if entry is not None:
            yield msgspec.structs.replace(entry, received=name)


def folder_of(case: Path, entry: Entry) -> Path:
    """Return where the capture of an entry stands."""
    top = case / layout.RECEIVED / entry.received / PACKAGE if entry.received else case
    return layout.capture_folder(top, entry.id)


def read_entry(folder: Path) -> Entry | None:
    """Read one capture's entry from its manifest; None if that cannot be read."""
    try:
        manifest = _READ_MANIFEST.decode((folder / layout.CUSTODY_MANIFEST).read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if manifest.capture != folder.name:
        return None
    summary = manifest.summary
    return Entry(
        id=manifest.capture,
        platform=manifest.platform,
        post=manifest.id,
        outcome=manifest.outcome,
        reason=manifest.reason,
        url=summary.url,
        author=summary.author,
        name=summary.name,
        created=summary.created,
        text=summary.text,
        media=summary.media,
        started=manifest.started,
        inputs=tuple(item.input for item in manifest.inputs),
        login=manifest.access.login,
    )


def captures(case: Path) -> Iterator[tuple[str, Path]]:
    """Yield id and folder of each capture made in a case, in the order of their ids, which is that of time."""
    top = case / layout.CAPTURES
    if not top.is_dir():
        return
    with os.scandir(top) as items:
        days = sorted(item.name for item in items if layout.DAY.fullmatch(item.name) and item.is_dir())
    for day in days:
        with os.scandir(top / day) as items:
            names = sorted(item.name for item in items if layout.CAPTURE_ID.fullmatch(item.name) and item.is_dir())
        for name in names:
            yield name, top / day / name


def received(case: Path) -> Iterator[tuple[str, Path]]:
    """Yield, for each capture that came in a package, the name under which that was taken over, and its folder."""
    top = case / layout.RECEIVED
    if not top.is_dir():
        return
    with os.scandir(top) as items:
        names = sorted(item.name for item in items if layout.CAPTURE_ID.fullmatch(item.name) and item.is_dir())
    for name in names:
        for _, folder in captures(top / name / PACKAGE):
            yield name, folder


def _read_cache(case: Path) -> dict[str, Entry]:
    try:
        lines = (case / layout.WORK / CACHE).read_bytes().splitlines()
        found = (_READ_ENTRY.decode(line) for line in lines)
        return {entry.id: entry for entry in found}
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}


def _write_cache(case: Path, found: list[Entry]) -> None:
    path = case / layout.WORK / CACHE
    temporary = path.with_name(f"{CACHE}.{layout.random_letters(6)}")
    try:
        temporary.write_bytes(b"".join(msgspec.json.encode(entry) + b"\n" for entry in found))
        temporary.replace(path)
    except OSError:
        # A case on a read-only disk is listed all the same, only slower.
        with suppress(OSError):
            temporary.unlink()
