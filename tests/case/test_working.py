"""Private notes and tags: plain files that people edit by hand, and that change without losing anything."""

from __future__ import annotations

import json
import threading
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.case import working
from archiver.errors import UsageError

ONE, OTHER = "20261123T013512Z-k7f3q9", "20261123T013513Z-abc234"
NOW = datetime(2026, 11, 23, 1, 35, 12, tzinfo=UTC)


@pytest.fixture
def case(tmp_path):
    return tmp_path


@pytest.fixture
def by_hand(case):
    """Return a function that writes a file of `working/` as an editor would."""

    def write(name, data):
        (case / "working").mkdir(exist_ok=True)
        (case / "working" / name).write_bytes(data)

    return write


def lines(case, name):
    return (case / "working" / name).read_text(encoding="utf-8").splitlines()


def test_nothing_is_there_before_something_is_written(case):
    assert working.tags(case) == {}
    assert working.notes(case, ONE) == ()
    assert list(case.iterdir()) == []


def test_notes_stand_in_their_order_and_are_those_of_the_capture(case):
    working.add_note(case, ONE, "the first\nin two lines", NOW)
    working.add_note(case, OTHER, "of another", NOW)
    working.add_note(case, ONE, "المبنى نفسه", NOW)
    assert [note.note for note in working.notes(case, ONE)] == ["the first\nin two lines", "المبنى نفسه"]
    assert [note.at for note in working.notes(case, OTHER)] == ["2026-11-23T01:35:12.000000Z"]
    assert [json.loads(line)["capture"] for line in lines(case, "notes.jsonl")] == [ONE, OTHER, ONE]


def test_what_people_wrote_is_readable_in_the_file(case):
    working.add_note(case, ONE, "المبنى نفسه", NOW)
    working.change_tags(case, ONE, add=["харків"])
    assert "المبنى نفسه" in lines(case, "notes.jsonl")[0]
    assert "харків" in lines(case, "tags.jsonl")[0]


def test_tags_are_added_and_taken_away(case):
    assert working.change_tags(case, ONE, add=["b", "a"]) == ("a", "b")
    assert working.change_tags(case, OTHER, add=["a"]) == ("a",)
    assert working.change_tags(case, ONE, add=["c", "a"], remove=["b", "x"]) == ("a", "c")
    assert working.tags(case) == {ONE: ("a", "c"), OTHER: ("a",)}
    assert working.change_tags(case, ONE, remove=["a", "c"]) == ()
    assert working.tags(case) == {OTHER: ("a",)}
    assert len(lines(case, "tags.jsonl")) == 1


@pytest.mark.parametrize(
    "written",
    [
        b'{"capture":"%s","tags":["Port","night"]}',
        b'{"capture": "%s", "tags": "port Night"}\n',
        b'\xef\xbb\xbf\r\n{"tags":["port"],"capture":"%s"}\r\n\r\n{"capture":"%s","tags":["night", 7, null]}\r\n',
        b'not JSON\n{"capture":"%s","tags":["port night"],"why":"seen by hand"}\n[1]\n{"capture":7,"tags":["x"]}\n',
        b'{"capture":"%s","tags":["port","night","\\u0007","\\ud800"]}\n\xff\xfe\n' + b"[" * 5000,
    ],
    ids=["no last line end", "text", "Windows", "other lines", "no text"],
)
def test_tags_may_be_written_by_hand(case, by_hand, written):
    by_hand("tags.jsonl", written.replace(b"%s", ONE.encode()))
    assert working.tags(case) == {ONE: ("night", "port")}
    assert working.change_tags(case, ONE, add=["dusk"]) == ("dusk", "night", "port")
    assert working.tags(case) == {ONE: ("dusk", "night", "port")}


def test_what_somebody_else_wrote_stays_as_it_is(case, by_hand):
    theirs = b"# tags of the second week\n\xff\xfe no text\n" + f'{{"tags":["Z"],"capture":"{OTHER}"}}\n'.encode()
    by_hand("tags.jsonl", theirs + f'{{"capture":"{ONE}","tags":["a"],"why":"seen by hand"}}'.encode())
    working.change_tags(case, ONE, add=["b"])
    written = (case / "working/tags.jsonl").read_bytes()
    assert written.startswith(theirs)
    assert json.loads(written[len(theirs) :]) == {"capture": ONE, "tags": ["a", "b"], "why": "seen by hand"}
    working.change_tags(case, ONE, remove=["a", "b"])
    assert b"seen by hand" in (case / "working/tags.jsonl").read_bytes()


def test_a_note_is_added_to_a_file_that_was_edited(case, by_hand):
    by_hand("notes.jsonl", f'{{"capture":"{ONE}","note":"no time"}}\n{{"capture":"{ONE}"}}\nodd'.encode())
    working.add_note(case, ONE, "new", NOW)
    assert [(note.at[:4], note.note) for note in working.notes(case, ONE)] == [("", "no time"), ("2026", "new")]
    assert "odd" in lines(case, "notes.jsonl")


def test_a_change_that_changes_nothing_leaves_the_file_alone(case, by_hand):
    by_hand("tags.jsonl", f'{{"capture" : "{ONE}", "tags" : ["Port"]}}'.encode())
    before = (case / "working/tags.jsonl").read_bytes()
    working.change_tags(case, ONE, add=["port"], remove=["night"])
    assert (case / "working/tags.jsonl").read_bytes() == before


def test_side_by_side_nothing_is_lost(case):
    def write(name):
        for number in range(5):
            working.change_tags(case, f"{name}", add=[f"t{number}"])
            working.add_note(case, ONE, f"{name}.{number}", NOW)

    threads = [threading.Thread(target=write, args=(f"c{name}",)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert working.tags(case) == {f"c{name}": ("t0", "t1", "t2", "t3", "t4") for name in range(4)}
    assert len(working.notes(case, ONE)) == 20
    assert sorted(path.name for path in (case / "working").iterdir()) == ["notes.jsonl", "tags.jsonl"]
    assert not list((case / ".work").glob("*.jsonl.*"))


@pytest.mark.parametrize(
    ("one", "other"), [("Straße", "STRASSE"), ("e\u0301t\u00c9", "\u00e9te\u0301"), ("\u200fميناء\u200e", "ميناء")]
)
def test_ways_to_write_one_tag_are_one(one, other):
    assert working.tag_word(one) == working.tag_word(other)


@pytest.mark.parametrize(
    "text", ["", "two words", "a\u00a0b", "line\n", "\x1b[31m", "\u2028", "\ud800", "\u200e", "x" * 101]
)
def test_what_is_no_tag_is_refused(text):
    with pytest.raises(UsageError, match="tag"):
        working.tag_word(text)


@given(st.text(max_size=20))
def test_a_tag_has_one_form(text):
    try:
        word = working.tag_word(text)
    except UsageError:
        return
    assert working.tag_word(word) == word
    assert unicodedata.is_normalized("NFC", word)
    assert word.split() == [word]
