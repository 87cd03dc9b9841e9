"""The roots: those that ship are the ones that the file says, and only root certificates are taken from a file."""

from __future__ import annotations

import base64
import re
from importlib import resources

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.custody.roots import load_roots, pinned_roots
from archiver.errors import FormatError

from .tsa_forger import issue, make_key

DIGICERT = "552f7bdcf1a7af9e6ce672017f4f12abf77240c78e761ac203d1d9d20ac89988"
IDENTRUST = "5d56499be4d2e08bcfcad08a3e38723d50503bde706948e42f55603019e528ae"
ROOT = issue("A root")
BEGIN, END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"


def pem(der):
    return BEGIN + b"\n" + base64.encodebytes(der) + END + b"\n"


def test_pinned_roots_are_those_of_the_default_authorities():
    assert {root.sha256: root.name.rpartition("=")[2] for root in pinned_roots()} == {
        DIGICERT: "DigiCert Trusted Root G4",
        IDENTRUST: "IdenTrust Commercial Root CA 1",
    }


def test_note_before_each_pinned_certificate_says_what_it_is_and_how_it_was_checked():
    text = resources.files("archiver.custody.roots").joinpath("pinned.pem").read_text("utf-8")
    notes = re.split(r"-----BEGIN.*?-----END CERTIFICATE-----\n", text, flags=re.DOTALL)
    assert notes.pop() == ""
    for root, note in zip(pinned_roots(), notes, strict=True):
        written = re.search(r"SHA-256 fingerprint: ([0-9A-F:]{95})\n", note)
        assert written is not None
        assert written[1].replace(":", "").lower() == root.sha256
        assert f"Subject and issuer: {root.name}\n" in note
        for part in ("Where it comes from:", "How it was checked", "2026-11-23", "What was not checked:"):
            assert part in note


def test_file_may_hold_several_roots_with_remarks_and_in_any_line_ends():
    other = issue("Another", key=make_key("rsa"), digest="sha512")
    data = b"# A remark\n" + ROOT.pem + b"\r\n# Twice\r\n" + ROOT.pem.replace(b"\n", b"\r\n") + other.pem
    assert [root.sha256 for root in load_roots(data)] == [ROOT.sha256, other.sha256]
    assert [root.name for root in load_roots(data)] == ["O=Forged, Inc., CN=A root", "O=Forged, Inc., CN=Another"]
    assert load_roots(data)[0].der == ROOT.der


def secret():
    form = serialization.PrivateFormat.PKCS8
    return ROOT.key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


REFUSED = {
    "empty": (b"", "no certificate"),
    "text": (b"roots to follow", "no certificate"),
    "der": (ROOT.der, "no certificate"),
    "private-key": (ROOT.pem + secret(), "something else"),
    "unfinished": (ROOT.pem + BEGIN + b"\nAAAA\n", "something else"),
    "no-base64": (BEGIN + b"\nAAAAA\n" + END, "base64"),
    "no-certificate": (pem(b"\x30\x03\x02\x01\x00"), "cannot be read"),
    "trailing": (pem(ROOT.der + b"\x00"), "cannot be read"),
    "issued-by-another": (issue("Below", ROOT, authority=True).pem, "not that of a root"),
    "no-authority": (issue("Signer", authority=False).pem, "not that of a root"),
    "key-that-may-not": (issue("Root", signs_certificates=False, signs=True).pem, "not that of a root"),
    "small-key": (issue("Root", key=make_key("rsa-1024")).pem, "kind or size"),
    "second-is-bad": (ROOT.pem + issue("Signer", authority=False).pem, "not that of a root"),
    "too-long": (ROOT.pem + bytes(4 << 20), "longer than"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_root_is_refused(name):
    data, words = REFUSED[name]
    with pytest.raises(FormatError, match=words):
        load_roots(data)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.binary(max_size=200).map(pem)))
def test_junk_is_refused_and_nothing_else_happens(data):
    with pytest.raises(FormatError):
        load_roots(data)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(ROOT.der) - 1), st.integers(0, 255))
def test_damaged_certificate_is_refused_or_read_as_another(position, value):
    damaged = bytearray(ROOT.der)
    damaged[position] = value
    try:
        [root] = load_roots(pem(bytes(damaged)))
    except FormatError:
        return
    assert (root.der == ROOT.der) == (root.sha256 == ROOT.sha256)
