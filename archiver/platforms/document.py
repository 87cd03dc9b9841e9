"""The normalised post (post.json): facts with their origins, the same for every platform; it trusts no value in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal

from archiver import canonical
from archiver.errors import FormatError
from archiver.model import Fact, Json, Record
from archiver.platforms import transforms
from archiver.platforms.pointer import is_index, join, parse

FORMAT: Final = "archiver-post/1"
FILE_PATH: Final = re.compile(r"media/[0-9]{2,}(-[a-z0-9]+)*\.[a-z0-9]+")
CONTEXTS: Final = frozenset({"post", "quoted", "parent"})
_FILE: Final = {"path": str, "role": str, "index": int, "media_type": str, "context": str}
_KEYS: Final = frozenset({"format", "platform", "id", "post", "origins", "not_understood", "files"})
# No rule makes a path near these limits; they keep a forged document from costing more than a real one.
_DEPTH: Final = 32
_PATH_LENGTH: Final = 256


class PostFile(Record, frozen=True, kw_only=True):
    """A media file of the capture, as post.json lists it.

    Attributes:
        path: relative to the folder of post.json ("media/01.jpg").
        role, index: as in `MediaItem`.
        media_type: the type that the bytes have.
        context: whose it is: "post" for the post itself, "quoted" or "parent" for the one that it quotes or replies to.
    """

    path: str
    role: str
    index: int
    media_type: str
    context: str = "post"


class Mismatch(Record, frozen=True, kw_only=True):
    """One respect in which a post.json is not borne out by the answers.

    Attributes:
        path: JSON pointer inside the normalised post; empty for the document as a whole.
        kind: what is the matter; stable across versions.
        detail: one sentence for people.
        checked: false where this version could not check, which says nothing against the document.
    """

    path: str
    kind: Literal[
        "malformed", "unknown-format", "unknown-transform", "no-origin", "no-leaf", "no-record", "unreadable", "differs"
    ]
    detail: str
    checked: bool = True


def build(
    facts: Iterable[Fact],
    *,
    platform: str,
    id: str,
    not_understood: Iterable[tuple[str, str]] = (),
    files: Iterable[PostFile] = (),
) -> dict[str, Json]:
    """Return the document of a post.

    Args:
        facts: the values with their origins, in any order.
        platform: short name of the platform.
        id: the post's id, as it was asked for.
        not_understood: record and JSON pointer of what the answers hold beyond the facts.
        files: the media files of the capture.

    Raises:
        FormatError: two facts have one path, one path runs through another's value, or an array has a gap.
    """
    listed = sorted(facts, key=lambda fact: fact.path)
    return {
        "format": FORMAT,
        "platform": platform,
        "id": id,
        "post": tree((fact.path, fact.value) for fact in listed),
        "origins": {
            fact.path: {"record": fact.record, "pointer": fact.pointer, "transform": fact.transform} for fact in listed
        },
        "not_understood": [{"record": record, "pointer": pointer} for record, pointer in sorted(set(not_understood))],
        "files": [{name: getattr(file, name) for name in _FILE} for file in sorted(files, key=lambda file: file.path)],
    }


def as_bytes(document: Json) -> bytes:
    """Return the document as it stands on disk: canonical JSON.

    Raises:
        FormatError: it holds what canonical JSON has no form for.
    """
    return canonical.encode(document)


def tree(values: Iterable[tuple[str, str | int | bool]]) -> dict[str, Json]:
    """Place values by their JSON pointers; steps that are numbers from 0 on, without a gap, make an array.

    Raises:
        FormatError: two values have one place, one place is inside another's value, a place is too deep, too long or
            the whole document, or an array has a gap or a named member.
    """
    root: dict[str, Json] = {}
    for path, value in values:
        *parents, name = parse(path) or ("",)
        if not path or len(parents) >= _DEPTH or len(path) > _PATH_LENGTH:
            raise FormatError(f"no place for a fact: {path!a:.80}")
        place = root
        for step in parents:
            place = place.setdefault(step, {})
            if not isinstance(place, dict):
                raise FormatError(f"a fact stands inside another one: {path!a:.80}")
        if name in place:
            raise FormatError(f"two facts have one place: {path!a:.80}")
        place[name] = value
    return {name: _with_arrays(value) for name, value in root.items()}


def _with_arrays(value: Json) -> Json:
    if not isinstance(value, dict):
        return value
    members = {name: _with_arrays(member) for name, member in value.items()}
    if not any(is_index(name) for name in members):
        return members
    if set(members) != {str(number) for number in range(len(members))}:
        raise FormatError("an array of facts has a gap or a named member")
    return [members[str(number)] for number in range(len(members))]


def leaves(value: Json) -> Iterator[tuple[str, Json]]:
    """Yield JSON pointer and value of everything in a tree that has nothing below it, empty containers included.

    Raises:
        FormatError: the tree is deeper, or its paths are longer, than in any normalised post.
    """
    pending: list[tuple[str, Json, int]] = [("", value, 0)]
    while pending:
        pointer, item, depth = pending.pop()
        if depth > _DEPTH or len(pointer) > _PATH_LENGTH:
            raise FormatError("the post is nested too deeply, or has names that are too long")
        if isinstance(item, dict) and item:
            pending.extend((join(pointer, name), member, depth + 1) for name, member in reversed(item.items()))
        elif isinstance(item, list) and item:
            pending.extend((join(pointer, number), item[number], depth + 1) for number in range(len(item) - 1, -1, -1))
        else:
            yield pointer, item


def check(document: Json, payloads: Mapping[str, Json]) -> Iterator[Mismatch]:
    """Follow every value of a stored document to where it came from.

    Args:
        document: a decoded post.json, not trusted in any respect.
        payloads: the answers by WARC-Record-ID, decoded or as bytes of JSON.
    """
    if isinstance(document, dict) and document.get("format") != FORMAT and isinstance(document.get("format"), str):
        yield Mismatch(path="", kind="unknown-format", detail="this version does not know the format", checked=False)
        return
    faults = tuple(_faults(document))
    yield from (Mismatch(path="", kind="malformed", detail=detail) for detail in faults)
    if faults:
        return
    post, origins = document["post"], document["origins"]
    try:
        found = dict(leaves(post)) if post else {}
    except FormatError as error:
        yield Mismatch(path="", kind="malformed", detail=str(error))
        return
    for path in sorted(found.keys() - origins.keys()):
        yield Mismatch(path=path, kind="no-origin", detail="the value names no origin")
    for path in sorted(origins.keys() - found.keys()):
        yield Mismatch(path=path, kind="no-leaf", detail="an origin is named for a value that is not there")
    yield from _shape(document, found)
    answers = _Answers(payloads)
    for path in sorted(found.keys() & origins.keys()):
        yield from _follow(path, found[path], origins[path], answers)
    for record in sorted({entry["record"] for entry in document["not_understood"]} - payloads.keys()):
        yield Mismatch(
            path="", kind="no-record", detail=f"what was not understood names a missing record {record!a:.80}"
        )


class _Answers:
    """The answers by record; each is decoded once, and an unreadable one is found unreadable once."""

    def __init__(self, payloads: Mapping[str, Json]) -> None:
        self._payloads = payloads
        self._decoded: dict[str, Json | FormatError] = {}

    def __contains__(self, record: str) -> bool:
        return record in self._payloads

    def get(self, record: str) -> Json | FormatError:
        if record not in self._decoded:
            payload = self._payloads[record]
            try:
                self._decoded[record] = canonical.decode(payload) if isinstance(payload, bytes) else payload
            except FormatError as error:
                self._decoded[record] = error
        return self._decoded[record]


def _follow(path: str, value: Json, origin: Mapping[str, str], answers: _Answers) -> Iterator[Mismatch]:
    if origin["record"] not in answers:
        yield Mismatch(path=path, kind="no-record", detail=f"no record {origin['record']!a:.80} in this capture")
        return
    payload = answers.get(origin["record"])
    if isinstance(payload, FormatError):
        yield Mismatch(path=path, kind="unreadable", detail=f"the answer cannot be read: {payload}")
        return
    try:
        expected = transforms.apply(origin["transform"], payload, origin["pointer"])
    except transforms.UnknownTransform as error:
        yield Mismatch(path=path, kind="unknown-transform", detail=str(error), checked=False)
    except FormatError as error:
        yield Mismatch(path=path, kind="differs", detail=f"the answer does not bear it out: {error}")
    else:
        # In Python True equals 1; in evidence it does not.
        if type(expected) is not type(value) or expected != value:
            yield Mismatch(path=path, kind="differs", detail="the answer says something else")


def _shape(document: Json, found: Mapping[str, Json]) -> Iterator[Mismatch]:
    """Find what the pointers of the values cannot show: arrays written as objects, and an id that is not the post's."""
    try:
        same = tree(found.items()) == document["post"]
    except FormatError:
        same = False
    if not same:
        yield Mismatch(path="", kind="malformed", detail="arrays and objects of the post are not as they were built")
    if "/id" in found and found["/id"] != document["id"]:
        yield Mismatch(path="/id", kind="differs", detail="the document is about another post than it says")


def _faults(document: Json) -> Iterator[str]:
    if not isinstance(document, dict) or document.keys() != _KEYS:
        yield "not a post document, or one with other members than the format has"
        return
    if not all(isinstance(document[name], str) for name in ("format", "platform", "id")):
        yield "format, platform or id is not text"
    if not isinstance(document["post"], dict):
        yield "the post is not an object"
    origins = document["origins"]
    if not isinstance(origins, dict) or not all(
        _is_record(origin, {"record": str, "pointer": str, "transform": str}) for origin in origins.values()
    ):
        yield "the origins are not records of record, pointer and transform"
    if not _is_list(document["not_understood"], {"record": str, "pointer": str}):
        yield "what was not understood is not a list of record and pointer"
    files = document["files"]
    if not _is_list(files, _FILE):
        yield "the files are not a list of path, role, index, media type and context"
    elif not all(FILE_PATH.fullmatch(file["path"]) and file["context"] in CONTEXTS for file in files):
        yield "a file has a path or a context that no capture has"


def _is_record(value: Json, members: Mapping[str, type]) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == members.keys()
        and all(type(value[name]) is kind for name, kind in members.items())
    )


def _is_list(value: Json, members: Mapping[str, type]) -> bool:
    return isinstance(value, list) and all(_is_record(item, members) for item in value)
