"""Values of post.json as inert HTML for `rendition`; it trusts no value, and nothing that it makes can act.

Part of every version of the page: what is here may not change, or old captures render to other bytes.
"""

from __future__ import annotations

import html
import re
from typing import Final

from archiver.model import Json

_LEFT_TO_RIGHT: Final = re.compile(r"(https?://[!-~]+|@[A-Za-z0-9_]+)")
_TIME: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{3})?)Z")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_PARAGRAPH: Final = re.compile(r"<p(?:\s[^<>]*)?>")
_BREAK: Final = re.compile(r"<br\s*/?>")
_TAG: Final = re.compile(r"<[^<>]*>")
# The references that the platform writes, and no table of names that may grow with the edition of Python.
_REFERENCES: Final = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#39;", "'"), ("&amp;", "&"))
# Flags of regions are spelt in invisible letters after a black flag; they pass. What else is invisible, changes the
# direction of what follows, controls a device or is no character is shown as its number. The joiners that Persian,
# Indic scripts and emoji need are none of these.
_SPECIAL: Final = re.compile(
    "(\U0001f3f4[\U000e0020-\U000e007e]{1,8}\U000e007f|"
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f\ud800-\udfff])"
)


def at(value: Json, *steps: str) -> Json:
    """Return what stands below a value, or None."""
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def text(value: Json, *steps: str) -> str:
    """Return the text that stands below a value, or nothing."""
    found = at(value, *steps)
    return found if isinstance(found, str) else ""


def items(value: Json, *steps: str) -> list[Json]:
    """Return the array that stands below a value, or an empty one."""
    found = at(value, *steps)
    return found if isinstance(found, list) else []


def moment(time: str) -> str:
    """A UTC time for people; anything else as it stands."""
    found = _TIME.fullmatch(time)
    return f'<time datetime="{time}">{found[1]} {found[2]} UTC</time>' if found else inline(time)


def inline(value: Json) -> str:
    """A value of the post as inline HTML, set apart from the direction of its surroundings."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        # Python refuses to write out a number of more than 4,300 digits, and no count has more than 15.
        return f"<bdi>{value}</bdi>" if abs(value) < 10**19 else ""
    return f"<bdi>{safe(value)}</bdi>" if isinstance(value, str) and value else ""


def language(tag: str) -> str:
    """The attribute for a language tag, or nothing. X writes codes of its own between qaa and qtz, for no words."""
    return f' lang="{tag}"' if _LANGUAGE.fullmatch(tag) and not tag.startswith("q") else ""


def safe(words: str) -> str:
    """Text as inert HTML, with what cannot be seen made visible."""
    parts = _SPECIAL.split(words.replace("\r\n", "\n"))
    parts[0::2] = map(html.escape, parts[0::2])
    parts[1::2] = (part if len(part) > 1 else f'<b class="mark">U+{ord(part):04X}</b>' for part in parts[1::2])
    return "".join(parts)


def prose(words: str) -> str:
    """Text of a post as inert HTML; links and account names keep their order inside text that runs right to left."""
    parts = _LEFT_TO_RIGHT.split(words)
    parts[0::2] = map(safe, parts[0::2])
    parts[1::2] = (f'<bdi dir="ltr">{html.escape(part)}</bdi>' for part in parts[1::2])
    return "".join(parts)


def embedded(markup: str) -> str:
    """Return the words in the first paragraph of a post's embedding markup, or nothing; they are not inert yet."""
    found = _PARAGRAPH.search(markup)
    if found is None:
        return ""
    words = _TAG.sub("", _BREAK.sub("\n", markup[found.end() :].partition("</p>")[0]))
    for reference, character in _REFERENCES:
        words = words.replace(reference, character)
    return words


def plain(words: str) -> str:
    """Text for attributes and the title, where there is no mark-up."""
    return html.escape(_SPECIAL.sub(lambda found: found[0] if len(found[0]) > 1 else f"[U+{ord(found[0]):04X}]", words))
