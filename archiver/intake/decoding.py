"""Turns bytes into text as browsers do: byte order mark, the server's word, the page's own, then UTF-8; never fails.

Only encodings of the WHATWG Encoding Standard are honoured. A page that names another (Python knows some that execute
escapes or take quadratic time) is read as UTF-8, with U+FFFD for what is not.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from typing import Final

_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_META = re.compile(rb"<meta[^<>]{0,400}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_HEAD = 4096
_LABELS: Final = frozenset(
    f"cp866 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-10 iso8859-13 iso8859-14 "
    f"iso8859-15 iso8859-16 koi8-r koi8-u mac-roman mac-cyrillic {' '.join(f'cp125{n}' for n in range(9))} cp874 gbk "
    f"gb18030 big5 euc_jp iso2022_jp shift_jis euc_kr".split()
)
_WIDE: Final = {"utf-16": "utf-16-le", "utf-16-le": "utf-16-le", "utf-16-be": "utf-16-be"}
_STANDARD_READING: Final = {"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030"}


def decode_text(data: bytes, *, meta: bool = False, charset: str = "") -> str:
    """Return bytes as text, without a byte order mark and NULs.

    Args:
        data: the bytes of a file or page.
        meta: also heed the encoding that an HTML page declares in its first 4 KiB.
        charset: the encoding that the server names; empty if it names none.
    """
    for bom, name in _BOMS:
        if data.startswith(bom):
            return _clean(data[len(bom) :].decode(name, errors="replace"))
    encoding = _known(charset, _WIDE)
    declared = _META.search(data, 0, _HEAD) if meta and encoding is None else None
    if declared is not None:
        # A page that can be read so far is not in the wide encodings, whatever it says.
        encoding = _known(declared[1].decode("ascii"), {})
    return _clean(data.decode(encoding or "utf-8", errors="replace"))


def _known(label: str, wide: Mapping[str, str]) -> str | None:
    """Return Python's name of an encoding by its label; None where it is none of the standard."""
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    name = _STANDARD_READING.get(name, wide.get(name, name))
    return name if name == "utf-8" or name in _LABELS or name in wide.values() else None


def _clean(text: str) -> str:
    return text.replace("\0", "")
