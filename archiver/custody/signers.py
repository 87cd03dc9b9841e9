"""Lists of keys in OpenSSH's formats: `allowed_signers`, and revoked keys; it trusts nobody and writes no file.

What would trust more than one can see at a glance is refused: patterns, certificate authorities, times in the reader's
own zone, and whatever OpenSSH may come to understand later.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final, TypeVar

from archiver.custody.sshkeys import TYPES, PublicKey, parse_public
from archiver.errors import FormatError
from archiver.model import Record

_T = TypeVar("_T")

_BLANKS: Final = " \t"
_NAMES: Final = re.compile(r'[^\s",*?!]+(,[^\s",*?!]+)*')
_OPTION: Final = re.compile(r'([A-Za-z-]+)(?:="([^"\\]*)")?')
_TIME: Final = re.compile(r"(\d{8}|\d{12}|\d{14})(Z?)", re.ASCII)
_EPOCH: Final = datetime.fromtimestamp(0, UTC)


class AllowedSigner(Record, frozen=True, kw_only=True):
    """One line of an `allowed_signers` file.

    Attributes:
        principals: the names under which the key signs; never patterns.
        key: the key.
        namespaces: what it may sign; anything if empty.
        valid_after: since when it is valid, None for always.
        valid_before: until when, this second included; None for ever. Times have a zone.
    """

    principals: tuple[str, ...]
    key: PublicKey
    namespaces: tuple[str, ...] = ()
    valid_after: datetime | None = None
    valid_before: datetime | None = None

    def allows(self, namespace: str) -> bool:
        """Tell whether the key may sign for this use."""
        return not self.namespaces or namespace in self.namespaces


def parse(data: bytes) -> tuple[AllowedSigner, ...]:
    """Read an `allowed_signers` file; comments after a key are left out.

    Raises:
        FormatError: a line is in another form or trusts by pattern; the message begins with its number.
    """
    return tuple(_each(data, _signer))


def parse_offered(data: bytes) -> tuple[AllowedSigner, ...]:
    """Read what somebody hands over to be trusted: `allowed_signers` lines, or the lines of `.pub` files among them.

    The principal of a bare key is made from its comment.

    Raises:
        FormatError: as `parse`.
    """
    return tuple(_each(data, _offered))


def parse_revoked(data: bytes) -> tuple[PublicKey, ...]:
    """Read a list of revoked keys: one public key a line, as `ssh-keygen -Y verify -r` takes it.

    Raises:
        FormatError: a line is in another form, or the list is a binary one (KRL).
    """
    if data.startswith(b"SSHKRL\n"):
        raise FormatError("a binary revocation list is not read here; list the revoked public keys, one a line")
    return tuple(_each(data, parse_public))


def to_line(signer: AllowedSigner) -> str:
    """Return a signer as its line of an `allowed_signers` file, without newline.

    Raises:
        FormatError: something in it cannot stand in such a line: a name that is a pattern, a part of a second.
    """
    options = [f'namespaces="{",".join(signer.namespaces)}"'] if signer.namespaces else []
    for name, moment in (("valid-after", signer.valid_after), ("valid-before", signer.valid_before)):
        if moment is not None:
            options.append(f'{name}="{moment.astimezone(UTC):%Y%m%d%H%M%SZ}"')
    line = " ".join(filter(None, (",".join(signer.principals), ",".join(options), signer.key.line)))
    if parse(line.encode("utf-8", "replace")) != (signer,):
        raise FormatError("a time or a name of a signer cannot be written in an allowed_signers file")
    return line


def principal(name: str, key: PublicKey, otherwise: str = "archiver") -> str:
    """Return the name under which a key signs: what is ASCII in its owner's name, and digits that tell keys apart."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:40].strip("-")
    return f"{slug or otherwise}@{key.short}"


def _each(data: bytes, read: Callable[[str], _T]) -> Iterator[_T]:
    """Read each line that says something. `str.splitlines` would cut at characters that OpenSSH takes for text."""
    for number, raw in enumerate(data.split(b"\n"), 1):
        try:
            line = raw.decode("utf-8").removesuffix("\r").strip(_BLANKS)
            if any(unicodedata.category(char) == "Cc" and char != "\t" for char in line):
                raise FormatError("control characters have no place here")
            if line and not line.startswith("#"):
                yield read(line)
        except UnicodeDecodeError:
            raise FormatError(f"line {number}: not UTF-8") from None
        except FormatError as error:
            raise FormatError(f"line {number}: {error}") from None


def _offered(line: str) -> AllowedSigner:
    words = line.split(maxsplit=2)
    if not words or words[0] not in TYPES:
        return _signer(line)
    key = parse_public(line)
    comment = words[2] if len(words) > 2 else ""
    return AllowedSigner(principals=(principal(comment, key, "signer"),), key=key)


def _signer(line: str) -> AllowedSigner:
    principals, _, rest = line.replace("\t", " ").partition(" ")
    if principals in TYPES or not _NAMES.fullmatch(principals):
        raise FormatError(f"{principals[:80]!r} is no principal; patterns and quotes are not taken")
    options, key = _split_options(rest.strip(_BLANKS))
    namespaces = options.get("namespaces")
    if namespaces is not None and not _NAMES.fullmatch(namespaces):
        raise FormatError("namespaces have to be listed one by one, without patterns")
    signer = AllowedSigner(
        principals=tuple(principals.split(",")),
        key=parse_public(key),
        namespaces=tuple(namespaces.split(",")) if namespaces else (),
        valid_after=_moment(options, "valid-after"),
        valid_before=_moment(options, "valid-before"),
    )
    if signer.valid_after and signer.valid_before and signer.valid_before <= signer.valid_after:
        raise FormatError("the key is valid at no time: valid-before is not later than valid-after")
    return signer


def _split_options(rest: str) -> tuple[dict[str, str], str]:
    """Return the options by name in lower case, and what follows them."""
    options: dict[str, str] = {}
    if rest.split(" ", 1)[0] in TYPES:
        return options, rest
    while match := _OPTION.match(rest):
        name, value = match[1].lower(), match[2]
        if name == "cert-authority":
            raise FormatError("certificate authorities are not trusted here; list the keys themselves")
        if name not in ("namespaces", "valid-after", "valid-before") or value is None:
            raise FormatError(f"{match[0][:40]!r} is no option that is known here")
        if name in options:
            raise FormatError(f"the option {name} is given twice")
        options[name] = value
        rest = rest[match.end() :]
        if rest.startswith(" "):
            return options, rest
        if not rest.startswith(","):
            break
        rest = rest[1:]
    raise FormatError("a key of a known type is expected after the principals and the options")


def _moment(options: dict[str, str], name: str) -> datetime | None:
    if (text := options.get(name)) is None:
        return None
    match = _TIME.fullmatch(text)
    if not match:
        raise FormatError(f"{name} is not of the form YYYYMMDDHHMMSSZ")
    if not match[2]:
        raise FormatError(f"{name} means another moment in each time zone; convert it to UTC and put a Z after it")
    try:
        moment = datetime.strptime(match[1].ljust(14, "0") + "+0000", "%Y%m%d%H%M%S%z")
    except ValueError:
        raise FormatError(f"{name} is no time") from None
    if moment <= _EPOCH:
        raise FormatError(f"{name} lies before all times that OpenSSH knows")
    return moment
