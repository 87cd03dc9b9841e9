"""post.json to post.html: a page to read a post on, offline; it runs no script, loads nothing remote, trusts no value.

Each version of the page stays here for ever, because verify renders old captures again and compares byte for byte.
Nothing may therefore depend on the edition of Unicode, the locale or the time: only on the document.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from archiver.model import Json

RENDITION: Final = "rendition/1"

_POLICY: Final = (
    "default-src 'none'; img-src 'self' file:; media-src 'self' file:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'"
)
_STYLE: Final = """
:root{color-scheme:light dark;--page:#f6f4f0;--card:#fffefb;--ink:#211f1c;--soft:#625d55;--line:#ddd7cc;--mark:#a3341f}
@media (prefers-color-scheme:dark){
:root{--page:#191816;--card:#22201d;--ink:#ebe6dd;--soft:#a89f92;--line:#3d3933;--mark:#f0917d}}
body{margin:0;background:var(--page);color:var(--ink);font:1rem/1.5 system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{max-width:44rem;margin:0 auto;padding:1.25rem 1rem 4rem;overflow-wrap:anywhere}
article{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:1.5rem;margin:1rem 0}
header{display:flex;gap:.875rem;align-items:center;margin-bottom:1.25rem}
header img{width:3.25rem;height:3.25rem;border-radius:50%;object-fit:cover}
*{box-sizing:border-box}h1{font-size:1.25rem;line-height:1.3;margin:0}
h2{font-size:.8125rem;letter-spacing:.04em;text-transform:uppercase;color:var(--soft);margin:1.75rem 0 .5rem}
header p,.label,figcaption p,.by,dd{margin:0}.label,footer,figcaption,dl,table{font-size:.875rem}a{color:inherit}
.label,footer,.handle,.by,time,dt,th,figcaption,.absent{color:var(--soft)}
.text{font:1.25rem/1.55 "Iowan Old Style",Palatino,"Noto Serif",Georgia,serif;white-space:pre-wrap;margin:0 0 1rem}
.small{font-size:1.0625rem;margin:.25rem 0 0}
.aside,.notice{border-inline-start:.25rem solid var(--line);padding-inline-start:1rem;margin:1.25rem 0}
.notice{border-color:var(--mark)}.aside h2,.notice h2{margin-top:0}
figure{margin:1rem 0 1.25rem}figcaption{margin-top:.375rem;white-space:pre-wrap}
figure img,figure video{display:block;max-width:100%;max-height:90vh;border-radius:.25rem;background:var(--page)}
.absent{border:1px dashed var(--line);border-radius:.25rem;padding:1.25rem;margin:0}
.veil{inline-size:1.125rem;block-size:1.125rem;vertical-align:-.2em}
.veil~figure img,.veil~figure video{filter:blur(2.5rem);clip-path:inset(0)}
.veil:checked~figure img,.veil:checked~figure video{filter:none}
dl{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.25rem 1rem;margin:0}
table{border-collapse:collapse;width:100%}th{white-space:nowrap}
th,td{text-align:start;vertical-align:top;padding:.3125rem .75rem .3125rem 0;border-bottom:1px solid var(--line)}
.mark{color:var(--mark);font:600 .6875rem/1 ui-monospace,monospace;border:1px solid;border-radius:.2rem;padding:0 .2rem}
@media print{body,article{background:none}main{max-width:none;padding:0}article{border:0;padding:0}
figure,tr{break-inside:avoid}figure img,figure video{max-height:16cm}}
"""

_DETAILS: Final = (
    ("Address", "url"),
    ("Author's id", "author", "id"),
    ("Verified", "author", "verified"),
    ("Blue check", "author", "blue"),
    ("Kind of account", "author", "verified_type"),
    ("Language", "language"),
    ("In reply to post", "reply_to", "post"),
    ("In reply to", "reply_to", "handle"),
    ("Likes", "counts", "likes"),
    ("Replies", "counts", "replies"),
    ("Sensitive", "sensitive"),
    ("Edited", "edited"),
    ("Superseded by an edit", "superseded"),
)
_FILE: Final = re.compile(r"media/[0-9]{2,}(-[a-z]+)?\.[a-z0-9]+")
_SUFFIXES: Final = {"image": ("avif", "gif", "jpeg", "jpg", "png", "webp"), "video": ("m4v", "mov", "mp4", "webm")}
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_LEFT_TO_RIGHT: Final = re.compile(r"(https?://[!-~]+|@[A-Za-z0-9_]+)")
_TIME: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{3})?)Z")
# Flags of regions are spelt in invisible letters after a black flag; they pass. What else is invisible, changes the
# direction of what follows, controls a device or is no character is shown as its number. The joiners that Persian,
# Indic scripts and emoji need are none of these.
_SPECIAL: Final = re.compile(
    "(\U0001f3f4[\U000e0020-\U000e007e]{1,8}\U000e007f|"
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f\ud800-\udfff])"
)


def render(document: Mapping[str, Json]) -> bytes:
    """Return the page of a post as UTF-8, for the folder in which post.json and `media/` stand.

    Args:
        document: a decoded post.json. No value in it is trusted, nor that any is there.
    """
    return RENDERERS[RENDITION](document)


def _render_1(document: Mapping[str, Json]) -> bytes:
    post = document.get("post")
    files = tuple(_files(document.get("files")))
    platform = {"x": "X"}.get(_text(document, "platform"), _text(document, "platform"))
    title = f"Post {_text(document, 'id')} on {platform}"
    listed = document.get("not_understood")
    count = len(listed) if isinstance(listed, list) else 0
    unread = f" Values in the answers that this version does not interpret: {count}." if count else ""
    page = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>{_plain(title)} (rendition)</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        '<p class="label">A rendition of post.json, not the original page; the exact bytes are in capture.warc.</p>\n'
        f"<article>\n{_header(post, files, title)}{_other(post, 'parent', 'In reply to')}{_words(post)}"
        f"{_poll(post)}{_other(post, 'quoted', 'Quoted post')}{_media(post, files)}{_details(document, post)}"
        f"{_tables(post, files)}</article>\n"
        f"<footer>rendition/1. Times are UTC. Nothing on this page was loaded from elsewhere.{unread}</footer>\n"
        "</main>\n</body>\n</html>\n"
    )
    return page.encode("utf-8")


RENDERERS: Final[Mapping[str, Callable[[Mapping[str, Json]], bytes]]] = MappingProxyType({"rendition/1": _render_1})
"""Every version of the page that captures were ever made with."""


class _File(NamedTuple):
    path: str
    role: str
    number: int
    media_type: str

    def is_a(self, family: str) -> bool:
        return self.path.rpartition(".")[2] in _SUFFIXES[family]


def _files(listed: Json) -> Iterator[_File]:
    """Yield the files that can be named without harm; a path that no capture has is left out of the page."""
    for item in listed if isinstance(listed, list) else ():
        match item:
            case {"path": str(path), "role": str(role), "index": int(number), "media_type": str(media_type)}:
                if _FILE.fullmatch(path):
                    yield _File(path, role, number, media_type)


def _header(post: Json, files: Iterable[_File], title: str) -> str:
    image = _first(files, 0, {"profile-image"}, "image")
    handle, name = _text(post, "author", "handle"), _text(post, "author", "name")
    by = f'<p class="handle"><bdi>@{_safe(handle)}</bdi></p>\n' if handle else ""
    on = f"<p>{_moment(_text(post, 'created'))}</p>\n" if _text(post, "created") else ""
    picture = f'<img src="{image.path}" alt="">\n' if image else ""
    return f"<header>\n{picture}<div>\n<h1><bdi>{_safe(name or title)}</bdi></h1>\n{by}{on}</div>\n</header>\n"


def _words(post: Json) -> str:
    text, notice, language = (_text(post, name) for name in ("text", "notice", "language"))
    # X writes codes of its own between qaa and qtz, for texts without words.
    lang = f' lang="{language}"' if _LANGUAGE.fullmatch(language) and not language.startswith("q") else ""
    blocks = []
    if notice:
        heading = "<h2>The platform's answer in place of the post</h2>"
        words = f'<p class="text" dir="auto">{_safe(notice)}</p>'
        blocks.append(f'<section class="notice">\n{heading}\n{words}\n</section>\n')
    if text:
        blocks.append(f'<p class="text" dir="auto"{lang}>{_prose(text)}</p>\n')
    elif not notice:
        none = (
            "The post has no text." if _at(post, "text") == "" else "The platform's answer holds no text of the post."
        )
        blocks.append(f'<p class="label">{none}</p>\n')
    if _text(post, "note", "id"):
        blocks.append('<p class="label">A long post: the platform\'s answer holds only its beginning.</p>\n')
    return "".join(blocks)


def _other(post: Json, name: str, heading: str) -> str:
    id, handle, text = _text(post, name, "id"), _text(post, name, "author", "handle"), _text(post, name, "text")
    if not (id or handle or text):
        return ""
    author = f"<bdi>@{_safe(handle)}</bdi> " if handle else ""
    body = f'<p class="text small" dir="auto">{_prose(text)}</p>\n' if text else ""
    return f'<section class="aside">\n<h2>{heading}</h2>\n<p class="by">{author}{_value(id)}</p>\n{body}</section>\n'


def _poll(post: Json) -> str:
    rows = [
        (_value(_at(post, "poll", f"choice{number}", "label")), _value(_at(post, "poll", f"choice{number}", "votes")))
        for number in range(1, 5)
    ]
    return _table("Poll", ("Choice", "Votes"), [row for row in rows if any(row)])


def _media(post: Json, files: tuple[_File, ...]) -> str:
    listed = _at(post, "media")
    media = dict(enumerate(listed, start=1)) if isinstance(listed, list) else {}
    shown = {file.number for file in files if file.role in {"photo", "video", "gif"}}
    figures = [_figure(index, media.get(index), files) for index in sorted(media.keys() | shown)]
    if not figures:
        return ""
    veil = (
        '<input type="checkbox" class="veil" id="veil">\n'
        '<label for="veil">Show the media, which the platform marks as sensitive</label>\n'
    )
    veiled = veil if _at(post, "sensitive") is True else ""
    return f'<section class="media">\n<h2>Media</h2>\n{veiled}{"".join(figures)}</section>\n'


def _figure(index: int, media: Json, files: tuple[_File, ...]) -> str:
    image = _first(files, index, {"photo", "gif"}, "image")
    video = _first(files, index, {"video", "gif"}, "video")
    poster = _first(files, index, {"poster"}, "image")
    kind = {"photo": "Photo", "video": "Video", "gif": "Silent video"}.get(_text(media, "kind"), "Media item")
    description = _text(media, "alt")
    alt = _plain(description or f"{kind} {index}, without a description by its author")
    if video:
        still = f' poster="{poster.path}"' if poster else ""
        item = f'<video src="{video.path}"{still} controls preload="none" aria-label="{alt}"></video>'
    elif image:
        item = f'<img src="{image.path}" alt="{alt}">'
    else:
        item = '<p class="absent">This capture has no file for it; the custody manifest says why.</p>'
    file = video or image
    caption = f"<p>{kind} {index}{f': {file.path}' if file else ''}</p>"
    words = f'<p dir="auto">Described by the author as: <bdi>{_safe(description)}</bdi></p>' if description else ""
    return f"<figure>\n{item}\n<figcaption>{caption}{words}</figcaption>\n</figure>\n"


def _details(document: Json, post: Json) -> str:
    moments = [("Posted", _moment(_text(post, "created"))), ("Time in the id", _moment(_text(post, "id_time")))]
    values = [(name, _value(_at(post, *steps))) for name, *steps in _DETAILS]
    edits = _at(post, "edits")
    versions = ", ".join(_value(_at(edit, "id")) for edit in edits) if isinstance(edits, list) else ""
    rows = [("Id", _value(_at(document, "id"))), *moments, *values, ("Versions", versions)]
    pairs = "".join(f"<dt>{name}</dt><dd>{value}</dd>\n" for name, value in rows if value)
    return f"<h2>Details</h2>\n<dl>\n{pairs}</dl>\n"


def _tables(post: Json, files: Iterable[_File]) -> str:
    listed = _at(post, "links")
    links = [
        [_value(_at(link, name)) for name in ("url", "expanded", "display")]
        for link in (listed if isinstance(listed, list) else ())
    ]
    names = [
        (f'<a href="{file.path}">{file.path}</a>', _safe(file.role), str(file.number or ""), _safe(file.media_type))
        for file in files
    ]
    link_table = _table("Links in the text", ("As posted", "Leads to", "Shown as"), links)
    return link_table + _table("Files of this capture", ("File", "What it is", "Number", "Type"), names)


def _table(heading: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>\n" for row in rows)
    head = "".join(f'<th scope="col">{column}</th>' for column in columns)
    return f"<h2>{heading}</h2>\n<table>\n<tr>{head}</tr>\n{body}</table>\n" if body else ""


def _first(files: Iterable[_File], number: int, roles: set[str], family: str) -> _File | None:
    return next((f for f in files if f.number == number and f.role in roles and f.is_a(family)), None)


def _moment(time: str) -> str:
    """A UTC time for people; anything else as it stands."""
    found = _TIME.fullmatch(time)
    return f'<time datetime="{time}">{found[1]} {found[2]} UTC</time>' if found else _value(time)


def _at(value: Json, *steps: str) -> Json:
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _text(value: Json, *steps: str) -> str:
    found = _at(value, *steps)
    return found if isinstance(found, str) else ""


def _value(value: Json) -> str:
    """A value of the post as inline HTML, set apart from the direction of its surroundings."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, str)) and value != "":
        return f"<bdi>{_safe(str(value))}</bdi>"
    return ""


def _safe(text: str) -> str:
    """Text as inert HTML, with what cannot be seen made visible."""
    parts = _SPECIAL.split(text.replace("\r\n", "\n"))
    parts[0::2] = map(html.escape, parts[0::2])
    parts[1::2] = (part if len(part) > 1 else f'<b class="mark">U+{ord(part):04X}</b>' for part in parts[1::2])
    return "".join(parts)


def _prose(text: str) -> str:
    """Text of a post as inert HTML; links and account names keep their order inside text that runs right to left."""
    parts = _LEFT_TO_RIGHT.split(text)
    parts[0::2] = map(_safe, parts[0::2])
    parts[1::2] = (f'<bdi dir="ltr">{html.escape(part)}</bdi>' for part in parts[1::2])
    return "".join(parts)


def _plain(text: str) -> str:
    """Text for attributes and the title, where there is no mark-up."""
    return html.escape(_SPECIAL.sub(lambda found: found[0] if len(found[0]) > 1 else f"[U+{ord(found[0]):04X}]", text))
