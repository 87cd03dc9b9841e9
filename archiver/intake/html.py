"""Cuts HTML into tags and text in linear time; it builds no tree, runs nothing and loads nothing.

It follows the tokenisation of the WHATWG HTML Standard as far as links need it. A tree is not built because its size
is up to the page's author: by the standard's own rules, fifty kilobytes of unclosed tags make gigabytes of it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Literal

from archiver.model import Record

_PLAIN = re.compile(r"<(?![A-Za-z/!?])")
_TAG_NAME = re.compile(r"[A-Za-z][^\s/>]*")
_ATTRIBUTE = re.compile(
    r"[\s/]*+(?:(?P<end>>)"
    r"|(?P<name>=?[^\s/>=]*+)(?:\s*+=\s*+(?:\"(?P<d>[^\"]*+)\"|'(?P<s>[^']*+)'|(?P<u>[^\s>\"'][^\s>]*+)))?)"
)
_RAW = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)
    for name in ("script", "style", "textarea", "title", "iframe", "xmp", "noembed", "noframes")
}
# <iframe … /> is common in sources of pages, and must not hide the rest as it would in a browser.
_NOT_WITHOUT_END = frozenset(_RAW) - {"script", "style"}
# A run of backslashes is looked at once, from its start: a search from each of them would take quadratic time.
_ESCAPE = re.compile(r"(?<!\\)\\++(?:u([0-9A-Fa-f]{4})|(.?))", re.DOTALL)
_CONTROL_ESCAPES = {"n": "\n", "r": "\n", "t": "\t"}


class Tag(Record, frozen=True, kw_only=True):
    """A start or end tag.

    Attributes:
        kind: start or end.
        name: lower case.
        attributes: names in lower case, character references resolved; the first of equal names counts.
        offset: where its "<" stands.
    """

    kind: Literal["start", "end"]
    name: str
    attributes: Mapping[str, str]
    offset: int


class Text(Record, frozen=True, kw_only=True):
    """Text between tags, as written, character references included.

    Attributes:
        inside: the element whose content is no markup (script, style, textarea, …), or empty for ordinary text.
    """

    data: str
    offset: int
    inside: str = ""


def tokens(source: str) -> Iterator[Tag | Text]:
    """Yield the tags and texts of a page in order; comments and declarations are left out."""
    at = start = 0
    endless: set[str] = set()
    while start < len(source):
        opening = source.find("<", at)
        if opening < 0:
            opening = len(source)
        elif _PLAIN.match(source, opening):
            # Part of the text around it; on its own, it would make a page of such signs a hundred times its size.
            at = opening + 1
            continue
        if opening > start:
            yield Text(data=source[start:opening], offset=start)
        if opening == len(source):
            return
        tag, at = _markup(source, opening)
        start = at
        if tag is not None:
            yield tag
            if tag.kind == "start" and tag.name in _RAW and tag.name not in endless:
                end = _RAW[tag.name].search(source, at)
                if end is None:
                    # Noted, so that a page of nothing but such tags is not searched to its end for each of them.
                    endless.add(tag.name)
                stop = end.start() if end else at if tag.name in _NOT_WITHOUT_END else len(source)
                yield Text(data=source[at:stop], offset=at, inside=tag.name)
                at = start = stop


def unescape(text: str) -> str:
    """Resolve HTML character references."""
    try:
        return html.unescape(text)
    except ValueError:
        # Python refuses to read a number of more than 4,300 digits, and such a reference names no character.
        return text


def unescape_json(text: str) -> str:
    """Resolve the backslash escapes of JSON and JavaScript strings, however many times over they were applied."""
    resolved = _ESCAPE.sub(lambda found: _character(found[1], found[2]), text)
    return resolved.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(code: str | None, plain: str) -> str:
    return chr(int(code, 16)) if code else _CONTROL_ESCAPES.get(plain, plain)


def _markup(source: str, at: int) -> tuple[Tag | None, int]:
    """Read what begins with the "<" at an offset; return it (None when it is left out) and the offset after it."""
    if source.startswith("<!--", at):
        return None, _after_comment(source, at + 4)
    if source.startswith("<![CDATA[", at):
        return None, at + len("<![CDATA[")
    closing = source.startswith("</", at)
    name = _TAG_NAME.match(source, at + 1 + closing)
    if name is not None:
        return _tag(source, at, name, closing)
    end = source.find(">", at)
    return None, end + 1 if end >= 0 else len(source)


def _after_comment(source: str, at: int) -> int:
    for abrupt in (">", "->"):
        if source.startswith(abrupt, at):
            return at + len(abrupt)
    end = source.find("-->", at)
    return end + 3 if end >= 0 else len(source)


def _tag(source: str, at: int, name: re.Match[str], closing: bool) -> tuple[Tag | None, int]:
    attributes: dict[str, str] = {}
    position = name.end()
    while (match := _ATTRIBUTE.match(source, position)) is not None and match.end() > position:
        position = match.end()
        if match["end"]:
            kind: Literal["start", "end"] = "end" if closing else "start"
            return Tag(kind=kind, name=name[0].lower(), attributes=attributes, offset=at), position
        value = next((value for value in match.group("d", "s", "u") if value is not None), "")
        if not closing and match["name"]:
            attributes.setdefault(match["name"].lower(), unescape(value))
    # The page ends within the tag; a browser drops it too.
    return None, len(source)
