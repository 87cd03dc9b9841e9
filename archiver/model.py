"""The frozen records that the parts of the program hand to each other; no behaviour beyond reading oneself, no I/O."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

Outcome = Literal["captured", "partial", "absent", "withheld", "refused", "unreachable"]
Level = Literal["ok", "note", "warning", "failure"]
Ground = Literal["provable", "recorded"]
Truncation = Literal["length", "time", "disconnect", "unspecified"]

EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every record: immutable, compared by value, built by keyword."""


def prepare(*kinds: type[Record]) -> None:
    """Have msgspec work out now how records are read, for modules whose records are read by several threads.

    Where threads are the first to do so, and at the same time, the process crashes (msgspec 0.22).
    """
    for kind in kinds:
        msgspec.json.Decoder(kind)


class Place(Record, frozen=True, kw_only=True):
    """Where an input stood. Never a path: a file is named by its base name, so that nothing tells of the machine.

    Attributes:
        kind: argument, file, stdin (standard input, pasted text included), article (a page fetched by URL), or thread
            (around a post that was captured, where nobody named this one).
        name: base name of the file, URL of the article or of that post; empty for argument and stdin.
        line: line number counted from 1, where the input has lines.
    """

    kind: Literal["argument", "file", "stdin", "article", "thread"]
    name: str = ""
    line: int | None = None


class Claim(Record, frozen=True, kw_only=True):
    """What the text around a link says about the post: a lead to compare with what came, never a fact.

    Attributes:
        handle: account name without the @, as written.
        name: display name, as written.
        day: the printed date as an ISO day (YYYY-MM-DD); platforms print the UTC day.
        text: the quoted words, as written.
        source: link of an archive or mirror through which the post was designated, as written.
    """

    handle: str | None = None
    name: str | None = None
    day: str | None = None
    text: str | None = None
    source: str | None = None


class Reference(Record, frozen=True, kw_only=True):
    """What designates a post: platform and id.

    Attributes:
        platform: short name of the platform ("x").
        id: the platform's own id, a string of digits for X; never a number.
        url: the canonical URL that follows from platform and id alone.
    """

    platform: str
    id: str
    url: str


class Mention(Record, frozen=True, kw_only=True):
    """One place at which an input designates a post, or a short link that may lead to one.

    Attributes:
        input: the designation verbatim, as it stood.
        place: where it stood.
        reference: the post, where the input itself names it.
        short_url: the link to resolve first, where it does not.
        claim: what the surrounding text says of the post.
    """

    input: str
    place: Place
    reference: Reference | None = None
    short_url: str | None = None
    claim: Claim = Claim()


class Answer(Record, frozen=True, kw_only=True):
    """What one request was answered with, as the pure platform rules see it.

    Attributes:
        record: WARC-Record-ID of the response record that holds it ("urn:uuid:…").
        url: the URL that was asked for.
        status: HTTP status code.
        body: the payload, content codings removed.
        truncated: why the body is not whole (a WARC-Truncated token), else None.
    """

    record: str
    url: str
    status: int
    body: bytes
    truncated: str | None = None


class Fact(Record, frozen=True, kw_only=True):
    """One value of the normalised post, with its origin.

    Attributes:
        path: JSON pointer (RFC 6901) of the value inside the normalised post.
        value: text, whole number or truth value; never a float, never null.
        record: WARC-Record-ID of the response that bears it out.
        pointer: JSON pointer into that response's payload.
        transform: name and version of the transformation between the two.
    """

    path: str
    value: str | int | bool
    record: str
    pointer: str
    transform: str


class Verdict(Record, frozen=True, kw_only=True):
    """How a platform's answers are to be read.

    Attributes:
        outcome: one of the six outcomes.
        reason: the short reason token ("deleted", "age", …); empty for "captured".
        words: the answer's own words, unaltered and untrusted; empty where it has none.
        grounds: WARC-Record-IDs of the responses that it rests on.
    """

    outcome: Outcome
    reason: str
    words: str = ""
    grounds: tuple[str, ...] = ()


class Candidate(Record, frozen=True, kw_only=True):
    """One URL at which a media item may be had.

    Attributes:
        url: where to ask.
        rendition: what it is said to be ("orig", "4096x4096", "large", "mp4 2176000", …).
    """

    url: str
    rendition: str


class MediaItem(Record, frozen=True, kw_only=True):
    """One piece of media to fetch, with the places to try in order of preference.

    Attributes:
        role: photo, video, gif, poster, profile-image, card (a picture of a link's preview), playlist or captions.
        index: position among the media, or the card's pictures, of the post that `context` names, counted from 1; that
            of the video for what belongs to one; 0 for what belongs to the account.
        family: what the bytes have to be: "image", "video" or "text".
        required: whether the capture is partial without it (extras are not required).
        candidates: where to ask, best first; all after the first are fallbacks.
        alt: description by the author, as served.
        context: whose it is: the post's own, or of the post that it quotes or replies to.
    """

    role: Literal["photo", "video", "gif", "poster", "profile-image", "card", "playlist", "captions"]
    index: int
    family: Literal["image", "video", "text"]
    required: bool
    candidates: tuple[Candidate, ...]
    alt: str | None = None
    context: Literal["post", "quoted", "parent"] = "post"


class Body(Record, frozen=True, kw_only=True):
    """The part of a block that may be large: in memory, or in a file that holds nothing else.

    Attributes:
        data: the bytes, where they are held in memory.
        path: the file, where they are not.
        size: length in bytes.
        sha256: digest of these bytes alone.
    """

    data: bytes | None = None
    path: Path | None = None
    size: int = 0
    sha256: str = EMPTY_SHA256


class Redaction(Record, frozen=True, kw_only=True):
    """Bytes of a credential that were overwritten with `X` before anything was hashed; the length stays the same.

    Attributes:
        offset: first overwritten byte, counted from the start of the message.
        length: number of overwritten bytes.
        what: what stood there ("proxy-authorization", …).
    """

    offset: int
    length: int
    what: str


class Connection(Record, frozen=True, kw_only=True):
    """One connection that exchanges went over; many captures may share it.

    Attributes:
        id: "urn:uuid:…", to tell connections apart.
        opened: when connecting began.
        origin: scheme, host and port that it was opened for.
        address: address and port of the server, None where a proxy stands between.
        proxied: whether it goes through a proxy.
        connect_request: the CONNECT request to the proxy as sent, credentials redacted; empty where there was none.
        connect_response: the proxy's answer as received.
        redactions: what was redacted in `connect_request`.
        tls_version: "tls/1.3" and the like, None without TLS.
        cipher: IANA name of the cipher suite, where it is known.
        chain: certificates that the server sent, leaf first, DER.
    """

    id: str
    opened: datetime
    origin: str
    address: str | None
    proxied: bool
    connect_request: bytes = b""
    connect_response: bytes = b""
    redactions: tuple[Redaction, ...] = ()
    tls_version: str | None = None
    cipher: str | None = None
    chain: tuple[bytes, ...] = ()


class Failure(Record, frozen=True, kw_only=True):
    """Why an exchange did not come to its end.

    Attributes:
        reason: short token ("timeout", "dns", "connect", "tls", "proxy", "disconnect", "protocol", "address-refused",
            "size-limit", "time-limit", "credential": the link would have handed a credential on).
        detail: one sentence, with nothing in it that names the machine.
    """

    reason: str
    detail: str


class Exchange(Record, frozen=True, kw_only=True):
    """One HTTP request and its response, as they went over the wire, or as far as they got.

    Attributes:
        purpose: what it was for ("syndication", "oembed", "photo", "redirect", …).
        method: request method.
        url: the URL that was asked for.
        started: when the request was begun.
        ended: when the last byte had come or the failure was met.
        request: request bytes as sent, credentials redacted; empty if nothing was sent.
        redactions: what was redacted in `request`.
        response_redactions: what was redacted in head and body of the final response, taken as one block.
        beside_redactions: what was redacted in each of `interim`, and last in `stray`; empty where nothing was.
        interim: 1xx responses that came before the final one.
        head: head of the final response, as received; empty if none came whole.
        stray: bytes that came but belong to no response: an unfinished head, or what followed the end.
        status: status code of the final response.
        fields: header fields of the final response.
        body: the response body as on the wire, chunk framing included.
        block_sha256: digest of head and body together.
        truncated: WARC-Truncated token if the body is not whole by its own framing.
        failure: what went wrong, if anything did.
        connection: what it went over; None if no connection came about.
    """

    purpose: str
    method: str
    url: str
    started: datetime
    ended: datetime
    request: bytes = b""
    redactions: tuple[Redaction, ...] = ()
    response_redactions: tuple[Redaction, ...] = ()
    beside_redactions: tuple[tuple[Redaction, ...], ...] = ()
    interim: tuple[bytes, ...] = ()
    head: bytes = b""
    stray: bytes = b""
    status: int | None = None
    fields: tuple[tuple[str, str], ...] = ()
    body: Body = Body()
    block_sha256: str = EMPTY_SHA256
    truncated: Truncation | None = None
    failure: Failure | None = None
    connection: Connection | None = None

    def header(self, name: str) -> str | None:
        """Return the first value of a response header field, by its name in any case, or None."""
        return next((value for key, value in self.fields if key.lower() == name.lower()), None)

    @property
    def whole(self) -> bool:
        """Whether a final response came, and all of it."""
        return self.status is not None and self.truncated is None and self.failure is None


class Finding(Record, frozen=True, kw_only=True):
    """One thing that was established or found wrong, with the ground it stands on.

    Attributes:
        level: ok, note (changes nothing), warning, or failure (the verdict is "altered").
        check: short name of the check, stable across versions.
        path: the file it is about, relative to what was verified, with forward slashes; empty for the whole.
        ground: "provable" from outside (digests, signatures), or "recorded" by the operator's program.
        detail: one sentence for people.
    """

    level: Level
    check: str
    path: str
    ground: Ground
    detail: str


Json = Any
"""A decoded JSON value: dict, list, str, int, bool or None (float only in what platforms send)."""
