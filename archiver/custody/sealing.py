"""Makes seals: lists what a run made, has it signed and time-stamped; it reaches an authority through a callable only.

A seal's folder grows file by file, each whole when it appears: OPEN, its replies, SEAL, SEAL.sig, the replies. The log
names a file after it is there, so that a kill in between leaves something unnamed, never something missing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from archiver.case import layout
from archiver.case.files import sync_folder, write_new
from archiver.case.store import Case
from archiver.custody import seal, sshsig, timestamp
from archiver.custody.keys import Signer
from archiver.custody.log import CustodyLog, heads
from archiver.custody.roots import Root
from archiver.errors import ArchiverError, CaseLocked, FormatError
from archiver.hashing import sha256_hex
from archiver.model import Record

_PATIENCE = 60.0

Ask = Callable[[str, bytes, float], bytes]
"""Sends a time-stamp request to a URL and returns the reply within so many seconds; raises NetworkError."""


class Stamped(Record, frozen=True, kw_only=True):
    """What asking one authority came to.

    Attributes:
        authority: the name under which its replies are filed.
        document: what was to be stamped, "seals/<name>/SEAL" or "…/OPEN".
        path: the reply, from the top of the case; empty if there is none.
        sha256: of the reply; empty if there is none.
        fault: why there is none.
    """

    authority: str
    document: str
    path: str = ""
    sha256: str = ""
    fault: str = ""


@dataclass(frozen=True)
class Office:
    """What seals are made with.

    Attributes:
        case: the case.
        log: the custody log of this installation.
        signer: who signs seals; None where nothing is signed.
        authorities: URLs of the authorities to ask; none if time-stamps are off.
        roots: what their certificates have to lead to.
        ask: reaches them.
    """

    case: Case
    log: CustodyLog
    signer: Signer | None
    authorities: tuple[str, ...]
    roots: Sequence[Root]
    ask: Ask

    def open(self) -> str:
        """Make the folder of a seal with its OPEN, and return the seal's name."""
        name = layout.new_capture_id(datetime.now(UTC))
        self._place(name, seal.OPEN, seal.make_open(secrets.token_bytes(32)))
        return name

    def stamp(self, name: str, document: str, seconds: float) -> Iterator[Stamped]:
        """Have a document stamped by every authority that has not done so, all at once.

        Args:
            name: of the seal.
            document: "SEAL" or "OPEN".
            seconds: how long each authority may take.
        """
        data = (self._folder(name) / document).read_bytes()
        wanted = [url for url in self.authorities if not self._reply(name, document, url).exists()]
        if not wanted:
            return
        with ThreadPoolExecutor(len(wanted), thread_name_prefix="stamp") as pool:
            yield from pool.map(lambda url: self._stamp(name, document, data, url, seconds), wanted)

    def seal(self, captures: Mapping[str, str], *, name: str = "", renew: bool = False) -> str:
        """Seal: write SEAL and its signature, and tell the log.

        Args:
            captures: digests of tag manifests and signatures, by path from the top of the case.
            name: the seal's folder if it has one already, with its OPEN.
            renew: whether to list all that earlier seals consist of, replies included, to have it stamped again.

        Returns:
            The seal's name.

        Raises:
            ArchiverError: the key cannot sign now. Nothing is sealed then.
            OSError: something cannot be written to the disk.
        """
        with self.alone():
            return self._seal(captures, name, renew)

    def complete(self, name: str) -> None:
        """Sign and log a seal that a killed run left without; whoever calls holds `alone`.

        Raises:
            ArchiverError: the key cannot sign now.
        """
        folder = self._folder(name)
        data = (folder / seal.SEAL).read_bytes()
        signature = _read(folder / seal.SEAL_SIGNATURE)
        if signature is None and self.signer is not None:
            signature = self.signer.sign(data, sshsig.SEAL)
            self._place(name, seal.SEAL_SIGNATURE, signature)
        self._tell(name, data, signature)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other runs from sealing this case meanwhile.

        Raises:
            CaseLocked: another run has been at it for a minute.
        """
        work = self.case.path / layout.WORK
        work.mkdir(exist_ok=True)
        try:
            with FileLock(work / "seal.lock", timeout=_PATIENCE):
                yield
        except Timeout:
            raise CaseLocked(f"another run is sealing in {self.case.path}") from None

    def _seal(self, captures: Mapping[str, str], name: str, renew: bool) -> str:
        digests = dict(captures) | {layout.CASE_FILE: self.case.sha256}
        digests |= _listed(self.case.path, name, _earlier(self.case.path, everything=renew))
        logs = [
            seal.SealedLog(writer=head.writer, sequence=head.sequence, length=head.length, digest=head.digest)
            for head in heads(self.case.path)
        ]
        data = seal.to_bytes(digests, logs)
        signature = self.signer.sign(data, sshsig.SEAL) if self.signer is not None else None
        name = name or layout.new_capture_id(datetime.now(UTC))
        self._place(name, seal.SEAL, data)
        if signature is not None:
            self._place(name, seal.SEAL_SIGNATURE, signature)
        self._tell(name, data, signature)
        return name

    def _tell(self, name: str, data: bytes, signature: bytes | None) -> None:
        path = f"{layout.SEALS}/{name}/{seal.SEAL}"
        self.log.append("sealed", sha256=sha256_hex(data), what=path)
        if signature is not None:
            self.log.append("signed", sha256=sha256_hex(signature), what=f"{path}.sig")

    def _stamp(self, name: str, document: str, data: bytes, url: str, seconds: float) -> Stamped:
        authority, path = seal.authority_name(url), f"{layout.SEALS}/{name}/{document}"
        digest = bytes.fromhex(sha256_hex(data))
        try:
            request, nonce = timestamp.make_request(digest)
            reply = self.ask(url, request, seconds)
            timestamp.check(reply, digest, self.roots, nonce=nonce)
        except ArchiverError as error:
            return Stamped(authority=authority, document=path, fault=str(error))
        reply_path = f"{path}.{authority}.tsr"
        with self.alone():
            self._place(name, f"{document}.{authority}.tsr", reply)
            self.log.append("time-stamped", sha256=sha256_hex(reply), what=reply_path)
        return Stamped(authority=authority, document=path, path=reply_path, sha256=sha256_hex(reply))

    def _reply(self, name: str, document: str, url: str) -> Path:
        return self._folder(name) / f"{document}.{seal.authority_name(url)}.tsr"

    def _folder(self, name: str) -> Path:
        return self.case.path / layout.SEALS / name

    def _place(self, name: str, file: str, data: bytes) -> None:
        """Make a file of a seal appear whole and on the disk; one that is there already stays."""
        folder = self._folder(name)
        (self.case.path / layout.WORK).mkdir(exist_ok=True)
        for missing in (folder.parent, folder):
            if not missing.is_dir():
                missing.mkdir(exist_ok=True)
                sync_folder(missing.parent)
        draft = self.case.path / layout.WORK / f"{name}.{file}.{layout.random_letters(6)}"
        write_new(draft, data)
        try:
            if (folder / file).exists():
                raise FileExistsError(f"{layout.SEALS}/{name}/{file} is there already")
            draft.rename(folder / file)
        finally:
            draft.unlink(missing_ok=True)
        sync_folder(folder)


def names(case: Path) -> tuple[str, ...]:
    """Return the names of all folders of seals, oldest first."""
    try:
        found = (item.name for item in (case / layout.SEALS).iterdir())
        return tuple(sorted(name for name in found if seal.NAME.fullmatch(name)))
    except FileNotFoundError:
        return ()


def seals(case: Path) -> Iterator[tuple[str, seal.Seal]]:
    """Yield the seals of a case with their names, oldest first; what is damaged is verification's to speak of."""
    for name in names(case):
        data = _read(case / layout.SEALS / name / seal.SEAL)
        if data is None:
            continue
        try:
            yield name, seal.parse(data)
        except FormatError:
            continue


def _earlier(case: Path, *, everything: bool) -> list[str]:
    """Return the files of the seals before that the next one has to name: of the last ones, or of all."""
    found = dict(seals(case))
    followed = {name for item in found.values() for name in item.earlier}
    paths = []
    for name in found if everything else found.keys() - followed:
        folder = case / layout.SEALS / name
        ours = [seal.SEAL, seal.SEAL_SIGNATURE]
        if everything:
            ours += sorted(item.name for item in folder.iterdir() if seal.REPLY.fullmatch(item.name))
        paths += [f"{layout.SEALS}/{name}/{file}" for file in ours if (folder / file).is_file()]
    return paths


def _listed(case: Path, name: str, paths: Iterable[str]) -> dict[str, str]:
    """Return the digests of files, and of the OPEN of this seal with its replies."""
    folder = case / layout.SEALS / name
    own = [
        f"{layout.SEALS}/{name}/{item.name}"
        for item in (folder.iterdir() if name else ())
        if item.name == seal.OPEN or (seal.REPLY.fullmatch(item.name) and item.name.startswith(seal.OPEN))
    ]
    return {path: sha256_hex((case / path).read_bytes()) for path in (*own, *paths)}


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
