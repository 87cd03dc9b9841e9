"""Finishes what earlier runs left due: captures in no seal, seals that were not signed, logged or stamped; no more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from archiver.case import layout
from archiver.case.index import captures
from archiver.custody import seal
from archiver.custody.log import events
from archiver.custody.sealing import Office, Stamped, names, seals
from archiver.hashing import sha256_hex

_OF_SEALING = frozenset({"opened", "sealed", "signed", "time-stamped"})


def unsealed(case: Path) -> dict[str, str]:
    """Return the digests of tag manifest and signature of every capture that no seal lists, by path in the case."""
    sealed = {capture for _, item in seals(case) for capture in item.captures}
    found = {}
    for capture_id, folder in captures(case):
        if capture_id in sealed:
            continue
        for name in (layout.TAGMANIFEST, layout.SIGNATURE):
            if (folder / name).is_file():
                found[f"{layout.capture_path(capture_id)}/{name}"] = sha256_hex((folder / name).read_bytes())
    return found


def complete(office: Office) -> None:
    """Sign and log the seals, and log the replies, that a killed run left without.

    Raises:
        ArchiverError: the key cannot sign now.
        OSError: something cannot be read or written.
    """
    with office.alone():
        told = {event.line.what for event in events(office.case.path)}
        for name in names(office.case.path):
            top = f"{layout.SEALS}/{name}"
            folder = office.case.path / layout.SEALS / name
            if (folder / seal.SEAL).is_file() and f"{top}/{seal.SEAL}" not in told:
                office.complete(name)
            for item in sorted(folder.iterdir()):
                path = f"{top}/{item.name}"
                if seal.REPLY.fullmatch(item.name) and path not in told:
                    office.log.append("time-stamped", sha256=sha256_hex(item.read_bytes()), what=path)


def stamp(office: Office, seconds: float, *, unstamped_only: bool) -> Iterator[Stamped]:
    """Ask again for the stamps of earlier seals that are due.

    Args:
        office: what seals are made with.
        seconds: how long each authority may take.
        unstamped_only: whether one stamp is enough, whichever authority gave it.
    """
    for name in names(office.case.path):
        folder = office.case.path / layout.SEALS / name
        if not (folder / seal.SEAL).is_file():
            continue
        if unstamped_only and any(folder.glob(f"{seal.SEAL}.*.tsr")):
            continue
        yield from office.stamp(name, seal.SEAL, seconds)


def untold(case: Path) -> bool:
    """Tell whether a log has events behind what the seals list of it, but for those of sealing: notes, transfers."""
    reached: dict[str, int] = {}
    for _, item in seals(case):
        for log in item.logs:
            reached[log.writer] = max(log.sequence, reached.get(log.writer, 0))
    lines = (event.line for event in events(case))
    return any(line.seq > reached.get(line.writer, 0) and line.event not in _OF_SEALING for line in lines)


def seal_due(office: Office, due: Mapping[str, str], *, renew: bool = False) -> str:
    """Seal captures and events that are in no seal yet, or everything anew, and return the seal's name.

    Returns:
        The name; empty if nothing is due.

    Raises:
        ArchiverError: the key cannot sign now.
        OSError: something cannot be read or written.
    """
    return office.seal(due, renew=renew) if due or renew or untold(office.case.path) else ""
