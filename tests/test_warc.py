"""WARC: what is written reads back, the records tile, other people's readers agree, and hostile files are refused."""

from __future__ import annotations

import hashlib
import io
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecordType
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from archiver import warc, warc_reader
from archiver.errors import FormatError
from archiver.hashing import sha256, sha256_hex, warc_digest
from archiver.model import Body

MOMENT = datetime(2026, 11, 23, 1, 35, 12, 123456, tzinfo=UTC)
URI = ("WARC-Target-URI", "https://x.com/")
HEAD = b"HTTP/1.1 200 OK\r\nX-Odd:  two  spaces \r\nContent-Length: 9\r\n\r\n"
RESPONSE = "application/http; msgtype=response"
HEADER = (
    b"WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: <urn:uuid:3b241101-e2bb-4255-8caf-4136c566a962>\r\n"
    b"Content-Length: 2\r\n\r\n"
)


def write(path: Path, blocks: list[bytes], bodies: list[Body | None] | None = None) -> list[warc.Written]:
    writer = warc.WarcWriter(path)
    written = [writer.write("warcinfo", MOMENT, "application/warc-fields", head=b"software: test\r\n")]
    for block, body in zip(blocks, bodies or [None] * len(blocks), strict=True):
        block_sha256 = None if body is None else sha256_hex(block + content(body))
        written.append(
            writer.write(
                "response",
                MOMENT,
                RESPONSE,
                head=block,
                body=body,
                block_sha256=block_sha256,
                payload_sha256=sha256_hex(b"") if body is None else body.sha256,
                headers=[URI],
            )
        )
    writer.close()
    return written


def content(body: Body) -> bytes:
    return body.path.read_bytes() if body.path else body.data or b""


def in_memory(data: bytes) -> Body:
    return Body(data=data, size=len(data), sha256=sha256_hex(data))


def in_file(path: Path, data: bytes) -> Body:
    path.write_bytes(data)
    return Body(path=path, size=len(data), sha256=sha256_hex(data))


def read(data: bytes) -> list[tuple[warc_reader.RecordHeader, bytes]]:
    return [(header, b"".join(pieces)) for header, pieces in warc_reader.iter_records(io.BytesIO(data))]


@given(st.lists(st.binary(max_size=80), max_size=5))
@settings(max_examples=50)
def test_what_is_written_reads_back_and_the_records_tile(tmp_path_factory, blocks):
    path = tmp_path_factory.mktemp("warc") / "capture.warc"
    written = write(path, blocks)
    data = path.read_bytes()
    records = read(data)
    assert [block for _, block in records] == [b"software: test\r\n", *blocks]
    offset = 0
    for (header, block), told in zip(records, written, strict=True):
        assert (header.id, header.type, header.offset, header.length) == (told.id, told.type, offset, told.length)
        assert told.block_sha256 == sha256_hex(block)
        assert header.get("warc-block-digest") == warc_digest(told.block_sha256)
        assert data[offset : offset + header.header_length].endswith(b"\r\n\r\n")
        offset += told.length
    assert offset == len(data)


def test_the_header_has_every_field_of_the_format(tmp_path):
    info, told = write(tmp_path / "w", [HEAD], [in_memory(b"body here")])
    first, second = (header for header, _ in read((tmp_path / "w").read_bytes()))
    assert [name for name, _ in first.fields] == [
        "WARC-Type",
        "WARC-Record-ID",
        "WARC-Date",
        "WARC-Block-Digest",
        "Content-Type",
        "Content-Length",
    ]
    assert dict(second.fields) == {
        "WARC-Type": "response",
        "WARC-Record-ID": f"<{told.id}>",
        "WARC-Date": "2026-11-23T01:35:12.123456Z",
        "WARC-Target-URI": "https://x.com/",
        "WARC-Block-Digest": warc_digest(sha256_hex(HEAD + b"body here")),
        "WARC-Payload-Digest": warc_digest(sha256_hex(b"body here")),
        "WARC-Warcinfo-ID": f"<{info.id}>",
        "Content-Type": RESPONSE,
        "Content-Length": str(len(HEAD) + 9),
    }
    assert second.get("WARC-TARGET-URI") == "https://x.com/"
    assert second.get("absent") is None


@pytest.mark.parametrize("size", [0, 1, 1 << 20, (3 << 20) + 17])
def test_a_body_in_a_file_and_one_in_memory_give_the_same_bytes(tmp_path, size):
    data = hashlib.sha256(b"seed").digest() * (size // 32 + 1)
    body = in_file(tmp_path / "body", data[:size])
    write(tmp_path / "file", [HEAD], [body])
    write(tmp_path / "memory", [HEAD], [in_memory(data[:size])])
    for name in ("file", "memory"):
        assert read((tmp_path / name).read_bytes())[1][1] == HEAD + data[:size]


def test_a_block_comes_in_bounded_pieces_and_may_be_left_unread(tmp_path):
    write(tmp_path / "w", [HEAD, b"last"], [in_memory(bytes(5 << 20)), None])
    with (tmp_path / "w").open("rb") as stream:
        sizes = []
        for header, pieces in warc_reader.iter_records(stream):
            if header.type == "response" and not sizes:
                sizes.append(len(next(pieces)))
            last = header
    assert sizes == [1 << 20]
    assert last.block_length == 4


def test_other_readers_see_the_same_bytes_and_find_the_digests_right(tmp_path, capsys):
    path = tmp_path / "capture.warc"
    body = b"body here"
    written = write(path, [HEAD, HEAD], [in_memory(body), in_file(tmp_path / "body", bytes(1 << 20))])
    with path.open("rb") as stream:
        records = list(ArchiveIterator(stream, check_digests="raise"))
    assert [record.rec_headers.get_header("WARC-Record-ID") for record in records] == [f"<{w.id}>" for w in written]
    with path.open("rb") as stream:
        blocks = [record.raw_stream.read() for record in ArchiveIterator(stream, no_record_parse=True)]
    assert blocks[1:] == [HEAD + body, HEAD + bytes(1 << 20)]
    with path.open("rb") as stream:
        assert [record.verify_block_digest() for record in FastIterator(stream, parse_http=False)] == [True] * 3
    with path.open("rb") as stream:
        responses = FastIterator(stream, parse_http=True, record_types=WarcRecordType.response)
        assert [record.verify_payload_digest() for record in responses] == [True] * 2
    checked = Checker(type("Options", (), {"inputs": [str(path)], "verbose": True})())
    checked.process_all()
    assert checked.exit_value == 0
    assert "digest failed" not in capsys.readouterr().out


def test_other_readers_notice_a_flipped_byte(tmp_path):
    path = tmp_path / "capture.warc"
    write(path, [HEAD], [in_memory(b"body here")])
    path.write_bytes(path.read_bytes().replace(b"body here", b"body herf"))
    with path.open("rb") as stream:
        assert [record.verify_block_digest() for record in FastIterator(stream, parse_http=False)] == [True, False]


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "w").write_bytes(b"evidence")
    with pytest.raises(FileExistsError):
        warc.WarcWriter(tmp_path / "w")
    assert (tmp_path / "w").read_bytes() == b"evidence"


@pytest.mark.parametrize("end", ["\r", "\n", "\r\nWARC-Type: resource"])
def test_a_header_value_cannot_begin_another_header(tmp_path, end):
    writer = warc.WarcWriter(tmp_path / "w")
    with pytest.raises(ValueError, match="line end"):
        writer.write("metadata", MOMENT, "text/plain", headers=[("WARC-Target-URI", f"https://x.com/{end}")])
    writer.close()
    assert (tmp_path / "w").read_bytes() == b""


def test_a_body_that_lost_bytes_since_it_was_hashed_is_an_error(tmp_path):
    body = in_file(tmp_path / "body", b"0123456789")
    (tmp_path / "body").write_bytes(b"01234")
    writer = warc.WarcWriter(tmp_path / "w")
    with pytest.raises(OSError, match="shorter than it was when it was hashed"):
        writer.write("response", MOMENT, RESPONSE, body=body, block_sha256=body.sha256)
    with pytest.raises(ValueError, match="has to be known"):
        writer.write("response", MOMENT, RESPONSE, body=body)
    writer.close()


def test_a_body_that_grew_since_it_was_hashed_is_written_as_it_was_hashed(tmp_path):
    body = in_file(tmp_path / "body", b"0123456789")
    with (tmp_path / "body").open("ab") as file:
        file.write(b"more")
    writer = warc.WarcWriter(tmp_path / "w")
    writer.write("response", MOMENT, RESPONSE, body=body, block_sha256=body.sha256)
    writer.close()
    assert read((tmp_path / "w").read_bytes())[0][1] == b"0123456789"


def test_record_ids_are_version_4_and_not_repeated():
    found = {warc.new_record_id() for _ in range(100)}
    assert len(found) == 100
    assert all(text.startswith("urn:uuid:") and text[23] == "4" for text in found)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"WARC/1.1", b"WARC/1.0"),
        (b"WARC/1.1", b"warc/1.1"),
        (b"WARC-Type: metadata\r\n", b""),
        (b"WARC-Type: metadata", b"WARC-Type metadata"),
        (b"WARC-Type: metadata", b"WARC-Type : metadata"),
        (b"WARC-Type: metadata", b"WARC-Type: metadata\r\nwarc-type: resource"),
        (b"WARC-Type: metadata", b"WARC-Type: metadata\r\n folded: yes"),
        (b"WARC-Type: metadata", b"WARC-Type: meta\ndata"),
        (b"WARC-Type: metadata", b"WARC-Type: meta\rdata"),
        (b"WARC-Type: metadata", b"WARC-Type: meta\xffdata"),
        (b"<urn:uuid:", b"<urn:UUID:"),
        (b"3b241101", b"3B241101"),
        (b"<urn:uuid:3b241101-e2bb-4255-8caf-4136c566a962>", b"urn:uuid:3b241101-e2bb-4255-8caf-4136c566a962"),
        (b"Length: 2", b"Length: 02"),
        (b"Length: 2", b"Length: +2"),
        (b"Length: 2", b"Length: -2"),
        (b"Length: 2", b"Length: 3"),
        (b"Length: 2", b"Length: 1"),
        (b"Length: 2", b"Length: " + b"9" * 19),
        (b"Content-Length: 2\r\n", b""),
        (b"\r\n\r\nok", b"\r\nok"),
        (b"ok\r\n\r\n", b"ok\r\n"),
        (b"ok\r\n\r\n", b"ok\r\n\r\n\r\n"),
        (b"ok\r\n\r\n", b"ok\r\n\r\nx"),
        (b"WARC/1.1", b"\r\nWARC/1.1"),
        (b"WARC-Type", b"X-Long: " + b"x" * warc_reader.MAX_HEADER + b"\r\nWARC-Type"),
    ],
    ids=lambda change: repr(change[:30]),
)
def test_any_departure_from_the_form_is_refused(old, new):
    good = HEADER + b"ok\r\n\r\n"
    assert [block for _, block in read(good)] == [b"ok"]
    assert old in good
    with pytest.raises(FormatError):
        read(good.replace(old, new, 1))


def test_fields_that_may_stand_twice_do():
    twice = (
        b"WARC-Protocol: http/1.1\r\nWARC-Protocol: tls/1.3\r\nWARC-Concurrent-To: <a>\r\nWARC-Concurrent-To: <b>\r\n"
    )
    [(header, _)] = read(HEADER.replace(b"Content-Length", twice + b"Content-Length") + b"ok\r\n\r\n")
    assert [value for name, value in header.fields if name == "WARC-Protocol"] == ["http/1.1", "tls/1.3"]


def test_a_record_that_was_taken_out_of_the_middle_leaves_other_offsets(tmp_path):
    _, first, second = write(tmp_path / "w", [b"one", b"two"])
    data = (tmp_path / "w").read_bytes()
    without = data[: first.offset] + data[second.offset :]
    assert [header.offset for header, _ in read(without)] != [0, second.offset]


@pytest.mark.parametrize("filler", [b" ", b"\t", b" a"])
def test_a_hostile_header_line_costs_no_time(filler):
    line = b"X: " + filler * ((warc_reader.MAX_HEADER - 400) // len(filler)) + b"\rx"
    start = time.process_time()
    with pytest.raises(FormatError):
        read(HEADER.replace(b"Content-Length", line + b"\r\nContent-Length") + b"ok\r\n\r\n")
    assert time.process_time() - start < 1


@given(st.binary(max_size=120), st.integers(0, 200))
def test_any_bytes_are_records_or_refused(data, cut):
    for hostile in (data, HEADER + b"ok\r\n\r\n" + data, (HEADER + data + b"\r\n\r\n")[:cut]):
        try:
            records = read(hostile)
        except FormatError:
            continue
        assert sum(header.length for header, _ in records) == len(hostile)


def test_a_digest_that_is_known_is_taken_and_not_made_again(tmp_path):
    writer = warc.WarcWriter(tmp_path / "w")
    hasher = sha256(b"head")
    hasher.update(b"body")
    told = writer.write(
        "response", MOMENT, RESPONSE, head=b"head", body=in_memory(b"body"), block_sha256=hasher.hexdigest()
    )
    writer.close()
    assert told.block_sha256 == sha256_hex(b"headbody")
