"""Hands captures over and takes them over without a network; and a forger who signs what he made of a package anew."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from archiver import canonical
from archiver.case import layout
from archiver.case.store import open_case, open_or_make
from archiver.config import Settings
from archiver.custody import sshsig
from archiver.custody.desk import Desk
from archiver.custody.home import Home
from archiver.custody.keys import Signer
from archiver.custody.log import CustodyLog
from archiver.custody.roots import load_roots
from archiver.export import receive
from archiver.export.contents import gather
from archiver.export.package import make
from archiver.hashing import hash_file
from archiver.verify.trust import Trust
from tests.custody.tsa_forger import make_forger

from .builder import make_capture, make_case
from .installation import BEGAN, OTHER, SIGNER, Stamps, make_office, open_log, open_period, seal_captures

FORGER = make_forger()
TRUST = Trust(own=(SIGNER.key,), roots=load_roots(FORGER.root.pem))


def make_sealed(folder: Path) -> tuple[Path, Path, Path]:
    """Make a case with two captures of one run, opened, sealed and time-stamped; return it and them."""
    case = make_case(folder / "evidence")
    office = make_office(case, Stamps(BEGAN - timedelta(seconds=1), FORGER))
    opening = open_period(office)
    captures = [
        make_capture(case, letters, seconds=seconds, opening=opening)
        for letters, seconds in (("k7f3q9", 0), ("m7f3q9", 90))
    ]
    log = open_log(case, BEGAN + timedelta(minutes=2))
    for capture in captures:
        log.append("noted", capture=capture.name, text={"note": f"a note on {capture.name}"})
    sealer = make_office(case, Stamps(BEGAN + timedelta(minutes=5), FORGER))
    seal_captures(sealer, *captures, name=opening.seal)
    return case, captures[0], captures[1]


def export(case: Path, target: Path, *captures: Path, signer: Signer | None = SIGNER) -> Path:
    """Make the package of captures, unpack it, and return the folder."""
    home = Home(case.with_name(f"{case.name}.home"))
    desk = Desk(
        case=open_case(case),
        home=home,
        settings=Settings(),
        signer=signer,
        log=open_log(case, BEGAN + timedelta(minutes=9), signer),
    )
    own = home.as_signer(signer.key) if signer is not None else None
    contents = gather(desk.case, (capture.name for capture in captures), own)
    package = make(desk, contents, target.with_suffix(".zip"), to="Chambers of A. Roe", medium="USB stick 7")
    with zipfile.ZipFile(package.path) as archive:
        archive.extractall(target)
    return target


def take_over(case: Path, package: Path, signer: Signer | None = OTHER) -> Path:
    """Take a package over into a case, which is made if there is none, and return its folder under `received/`."""
    opened, _ = open_or_make(case, "Received")
    home = Home(case.with_name(f"{case.name}.home"))
    desk = Desk(case=opened, home=home, settings=Settings(), signer=signer, log=CustodyLog(opened, home.path, signer))

    def feed(path: str, take: Callable[[bytes], object]) -> None:
        take((package / path).read_bytes())

    incoming = receive.read_incoming(feed, signed=(package / layout.TRANSFER_SIGNATURE).exists())
    name = receive.take_over(desk, incoming, feed, verdict="intact", trusted=True)
    for path in (case / name).rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return case / name


def sign_anew(package: Path, change: Callable[[Any], object] | None = None, signer: Signer | None = SIGNER) -> None:
    """Change `transfer.json`, given as JSON, in place, and sign it; that it names the key is for the change to see to.

    Args:
        package: the folder.
        change: what to change; None for nothing.
        signer: who signs; None takes the signature away.
    """
    path = package / layout.TRANSFER
    said = canonical.decode(path.read_bytes())
    if change is not None:
        change(said)
    data = canonical.encode(said)
    path.write_bytes(data)
    (package / layout.TRANSFER_SIGNATURE).unlink(missing_ok=True)
    if signer is not None:
        (package / layout.TRANSFER_SIGNATURE).write_bytes(signer.sign(data, sshsig.TRANSFER))


def list_anew(package: Path, change: Callable[[Any], object] | None = None, signer: Signer = SIGNER) -> None:
    """Make `transfer.json` list what is there now, as a forger who holds the key does, and sign it."""

    def listed(said: Any) -> None:
        said["files"] = [
            {"path": path, "bytes": size, "sha256": digest}
            for path, (digest, size) in ((path, hash_file(package / path)) for path in files(package))
            if path not in (layout.TRANSFER, layout.TRANSFER_SIGNATURE)
        ]
        said["by"] = signer.key.fingerprint
        if change is not None:
            change(said)

    sign_anew(package, listed, signer)


def files(folder: Path) -> Iterable[str]:
    """Return the paths of all files of a folder, sorted."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
