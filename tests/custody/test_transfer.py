"""The documents of a transfer: one encoding each, and nothing that leads out of a package or contradicts itself."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver import canonical
from archiver.custody import transfer
from archiver.custody.manifest import CaseIdentity
from archiver.custody.transfer import Receipt, Segment, Transfer, TransferredFile
from archiver.errors import FormatError

ONE, OTHER = "a" * 64, "0123456789abcdef" * 4
ID = "20261123T013512Z-k7f3q9"
FOLDER = f"captures/2026-11-23/{ID}"
SEAL = "seals/20261123T013600Z-aaaaaa"
KEY = "SHA256:" + "A" * 43
PATHS = (
    "allowed_signers",
    f"{FOLDER}/bagit.txt",
    f"{FOLDER}/data/media/01.jpg",
    f"{FOLDER}/tagmanifest-sha256.txt",
    f"{FOLDER}/tagmanifest-sha256.txt.sig",
    "case.json",
    "custody/abcd2345.head",
    "custody/abcd2345.jsonl",
    "custody/abcd2345.texts",
    f"{SEAL}/OPEN",
    f"{SEAL}/SEAL",
    f"{SEAL}/SEAL.sig",
    f"{SEAL}/SEAL.timestamp-one-example.tsr",
)
TRANSFER = Transfer(
    format=transfer.FORMAT,
    at="2026-11-23T01:40:00.000000Z",
    by=KEY,
    operator="Ada Roe",
    to="Chambers",
    medium="USB stick 7",
    case=CaseIdentity(id="urn:uuid:1", sha256=ONE),
    captures=(ID,),
    files=tuple(TransferredFile(path=path, bytes=7, sha256=ONE) for path in PATHS),
    logs=(Segment(writer="abcd2345", first=4, offset=900),),
    salt="0" * 32,
)
RECEIPT = Receipt(
    format=transfer.RECEIPT_FORMAT,
    at="2026-11-24T09:00:00.000000Z",
    by=KEY,
    operator="",
    sender=KEY,
    trusted=True,
    verdict="intact",
    transfer=OTHER,
    case=TRANSFER.case,
    captures=TRANSFER.captures,
    files=TRANSFER.files,
)


def changed(**fields: Any) -> bytes:
    """Return the bytes of the transfer with some fields as they are given, whatever comes of it."""
    return canonical.encode(msgspec.to_builtins(TRANSFER) | fields)


def files(*paths: str) -> list[dict[str, Any]]:
    return [{"bytes": 7, "path": path, "sha256": ONE} for path in paths]


def without(*gone: str) -> list[dict[str, Any]]:
    return files(*(path for path in PATHS if path not in gone))


def test_what_was_written_is_read_back():
    assert transfer.from_bytes(transfer.to_bytes(TRANSFER)) == TRANSFER
    assert transfer.receipt_from_bytes(transfer.to_bytes(RECEIPT)) == RECEIPT


def test_the_change_of_nothing_is_no_change():
    assert changed() == transfer.to_bytes(TRANSFER)


def test_one_document_is_not_read_as_the_other():
    with pytest.raises(FormatError):
        transfer.from_bytes(transfer.to_bytes(RECEIPT))
    with pytest.raises(FormatError):
        transfer.receipt_from_bytes(transfer.to_bytes(TRANSFER))


@pytest.mark.parametrize(
    "fields",
    [
        {"format": "archiver-transfer/2"},
        {"at": "2026-11-23 01:40"},
        {"by": "SHA256:short"},
        {"by": KEY.lower()},
        {"to": "x" * 1001},
        {"operator": "\ud800"},
        {"salt": ""},
        {"salt": "A" * 32},
        {"further": "field"},
        {"captures": []},
        {"captures": [ID, ID]},
        {"captures": ["20261123T013512Z-zzzzzz"]},
        {"captures": [ID, "20261123T013512Z-zzzzzz"]},
        {"case": {"id": "urn:uuid:1", "sha256": OTHER}},
        {"logs": []},
        {"logs": [{"first": 4, "offset": 900, "writer": "bbbb2345"}]},
        {"logs": [{"first": 4, "offset": 0, "writer": "abcd2345"}]},
        {"logs": [{"first": 1, "offset": 900, "writer": "abcd2345"}]},
        {"logs": [{"first": 0, "offset": 0, "writer": "abcd2345"}]},
        {"logs": [{"first": 4, "offset": 900, "writer": "../../x2"}]},
        {"files": []},
        {"files": files(*reversed(PATHS))},
        {"files": files(*PATHS, PATHS[-1])},
        {"files": without("case.json")},
        {"files": without("custody/abcd2345.head")},
        {"files": without("custody/abcd2345.jsonl", "custody/abcd2345.head", "custody/abcd2345.texts")},
        {"files": without(f"{FOLDER}/tagmanifest-sha256.txt")},
        {"files": files(*PATHS, "working/notes.jsonl")},
        {"files": [*files(*PATHS[:-1]), {"bytes": -1, "path": PATHS[-1], "sha256": ONE}]},
        {"files": [*files(*PATHS[:-1]), {"bytes": 7, "path": PATHS[-1], "sha256": ONE.upper()}]},
    ],
)
def test_a_transfer_that_contradicts_itself_or_its_schema_is_refused(fields):
    with pytest.raises(FormatError):
        transfer.from_bytes(changed(**fields))


def test_nothing_is_written_that_would_not_be_read():
    with pytest.raises(FormatError):
        transfer.to_bytes(msgspec.structs.replace(TRANSFER, to="\ud800"))


@given(st.data())
def test_another_byte_anywhere_is_another_document_or_none(data):
    original = transfer.to_bytes(TRANSFER)
    at = data.draw(st.integers(0, len(original) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != original[at]))
    mutated = original[:at] + bytes([byte]) + original[at + 1 :]
    try:
        found = transfer.from_bytes(mutated)
    except FormatError:
        return
    assert found != TRANSFER
    assert transfer.to_bytes(found) == mutated


@pytest.mark.parametrize("change", [lambda data: b" " + data, lambda data: data + b"\n", lambda data: data[:-1]])
def test_another_encoding_is_refused(change):
    with pytest.raises(FormatError):
        transfer.from_bytes(change(transfer.to_bytes(TRANSFER)))


@given(st.binary(max_size=200))
def test_rubbish_is_refused(data):
    with pytest.raises(FormatError):
        transfer.from_bytes(data)


@pytest.mark.parametrize("path", PATHS)
def test_a_package_holds(path):
    assert transfer.is_package_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "../case.json",
        "/etc/passwd",
        "case.json\n",
        "CASE.JSON",
        "transfer.json",
        "transfer.json.sig",
        "working/notes.jsonl",
        ".work/index.jsonl",
        "received/20261123T013512Z-k7f3q9/RECEIPT.json",
        f"{FOLDER}/",
        f"{FOLDER}/data/../../../../x",
        f"{FOLDER}/data/media/con",
        f"{FOLDER}/data/media/01.jpg\n",
        f"{FOLDER}/.DS_Store",
        f"captures/2026-11-24/{ID}/bagit.txt",
        f"captures/2026-11-23/{ID.upper()}/bagit.txt",
        "custody/abcd2345.exe",
        "custody/ABCD2345.head",
        f"{SEAL}/SEAL.tsr",
        f"{SEAL}/SEAL.a/../b.tsr",
        f"{SEAL}\\SEAL",
    ],
)
def test_a_package_does_not_hold(path):
    assert not transfer.is_package_path(path)
