"""Reads what was handed over as a whole (a file, pasted text, one argument) and says what it designates and what not.

It recognises HTML, tables, lists and prose by their content. What cannot be read is a problem with its line, and stops
nothing. It opens no file: the bytes and their place come from the caller.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

import msgspec

from archiver.intake.articles import read_markup
from archiver.intake.decoding import decode_text
from archiver.intake.html import unescape_json
from archiver.intake.links import Link, find_links, parse_link
from archiver.intake.marks import trimmed
from archiver.intake.tables import Row, Table, read_table
from archiver.intake.text import Found, Lead, mention_of, read_text
from archiver.model import Mention, Place, Record

_HTML = re.compile(
    r"<(?:!doctype\s+html|a|amp-twitter|article|blockquote|body|div|figure|head|html|iframe|link|meta|p|script|section"
    r"|span|table|twitter-widget)(?:\s[^<>]*)?>",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"(?:\A|(?<=\s))#.*", re.DOTALL)
_NO_LINK = "there is no link in it"
_NO_LINK_ADVICE = "give the link of one post, or put a # before a remark"


class Problem(Record, frozen=True, kw_only=True):
    """One line, cell or argument that designates nothing that can be captured.

    Attributes:
        place: where it stands.
        input: the line or link verbatim.
        what: what is wrong with it.
        advice: what to do about it; empty where there is nothing to say.
    """

    place: Place
    input: str
    what: str
    advice: str = ""


class Intake(Record, frozen=True, kw_only=True):
    """What one input designates.

    Attributes:
        mentions: posts and short links, in order.
        problems: what should have been a link of a post and is not.
        leads: quotations of posts without a link.
        pages: web addresses to read as articles, with their places.
        header: the cells of a table's header; empty for every other input.
        rows: the rows of the table; a mention belongs to the row whose line is its place's line.
    """

    mentions: tuple[Mention, ...] = ()
    problems: tuple[Problem, ...] = ()
    leads: tuple[Lead, ...] = ()
    pages: tuple[tuple[str, Place], ...] = ()
    header: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()


def read_input(data: bytes, place: Place, *, column: str | None = None, now: datetime | None = None) -> Intake:
    """Read a file, or what came on standard input.

    Args:
        data: its bytes: HTML, a table, a list of links (with # before remarks) or prose, in UTF-8 or UTF-16.
        place: what it is; each mention and problem gets its line.
        column: name of the column that holds the links, which makes the input a table.
        now: the present moment, against which ids are judged; the machine's clock when left out.

    Raises:
        FormatError: a column is named, and the input is no table that has it.
    """
    text = _lines_ended(decode_text(data))
    begins = text.lstrip()[:1]
    if column is None and begins == "<" and _HTML.search(text):
        return _of_html(data, place, now)
    table = read_table(text, column=column, now=now)
    if table is not None:
        return _of_table(table, place, now)
    if begins in ("{", "[") and _HTML.search(plain := unescape_json(text)):
        return _found(read_markup(plain, place, now=now))
    if _HTML.search(text):
        return _of_html(data, place, now)
    lines = _list_lines(text, now)
    if lines is None:
        return _found(read_text(text, place, now=now))
    return _joined(_of_line(line, msgspec.structs.replace(place, line=number), now) for number, line in lines)


def read_argument(text: str, *, now: datetime | None = None) -> Intake | None:
    """Read one argument of a command line; None when it is no link, and so perhaps the name of a file."""
    link = parse_link(text, now=now)
    return None if link is None else _of_line(text, Place(kind="argument"), now)


def _of_html(data: bytes, place: Place, now: datetime | None) -> Intake:
    return _found(read_markup(decode_text(data, meta=True), place, now=now))


def _found(found: Found) -> Intake:
    return Intake(mentions=found.mentions, leads=found.leads)


def _list_lines(text: str, now: datetime | None) -> list[tuple[int, str]] | None:
    """Return the lines of a list with their numbers, without remarks and blank lines; None when the text is prose.

    A list may hold spoilt lines. It is one when links make up more than half of its lines, or half where no line has
    more than one word.
    """
    numbered = ((number, trimmed(_COMMENT.sub("", line))) for number, line in enumerate(text.split("\n"), start=1))
    lines = [(number, line) for number, line in numbered if line]
    links = sum(parse_link(line, now=now) is not None for _, line in lines)
    words_only = all(len(line.split(maxsplit=1)) == 1 for _, line in lines)
    return lines if 2 * links > len(lines) or (2 * links == len(lines) and words_only) else None


def _of_table(table: Table, place: Place, now: datetime | None) -> Intake:
    parts = []
    for row in table.rows:
        cell = trimmed(row.cells[table.column]) if table.column < len(row.cells) else ""
        parts.append(_of_line(cell, msgspec.structs.replace(place, line=row.line), now))
    return msgspec.structs.replace(_joined(parts), header=table.header, rows=table.rows)


def _of_line(line: str, place: Place, now: datetime | None) -> Intake:
    if _HTML.search(line):
        found = read_markup(line, place, now=now)
        return Intake(
            mentions=tuple(msgspec.structs.replace(mention, place=place) for mention in found.mentions),
            leads=tuple(msgspec.structs.replace(lead, place=place) for lead in found.leads),
        )
    links = [link for _, link in find_links(line, now=now)]
    whole = parse_link(line, now=now)
    # A link that hides its host behind a backslash stays whole; otherwise several links may be glued together.
    if whole is not None and (not links or "\\" in line or (len(links) == 1 and whole.kind != "other")):
        links = [whole]
    if not links:
        return Intake(problems=(Problem(place=place, input=line, what=_NO_LINK, advice=_NO_LINK_ADVICE),))
    return _joined(_of_link(link, place) for link in links)


def _of_link(link: Link, place: Place) -> Intake:
    if link.kind == "page":
        return Intake(pages=((link.url, place),))
    if link.kind == "other":
        what, _, advice = link.advice.partition("; ")
        return Intake(problems=(Problem(place=place, input=link.input, what=what, advice=advice),))
    return Intake(mentions=(mention_of(link, place),))


def _joined(parts: Iterable[Intake]) -> Intake:
    parts = list(parts)
    return Intake(
        mentions=tuple(mention for part in parts for mention in part.mentions),
        problems=tuple(problem for part in parts for problem in part.problems),
        leads=tuple(lead for part in parts for lead in part.leads),
        pages=tuple(page for part in parts for page in part.pages),
    )


def _lines_ended(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
