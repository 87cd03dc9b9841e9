"""What stands in `working/`: private notes and tags, no evidence; they are never sealed, and no part of a package.

Two plain files, one JSON object a line in UTF-8, which people may read and edit by hand. A line that is none of ours is
passed over and stays as it is.
"""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from archiver import canonical
from archiver.case import layout
from archiver.case.files import sync_folder
from archiver.errors import CaseLocked, FormatError, UsageError
from archiver.model import Record
from archiver.times import to_warc_date

NOTES: Final = "notes.jsonl"
TAGS: Final = "tags.jsonl"

_PATIENCE: Final = 10.0
_LONGEST_TAG: Final = 100
_NO_WORD: Final = frozenset({"Cc", "Cs", "Cn", "Zs", "Zl", "Zp"})
_OURS: Final = frozenset({"capture", "tags"})
# Marks that only tell the direction of writing come along with what is pasted, and nobody sees them.
_MARKS: Final = dict.fromkeys(map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))


class PrivateNote(Record, frozen=True, kw_only=True):
    """A note that stays with whoever wrote it. Its text is as somebody may have edited it by hand: untrusted.

    Attributes:
        at: when it was written, as `times.to_warc_date` writes it.
        capture: id of the capture that it is about.
        note: the text.
    """

    at: str
    capture: str
    note: str


class _Row(Record, frozen=True, kw_only=True):
    """A line of a file: its bytes without line end, and the object that it holds, None if it is not one of ours."""

    data: bytes
    value: dict[str, Any] | None


def notes(case: Path, capture: str) -> tuple[PrivateNote, ...]:
    """Return the private notes on a capture, in the order in which they stand.

    Raises:
        OSError: the file is there and cannot be read.
    """
    found = (row.value for row in _read(case, NOTES) if row.value is not None)
    return tuple(
        PrivateNote(at=str(value.get("at", "")), capture=capture, note=value["note"])
        for value in found
        if value["capture"] == capture and isinstance(value.get("note"), str)
    )


def add_note(case: Path, capture: str, note: str, moment: datetime) -> PrivateNote:
    """Add a private note.

    Args:
        case: folder of the case.
        capture: id of the capture.
        note: the text.
        moment: the time, with its zone.

    Raises:
        CaseLocked: another process is writing.
        OSError: the file cannot be written; it is as it was then.
    """
    made = PrivateNote(at=to_warc_date(moment), capture=capture, note=note)
    with _changing(case):
        line = _encode({"at": made.at, "capture": capture, "note": note})
        _write(case, NOTES, [*(row.data for row in _read(case, NOTES)), line])
    return made


def tag_word(text: str) -> str:
    """Return a tag in the one form in which tags are compared: case does not count, nor how accents are encoded.

    Raises:
        UsageError: it is empty, too long, or holds white space or what is no text.
    """
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFD", text.translate(_MARKS)).casefold())
    if not folded or len(folded) > _LONGEST_TAG:
        raise UsageError(f"a tag has between 1 and {_LONGEST_TAG} characters")
    if any(char.isspace() or unicodedata.category(char) in _NO_WORD for char in folded):
        raise UsageError(f"{text!r} is no tag: a tag is one word, without white space and control characters")
    return folded


def tags(case: Path) -> dict[str, tuple[str, ...]]:
    """Return the tags of every capture that has any, sorted, by capture id.

    Raises:
        OSError: the file is there and cannot be read.
    """
    found: dict[str, set[str]] = {}
    for row in _read(case, TAGS):
        if row.value is not None:
            found.setdefault(row.value["capture"], set()).update(_words(row.value))
    return {capture: tuple(sorted(words)) for capture, words in found.items() if words}


def change_tags(case: Path, capture: str, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> tuple[str, ...]:
    """Add tags to a capture and take others away, and return those that it has now, sorted.

    Args:
        case: folder of the case.
        capture: id of the capture.
        add, remove: tags as `tag_word` returns them; one that is in both is taken away.

    Raises:
        CaseLocked: another process is writing.
        OSError: the file cannot be written; it is as it was then.
    """
    with _changing(case):
        rows = _read(case, TAGS)
        own = [row.value for row in rows if row.value is not None and row.value["capture"] == capture]
        before = {word for value in own for word in _words(value)}
        after = tuple(sorted((before | set(add)) - set(remove)))
        if after != tuple(sorted(before)):
            # What else somebody wrote into the lines of this capture goes along into the one that they become.
            merged = {key: item for value in own for key, item in value.items()}
            kept = [row.data for row in rows if row.value is None or row.value["capture"] != capture]
            changed = [_encode(merged | {"capture": capture, "tags": after})] if after or merged.keys() - _OURS else []
            _write(case, TAGS, [*kept, *changed])
    return after


def _words(value: dict[str, Any]) -> Iterator[str]:
    """Yield the tags in a line that may have been written by hand: a list of words, or one text of several."""
    listed = value.get("tags")
    for item in listed if isinstance(listed, list) else [listed]:
        for word in item.split() if isinstance(item, str) else ():
            try:
                yield tag_word(word)
            except UsageError:
                continue


def _read(case: Path, name: str) -> list[_Row]:
    try:
        data = (case / layout.WORKING / name).read_bytes()
    except FileNotFoundError:
        return []
    # Editors begin files with a mark, end lines in their own way, and leave out the end of the last one.
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    return [_row(line.removesuffix(b"\r")) for line in lines if line.strip()]


def _row(data: bytes) -> _Row:
    try:
        value = canonical.decode(data)
    except FormatError:
        return _Row(data=data, value=None)
    ours = isinstance(value, dict) and isinstance(value.get("capture"), str)
    return _Row(data=data, value=value if ours else None)


def _encode(value: dict[str, Any]) -> bytes:
    # Half of a surrogate pair, which UTF-8 cannot hold, becomes the escape that JSON has for it.
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode("utf-8", "backslashreplace")


def _write(case: Path, name: str, lines: Iterable[bytes]) -> None:
    """Replace a file all at once."""
    folder = case / layout.WORKING
    folder.mkdir(exist_ok=True)
    draft = case / layout.WORK / f"{name}.{layout.random_letters(6)}"
    try:
        with draft.open("wb") as file:
            file.writelines(line + b"\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / name)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(folder)


@contextmanager
def _changing(case: Path) -> Iterator[None]:
    """Hold the files for this process alone; an editor does not ask for the lock, but it sees whole files only."""
    work = case / layout.WORK
    work.mkdir(exist_ok=True)
    lock = FileLock(work / "working.lock", timeout=_PATIENCE)
    try:
        lock.acquire()
    except Timeout:
        raise CaseLocked(f"the notes and tags of {case} are held by another run") from None
    try:
        yield
    finally:
        lock.release()
