"""Time-stamp replies: the good ones are accepted by us and by OpenSSL, and nothing else is accepted by us."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.custody.timestamp import MAX_REPLY, StampFault, check, load_roots, make_request

from .tsa_forger import (
    NOW,
    TIME_STAMPING,
    Forger,
    Party,
    attribute,
    integer,
    issue,
    make_forger,
    make_key,
    oid,
    openssl_accepts,
    tlv,
)

DIGEST = hashlib.sha256(b"a seal").digest()
FORGER = make_forger()
ISSUING = FORGER.sent[1]
ROOTS = load_roots(FORGER.root.pem)
GOOD = FORGER.reply(DIGEST, nonce=5, accuracy=(1, 250, 3))
HOUR = timedelta(hours=1)
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no program openssl here")


def refusal(reply, *, roots=ROOTS, nonce=None):
    with pytest.raises(StampFault) as caught:
        check(reply, DIGEST, roots, nonce=nonce)
    assert caught.value.exit_code == 1
    return caught.value.reason


def test_request_is_der_for_sha256_with_a_nonce_and_asks_for_certificates():
    request, nonce = make_request(DIGEST)
    algorithm = tlv(0x30, oid("2.16.840.1.101.3.4.2.1"), b"\x05\x00")
    imprint = tlv(0x30, algorithm, tlv(0x04, DIGEST))
    assert request == tlv(0x30, integer(1), imprint, integer(nonce), b"\x01\x01\xff")
    assert nonce.bit_length() == 64
    assert make_request(DIGEST)[1] != nonce


@needs_openssl
def test_request_is_read_by_openssl(tmp_path):
    request, nonce = make_request(DIGEST)
    (tmp_path / "request").write_bytes(request)
    command = ["openssl", "ts", "-query", "-in", "request", "-text"]
    text = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert "Hash Algorithm: sha256" in text
    assert f"Nonce: 0x{nonce:016X}" in text
    assert "Certificate required: yes" in text


@pytest.mark.parametrize("digest", [b"", DIGEST[:-1], hashlib.sha512(b"").digest()])
def test_digest_of_another_length_is_a_mistake_of_the_caller(digest):
    with pytest.raises(ValueError, match="32 bytes"):
        make_request(digest)
    with pytest.raises(ValueError, match="32 bytes"):
        check(GOOD, digest, ROOTS)


def test_stamp_says_what_the_reply_proves():
    soon = make_forger(end=NOW + HOUR)
    stamp = check(soon.reply(DIGEST, nonce=5, accuracy=(1, 250, 3)), DIGEST, load_roots(soon.root.pem), nonce=5)
    assert stamp.time == NOW
    assert stamp.time.tzinfo is UTC
    assert stamp.accuracy == 1_250_003
    assert stamp.authority == "O=Forged, Inc., CN=Forged time-stamps"
    assert stamp.certificate == soon.signer.sha256
    assert stamp.expires == NOW + HOUR
    assert stamp.root == soon.root.sha256
    assert (stamp.nonce, stamp.imprint) == (5, DIGEST.hex())


def test_stamp_expires_with_the_first_certificate_below_the_root():
    root = issue("Root", end=NOW + HOUR)
    issuing = issue("Issuing", root, authority=True, end=NOW + 2 * HOUR)
    signer = issue("Signer", issuing, purposes=TIME_STAMPING, end=NOW + 3 * HOUR)
    reply = Forger(root, signer, (signer, issuing)).reply(DIGEST)
    stamp = check(reply, DIGEST, load_roots(root.pem))
    assert stamp.expires == NOW + 2 * HOUR
    assert (stamp.nonce, stamp.accuracy) == (None, None)


def cross_signed():
    """As DigiCert sends it: the trusted root goes along too, signed by another root that nobody here knows."""
    other = issue("Older root")
    crossed = issue("Forged root", other, key=FORGER.root.key, authority=True, digest="sha384")
    return Forger(FORGER.root, FORGER.signer, (*FORGER.sent, crossed)).reply(DIGEST, names_signer="both")


def named_chain():
    return FORGER.reply(DIGEST, further=[ISSUING])


SOUND = {
    "plain": lambda: (FORGER, FORGER.reply(DIGEST)),
    "with-accuracy-and-nonce": lambda: (FORGER, GOOD),
    "as-identrust": lambda: (rsa := make_forger("rsa"), rsa.reply(DIGEST, names_signer="v1", signed_with="sha256")),
    "as-digicert": lambda: (FORGER, cross_signed()),
    "sha512": lambda: (FORGER, FORGER.reply(DIGEST, signed_with="sha512")),
    "rsa-sha384": lambda: (rsa := make_forger("rsa"), rsa.reply(DIGEST, signed_with="sha384")),
    "fraction": lambda: (FORGER, FORGER.reply(DIGEST, time=NOW + timedelta(microseconds=120_000))),
    "certificates-sorted": lambda: (FORGER, in_order(reverse=False)),
    "certificates-unsorted": lambda: (FORGER, in_order(reverse=True)),
    "names-its-chain": lambda: (FORGER, named_chain()),
    "unsigned-attribute": lambda: (FORGER, FORGER.reply(DIGEST, unsigned=attribute("1.2.3", integer(1)))),
    "words": lambda: (FORGER, FORGER.reply(DIGEST, words=tlv(0x30, tlv(0x0C, b"Operation Okay")))),
    "without-issuing-authority": lambda: (short := short_forger(), short.reply(DIGEST)),
}


def in_order(*, reverse):
    sent = sorted(FORGER.sent, key=lambda party: party.der, reverse=reverse)
    return Forger(FORGER.root, FORGER.signer, tuple(sent)).reply(DIGEST)


def short_forger():
    root = issue("Short root")
    signer = issue("Short signer", root, purposes=TIME_STAMPING)
    return Forger(root, signer, (signer,))


@pytest.mark.parametrize("name", SOUND)
def test_sound_reply_is_accepted(name):
    forger, reply = SOUND[name]()
    stamp = check(reply, DIGEST, load_roots(forger.root.pem))
    assert stamp.time.replace(microsecond=0) == NOW
    assert stamp.root == forger.root.sha256


@needs_openssl
@pytest.mark.parametrize("name", SOUND)
def test_openssl_agrees_that_a_sound_reply_is_sound(name, tmp_path):
    forger, reply = SOUND[name]()
    assert openssl_accepts(reply, DIGEST, forger.root.pem, NOW, tmp_path)
    assert not openssl_accepts(reply, hashlib.sha256(b"another seal").digest(), forger.root.pem, NOW, tmp_path)


def test_one_of_several_roots_is_enough():
    others = "".join(issue(f"Root {number}").pem.decode() for number in range(5))
    roots = load_roots(others.encode() + FORGER.root.pem)
    assert check(GOOD, DIGEST, roots).root == FORGER.root.sha256


def changed_after_signing():
    assert GOOD.count(b"20261123014000Z") == 1
    return GOOD.replace(b"20261123014000Z", b"20251123014000Z")


def with_issuing(**changes):
    issuing = issue("Issuing", FORGER.root, **{"authority": True, **changes})
    signer = issue("Signer", issuing, purposes=TIME_STAMPING)
    return Forger(FORGER.root, signer, (signer, issuing)).reply(DIGEST)


def with_signer(**changes):
    signer = issue("Signer", ISSUING, **{"purposes": TIME_STAMPING, **changes})
    return FORGER.with_signer(signer).reply(DIGEST)


def two_levels_too_deep():
    middle = issue("Middle", ISSUING, authority=True)
    signer = issue("Signer", middle, purposes=TIME_STAMPING)
    return Forger(FORGER.root, signer, (signer, middle, ISSUING)).reply(DIGEST)


def name_constraints():
    extension = x509.NameConstraints([x509.DirectoryName(x509.Name([]))], None)
    elsewhere = x509.NameConstraints(
        [x509.DirectoryName(x509.Name([x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "US")]))], None
    )
    assert check(with_issuing(extra=[(extension, True)]), DIGEST, ROOTS)
    return with_issuing(extra=[(elsewhere, True)])


UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.3"), b"\x05\x00")
PURPOSES = (ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.EMAIL_PROTECTION)
REJECTED_WORDS = tlv(0x30, tlv(0x0C, b"not today\x1b[2J"))

UNSOUND = {
    "rejected": ("rejected", lambda: FORGER.reply(DIGEST, status=2)),
    "rejected-with-words": ("rejected", lambda: FORGER.reply(DIGEST, status=2, words=REJECTED_WORDS)),
    "waiting": ("rejected", lambda: FORGER.reply(DIGEST, status=3)),
    "granted-and-failed": ("rubbish", lambda: FORGER.reply(DIGEST, words=tlv(0x03, b"\x07\x80"))),
    "granted-without-token": ("rubbish", lambda: tlv(0x30, tlv(0x30, integer(0)))),
    "empty": ("rubbish", lambda: b""),
    "page": ("rubbish", lambda: b"<!DOCTYPE html><title>Welcome</title>"),
    "cut": ("rubbish", lambda: GOOD[:-1]),
    "trailing": ("rubbish", lambda: GOOD + b"\x00"),
    "too-long": ("rubbish", lambda: FORGER.reply(DIGEST, unsigned=tlv(0x04, bytes(MAX_REPLY)))),
    "another-imprint": ("wrong-imprint", lambda: FORGER.reply(hashlib.sha256(b"").digest())),
    "imprint-of-sha1": ("algorithm", lambda: FORGER.reply(DIGEST[:20], imprint_algorithm="sha1")),
    "imprint-of-sha512": ("algorithm", lambda: FORGER.reply(DIGEST * 2, imprint_algorithm="sha512")),
    "imprint-cut": ("rubbish", lambda: FORGER.reply(DIGEST[:31])),
    "signed-with-sha1": ("algorithm", lambda: FORGER.reply(DIGEST, signed_with="sha1")),
    "small-rsa-key": ("algorithm", lambda: with_signer(key=make_key("rsa-1024"))),
    "small-curve": ("algorithm", lambda: with_signer(key=make_key("ec-192"))),
    "small-issuing-key": ("foreign", lambda: with_issuing(key=make_key("rsa-1024"))),
    "changed-after-signing": ("bad-signature", changed_after_signing),
    "another-key": ("bad-signature", lambda: FORGER.with_signer(impostor()).reply(DIGEST)),
    "names-another-signer": ("bad-signature", lambda: FORGER.reply(DIGEST, named=ISSUING)),
    "names-another-signer-v1": ("bad-signature", lambda: FORGER.reply(DIGEST, named=ISSUING, names_signer="v1")),
    "signer-not-sent": ("bad-signature", lambda: Forger(FORGER.root, FORGER.signer, (ISSUING,)).reply(DIGEST)),
    "nothing-sent": ("bad-signature", lambda: Forger(FORGER.root, FORGER.signer, ()).reply(DIGEST)),
    "foreign": ("foreign", lambda: make_forger().reply(DIGEST)),
    "rogue-with-its-root": ("foreign", lambda: rogue().reply(DIGEST)),
    "issuing-not-sent": ("foreign", lambda: Forger(FORGER.root, FORGER.signer, FORGER.sent[:1]).reply(DIGEST)),
    "issued-by-no-authority": ("foreign", lambda: with_issuing(authority=False, signs_certificates=True)),
    "issued-by-a-key-that-may-not": ("foreign", lambda: with_issuing(signs_certificates=False, signs=True)),
    "path-too-long": ("foreign", two_levels_too_deep),
    "names-a-stranger": ("foreign", lambda: FORGER.reply(DIGEST, further=[issue("Stranger")])),
    "critical-and-unknown": ("foreign", lambda: with_signer(extra=[(UNKNOWN, True)])),
    "critical-and-unknown-above": ("foreign", lambda: with_issuing(extra=[(UNKNOWN, True)])),
    "name-constraints": ("foreign", name_constraints),
    "expired": ("expired", lambda: with_signer(end=NOW - timedelta(seconds=1))),
    "expired-this-second": ("expired", lambda: with_signer(end=NOW)),
    "expired-by-a-fraction": ("expired", lambda: expired_by_a_fraction()),
    "not-yet-valid": ("expired", lambda: with_signer(begin=NOW + timedelta(seconds=1))),
    "issuing-expired": ("expired", lambda: with_issuing(end=NOW - HOUR)),
    "no-purpose": ("not-for-timestamping", lambda: with_signer(purposes=())),
    "purpose-not-critical": ("not-for-timestamping", lambda: with_signer(purposes_critical=False)),
    "two-purposes": ("not-for-timestamping", lambda: with_signer(purposes=PURPOSES)),
    "other-purpose": ("not-for-timestamping", lambda: with_signer(purposes=PURPOSES[1:])),
    "key-for-encryption": ("not-for-timestamping", lambda: with_signer(encrypts=True)),
    "key-not-for-signatures": ("not-for-timestamping", lambda: with_signer(signs=False, encrypts=True)),
    "issuing-for-mail": ("not-for-timestamping", lambda: with_issuing(purposes=PURPOSES[1:])),
    "signer-not-named": ("rubbish", lambda: FORGER.reply(DIGEST, names_signer="none")),
    "attributes-unsorted": (
        "rubbish",
        lambda: FORGER.reply(DIGEST, edit_attributes=lambda found: sorted(found, reverse=True)),
    ),
    "attribute-twice": (
        "rubbish",
        lambda: FORGER.reply(DIGEST, edit_attributes=lambda found: sorted([*found, found[0]])),
    ),
    "no-content-type": ("rubbish", lambda: FORGER.reply(DIGEST, edit_attributes=lambda found: sorted(found[1:]))),
    "no-message-digest": (
        "rubbish",
        lambda: FORGER.reply(DIGEST, edit_attributes=lambda found: sorted([found[0], *found[2:]])),
    ),
    "another-version": (
        "rubbish",
        lambda: FORGER.reply(DIGEST, edit_info=lambda info: info.replace(b"\x02\x01\x01", b"\x02\x01\x02", 1)),
    ),
    "critical-extension": ("rubbish", lambda: FORGER.reply(DIGEST, extensions=info_extension(critical=True))),
    "time-without-zone": ("rubbish", lambda: FORGER.reply(DIGEST, time=b"20261123014000")),
    "time-with-offset": ("rubbish", lambda: FORGER.reply(DIGEST, time=b"20261123014000+0100")),
    "time-that-is-not": ("rubbish", lambda: FORGER.reply(DIGEST, time=b"20260230014000Z")),
    "time-with-idle-zero": ("rubbish", lambda: FORGER.reply(DIGEST, time=b"20261123014000.10Z")),
    "accuracy-out-of-range": ("rubbish", lambda: FORGER.reply(DIGEST, accuracy=(0, 1000, 0))),
    "two-signers": ("rubbish", lambda: two_signers()),
}


def impostor():
    return Party(FORGER.signer.certificate, issue("Impostor").key)


def rogue():
    """A whole hierarchy with the names of the trusted one, and its root sent along."""
    forger = make_forger()
    return Forger(forger.root, forger.signer, (*forger.sent, forger.root))


def expired_by_a_fraction():
    signer = issue("Signer", ISSUING, purposes=TIME_STAMPING, end=NOW)
    return FORGER.with_signer(signer).reply(DIGEST, time=NOW + timedelta(microseconds=500_000))


def info_extension(*, critical):
    mark = b"\x01\x01\xff" if critical else b""
    return tlv(0xA1, tlv(0x30, oid("1.3.6.1.4.1.99999.4"), mark, tlv(0x04, b"\x05\x00")))


def two_signers():
    start = GOOD.rindex(b"\x31\x82")
    signers = GOOD[start + 4 :]
    assert len(signers) == int.from_bytes(GOOD[start + 2 : start + 4], "big")
    before = GOOD[:start]
    doubled = tlv(0x31, signers, signers)
    fields = before.partition(oid("1.2.840.113549.1.7.2"))[2]
    content = fields[8:] + doubled
    token = tlv(0x30, oid("1.2.840.113549.1.7.2"), tlv(0xA0, tlv(0x30, content)))
    return tlv(0x30, tlv(0x30, integer(0)), token)


@pytest.mark.parametrize("name", UNSOUND)
def test_unsound_reply_is_refused_with_its_reason(name):
    reason, make = UNSOUND[name]
    assert refusal(make()) == reason


def test_what_makes_the_difference_is_the_fault_and_nothing_else():
    """The builders of the bad replies make good ones when nothing bad is asked of them."""
    assert check(with_signer(), DIGEST, ROOTS)
    assert check(with_issuing(), DIGEST, ROOTS)
    assert check(with_issuing(purposes=TIME_STAMPING), DIGEST, ROOTS)
    assert check(with_signer(begin=NOW, end=NOW + timedelta(seconds=1)), DIGEST, ROOTS)
    assert check(with_signer(extra=[(UNKNOWN, False)]), DIGEST, ROOTS)
    assert check(FORGER.reply(DIGEST, extensions=info_extension(critical=False)), DIGEST, ROOTS)


def test_nonce_is_held_against_the_request():
    assert check(GOOD, DIGEST, ROOTS, nonce=5).nonce == 5
    assert refusal(GOOD, nonce=6) == "wrong-nonce"
    assert refusal(FORGER.reply(DIGEST), nonce=5) == "wrong-nonce"


def test_nothing_is_trusted_without_roots():
    assert refusal(GOOD, roots=()) == "foreign"


def test_root_out_of_its_time_is_passed_over_for_its_successor():
    key = issue("Root").key
    old, new = issue("Root", key=key, end=NOW - HOUR), issue("Root", key=key, begin=NOW - HOUR)
    signer = issue("Signer", old, purposes=TIME_STAMPING)
    reply = Forger(old, signer, (signer,)).reply(DIGEST)
    assert check(reply, DIGEST, load_roots(old.pem + new.pem)).root == new.sha256
    assert refusal(reply, roots=load_roots(old.pem)) == "expired"


def test_words_of_a_refusal_are_shown_without_their_control_characters():
    with pytest.raises(StampFault, match=r"\(status 2\): not today\?\[2J\Z"):
        check(FORGER.reply(DIGEST, status=2, words=REJECTED_WORDS), DIGEST, ROOTS)


@pytest.mark.parametrize(
    "damage",
    [
        lambda reply: b"\x30\x80" + reply[4:] + b"\x00\x00",
        lambda reply: b"\x30\x83\x00" + reply[2:],
        lambda reply: b"\x30\x84\x00\x00" + reply[2:],
        lambda reply: reply.replace(b"\x30\x03\x02\x01\x00", b"\x30\x81\x03\x02\x01\x00", 1),
        lambda reply: reply.replace(b"\x02\x01\x00", b"\x02\x02\x00\x00", 1),
        lambda reply: b"\x3f" + reply[1:],
        lambda reply: reply[:1] + b"\x88" + bytes(6) + reply[2:],
    ],
)
def test_what_only_ber_allows_is_rubbish(damage):
    damaged = damage(GOOD)
    assert damaged != GOOD
    assert refusal(damaged) == "rubbish"


def test_ber_is_found_where_nobody_reads():
    idle = tlv(0x30, oid("1.2.3"), tlv(0x31, b"\x04\x81\x01\x00"))
    assert refusal(FORGER.reply(DIGEST, unsigned=idle)) == "rubbish"


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the time zone of a process cannot be set here")
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_time_zone_of_the_machine_plays_no_part(zone, monkeypatch):
    reply = with_signer(begin=NOW - HOUR, end=NOW + HOUR)
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert check(reply, DIGEST, ROOTS).time == NOW
    finally:
        monkeypatch.undo()
        time.tzset()


def test_every_flipped_bit_is_found():
    """There is nothing in this reply but what is signed, or follows from it."""
    for position in range(8 * len(GOOD)):
        damaged = bytearray(GOOD)
        damaged[position // 8] ^= 1 << position % 8
        refusal(bytes(damaged), nonce=5)


def test_flips_in_what_nobody_signs_change_nothing_that_is_relied_on():
    words, idle = b"Operation Okay", b"\x04\x04idle"
    crossed = issue("Forged root", issue("Older root"), key=FORGER.root.key, authority=True)
    forger = Forger(FORGER.root, FORGER.signer, (*FORGER.sent, crossed))
    reply = forger.reply(DIGEST, words=tlv(0x30, tlv(0x0C, words)), unsigned=attribute("1.2.3", idle))
    stamp = check(reply, DIGEST, ROOTS)
    for text in (words, idle[2:], crossed.der[-8:]):
        for position in range(reply.index(text), reply.index(text) + len(text)):
            damaged = bytearray(reply)
            damaged[position] ^= 1
            assert check(bytes(damaged), DIGEST, ROOTS) == stamp


def test_too_many_certificates_are_refused():
    sent = (*FORGER.sent, *(issue(f"Other {number}") for number in range(14)))
    assert check(Forger(FORGER.root, FORGER.signer, sent).reply(DIGEST), DIGEST, ROOTS)
    assert refusal(Forger(FORGER.root, FORGER.signer, (*sent, issue("One more"))).reply(DIGEST)) == "rubbish"


def test_maze_of_certificates_that_issued_each_other_ends():
    key = issue("Maze").key
    maze = Party(issue("Maze", key=key).certificate, key)
    loops = tuple(issue("Maze", maze, key=key, authority=True) for _ in range(15))
    signer = issue("Signer", maze, purposes=TIME_STAMPING)
    reply = Forger(FORGER.root, signer, (signer, *loops)).reply(DIGEST)
    started = time.monotonic()
    assert refusal(reply) == "foreign"
    assert time.monotonic() - started < 2


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_bytes_of_any_kind_are_refused(data):
    assert refusal(data) in ("rubbish", "rejected")


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 3), st.binary(min_size=1, max_size=4)),
        min_size=1,
        max_size=5,
    )
)
def test_damaged_reply_proves_the_same_or_is_refused(changes):
    damaged = bytearray(GOOD)
    for position, removed, put in changes:
        damaged[position : position + removed] = put
    if bytes(damaged) != GOOD:
        refusal(bytes(damaged))


INNER = st.recursive(
    st.builds(tlv, st.sampled_from([1, 2, 3, 4, 5, 6, 12, 23, 24, 0x80]), st.binary(max_size=9)),
    lambda parts: st.builds(
        lambda tag, content: tlv(tag, *content), st.sampled_from([0x30, 0x31, 0xA0, 0xA1]), st.lists(parts, max_size=5)
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(st.lists(INNER, max_size=4), st.integers(0, 3))
def test_well_formed_nonsense_is_refused(parts, place):
    nonsense = b"".join(parts)
    token = oid("1.2.840.113549.1.7.2") + tlv(0xA0, tlv(0x30, integer(3), nonsense))
    replies = [
        tlv(0x30, nonsense),
        tlv(0x30, tlv(0x30, integer(0)), tlv(0x30, nonsense)),
        tlv(0x30, tlv(0x30, integer(0)), tlv(0x30, token)),
        FORGER.reply(DIGEST, edit_info=lambda _: tlv(0x30, nonsense)),
    ]
    refusal(replies[place])


@settings(max_examples=200, deadline=None)
@given(INNER)
def test_signed_nonsense_in_place_of_the_name_of_the_signer_is_refused(value):
    for kind in ("1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"):
        refusal(FORGER.reply(DIGEST, names_signer="none", attributes=[attribute(kind, value)]))


@settings(max_examples=200, deadline=None)
@given(INNER, st.integers(0, 2))
def test_nonsense_in_place_of_a_certificate_is_passed_over(value, place):
    sent = [tlv(0x30, value), *(party.der for party in FORGER.sent)]
    sent.insert(place, sent.pop(0))
    plain = FORGER.reply(DIGEST)
    certificates = tlv(0xA0, *(party.der for party in FORGER.sent))
    start = plain.index(certificates)
    fields = plain[plain.index(integer(3), 20) : start]
    signed = tlv(0x30, fields, tlv(0xA0, *sent), plain[start + len(certificates) :])
    token = tlv(0x30, oid("1.2.840.113549.1.7.2"), tlv(0xA0, signed))
    assert check(tlv(0x30, tlv(0x30, integer(0)), token), DIGEST, ROOTS).time == NOW


def test_importing_it_loads_nothing_that_could_connect():
    command = "import sys, archiver.custody.timestamp; print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True, env=environment)
    loaded = set(done.stdout.split())
    assert "archiver.custody.roots" in loaded
    assert not loaded & {"socket", "ssl", "http", "httpx", "httpcore", "subprocess", "filelock", "urllib.request"}
