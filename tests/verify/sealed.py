"""Makes cases that are opened, sealed and time-stamped, and puts into them what an authority would never have said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from archiver.case import layout
from archiver.custody import manifest as schema
from archiver.custody import seal
from archiver.custody.keys import Signer
from archiver.custody.roots import load_roots
from archiver.hashing import sha256_hex
from archiver.model import Finding
from archiver.verify import verify
from archiver.verify.tally import Extent
from archiver.verify.trust import Trust
from tests.custody.tsa_forger import Forger, make_forger

from .builder import make_capture, make_case
from .installation import BEGAN, SIGNER, Stamps, make_office, open_log, open_period, seal_captures

FORGER = make_forger()
OPENED = BEGAN + timedelta(seconds=2)
STAMPED = BEGAN + timedelta(minutes=1)
TRUST = Trust(own=(SIGNER.key,), operator="Ana Núñez", roots=load_roots(FORGER.root.pem))
"""What the investigator trusts who made these cases."""


@dataclass
class Sealed:
    """A case with one capture and one seal.

    Attributes:
        case: its folder.
        capture: folder of the capture.
        name: of the seal.
        trust: whom whoever verifies trusts.
    """

    case: Path
    capture: Path
    name: str
    trust: Trust = TRUST

    @property
    def seal(self) -> Path:
        """The folder of the seal."""
        return self.case / layout.SEALS / self.name

    def place(self, file: str) -> str:
        """Return the path of a file of the seal, or else of the capture, as findings show it."""
        if file.startswith((seal.SEAL, seal.OPEN)):
            return f"{layout.SEALS}/{self.name}/{file}"
        return f"{layout.capture_path(self.capture.name)}/{file}".rstrip("/")

    def findings(self) -> list[Finding]:
        return list(verify(self.case, self.trust))

    def odd(self, *levels: str) -> set[tuple[str, str, str]]:
        """Return level, check and path of all findings of some levels; of all but ok if none is named.

        The note that a credential was overwritten is left out: every sample capture has one.
        """
        wanted = levels or ("note", "warning", "failure")
        told = (found for found in self.findings() if found.check != "redacted")
        return {(found.level, found.check, found.path) for found in told if found.level in wanted}

    def failures(self) -> set[tuple[str, str]]:
        return {(check, path) for _, check, path in self.odd("failure")}

    def extent(self) -> Extent:
        (found,) = (found for found in self.findings() if isinstance(found, Extent))
        return found


def make_sealed(
    case: Path,
    *,
    opened: datetime | None = OPENED,
    stamped: datetime | None = STAMPED,
    signer: Signer | None = SIGNER,
    seal_signer: Signer | None = SIGNER,
    forger: Forger = FORGER,
    sealed: bool = True,
) -> Sealed:
    """Make a case with one capture, and seal it.

    Args:
        case: folder that is to be made.
        opened: when the opening of the run is stamped; None for none.
        stamped: when the seal is stamped; None for never.
        signer: who signs capture and log; None for an unsigned installation.
        seal_signer: who signs the seal.
        forger: the authority.
        sealed: whether there is a seal at all.
    """
    make_case(case)
    opening, name = schema.Opening(), ""
    if opened is not None:
        opening = open_period(make_office(case, Stamps(opened, forger), BEGAN, signer))
        name = opening.seal
    capture = make_capture(case, signer=signer, opening=opening)
    if sealed:
        stamps = Stamps(stamped, forger) if stamped is not None else None
        office = replace(make_office(case, stamps, STAMPED, signer), signer=seal_signer)
        name = seal_captures(office, capture, name=name).name
    return Sealed(case=case, capture=capture, name=name)


def plant(world: Sealed, reply: bytes, document: str = seal.SEAL, *, told: bool = True) -> str:
    """Put a reply into the folder of the seal, as if an authority had given it, and return its file name.

    Args:
        world: the case.
        reply: the reply.
        document: what it is said to be for.
        told: whether the log tells of it, as it does of each that came while the program ran.
    """
    name = f"{document}.rogue-example.tsr"
    (world.seal / name).write_bytes(reply)
    if told:
        log = open_log(world.case, STAMPED + timedelta(seconds=1))
        log.append("time-stamped", sha256=sha256_hex(reply), what=f"{layout.SEALS}/{world.name}/{name}")
    return name


def digest_of(world: Sealed, document: str = seal.SEAL) -> bytes:
    """Return what a reply over a document of the seal has to be for."""
    return bytes.fromhex(sha256_hex((world.seal / document).read_bytes()))
