"""Names the characters that have no width, which cling to links and names; it changes no text but at its ends."""

from __future__ import annotations

from typing import Final

_RANGES = ((0xAD, 0xAD), (0x61C, 0x61C), (0x180E, 0x180E), (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F))

INVISIBLE: Final = "".join(chr(code) for first, last in _RANGES for code in range(first, last + 1)) + "\ufeff"
"""Direction marks, joiners, soft hyphen, line separators and byte order mark; safe inside a character class."""

_SPACES = (
    "\0\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u202f\u205f\u3000"
)


def trimmed(text: str) -> str:
    """Return a text without the white space, NULs and invisible marks at its two ends."""
    # Not a regular expression: one that is anchored at the end takes quadratic time on runs of marks inside the text.
    return text.strip(_SPACES + INVISIBLE)
