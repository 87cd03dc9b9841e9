"""A museum of broken captures, as bags: one defect each, with the finding that it has to give."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from archiver.case import layout
from archiver.verify import verify_capture

from .builder import PHOTO, reseal
from .forgery import Defect, add, edit, relisted, swap
from .installation import settled

ACCOUNT, WARC, POST, PAGE = layout.CUSTODY_MANIFEST, layout.WARC, layout.POST_JSON, layout.POST_HTML
MANIFEST, TAGMANIFEST = layout.MANIFEST, layout.TAGMANIFEST
FIRST, SECOND = "data/media/01.jpg", "data/media/00-profile.png"


def flip(path: str) -> Defect:
    return edit(path, lambda data: data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])


def remove(path: str) -> Defect:
    return lambda capture: (capture / path).unlink()


def link(path: str) -> Defect:
    """Put a link in place of something; what it points at is what was there."""

    def do(capture: Path) -> None:
        aside = capture.parents[2] / "aside"
        (capture / path).rename(aside)
        (capture / path).symlink_to(aside)

    return do


def exchange(one: str, other: str) -> Defect:
    def do(capture: Path) -> None:
        first, second = (capture / one).read_bytes(), (capture / other).read_bytes()
        (capture / one).write_bytes(second)
        (capture / other).write_bytes(first)

    return do


def listing(path: bytes) -> Defect:
    """Add a line to manifest-sha256.txt, in its place."""
    line = b"0" * 64 + b"  " + path + b"\n"
    return relisted(lambda data: b"".join(sorted([*data.splitlines(keepends=True), line], key=lambda text: text[66:])))


def rename(path: str, name: str) -> Defect:
    return lambda capture: (capture / path).rename(capture / name)


def folder(path: str) -> Defect:
    return lambda capture: (capture / path).mkdir()


def pipe(capture: Path) -> None:
    (capture / FIRST).unlink()
    os.mkfifo(capture / FIRST)


def no_media(capture: Path) -> None:
    """Take the media away, account for none, and leave their folder."""
    for path in (FIRST, SECOND):
        (capture / path).unlink()
    reseal(capture)


EXHIBITS: dict[str, tuple[Defect, str, str]] = {
    "bit flipped in the photo": (flip(FIRST), "file", FIRST),
    "bit flipped in the WARC": (flip(WARC), "file", WARC),
    "bit flipped in the custody manifest": (flip(ACCOUNT), "file", ACCOUNT),
    "bit flipped in post.json": (flip(POST), "file", POST),
    "bit flipped in post.html": (flip(PAGE), "file", PAGE),
    "bit flipped in the manifest": (flip(MANIFEST), "file", MANIFEST),
    "bit flipped in the tag manifest": (swap(TAGMANIFEST, b"0", b"1"), "tagmanifest", TAGMANIFEST),
    "bit flipped in bagit.txt": (flip("bagit.txt"), "file", "bagit.txt"),
    "bit flipped in bag-info.txt": (flip("bag-info.txt"), "file", "bag-info.txt"),
    "bit flipped in VERIFY.txt": (flip("VERIFY.txt"), "file", "VERIFY.txt"),
    "digest changed in the manifest": (
        relisted(lambda data: data.replace(data.splitlines()[3][:64], b"0" * 64)),
        "manifest",
        MANIFEST,
    ),
    "media exchanged": (exchange(FIRST, SECOND), "file", FIRST),
    "photo emptied": (edit(FIRST, lambda data: b""), "file", FIRST),
    "photo made longer": (edit(FIRST, lambda data: data + b"\n"), "file", FIRST),
    "photo removed": (remove(FIRST), "missing", FIRST),
    "WARC removed": (remove(WARC), "missing", WARC),
    "custody manifest removed": (remove(ACCOUNT), "missing", ACCOUNT),
    "post.json removed": (remove(POST), "missing", POST),
    "manifest removed": (remove(MANIFEST), "missing", MANIFEST),
    "tag manifest removed": (remove(TAGMANIFEST), "missing", TAGMANIFEST),
    "bagit.txt removed": (remove("bagit.txt"), "missing", "bagit.txt"),
    "VERIFY.txt removed": (remove("VERIFY.txt"), "missing", "VERIFY.txt"),
    "photo added": (add("data/media/02.jpg", PHOTO), "added", "data/media/02.jpg"),
    "file added at the top": (add("notes.txt"), "added", "notes.txt"),
    "file added to data": (add("data/notes.txt"), "added", "data/notes.txt"),
    "script added to the media": (add("data/media/run.sh"), "added", "data/media/run.sh"),
    "hidden file added": (add("data/.hidden"), "added", "data/.hidden"),
    "empty folder added": (folder("data/extra"), "added", "data/extra"),
    "folder added to the media": (folder("data/media/more"), "added", "data/media/more"),
    "folder of media without media": (no_media, "added", "data/media"),
    "fetch.txt": (add("fetch.txt", b"https://example.org/ - data/x\n"), "added", "fetch.txt"),
    "second manifest": (add("manifest-md5.txt"), "added", "manifest-md5.txt"),
    "second tag manifest": (add("tagmanifest-sha512.txt"), "added", "tagmanifest-sha512.txt"),
    "link in place of the photo": (link(FIRST), "tree", FIRST),
    "link in place of the WARC": (link(WARC), "tree", WARC),
    "link in place of data": (link("data"), "tree", "data"),
    "link in place of the media": (link("data/media"), "tree", "data/media"),
    "link in place of bagit.txt": (link("bagit.txt"), "tree", "bagit.txt"),
    "dangling link": (
        lambda capture: (capture / "data/media/02.jpg").symlink_to("/nowhere"),
        "tree",
        "data/media/02.jpg",
    ),
    "link to itself": (
        lambda capture: (capture / "data/media/02.jpg").symlink_to("02.jpg"),
        "tree",
        "data/media/02.jpg",
    ),
    "named pipe in place of the photo": (pipe, "tree", FIRST),
    "folder in place of the photo": (
        lambda capture: (remove(FIRST)(capture), folder(FIRST)(capture)),
        "added",
        FIRST,
    ),
    "photo renamed": (rename(FIRST, "data/media/02.jpg"), "missing", FIRST),
    "name differs by case": (add("data/Post.json"), "name", "data/post.json"),
    "name with a line feed": (add("data/a\nINTACT"), "added", "data/a\\nINTACT"),
    "name that controls the terminal": (add("data/\x1b[2J"), "added", "data/\\x1b[2J"),
    "name that turns the text round": (add("data/\u202egpj.exe"), "added", "data/\\u202egpj.exe"),
    "manifest lists a path upwards": (listing(b"data/../../x"), "manifest", MANIFEST),
    "manifest lists an absolute path": (listing(b"/etc/passwd"), "manifest", MANIFEST),
    "manifest lists a backslash": (listing(b"data\\media\\02.jpg"), "manifest", MANIFEST),
    "manifest lists a drive": (listing(b"C:/x"), "manifest", MANIFEST),
    "manifest lists a NUL": (listing(b"data/media/02.jpg\x00"), "manifest", MANIFEST),
    "manifest lists a tag file": (listing(b"bagit.txt"), "manifest", MANIFEST),
    "manifest lists itself": (listing(MANIFEST.encode()), "manifest", MANIFEST),
    "manifest lists what is not there": (listing(b"data/media/09.jpg"), "missing", "data/media/09.jpg"),
    "manifest in upper case": (relisted(lambda data: data[:64].upper() + data[64:]), "manifest", MANIFEST),
    "manifest with CRLF": (relisted(lambda data: data.replace(b"\n", b"\r\n")), "manifest", MANIFEST),
    "manifest with a byte order mark": (relisted(lambda data: b"\xef\xbb\xbf" + data), "manifest", MANIFEST),
    "manifest with binary marks": (relisted(lambda data: data.replace(b"  ", b" *")), "manifest", MANIFEST),
    "manifest with one space": (relisted(lambda data: data.replace(b"  ", b" ", 1)), "manifest", MANIFEST),
    "manifest not sorted": (
        relisted(lambda data: b"".join(reversed(data.splitlines(keepends=True)))),
        "manifest",
        MANIFEST,
    ),
    "manifest with a line twice": (
        relisted(lambda data: data.splitlines(keepends=True)[0] + data),
        "manifest",
        MANIFEST,
    ),
    "manifest without its last line feed": (relisted(lambda data: data[:-1]), "manifest", MANIFEST),
    "manifest with an empty line": (relisted(lambda data: data + b"\n"), "manifest", MANIFEST),
    "empty manifest": (relisted(lambda data: b""), "manifest", MANIFEST),
    "empty tag manifest": (edit(TAGMANIFEST, lambda data: b""), "tagmanifest", TAGMANIFEST),
    "tag manifest in upper case": (edit(TAGMANIFEST, bytes.upper), "tagmanifest", TAGMANIFEST),
    "tag manifest lists less": (
        edit(TAGMANIFEST, lambda data: b"".join(data.splitlines(keepends=True)[:3])),
        "tagmanifest",
        TAGMANIFEST,
    ),
    "tag manifest lists more": (
        edit(TAGMANIFEST, lambda data: data + b"0" * 64 + b"  " + b"tagmanifest-sha256.txt\n"),
        "tagmanifest",
        TAGMANIFEST,
    ),
    "another declaration": (
        relisted(lambda data: data.replace(b"1.0", b"0.97"), "bagit.txt"),
        "bag-declaration",
        "bagit.txt",
    ),
    "declaration with CRLF": (
        relisted(lambda data: data.replace(b"\n", b"\r\n"), "bagit.txt"),
        "bag-declaration",
        "bagit.txt",
    ),
    "bag-info of another capture": (
        relisted(lambda data: data.replace(b"k7f3q9", b"aaaaaa"), "bag-info.txt"),
        "bag-info",
        "bag-info.txt",
    ),
    "bag-info says more": (
        relisted(lambda data: data + b"Contact-Name: me\n", "bag-info.txt"),
        "bag-info",
        "bag-info.txt",
    ),
    "VERIFY.txt says something else": (
        relisted(lambda data: data.replace(b"sha256sum --strict -c", b"true"), "VERIFY.txt"),
        "verify-text",
        "VERIFY.txt",
    ),
}


@pytest.mark.parametrize("name", EXHIBITS)
def test_a_defect_gives_its_finding(name: str, case: Path, capture: Path) -> None:
    defect, check, path = EXHIBITS[name]
    defect(capture)
    failures = {(found.check, found.path) for found in verify_capture(capture, case=case) if found.level == "failure"}
    assert (check, path) in failures


def test_a_sound_capture_gives_none(case: Path, capture: Path) -> None:
    findings = settled(verify_capture(capture, case=case))
    assert [found for found in findings if found.level != "ok"] == []
    assert {"tree", "file", "tagmanifest", "warc-record", "media", "post", "rendition", "judgement", "case"} <= {
        found.check for found in findings
    }


@pytest.mark.parametrize("name", [".DS_Store", "._01.jpg", "Thumbs.db", "DESKTOP.INI"])
@pytest.mark.parametrize("where", [".", "data", "data/media"])
def test_litter_is_a_note(capture: Path, case: Path, where: str, name: str) -> None:
    add(f"{where}/{name}")(capture)
    odd = [found for found in settled(verify_capture(capture, case=case)) if found.level != "ok"]
    assert [(found.level, found.check) for found in odd] == [("note", "litter")]


def test_hard_links_are_fine(capture: Path, case: Path) -> None:
    (capture.parents[2] / "copy.jpg").hardlink_to(capture / FIRST)
    assert all(found.level == "ok" for found in settled(verify_capture(capture, case=case)))


def test_what_changed_is_told_from_what_follows_from_it(capture: Path, case: Path) -> None:
    """A flipped bit in the WARC contradicts many files; only the WARC is blamed."""
    flip(WARC)(capture)
    assert {found.path for found in verify_capture(capture, case=case) if found.level == "failure"} == {WARC}
