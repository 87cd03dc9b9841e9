"""Makes untrusted text harmless for a terminal; it shortens nothing unless asked to."""

from __future__ import annotations

import unicodedata

_BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def safe(text: str) -> str:
    """Return text in which nothing can move the cursor, colour the screen, or reorder what stands beside it.

    Control characters are shown as `\\xNN` or `\\uNNNN`, line ends and tabs as spaces; marks that only tell the
    direction of writing are left out, as they mean nothing without the ones around them.
    """
    return "".join(_safe(char) for char in text)


def safe_lines(text: str) -> list[str]:
    """Return text as harmless lines, cut at its own line ends."""
    return [safe(line) for line in text.split("\n")]


def shorten(text: str, width: int) -> str:
    """Return harmless text in one line, cut to `width` characters with an ellipsis."""
    line = " ".join(safe(text).split())
    return line if len(line) <= width else f"{line[: width - 1]}…"


def _safe(char: str) -> str:
    if char in "\n\t":
        return " "
    if char in _BIDI_CONTROLS:
        return ""
    if unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp"):
        return f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\u{ord(char):04x}"
    return char
