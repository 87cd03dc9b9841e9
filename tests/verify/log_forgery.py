"""What is done to custody logs, with the key at hand and without, and what verification then says."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from archiver import canonical
from archiver.case import layout
from archiver.custody import chain
from archiver.custody.logs import LINES, TEXTS, log_path
from archiver.hashing import sha256_hex
from archiver.model import Finding
from archiver.verify import verify

from .builder import make_capture, make_case
from .installation import BEGAN, only_writer, open_log, rewrite_log, settled, write_head

DAY = "2026-11-23"
FIRST, SECOND = "20261123T013512Z-k7f3q9", "20261123T013642Z-m7f3q9"
PLACE, PLACE_2 = f"captures/{DAY}/{FIRST}", f"captures/{DAY}/{SECOND}"
LOG, HEADED, WORDS = "custody/LOG.jsonl", "custody/LOG.head", "custody/LOG.texts"
OPENED, STARTED, ACQUIRED, NOTED, STARTED_2, ACQUIRED_2, NOTED_2 = range(7)
"""The lines of the log that `make_logged_case` makes."""
Told = set[tuple[str, str]]


def make_logged_case(folder: Path) -> Path:
    """Make a case of two captures, with a note on each; the last line of its log has words."""
    case = make_case(folder)
    for letters, seconds in (("k7f3q9", 0), ("m7f3q9", 90)):
        bag = make_capture(case, letters, seconds=seconds)
        log = open_log(case, BEGAN + timedelta(seconds=seconds + 20))
        log.append("noted", capture=bag.name, text={"note": f"the quay from the north, {letters}"})
    return case


def told(path: Path, *levels: str) -> Told:
    """Return check and path of what is found; names of logs, which are random, are told as LOG and NEW."""
    return {_plain(path, found) for found in settled(verify(path)) if found.level in (levels or ("failure",))}


def _plain(case: Path, found: Finding) -> tuple[str, str]:
    path = found.path
    for name, writer in zip(("LOG", "NEW"), writers(case), strict=False):
        path = path.replace(writer, name)
    return found.check, path


def writers(case: Path) -> list[str]:
    """Return the names of the logs of a case, the oldest first."""
    logs = {path.name.partition(".")[0] for path in (case / layout.CUSTODY).glob("????????.*") if path.is_file()}
    return sorted(logs, key=lambda writer: _begun(log_path(case, writer, LINES)))


def _begun(path: Path) -> list[bytes]:
    return re.findall(rb'"at":"([^"]+)"', path.read_bytes())[:1] if path.exists() else []


def lines(case: Path, writer: str = "") -> list[dict[str, Any]]:
    """Return the lines of a sound log as JSON."""
    path = log_path(case, writer or only_writer(case), LINES)
    return [canonical.decode(raw) for raw in path.read_bytes().splitlines()]


def raw(change: Callable[[list[bytes]], object], suffix: str = LINES) -> Callable[[Path], None]:
    """Change the lines of a file of the log in place and nothing else, as somebody without the key does."""

    def do(case: Path) -> None:
        path = log_path(case, only_writer(case), suffix)
        held = path.read_bytes().splitlines(keepends=True)
        change(held)
        path.write_bytes(b"".join(held))

    return do


def swap(number: int, old: bytes, new: bytes, suffix: str = LINES) -> Callable[[Path], None]:
    """Put bytes in place of others in one line, counted from 0."""

    def change(held: list[bytes]) -> None:
        assert old in held[number]
        held[number] = held[number].replace(old, new, 1)

    return raw(change, suffix)


def exchange(one: int, other: int) -> Callable[[list[Any]], None]:
    def change(held: list[Any]) -> None:
        held[one], held[other] = held[other], held[one]

    return change


def resigned(change: Callable[[list[dict[str, Any]]], object]) -> Callable[[Path], None]:
    """Change the log as somebody with the key does."""
    return lambda case: rewrite_log(case, change)


def without(suffix: str) -> Callable[[Path], None]:
    return lambda case: log_path(case, only_writer(case), suffix).unlink()


def cut(count: int, *, old_head: bool) -> Callable[[Path], None]:
    """Cut lines off the end of the log, with the words of the last one; with the head as it was before them, or not."""

    def do(case: Path) -> None:
        raw(lambda held: held.__delitem__(slice(-count, None)))(case)
        raw(lambda held: held.__delitem__(slice(-1, None)), TEXTS)(case)
        if old_head:
            write_head(case, end(case))

    return do


def end(case: Path, number: int = 0) -> chain.Head:
    """Return the head that a log has after so many lines; after all of them if 0."""
    writer = only_writer(case)
    held = log_path(case, writer, LINES).read_bytes().splitlines(keepends=True)
    held = held[: number or None]
    length = sum(map(len, held))
    return chain.Head(digest=sha256_hex(held[-1][:-1]), length=length, sequence=len(held), writer=writer)


def remove(path: str) -> Callable[[Path], None]:
    return lambda case: shutil.rmtree(case / path)
