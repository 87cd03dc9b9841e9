"""What is declared to be overwritten is X in every kind of block, lies where it may, and is told as a note."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archiver.case import layout
from archiver.verify.capture import verify_capture

from .builder import make_capture, make_case
from .forgery import Raw, account, record, records

PHOTO = b"\xff\xd8\xff\xe0" + b"X" * 40 + bytes(range(64))
ACCOUNT, WARC = layout.CUSTODY_MANIFEST, layout.WARC
DECODED = "stored decoded"


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return make_case(tmp_path / "evidence")


@pytest.fixture
def capture(case: Path) -> Path:
    return make_capture(case, photo=PHOTO)


def declare(capture: Path, *found: tuple[int, int, str], role: str = "response", purpose: str = "photo") -> None:
    """Declare parts of the block of an exchange's record to be overwritten."""

    def change(told: Any) -> None:
        exchange = [item for item in told["exchanges"] if item["purpose"] == purpose and item[role]][-1]
        told["redactions"] += [
            {"record": exchange[role], "offset": offset, "length": length, "what": what}
            for offset, length, what in found
        ]

    account(change)(capture)


def block(capture: Path, words: bytes) -> bytes:
    """Return the block of the response that has these bytes."""
    blocks: list[bytes] = []
    records(lambda found: blocks.append(record(found, "response", words).block))(capture)
    return blocks[0]


def faults(capture: Path, case: Path) -> set[tuple[str, str]]:
    return {(item.check, item.path) for item in verify_capture(capture, case=case) if item.level == "failure"}


def notes(capture: Path, case: Path) -> list[str]:
    return [
        item.detail for item in verify_capture(capture, case=case) if (item.level, item.check) == ("note", "redacted")
    ]


def test_what_was_overwritten_in_a_body_is_checked_and_named(capture: Path, case: Path) -> None:
    start = block(capture, PHOTO).index(b"X" * 40)
    declare(capture, (start, 20, "guest_token"), (start + 25, 15, "cookie"))
    assert faults(capture, case) == set()
    (note,) = notes(capture, case)
    assert "cookie (1), guest_token (1), proxy-authorization (1)" in note


@pytest.mark.parametrize(("offset", "length"), [(-1, 10), (35, 6), (0, 41)])
def test_a_byte_that_is_no_x_is_found(capture: Path, case: Path, offset: int, length: int) -> None:
    start = block(capture, PHOTO).index(b"X" * 40)
    declare(capture, (start + offset, length, "cookie"))
    assert faults(capture, case) == {("redaction", WARC)}


def test_a_large_body_is_looked_into_at_every_place(case: Path) -> None:
    photo = b"\xff\xd8\xff\xe0" + bytes(3 << 20) + b"X" * 99 + bytes(1 << 20)
    capture = make_capture(case, photo=photo)
    size = len(block(capture, photo))
    start = size - (1 << 20) - 99
    declare(capture, (start, 99, "cookie"))
    assert faults(capture, case) == set()
    declare(capture, (size - 10, 10, "cookie"))
    assert faults(capture, case) == {("redaction", WARC)}


@pytest.mark.parametrize("more", [(0, 10**9), (10**6, 1), (-5, 5), (10, 0)])
def test_what_lies_outside_of_a_block_is_found(capture: Path, case: Path, more: tuple[int, int]) -> None:
    declare(capture, (*more, "cookie"))
    assert ("redaction", ACCOUNT) in faults(capture, case)


def test_what_overlaps_is_found(capture: Path, case: Path) -> None:
    start = block(capture, PHOTO).index(b"X" * 40)
    declare(capture, (start, 20, "cookie"), (start + 19, 5, "cookie"))
    assert faults(capture, case) == {("redaction", WARC)}


def overwritten(*names: bytes) -> Callable[[Raw], None]:
    def change(raw: Raw) -> None:
        for name in names:
            assert name in raw.block
            raw.block = raw.block.replace(name, b"X" * len(name), 1)

    return change


def test_an_answer_that_is_stored_decoded_names_no_coding_and_no_length(capture: Path, case: Path) -> None:
    at = block(capture, PHOTO).index(b"Content-Length")
    records(lambda found: overwritten(b"Content-Length")(record(found, "response", PHOTO)))(capture)
    declare(capture, (at, 14, DECODED))
    assert faults(capture, case) == set()
    assert "stored decoded (1)" in notes(capture, case)[0]


@pytest.mark.parametrize(("offset", "length"), [(1, 13), (0, 13)])
def test_what_is_said_to_be_stored_decoded_is_the_name_of_a_field(
    capture: Path, case: Path, offset: int, length: int
) -> None:
    at = block(capture, PHOTO).index(b"Content-Length")
    records(lambda found: overwritten(b"Content-Length")(record(found, "response", PHOTO)))(capture)
    declare(capture, (at + offset, length, DECODED))
    assert ("redaction", WARC) in faults(capture, case)


def test_a_head_that_still_tells_of_codings_is_not_that_of_an_answer_stored_decoded(capture: Path, case: Path) -> None:
    def change(found: list[Raw]) -> None:
        answer = record(found, "response", PHOTO)
        answer.block = answer.block.replace(b"\r\n\r\n", b"\r\nXXXXXXXXXXXXXXXX: gzip\r\n\r\n", 1)

    records(change)(capture)
    at = block(capture, PHOTO).index(b"XXXXXXXXXXXXXXXX: gzip")
    declare(capture, (at, 16, DECODED))
    assert ("redaction", WARC) in faults(capture, case)
