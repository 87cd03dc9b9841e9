"""Finds links in running text, whatever punctuation or script touches them, and offers all that reads one link.

It follows no link, and takes no word of one for true but the id.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

import msgspec

from archiver.intake.marks import INVISIBLE
from archiver.intake.reader import Link, parse_link, post_reference

__all__ = ["Link", "find_links", "parse_link", "post_reference"]

# No address holds these unencoded: spaces, quotation marks, brackets and stops of Chinese, Japanese and Arabic.
_END = (
    rf"\s\x00-\x20\x7f-\x9f<>\"`{{}}\\{INVISIBLE}\ud800-\udfff"
    "“”„‟‘’‚‹›«»。、，！？：；（）「」『』【】〈〉《》〔〕｡､،؛؟۔"
)
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_X = r"(?:www\.|m\.|mobile\.)?(?:x|twitter)\.com/"
_PICTURE = r"pic\.(?:x|twitter)\.com/"
_CANDIDATE = re.compile(
    rf"""(?:(?:https?|twitter)://
          | (?<![\w:/\\.]) // (?=[a-z0-9-])
          | (?<![/=@\\%-]) {_PICTURE}        # X sets it against the last word, without a space
          | (?: (?<![\w.@/\\%&=?+~$\#-]) | (?<=[{_CJK}]) ) (?! [a-z0-9.-]*? {_PICTURE} )
              [a-z0-9-]++ (?:\.[a-z0-9-]++)++ (?=/)
         )
         (?: (?! (?<![/=?&:]) https?://     # two links without a space between them
               | (?<![/=?&:.]) {_PICTURE}
               | [,;] {_X}
               | \]\(                       # [address](address)
               | ' [,;:.)\]}}]
             ) [^{_END}] )*""",
    re.IGNORECASE | re.VERBOSE,
)
_TRAILING = frozenset(".,;:!?'*_~|([{")
_CLOSERS = {")": "(", "]": "["}
# Where a link of ours may end although an address could go on: at foreign script, and at punctuation after its id.
_LIKELY_END = re.compile(
    rf"(?:/status(?:es)?/[0-9]+|\bt\.co/[a-z0-9]+|\b{_PICTURE}[a-z0-9]+)(?=[,;|)\]'*])|(?=[^\x00-\x7f])", re.IGNORECASE
)


def find_links(text: str, *, now: datetime | None = None) -> Iterator[tuple[int, Link]]:
    """Yield every link in a text with its offset, in order, without the punctuation around it.

    Args:
        text: any text.
        now: the present moment, against which ids are judged; the machine's clock when left out.
    """
    for match in _CANDIDATE.finditer(text):
        candidate = match[0]
        likely = _LIKELY_END.search(candidate)
        attempts = [candidate] if likely is None else [candidate[: likely.end()], candidate]
        for attempt in attempts:
            link = _read(_trimmed(attempt), text, match.start(), now)
            if link is not None and (link.kind in ("post", "short") or attempt is candidate):
                yield match.start(), link
                break


def _read(token: str, text: str, start: int, now: datetime | None) -> Link | None:
    link = parse_link(token, now=now)
    if link is None or not text.startswith(("…", "..."), start + len(token)):
        return link
    # Dots after an address end a sentence, or stand for what was cut off: the longer reading knows which.
    longer = parse_link(token + "…", now=now)
    return link if longer is None or longer.kind == link.kind else msgspec.structs.replace(longer, input=token)


def _trimmed(token: str) -> str:
    surplus = {closer: token.count(closer) - token.count(opener) for closer, opener in _CLOSERS.items()}
    end = len(token)
    while end:
        last = token[end - 1]
        if last in _CLOSERS:
            if surplus[last] <= 0:
                break
            surplus[last] -= 1
        elif last not in _TRAILING:
            break
        end -= 1
    return token[:end]
