"""Checks what makes a folder a package: the list of what was handed over, who signed that, and the files against it.

Nothing in a package is a ground for trust, and the list least of all: whoever hands over writes it.
"""

from __future__ import annotations

from collections.abc import Iterator

from archiver import times
from archiver.case import layout
from archiver.custody import sshsig, transfer
from archiver.custody.sshkeys import PublicKey
from archiver.custody.transfer import Transfer
from archiver.errors import FormatError
from archiver.model import Finding, Record
from archiver.verify.case_file import CaseFile, CaseRecord
from archiver.verify.findings import concluded, counted, failure, ok, shown, warning
from archiver.verify.places import Spot
from archiver.verify.reading import Seen, Unread, parsed
from archiver.verify.stamps import readable
from archiver.verify.tree import below
from archiver.verify.trust import Trust
from archiver.verify.watching import Watch

_CHECK = "transfer"
_PATH = layout.TRANSFER


class Document(Record, frozen=True, kw_only=True):
    """The `transfer.json` of a package as it was when it was read.

    Attributes:
        seen: what was read; None if it is not there or no regular file.
        transfer: what it says, or what is the matter with it.
        signed: whether something stands where its signature has to.
        signer: who validly signed it, or why nobody did.
    """

    seen: Seen | Unread | None
    transfer: Transfer | FormatError
    signed: bool
    signer: PublicKey | FormatError


def is_package(top: Spot) -> bool:
    """Tell whether something is there that makes a folder a package, whatever state it is in."""
    return (top / layout.TRANSFER).kind() != "unread"


def read_document(top: Spot) -> Document:
    """Read what says that this is a package. Whatever is the matter with it is in the record; nothing is raised."""
    seen = _small(top / layout.TRANSFER)
    message = seen.data if isinstance(seen, Seen) else None
    signature = top / layout.TRANSFER_SIGNATURE
    signer: PublicKey | FormatError = FormatError("what it would be over could not be read")
    if message is not None:
        document = message
        signer = parsed(_small(signature), lambda armour: sshsig.verify(armour, document, sshsig.TRANSFER))
    return Document(
        seen=seen,
        transfer=parsed(seen, transfer.from_bytes),
        signed=signature.kind() != "unread",
        signer=signer,
    )


def _small(spot: Spot) -> Seen | Unread | None:
    return spot.read_small() if spot.kind() == "file" else None


def check_document(document: Document, trust: Trust) -> Iterator[Finding]:
    """Check what says that this is a package, and who signed that."""
    said = document.transfer
    if isinstance(document.seen, Unread):
        yield failure("unreadable", _PATH, document.seen.why)
    elif document.seen is None:
        yield failure("missing", _PATH, "a package has a regular file of this name")
    elif isinstance(said, FormatError):
        yield failure(_CHECK, _PATH, f"it does not say what was handed over in the form that it has to: {_plain(said)}")
    else:
        yield from concluded(_signature(document, said, trust), ok(_CHECK, _PATH, _words(said)))


def _signature(document: Document, said: Transfer, trust: Trust) -> Iterator[Finding]:
    key = document.signer
    faults = tuple(signature_faults(_PATH, said.by, document.signed, key))
    yield from faults
    if not said.by and not faults:
        yield warning("signature", _PATH, "nobody has signed what was handed over, or to whom", "provable")
    elif isinstance(key, PublicKey) and not faults:
        opinion = trust.judge(key, sshsig.TRANSFER, said=times.parse(said.at))
        who = f"{shown(opinion.who)} has signed what was handed over"
        if opinion.trusted:
            yield ok("signature", layout.TRANSFER_SIGNATURE, f"{who}: {shown(opinion.why, 300)}")
        else:
            detail = f"{who}, whom you do not trust: {shown(opinion.why, 300)}"
            yield warning("trust", layout.TRANSFER_SIGNATURE, detail, "provable")


def signature_faults(name: str, by: str, signed: bool, key: PublicKey | FormatError) -> Iterator[Finding]:
    """Check that a document is signed as it says.

    Args:
        name: of the document; that of its signature ends in `.sig` besides.
        by: fingerprint of the key that has to have signed it; empty if nobody has.
        signed: whether something stands where its signature has to.
        key: who validly signed it, or why nobody did.
    """
    path = f"{name}.sig"
    if not by:
        if signed:
            yield failure("signature", path, f"{name} says that it is unsigned, and yet there is a signature")
    elif not signed:
        yield failure("signature", path, f"the signature by {by} is not there")
    elif isinstance(key, FormatError):
        yield failure("signature", path, f"it is no valid signature of {name}: {_plain(key)}")
    elif key.fingerprint != by:
        yield failure("signature", path, f"{key.fingerprint} has signed, and not {by}, which {name} names")


def _words(said: Transfer) -> str:
    stated = (("by", said.operator), ("to", said.to), ("on", said.medium))
    words = "".join(f", {how} {shown(what)}" for how, what in stated if what)
    at = readable(times.parse(said.at))
    return f"it tells what was handed over at {at}{words}: {counted(len(said.captures), 'capture')}"


def check_origin(said: Transfer, case: CaseFile) -> Iterator[Finding]:
    """Check that a package comes from the case of which it holds the case.json. Its digest is that of a file listed."""
    if isinstance(case.record, CaseRecord) and case.record.id != said.case.id:
        yield failure(_CHECK, _PATH, f"it names another case than {layout.CASE_FILE} does")


def check_files(watch: Watch, said: Transfer, *, capture: str = "") -> Iterator[Finding]:
    """Check that the files of a package are those that went, each as it was then, and that there are no others.

    Args:
        watch: on the package, with whatever the checks have read of it so far.
        said: what went.
        capture: id of the only capture that is verified, so that the files of others are not read; empty for all.
    """
    files = {file.path: file for file in said.files if not capture or _concerns(file.path, capture)}
    size = sum(file.bytes for file in files.values())
    detail = f"{counted(len(files), 'file')}, {size} bytes in all, are as {_PATH} lists them, and there are no others"
    return concluded(_files(watch, files, capture), ok(_CHECK, "", detail))


def _files(watch: Watch, files: dict[str, transfer.TransferredFile], capture: str) -> Iterator[Finding]:
    there: set[str] = set()
    for path, known in _walk(watch.top, {*files, _PATH, layout.TRANSFER_SIGNATURE}):
        if known:
            there.add(path)
        elif not capture or _concerns(path, capture):
            yield failure(_CHECK, path, f"{_PATH} does not list it, and it is here")
    for path, file in files.items():
        found = watch.digest(path) if path in there else None
        if found is None:
            yield failure(_CHECK, path, f"{_PATH} lists it, and there is no such file here")
        elif isinstance(found, Unread):
            yield failure("unreadable", path, found.why)
        elif found.size != file.bytes:
            yield failure(_CHECK, path, f"it has {counted(found.size, 'byte')}, and {file.bytes} when it went")
        elif found.sha256 != file.sha256:
            yield failure(_CHECK, path, "it is not the one that went: its content is another")


def _walk(top: Spot, listed: set[str]) -> Iterator[tuple[str, bool]]:
    """Yield the path of everything that stands in a package but folders of what is listed, and whether it is listed.

    What a file system itself may have dropped is passed over, and folders without anything that is listed are not
    looked into: so a hostile tree is followed no further than the list goes.
    """
    folders = {path[:end] for path in listed for end in range(len(path)) if path[end] == "/"}
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        for entry in (top / folder if folder else top).entries() or ():
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.kind == "folder" and path in folders:
                waiting.append(path)
            elif entry.kind == "file" and path in listed:
                yield path, True
            elif not (entry.kind in ("file", "folder") and layout.is_litter(entry.name)):
                yield below(folder, entry.name), False


def _concerns(path: str, capture: str) -> bool:
    """Tell whether a file belongs to a capture, or to no capture at all."""
    return not path.startswith(f"{layout.CAPTURES}/") or path.startswith(f"{layout.capture_path(capture)}/")


def _plain(fault: FormatError) -> str:
    return shown(str(fault), 300)
