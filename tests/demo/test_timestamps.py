"""The box's time-stamp authorities, as `openssl` sees them: the good reply is good, and each bad one is bad as told."""

from __future__ import annotations

import hashlib
import shutil
import ssl
import subprocess

import httpx
import pytest

from archiver.demo.box import Box
from archiver.demo.timestamps import HOSTS

DIGEST = hashlib.sha256(b"a seal").hexdigest()
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no program openssl here")


@pytest.fixture
def openssl(tmp_path):
    def run(*arguments):
        return subprocess.run(["openssl", *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=60)

    return run


@pytest.fixture
def post(box):
    """Post to an authority through the box's proxy."""

    def send(content=b"", host=HOSTS[0], kind="application/timestamp-query", scheme="http"):
        context = ssl.create_default_context(cafile=box.ca_file)
        with httpx.Client(proxy=box.proxy_url, verify=context) as client:
            return client.post(f"{scheme}://{host}/", content=content, headers={"Content-Type": kind})

    return send


@pytest.fixture
def stamp(box, post, openssl, tmp_path):
    """Have the digest stamped and return what `openssl` says of the reply: whether it is sound, and it in words."""

    def ask(host=HOSTS[0], *query):
        openssl("ts", "-query", "-digest", DIGEST, "-sha256", "-cert", "-out", "request.tsq", *query)
        response = post((tmp_path / "request.tsq").read_bytes(), host)
        assert response.status_code == 200
        (tmp_path / "reply.tsr").write_bytes(response.content)
        verify = ("ts", "-verify", "-in", "reply.tsr", "-CAfile", str(box.tsa_roots_file))
        sound = openssl(*verify, "-queryfile", "request.tsq").returncode == 0
        return sound, openssl("ts", "-reply", "-in", "reply.tsr", "-text").stdout, response

    return ask


@needs_openssl
@pytest.mark.parametrize("host", HOSTS)
def test_good_reply_is_good(stamp, host):
    sound, text, response = stamp(host)
    assert sound
    assert "Status: Granted." in text
    assert response.headers["content-type"] == "application/timestamp-reply"


@needs_openssl
def test_certificates_of_a_good_reply_are_not_in_the_order_of_der(stamp, openssl):
    """As those of the authorities of the world, which strict readers have to cope with."""
    _, _, response = stamp()
    lines = openssl("asn1parse", "-inform", "DER", "-in", "reply.tsr").stdout.splitlines()
    places = [line.replace(":d=", " ").replace("hl=", " ").replace("l=", " ").split() for line in lines]
    certificates = []
    for place, line in zip(places, lines, strict=True):
        if place[1] == "5" and "SEQUENCE" in line:
            start, size = int(place[0].rstrip(":")), int(place[2]) + int(place[3])
            data = response.content[start : start + size]
            if data[4:6] == b"\x30\x82":
                certificates.append(data)
    assert len(certificates) == 2
    assert certificates != sorted(certificates)


@needs_openssl
def test_each_authority_has_a_root_of_its_own_that_has_nothing_to_do_with_tls(box, stamp, openssl, tmp_path):
    stamp(HOSTS[1])
    first, second = box.tsa_roots_file.read_text().split("-----BEGIN", 2)[1:]
    for name, text in (("first.pem", first), ("second.pem", second)):
        (tmp_path / name).write_text(f"-----BEGIN{text}")
    digest = ("ts", "-verify", "-in", "reply.tsr", "-digest", DIGEST, "-CAfile")
    assert openssl(*digest, "second.pem").returncode == 0
    assert openssl(*digest, "first.pem").returncode != 0
    assert openssl(*digest, str(box.ca_file)).returncode != 0


@needs_openssl
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("wrong-nonce", "Nonce: 0x0102030405060708"),
        ("no-nonce", "Nonce: unspecified"),
        ("wrong-imprint", "Hash Algorithm: sha256"),
        ("rejected", "Status: Rejected."),
        ("expired", "Status: Granted."),
        ("not-yet-valid", "Status: Granted."),
        ("foreign", "Foreign time-stamp authority"),
        ("foreign-with-root", "Foreign time-stamp authority"),
        ("no-purpose", "Status: Granted."),
        ("flipped", "Status: Granted."),
    ],
)
def test_bad_reply_is_well_formed_and_refused_by_openssl(box, stamp, kind, words):
    box.faults.add(box.timestamps.bad(kind))
    sound, text, _ = stamp()
    assert not sound
    assert words in text
    assert stamp()[0], "the fault is over"


@needs_openssl
def test_sha1_is_signed_with_where_it_is_asked_for(box, stamp, openssl):
    box.faults.add(box.timestamps.bad("sha1"))
    stamp()
    assert "object: sha1" in "".join(
        f"object: {line.rpartition(':')[2]}\n"
        for line in openssl("asn1parse", "-inform", "DER", "-in", "reply.tsr").stdout.splitlines()
    )


@needs_openssl
def test_reply_that_is_good_but_for_its_media_type(box, stamp):
    box.faults.add(box.timestamps.bad("untyped"))
    sound, _, response = stamp()
    assert sound
    assert response.headers["content-type"] == "application/octet-stream"


@needs_openssl
def test_foreign_root_comes_along_only_where_it_is_asked_for(box, stamp, openssl):
    counts = []
    for kind in ("foreign", "foreign-with-root"):
        box.faults.add(box.timestamps.bad(kind))
        stamp()
        openssl("ts", "-reply", "-in", "reply.tsr", "-token_out", "-out", "token")
        counts.append(openssl("pkcs7", "-inform", "DER", "-in", "token", "-print_certs").stdout.count("subject="))
    assert counts == [2, 3]


def test_what_is_no_request_for_a_time_stamp_is_answered_in_words(box, post):
    with httpx.Client(proxy=box.proxy_url) as client:
        assert client.get(f"http://{HOSTS[0]}/").status_code == 405
    assert post(kind="text/plain").status_code == 415
    assert post(kind="text/plain").headers["content-type"].startswith("text/plain")


@needs_openssl
def test_rubbish_is_refused_as_the_standard_says(post, openssl, tmp_path):
    (tmp_path / "reply.tsr").write_bytes(post(b"rubbish").content)
    assert "Status: Rejected." in openssl("ts", "-reply", "-in", "reply.tsr", "-text").stdout


def test_without_the_program_openssl_the_hosts_are_unavailable_and_say_why(box, post, monkeypatch):
    monkeypatch.setenv("PATH", "")
    response = post(b"request")
    assert response.status_code == 503
    assert response.text == "there is no program openssl, which makes the time-stamps of the demo\n"
    box.faults.add(box.timestamps.bad("expired"))
    assert post(b"request").status_code == 503


def test_nothing_is_made_before_it_is_needed():
    with Box() as box:
        folder = box.ca_file.parent
        assert not list(folder.glob("tsa*"))
        roots = box.tsa_roots_file
        assert roots.read_bytes().count(b"BEGIN CERTIFICATE") == len(HOSTS)
        assert roots == box.tsa_roots_file
    assert not roots.exists()
