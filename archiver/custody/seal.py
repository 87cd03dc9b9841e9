"""The seal as a document: the digests of what a run made, flat and in one encoding; it makes and stamps nothing.

FORMAT.md describes it. It tells no more of a capture than its id and digests, so that it can go along with any of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Final

from archiver.case import layout
from archiver.errors import FormatError
from archiver.model import Record

SEAL: Final = "SEAL"
SEAL_SIGNATURE: Final = "SEAL.sig"
OPEN: Final = "OPEN"
NAME: Final = layout.CAPTURE_ID
"""The form of a seal's name, which is that of a capture id: its UTC second and random letters."""
REPLY: Final = re.compile(rf"(SEAL|OPEN)\.({layout.AUTHORITY.pattern})\.tsr")

_FIRST: Final = "archiver-seal/1"
_OPEN_FIRST: Final = "archiver-open/1"
_DIGEST: Final = "[0-9a-f]{64}"
_ID: Final = NAME.pattern
_CAPTURE: Final = rf"captures/[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}/{_ID}/tagmanifest-sha256\.txt(\.sig)?"
_EARLIER: Final = rf"seals/{_ID}/(SEAL(\.sig)?|OPEN|(SEAL|OPEN)\.{layout.AUTHORITY.pattern}\.tsr)"
_PATH: Final = re.compile(rf"case\.json|{_CAPTURE}|{_EARLIER}")
_LOG: Final = re.compile(
    rf"({_DIGEST})  custody/({layout.WRITER.pattern})\.jsonl sequence=([1-9][0-9]{{0,14}}) length=([1-9][0-9]{{0,17}})"
)
_LINE: Final = re.compile(rf"({_DIGEST})  ([!-~]+)")
_OPEN: Final = re.compile(rf"{_OPEN_FIRST}\n{_DIGEST}\n".encode("ascii"))


class SealedLog(Record, frozen=True, kw_only=True):
    """A custody log as it stood when the seal was made.

    Attributes:
        writer: whose log.
        sequence: number of its last line.
        length: bytes up to the end of that line, its newline included.
        digest: SHA-256 of that line without its newline.
    """

    writer: str
    sequence: int
    length: int
    digest: str


class Seal(Record, frozen=True, kw_only=True):
    """What a seal lists.

    Attributes:
        digests: SHA-256 by path from the top of the case: case.json, the tag manifest and signature of each capture,
            the opening of the run, and the seals before.
        logs: every custody log.
    """

    digests: dict[str, str]
    logs: tuple[SealedLog, ...]

    @property
    def captures(self) -> tuple[str, ...]:
        """Ids of the captures that it seals."""
        return tuple(path.split("/")[2] for path in self.digests if path.endswith(f"/{layout.TAGMANIFEST}"))

    @property
    def earlier(self) -> tuple[str, ...]:
        """Names of the seals that it follows."""
        return tuple(path.split("/")[1] for path in self.digests if path.endswith(f"/{SEAL}"))


def to_bytes(digests: Mapping[str, str], logs: Iterable[SealedLog]) -> bytes:
    """Return the one encoding of a seal: ASCII, lines ended by LF, sorted by path.

    Raises:
        FormatError: a path or writer is none that a seal can name.
    """
    lines = [(path, f"{digest}  {path}\n") for path, digest in digests.items()]
    for log in logs:
        path = f"{layout.CUSTODY}/{log.writer}.jsonl"
        lines.append((path, f"{log.digest}  {path} sequence={log.sequence} length={log.length}\n"))
    data = f"{_FIRST}\n{''.join(line for _, line in sorted(lines))}".encode("ascii", "replace")
    parse(data)
    return data


def parse(data: bytes) -> Seal:
    """Read a seal in the one encoding that `to_bytes` writes.

    Raises:
        FormatError: any byte differs from that encoding.
    """
    first, end, rest = data.partition(b"\n")
    if first != _FIRST.encode("ascii") or not end or not rest.endswith(b"\n"):
        raise FormatError(f"it does not begin with '{_FIRST}', or its last line does not end")
    digests: dict[str, str] = {}
    logs: dict[str, SealedLog] = {}
    paths = []
    for number, raw in enumerate(rest[:-1].split(b"\n"), 2):
        line = raw.decode("latin-1")
        if found := _LOG.fullmatch(line):
            path = f"{layout.CUSTODY}/{found[2]}.jsonl"
            logs[path] = SealedLog(writer=found[2], sequence=int(found[3]), length=int(found[4]), digest=found[1])
        elif (found := _LINE.fullmatch(line)) and _PATH.fullmatch(found[2]):
            path = found[2]
            digests[path] = found[1]
        else:
            raise FormatError(f"line {number} is not one that a seal has")
        paths.append(path)
    if any(one >= other for one, other in pairwise(paths)):
        raise FormatError("its lines are not sorted by path, or name one twice")
    return Seal(digests=digests, logs=tuple(logs.values()))


def make_open(random: bytes) -> bytes:
    """Return the bytes of an OPEN: 32 random bytes in hexadecimal, so that nobody could have it stamped before."""
    return f"{_OPEN_FIRST}\n{random.hex()}\n".encode("ascii")


def is_open(data: bytes) -> bool:
    """Tell whether bytes are those of an OPEN."""
    return _OPEN.fullmatch(data) is not None


def authority_name(url: str) -> str:
    """Return the name under which an authority's replies are filed: its host, with hyphens for all but letters."""
    host = re.sub(r"\A[a-z]+://([^/@]*@)?", "", url.lower()).partition("/")[0]
    return re.sub(r"[^a-z0-9]+", "-", host).strip("-")[:63] or "authority"
