"""The seal as a document: one encoding, and nothing else is read as a seal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.custody import seal
from archiver.errors import FormatError

ONE, OTHER = "a" * 64, "0123456789abcdef" * 4
FOLDER = "captures/2026-11-23/20261123T013512Z-k7f3q9"
DIGESTS = {
    "case.json": ONE,
    f"{FOLDER}/tagmanifest-sha256.txt": ONE,
    f"{FOLDER}/tagmanifest-sha256.txt.sig": OTHER,
    "seals/20261123T013000Z-aaaaaa/SEAL": ONE,
    "seals/20261123T013512Z-bbbbbb/OPEN": OTHER,
    "seals/20261123T013512Z-bbbbbb/OPEN.timestamp-one-example.tsr": OTHER,
}
LOG = seal.SealedLog(writer="abcd2345", sequence=12, length=4711, digest=OTHER)


def test_a_seal_is_flat_lines_that_sha256sum_reads_and_what_the_logs_were():
    data = seal.to_bytes(DIGESTS, [LOG])
    first, *lines = data.decode("ascii").splitlines()
    assert first == "archiver-seal/1"
    assert f"{ONE}  {FOLDER}/tagmanifest-sha256.txt" in lines
    assert f"{OTHER}  custody/abcd2345.jsonl sequence=12 length=4711" in lines
    assert lines == sorted(lines, key=lambda line: line.split()[1])


def test_what_was_written_is_read_back():
    found = seal.parse(seal.to_bytes(DIGESTS, [LOG]))
    assert found.digests == DIGESTS
    assert found.logs == (LOG,)
    assert found.captures == ("20261123T013512Z-k7f3q9",)
    assert found.earlier == ("20261123T013000Z-aaaaaa",)


@pytest.mark.parametrize(
    "path",
    ["../case.json", "/etc/passwd", "working/notes.jsonl", "captures/x", "case.json\n", "", "custody/abcd2345.head"],
)
def test_a_path_that_no_seal_names_is_refused(path):
    with pytest.raises(FormatError):
        seal.to_bytes({path: ONE}, [])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"archiver-seal/1", b"archiver-seal/2"),
        (b"\n", b"\r\n"),
        (b"  case.json", b" case.json"),
        (b"  case.json", b" *case.json"),
        (ONE.encode(), ONE.upper().encode()),
        (b"sequence=12", b"sequence=012"),
        (b"length=4711", b"length=0"),
        (b"abcd2345", b"ABCD2345"),
        (b"2026-11-23/", "２０２６-11-23/".encode()),
    ],
)
def test_another_encoding_is_refused(old, new):
    data = seal.to_bytes(DIGESTS, [LOG])
    assert old in data
    with pytest.raises(FormatError):
        seal.parse(data.replace(old, new))


@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: data + b"\n", lambda data: data + data[16:]])
def test_a_seal_that_is_cut_or_goes_on_is_refused(change):
    with pytest.raises(FormatError):
        seal.parse(change(seal.to_bytes(DIGESTS, [LOG])))


def test_lines_out_of_order_are_refused():
    first, *lines = seal.to_bytes(DIGESTS, [LOG]).splitlines(keepends=True)
    with pytest.raises(FormatError):
        seal.parse(b"".join([first, *reversed(lines)]))


@given(st.binary(max_size=300))
def test_other_bytes_are_refused_and_nothing_else_is_raised(data):
    with pytest.raises(FormatError):
        seal.parse(data)


def test_an_opening_is_random_and_has_one_form():
    data = seal.make_open(bytes(range(32)))
    assert data.startswith(b"archiver-open/1\n000102")
    assert seal.is_open(data)
    assert not seal.is_open(data + b"\n")
    assert not seal.is_open(data.upper())


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://timestamp.digicert.com", "timestamp-digicert-com"),
        ("https://user:pass@Tsa.Example:8443/path?x", "tsa-example-8443"),
        ("http://[2001:db8::1]/tsr", "2001-db8-1"),
        ("http://" + "a" * 100, "a" * 63),
    ],
)
def test_an_authority_is_filed_under_its_host(url, name):
    assert seal.authority_name(url) == name
