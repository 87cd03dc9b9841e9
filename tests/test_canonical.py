"""Canonical JSON: one form for each value, and nothing read that could be read in two ways."""

from __future__ import annotations

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver import canonical
from archiver.errors import FormatError

LEAVES = st.none() | st.booleans() | st.integers() | st.text(st.characters(codec=None, exclude_categories=()))
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)


@given(VALUES)
def test_what_is_written_reads_back_and_is_canonical(value):
    data = canonical.encode(value)
    assert canonical.decode(data) == value
    assert canonical.is_canonical(data, value)
    assert data.isascii()


@given(VALUES, st.sampled_from([{"indent": 1}, {"separators": (", ", ":")}, {"ensure_ascii": False}]))
def test_the_same_content_in_another_form_is_not_canonical(value, form):
    other = json.dumps(value, sort_keys=True, **({"separators": (",", ":")} | form)).encode("utf-8", "surrogatepass")
    same_bytes = other == canonical.encode(value)
    assert canonical.is_canonical(other, value) == same_bytes


@given(st.dictionaries(st.text(), st.integers(), min_size=2))
def test_the_order_in_which_keys_were_set_does_not_matter(value):
    assert canonical.encode(dict(reversed(value.items()))) == canonical.encode(value)


def test_the_form_is_the_one_that_the_format_describes():
    value = {"é": '\x7f\x00\n"\\/', "b": [1, -2, True, None], "𝄞": "𝄞", "B": {}}
    expected = rb'{"B":{},"b":[1,-2,true,null],"\u00e9":"\u007f\u0000\n\"\\/","\ud834\udd1e":"\ud834\udd1e"}'
    assert canonical.encode(value) == expected


def test_keys_are_sorted_by_code_point_and_not_by_utf16():
    assert canonical.encode({"𝄞": 1, "\uffee": 2}) == rb'{"\uffee":2,"\ud834\udd1e":1}'


@pytest.mark.parametrize("value", [1.0, {"a": [1.5]}, float("nan"), {1: 2}, {"a": {None: 1}}, {"a": b"x"}, {1, 2}])
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(FormatError):
        canonical.encode(value)


def test_numbers_and_depths_that_python_cannot_write_are_refused():
    with pytest.raises(FormatError):
        canonical.encode(10 ** (sys.get_int_max_str_digits() + 1))
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(FormatError):
        canonical.encode(deep)
    assert not canonical.is_canonical(b"[]", deep)


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":1}',
        b'{"a":{"b":1,"b":2}}',
        b"NaN",
        b"[Infinity]",
        b"-Infinity",
        b'"\xff"',
        b'\xef\xbb\xbf{"a":1}',
        b"{'a':1}",
        b"[1,]",
        b"",
        b"{} {}",
        b'"\n"',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"9" * (sys.get_int_max_str_digits() + 1),
    ],
    ids=lambda data: repr(data[:12]),
)
def test_ambiguous_or_broken_json_is_refused(data):
    with pytest.raises(FormatError):
        canonical.decode(data)


@pytest.mark.parametrize("data", [b"-0", b"1.0", b"1e3", b' {"a":1}', b'{"a":1}\n', b'{"b":1,"a":1}', rb'"\u0041"'])
def test_json_in_another_form_is_read_but_not_canonical(data):
    assert not canonical.is_canonical(data, canonical.decode(data))


@given(st.binary(max_size=40))
def test_bytes_are_read_or_refused_and_nothing_else(data):
    try:
        value = canonical.decode(data)
    except FormatError:
        return
    assert isinstance(canonical.is_canonical(data, value), bool)


def test_a_refusal_does_not_quote_what_it_refuses():
    with pytest.raises(FormatError) as refused:
        canonical.decode(b'{"password":"hunter2",}')
    assert "hunter2" not in str(refused.value)
