"""Lists of signers and of revoked keys: what OpenSSH reads in them, and what is refused although it would."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.custody import keys, signers, sshsig
from archiver.custody.signers import AllowedSigner
from archiver.errors import FormatError

SIGNER = keys.FileSigner(keys.Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER = keys.FileSigner(keys.Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
KEY = SIGNER.key.line
MESSAGE = b"what was signed\n"


def accepted_by_ssh(folder: Path, allowed: str, principal: str = "jane@example", *more: str) -> bool:
    (folder / "allowed").write_text(f"{allowed}\n")
    (folder / "sig").write_bytes(SIGNER.sign(MESSAGE, sshsig.CAPTURE))
    command = ("ssh-keygen", "-Y", "verify", "-f", "allowed", "-I", principal, "-n", sshsig.CAPTURE, "-s", "sig", *more)
    return subprocess.run(command, cwd=folder, input=MESSAGE, capture_output=True, check=False).returncode == 0


def one(line: str) -> AllowedSigner:
    (signer,) = signers.parse(line.encode())
    return signer


@pytest.mark.parametrize(
    "line",
    [
        f"jane@example {KEY}",
        f"jane@example {KEY} and a comment é",
        f"  jane@example\t{KEY}",
        f"joe@example,jane@example {KEY}",
        f'jane@example namespaces="archiver-capture,archiver-seal" {KEY}',
        f'jane@example NameSpaces="archiver-capture",VALID-AFTER="20200101Z"   {KEY}',
        f'jane@example valid-after="202001011200Z",valid-before="20991231235959Z" {KEY}',
        f"# a comment\n\njane@example {KEY}\n# another",
    ],
)
def test_what_is_read_is_what_openssh_reads(line: str, tmp_path: Path) -> None:
    signer = one(line)
    assert signer.key == SIGNER.key
    assert "jane@example" in signer.principals
    assert signer.allows(sshsig.CAPTURE)
    assert accepted_by_ssh(tmp_path, line)
    assert accepted_by_ssh(tmp_path, signers.to_line(signer))
    assert one(signers.to_line(signer)) == signer


def test_lines_may_end_as_on_windows() -> None:
    assert len(signers.parse(f"a@b {KEY}\r\nc@d {OTHER.key.line}\r\n".encode())) == 2


def test_a_signer_is_held_to_namespaces_and_to_time(tmp_path: Path) -> None:
    line = f'jane@example namespaces="archiver-seal",valid-after="20250101Z",valid-before="20250131Z" {KEY}'
    signer = one(line)
    assert signer.allows(sshsig.SEAL)
    assert not signer.allows(sshsig.CAPTURE)
    assert (signer.valid_after, signer.valid_before) == (
        datetime(2025, 1, 1, tzinfo=UTC),
        datetime(2025, 1, 31, tzinfo=UTC),
    )
    assert not accepted_by_ssh(tmp_path, line)


@pytest.mark.parametrize(("moment", "inside"), [("20250131000000Z", True), ("20250131000001Z", False)])
def test_the_last_second_of_validity_is_openssh_s(moment: str, inside: bool, tmp_path: Path) -> None:
    line = f'jane@example valid-before="20250131Z" {KEY}'
    at = datetime.strptime(moment, "%Y%m%d%H%M%S%z")
    until = one(line).valid_before
    assert until is not None
    assert (at <= until) is inside
    assert accepted_by_ssh(tmp_path, line, "jane@example", "-O", f"verify-time={moment}") is inside


@pytest.mark.parametrize(
    "line",
    [
        "",
        "jane@example",
        KEY,
        f"* {KEY}",
        f"*@example {KEY}",
        f"jan?@example {KEY}",
        f"jane@example,!joe@example {KEY}",
        f"jane@example,,joe@example {KEY}",
        f"jane@example, {KEY}",
        f'"jane@example" {KEY}',
        f"jane@example cert-authority {KEY}",
        f'jane@example namespaces="a",cert-authority {KEY}',
        f'jane@example namespaces="*" {KEY}',
        f'jane@example namespaces="archiver-*" {KEY}',
        f'jane@example namespaces="" {KEY}',
        f"jane@example namespaces=a {KEY}",
        f'jane@example namespaces="a",namespaces="b" {KEY}',
        f'jane@example namespaces="a" , {KEY}',
        f'jane@example namespaces="a", {KEY}',
        f'jane@example namespaces="a"{KEY}',
        f"jane@example no-touch-required {KEY}",
        f'jane@example valid-after="20250101" {KEY}',
        f'jane@example valid-after="202501010000" {KEY}',
        f'jane@example valid-after="2025010100Z" {KEY}',
        f'jane@example valid-after="20250231Z" {KEY}',
        f'jane@example valid-after="19700101Z" {KEY}',
        f'jane@example valid-after="00000101Z" {KEY}',
        f'jane@example valid-after="٢٠٢٥٠١٠١Z" {KEY}',
        f'jane@example valid-after="20250101Z",valid-before="20250101Z" {KEY}',
        f"jane@example {KEY[:-4]}",
        f"jane@example {KEY[:-2]}==",
        f"jane@example {KEY}\0",
        f"jane@example {KEY} \x1b[2J",
        f"jane\u00a0x@example {KEY}",
    ],
)
def test_other_lines_are_refused_and_named(line: str) -> None:
    with pytest.raises(FormatError, match=r"\Aline 2: "):
        signers.parse(f"# first\n{line or 'x'}\n".encode())


def test_a_time_without_zone_is_refused_with_what_to_do() -> None:
    with pytest.raises(FormatError, match="put a Z after it"):
        one(f'jane@example valid-before="20250131" {KEY}')


def test_what_is_not_utf_8_is_refused() -> None:
    with pytest.raises(FormatError, match="line 1: not UTF-8"):
        signers.parse(b"jane@example\xff " + KEY.encode())


@pytest.mark.parametrize(
    "signer",
    [
        AllowedSigner(principals=("*",), key=SIGNER.key),
        AllowedSigner(principals=("a b",), key=SIGNER.key),
        AllowedSigner(principals=("a\nb",), key=SIGNER.key),
        AllowedSigner(principals=("#a",), key=SIGNER.key),
        AllowedSigner(principals=(), key=SIGNER.key),
        AllowedSigner(principals=("a,b",), key=SIGNER.key),
        AllowedSigner(principals=("a",), key=SIGNER.key, namespaces=('x" cert-authority',)),
        AllowedSigner(principals=("a",), key=SIGNER.key, valid_after=datetime(2025, 1, 1, 0, 0, 0, 1, tzinfo=UTC)),
        AllowedSigner(principals=("a",), key=SIGNER.key, valid_after=datetime(2025, 1, 1)),  # noqa: DTZ001
    ],
)
def test_what_no_line_can_say_is_not_written(signer: AllowedSigner) -> None:
    with pytest.raises(FormatError):
        signers.to_line(signer)


def test_times_are_written_in_utc() -> None:
    moment = datetime(2025, 1, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    line = signers.to_line(AllowedSigner(principals=("a@b",), key=SIGNER.key, valid_after=moment))
    assert line == f'a@b valid-after="20241231230000Z" {KEY}'


def test_offered_lines_may_be_bare_keys() -> None:
    text = f"jane@example {KEY}\n{OTHER.key.line} Bob's Läptop\n{KEY}\n"
    listed, commented, bare = signers.parse_offered(text.encode())
    assert listed.principals == ("jane@example",)
    assert commented.principals == (f"bob-s-laptop@{OTHER.key.short}",)
    assert bare.principals == (f"signer@{SIGNER.key.short}",)
    with pytest.raises(FormatError, match="line 2"):
        signers.parse_offered(f"{KEY}\n*@example {KEY}\n".encode())


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Jane Doe", "jane-doe"),
        ("  Zoë -- O'Neil ", "zoe-o-neil"),
        ("", "archiver"),
        ("Ольга", "archiver"),
        ("*,!?", "archiver"),
        ("x" * 100, "x" * 40),
    ],
)
def test_a_principal_is_ascii_and_tells_keys_apart(name: str, slug: str) -> None:
    assert signers.principal(name, SIGNER.key) == f"{slug}@{SIGNER.key.short}"
    assert signers.principal(name, SIGNER.key) != signers.principal(name, OTHER.key)


def test_revoked_keys_are_read_as_openssh_reads_them(tmp_path: Path) -> None:
    text = f"# stolen\n{KEY} comment\n\n{OTHER.key.line}\n"
    assert signers.parse_revoked(text.encode()) == (SIGNER.key, OTHER.key)
    (tmp_path / "revoked").write_text(text)
    assert accepted_by_ssh(tmp_path, f"jane@example {KEY}")
    assert not accepted_by_ssh(tmp_path, f"jane@example {KEY}", "jane@example", "-r", "revoked")


@pytest.mark.parametrize("data", [b"SSHKRL\n\0", b"jane@example " + KEY.encode(), b"serial: 1", KEY.encode()[:-3]])
def test_other_lists_of_revoked_keys_are_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        signers.parse_revoked(data)


WORDS = st.sampled_from(
    ["a@b", KEY, "ssh-ed25519", "namespaces=", '"', '"a"', ",", " ", "\t", "\r", "\n", "#", "valid-after=", "20250101Z"]
)


@settings(max_examples=300)
@given(st.lists(WORDS | st.text(max_size=3), max_size=12).map("".join))
def test_text_of_any_kind_is_read_or_a_format_error(text: str) -> None:
    for read in (signers.parse, signers.parse_offered, signers.parse_revoked):
        try:
            found = read(text.encode("utf-8", "surrogatepass"))
        except FormatError:
            continue
        if read is not signers.parse_revoked:
            assert signers.parse("\n".join(map(signers.to_line, found)).encode()) == found
