"""The custody log as text: one encoding for each line, head and text, and a chain that breaks visibly."""

from __future__ import annotations

import hashlib
import io
import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from archiver.custody.chain import (
    EVENTS,
    MAX_LINE,
    MAX_TAILS,
    ZERO,
    ChainFault,
    Head,
    Line,
    Tail,
    Text,
    follow,
    head_bytes,
    line_bytes,
    parse_head,
    parse_line,
    parse_tails,
    parse_text,
    pieces,
    signed_bytes,
    tails_text,
    text_bytes,
)
from archiver.errors import FormatError

AT = "2026-11-23T01:35:12.123456Z"
DIGEST = "ab" * 32
LINE = Line(
    at=AT,
    capture="20261123T013512Z-k7f3q9",
    details=DIGEST,
    event="failed",
    prev="cd" * 32,
    seq=7,
    sha256=DIGEST,
    what="refused",
    writer="k7f3q9ab",
)
TEXT = Text(salt="0f" * 16, seq=7, text={"words": "Þetta er ekki til", "tried": ("one", "two")})
HEAD = Head(digest=DIGEST, length=900, sequence=7, writer="k7f3q9ab")
ARMOUR = b"-----BEGIN SSH SIGNATURE-----\nU1NI\n-----END SSH SIGNATURE-----\n"

digests = st.text("0123456789abcdef", min_size=64, max_size=64)
lines = st.builds(
    Line,
    at=st.just(AT),
    capture=st.sampled_from(["", LINE.capture]),
    details=st.one_of(st.just(""), digests),
    event=st.sampled_from(sorted(EVENTS - {"opened"})),
    prev=digests.filter(lambda digest: digest != ZERO),
    seq=st.integers(2, 10**15 - 1),
    sha256=st.one_of(st.just(""), digests),
    what=st.text(string.ascii_letters + string.digits + " /.:-_\"'\\~", max_size=80),
    writer=st.text(string.ascii_lowercase + string.digits, min_size=8, max_size=8),
)


def chained(count: int, writer: str = "k7f3q9ab") -> list[bytes]:
    made: list[bytes] = []
    prev = ZERO
    for number in range(1, count + 1):
        event = "opened" if number == 1 else "noted"
        raw = line_bytes(Line(at=AT, event=event, prev=prev, seq=number, writer=writer))
        prev = hashlib.sha256(raw).hexdigest()
        made.append(raw + b"\n")
    return made


def test_a_line_has_exactly_these_keys_and_begins_with_the_line_before():
    data = line_bytes(LINE)
    assert data.startswith(b'{"_prev":"cdcd')
    assert list(json.loads(data)) == [
        "_prev",
        "at",
        "capture",
        "details",
        "event",
        "seq",
        "sha256",
        "what",
        "writer",
    ]


@given(lines)
def test_every_line_reads_back_from_its_one_form(line):
    assert parse_line(line_bytes(line)) == line


@given(st.dictionaries(st.text(), st.one_of(st.text(), st.lists(st.text()).map(tuple))), st.integers(1, 10**15 - 1))
def test_all_words_read_back_from_their_one_form(words, number):
    text = Text(salt="0f" * 16, seq=number, text=words)
    data = text_bytes(text)
    assert data.isascii()
    assert b"\n" not in data
    assert parse_text(data) == text


@pytest.mark.parametrize(
    "changes",
    [
        {"at": "2026-11-23T01:35:12Z"},
        {"at": "2026-13-23T01:35:12.123456Z"},
        {"capture": "20261123T013512Z"},
        {"capture": "../../../etc"},
        {"details": DIGEST.upper()},
        {"details": DIGEST[:-1]},
        {"event": "deleted"},
        {"event": "opened"},
        {"prev": ""},
        {"prev": ZERO},
        {"seq": 0},
        {"seq": -1},
        {"seq": 1},
        {"seq": 10**15},
        {"seq": True},
        {"sha256": "x"},
        {"what": "two\nlines"},
        {"what": "\x1b[2J"},
        {"what": "ö"},
        {"what": "x" * MAX_LINE},
        {"writer": "K7F3Q9AB"},
        {"writer": "k7f3q9a"},
        {"writer": "../../ab"},
    ],
)
def test_a_value_that_its_field_may_not_hold_is_refused(changes):
    with pytest.raises(FormatError):
        parse_line(line_bytes(replace(LINE, **changes)))


@pytest.mark.parametrize(
    "what",
    [
        "k7f3q9ab:7",
        f"k7f3q9ab:0:{DIGEST}",
        f"k7f3q9ab:07:{DIGEST}",
        f" k7f3q9ab:7:{DIGEST}",
        f"k7f3q9ab:7:{DIGEST}  k7f3q9ac:7:{DIGEST}",
        f"k7f3q9ab:7:{DIGEST} k7f3q9ab:7:{DIGEST}",
        " ".join(f"k7f3q9ab:{number}:{DIGEST}" for number in range(1, MAX_TAILS + 2)),
    ],
)
def test_a_first_line_names_tails_or_nothing(what):
    first = replace(LINE, seq=1, prev=ZERO, event="opened", what="")
    assert parse_line(line_bytes(first)) == first
    with pytest.raises(FormatError):
        parse_line(line_bytes(replace(first, what=what)))
    with pytest.raises(FormatError):
        parse_tails(what)


def test_tails_are_named_each_once_and_read_back():
    one, other = (Tail(writer=name * 8, sequence=12, digest=DIGEST) for name in "ab")
    assert tails_text([one, other, one]) == f"aaaaaaaa:12:{DIGEST} bbbbbbbb:12:{DIGEST}"
    assert parse_tails(tails_text([one, other])) == (one, other)
    assert parse_tails("") == ()


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data + b" ",
        lambda data: data + b"\n",
        lambda data: data.replace(b":", b": ", 1),
        lambda data: data.replace(b'"seq":7', b'"seq":7.0'),
        lambda data: data.replace(b'"seq":7', b'"seq":"7"'),
        lambda data: data.replace(b'"seq":7', b'"seq":7,"seq":7'),
        lambda data: data.replace(b'"seq":7', b'"seq":' + b"7" * 5000),
        lambda data: data.replace(b'"seq":7', b'"seq":7,"zzz":""'),
        lambda data: data.replace(b'"what":"refused",', b""),
        lambda data: data.replace(b"refused", b"re\\u0066used"),
        lambda data: data.replace(b"refused", b"re\xffused"),
        lambda data: data.replace(b"refused", b"re\\ud800used"),
        lambda data: data.replace(b"refused", b"re\\u0000used"),
        lambda data: data.replace(b'"refused"', b"[" * 10_000),
    ],
)
def test_a_line_in_any_other_form_is_refused(change):
    data = line_bytes(LINE)
    assert change(data) != data
    with pytest.raises(FormatError):
        parse_line(change(data))


@pytest.mark.parametrize(
    ("parse", "data", "write"),
    [
        (parse_line, line_bytes(LINE), line_bytes),
        (parse_text, text_bytes(TEXT), text_bytes),
        (parse_head, head_bytes(b"", HEAD), lambda found: head_bytes(found[0], found[2])),
    ],
)
def test_no_two_forms_read_as_the_same(parse, data, write):
    """Every bit flipped: what is still read is exactly what would be written of it."""
    read = 0
    for position in range(len(data) * 8):
        changed = bytearray(data)
        changed[position // 8] ^= 1 << position % 8
        try:
            found = parse(bytes(changed))
        except FormatError:
            continue
        read += 1
        assert write(found) == bytes(changed)
    assert 0 < read < len(data) * 8


@given(st.binary(max_size=300))
def test_whatever_comes_is_read_or_refused(data):
    for parse in (parse_line, parse_text, parse_head):
        for given_bytes in (data, data + b"\n", b"[" * 5000 + data):
            with pytest.raises(FormatError):
                parse(given_bytes)


def test_a_head_is_the_armour_and_the_line_that_is_signed():
    data = head_bytes(ARMOUR, HEAD)
    assert data == ARMOUR + signed_bytes(HEAD)
    assert parse_head(data) == (ARMOUR, signed_bytes(HEAD), HEAD)
    assert parse_head(signed_bytes(HEAD)) == (b"", signed_bytes(HEAD), HEAD)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[:-1],
        lambda data: data + b"\n",
        lambda data: b"\n" + data,
        lambda data: data.replace(b"-----END SSH SIGNATURE-----\n", b""),
        lambda data: data.replace(b"BEGIN", b"begin"),
        lambda data: data.replace(b"END SSH SIGNATURE-----\n", b"END SSH SIGNATURE-----\njunk\n"),
        lambda data: data.replace(b'"length":900', b'"length":0'),
        lambda data: data.replace(b'"sequence":7', b'"sequence":0'),
        lambda data: data.replace(b"k7f3q9ab", b"../../ab"),
        lambda data: data.replace(b"U1NI", b"A" * 40_000),
    ],
)
def test_a_head_in_any_other_form_is_refused(change):
    data = head_bytes(ARMOUR, HEAD)
    assert change(data) != data
    with pytest.raises(FormatError):
        parse_head(change(data))


def test_a_whole_log_is_followed_to_its_end():
    raw = chained(4)
    links = list(follow(pieces(io.BytesIO(b"".join(raw))), "k7f3q9ab"))
    assert [link.line.seq for link in links] == [1, 2, 3, 4]
    assert links[-1].end == sum(map(len, raw))
    assert links[-1].digest == hashlib.sha256(raw[-1][:-1]).hexdigest()


def test_a_run_of_lines_is_followed_from_where_it_begins():
    raw = chained(6)
    before = sum(map(len, raw[:2]))
    links = list(follow(raw[2:5], "k7f3q9ab", first=3, offset=before))
    assert [(link.line.seq, link.end) for link in links][-1] == (5, sum(map(len, raw[:5])))
    with pytest.raises(ChainFault):
        list(follow(raw[2:5], "k7f3q9ab"))


def edited(raw: list[bytes]) -> list[bytes]:
    return [*raw[:1], raw[1].replace(b'"noted"', b'"failed"'), *raw[2:]]


@pytest.mark.parametrize(
    ("change", "reason", "held"),
    [
        (lambda raw: [*raw[:3], raw[3][:-1]], "torn", 3),
        (lambda raw: [*raw[:3], b""], "torn", 3),
        (lambda raw: [*raw[:3], b"\0" * 50 + b"\n"], "form", 3),
        (lambda raw: [*raw[:3], b"\n"], "form", 3),
        (lambda raw: [raw[0], b"x" * (MAX_LINE + 1), *raw[1:]], "form", 1),
        (lambda raw: raw[1:], "sequence", 0),
        (lambda raw: [raw[0], raw[2], raw[1], raw[3]], "sequence", 1),
        (lambda raw: [*raw[:2], raw[1], *raw[2:]], "sequence", 2),
        (lambda raw: [*raw[:2], raw[3]], "sequence", 2),
        (edited, "link", 2),
        (lambda raw: [raw[0], *chained(4, "aaaaaaaa")[1:]], "writer", 1),
    ],
)
def test_a_broken_chain_is_followed_to_the_break(change, reason, held):
    found = []
    with pytest.raises(ChainFault, match="k7f3q9ab") as caught:
        found.extend(link.line.seq for link in follow(change(chained(4)), "k7f3q9ab"))
    assert (caught.value.reason, len(found)) == (reason, held)


def test_a_line_without_end_is_read_in_pieces():
    stream = io.BytesIO(b"x" * (3 * MAX_LINE) + b"\nshort\n")
    found = list(pieces(stream))
    assert max(map(len, found)) == MAX_LINE + 1
    assert found[-1] == b"short\n"
