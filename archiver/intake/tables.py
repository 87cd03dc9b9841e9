"""Reads tables of links (CSV and its kin): which column holds the links, and which row each one stands in.

It changes no cell. A table is recognised by its header and by a column that mostly holds links, never by a file's name.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from archiver.errors import FormatError
from archiver.intake.links import parse_link
from archiver.intake.marks import trimmed
from archiver.model import Record

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 50
_MOST_COLUMNS = 1_000
_LINK_HEADERS = frozenset({"link", "links", "post", "posts", "tweet", "tweets", "tweet_url", "url", "urls"})
_ADVICE = "save the table anew as CSV in UTF-8, or give the links one to a line"


class Row(Record, frozen=True, kw_only=True):
    """One row of a table: its cells as written, and the line (from 1) at which it begins."""

    line: int
    cells: tuple[str, ...]


class Table(Record, frozen=True, kw_only=True):
    """A table with its header.

    Attributes:
        header: the cells of the first row that is not blank.
        rows: the rows after it that are not blank.
        column: index of the column that holds the links.
    """

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    column: int


def read_table(text: str, *, column: str | None = None, now: datetime | None = None) -> Table | None:
    """Read a text as a table.

    Args:
        text: the file's text, with lines ended by a line feed.
        column: name of the column that holds the links; found by its content when left out.
        now: the present moment, against which ids are judged; the machine's clock when left out.

    Returns:
        The table; None when no column is named and the text is no table of links.

    Raises:
        FormatError: a column is named, and there is none of that name, or the text cannot be read as a table.
    """
    # Excel's own first line, which names the delimiter.
    text = re.sub(r"\Asep=.\n", "\n", text)
    best: tuple[float, str, int] | None = None
    for delimiter in _DELIMITERS:
        sample = _sample(text, delimiter)
        if not sample:
            continue
        header, *rows = sample
        if column is not None:
            index = _named(header.cells, column)
            score = float(len(header.cells))
        else:
            index, score = _link_column(header.cells, rows, now)
        if index is not None and (best is None or score > best[0]):
            best = score, delimiter, index
    if best is None:
        if column is not None:
            raise FormatError(f"the table has no column named {column!a}", advice="name a column as its header has it")
        return None
    try:
        header, *rows = _rows(text, best[1])
    except csv.Error as error:
        if column is None:
            return None
        raise FormatError(f"the table cannot be read: {error}", advice=_ADVICE) from None
    return Table(header=header.cells, rows=tuple(rows), column=best[2])


def _rows(text: str, delimiter: str) -> Iterator[Row]:
    reader = csv.reader((line + "\n" for line in text.split("\n")), delimiter=delimiter)
    line = 1
    for cells in reader:
        if any(trimmed(cell) for cell in cells):
            yield Row(line=line, cells=tuple(cells))
        line = reader.line_num + 1


def _sample(text: str, delimiter: str) -> list[Row]:
    try:
        return list(islice(_rows(text, delimiter), _SAMPLE + 1))
    except csv.Error:
        return []


def _named(header: tuple[str, ...], column: str) -> int | None:
    wanted = trimmed(column)
    names = [trimmed(cell) for cell in header]
    if wanted in names:
        return names.index(wanted)
    folded = [name.casefold() for name in names]
    return folded.index(wanted.casefold()) if wanted.casefold() in folded else None


def _link_column(header: tuple[str, ...], rows: list[Row], now: datetime | None) -> tuple[int | None, float]:
    """Return the column of which most cells are links, posts before pages, and its share of links; None without one."""
    if not rows or len(header) > _MOST_COLUMNS or any(parse_link(cell, now=now) for cell in header):
        return None, 0
    if len(header) == 1 and trimmed(header[0]).casefold() not in _LINK_HEADERS:
        return None, 0
    best: tuple[int | None, float] = None, 0
    for index in range(len(header)):
        cells = [row.cells[index] for row in rows if index < len(row.cells) and trimmed(row.cells[index])]
        links = [link for link in (parse_link(cell, now=now) for cell in cells) if link is not None]
        posts = sum(link.kind in ("post", "short") for link in links)
        share = (len(links) + posts) / len(rows)
        if 2 * len(links) > len(cells) and share > best[1]:
            best = index, share
    return best
