"""Writes what became of each input as a table: the columns of the input, and what came of its post beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.cli.results import place_text
from archiver.cli.tables import csv_row
from archiver.errors import UsageError
from archiver.model import Place

if TYPE_CHECKING:
    from archiver.batch import Result
    from archiver.intake.lists import Intake

ADDED = ("outcome", "reason", "id", "author", "time", "path")


def check(path: Path) -> None:
    """See to it before anything is captured that the table can be written.

    Raises:
        UsageError: there is a folder of that name, or no folder for it.
    """
    temporary = _temporary(path)
    try:
        if path.is_dir():
            raise IsADirectoryError
        temporary.touch()
        temporary.unlink()
    except OSError:
        advice = "name a file in a folder that exists and can be written to"
        raise UsageError(f"--results {path}: this file cannot be written", advice=advice) from None


def write(path: Path, intake: Intake, results: Sequence[Result]) -> None:
    """Write the table; a file of that name is replaced as a whole.

    Args:
        path: the CSV file.
        intake: what was given.
        results: what came of it, all or as far as the run got.

    Raises:
        OSError: it cannot be written.
    """
    header = intake.header or ("input", "place")
    lines = [csv_row((*header, *_added_names(header)))]
    lines += [csv_row((*cells, *added)) for cells, added in _rows(intake, results)]
    temporary = _temporary(path)
    temporary.write_text("".join(f"{line}\r\n" for line in lines), encoding="utf-8", newline="")
    temporary.replace(path)


def _temporary(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _added_names(header: Iterable[str]) -> tuple[str, ...]:
    taken = {name.casefold() for name in header}
    return tuple(f"archiver {name}" if name in taken else name for name in ADDED)


def _rows(intake: Intake, results: Sequence[Result]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    # A mention is the very object that came in; equal ones may stand at several places.
    by_mention = {id(mention): result for result in results for mention in result.mentions}
    by_page: dict[str, list[Result]] = {}
    for result in results:
        for mention in result.mentions:
            if mention.place.kind == "article" and result not in by_page.setdefault(mention.place.name, []):
                by_page[mention.place.name].append(result)
    if intake.header:
        cells = {row.line: _fitted(row.cells, len(intake.header)) for row in intake.rows}
    for place, given, found in _inputs(intake, by_mention, by_page):
        own = cells.get(place.line or 0, ("",) * len(intake.header)) if intake.header else (given, place_text(place))
        for added in found:
            yield own, added


def _inputs(
    intake: Intake, by_mention: dict[int, Result], by_page: dict[str, list[Result]]
) -> Iterator[tuple[Place, str, list[tuple[str, ...]]]]:
    """Yield each input with what came of it: file by file, in the order of the lines."""
    rows = [(mention.place, mention.input, [_added(by_mention.get(id(mention)))]) for mention in intake.mentions]
    for url, place in intake.pages:
        dead = [result for result in by_mention.values() if result.mentions[0].input == url]
        rows.append((place, url, [_added(result) for result in by_page.get(url, dead)] or [_added(None)]))
    rows += [
        (problem.place, problem.input, [("", f"unreadable: {problem.what}", "", "", "", "")])
        for problem in intake.problems
    ]
    order = {(place.kind, place.name): position for position, (place, _, _) in reversed(list(enumerate(rows)))}
    yield from sorted(rows, key=lambda row: (order[row[0].kind, row[0].name], row[0].line or 0))


def _added(result: Result | None) -> tuple[str, ...]:
    if result is None:
        return ("", "not reached", "", "", "", "")
    return (
        result.outcome or "",
        result.reason,
        result.capture_id,
        result.summary.author,
        result.summary.created,
        str(result.path or ""),
    )


def _fitted(cells: Sequence[str], width: int) -> tuple[str, ...]:
    return (*cells[:width], *[""] * (width - len(cells)))
