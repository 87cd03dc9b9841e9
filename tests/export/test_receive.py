"""Taking a package over: verbatim, whole or not at all, countersigned, told to the log, once."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from archiver.case import index
from archiver.cli.find import find_one
from archiver.custody import sshsig, transfer
from archiver.custody.desk import Desk
from archiver.custody.keys import FileSigner, generate
from archiver.custody.log import events
from archiver.custody.manifest import CaseIdentity
from archiver.custody.transfer import Transfer, TransferredFile
from archiver.errors import CaseNotFound, FormatError
from archiver.export import receive
from archiver.hashing import sha256_hex

ID = "20261123T013512Z-k7f3q9"
FOLDER = f"captures/2026-11-23/{ID}"
SUMMARY = {"url": "https://x.com/a/status/1", "author": "a", "text": "words of somebody else's capture"}
MANIFEST = json.dumps(
    {
        "capture": ID,
        "platform": "x",
        "id": "1",
        "outcome": "captured",
        "reason": "",
        "summary": SUMMARY,
        "started": "2026-11-23T01:35:12.000000Z",
        "inputs": [{"input": "https://x.com/a/status/1"}],
    }
).encode("ascii")
FILES = {
    f"{FOLDER}/data/custody-manifest.json": MANIFEST,
    f"{FOLDER}/data/media/01.mp4": b"\0" * (3 << 20),
    f"{FOLDER}/tagmanifest-sha256.txt": b"list",
    "case.json": b"{}",
}
SENDER = FileSigner(generate())


def package(*, signed: bool = True, to: str = "") -> dict[str, bytes]:
    """Return the files of a package by path."""
    document = transfer.to_bytes(
        Transfer(
            format=transfer.FORMAT,
            at="2026-11-23T01:40:00.000000Z",
            by=SENDER.key.fingerprint if signed else "",
            operator="Ada Roe",
            to=to,
            medium="USB stick 7",
            case=CaseIdentity(id="urn:uuid:1", sha256=sha256_hex(FILES["case.json"])),
            captures=(ID,),
            files=tuple(
                TransferredFile(path=path, bytes=len(data), sha256=sha256_hex(data)) for path, data in FILES.items()
            ),
            logs=(),
            salt="0" * 32,
        )
    )
    signature = {"transfer.json.sig": SENDER.sign(document, sshsig.TRANSFER)} if signed else {}
    return FILES | {"transfer.json": document} | signature


def feed_of(files: dict[str, bytes]) -> receive.Feed:
    def feed(path: str, take: Callable[[bytes], object]) -> None:
        data = files[path]
        for start in range(0, len(data), 1 << 20):
            take(data[start : start + (1 << 20)])

    return feed


def taken(desk: Desk, files: dict[str, bytes]) -> str:
    feed = feed_of(files)
    incoming = receive.read_incoming(feed, signed="transfer.json.sig" in files)
    return receive.take_over(desk, incoming, feed, verdict="intact", trusted=True)


def everything(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_is_kept_as_it_came_and_read_only(desk_of):
    desk = desk_of()
    folder = desk.case.path / taken(desk, package())
    assert everything(folder / "package") == package()
    assert all(path.stat().st_mode & 0o222 == 0 for path in folder.rglob("*") if path.is_file())
    assert {item.name for item in folder.iterdir()} == {"package", "RECEIPT.json", "RECEIPT.json.sig"}


def test_the_receipt_says_what_came_from_whom_and_is_signed(desk_of):
    desk = desk_of()
    folder = desk.case.path / taken(desk, package())
    data = (folder / "RECEIPT.json").read_bytes()
    receipt = transfer.receipt_from_bytes(data)
    signed_by = sshsig.verify((folder / "RECEIPT.json.sig").read_bytes(), data, sshsig.RECEIPT)
    assert signed_by == desk.signer.key
    assert receipt.by == signed_by.fingerprint
    assert receipt.sender == SENDER.key.fingerprint
    assert receipt.transfer == sha256_hex(package()["transfer.json"])
    assert {file.path: file.sha256 for file in receipt.files} == {
        path: sha256_hex(data) for path, data in FILES.items()
    }
    assert (receipt.verdict, receipt.trusted, receipt.captures) == ("intact", True, (ID,))


def test_the_log_tells_of_it(desk_of):
    desk = desk_of()
    name = taken(desk, package())
    (event,) = [event for event in events(desk.case.path) if event.line.event == "received"]
    assert (event.line.what, event.line.sha256) == (name, sha256_hex(package()["transfer.json"]))
    assert event.text["from"] == SENDER.key.fingerprint


def test_an_unsigned_installation_writes_an_unsigned_receipt(desk_of):
    desk = desk_of(unsigned=True)
    folder = desk.case.path / taken(desk, package(signed=False))
    assert not (folder / "RECEIPT.json.sig").exists()
    receipt = transfer.receipt_from_bytes((folder / "RECEIPT.json").read_bytes())
    assert (receipt.by, receipt.sender) == ("", "")


def test_the_same_transfer_is_recognised_and_another_is_not(desk_of):
    desk = desk_of()
    assert receive.find_received(desk, sha256_hex(package()["transfer.json"])) == ""
    name = taken(desk, package())
    assert receive.find_received(desk, sha256_hex(package()["transfer.json"])) == name
    assert receive.find_received(desk, sha256_hex(package(to="somebody else")["transfer.json"])) == ""


def test_a_package_that_a_kill_left_out_of_the_log_is_told_to_it_once(desk_of, tmp_path):
    desk = desk_of()
    name = taken(desk, package())
    other = desk_of("other")
    (other.case.path / "received").mkdir()
    (desk.case.path / name).rename(other.case.path / name)
    for _ in range(2):
        assert receive.find_received(other, sha256_hex(package()["transfer.json"])) == name
    assert [event.line.what for event in events(other.case.path) if event.line.event == "received"] == [name]


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("case.json", b"[]"),
        ("case.json", b""),
        (f"{FOLDER}/data/media/01.mp4", b"\0" * (3 << 20) + b"1"),
        (f"{FOLDER}/data/media/01.mp4", b"\0" * (2 << 20)),
        (f"{FOLDER}/tagmanifest-sha256.txt", b"lisT"),
    ],
)
def test_a_file_that_is_not_what_is_listed_leaves_nothing(desk_of, path, data):
    desk = desk_of()
    with pytest.raises(FormatError):
        taken(desk, package() | {path: data})
    assert_nothing_came(desk)


def test_a_disk_that_is_full_midway_leaves_nothing(desk_of):
    desk, files = desk_of(), package()
    incoming = receive.read_incoming(feed_of(files), signed=True)

    def feed(path: str, take: Callable[[bytes], object]) -> None:
        take(files[path][:1])
        if path.endswith("mp4"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        take(files[path][1:])

    with pytest.raises(OSError, match="No space"):
        receive.take_over(desk, incoming, feed, verdict="intact", trusted=True)
    assert_nothing_came(desk)


def assert_nothing_came(desk: Desk) -> None:
    assert not (desk.case.path / "received").exists()
    assert not any(event.line.event == "received" for event in events(desk.case.path))
    assert not any(path.name.startswith("run-") for path in (desk.case.path / ".work").iterdir())


@pytest.mark.parametrize(
    ("change", "signed"),
    [
        ({"transfer.json": package()["transfer.json"].replace(b"Ada", b"Eve")}, True),
        ({"transfer.json.sig": SENDER.sign(package()["transfer.json"], sshsig.SEAL)}, True),
        ({"transfer.json.sig": FileSigner(generate()).sign(package()["transfer.json"], sshsig.TRANSFER)}, True),
        ({"transfer.json.sig": b"rubbish"}, True),
        ({"transfer.json.sig": package()["transfer.json.sig"] + b"\n" * (1 << 20)}, True),
        ({"transfer.json": b" " * (17 << 20)}, True),
        ({}, False),
        ({"transfer.json": package(signed=False)["transfer.json"]}, True),
    ],
)
def test_a_transfer_that_is_not_signed_by_the_key_that_it_names_is_refused(change, signed):
    with pytest.raises(FormatError):
        receive.read_incoming(feed_of(package() | change), signed=signed)


def test_what_came_is_listed_and_found_beside_what_was_made_here(desk_of):
    desk = desk_of()
    with pytest.raises(CaseNotFound):
        find_one(desk.case.path, ID)
    name = taken(desk, package())
    (entry,) = index.received_entries(desk.case.path)
    assert (entry.id, entry.text, f"received/{entry.received}") == (ID, SUMMARY["text"], name)
    for text in (ID[-6:], "1", SUMMARY["url"], "last"):
        assert find_one(desk.case.path, text) == (entry, desk.case.path / name / "package" / FOLDER)


def test_what_came_is_no_capture_of_this_case(desk_of):
    desk = desk_of()
    taken(desk, package())
    assert list(index.captures(desk.case.path)) == []
    assert list(index.entries(desk.case.path)) == []


def test_a_capture_made_here_goes_before_the_same_one_that_came_back(desk_of):
    desk = desk_of()
    taken(desk, package())
    ours = desk.case.path / FOLDER / "data"
    ours.mkdir(parents=True)
    (ours / "custody-manifest.json").write_bytes(MANIFEST)
    entry, folder = find_one(desk.case.path, ID)
    assert (entry.received, folder) == ("", desk.case.path / FOLDER)


@pytest.mark.parametrize("name", ["notes", "20261123T013512Z-K7F3Q9", ".DS_Store"])
def test_what_does_not_belong_under_received_is_passed_over(desk_of, name):
    desk = desk_of()
    (desk.case.path / "received" / name / "package" / FOLDER).mkdir(parents=True)
    assert list(index.received(desk.case.path)) == []
    assert receive.find_received(desk, "0" * 64) == ""
