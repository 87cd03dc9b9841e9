"""What hangs below a post as blocks, for `rendition`: poll, preview of a link, readers' note.

Part of version 1 of the page: what is here may not change, or old captures render to other bytes.
"""

from __future__ import annotations

from archiver.model import Json
from archiver.rendition_media import File
from archiver.rendition_text import at, inline, items, moment, plain, prose, safe, text

_CHOICES = range(1, 5)


def attached(post: Json, own: tuple[File, ...]) -> str:
    """Return the poll, the card and the community note of a post.

    Args:
        post: the post.
        own: its files.
    """
    return _poll(at(post, "poll")) + _card(at(post, "card"), own) + _community_note(at(post, "community_note"))


def _poll(poll: Json) -> str:
    listed = ((text(poll, f"choice{n}", "label"), _votes(at(poll, f"choice{n}", "votes"))) for n in _CHOICES)
    choices = [(label, votes) for label, votes in listed if label or votes is not None]
    if not choices:
        return ""
    total = sum(votes or 0 for _, votes in choices)
    rows = "".join(_choice(label, votes, total) for label, votes in choices)
    ends, final = text(poll, "ends"), at(poll, "final")
    stated = (
        f"Votes: {total}",
        f"ends {moment(ends)}" if ends else "",
        "final" if final is True else "not final" if final is False else "",
    )
    summary = f'<p class="label">{", ".join(part for part in stated if part)}</p>'
    return f'<section class="aside">\n<h2>Poll</h2>\n<ul class="poll">\n{rows}</ul>\n{summary}\n</section>\n'


def _choice(label: str, votes: int | None, total: int) -> str:
    if votes is None:
        return f"<li><div><span><bdi>{safe(label)}</bdi></span></div></li>\n"
    # Half a per cent is rounded up, in whole numbers, so that every machine draws the same bar.
    share = (200 * votes + total) // (2 * total) if total else 0
    return (
        f"<li><div><span><bdi>{safe(label)}</bdi></span><bdi>{votes} ({share} %)</bdi></div>"
        f'<span class="bar" style="width:{share}%"></span></li>\n'
    )


def _votes(value: Json) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**15 else None


def _card(card: Json, own: tuple[File, ...]) -> str:
    title, pictures = text(card, "title"), [file for file in own if file.role == "card" and file.is_a("image")]
    alt = plain(f"Picture of the preview{f': {title}' if title else ''}")
    shown = "".join(f'<figure><img src="{file.path}" alt="{alt}"></figure>\n' for file in pictures)
    if not pictures and items(card, "images"):
        shown = '<p class="absent">This capture has no picture of it; the custody manifest says why.</p>\n'
    words = _block(title, text(card, "description"), "")
    if not (shown or words):
        return ""
    where = _block("", "", text(card, "domain") or text(card, "link"))
    return f'<section class="aside">\n<h2>Preview of a link</h2>\n{shown}{words}{where}</section>\n'


def _community_note(note: Json) -> str:
    block = _block(text(note, "title"), text(note, "text"), text(note, "url"))
    heading = "Note by other users, shown by the platform"
    return f'<section class="aside">\n<h2>{heading}</h2>\n{block}</section>\n' if block else ""


def _block(title: str, words: str, where: str) -> str:
    return "".join(
        (
            f'<h3 dir="auto">{safe(title)}</h3>\n' if title else "",
            f'<p dir="auto">{prose(words)}</p>\n' if words else "",
            f'<p class="by">{inline(where)}</p>\n' if where else "",
        )
    )
