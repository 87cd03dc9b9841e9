"""The custody manifest: the records that it consists of, and reading it back strictly; it establishes nothing itself.

It is canonical JSON. FORMAT.md says what each field means and what it stands on; the classes here are its schema.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from archiver import canonical
from archiver.case import layout
from archiver.errors import FormatError
from archiver.hashing import sha256_hex
from archiver.model import Claim, Outcome, Place, Record, prepare

FORMAT = "archiver-manifest/1"
SUMMARY_TEXT = 10_000
"""Characters of the text that a summary has: more than a post has where long texts are not to be had."""


class CaseIdentity(Record, frozen=True, kw_only=True):
    """The case that the capture was made for: its id and the SHA-256 of its `case.json`."""

    id: str
    sha256: str


class Input(Record, frozen=True, kw_only=True):
    """One place at which the post was designated, and how that led here.

    Attributes:
        input: the designation verbatim.
        place: where it stood.
        claim: what the text around it says of the post.
        route: every URL that was asked for on the way from the input to the post, in order; empty if none was needed.
    """

    input: str
    place: Place
    claim: Claim
    route: tuple[str, ...] = ()


class Comparison(Record, frozen=True, kw_only=True):
    """What an input claims beside what came.

    Attributes:
        what: "author" or "day".
        claimed: as the input has it.
        came: as the platform's answer has it; empty if it has none.
        agrees: whether the two are the same.
    """

    what: Literal["author", "day"]
    claimed: str
    came: str
    agrees: bool


class Corroboration(Record, frozen=True, kw_only=True):
    """Whether a second, independent answer of the platform says the same.

    Attributes:
        source: which answer ("oembed").
        record: its response record; empty if there was no answer.
        author: agrees, differs or silent.
        text: agrees, agrees-as-far-as-shown, differs or silent.
    """

    source: str
    record: str
    author: str
    text: str


class Summary(Record, frozen=True, kw_only=True):
    """The post in a few words, for lists; everything is in post.json with its origin. Empty where unknown."""

    url: str = ""
    author: str = ""
    name: str = ""
    created: str = ""
    text: str = ""
    media: int = 0


class Operator(Record, frozen=True, kw_only=True):
    """Who captured, as stated by that person, and why. "not stated" is said, never guessed."""

    name: str
    purpose: str


class Signing(Record, frozen=True, kw_only=True):
    """Which key has to have signed: its fingerprint as OpenSSH writes it; empty where an explicit setting said none."""

    fingerprint: str


class OpeningReply(Record, frozen=True, kw_only=True):
    """One authority's time-stamp on the run's opening: who gave it, and the SHA-256 of the reply."""

    authority: str
    sha256: str


class Opening(Record, frozen=True, kw_only=True):
    """What was stamped before this was written: the folder under `seals/`, and the replies that came in time.

    Both are empty where none came. A reply cannot be known before its time: the manifest was written after it.
    """

    seal: str = ""
    replies: tuple[OpeningReply, ...] = ()


class Program(Record, frozen=True, kw_only=True):
    """What captured.

    Attributes:
        name, version: this program.
        python: version and implementation of the interpreter.
        tls: the TLS library.
        dependencies: versions of the libraries in use, by name.
        os, architecture: as the platform module names them, without host name.
        configuration: SHA-256 of the settings in force, without proxy, file names and credentials.
    """

    name: str
    version: str
    python: str
    tls: str
    dependencies: dict[str, str]
    os: str
    architecture: str
    configuration: str


class Access(Record, frozen=True, kw_only=True):
    """How the network was reached.

    Attributes:
        egress: "direct", "proxy" or "mixed", by the connections that were used.
        authorities: "default" or "custom": which certificate authorities were trusted.
        login: whether a login of the operator was used.
        user_agent: what the requests said they came from.
    """

    egress: Literal["direct", "proxy", "mixed", "none"]
    authorities: Literal["default", "custom"]
    login: bool
    user_agent: str


class ServerDate(Record, frozen=True, kw_only=True):
    """A server's Date beside the local clock: `local` is when the exchange was begun, `seconds` their difference."""

    record: str
    date: str
    local: str
    seconds: int


class Clock(Record, frozen=True, kw_only=True):
    """The state of the local clock: whether the system says that it is synchronised, and what servers said."""

    synchronised: Literal["yes", "unknown"]
    servers: tuple[ServerDate, ...]


class Way(Record, frozen=True, kw_only=True):
    """One way that was tried to get at something, and how it ended.

    Attributes:
        way: what was asked ("syndication", "oembed", "photo 1 orig", …).
        result: how it ended, in a few words.
        record: the response record, empty if no response came.
    """

    way: str
    result: str
    record: str


class Missing(Record, frozen=True, kw_only=True):
    """Something of the post that is not in the capture, and why.

    Attributes:
        what: the piece ("photo 2", "video 1", "text", …).
        reason: why it is not there.
        required: whether the outcome is `partial` because of it.
    """

    what: str
    reason: str
    required: bool


class Versions(Record, frozen=True, kw_only=True):
    """Names and versions of the rules by which the capture was made; each stays available for ever."""

    post: str
    judgement: str
    rendition: str


class File(Record, frozen=True, kw_only=True):
    """One payload file of the bag, this manifest excepted.

    Attributes:
        path: from the bag's root.
        bytes, sha256: of the whole file.
        media_type: by the file's first bytes for media, by definition for the rest.
        role: photo, video, gif, poster, profile-image, post, rendition or warc.
        index: position of the media in the post, counted from 1; 0 for what is none.
        context: "post" for the post itself, "quoted" or "parent" for the one that it quotes or replies to.
        source_url: where it was fetched; empty for what was made here.
        rendition: which rendition it is, as its URL names it.
        record: the response record that holds it; empty for what was made here.
        relation: "payload" (the file is the record's payload), "decoded" (the payload with its codings taken off),
            or "derived" (made here from the records).
    """

    path: str
    bytes: int
    sha256: str
    media_type: str
    role: str
    index: int = 0
    context: Literal["post", "quoted", "parent"] = "post"
    source_url: str = ""
    rendition: str = ""
    record: str = ""
    relation: Literal["payload", "decoded", "derived"]


class RecordEntry(Record, frozen=True, kw_only=True):
    """One WARC record: where it stands, what it is, and the SHA-256 of its block."""

    id: str
    type: str
    role: str
    offset: int
    length: int
    sha256: str


class ExchangeEntry(Record, frozen=True, kw_only=True):
    """One HTTP exchange.

    Attributes:
        purpose, method, url: what was asked for and why.
        started, ended: UTC.
        status: 0 if no response came.
        request, response: record ids, empty where there is none.
        connection: id of the connection, empty if none came about.
        truncated: WARC-Truncated token, else empty.
        failure, detail: why it did not come to its end, else empty.
    """

    purpose: str
    method: str
    url: str
    started: str
    ended: str
    status: int
    request: str
    response: str
    connection: str
    truncated: str
    failure: str
    detail: str


class RedactionEntry(Record, frozen=True, kw_only=True):
    """Bytes of a record's block that were overwritten with `X` before hashing, because they held a credential."""

    record: str
    offset: int
    length: int
    what: str


class Certificate(Record, frozen=True, kw_only=True):
    """What secured one connection, with the chain's SHA-256 fingerprints, leaf first. Nothing is sent unchecked."""

    connection: str
    host: str
    tls: str
    cipher: str
    fingerprints: tuple[str, ...]


class CustodyManifest(Record, frozen=True, kw_only=True):
    """The account of one capture."""

    format: str
    capture: str
    salt: str
    case: CaseIdentity
    platform: str
    id: str
    url: str
    inputs: tuple[Input, ...]
    comparisons: tuple[Comparison, ...]
    outcome: Outcome
    reason: str
    words: str
    grounds: tuple[str, ...]
    missing: tuple[Missing, ...]
    corroboration: tuple[Corroboration, ...]
    summary: Summary
    operator: Operator
    signing: Signing
    opening: Opening
    started: str
    ended: str
    clock: Clock
    program: Program
    access: Access
    versions: Versions
    ways: tuple[Way, ...]
    files: tuple[File, ...]
    records: tuple[RecordEntry, ...]
    exchanges: tuple[ExchangeEntry, ...]
    redactions: tuple[RedactionEntry, ...]
    certificates: tuple[Certificate, ...]


DERIVED: Final = {
    layout.POST_JSON: ("post", "application/json"),
    layout.POST_HTML: ("rendition", "text/html"),
    layout.WARC: ("warc", "application/warc"),
}
"""Role and media type of the files that are made here from the records, by path."""


def derived_file(path: str, digest: str, size: int) -> File:
    """Return the description of a file that is made here from the records.

    Args:
        path, digest, size: its path from the bag's root, one of DERIVED; its SHA-256; its bytes.
    """
    role, media_type = DERIVED[path]
    return File(path=path, bytes=size, sha256=digest, media_type=media_type, role=role, relation="derived")


def commitment(salt: str, url: str) -> str:
    """Return the digest by which the log names what a capture was begun for; it tells nothing to who has no salt.

    Args:
        salt, url: as in the manifest.
    """
    return sha256_hex(f"{salt} {url}".encode("utf-8", "surrogatepass"))


def to_bytes(manifest: CustodyManifest) -> bytes:
    """Return the manifest as canonical JSON."""
    return canonical.encode(msgspec.to_builtins(manifest))


prepare(CustodyManifest)


def from_bytes(data: bytes) -> CustodyManifest:
    """Read a manifest back.

    Raises:
        FormatError: it is no canonical JSON, of another version, or not of this schema.
    """
    value = canonical.decode(data)
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise FormatError(f"the custody manifest is not of format {FORMAT}")
    try:
        manifest = msgspec.convert(value, CustodyManifest)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise FormatError(f"the custody manifest does not follow its schema: {error}") from None
    if to_bytes(manifest) != data:
        raise FormatError("the custody manifest is not in canonical form, or leaves out fields of its schema")
    return manifest
