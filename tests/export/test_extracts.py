"""What goes along of the logs: enough to follow the chain to its signed end, and no word about other captures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archiver.custody import sshsig
from archiver.custody.chain import follow, parse_head, parse_text
from archiver.custody.desk import Desk
from archiver.errors import FormatError
from archiver.export.extracts import Extract, extracts, members_of

ONE, OTHER = "20261123T013512Z-k7f3q9", "20261123T013513Z-m2x8pd"


@pytest.fixture
def desk(desk_of) -> Desk:
    """An installation whose log tells first of one capture, then of another, then of both."""
    opened: Desk = desk_of()
    opened.log.append("failed", what="unreachable", text={"inputs": ["planted-input"]})
    opened.log.append("started", capture=OTHER, sha256="1" * 64)
    opened.log.append("noted", capture=OTHER, text={"note": "planted-note-before"})
    opened.log.append("started", capture=ONE, sha256="2" * 64)
    opened.log.append("noted", capture=ONE, text={"note": "ours to tell"})
    opened.log.append("noted", capture=OTHER, text={"note": "planted-note-after"})
    opened.log.append("acquired", capture=ONE, sha256="3" * 64, what="captured")
    return opened


def only(case: Path, *captures: str) -> Extract:
    (extract,) = extracts(case, captures)
    return extract


def files(case: Path, extract: Extract) -> dict[str, bytes]:
    return {Path(member.path).suffix: b"".join(member.blocks()) for member in members_of(case, extract)}


def test_the_lines_go_from_the_first_about_the_capture_to_the_signed_end(desk):
    extract = only(desk.case.path, ONE)
    found = files(desk.case.path, extract)
    segment = extract.segment
    lines = found[".jsonl"].splitlines(keepends=True)
    links = list(follow(lines, segment.writer, first=segment.first, offset=segment.offset))
    assert [(link.line.event, link.line.capture) for link in links] == [
        ("started", ONE),
        ("noted", ONE),
        ("noted", OTHER),
        ("acquired", ONE),
    ]
    armour, signed, head = parse_head(found[".head"])
    assert sshsig.verify(armour, signed, sshsig.LOG) == desk.signer.key == extract.key
    assert (head.sequence, head.digest, head.length) == (links[-1].line.seq, links[-1].digest, links[-1].end)


def test_only_the_words_of_that_capture_go(desk):
    found = files(desk.case.path, only(desk.case.path, ONE))
    assert [parse_text(line).text for line in found[".texts"].splitlines()] == [{"note": "ours to tell"}]
    assert b"planted" not in b"".join(found.values())


def test_of_several_captures_the_words_of_all_go_and_those_of_none_stay(desk):
    found = files(desk.case.path, only(desk.case.path, ONE, OTHER))
    notes = [json.loads(line)["text"]["note"] for line in found[".texts"].splitlines()]
    assert notes == ["planted-note-before", "ours to tell", "planted-note-after"]
    assert b"planted-input" not in found[".texts"]


def test_a_log_without_words_about_the_capture_has_no_file_of_them(desk):
    third = "20261123T013514Z-aaaaaa"
    desk.log.append("started", capture=third, sha256="4" * 64)
    assert set(files(desk.case.path, only(desk.case.path, third))) == {".jsonl", ".head"}


def test_a_log_that_does_not_tell_of_the_capture_stays_even_if_it_is_damaged(desk, desk_of):
    other = desk_of("theirs", case="ours-case")
    other.log.append("noted", capture=OTHER, text={"note": "theirs"})
    path = desk.case.path / f"custody/{other.log.writer}.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"seq":1', b'"seq":7'))
    assert only(desk.case.path, ONE).segment.writer == desk.log.writer


def test_every_log_that_tells_of_the_capture_goes(desk, desk_of):
    desk_of("theirs", case="ours-case").log.append("noted", capture=ONE, text={"note": "theirs"})
    assert len(tuple(extracts(desk.case.path, [ONE]))) == 2


def test_what_is_appended_afterwards_does_not_go(desk):
    extract = only(desk.case.path, ONE)
    before = files(desk.case.path, extract)
    desk.log.append("noted", capture=ONE, text={"note": "later"})
    assert files(desk.case.path, extract) == before


def test_a_line_that_is_just_being_appended_does_not_go(desk):
    path = desk.case.path / f"custody/{desk.log.writer}.jsonl"
    before = files(desk.case.path, only(desk.case.path, ONE))
    with path.open("ab") as file:
        file.write(b'{"_prev":"')
    assert files(desk.case.path, only(desk.case.path, ONE)) == before


@pytest.mark.parametrize(
    ("suffix", "old", "new"),
    [
        (".jsonl", b'"event":"acquired"', b'"event":"failed"'),
        (".jsonl", b'"what":"captured"', b'"what":"Captured"'),
        (".head", b'"sequence":8', b'"sequence":9'),
        (".head", b"BEGIN SSH", b"begin SSH"),
        (".texts", b"ours to tell", b"ours to sell"),
    ],
)
def test_a_log_that_is_damaged_where_it_goes_is_refused(desk, suffix, old, new):
    path = desk.case.path / f"custody/{desk.log.writer}{suffix}"
    assert old in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(old, new))
    with pytest.raises(FormatError):
        files(desk.case.path, only(desk.case.path, ONE))


@pytest.mark.parametrize("suffix", [".head", ".texts"])
def test_a_log_that_lacks_a_file_is_refused(desk, suffix):
    (desk.case.path / f"custody/{desk.log.writer}{suffix}").unlink()
    with pytest.raises(FormatError):
        files(desk.case.path, only(desk.case.path, ONE))


def test_an_unsigned_log_goes_without_a_signature(desk_of):
    desk = desk_of("plain", unsigned=True)
    desk.log.append("started", capture=ONE, sha256="2" * 64)
    extract = only(desk.case.path, ONE)
    assert extract.key is None
    assert extract.head.count(b"\n") == 1
