"""JSON pointers as RFC 6901 has them, its own examples included."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import FormatError
from archiver.platforms.pointer import join, parse, resolve_pointer

_RFC = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, 'k"l': 6, " ": 7, "m~n": 8}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", _RFC),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/e^f", 3),
        ("/g|h", 4),
        ("/i\\j", 5),
        ('/k"l', 6),
        ("/ ", 7),
        ("/m~0n", 8),
    ],
)
def test_the_examples_of_the_standard(pointer: str, value: Any) -> None:
    assert resolve_pointer(_RFC, pointer) == value


@pytest.mark.parametrize(
    "pointer",
    [
        "foo",
        "/foo/2",
        "/foo/-",
        "/foo/00",
        "/foo/+1",
        "/foo/-1",
        "/foo/٠",
        "/bar",
        "/foo/0/0",
        "/m~n",
        "/~",
        "/foo/" + "9" * 5000,
    ],
)
def test_what_leads_nowhere_is_a_format_error(pointer: str) -> None:
    with pytest.raises(FormatError):
        resolve_pointer(_RFC, pointer)


@given(st.lists(st.text()))
def test_joined_steps_parse_to_themselves(steps: list[str]) -> None:
    pointer = ""
    for step in steps:
        pointer = join(pointer, step)
    assert parse(pointer) == tuple(steps)
