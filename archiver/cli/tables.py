"""Writes rows for spreadsheets (RFC 4180) in which nothing that a post says becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from archiver.cli.text import safe_lines

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_row(cells: Iterable[str]) -> str:
    """Return one row of CSV without its line end.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front; control characters are escaped.
    """
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(_inert(cell) for cell in cells)
    return out.getvalue()


def _inert(cell: str) -> str:
    plain = "\n".join(safe_lines(cell))
    return f"'{plain}" if plain.startswith(_FORMULA) else plain
