"""Decides what goes into a package, and that it is whole; it goes by the lists of a capture, and writes nothing.

A file that no list names does not go, and one whose digest is another than listed stops the export.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

from archiver.case import layout
from archiver.case.bag import parse_manifest
from archiver.case.store import Case
from archiver.custody import manifest, seal, sealing, signers, sshsig
from archiver.custody.signers import AllowedSigner
from archiver.custody.sshkeys import PublicKey
from archiver.custody.transfer import MAX_DOCUMENT, Segment
from archiver.errors import FormatError
from archiver.export import extracts
from archiver.export.members import Member, of_bytes, of_file, read_small
from archiver.model import Record

_MAX_LIST: Final = 1 << 24


class Contents(Record, frozen=True, kw_only=True):
    """What goes into a package.

    Attributes:
        captures: their ids, sorted.
        members: every file but `transfer.json` and its signature, sorted by path.
        logs: where the lines begin that go along of each custody log.
        unsealed: captures that no seal lists yet.
        unstamped: captures that no time-stamped seal lists yet.
    """

    captures: tuple[str, ...]
    members: tuple[Member, ...]
    logs: tuple[Segment, ...]
    unsealed: tuple[str, ...]
    unstamped: tuple[str, ...]


def gather(case: Case, captures: Iterable[str], own: AllowedSigner | None = None) -> Contents:
    """Collect what goes along with captures of a case.

    Args:
        case: the case.
        captures: their ids.
        own: the line for the key that will sign the package; None if none does.

    Raises:
        FormatError: something that has to go is damaged or missing.
        OSError: something cannot be read.
    """
    wanted = frozenset(captures)
    keys = {own.key} if own is not None else set()
    # The logs come first: what they name when they are read is there when the rest is.
    logs = tuple(extracts.extracts(case.path, wanted))
    members = [member for log in logs for member in extracts.members_of(case.path, log)]
    keys |= {log.key for log in logs if log.key is not None}
    members.append(of_file(layout.CASE_FILE, case.path / layout.CASE_FILE, sha256=case.sha256))
    opened: set[str] = set()
    for capture in sorted(wanted):
        members += _capture(case.path, capture, keys, opened)
    sealed, stamped, names = _seals(case.path, wanted)
    for name in sorted(names | opened - {""}):
        members += _seal(case.path, name, keys)
    members.append(of_bytes(layout.ALLOWED_SIGNERS, _allowed_signers(case.path, keys, own)))
    return Contents(
        captures=tuple(sorted(wanted)),
        members=tuple(sorted(members, key=lambda member: member.path)),
        logs=tuple(log.segment for log in logs),
        unsealed=tuple(sorted(wanted - sealed)),
        unstamped=tuple(sorted(wanted - stamped)),
    )


def _capture(case: Path, capture: str, keys: set[PublicKey], opened: set[str]) -> Iterator[Member]:
    """Yield the files of a capture; add who signed it to the keys, and the seal of its opening to the opened."""
    top = layout.capture_path(capture)
    tags, payload = (_list(case, f"{top}/{name}") for name in (layout.TAGMANIFEST, layout.MANIFEST))
    if tuple(tags) != layout.TAG_FILES or not all(map(layout.is_payload_name, payload)):
        raise FormatError(f"{top}: its lists name other files than a capture has")
    told = _account(case, f"{top}/{layout.CUSTODY_MANIFEST}")
    if told.capture != capture:
        raise FormatError(f"{top}: its custody manifest is that of another capture")
    yield of_file(f"{top}/{layout.TAGMANIFEST}", case / top / layout.TAGMANIFEST)
    signed_by = ""
    if (case / top / layout.SIGNATURE).exists():
        key = _signed_by(case, f"{top}/{layout.TAGMANIFEST}", f"{top}/{layout.SIGNATURE}", sshsig.CAPTURE)
        keys.add(key)
        signed_by = key.fingerprint
        yield of_file(f"{top}/{layout.SIGNATURE}", case / top / layout.SIGNATURE)
    if signed_by != told.signing.fingerprint:
        raise FormatError(f"{top}: it is not signed by the key that its custody manifest names")
    opened.add(told.opening.seal)
    for path, digest in (tags | payload).items():
        yield of_file(f"{top}/{path}", case / top / path, sha256=digest)


def _seals(case: Path, captures: Collection[str]) -> tuple[set[str], set[str], set[str]]:
    """Return which captures are sealed, which are in a time-stamped seal, and the names of the seals that go."""
    sealed: set[str] = set()
    stamped: set[str] = set()
    names: set[str] = set()
    for name, item in sealing.seals(case):
        listed = set(item.captures).intersection(captures)
        renewed = {path.split("/")[1] for path in item.digests if _is_reply(path)} & names
        if listed or renewed:
            names.add(name)
        sealed |= listed
        if any((case / layout.SEALS / name).glob(f"{seal.SEAL}.*.tsr")):
            stamped |= listed
    return sealed, stamped, names


def _is_reply(path: str) -> bool:
    """Tell whether a seal that lists this path renews another: it proves since when the stamps of that are there."""
    return path.startswith(f"{layout.SEALS}/") and f"/{seal.SEAL}." in path and path.endswith(".tsr")


def _seal(case: Path, name: str, keys: set[PublicKey]) -> Iterator[Member]:
    """Yield the files of a seal, and put who signed it to the keys."""
    top = f"{layout.SEALS}/{name}"
    if seal.NAME.fullmatch(name) is None or not (case / top).is_dir():
        raise FormatError(f"{layout.SEALS} lacks a seal that a capture names")
    for file in sorted(item.name for item in (case / top).iterdir()):
        if file in (seal.SEAL, seal.SEAL_SIGNATURE, seal.OPEN) or seal.REPLY.fullmatch(file):
            yield of_file(f"{top}/{file}", case / top / file)
        if file == seal.SEAL_SIGNATURE:
            keys.add(_signed_by(case, f"{top}/{seal.SEAL}", f"{top}/{file}", sshsig.SEAL))


def _allowed_signers(case: Path, keys: set[PublicKey], own: AllowedSigner | None) -> bytes:
    """Return the lines of the keys that signed what goes: the case's own, else one that is made from the key."""
    known = [*_known_signers(case), *([own] if own is not None else [])]
    named = {signer.key for signer in known}
    known += [AllowedSigner(principals=(signers.principal("", key),), key=key) for key in keys if key not in named]
    lines = {signers.to_line(signer) for signer in known if signer.key in keys}
    return "".join(f"{line}\n" for line in sorted(lines)).encode("utf-8")


def _known_signers(case: Path) -> tuple[AllowedSigner, ...]:
    try:
        return signers.parse(read_small(layout.ALLOWED_SIGNERS, case / layout.ALLOWED_SIGNERS, _MAX_LIST))
    except FormatError:
        # Nothing rests on this file: where it is missing or damaged, the lines are made anew.
        return ()


def _list(case: Path, path: str) -> dict[str, str]:
    try:
        return parse_manifest(read_small(path, case / path, _MAX_LIST))
    except FormatError as error:
        raise FormatError(f"{path}: {error}") from None


def _account(case: Path, path: str) -> manifest.CustodyManifest:
    try:
        return manifest.from_bytes(read_small(path, case / path, MAX_DOCUMENT))
    except FormatError as error:
        raise FormatError(f"{path}: {error}") from None


def _signed_by(case: Path, document: str, signature: str, namespace: str) -> PublicKey:
    try:
        armour = read_small(signature, case / signature, sshsig.MAX_ARMOUR)
        return sshsig.verify(armour, read_small(document, case / document, _MAX_LIST), namespace)
    except FormatError as error:
        raise FormatError(f"{signature}: {error}") from None
