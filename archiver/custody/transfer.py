"""What goes along with a package, and what comes back for it, as documents; it packs, signs and checks no file.

`transfer.json` lists what was handed over, `RECEIPT.json` what was taken over. FORMAT.md says what each field means;
the classes here are the schema. Both are canonical JSON, each in one encoding.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Final, TypeVar

import msgspec
from msgspec import Meta

from archiver import canonical, times
from archiver.case import layout
from archiver.custody import seal
from archiver.custody.manifest import CaseIdentity
from archiver.errors import FormatError
from archiver.model import Record

FORMAT: Final = "archiver-transfer/1"
RECEIPT_FORMAT: Final = "archiver-receipt/1"
RECEIPT: Final = "RECEIPT.json"
RECEIPT_SIGNATURE: Final = "RECEIPT.json.sig"
MAX_DOCUMENT: Final = 16 << 20
"""Bytes that either document may have: as many as verification reads of any file but media and WARC."""
KEPT_BACK: Final = frozenset({"exported", "transferred"})
"""Events whose words stay at home: to whom a capture went before is not for the next one to read."""

_CAPTURE: Final = re.compile(rf"{layout.CAPTURES}/({layout.DAY.pattern})/({layout.CAPTURE_ID.pattern})/(.+)")
_CUSTODY: Final = re.compile(rf"{layout.CUSTODY}/({layout.WRITER.pattern})\.(jsonl|head|texts)")
_SEAL: Final = re.compile(rf"{layout.SEALS}/{seal.NAME.pattern}/(.+)")
_BAG_FILES: Final = frozenset({*layout.TAG_FILES, layout.TAGMANIFEST, layout.SIGNATURE})
_SEAL_FILES: Final = frozenset({seal.SEAL, seal.SEAL_SIGNATURE, seal.OPEN})

Sha256 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Fingerprint = Annotated[str, Meta(pattern=r"\A(SHA256:[A-Za-z0-9+/]{43})?\Z")]
"""A key as OpenSSH names it; empty where nothing is signed."""
CaptureId = Annotated[str, Meta(pattern=rf"\A{layout.CAPTURE_ID.pattern}\Z")]
Words = Annotated[str, Meta(max_length=1000)]
"""What somebody states."""
Bytes = Annotated[int, Meta(ge=0, le=1 << 62)]


class TransferredFile(Record, frozen=True, kw_only=True):
    """One file of a package: its path from the top, its size and its digest."""

    path: str
    bytes: Bytes
    sha256: Sha256


class Segment(Record, frozen=True, kw_only=True):
    """The run of lines that is handed over of a custody log; it always goes on to the end of the log.

    Attributes:
        writer: whose log.
        first: number of the first line.
        offset: bytes of the log before that line.
    """

    writer: Annotated[str, Meta(pattern=rf"\A{layout.WRITER.pattern}\Z")]
    first: Annotated[int, Meta(ge=1, le=10**15)]
    offset: Bytes


class Transfer(Record, frozen=True, kw_only=True):
    """What was handed over, by whom, to whom.

    Attributes:
        format: of the document.
        at: when the package was made.
        by: the key that has to have signed the document; empty for an unsigned package.
        operator: who hands over, as stated; empty if nobody said.
        to, medium: the recipient and the medium, as stated; may be empty.
        case: the case from which it comes.
        captures: ids of the captures, sorted.
        files: every file of the package but this document and its signature, sorted by path.
        logs: what goes along of each custody log that tells of the captures, sorted by writer.
        salt: 32 random hexadecimal digits, so that the log can name the document and tell nothing of it.
    """

    format: str
    at: str
    by: Fingerprint
    operator: Words
    to: Words
    medium: Words
    case: CaseIdentity
    captures: tuple[CaptureId, ...]
    files: tuple[TransferredFile, ...]
    logs: tuple[Segment, ...]
    salt: Annotated[str, Meta(pattern=r"\A[0-9a-f]{32}\Z")]


class Receipt(Record, frozen=True, kw_only=True):
    """What was taken over, by whom, and what verification made of it then.

    Attributes:
        format: of the document.
        at: when it was taken over.
        by: the key that has to have signed the receipt; empty for an unsigned one.
        operator: who took it over, as stated; empty if nobody said.
        sender: the key that signed `transfer.json`; empty if that was not signed.
        trusted: whether that key was the recipient's own, or one that the recipient had chosen to trust.
        verdict: what `archiver verify` said of the package, one word.
        transfer: SHA-256 of `transfer.json`.
        case: the case from which it comes, as `transfer.json` has it.
        captures, files: as `transfer.json` has them; each file was read, and had this size and digest.
    """

    format: str
    at: str
    by: Fingerprint
    operator: Words
    sender: Fingerprint
    trusted: bool
    verdict: Annotated[str, Meta(pattern=r"\A[a-z-]{1,32}\Z")]
    transfer: Sha256
    case: CaseIdentity
    captures: tuple[CaptureId, ...]
    files: tuple[TransferredFile, ...]


_Document = TypeVar("_Document", Transfer, Receipt)


def to_bytes(document: Transfer | Receipt) -> bytes:
    """Return a document as canonical JSON.

    Raises:
        FormatError: it would not be read again.
    """
    data = canonical.encode(msgspec.to_builtins(document))
    if isinstance(document, Transfer):
        from_bytes(data)
    else:
        receipt_from_bytes(data)
    return data


def from_bytes(data: bytes) -> Transfer:
    """Read a `transfer.json`.

    Raises:
        FormatError: any byte differs from what `to_bytes` writes, it lists what no package holds, or what it says of
            captures and logs does not fit the files that it lists.
    """
    transfer = _read(data, Transfer, layout.TRANSFER, FORMAT)
    _check_logs(transfer)
    return transfer


def receipt_from_bytes(data: bytes) -> Receipt:
    """Read a `RECEIPT.json`.

    Raises:
        FormatError: any byte differs from what `to_bytes` writes, or it lists what no package holds.
    """
    return _read(data, Receipt, RECEIPT, RECEIPT_FORMAT)


def is_package_path(path: str) -> bool:
    """Tell whether a file of this path may be in a package, beside `transfer.json` and its signature.

    The list is closed: nothing that it allows leads out of a folder, or means another file on another system.
    """
    if path in (layout.CASE_FILE, layout.ALLOWED_SIGNERS) or _CUSTODY.fullmatch(path):
        return True
    if found := _SEAL.fullmatch(path):
        return found[1] in _SEAL_FILES or seal.REPLY.fullmatch(found[1]) is not None
    found = _CAPTURE.fullmatch(path)
    if found is None or not path.startswith(f"{layout.capture_path(found[2])}/"):
        return False
    return found[3] in _BAG_FILES or layout.is_payload_name(found[3])


def _read(data: bytes, kind: type[_Document], name: str, form: str) -> _Document:
    if len(data) > MAX_DOCUMENT:
        raise FormatError(f"{name} is larger than {MAX_DOCUMENT >> 20} MiB")
    value = canonical.decode(data)
    if not isinstance(value, dict) or value.get("format") != form:
        raise FormatError(f"{name} is not of format {form}")
    try:
        document = msgspec.convert(value, kind)
        # Half a surrogate pair is legal in JSON, and could go on neither into a log nor to a terminal.
        "".join(_words(document)).encode("utf-8")
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise FormatError(f"{name} does not follow its schema: {_plain(error)}") from None
    if canonical.encode(msgspec.to_builtins(document)) != data:
        raise FormatError(f"{name} is not in canonical form, or leaves out fields of its schema")
    times.parse(document.at)
    _check_files(name, document)
    return document


def _words(document: Transfer | Receipt) -> tuple[str, ...]:
    if isinstance(document, Transfer):
        return document.operator, document.to, document.medium
    return (document.operator,)


def _check_files(name: str, document: Transfer | Receipt) -> None:
    _require_sorted(name, "captures", document.captures)
    _require_sorted(name, "files", [file.path for file in document.files])
    digests = {file.path: file.sha256 for file in document.files}
    if not all(is_package_path(path) for path in digests):
        raise FormatError(f"{name} lists a file that no package holds")
    if digests.get(layout.CASE_FILE) != document.case.sha256:
        raise FormatError(f"{name} lists another {layout.CASE_FILE} than that of the case that it names")
    found = {match[2] for path in digests if (match := _CAPTURE.fullmatch(path))}
    whole = all(f"{layout.capture_path(item)}/{layout.TAGMANIFEST}" in digests for item in document.captures)
    if not document.captures or found != set(document.captures) or not whole:
        raise FormatError(f"{name} lists files of other captures than those that it names")


def _check_logs(document: Transfer) -> None:
    name = layout.TRANSFER
    writers = [segment.writer for segment in document.logs]
    _require_sorted(name, "logs", writers)
    found: dict[str, set[str]] = {}
    for file in document.files:
        if match := _CUSTODY.fullmatch(file.path):
            found.setdefault(match[1], set()).add(match[2])
    if found.keys() != set(writers) or not all(kinds >= {"jsonl", "head"} for kinds in found.values()):
        raise FormatError(f"{name} lists files of other logs than those that it names")
    if any((segment.first == 1) != (segment.offset == 0) for segment in document.logs):
        raise FormatError(f"{name} has a log begin where none of its lines can")


def _require_sorted(name: str, field: str, items: Sequence[str]) -> None:
    if any(one >= other for one, other in pairwise(items)):
        raise FormatError(f"{name} does not have its {field} sorted, each once")


def _plain(error: Exception) -> str:
    return str(error).encode("ascii", "backslashreplace").decode("ascii")[:200]
