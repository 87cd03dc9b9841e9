"""A museum of broken packages: one defect each, with the finding that it has to give, before and after taking over."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from archiver import canonical
from archiver.case import layout
from archiver.custody import chain, sshsig, transfer
from archiver.hashing import sha256_hex
from archiver.verify import Tally, verify
from archiver.verify.findings import below
from archiver.verify.handover import read_document
from archiver.verify.packages import findings_of_package
from archiver.verify.places import OnDisk, Spot
from archiver.verify.tree import Entry, Kind
from archiver.verify.zips import Zip

from .builder import make_capture, make_case
from .forgery import swap
from .handover import FORGER, TRUST, export, files, list_anew, make_sealed, sign_anew, take_over
from .installation import BEGAN, OTHER, SIGNER, Stamps, make_office, seal_captures, write_head
from .packages import pack

TRANSFER, SIG = layout.TRANSFER, layout.TRANSFER_SIGNATURE
Made = Callable[[Path, "Sample"], object]


class Sample(NamedTuple):
    """A case with two captures, and packages of it that nobody changes: of the first, of both, of another case."""

    case: Path
    one: Path
    both: Path
    foreign: Path
    place: str
    other: str
    seal: str
    writer: str


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    folder = tmp_path_factory.mktemp("packages")
    case, first, second = make_sealed(folder)
    one, both = export(case, folder / "one", first), export(case, folder / "both", first, second)
    elsewhere = make_case(folder / "elsewhere", title="Another")
    stranger = make_capture(elsewhere, "x7f3q9", seconds=5)
    seal_captures(make_office(elsewhere, Stamps(BEGAN, FORGER)), stranger)
    (seal,) = (one / "seals").iterdir()
    (log,) = (one / "custody").glob("*.jsonl")
    foreign = export(elsewhere, folder / "foreign", stranger)
    places = [bag.relative_to(case).as_posix() for bag in (first, second)]
    return Sample(case, one, both, foreign, *places, seal.relative_to(one).as_posix(), log.stem)


@pytest.fixture
def package(sample: Sample, tmp_path: Path) -> Path:
    """A package of one of two captures, for one test."""
    shutil.copytree(sample.one, tmp_path / "package")
    return tmp_path / "package"


@pytest.fixture
def received(sample: Sample, tmp_path: Path) -> Path:
    """A case of somebody else, who took that package over: the folder in which it stands."""
    return take_over(tmp_path / "theirs", sample.one)


def findings(path: Path, *levels: str) -> set[tuple[str, str]]:
    found = list(verify(path, TRUST))
    assert all(char.isprintable() for item in found for char in item.path + item.detail)
    return {(item.check, item.path) for item in found if item.level in levels}


def failures(path: Path) -> set[tuple[str, str]]:
    return findings(path, "failure")


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def sole(package: Path, pattern: str) -> Path:
    (found,) = package.glob(pattern)
    return found


# Sound ones.


def test_a_package_is_intact_and_its_capture_signed_and_stamped(package: Path, tmp_path: Path) -> None:
    for path in (package, pack(package, tmp_path / "package.zip")):
        tally = Tally("timestamped")
        odd = [item for item in tally.watch(verify(path, TRUST)) if item.level != "ok"]
        assert [(item.level, item.check) for item in odd] == [("note", "redacted"), ("note", "text")]
        assert (tally.exit_code, tally.captures) == (0, 1)


def test_it_is_told_who_handed_over_what_to_whom(package: Path) -> None:
    (told,) = [item for item in verify(package, TRUST) if (item.check, item.path) == ("transfer", TRANSFER)]
    assert "Chambers of A. Roe, on USB stick 7: 1 capture" in told.detail


def test_the_zip_gives_the_findings_of_the_folder(package: Path, sample: Sample, tmp_path: Path) -> None:
    flip(package / sample.place / layout.POST_HTML)
    (package / "notes.txt").write_bytes(b"x")
    found = [item for item in verify(pack(package, tmp_path / "package.zip"), TRUST) if item.check != "package"]
    assert found == list(verify(package, TRUST))
    assert {("transfer", "notes.txt"), ("transfer", f"{sample.place}/{layout.POST_HTML}")} <= failures(package)


def test_that_the_log_went_on_at_home_is_nothing_against_a_package(package: Path, sample: Sample) -> None:
    *_, later = chain.parse_head((sample.both / f"custody/{sample.writer}.head").read_bytes())
    trust = replace(TRUST, remembered=(later,))
    assert {item.check for item in verify(package, trust) if item.level in ("failure", "warning")} == set()


def test_what_was_received_is_verified_with_the_case(received: Path) -> None:
    tally = Tally("timestamped")
    found = list(tally.watch(verify(received.parents[1], TRUST)))
    assert {item.check for item in found if item.level == "failure"} == set()
    assert (tally.exit_code, tally.captures) == (0, 1)
    receipt = next(item for item in found if item.check == "receipt")
    assert (receipt.level, receipt.path) == ("ok", f"received/{received.name}/RECEIPT.json")


def test_a_capture_in_a_package_is_verified_as_part_of_it(package: Path, sample: Sample) -> None:
    assert findings(package / sample.place, "failure", "warning") == set()
    flip(package / sample.seal / "SEAL.sig")
    assert ("transfer", f"../../../{sample.seal}/SEAL.sig") in failures(package / sample.place)


def test_of_other_captures_nothing_is_read_then(sample: Sample, tmp_path: Path) -> None:
    both = Path(shutil.copytree(sample.both, tmp_path / "both"))
    flip(both / sample.other / layout.WARC)
    assert failures(both / sample.place) == set()
    assert failures(both / sample.other) != set()


# Members, one after another.


def test_every_member_flipped_removed_renamed(package: Path) -> None:
    for path in files(package):
        expected = {TRANSFER: ("transfer", TRANSFER), SIG: ("signature", SIG)}.get(path, ("transfer", path))
        before = (package / path).read_bytes()
        flip(package / path)
        assert expected in failures(package), path
        (package / path).unlink()
        removed = failures(package)
        assert expected in removed if path != TRANSFER else removed, path
        (package / f"{path}x").write_bytes(before)
        renamed = failures(package)
        assert {expected, ("transfer", f"{path}x")} <= renamed if path != TRANSFER else renamed, path
        (package / f"{path}x").unlink()
        (package / path).write_bytes(before)
    assert failures(package) == set()


@pytest.mark.parametrize(
    "path", ["x", "captures/x", "seals/x", "custody/x", "working/x", ".work/x", "received/x", "bagit.txt"]
)
def test_a_member_added(package: Path, path: str) -> None:
    (package / path).parent.mkdir(exist_ok=True)
    (package / path).write_bytes(b"x")
    strange = {"working", ".work", "received"} & {path.split("/")[0]}
    assert ("transfer", strange.pop() if strange else path) in failures(package)


def test_an_empty_folder_and_a_link_added(package: Path, sample: Sample) -> None:
    (package / "working").mkdir()
    (package / sample.place / "data/media/02.jpg").symlink_to("01.jpg")
    assert {("transfer", "working"), ("transfer", f"{sample.place}/data/media/02.jpg")} <= failures(package)


def test_a_link_in_place_of_a_member(package: Path, tmp_path: Path) -> None:
    (package / "case.json").rename(tmp_path / "aside")
    (package / "case.json").symlink_to(tmp_path / "aside")
    assert ("transfer", "case.json") in failures(package)


def test_what_an_operating_system_drops_is_a_note(package: Path, sample: Sample) -> None:
    for folder in ("", "custody", sample.place):
        (package / folder / ".DS_Store").write_bytes(b"x")
    assert failures(package) == set()


# What a forger does, who signs anew what he made: with the sender's key unless it says otherwise.


def resigned_by_another(package: Path, sample: Sample) -> None:
    sign_anew(package, signer=OTHER)


def signed_for_another_use(package: Path, sample: Sample) -> None:
    (package / SIG).write_bytes(SIGNER.sign((package / TRANSFER).read_bytes(), sshsig.SEAL))


def unsigned_with_a_signature(package: Path, sample: Sample) -> None:
    sign_anew(package, lambda said: said.update(by=""))


def junk_behind_the_signature(package: Path, sample: Sample) -> None:
    (package / SIG).write_bytes((package / SIG).read_bytes() + b"\n")


def edited(field: str, value: Any) -> Made:
    """Edit `transfer.json`, and leave the signature as it is."""

    def do(package: Path, sample: Sample) -> None:
        signature = (package / SIG).read_bytes()
        sign_anew(package, lambda said: said.update({field: value}))
        (package / SIG).write_bytes(signature)

    return do


def resigned(change: Callable[[Any], object]) -> Made:
    return lambda package, sample: sign_anew(package, change)


def another_seal(package: Path, sample: Sample) -> None:
    """Put the seal of another case, which the same key signed, in place of the one that went."""
    for path in (sole(sample.foreign, "seals/*")).iterdir():
        if path.name.startswith("SEAL"):
            shutil.copy(path, package / sample.seal)
    list_anew(package)


def another_log(package: Path, sample: Sample) -> None:
    shutil.rmtree(package / "custody")
    shutil.copytree(sample.foreign / "custody", package / "custody")
    segments = canonical.decode((sample.foreign / TRANSFER).read_bytes())["logs"]
    list_anew(package, lambda said: said.update(logs=segments))


def another_capture(package: Path, sample: Sample) -> None:
    """Put a capture of another case in place of the one that went."""
    shutil.rmtree(package / "captures")
    shutil.copytree(sample.foreign / "captures", package / "captures")
    captures = canonical.decode((sample.foreign / TRANSFER).read_bytes())["captures"]
    list_anew(package, lambda said: said.update(captures=captures))


def one_more_capture(package: Path, sample: Sample) -> None:
    shutil.copytree(sample.both / sample.other, package / sample.other)
    list_anew(package, lambda said: said["captures"].append(Path(sample.other).name))


def unlisted_capture(package: Path, sample: Sample) -> None:
    shutil.copytree(sample.both / sample.other, package / sample.other)


def lines(package: Path) -> list[bytes]:
    return sole(package, "custody/*.jsonl").read_bytes().splitlines(keepends=True)


def cut_in_front(package: Path, sample: Sample) -> None:
    first, *rest = lines(package)
    sole(package, "custody/*.jsonl").write_bytes(b"".join(rest))

    def move_on(said: Any) -> None:
        said["logs"][0]["first"] += 1
        said["logs"][0]["offset"] += len(first)

    list_anew(package, move_on)


def cut_in_front_and_no_word_of_it(package: Path, sample: Sample) -> None:
    sole(package, "custody/*.jsonl").write_bytes(b"".join(lines(package)[1:]))
    list_anew(package)


def cut_at_the_end(package: Path, sample: Sample) -> None:
    """Cut the log before the line up to which it was sealed, and sign a head for what is left."""
    kept = lines(package)[:3]
    (segment,) = canonical.decode((package / TRANSFER).read_bytes())["logs"]
    sole(package, "custody/*.jsonl").write_bytes(b"".join(kept))
    last = chain.parse_line(kept[-1][:-1])
    length = segment["offset"] + sum(map(len, kept))
    write_head(
        package,
        chain.Head(digest=sha256_hex(kept[-1][:-1]), length=length, sequence=last.seq, writer=sample.writer),
    )
    list_anew(package)


def head_of_another_package(package: Path, sample: Sample) -> None:
    """The head of a package that was made later: as good a signature, over a line that did not go with this one."""
    shutil.copy(sample.both / f"custody/{sample.writer}.head", package / "custody")
    list_anew(package)


def another_offset(package: Path, sample: Sample) -> None:
    sign_anew(package, lambda said: said["logs"][0].update(offset=said["logs"][0]["offset"] + 1))


def other_words(package: Path, sample: Sample) -> None:
    path = sole(package, "custody/*.texts")
    path.write_bytes(path.read_bytes().replace(b"a note on", b"no note on"))
    list_anew(package)


def no_words(package: Path, sample: Sample) -> None:
    sole(package, "custody/*.texts").unlink()
    list_anew(package)


CAPTURE, SEAL = "{place}", "{seal}/SEAL"
LINES, HEAD, WORDS = "custody/{writer}.jsonl", "custody/{writer}.head", "custody/{writer}.texts"
EXHIBITS: dict[str, tuple[Made, str, str]] = {
    "recipient edited": (edited("to", "Somebody else"), "signature", SIG),
    "signer edited": (edited("by", OTHER.key.fingerprint), "signature", SIG),
    "signed by another key": (resigned_by_another, "signature", SIG),
    "signed for another use": (signed_for_another_use, "signature", SIG),
    "said to be unsigned, and signed": (unsigned_with_a_signature, "signature", SIG),
    "junk behind the signature": (junk_behind_the_signature, "signature", SIG),
    "of another case": (
        resigned(lambda said: said["case"].update(id="urn:uuid:00000000-0000-4000-8000-000000000000")),
        "transfer",
        TRANSFER,
    ),
    "a file taken off the list": (resigned(lambda said: said["files"].pop(0)), "transfer", "allowed_signers"),
    "another digest on the list": (
        resigned(lambda said: said["files"][0].update(sha256="0" * 64)),
        "transfer",
        "allowed_signers",
    ),
    "another size on the list": (
        resigned(lambda said: said["files"][0].update(bytes=1)),
        "transfer",
        "allowed_signers",
    ),
    "a path on the list that leads out": (
        resigned(lambda said: said["files"].insert(0, said["files"][0] | {"path": "../x"})),
        "transfer",
        TRANSFER,
    ),
    "no log on the list": (resigned(lambda said: said.update(logs=[])), "transfer", TRANSFER),
    "seal of another case": (another_seal, "seal", SEAL),
    "log of another case": (another_log, "added", CAPTURE),
    "capture of another case": (another_capture, "case", "captures/{foreign}/data/custody-manifest.json"),
    "one more capture": (one_more_capture, "text", WORDS),
    "one more capture, unlisted": (unlisted_capture, "transfer", "{other}"),
    "log cut in front": (cut_in_front, "story", CAPTURE),
    "log cut in front, list as before": (cut_in_front_and_no_word_of_it, "log", LINES),
    "log cut at the end": (cut_at_the_end, "log", LINES),
    "head of another package": (head_of_another_package, "log", LINES),
    "log with another offset": (another_offset, "log", LINES),
    "words of the log edited": (other_words, "text", WORDS),
    "words of the log removed": (no_words, "text", WORDS),
}


@pytest.mark.parametrize("name", EXHIBITS)
def test_a_defect_gives_its_finding(name: str, package: Path, sample: Sample) -> None:
    defect, check, path = EXHIBITS[name]
    defect(package, sample)
    strange = sole(sample.foreign, "captures/*/*").relative_to(sample.foreign / "captures").as_posix()
    assert (check, path.format(**sample._asdict() | {"foreign": strange})) in failures(package)


def test_handed_on_by_somebody_else_it_is_intact_and_the_signer_is_told(package: Path) -> None:
    sign_anew(package, lambda said: said.update(by=OTHER.key.fingerprint), OTHER)
    assert findings(package, "failure", "warning") == {("trust", SIG)}


def test_unsigned_it_is_intact_and_that_is_told(package: Path) -> None:
    sign_anew(package, lambda said: said.update(by=""), None)
    assert findings(package, "failure", "warning") == {("signature", TRANSFER)}


def test_a_damaged_list_does_not_keep_the_captures_from_being_checked(package: Path, sample: Sample) -> None:
    (package / TRANSFER).write_bytes(b"{}")
    assert failures(package) == {("transfer", TRANSFER)}
    assert ("transfer", f"../../../{TRANSFER}") in failures(package / sample.place)
    flip(package / sample.place / layout.POST_HTML)
    assert ("file", f"{sample.place}/{layout.POST_HTML}") in failures(package)


# Taken over.


def receipt_resigned(signer: Any, **changes: Any) -> Callable[[Path], None]:
    def do(received: Path) -> None:
        path = received / transfer.RECEIPT
        data = canonical.encode(canonical.decode(path.read_bytes()) | changes)
        path.write_bytes(data)
        (received / transfer.RECEIPT_SIGNATURE).write_bytes(signer.sign(data, sshsig.RECEIPT))

    return do


def transfer_exchanged(received: Path) -> None:
    """Put in another list, in order in itself, after the package was taken over."""
    sign_anew(received / "package", lambda said: said.update(to="Somebody else"))


RECEIVED: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "receipt edited": (
        lambda folder: swap("RECEIPT.json", b'"verdict":"intact"', b'"verdict":"intaxt"')(folder),
        "signature",
        "RECEIPT.json.sig",
    ),
    "receipt not in its form": (
        lambda folder: (folder / "RECEIPT.json").write_bytes(b"{}"),
        "receipt",
        "RECEIPT.json",
    ),
    "receipt removed": (lambda folder: (folder / "RECEIPT.json").unlink(), "missing", "RECEIPT.json"),
    "signature flipped": (lambda folder: flip(folder / "RECEIPT.json.sig"), "signature", "RECEIPT.json.sig"),
    "signature removed": (lambda folder: (folder / "RECEIPT.json.sig").unlink(), "signature", "RECEIPT.json.sig"),
    "receipt signed by another key": (receipt_resigned(SIGNER), "signature", "RECEIPT.json.sig"),
    "receipt made by somebody else": (
        receipt_resigned(SIGNER, by=SIGNER.key.fingerprint),
        "signature",
        "RECEIPT.json",
    ),
    "receipt for another transfer": (receipt_resigned(OTHER, transfer="0" * 64), "receipt", "RECEIPT.json"),
    "receipt from another sender": (
        receipt_resigned(OTHER, sender=OTHER.key.fingerprint),
        "receipt",
        "RECEIPT.json",
    ),
    "file beside the receipt": (lambda folder: (folder / "x").write_bytes(b"x"), "added", "x"),
    "folder beside the receipt": (lambda folder: (folder / "x").mkdir(), "added", "x"),
    "package removed": (lambda folder: shutil.rmtree(folder / "package"), "missing", "package"),
    "all of it removed": (shutil.rmtree, "missing", f"package/{TRANSFER}"),
    "list exchanged": (transfer_exchanged, "transfer", f"package/{TRANSFER}"),
    "list removed": (lambda folder: (folder / "package" / TRANSFER).unlink(), "missing", f"package/{TRANSFER}"),
    "case.json flipped": (
        lambda folder: flip(folder / "package/case.json"),
        "transfer",
        "package/case.json",
    ),
    "file in the package": (
        lambda folder: (folder / "package/x").write_bytes(b"x"),
        "transfer",
        "package/x",
    ),
}


@pytest.mark.parametrize("name", RECEIVED)
def test_what_is_done_to_what_was_received_gives_its_finding(name: str, received: Path) -> None:
    defect, check, path = RECEIVED[name]
    defect(received)
    assert (check, f"received/{received.name}/{path}") in failures(received.parents[1])


def test_every_file_of_what_was_received_flipped(received: Path) -> None:
    case = received.parents[1]
    for path in files(received):
        before = (received / path).read_bytes()
        flip(received / path)
        assert any(item.startswith(f"received/{received.name}/") for _, item in failures(case)), path
        (received / path).write_bytes(before)
    assert failures(case) == set()


def test_what_no_log_tells_of_was_put_there_or_interrupted(received: Path, sample: Sample, tmp_path: Path) -> None:
    other = take_over(tmp_path / "others", sample.both)
    shutil.copytree(other, received.parent / other.name)
    path = f"received/{other.name}"
    assert ("interrupted", path) in findings(received.parents[1], "warning")
    assert failures(received.parents[1]) == set()


def test_an_unsigned_installation_takes_over_unsigned(sample: Sample, tmp_path: Path) -> None:
    case = take_over(tmp_path / "unsigned", sample.one, None).parents[1]
    assert failures(case) == set()
    notes = [item for item in verify(case, TRUST) if (item.level, item.check) == ("note", "signature")]
    assert [item.path.rpartition("/")[2] for item in notes] == ["RECEIPT.json"]


def test_what_is_found_of_a_package_is_told_below_it(received: Path) -> None:
    alone = list(verify(received / "package", TRUST))
    top = f"received/{received.name}/package"
    assert {below(top, item) for item in alone} <= set(verify(received.parents[1], TRUST))


class Counting(Spot):
    """A place that counts how often each file below it is opened."""

    def __init__(self, spot: Spot, path: str, opened: Counter[str]) -> None:
        self.spot, self.path, self.opened = spot, path, opened

    @property
    def name(self) -> str:
        return self.spot.name

    def __truediv__(self, path: str) -> Counting:
        return Counting(self.spot / path, f"{self.path}/{path}".lstrip("/"), self.opened)

    def kind(self) -> Kind:
        return self.spot.kind()

    def size(self) -> int:
        return self.spot.size()

    def entries(self) -> tuple[Entry, ...] | None:
        return self.spot.entries()

    def read_with(self, read: Callable[[Any, int], Any]) -> Any:
        self.opened[self.path] += 1
        return self.spot.read_with(read)


def test_each_file_is_read_once(package: Path, tmp_path: Path) -> None:
    for top in (OnDisk(package), Zip(pack(package, tmp_path / "package.zip")).root):
        opened: Counter[str] = Counter()
        counting = Counting(top, "", opened)
        assert not any(item.level == "failure" for item in findings_of_package(counting, read_document(counting)))
        # Whether a run is appending to a log is told by its head, before and after.
        assert {path for path, count in opened.items() if count != 1} == {f"custody/{sole_log(package)}.head"}
        assert set(files(package)) == set(opened)


def sole_log(package: Path) -> str:
    return sole(package, "custody/*.jsonl").stem
