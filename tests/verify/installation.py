"""An installation for tests: its key, its log in a case, seals, an authority; and a forger who has the same key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from archiver import canonical
from archiver.case import layout
from archiver.case.store import open_case
from archiver.custody import chain, memory, seal, sshsig
from archiver.custody import manifest as schema
from archiver.custody.keys import FileSigner, Signer
from archiver.custody.log import CustodyLog
from archiver.custody.logs import HEAD, LINES, log_path
from archiver.custody.roots import load_roots
from archiver.custody.sealing import Office
from archiver.hashing import hash_file, sha256_hex
from archiver.model import Finding
from tests.custody.tsa_forger import Forger, make_forger

BEGAN = datetime(2026, 11, 23, 1, 35, 12, 345678, tzinfo=UTC)
SIGNER = FileSigner(Ed25519PrivateKey.from_private_bytes(b"the key of an investigator, once"))
OTHER = FileSigner(Ed25519PrivateKey.from_private_bytes(b"the key of somebody else, always"))
AUTHORITY = "https://timestamp.example/tsr"


def open_log(
    case: Path, moment: datetime = BEGAN, signer: Signer | None = SIGNER, home: Path | None = None
) -> CustodyLog:
    """Return the log of an installation in a case; whatever is appended happens at the given moment."""
    home = home or case.with_name(f"{case.name}.home")
    return CustodyLog(open_case(case), home, signer, now=lambda: moment)


class Stamps:
    """A time-stamp authority at hand, whose word can be asked for like that of one on the network.

    Attributes:
        forger: who signs.
        time: what its clock says.
    """

    def __init__(self, time: datetime, forger: Forger | None = None) -> None:
        self.forger = forger or make_forger()
        self.time = time

    def ask(self, url: str, request: bytes, seconds: float) -> bytes:
        """Answer a request, of which the imprint and the nonce are read by their places."""
        imprint = request.index(b"\x04\x20") + 2
        number = imprint + 34
        nonce = int.from_bytes(request[number : number + request[number - 1]], "big")
        return self.forger.reply(request[imprint : imprint + 32], nonce=nonce, time=self.time)


def make_office(
    case: Path, stamps: Stamps | None = None, moment: datetime | None = None, signer: Signer | None = SIGNER
) -> Office:
    """Return what the case is sealed with; without authority, seals stay pending."""
    time = moment or (stamps.time if stamps is not None else BEGAN + timedelta(minutes=5))
    return Office(
        case=open_case(case),
        log=open_log(case, time, signer),
        signer=signer,
        authorities=(AUTHORITY,) if stamps is not None else (),
        roots=load_roots(stamps.forger.root.pem) if stamps is not None else (),
        ask=stamps.ask if stamps is not None else _nobody,
    )


def open_period(office: Office) -> schema.Opening:
    """Open the folder of a seal, have its OPEN stamped, and return what manifests say of that."""
    name = office.open()
    replies = [
        schema.OpeningReply(authority=stamped.authority, sha256=stamped.sha256)
        for stamped in office.stamp(name, seal.OPEN, 5)
    ]
    return schema.Opening(seal=name, replies=tuple(replies))


def seal_captures(office: Office, *captures: Path, name: str = "", renew: bool = False) -> Path:
    """Seal captures, have the seal stamped, and return its folder."""
    listed = {
        (capture / file).relative_to(office.case.path).as_posix(): hash_file(capture / file)[0]
        for capture in captures
        for file in (layout.TAGMANIFEST, layout.SIGNATURE)
        if (capture / file).is_file()
    }
    sealed = office.seal(listed, name=name, renew=renew)
    for stamped in office.stamp(sealed, seal.SEAL, 5):
        assert not stamped.fault, stamped.fault
    return office.case.path / layout.SEALS / sealed


def _nobody(url: str, request: bytes, seconds: float) -> bytes:
    raise AssertionError("nobody is to be asked")


def sign(folder: Path, signer: Signer | None = SIGNER) -> None:
    """Sign a bag as it is now, or take its signature away."""
    (folder / layout.SIGNATURE).unlink(missing_ok=True)
    if signer is not None:
        message = (folder / layout.TAGMANIFEST).read_bytes()
        (folder / layout.SIGNATURE).write_bytes(signer.sign(message, sshsig.CAPTURE))


def relog(folder: Path, told: Mapping[str, Any], signer: Signer | None) -> None:
    """Make the log tell of a capture what the capture now tells of itself."""
    tagmanifest = hash_file(folder / layout.TAGMANIFEST)[0]

    def agree(lines: list[dict[str, Any]]) -> None:
        for line in lines:
            if line["capture"] == folder.name and line["event"] == "started":
                line["sha256"] = schema.commitment(str(told.get("salt")), str(told.get("url")))
            elif line["capture"] == folder.name and line["event"] == "acquired":
                line["sha256"] = tagmanifest

    case = folder.parents[2]
    for path in sorted((case / layout.CUSTODY).glob(f"*{LINES}")):
        if folder.name.encode() in path.read_bytes():
            rewrite_log(case, agree, signer, writer=path.stem)


def rewrite_log(
    case: Path,
    change: Callable[[list[dict[str, Any]]], object],
    signer: Signer | None = SIGNER,
    *,
    writer: str = "",
) -> None:
    """Change the lines of a log in place, as a forger who holds the key does: chain, head and memory agree with them.

    Args:
        case: the case.
        change: edits the list of lines, given as JSON. Numbers and links are made good.
        signer: the key that signs the head.
        writer: whose log; the only one if empty.
    """
    writer = writer or only_writer(case)
    lines = [canonical.decode(raw) for raw in log_path(case, writer, LINES).read_bytes().splitlines()]
    change(lines)
    held, digest = [], chain.ZERO
    for number, line in enumerate(lines, 1):
        held.append(canonical.encode(line | {"_prev": digest, "seq": number}) + b"\n")
        digest = sha256_hex(held[-1][:-1])
    data = b"".join(held)
    head = chain.Head(digest=digest, length=len(data), sequence=len(lines), writer=writer)
    log_path(case, writer, LINES).write_bytes(data)
    write_head(case, head, signer)
    path = memory.memory_path(case.with_name(f"{case.name}.home"), open_case(case).record.id)
    known = memory.read(path)
    if known is not None and known.writer == writer:
        memory.write(path, replace(known, sequence=head.sequence, digest=head.digest, length=head.length))


def write_head(case: Path, head: chain.Head, signer: Signer | None = SIGNER) -> None:
    """Sign a head, and put it in the place of the one that is there."""
    armour = signer.sign(chain.signed_bytes(head), sshsig.LOG) if signer is not None else b""
    log_path(case, head.writer, HEAD).write_bytes(chain.head_bytes(armour, head))


def only_writer(case: Path) -> str:
    """Return the name of the one log of a case."""
    (path,) = (case / layout.CUSTODY).glob(f"*{LINES}")
    return path.stem


def settled(findings: Iterable[Finding]) -> list[Finding]:
    """Leave out the notes and warnings that any capture gives which no seal lists, where nobody is trusted."""
    asked = ("trust", "time-stamp", "opening", "redacted")
    return [found for found in findings if found.level in ("ok", "failure") or found.check not in asked]
