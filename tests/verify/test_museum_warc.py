"""A museum of forged WARCs: one defect each, every digest computed anew, with the finding that it has to give."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from archiver.case import layout
from archiver.verify import verify_capture
from archiver.warc import new_record_id

from .builder import PHOTO
from .forgery import Defect, Raw, account, edit, entry, record, records, rehashed

ACCOUNT, WARC, FIRST = layout.CUSTODY_MANIFEST, layout.WARC, "data/media/01.jpg"
Records = list[Raw]
PNG = b"\x89PNG\r\n\x1a\n"


def one(kind: str, change: Callable[[Raw], object], words: bytes = b"", *, listed: bool = True) -> Defect:
    """Change the first record of a type that has these bytes in its block."""
    return records(lambda found: change(record(found, kind, words)), listed=listed)


def remove(kind: str, words: bytes, *, listed: bool = False) -> Defect:
    return records(lambda found: found.remove(record(found, kind, words)), listed=listed)


def insert(found: Records) -> None:
    copy = Raw(list(found[3].fields), found[3].block)
    copy.set("WARC-Record-ID", f"<{new_record_id()}>")
    found.insert(3, copy)


def twice(found: Records) -> None:
    found.insert(3, Raw(list(found[3].fields), found[3].block))


def turn_round(found: Records) -> None:
    found[4:6] = reversed(found[4:6])


def block(old: bytes, new: bytes) -> Callable[[Raw], None]:
    def change(raw: Raw) -> None:
        assert old in raw.block
        raw.block = raw.block.replace(old, new, 1)

    return change


def header(name: str, value: str) -> Callable[[Raw], None]:
    return lambda raw: raw.set(name, value)


def extra(name: str, value: str) -> Callable[[Raw], None]:
    return lambda raw: raw.fields.append((name, value))


def less(name: str) -> Callable[[Raw], None]:
    def change(raw: Raw) -> None:
        raw.fields = [field for field in raw.fields if field[0] != name]

    return change


def as_png(capture: Path) -> None:
    """Make the photo a PNG, in the record and in the file; its name and type stay."""
    (capture / FIRST).write_bytes(PNG + PHOTO[8:])
    one("response", block(PHOTO[:8], PNG), PHOTO)(capture)


def renamed_png(capture: Path) -> None:
    """Give a JPEG the name and type of a PNG."""
    (capture / FIRST).rename(capture / "data/media/01.png")

    def change(told: dict[str, list[dict[str, object]]]) -> None:
        file = entry(told["files"], path=FIRST)
        file.update(path="data/media/01.png", media_type="image/png")
        told["files"].sort(key=lambda item: str(item["path"]))

    account(change)(capture)


STATUS = b"HTTP/1.1 200 OK"
EXHIBITS: dict[str, tuple[Defect, str, str]] = {
    "record removed": (remove("response", b"blockquote"), "warc-record", WARC),
    "failure record removed": (remove("metadata", b"timeout"), "warc-record", WARC),
    "failure record removed from the list as well": (remove("metadata", b"timeout", listed=True), "exchange", ACCOUNT),
    "request removed from the list as well": (remove("request", b"t.co", listed=True), "exchange", ACCOUNT),
    "connection removed from the list as well": (remove("metadata", b"2001:db8", listed=True), "exchange", ACCOUNT),
    "certificates removed from the list as well": (remove("metadata", b"BEGIN", listed=True), "certificate", ACCOUNT),
    "records in another order": (records(turn_round, listed=False), "warc-record", WARC),
    "record inserted": (records(insert, listed=False), "warc-record", WARC),
    "record inserted in the list as well": (records(insert), "exchange", ACCOUNT),
    "record twice": (records(twice, listed=False), "warc-record", WARC),
    "warcinfo twice": (records(lambda found: found.append(found[0])), "warc-record", WARC),
    "no warcinfo": (records(lambda found: found.pop(0)), "warc-record", WARC),
    "no records": (records(lambda found: found.clear()), "warc-record", WARC),
    "date edited": (one("response", header("WARC-Date", "2026-11-23T01:35:13.000000Z"), b"gzip"), "exchange", ACCOUNT),
    "date of a failure edited": (
        one("metadata", header("WARC-Date", "2026-11-23T01:35:13.000000Z"), b"timeout"),
        "exchange",
        ACCOUNT,
    ),
    "date without its fraction": (
        one("response", header("WARC-Date", "2026-11-23T01:35:13Z"), b"gzip"),
        "warc-record",
        WARC,
    ),
    "URL edited": (one("request", header("WARC-Target-URI", "https://example.org/"), b"t.co"), "exchange", ACCOUNT),
    "address edited": (one("response", header("WARC-IP-Address", "192.0.2.1"), PHOTO), "exchange", ACCOUNT),
    "cipher edited": (one("response", header("WARC-Cipher-Suite", "TLS_NULL"), PHOTO), "exchange", ACCOUNT),
    "connection edited": (one("metadata", block(b"2001:db8::7", b"2001:db8::8"), b"opened"), "exchange", ACCOUNT),
    "connection not canonical": (one("metadata", block(b'{"address"', b'{ "address"'), b"opened"), "exchange", ACCOUNT),
    "concurrent record edited": (
        one("response", header("WARC-Concurrent-To", f"<{new_record_id()}>"), b"gzip"),
        "exchange",
        ACCOUNT,
    ),
    "status edited": (one("response", block(STATUS, b"HTTP/1.1 404 OK"), PHOTO), "exchange", ACCOUNT),
    "method edited": (one("request", block(b"GET", b"PUT"), b"t.co"), "exchange", ACCOUNT),
    "failure edited": (one("metadata", block(b"15 seconds", b"99 seconds"), b"timeout"), "exchange", ACCOUNT),
    "block edited, list not": (one("request", block(b"t.co", b"t.cx"), b"t.co", listed=False), "warc-record", WARC),
    "warcinfo of another file": (
        one("request", header("WARC-Warcinfo-ID", f"<{new_record_id()}>")),
        "warc-record",
        WARC,
    ),
    "header that no capture has": (one("request", extra("WARC-Refers-To", "x")), "warc-record", WARC),
    "no payload digest": (one("response", less("WARC-Payload-Digest")), "warc-record", WARC),
    "no content type": (one("request", less("Content-Type")), "warc-record", WARC),
    "another content type": (one("request", header("Content-Type", "text/plain")), "warc-record", WARC),
    "another type": (one("request", header("WARC-Type", "resource")), "warc-record", WARC),
    "truncation invented": (one("response", extra("WARC-Truncated", "time"), PHOTO), "warc-digest", WARC),
    "truncation of a kind that is none": (one("response", extra("WARC-Truncated", "fun"), PHOTO), "warc-record", WARC),
    "body shorter than it says": (one("response", block(PHOTO[-9:], b""), PHOTO), "warc-digest", WARC),
    "body longer than it says": (one("response", block(PHOTO, PHOTO + b"x"), PHOTO), "warc-digest", WARC),
    "chunked body cut": (one("response", block(b"\r\n0\r\n\r\n", b"\r\n"), b"profile"), "warc-digest", WARC),
    "response that is no HTTP": (one("response", block(b"HTTP/1.1 301", b"301"), b"301"), "warc-digest", WARC),
    "1xx inside a response": (
        one("response", block(STATUS, b"HTTP/1.1 103 Early Hints\r\n\r\n" + STATUS), PHOTO),
        "warc-digest",
        WARC,
    ),
    "block digest wrong": (rehashed(edit(WARC, lambda data: _digest(data, b"Block"))), "warc-digest", WARC),
    "payload digest wrong": (rehashed(edit(WARC, lambda data: _digest(data, b"Payload"))), "warc-digest", WARC),
    "block digest unpadded": (
        rehashed(edit(WARC, lambda data: data.replace(b"====\r\n", b"\r\n", 1))),
        "warc-digest",
        WARC,
    ),
    "junk at the end": (rehashed(edit(WARC, lambda data: data + b"junk")), "warc-structure", WARC),
    "blank line at the end": (rehashed(edit(WARC, lambda data: data + b"\r\n")), "warc-structure", WARC),
    "junk at the beginning": (rehashed(edit(WARC, lambda data: b"\n" + data)), "warc-structure", WARC),
    "cut in the last record": (rehashed(edit(WARC, lambda data: data[:-9])), "warc-structure", WARC),
    "compressed": (rehashed(edit(WARC, gzip.compress)), "warc-structure", WARC),
    "header without end": (
        rehashed(edit(WARC, lambda data: b"WARC/1.1\r\n" + b"a" * (1 << 20))),
        "warc-structure",
        WARC,
    ),
    "length of a thousand digits": (
        rehashed(edit(WARC, lambda data: data.replace(b"Content-Length: ", b"Content-Length: " + b"9" * 1000, 1))),
        "warc-structure",
        WARC,
    ),
    "empty": (rehashed(edit(WARC, lambda data: b"")), "warc-record", WARC),
    "photo edited, record not": (rehashed(edit(FIRST, lambda data: data + b"pixel")), "media", FIRST),
    "decoded file edited": (
        rehashed(edit("data/media/00-profile.png", lambda data: data + b"pixel")),
        "media",
        "data/media/00-profile.png",
    ),
    "photo edited in the record, file not": (
        one("response", block(PHOTO, PHOTO[::-1][:-8] + PHOTO[:8]), PHOTO),
        "media",
        FIRST,
    ),
    "type that lies": (as_png, "media", FIRST),
    "name that lies": (renamed_png, "media", "data/media/01.png"),
    "answer edited": (
        one("response", block(b'x.com/belinward_demo"', b'x.com/belinward_fake"'), b"blockquote"),
        "corroboration",
        ACCOUNT,
    ),
    "redaction undone": (one("metadata", block(b"XXXXXXXX", b"cGFzc3dk"), b"CONNECT"), "redaction", WARC),
    "certificates edited": (one("metadata", block(b"-----BEGIN", b"----BEGIN"), b"BEGIN"), "certificate", WARC),
}


def _digest(data: bytes, which: bytes) -> bytes:
    """Change one letter of the first digest of a kind."""
    name = b"WARC-" + which + b"-Digest: sha256:"
    at = data.index(name) + len(name)
    return data[:at] + (b"A" if data[at : at + 1] != b"A" else b"B") + data[at + 1 :]


@pytest.mark.parametrize("name", EXHIBITS)
def test_a_defect_gives_its_finding(name: str, case: Path, capture: Path) -> None:
    defect, check, path = EXHIBITS[name]
    defect(capture)
    failures = {(found.check, found.path) for found in verify_capture(capture, case=case) if found.level == "failure"}
    assert (check, path) in failures
    # The forger was thorough: no list of digests gives the defect away.
    assert not {found for found, _ in failures} & {"file", "manifest", "tagmanifest", "bag-info"}
