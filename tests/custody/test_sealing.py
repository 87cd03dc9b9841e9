"""Seals and periods: what is listed and when, with authorities that answer, are late, or answer something else."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archiver.case import layout
from archiver.config import TimestampSettings
from archiver.custody import pending, seal, sealing, sshsig
from archiver.custody.period import Periods, limits
from archiver.custody.roots import load_roots
from archiver.errors import NetworkError

from .tsa_forger import Forger, make_forger

ONE, OTHER = "http://one.example/", "http://two.example/"
CAPTURE = "20261123T013512Z-k7f3q9"


def nonce_of(request: bytes) -> int:
    """The nonce stands last but one in a request, before the wish for certificates."""
    found = request.split(b"\x04\x20", 1)[1][32:]
    assert found[0] == 2
    return int.from_bytes(found[2 : 2 + found[1]], "big")


def imprint_of(request: bytes) -> bytes:
    return request.split(b"\x04\x20", 1)[1][:32]


class Authorities:
    """Stands for the network: every URL leads to one authority, unless it is told to do something else."""

    def __init__(self, forger: Forger) -> None:
        self.forger = forger
        self.asked: list[str] = []
        self.instead: dict[str, Callable[[bytes, float], bytes]] = {}

    def __call__(self, url: str, request: bytes, seconds: float) -> bytes:
        self.asked.append(url)
        if url in self.instead:
            return self.instead[url](request, seconds)
        return self.forger.reply(imprint_of(request), time=datetime.now(UTC), nonce=nonce_of(request))


@pytest.fixture(scope="module")
def forger() -> Forger:
    return make_forger()


@pytest.fixture
def authorities(forger: Forger) -> Authorities:
    return Authorities(forger)


@pytest.fixture
def office(bench: Any, authorities: Authorities) -> sealing.Office:
    return sealing.Office(
        case=bench.case,
        log=bench.log(),
        signer=bench.signer,
        authorities=(ONE, OTHER),
        roots=load_roots(authorities.forger.root.pem),
        ask=authorities,
    )


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def periods(office: sealing.Office, told: list[str]) -> Callable[..., Periods]:
    def make(**changes: Any) -> Periods:
        values = {"authorities": office.authorities} | changes
        clock = values.pop("clock", None)
        tell = values.pop("tell", told.append)
        settings = TimestampSettings(**values)
        return Periods(office, settings, tell, **({"clock": clock} if clock else {}))

    return make


def sealed_bag(case: Path, capture_id: str = CAPTURE) -> Path:
    folder = layout.capture_folder(case, capture_id)
    folder.mkdir(parents=True)
    (folder / layout.TAGMANIFEST).write_bytes(capture_id.encode())
    (folder / layout.SIGNATURE).write_bytes(b"signature")
    return folder


def events(bench: Any) -> list[tuple[str, str]]:
    return [(line["event"], line["what"].rpartition("/")[2]) for line in bench.only().lines]


def parsed(case: Path) -> Iterator[seal.Seal]:
    for path in sorted(case.glob("seals/*/SEAL")):
        yield seal.parse(path.read_bytes())


def test_a_seal_is_listed_signed_stamped_and_told_in_this_order(bench, office, authorities):
    name = office.seal(pending.unsealed(sealed_bag(bench.case.path).parents[2]))
    stamps = list(office.stamp(name, seal.SEAL, 5.0))
    folder = bench.case.path / "seals" / name
    data = (folder / "SEAL").read_bytes()
    assert sshsig.verify((folder / "SEAL.sig").read_bytes(), data, sshsig.SEAL) == bench.signer.key
    assert seal.parse(data).captures == (CAPTURE,)
    assert {stamp.path for stamp in stamps} == {f"seals/{name}/SEAL.{host}-example.tsr" for host in ("one", "two")}
    assert events(bench)[:3] == [("opened", ""), ("sealed", "SEAL"), ("signed", "SEAL.sig")]
    assert sorted(events(bench)[3:]) == [
        ("time-stamped", "SEAL.one-example.tsr"),
        ("time-stamped", "SEAL.two-example.tsr"),
    ]
    for line in bench.only().lines[1:]:
        assert line["sha256"] == hashlib.sha256((bench.case.path / line["what"]).read_bytes()).hexdigest()
    assert not pending.unsealed(bench.case.path)


def test_the_next_seal_names_the_one_before_and_the_log_as_it_was(bench, office):
    first, second = office.seal({}), office.seal({})
    found = dict(sealing.seals(bench.case.path))
    assert found[first].earlier == ()
    assert found[second].earlier == (first,)
    assert f"seals/{first}/SEAL.sig" in found[second].digests
    (log,) = found[second].logs
    line = bench.only().lines[log.sequence - 1]
    assert (line["event"], line["seq"]) == ("signed", log.sequence)


def test_a_renewal_lists_all_that_earlier_seals_consist_of(bench, office):
    first = office.seal({})
    assert len(list(office.stamp(first, seal.SEAL, 5.0))) == 2
    office.seal({})
    renewed = office.seal({}, renew=True)
    listed = dict(sealing.seals(bench.case.path))[renewed].digests
    assert {path for path in listed if first in path} == {
        f"seals/{first}/{name}" for name in ("SEAL", "SEAL.sig", "SEAL.one-example.tsr", "SEAL.two-example.tsr")
    }


def test_an_authority_that_has_stamped_is_not_asked_again(office, authorities):
    name = office.seal({})
    authorities.instead[OTHER] = refuse
    assert [bool(stamp.fault) for stamp in office.stamp(name, seal.SEAL, 5.0)] == [False, True]
    del authorities.instead[OTHER]
    authorities.asked.clear()
    assert [stamp.fault for stamp in office.stamp(name, seal.SEAL, 5.0)] == [""]
    assert authorities.asked == [OTHER]


def refuse(request: bytes, seconds: float) -> bytes:
    raise NetworkError("nobody is there")


@pytest.mark.parametrize("reply", [b"", b"rubbish", b"\x30\x03\x02\x01\x00"])
def test_a_reply_that_is_none_is_not_kept(bench, office, authorities, reply):
    authorities.instead = {url: lambda request, seconds: reply for url in (ONE, OTHER)}
    name = office.seal({})
    assert all(stamp.fault and not stamp.path for stamp in office.stamp(name, seal.SEAL, 5.0))
    assert not list(bench.case.path.glob("seals/*/*.tsr"))
    assert [event for event, _ in events(bench)] == ["opened", "sealed", "signed"]


def test_a_key_that_cannot_sign_leaves_no_seal(bench, office):
    failing = dataclasses.replace(office, signer=bench.failing(0))
    with pytest.raises(Exception, match="not at hand"):
        failing.seal({})
    assert not list(bench.case.path.glob("seals/*/*"))
    assert office.seal({})


def test_a_seal_without_signature_and_log_lines_is_completed_once(bench, office):
    name = office.seal({})
    other = "20261123T013512Z-aaaaaa"
    folder = bench.case.path / "seals" / other
    folder.mkdir()
    (folder / "SEAL").write_bytes((bench.case.path / "seals" / name / "SEAL").read_bytes())
    (folder / "SEAL.one-example.tsr").write_bytes(b"reply")
    for _ in range(2):
        pending.complete(office)
    assert (folder / "SEAL.sig").exists()
    told = [line["what"] for line in bench.only().lines if other in line["what"]]
    assert told == [f"seals/{other}/{file}" for file in ("SEAL", "SEAL.sig", "SEAL.one-example.tsr")]


def test_a_run_opens_with_a_stamp_that_its_manifests_name(bench, periods):
    with periods() as run:
        run.begin()
        opening = run.opening()
        run.made(CAPTURE, "a" * 64, "b" * 64)
    (found,) = parsed(bench.case.path)
    folder = bench.case.path / "seals" / opening.seal
    assert [reply.authority for reply in opening.replies] == ["one-example", "two-example"]
    for reply in opening.replies:
        path = folder / f"OPEN.{reply.authority}.tsr"
        assert hashlib.sha256(path.read_bytes()).hexdigest() == reply.sha256
        assert found.digests[f"seals/{opening.seal}/{path.name}"] == reply.sha256
    assert seal.is_open((folder / "OPEN").read_bytes())
    assert (folder / "SEAL").exists()


def test_an_opening_is_not_waited_for_longer_than_the_setting_says(bench, periods, authorities, told):
    late = threading.Event()

    def answer_late(request: bytes, seconds: float) -> bytes:
        assert late.wait(30)
        raise NetworkError("too late")

    authorities.instead = {ONE: answer_late, OTHER: answer_late}
    run = periods(open_seconds=0.05)
    run.begin()
    opening = run.opening()
    assert (opening.seal, opening.replies) == ("", ())
    late.set()
    run.made(CAPTURE, "a" * 64, "")
    run.close()
    assert len(list(parsed(bench.case.path))) == 1
    assert any("did not stamp the opening" in line for line in told)


def test_an_opening_of_one_authority_is_named_although_the_other_is_silent(periods, authorities):
    authorities.instead[OTHER] = refuse
    with periods() as run:
        assert [reply.authority for reply in run.opening().replies] == ["one-example"]


def test_a_run_in_which_nothing_happened_seals_nothing(bench, periods):
    with periods():
        pass
    assert not (bench.case.path / "seals").exists()


def test_a_failed_attempt_is_sealed_with_the_log(bench, periods):
    with periods() as run:
        run.failed()
    (found,) = parsed(bench.case.path)
    assert found.captures == ()


def test_a_run_is_sealed_midway_after_so_many_captures(bench, periods):
    with periods(every="2 captures") as run:
        for number in range(5):
            run.begin()
            run.made(f"20261123T01351{number}Z-k7f3q9", "a" * 64, "b" * 64)
    seals = list(parsed(bench.case.path))
    assert sorted(len(found.captures) for found in seals) == [1, 2, 2]
    assert sum(len(found.earlier) for found in seals) == 2


def test_a_run_is_sealed_midway_after_so_many_minutes(bench, periods):
    now = [0.0]
    with periods(every="15 minutes", clock=lambda: now[0]) as run:
        run.begin()
        run.made("20261123T013511Z-k7f3q9", "a" * 64, "b" * 64)
        now[0] = 901.0
        run.made("20261123T013512Z-k7f3q9", "a" * 64, "b" * 64)
        assert len(list(parsed(bench.case.path))) == 1


def test_a_user_is_told_what_is_waited_for(periods, authorities, told):
    waiting = threading.Event()

    def tell(text: str) -> None:
        told.append(text)
        if "waited for" in text:
            waiting.set()

    def answer_late(request: bytes, seconds: float) -> bytes:
        assert waiting.wait(30)
        raise NetworkError("too late")

    run = periods(tell=tell)
    run.made(CAPTURE, "a" * 64, "")
    authorities.instead = {ONE: answer_late}
    run.close()
    assert "30 seconds" in told[0]
    assert "too late" in told[1]
    assert not run.refused


def test_authorities_that_hang_hold_up_the_end_of_a_run_once(bench, periods, authorities, told):
    """However many seals a run made: what waits behind those that hang is left for later."""
    waiting = threading.Event()

    def tell(text: str) -> None:
        told.append(text)
        if "waited for" in text:
            waiting.set()

    def hang(request: bytes, seconds: float) -> bytes:
        assert waiting.wait(30)
        raise NetworkError("too late")

    authorities.instead = {ONE: hang, OTHER: hang}
    run = periods(every="1 captures", tell=tell)
    for number in range(6):
        run.made(f"20261123T01351{number}Z-k7f3q9", "a" * 64, "b" * 64)
    run.close()
    assert run.refused
    assert len(list(parsed(bench.case.path))) == 6
    # Two seals at once, and each with both authorities.
    assert len(authorities.asked) == 4
    assert told[-1] == "4 more seals of this run have no time-stamp yet: 'archiver seal' asks for them"


def test_what_cannot_be_sealed_is_told_with_what_to_do(bench, office, told):
    failing = dataclasses.replace(office, signer=bench.failing(0))
    with Periods(failing, TimestampSettings(), told.append) as run:
        run.made(CAPTURE, "a" * 64, "b" * 64)
    assert any("'archiver seal' does it later" in line for line in told)


def test_a_disk_that_is_full_costs_the_seal_and_not_the_run(bench, office, told):
    """The captures are there already, and say so; only what would be written after them is not."""
    with Periods(office, TimestampSettings(authorities=office.authorities), told.append) as run:
        run.begin()
        run.opening()
        shutil.rmtree(bench.case.path / "seals")
        (bench.case.path / "seals").write_bytes(b"in the way")
        run.made(CAPTURE, "a" * 64, "b" * 64)
    assert any(line.startswith("this run is not sealed: ") and "archiver seal" in line for line in told)


def test_without_authorities_a_run_is_sealed_and_not_stamped(bench, office, told):
    with Periods(dataclasses.replace(office, authorities=()), TimestampSettings(), told.append) as run:
        run.begin()
        assert run.opening().seal == ""
        run.made(CAPTURE, "a" * 64, "b" * 64)
    (folder,) = bench.case.path.glob("seals/*")
    assert sorted(path.name for path in folder.iterdir()) == ["SEAL", "SEAL.sig"]
    assert told == []


@pytest.mark.parametrize(
    ("every", "found"),
    [
        ("15 minutes or 1000 captures", (900.0, 1000.0)),
        ("1000 captures or 15 minutes", (900.0, 1000.0)),
        ("1 minutes", (60.0, float("inf"))),
        ("7 captures", (float("inf"), 7.0)),
    ],
)
def test_every_says_when(every, found):
    assert limits(every) == found


def test_events_behind_the_last_seal_are_due_and_those_of_sealing_are_not(bench, office):
    assert pending.seal_due(office, {}) == ""
    office.log.append("noted", capture=CAPTURE, text={"note": "seen"})
    name = pending.seal_due(office, {})
    assert dict(sealing.seals(bench.case.path))[name].captures == ()
    assert list(office.stamp(name, seal.SEAL, 5.0))
    assert pending.seal_due(office, {}) == ""
