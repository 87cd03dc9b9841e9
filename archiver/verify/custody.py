"""Reads what is kept of custody in a case, each file once, into a frozen snapshot; the checks are functions of that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeVar

from archiver.case import layout
from archiver.custody import seal, signers
from archiver.custody.transfer import Transfer
from archiver.errors import FormatError
from archiver.model import Record
from archiver.verify import tree
from archiver.verify.log_file import HEAD, LINES, WORDS, Log, Logged, read_log
from archiver.verify.places import Spot
from archiver.verify.reading import Seen, Unread, parsed

SEALED: Final = "sealed"
SIGNED: Final = "signed"
STAMPED: Final = "time-stamped"
RECEIVED: Final = "received"
_ABOUT_FILES: Final = (SEALED, SIGNED, STAMPED, RECEIVED)
_SEAL_FILES: Final = (seal.SEAL, seal.SEAL_SIGNATURE, seal.OPEN)

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class SealFolder(Record, frozen=True, kw_only=True):
    """A folder under `seals/`.

    Attributes:
        name: its name, in the form that seals have.
        files: each regular file of a name that a seal may have, small as they are with all bytes, by name.
        seal: what SEAL lists, or what is the matter with it.
    """

    name: str
    files: dict[str, Seen | Unread]
    seal: seal.Seal | FormatError

    def path(self, file: str) -> str:
        """Return the path of one of its files from the top of the case."""
        return f"{layout.SEALS}/{self.name}/{file}"

    def seen(self, file: str) -> Seen | None:
        """Return what was read of a file; None where it is missing or could not be read."""
        found = self.files.get(file)
        return found if isinstance(found, Seen) else None


class Custody(Record, frozen=True, kw_only=True):
    """What is kept of custody in a case, as it was when it was read.

    Attributes:
        transfer: what says that this is a package, and what went into it; None for a whole case.
        expected: ids of the captures that have to be here; None if that is every one.
        folders: what stands in `custody/`, `seals/`, the folders of seals and `received/`, by path; None for one that
            cannot be listed. What is not there, or no folder, is not in it.
        logs: every custody log, by the name of its writer, sorted.
        seals: every folder of a seal, by name, oldest first.
        received: what was read of `transfer.json` in each folder under `received/`, without its bytes; None where it
            is not there.
        allowed_signers: what is the matter with that file; None if nothing is, or there is none.
        started, acquired: lines of these events by the capture that they are about.
        told: lines of events about a file of the case (sealed, signed, time-stamped, received) by event and path.
        sealed: names of the seals that list a capture, by its id, oldest first.
    """

    transfer: Transfer | None
    expected: frozenset[str] | None
    folders: dict[str, tuple[tree.Entry, ...] | None]
    logs: dict[str, Log]
    seals: dict[str, SealFolder]
    received: dict[str, Seen | Unread | None]
    allowed_signers: FormatError | None
    started: dict[str, tuple[Logged, ...]]
    acquired: dict[str, tuple[Logged, ...]]
    told: dict[tuple[str, str], tuple[Logged, ...]]
    sealed: dict[str, tuple[str, ...]]

    @property
    def whole(self) -> bool:
        """Whether every log could be read from end to end, so that what none of them tells was never told."""
        return not any(log.lost for log in self.logs.values())

    def went(self, capture_id: str) -> bool:
        """Tell whether a capture has to be here: every one of a whole case, those handed over in a package."""
        return self.expected is None or capture_id in self.expected

    def seen(self, path: str) -> Seen | Unread | None:
        """Return what was read of a file of a seal, by its path from the top of the case; None if it is not there."""
        top, _, rest = path.partition("/")
        name, _, file = rest.partition("/")
        return self.seals[name].files.get(file) if top == layout.SEALS and name in self.seals else None


def take(case: Spot, transfer: Transfer | None = None) -> Custody:
    """Read the logs and seals of a case. Whatever is the matter with them is in the snapshot; nothing is raised.

    Args:
        case: the top of a case or package.
        transfer: what goes along in the package, as its `transfer.json` has it; None for a whole case.
    """
    folders = dict(_folders(case))
    segments = {segment.writer: segment for segment in transfer.logs} if transfer is not None else {}
    logs = {}
    for writer in _writers(folders.get(layout.CUSTODY)):
        begins = segments.get(writer)
        first, offset = (begins.first, begins.offset) if begins is not None else (1, 0)
        logs[writer] = read_log(case / layout.CUSTODY, writer, first=first, offset=offset)
    seals = {name: _read_seal(case, name, folders) for name in _names(folders.get(layout.SEALS))}
    lines = [line for log in logs.values() for line in log.lines]
    return Custody(
        transfer=transfer,
        expected=frozenset(transfer.captures) if transfer is not None else None,
        folders=folders,
        logs=logs,
        seals=seals,
        received={name: _received(case, name) for name in _names(folders.get(layout.RECEIVED))},
        allowed_signers=_signers_fault(case / layout.ALLOWED_SIGNERS),
        started=_grouped((line.capture, line) for line in lines if line.event == "started" and line.capture),
        acquired=_grouped((line.capture, line) for line in lines if line.event == "acquired"),
        told=_grouped(((line.event, line.what), line) for line in lines if line.event in _ABOUT_FILES),
        sealed=_sealed(seals),
    )


def _folders(case: Spot) -> Iterator[tuple[str, tuple[tree.Entry, ...] | None]]:
    for top in (layout.CUSTODY, layout.SEALS, layout.RECEIVED):
        if (case / top).kind() != "folder":
            continue
        listed = (case / top).entries()
        yield top, listed
        for name in _names(listed) if top == layout.SEALS else ():
            yield f"{top}/{name}", (case / top / name).entries()


def _writers(listed: tuple[tree.Entry, ...] | None) -> list[str]:
    """Return the names of logs of which at least one file is there."""
    found = set()
    for entry in listed or ():
        stem, point, suffix = entry.name.partition(".")
        if entry.kind == "file" and f"{point}{suffix}" in (LINES, HEAD, WORDS) and layout.WRITER.fullmatch(stem):
            found.add(stem)
    return sorted(found)


def _names(listed: tuple[tree.Entry, ...] | None) -> list[str]:
    return [entry.name for entry in listed or () if entry.kind == "folder" and seal.NAME.fullmatch(entry.name)]


def is_seal_file(name: str) -> bool:
    """Tell whether a file of this name may be in the folder of a seal."""
    return name in _SEAL_FILES or seal.REPLY.fullmatch(name) is not None


def _read_seal(case: Spot, name: str, folders: Mapping[str, tuple[tree.Entry, ...] | None]) -> SealFolder:
    top = f"{layout.SEALS}/{name}"
    files = {
        entry.name: (case / top / entry.name).read_small()
        for entry in folders[top] or ()
        if entry.kind == "file" and is_seal_file(entry.name)
    }
    return SealFolder(name=name, files=files, seal=parsed(files.get(seal.SEAL), seal.parse))


def _received(case: Spot, name: str) -> Seen | Unread | None:
    spot = case / layout.RECEIVED / name
    for part in ("package", layout.TRANSFER):
        if spot.kind() != "folder":
            return None
        spot = spot / part
    return spot.read_large() if spot.kind() == "file" else None


def _signers_fault(spot: Spot) -> FormatError | None:
    if spot.kind() != "file":
        return None
    found = parsed(spot.read_small(), signers.parse)
    return found if isinstance(found, FormatError) else None


def _sealed(seals: Mapping[str, SealFolder]) -> dict[str, tuple[str, ...]]:
    found = ((folder.name, folder.seal) for folder in seals.values())
    return _grouped((capture, name) for name, item in found if isinstance(item, seal.Seal) for capture in item.captures)


def _grouped(pairs: Iterable[tuple[_Key, _Value]]) -> dict[_Key, tuple[_Value, ...]]:
    found: defaultdict[_Key, list[_Value]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return {key: tuple(values) for key, values in found.items()}
