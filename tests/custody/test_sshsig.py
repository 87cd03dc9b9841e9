"""SSHSIG against its peer: what ssh-keygen signs and checks, and every form beside the one that is refused here."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA512
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_ssh_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.custody import sshsig
from archiver.custody.sshkeys import decode_public
from archiver.custody.sshsig import PublicKey, SignatureFault, parse_public, verify
from archiver.errors import FormatError

MESSAGE = b"3b1f  data/post.json\n"
KINDS = ("ed25519", "ecdsa-256", "ecdsa-384", "ecdsa-521", "rsa-2048")
ED25519 = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SIGNED = sshsig.sign(ED25519, MESSAGE, sshsig.SEAL)


def ssh_keygen(*arguments: str | Path, data: bytes = b"", code: int = 0) -> bytes:
    ended = subprocess.run(["ssh-keygen", *map(str, arguments)], input=data, capture_output=True, check=False)
    assert ended.returncode == code, ended.stderr
    return ended.stdout


def accepted_by_ssh(folder: Path, key: PublicKey, armour: bytes, message: bytes = MESSAGE) -> bool:
    (folder / "allowed").write_text(f"someone@example {key.line}\n")
    (folder / "sig").write_bytes(armour)
    options = ("-f", folder / "allowed", "-I", "someone@example", "-n", sshsig.SEAL, "-s", folder / "sig")
    ended = subprocess.run(["ssh-keygen", "-Y", "verify", *map(str, options)], input=message, capture_output=True)
    return ended.returncode == 0


@pytest.fixture(scope="module")
def key_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("keys")
    for name in KINDS:
        kind, _, bits = name.partition("-")
        ssh_keygen("-q", "-t", kind, *(("-b", bits) if bits else ()), "-N", "", "-C", "", "-f", folder / name)
    return {name: folder / name for name in KINDS}


def pack(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def unpack(data: bytes, count: int) -> tuple[list[bytes], bytes]:
    parts = []
    for _ in range(count):
        size = int.from_bytes(data[:4], "big")
        parts.append(data[4 : 4 + size])
        data = data[4 + size :]
    return parts, data


def armoured(blob: bytes, width: int = 70, end: str = "\n") -> bytes:
    text = base64.b64encode(blob).decode()
    lines = [text[at : at + width] for at in range(0, len(text), width)]
    return "".join(
        line + end for line in ("-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----")
    ).encode()


def blob_of(armour: bytes) -> bytes:
    return base64.b64decode(b"".join(armour.splitlines()[1:-1]))


def signature(
    key: bytes, sign: Callable[[bytes], bytes], *, namespace: bytes = b"archiver-seal", hashed: bytes = b"sha512"
) -> bytes:
    """Build an armoured signature from its parts; `sign` makes the innermost part from what is signed."""
    digest = hashlib.new(hashed.decode(), MESSAGE).digest()
    inner = sign(b"SSHSIG" + pack(namespace, b"", hashed, digest))
    return armoured(b"SSHSIG\0\0\0\1" + pack(key, namespace, b"", hashed, inner))


def mpint(value: int) -> bytes:
    return value.to_bytes(value.bit_length() // 8 + 1, "big")


def raw(private: ed25519.Ed25519PrivateKey) -> bytes:
    return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def point(private: ec.EllipticCurvePrivateKey) -> bytes:
    return private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def sk_data(data: bytes, flags: bytes) -> bytes:
    return hashlib.sha256(b"ssh:").digest() + flags + b"\0\0\0\7" + hashlib.sha256(data).digest()


def sk_ed25519(flags: bytes = b"\x01") -> bytes:
    kind = b"sk-ssh-ed25519@openssh.com"
    return signature(
        pack(kind, raw(ED25519), b"ssh:"),
        lambda data: pack(kind, ED25519.sign(sk_data(data, flags))) + flags + b"\0\0\0\7",
    )


def sk_ecdsa(flags: bytes = b"\x01") -> bytes:
    kind, private = b"sk-ecdsa-sha2-nistp256@openssh.com", ec.derive_private_key(5, ec.SECP256R1())

    def sign(data: bytes) -> bytes:
        numbers = decode_dss_signature(private.sign(sk_data(data, flags), ec.ECDSA(SHA256())))
        return pack(kind, pack(*map(mpint, numbers))) + flags + b"\0\0\0\7"

    return signature(pack(kind, b"nistp256", point(private), b"ssh:"), sign)


@pytest.mark.parametrize("name", KINDS)
def test_each_program_accepts_what_the_other_signs(key_files: dict[str, Path], name: str, tmp_path: Path) -> None:
    public = parse_public(key_files[name].with_suffix(".pub").read_text())
    theirs = ssh_keygen("-q", "-Y", "sign", "-f", key_files[name], "-n", sshsig.SEAL, data=MESSAGE)
    assert verify(theirs, MESSAGE, sshsig.SEAL) == public
    ours = sshsig.sign(load_ssh_private_key(key_files[name].read_bytes(), None), MESSAGE, sshsig.SEAL)
    assert verify(ours, MESSAGE, sshsig.SEAL) == public
    assert accepted_by_ssh(tmp_path, public, ours)
    assert not accepted_by_ssh(tmp_path, public, ours, MESSAGE + b"x")
    if not name.startswith("ecdsa"):  # ECDSA draws a random number for each signature.
        assert ours == theirs


@pytest.mark.parametrize("name", KINDS)
def test_fingerprints_and_lines_are_those_of_openssh(key_files: dict[str, Path], name: str) -> None:
    file = key_files[name].with_suffix(".pub")
    key = parse_public(file.read_text())
    assert key.fingerprint == ssh_keygen("-l", "-f", file).decode().split()[1]
    assert key.line == file.read_text().strip()


def test_a_signature_over_a_sha256_digest_is_taken(key_files: dict[str, Path]) -> None:
    options = ("-q", "-Y", "sign", "-O", "hashalg=sha256", "-f", key_files["ed25519"], "-n", sshsig.SEAL)
    assert verify(ssh_keygen(*options, data=MESSAGE), MESSAGE, sshsig.SEAL).type == "ssh-ed25519"


@pytest.mark.parametrize("make", [sk_ed25519, sk_ecdsa])
@pytest.mark.parametrize("flags", [b"\x00", b"\x01", b"\x05"])
def test_hardware_keys_are_taken_as_openssh_takes_them(
    make: Callable[[bytes], bytes], flags: bytes, tmp_path: Path
) -> None:
    key = verify(make(flags), MESSAGE, sshsig.SEAL)
    assert key.type.startswith("sk-")
    assert accepted_by_ssh(tmp_path, key, make(flags))


def test_another_message_namespace_or_signer_is_found() -> None:
    with pytest.raises(SignatureFault, match="does not fit"):
        verify(SIGNED, MESSAGE + b"\n", sshsig.SEAL)
    with pytest.raises(SignatureFault, match="archiver-log"):
        verify(SIGNED, MESSAGE, sshsig.LOG)
    other = ed25519.Ed25519PrivateKey.generate()
    assert verify(sshsig.sign(other, MESSAGE, sshsig.SEAL), MESSAGE, sshsig.SEAL) != verify(
        SIGNED, MESSAGE, sshsig.SEAL
    )


BLOB = blob_of(SIGNED)


@pytest.mark.parametrize(
    "armour",
    [
        b"",
        SIGNED + b"\n",
        SIGNED + b"# note\n",
        SIGNED + SIGNED,
        b"\n" + SIGNED,
        b"note\n" + SIGNED,
        b"\xef\xbb\xbf" + SIGNED,
        SIGNED[:-1],
        SIGNED.replace(b"\n", b"\r\n"),
        SIGNED.replace(b"\n", b"\n\n", 1),
        SIGNED.replace(b"U1NI", b" U1NI"),
        SIGNED.replace(b"U1NI", b"U1NI\t"),
        SIGNED.lower(),
        armoured(BLOB, width=76),
        armoured(BLOB, width=64),
        armoured(BLOB, width=10_000),
        armoured(BLOB, end="\r\n"),
        armoured(BLOB + b"\0"),
        armoured(BLOB[:-1]),
        armoured(b"\0" + BLOB),
        armoured(BLOB.replace(b"SSHSIG\0\0\0\1", b"SSHSIG\0\0\0\2")),
        armoured(BLOB.replace(b"SSHSIG\0\0\0\1", b"SSHSIG\1\0\0\1")),
        armoured(b"SSHSIG\0\0\0\1" + b"\xff" * 400),
        b"A" * 10_000_000,
    ],
)
def test_no_other_form_of_a_signature_is_taken(armour: bytes) -> None:
    with pytest.raises(SignatureFault):
        verify(armour, MESSAGE, sshsig.SEAL)


def test_stray_bits_in_the_last_character_are_found() -> None:
    body = sshsig.sign(ED25519, MESSAGE, "archiver-seal!")
    assert body.count(b"=") == 2
    last = body.index(b"=") - 1
    changed = body[:last] + bytes([body[last] + 1]) + body[last + 1 :]
    assert base64.b64decode(b"".join(changed.splitlines()[1:-1])) == blob_of(body)
    with pytest.raises(SignatureFault, match="canonical"):
        verify(changed, MESSAGE, "archiver-seal!")


@pytest.mark.parametrize(("reserved", "hashed"), [(b"x", b"sha512"), (b"", b"sha384"), (b"", b"sha1"), (b"", b"")])
def test_what_version_1_does_not_have_is_refused_though_signed(reserved: bytes, hashed: bytes) -> None:
    digest = hashlib.new(hashed.decode() or "sha512", MESSAGE).digest()
    inner = pack(b"ssh-ed25519", ED25519.sign(b"SSHSIG" + pack(b"archiver-seal", reserved, hashed, digest)))
    parts = pack(pack(b"ssh-ed25519", raw(ED25519)), b"archiver-seal", reserved, hashed, inner)
    with pytest.raises(SignatureFault, match="version 1"):
        verify(armoured(b"SSHSIG\0\0\0\1" + parts), MESSAGE, sshsig.SEAL)


RSA = rsa.generate_private_key(65537, 2048)
RSA_BLOB = pack(b"ssh-rsa", mpint(65537), mpint(RSA.public_key().public_numbers().n))
EC = ec.derive_private_key(7, ec.SECP256R1())
EC_BLOB = pack(b"ecdsa-sha2-nistp256", b"nistp256", point(EC))


def rsa_sign(name: bytes, algorithm: SHA1 | SHA512, tail: bytes = b"") -> Callable[[bytes], bytes]:
    return lambda data: pack(name, RSA.sign(data, padding.PKCS1v15(), algorithm) + tail)


def ec_sign(data: bytes, lead: bytes = b"", tail: bytes = b"") -> bytes:
    r, s = decode_dss_signature(EC.sign(data, ec.ECDSA(SHA256())))
    return pack(b"ecdsa-sha2-nistp256", pack(lead + mpint(r), mpint(s)) + tail)


GOOD_RSA = signature(RSA_BLOB, rsa_sign(b"rsa-sha2-512", SHA512()))
GOOD_EC = signature(EC_BLOB, ec_sign)


@pytest.mark.parametrize("armour", [SIGNED, sk_ed25519(), sk_ecdsa(), GOOD_RSA, GOOD_EC])
def test_no_bit_can_be_flipped(armour: bytes) -> None:
    verify(armour, MESSAGE, sshsig.SEAL)
    for at in range(len(armour) * 8):
        flipped = bytearray(armour)
        flipped[at // 8] ^= 1 << at % 8
        with pytest.raises(SignatureFault):
            verify(bytes(flipped), MESSAGE, sshsig.SEAL)


@pytest.mark.parametrize(
    "armour",
    [
        signature(RSA_BLOB, rsa_sign(b"ssh-rsa", SHA1())),
        signature(RSA_BLOB, rsa_sign(b"rsa-sha2-512", SHA512(), b"\0")),
        signature(RSA_BLOB + b"\0", rsa_sign(b"rsa-sha2-512", SHA512())),
        signature(
            pack(b"ssh-rsa", b"\0" + mpint(65537), mpint(RSA.public_key().public_numbers().n)),
            rsa_sign(b"rsa-sha2-512", SHA512()),
        ),
        signature(EC_BLOB, lambda data: ec_sign(data, lead=b"\0")),
        signature(EC_BLOB, lambda data: ec_sign(data, tail=b"\0")),
        signature(EC_BLOB, lambda data: ec_sign(data) + b"\0"),
        signature(EC_BLOB, lambda data: pack(b"ecdsa-sha2-nistp256", pack(b"\0", b"\1"))),
        signature(pack(b"ssh-ed25519", raw(ED25519)), lambda data: pack(b"ssh-ed448", ED25519.sign(data))),
        signature(pack(b"ssh-ed25519", raw(ED25519)), lambda data: pack(b"ssh-ed25519", ED25519.sign(data) + b"\0")),
    ],
    ids=["sha1", "rsa-length", "key-tail", "mpint-key", "mpint-r", "tail-s", "tail", "zero", "algorithm", "length"],
)
def test_weak_or_second_encodings_of_a_good_signature_are_refused(armour: bytes) -> None:
    with pytest.raises(SignatureFault):
        verify(armour, MESSAGE, sshsig.SEAL)


def test_a_key_under_which_one_signature_fits_every_message_is_refused() -> None:
    neutral = b"\1" + bytes(31)
    everything = neutral + bytes(32)
    for message in (b"one", b"other"):
        ed25519.Ed25519PublicKey.from_public_bytes(neutral).verify(everything, message)
    armour = signature(pack(b"ssh-ed25519", neutral), lambda _: pack(b"ssh-ed25519", everything))
    with pytest.raises(SignatureFault, match="proper"):
        verify(armour, MESSAGE, sshsig.SEAL)


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        pack(b"ssh-dss", b"x"),
        pack(b"ssh-ed25519-cert-v01@openssh.com", bytes(32)),
        pack(b"ssh-ed25519", raw(ED25519)[:-1]),
        pack(b"ssh-ed25519", raw(ED25519) + b"\0"),
        pack(b"ssh-ed25519", b"\xff" * 32),
        pack(b"ssh-ed25519", raw(ED25519)) + b"\0",
        pack(b"ecdsa-sha2-nistp384", b"nistp256", point(EC)),
        pack(b"ecdsa-sha2-nistp256", b"nistp384", point(EC)),
        pack(b"ecdsa-sha2-nistp256", b"nistp256", b"\4" + bytes(64)),
        pack(b"ecdsa-sha2-nistp256", b"nistp256", b"\2" + point(EC)[1:33]),
        pack(b"ecdsa-sha2-nistp256", b"nistp256", b"\0"),
        pack(b"sk-ssh-ed25519@openssh.com", raw(ED25519), b"https:"),
        pack(b"sk-ssh-ed25519@openssh.com", raw(ED25519)),
        pack(b"ssh-rsa", mpint(65537), mpint((1 << 1024) - 1)),
        pack(b"ssh-rsa", mpint(65537), mpint(1 << 2048)),
        pack(b"ssh-rsa", mpint(1), mpint(RSA.public_key().public_numbers().n)),
        pack(b"ssh-rsa", mpint((1 << 65) + 1), mpint(RSA.public_key().public_numbers().n)),
        pack(b"ssh-rsa", b"\xff", mpint(RSA.public_key().public_numbers().n)),
    ],
)
def test_what_is_no_proper_key_is_refused(blob: bytes) -> None:
    with pytest.raises(FormatError):
        decode_public(blob)


LINE = PublicKey(type="ssh-ed25519", blob=pack(b"ssh-ed25519", raw(ED25519))).line


@pytest.mark.parametrize("text", [LINE, f"{LINE}\n", f"{LINE} a comment\r\n", f"  {LINE}\tcomment"])
def test_public_key_lines_are_read(text: str) -> None:
    assert parse_public(text).line == LINE


@pytest.mark.parametrize(
    "text",
    ["", "ssh-ed25519", LINE + "=", LINE[:-1], LINE.replace("ssh-ed25519", "ssh-rsa", 1), f"{LINE}\n{LINE}", "é é"],
)
def test_other_lines_are_refused(text: str) -> None:
    with pytest.raises(FormatError):
        parse_public(text)


@settings(max_examples=150)
@given(st.one_of(st.binary(max_size=400), st.binary(max_size=300).map(lambda tail: b"SSHSIG\0\0\0\1" + tail)))
def test_bytes_of_any_kind_are_a_fault_and_nothing_worse(data: bytes) -> None:
    for armour in (data, armoured(data)):
        with pytest.raises(SignatureFault):
            verify(armour, MESSAGE, sshsig.SEAL)


PARTS = st.sampled_from([b"", b"\0", b"ssh-ed25519", b"ssh-rsa", b"nistp256", b"ssh:", b"sha512", b"\4" * 65, EC_BLOB])
KEYS = st.sampled_from([RSA_BLOB, EC_BLOB, pack(b"ssh-ed25519", raw(ED25519))])


@settings(max_examples=300)
@given(KEYS | PARTS, st.lists(PARTS, max_size=4), st.lists(PARTS | st.binary(max_size=80), max_size=4))
def test_well_framed_nonsense_is_a_fault_and_nothing_worse(
    key: bytes, key_parts: list[bytes], inner: list[bytes]
) -> None:
    body = pack(key + pack(*key_parts), b"archiver-seal", b"", b"sha512", pack(*inner))
    with pytest.raises(SignatureFault):
        verify(armoured(b"SSHSIG\0\0\0\1" + body), MESSAGE, sshsig.SEAL)


@settings(max_examples=200)
@given(st.text(max_size=80) | st.builds("{} {}".format, st.sampled_from(["ssh-rsa", "ssh-ed25519"]), st.text()))
def test_text_of_any_kind_is_a_format_error_and_nothing_worse(text: str) -> None:
    with pytest.raises(FormatError):
        parse_public(text)
