"""Tables of rules are read as they say: the first that fits, arrays without gaps, and nothing where nothing is."""

from __future__ import annotations

from typing import Any

import pytest

from archiver.model import Fact
from archiver.platforms import document
from archiver.platforms.rules import Each, First, Rule, Rules, Within, as_tree, beyond, known, read

T = (Rule("/t", "/t"),)


def _read(rules: Rules, served: Any) -> tuple[dict[str, Any], list[str]]:
    found = list(read(rules, served, "urn:uuid:a"))
    facts = [item for item in found if isinstance(item, Fact)]
    return document.tree((fact.path, fact.value) for fact in facts), [item for item in found if isinstance(item, str)]


@pytest.mark.parametrize(
    ("served", "post", "failed"),
    [
        ({"a": "1", "b": "2"}, {"x": "1"}, []),
        ({"b": "2"}, {"x": "2"}, []),
        ({"a": None, "b": "2"}, {"x": "2"}, []),
        ({"a": 5, "b": "2"}, {"x": "2"}, ["/a"]),
        ({"a": 5, "b": []}, {}, ["/a", "/b"]),
        ({}, {}, []),
    ],
)
def test_of_several_rules_for_one_place_the_first_that_fits_counts(served: Any, post: Any, failed: list[str]) -> None:
    assert _read((Rule("/x", "/a"), Rule("/x", "/b")), served) == (post, failed)


def test_tables_for_one_path_continue_one_array_and_leave_no_gap() -> None:
    rules = (Each("/x", "/a", T), Each("/x", "/b", T, most=2), First("/x", ("/c", "/d", "/e"), T))
    served = {
        "a": [{"t": "1"}, {}, 7, {"t": "2"}],
        "b": [{"t": "3"}, {"t": "4"}, {"t": "5"}],
        "c": {"t": 5},
        "d": {"t": "6"},
        "e": {"t": "7"},
    }
    assert _read(rules, served) == ({"x": [{"t": text} for text in "12346"]}, ["/b/2", "/c/t"])


def test_rules_within_a_member_are_relative_to_it() -> None:
    rules = (Within("/outer", "/a", (*T, Within("/inner", "", (Rule("/u", "/u"),)))),)
    assert _read(rules, {"a": {"t": "1", "u": "2"}, "t": "3"})[0] == {"outer": {"t": "1", "inner": {"u": "2"}}}
    assert _read(rules, {"a": "t"}) == ({}, [])


def test_what_no_table_knows_is_listed_at_its_highest_place() -> None:
    rules = (Rule("/x", "/a"), Each("/y", "/b", T), First("/z", ("/c", "/d"), T), Within("/w", "/e", T))
    tree = as_tree((*known(rules), "/f/**", "/f/g"))
    served = {
        "a": "known",
        "b": [{"t": 1}, {"t": 1, "u/v": 2}, 3],
        "c": {"t": 1},
        "d": "word",
        "e": {"t": 1, "n": 5},
        "f": {"g": 1, "h": 2},
        "i": {},
        "j": {"k": 1},
    }
    assert list(beyond(served, tree)) == ["/b/1/u~1v", "/b/2", "/d", "/e/n", "/i", "/j"]
