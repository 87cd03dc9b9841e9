"""A museum of signatures, seals and time-stamps: one defect each, with exactly the findings that it has to give."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from msgspec.structs import replace

from archiver import canonical
from archiver.case import layout
from archiver.custody import seal, signers, sshsig
from archiver.custody.roots import load_roots
from archiver.custody.signers import AllowedSigner
from archiver.errors import FormatError
from archiver.hashing import sha256_hex
from archiver.verify import Tally, verify
from archiver.verify.trust import Trust
from tests.custody.tsa_forger import TIME_STAMPING, Forger, Party, issue, make_forger

from .builder import make_capture, make_case, reseal
from .forgery import account
from .installation import AUTHORITY, BEGAN, OTHER, SIGNER, Stamps, make_office, rewrite_log, seal_captures
from .sealed import FORGER, OPENED, STAMPED, TRUST, Sealed, digest_of, make_sealed, plant

SIG, TAGS, ACCOUNT = layout.SIGNATURE, layout.TAGMANIFEST, layout.CUSTODY_MANIFEST
REPLY = f".{seal.authority_name(AUTHORITY)}.tsr"
STAMP, OPENING = f"{seal.SEAL}{REPLY}", f"{seal.OPEN}{REPLY}"

Defect = Callable[[Sealed], object]


@pytest.fixture
def world(tmp_path: Path) -> Sealed:
    """A sound case with one capture: opened, signed, sealed and time-stamped."""
    return make_sealed(tmp_path / "evidence")


def of_capture(change: Callable[[bytes], bytes], file: str = SIG) -> Defect:
    def do(world: Sealed) -> None:
        path = world.capture / file
        path.write_bytes(change(path.read_bytes()))

    return do


def of_seal(change: Callable[[bytes], bytes], file: str = seal.SEAL) -> Defect:
    def do(world: Sealed) -> None:
        path = world.seal / file
        path.write_bytes(change(path.read_bytes()))

    return do


def flip(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes((data[middle] ^ 1,)) + data[middle + 1 :]


def flip_first(data: bytes) -> bytes:
    return bytes((data[0] ^ 1,)) + data[1:]


def signed(signer: object = SIGNER, namespace: str = sshsig.CAPTURE, message: bytes | None = None) -> Defect:
    """Put a signature in the place of the capture's: by another key, for another use, over something else."""

    def do(world: Sealed) -> None:
        over = (world.capture / TAGS).read_bytes() if message is None else message
        (world.capture / SIG).write_bytes(signer.sign(over, namespace))  # type: ignore[attr-defined]

    return do


def forge_seal(change: Callable[[bytes], bytes]) -> Defect:
    """Change SEAL as a forger does who holds the key: signature and log agree with it. Only time-stamps cannot."""

    def do(world: Sealed) -> None:
        path = world.seal / seal.SEAL
        data = change(path.read_bytes())
        path.write_bytes(data)
        signature = SIGNER.sign(data, sshsig.SEAL)
        (world.seal / seal.SEAL_SIGNATURE).write_bytes(signature)
        digests = {world.place(seal.SEAL): data, world.place(seal.SEAL_SIGNATURE): signature}

        def agree(lines: list[dict[str, str]]) -> None:
            for line in lines:
                if line["what"] in digests:
                    line["sha256"] = sha256_hex(digests[line["what"]])

        rewrite_log(world.case, agree)

    return do


def without_line(path: bytes) -> Callable[[bytes], bytes]:
    return lambda data: b"".join(line for line in data.splitlines(keepends=True) if path not in line)


def other_digest(path: str) -> Callable[[bytes], bytes]:
    """Put another digest before a path."""

    def change(data: bytes) -> bytes:
        before, found, after = data.partition(path.encode())
        line = before.rfind(b"\n") + 1
        assert found
        return before[:line] + b"0" * 64 + before[line + 64 :] + found + after

    return change


def without_event(event: str) -> Defect:
    """Take an event out of the log, as a kill before it would have done."""

    def do(world: Sealed) -> None:
        rewrite_log(
            world.case, lambda lines: lines.__setitem__(slice(None), [one for one in lines if one["event"] != event])
        )

    return do


def remove(file: str) -> Defect:
    return lambda world: (world.seal / file).unlink()


SIGNATURES: dict[str, Defect] = {
    "removed": lambda world: (world.capture / SIG).unlink(),
    "flipped": of_capture(flip),
    "emptied": of_capture(lambda data: b""),
    "with junk behind the armour": of_capture(lambda data: data + b"\n"),
    "with junk before the armour": of_capture(lambda data: b"\n" + data),
    "with CRLF": of_capture(lambda data: data.replace(b"\n", b"\r\n")),
    "twice": of_capture(lambda data: data * 2),
    "by another key": signed(OTHER),
    "for another use": signed(namespace=sshsig.LOG),
    "over another capture": signed(message=b"0" * 64 + b"  bagit.txt\n"),
}


@pytest.mark.parametrize("name", SIGNATURES)
@pytest.mark.parametrize("sealed", [True, False], ids=["sealed", "not sealed"])
def test_a_signature(name: str, sealed: bool, tmp_path: Path) -> None:
    world = make_sealed(tmp_path / "evidence", sealed=sealed)
    SIGNATURES[name](world)
    expected = {("signature", world.place(SIG))} | ({("seal", world.place(SIG))} if sealed else set())
    assert world.failures() == expected
    assert world.extent().signature == "none"


def test_a_sound_case_gives_nothing_but_what_holds(world: Sealed) -> None:
    assert world.odd() == set()
    extent = world.extent()
    assert (extent.signature, extent.basis) == ("trusted", "your own key")
    assert extent.signer == signers.principal("Ana Núñez", SIGNER.key)
    assert [stamp.time for stamp in extent.stamps] == [STAMPED]
    assert [stamp.time for stamp in extent.opened] == [OPENED]


SEALS: dict[str, tuple[Defect, set[tuple[str, str]]]] = {
    "SEAL flipped": (
        of_seal(flip_first),
        {("seal", seal.SEAL), ("signature", seal.SEAL_SIGNATURE), ("time-stamp", STAMP)},
    ),
    "SEAL.sig flipped": (
        of_seal(flip, seal.SEAL_SIGNATURE),
        {("seal", seal.SEAL_SIGNATURE), ("signature", seal.SEAL_SIGNATURE)},
    ),
    "SEAL.sig with junk behind the armour": (
        of_seal(lambda data: data + b"\n", seal.SEAL_SIGNATURE),
        {("seal", seal.SEAL_SIGNATURE), ("signature", seal.SEAL_SIGNATURE)},
    ),
    "SEAL.sig removed": (remove(seal.SEAL_SIGNATURE), {("missing", seal.SEAL_SIGNATURE)}),
    "SEAL removed": (
        remove(seal.SEAL),
        {("missing", seal.SEAL), ("signature", seal.SEAL_SIGNATURE), ("time-stamp", STAMP)},
    ),
    "reply flipped": (of_seal(flip, STAMP), {("time-stamp", STAMP)}),
    "reply removed": (remove(STAMP), {("missing", STAMP)}),
    "OPEN flipped": (
        of_seal(flip_first, seal.OPEN),
        {("seal", seal.OPEN), ("opening", seal.OPEN), ("time-stamp", OPENING)},
    ),
    "OPEN removed": (
        remove(seal.OPEN),
        {("missing", seal.OPEN), ("time-stamp", OPENING)},
    ),
    "opening's reply removed": (remove(OPENING), {("missing", OPENING), ("opening", ACCOUNT)}),
    "opening's reply exchanged for the seal's": (
        lambda world: (world.seal / OPENING).write_bytes((world.seal / STAMP).read_bytes()),
        {("seal", OPENING), ("time-stamp", OPENING), ("opening", ACCOUNT)},
    ),
    "capture taken out of SEAL by who holds the key": (
        forge_seal(without_line(b"captures/")),
        {("time-stamp", STAMP)},
    ),
    "case.json taken out of SEAL by who holds the key": (
        forge_seal(without_line(b"case.json")),
        {("seal", seal.SEAL), ("time-stamp", STAMP)},
    ),
    "another case.json in SEAL, by who holds the key": (
        forge_seal(other_digest("  case.json")),
        {("seal", seal.SEAL), ("time-stamp", STAMP)},
    ),
    "another tag manifest in SEAL, by who holds the key": (
        forge_seal(other_digest(f"/{TAGS}\n")),
        {("seal", TAGS), ("time-stamp", STAMP)},
    ),
    "another signature in SEAL, by who holds the key": (
        forge_seal(other_digest(f"/{SIG}\n")),
        {("seal", SIG), ("time-stamp", STAMP)},
    ),
    "another opening in SEAL, by who holds the key": (
        forge_seal(other_digest("/OPEN\n")),
        {("seal", seal.OPEN), ("time-stamp", STAMP)},
    ),
    "opening taken out of SEAL, by who holds the key": (
        forge_seal(without_line(b"/OPEN\n")),
        {("added", seal.OPEN), ("time-stamp", STAMP)},
    ),
}


@pytest.mark.parametrize("name", SEALS)
def test_a_seal(name: str, world: Sealed) -> None:
    defect, expected = SEALS[name]
    defect(world)
    assert world.failures() == {(check, world.place(file)) for check, file in expected}


def test_a_capture_in_a_seal_that_is_not_there(world: Sealed) -> None:
    forge_seal(lambda data: data.replace(b"k7f3q9", b"k7f3q8"))(world)
    gone = ("missing", "captures/2026-11-23/20261123T013512Z-k7f3q8")
    assert world.failures() == {gone, ("time-stamp", world.place(STAMP))}


def test_a_log_in_a_seal_by_who_holds_the_key(world: Sealed) -> None:
    forge_seal(lambda data: data.replace(b" sequence=4 ", b" sequence=3 "))(world)
    (log,) = (world.case / layout.CUSTODY).glob("*.jsonl")
    assert world.failures() == {("log", f"custody/{log.name}"), ("time-stamp", world.place(STAMP))}


def test_a_seal_that_is_gone_is_missed_by_the_log_and_by_the_capture(world: Sealed) -> None:
    shutil.rmtree(world.seal)
    files = (seal.SEAL, seal.SEAL_SIGNATURE, STAMP, OPENING)
    assert world.failures() == {("opening", world.place(ACCOUNT)), *(("missing", world.place(file)) for file in files)}
    assert not world.extent().stamped


def test_a_seal_of_another_case(world: Sealed, tmp_path: Path) -> None:
    foreign = make_case(tmp_path / "other", title="Another")
    folder = seal_captures(make_office(foreign), make_capture(foreign, "m7f3q9"))
    shutil.copytree(folder, world.case / layout.SEALS / folder.name)
    place = f"seals/{folder.name}/SEAL"
    (log,) = (foreign / layout.CUSTODY).glob("*.jsonl")
    assert world.failures() == {
        ("seal", place),
        ("missing", "captures/2026-11-23/20261123T013512Z-m7f3q9"),
        ("missing", f"custody/{log.name}"),
    }
    assert ("warning", "interrupted", place) in world.odd("warning")


@pytest.mark.parametrize("sealed", [True, False])
def test_what_a_kill_leaves_of_a_seal_is_interrupted(sealed: bool, tmp_path: Path) -> None:
    world = make_sealed(tmp_path / "evidence", stamped=None, sealed=sealed)
    if sealed:
        (world.seal / seal.SEAL_SIGNATURE).unlink()
        without_event("signed")(world)
    where = world.place(seal.SEAL) if sealed else f"seals/{world.name}"
    pending = ("warning", "time-stamp", world.place(""))
    assert world.odd() == {("warning", "interrupted", where), pending}


def test_an_unsigned_installation_is_said_to_be_one(tmp_path: Path) -> None:
    world = make_sealed(tmp_path / "evidence", signer=None, seal_signer=None)
    assert world.odd() == {("note", "signature", world.place("")), ("note", "signature", world.place(seal.SEAL))}
    assert world.extent().signature == "none"
    signed()(world)
    assert world.failures() == {("signature", world.place(SIG))}


def test_re_signed_by_another_key_that_the_manifest_names(world: Sealed) -> None:
    """Sound in itself. It is not what the log tells was acquired, nor what the seal lists."""
    path = world.capture / ACCOUNT
    told = canonical.decode(path.read_bytes())
    told["signing"]["fingerprint"] = OTHER.key.fingerprint
    path.write_bytes(canonical.encode(told))
    reseal(world.capture, OTHER, logged=False)
    (log,) = (world.case / layout.CUSTODY).glob("*.head")
    assert world.failures() == {
        ("story", world.place(TAGS)),
        ("seal", world.place(TAGS)),
        ("seal", world.place(SIG)),
        ("signature", f"custody/{log.name}"),
    }
    assert world.extent().signature == "valid"


def test_made_anew_by_somebody_else_it_is_intact_and_not_trusted(tmp_path: Path) -> None:
    world = make_sealed(tmp_path / "evidence", signer=OTHER, seal_signer=OTHER)
    assert world.odd() == {("warning", "trust", world.place(SIG))}
    tally = Tally("signed")
    list(tally.watch(world.findings()))
    assert (tally.verdict, tally.shortfall, tally.exit_code) == ("intact", "signed", 11)


def rogue() -> Forger:
    """An authority of its own making, which sends its root along."""
    made = make_forger()
    return Forger(root=made.root, signer=made.signer, sent=(*made.sent, made.root))


def expired() -> Forger:
    """An authority whose certificate ran out in the second before the stamp."""
    issuing = Party(x509.load_der_x509_certificate(FORGER.sent[1].der), FORGER.sent[1].key)
    ending = STAMPED - timedelta(seconds=1)
    return FORGER.with_signer(issue("Old time-stamps", issuing, end=ending, purposes=TIME_STAMPING))


REPLIES: dict[str, tuple[str, Callable[[Sealed], bytes]]] = {
    "foreign": ("foreign", lambda world: make_forger().reply(digest_of(world), time=STAMPED)),
    "of a rogue, with its own root": ("foreign", lambda world: rogue().reply(digest_of(world), time=STAMPED)),
    "over another seal": ("wrong-imprint", lambda world: FORGER.reply(b"\0" * 32, time=STAMPED)),
    "over the opening": ("wrong-imprint", lambda world: FORGER.reply(digest_of(world, seal.OPEN), time=STAMPED)),
    "by an expired certificate": ("expired", lambda world: expired().reply(digest_of(world), time=STAMPED)),
    "refused by the authority": ("rejected", lambda world: FORGER.reply(digest_of(world), status=2)),
    "a web page": ("rubbish", lambda world: b"<html>503</html>"),
    "nothing": ("rubbish", lambda world: b""),
}


@pytest.mark.parametrize("name", REPLIES)
@pytest.mark.parametrize("told", [True, False], ids=["told of", "not told of"])
def test_a_reply_that_is(name: str, told: bool, tmp_path: Path) -> None:
    """Whoever verifies may not know a root that was good to whoever captured: it is odd only if the log is silent."""
    reason, forge = REPLIES[name]
    world = make_sealed(tmp_path / "evidence", stamped=None)
    path = world.place(plant(world, forge(world), told=told))
    (found,) = (found for found in world.findings() if found.path == path and found.check == "time-stamp")
    assert found.level == ("warning" if told and reason == "foreign" else "failure")
    assert f"({reason})" in found.detail
    expected = {(found.level, "time-stamp", path), ("warning", "time-stamp", world.place(""))}
    assert world.odd() == expected | (set() if told else {("warning", "interrupted", path)})
    assert not world.extent().stamped


def test_a_foreign_reply_beside_a_sound_one_takes_nothing_from_that(world: Sealed) -> None:
    path = world.place(plant(world, rogue().reply(digest_of(world), time=STAMPED), told=False))
    assert world.failures() == {("time-stamp", path)}
    assert world.extent().stamped


def test_without_a_trusted_root_time_stamps_are_not_checked(world: Sealed) -> None:
    world.trust = replace(TRUST, roots=())
    assert world.odd() == {("note", "time-stamp", "seals"), ("note", "time-stamp", world.place(""))}
    assert not world.extent().stamped


def test_pending_is_a_warning_and_lowers_nothing_but_what_is_required(tmp_path: Path) -> None:
    world = make_sealed(tmp_path / "evidence", opened=None, stamped=None)
    assert world.odd() == {("warning", "time-stamp", world.place("")), ("note", "opening", world.place(""))}
    for require, code in (("intact", 0), ("signed", 0), ("timestamped", 11)):
        tally = Tally(require)
        list(tally.watch(world.findings()))
        assert tally.exit_code == code


def test_a_capture_in_no_seal_is_pending(tmp_path: Path) -> None:
    world = make_sealed(tmp_path / "evidence", opened=None, sealed=False)
    assert world.odd("warning", "failure") == {("warning", "time-stamp", world.place(""))}


CLOCKS: dict[str, tuple[timedelta, timedelta, set[tuple[str, str]]]] = {
    "set back by days": (timedelta(days=3), timedelta(days=3, minutes=1), {("clock", ACCOUNT), ("time-stamp", "")}),
    "ten minutes behind": (timedelta(minutes=10), timedelta(minutes=11), {("clock", ACCOUNT)}),
    "four minutes behind": (timedelta(minutes=4), timedelta(minutes=5), set()),
    "ten minutes ahead": (timedelta(minutes=-10), timedelta(minutes=-9), {("clock", ACCOUNT)}),
    "four minutes ahead": (timedelta(minutes=-4), timedelta(minutes=-4), set()),
    "right, and stamped after two days": (timedelta(0), timedelta(days=2), {("time-stamp", "")}),
    "right, and stamped after an hour": (timedelta(0), timedelta(hours=1), set()),
}


@pytest.mark.parametrize("name", CLOCKS)
def test_a_clock_that_is(name: str, tmp_path: Path) -> None:
    opened, stamped, expected = CLOCKS[name]
    world = make_sealed(tmp_path / "evidence", opened=BEGAN + opened, stamped=BEGAN + stamped)
    assert world.odd() == {("warning", check, world.place(file)) for check, file in expected}


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told["opening"].update(seal=""),
        lambda told: told["opening"].update(replies=[]),
        lambda told: told["opening"].update(seal="20261123T013512Z-aaaaaa"),
        lambda told: told["opening"]["replies"][0].update(sha256="0" * 64),
        lambda told: told["opening"]["replies"][0].update(authority="another-example"),
        lambda told: told["opening"]["replies"][0].update(authority="../../x\x1b[2J"),
    ],
    ids=["seal", "replies", "other seal", "other digest", "other authority", "hostile authority"],
)
def test_an_opening_that_the_manifest_misstates(change: Callable[[object], object], tmp_path: Path) -> None:
    world = make_sealed(tmp_path / "evidence", sealed=False)
    account(change)(world.capture)
    assert world.failures() == {("opening", world.place(ACCOUNT))}
    assert world.extent().opened == ()


def test_a_server_whose_clock_disagrees_is_a_warning(tmp_path: Path) -> None:
    case = make_case(tmp_path / "evidence")
    capture = make_capture(case, behind=timedelta(minutes=10))
    found = [item for item in verify(case) if item.check == "clock" and item.level == "warning"]
    assert [item.path for item in found] == [f"{layout.capture_path(capture.name)}/{ACCOUNT}"]
    assert "10 minutes ahead of that of a server" in found[0].detail


LINE = AllowedSigner(principals=("ana@example.org",), key=SIGNER.key)
STRANGER = Trust(roots=TRUST.roots)

TRUSTED: dict[str, Trust] = {
    "own": replace(STRANGER, own=(SIGNER.key,)),
    "chosen": replace(STRANGER, signers=(LINE,)),
    "named": replace(STRANGER, named=(LINE,)),
    "for captures": replace(STRANGER, signers=(replace(LINE, namespaces=(sshsig.CAPTURE,)),)),
    "at that time": replace(
        STRANGER, signers=(replace(LINE, valid_after=BEGAN, valid_before=STAMPED + timedelta(days=1)),)
    ),
    "by one of two lines": replace(STRANGER, signers=(replace(LINE, namespaces=("file",)), LINE)),
}
DISTRUSTED: dict[str, tuple[Trust, str]] = {
    "nobody": (STRANGER, "nobody has told you"),
    "somebody else": (replace(STRANGER, own=(OTHER.key,)), "nobody has told you"),
    "own, revoked": (replace(TRUST, revoked=(SIGNER.key,)), "revoked"),
    "chosen, revoked": (replace(STRANGER, signers=(LINE,), revoked=(SIGNER.key,)), "revoked"),
    "not for captures": (replace(STRANGER, signers=(replace(LINE, namespaces=("file",)),)), "for file only"),
    "not yet": (
        replace(STRANGER, signers=(replace(LINE, valid_after=STAMPED + timedelta(seconds=1)),)),
        "and signed before",
    ),
    "no longer": (
        replace(STRANGER, signers=(replace(LINE, valid_before=STAMPED - timedelta(seconds=1)),)),
        "the first time-stamp is of",
    ),
}


@pytest.mark.parametrize("name", TRUSTED)
def test_a_key_is_trusted(name: str, world: Sealed) -> None:
    world.trust = TRUSTED[name]
    assert world.odd() == set()
    assert world.extent().signature == "trusted"


@pytest.mark.parametrize("name", DISTRUSTED)
def test_a_key_is_not_trusted(name: str, world: Sealed) -> None:
    world.trust, why = DISTRUSTED[name]
    (found,) = (found for found in world.findings() if found.level != "ok" and found.check != "redacted")
    assert (found.level, found.check, found.path) == ("warning", "trust", world.place(SIG))
    assert why in found.detail
    assert SIGNER.key.fingerprint in found.detail
    assert world.extent().signature == "valid"


YEARS = -5 * 366 * 86_400
"""How much later than the others a capture was made before the key's time was over, in seconds."""


@pytest.mark.parametrize(
    ("seals", "why"),
    [
        ("none", "could be backdated"),
        ("unstamped", "could be backdated"),
        ("without the signature", "could be backdated"),
        ("late", "the first time-stamp is of"),
        ("in time", ""),
    ],
)
def test_a_key_whose_time_is_over_needs_a_stamp_on_its_signature(seals: str, why: str, tmp_path: Path) -> None:
    """A thief of the key can set a clock back, but has no time-stamp of then."""
    case, then = make_case(tmp_path / "evidence"), BEGAN + timedelta(seconds=YEARS)
    capture = make_capture(case, seconds=YEARS)
    over = then + timedelta(days=1)
    if seals != "none":
        late = timedelta(days=2) if seals == "late" else timedelta(minutes=1)
        stamps = None if seals == "unstamped" else Stamps(then + late, FORGER)
        signature = (capture / SIG).read_bytes()
        if seals == "without the signature":
            (capture / SIG).unlink()
        seal_captures(make_office(case, stamps, then + timedelta(minutes=1)), capture)
        (capture / SIG).unlink(missing_ok=True)
        (capture / SIG).write_bytes(signature)
    trust = replace(STRANGER, signers=(replace(LINE, namespaces=(sshsig.CAPTURE,), valid_before=over),))
    found = [finding for finding in verify(case, trust) if finding.check == "trust"]
    assert [finding.level for finding in found] == ["warning" if why else "ok"]
    assert why in found[0].detail


def test_a_key_whose_time_is_not_over_needs_none(tmp_path: Path) -> None:
    case = make_case(tmp_path / "evidence")
    make_capture(case)
    line = replace(LINE, valid_before=datetime.now(UTC) + timedelta(days=1))
    found = [finding for finding in verify(case, replace(STRANGER, signers=(line,))) if finding.check == "trust"]
    assert [finding.level for finding in found] == ["ok"]


def test_only_of_a_key_that_is_unknown_it_is_said_how_to_trust_it(world: Sealed) -> None:
    for trust, said in ((STRANGER, True), (replace(STRANGER, revoked=(SIGNER.key,)), False)):
        world.trust = trust
        (found,) = (found for found in world.findings() if found.check == "trust")
        assert ("archiver key trust" in found.detail) == said


def test_what_stands_in_the_case_is_no_ground_for_trust(world: Sealed) -> None:
    (world.case / layout.ALLOWED_SIGNERS).write_text(f"{signers.to_line(LINE)}\n")
    world.trust = STRANGER
    assert world.odd() == {("warning", "trust", world.place(SIG))}


def test_a_line_with_a_pattern_is_refused() -> None:
    with pytest.raises(FormatError):
        signers.parse(f"*@example.org {SIGNER.key.line}\n".encode())


def test_a_trusted_key_that_signed_the_seal_vouches_for_the_installation(tmp_path: Path) -> None:
    world = make_sealed(tmp_path / "evidence", signer=OTHER, seal_signer=SIGNER)
    assert world.odd() == set()
    extent = world.extent()
    assert (extent.signature, extent.signer) == ("trusted", OTHER.key.fingerprint)
    assert extent.basis.startswith(f"vouched for by {signers.principal('Ana Núñez', SIGNER.key)}, your own key")


@pytest.mark.parametrize(
    ("trust", "defect"),
    [
        (replace(TRUST, revoked=(OTHER.key,)), None),
        (replace(TRUST, revoked=(SIGNER.key,)), None),
        (replace(STRANGER, signers=(replace(LINE, namespaces=(sshsig.CAPTURE,)),)), None),
        (TRUST, of_seal(flip, seal.SEAL_SIGNATURE)),
        (TRUST, forge_seal(without_line(f"/{SIG}\n".encode()))),
    ],
    ids=["installation revoked", "voucher revoked", "not for seals", "seal not signed", "signature not listed"],
)
def test_it_does_not_vouch(trust: Trust, defect: Defect | None, tmp_path: Path) -> None:
    world = make_sealed(tmp_path / "evidence", signer=OTHER, seal_signer=SIGNER)
    world.trust = trust
    if defect is not None:
        defect(world)
    assert ("warning", "trust", world.place(SIG)) in world.odd("warning")
    assert world.extent().signature == "valid"


@pytest.mark.parametrize(("days", "said"), [(-1, "ran out"), (60, "runs out"), (120, "")])
def test_a_stamp_that_ages_is_noted_until_it_is_renewed(days: int, said: str, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    forger = make_forger(end=now + timedelta(days=days))
    moment = now - timedelta(days=10)
    world = make_sealed(tmp_path / "evidence", opened=None, stamped=moment, forger=forger)
    world.trust = replace(TRUST, roots=(*TRUST.roots, *load_roots(forger.root.pem)))

    def notes() -> list[str]:
        return [found.detail for found in world.findings() if found.path == world.place(STAMP) and found.level != "ok"]

    assert [said in text for text in notes()] == [True] * bool(said)
    if said:
        renewed = Stamps(now - timedelta(days=5), FORGER)
        seal_captures(make_office(world.case, renewed), renew=True)
        assert notes() == []


def test_a_stamp_is_not_renewed_once_it_has_run_out(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    forger = make_forger(end=now - timedelta(days=5))
    world = make_sealed(tmp_path / "evidence", opened=None, stamped=now - timedelta(days=10), forger=forger)
    world.trust = replace(TRUST, roots=(*TRUST.roots, *load_roots(forger.root.pem)))
    seal_captures(make_office(world.case, Stamps(now - timedelta(days=1), FORGER)), renew=True)
    assert ("note", "time-stamp", world.place(STAMP)) in world.odd("note")
