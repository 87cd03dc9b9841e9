"""post.json is built from facts, and a change to any part of it is found when its origins are followed."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver import canonical
from archiver.errors import FormatError
from archiver.model import Fact
from archiver.platforms import document

RECORD = "urn:uuid:a"
ANSWER = {"id": "7", "n": 3, "yes": True, "one": 1, "list": [{"t": "a"}, {"t": "b/~"}], "link": "&lt;"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=15,
)


def _fact(path: str, value: Any, pointer: str, transform: str = "as-is/1") -> Fact:
    return Fact(path=path, value=value, record=RECORD, pointer=pointer, transform=transform)


FACTS = (
    _fact("/id", "7", "/id", "id/1"),
    _fact("/counts/n", 3, "/n"),
    _fact("/yes", True, "/yes"),
    _fact("/items/0/t", "a", "/list/0/t"),
    _fact("/items/1/t", "b/~", "/list/1/t"),
    _fact("/link", "<", "/link", "x-unescape/1"),
)
FILES = (document.PostFile(path="media/01.jpg", role="photo", index=1, media_type="image/jpeg"),)


def _built() -> dict[str, Any]:
    return document.build(FACTS, platform="x", id="7", not_understood=[(RECORD, "/one")], files=FILES)


def _kinds(changed: Any, payloads: dict[str, Any] | None = None) -> set[str]:
    return {found.kind for found in document.check(changed, {RECORD: ANSWER} if payloads is None else payloads)}


def test_facts_become_a_tree_whatever_their_order() -> None:
    built = _built()
    assert built["post"] == {
        "id": "7",
        "counts": {"n": 3},
        "yes": True,
        "items": [{"t": "a"}, {"t": "b/~"}],
        "link": "<",
    }
    assert built["origins"]["/link"] == {"record": RECORD, "pointer": "/link", "transform": "x-unescape/1"}
    assert built == document.build(
        reversed(FACTS), platform="x", id="7", not_understood=[(RECORD, "/one")] * 2, files=FILES
    )


def test_a_file_says_whose_media_it_is() -> None:
    quoted = document.PostFile(
        path="media/01-quoted-captions.vtt", role="captions", index=1, media_type="text/vtt", context="quoted"
    )
    built = document.build(FACTS, platform="x", id="7", files=[*FILES, quoted])
    assert [file["context"] for file in built["files"]] == ["quoted", "post"]
    assert list(document.check(built, {RECORD: ANSWER})) == []


def test_an_array_may_have_more_than_ten_elements() -> None:
    facts = [_fact(f"/a/{number}", number, f"/{number}") for number in range(12)]
    assert document.build(facts, platform="x", id="7")["post"] == {"a": list(range(12))}


@pytest.mark.parametrize(
    "paths",
    [
        ("/a", "/a"),
        ("/a", "/a/b"),
        ("/a/b", "/a"),
        ("/a/0", "/a/2"),
        ("/a/1",),
        ("/a/0", "/a/b"),
        ("",),
        ("a",),
        ("/a~2",),
        ("/a" * 40,),
        ("/" + "a" * 300,),
    ],
)
def test_facts_that_do_not_make_a_tree_are_refused(paths: tuple[str, ...]) -> None:
    with pytest.raises(FormatError):
        document.build([_fact(path, "v", "/id") for path in paths], platform="x", id="7")


def test_an_untouched_document_is_borne_out() -> None:
    stored = canonical.decode(document.as_bytes(_built()))
    assert list(document.check(stored, {RECORD: ANSWER})) == []
    assert list(document.check(stored, {RECORD: json.dumps(ANSWER).encode()})) == []
    assert list(document.check(document.build((), platform="x", id="7"), {})) == []


def _change(path: list[Any], value: Any) -> Callable[[Any], None]:
    def change(built: Any) -> None:
        for step in path[:-1]:
            built = built[step]
        if value is KeyError:
            del built[path[-1]]
        else:
            built[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (_change(["post", "link"], ">"), "differs"),
        (_change(["post", "yes"], 1), "differs"),
        (_change(["post", "counts", "n"], "3"), "differs"),
        (_change(["origins", "/yes", "pointer"], "/one"), "differs"),
        (_change(["origins", "/link", "pointer"], "/gone"), "differs"),
        (_change(["origins", "/link", "pointer"], "gone"), "differs"),
        (_change(["id"], "8"), "differs"),
        (_change(["post", "added"], "words"), "no-origin"),
        (_change(["post", "added"], {}), "no-origin"),
        (_change(["post", "items", 0, "more"], None), "no-origin"),
        (_change(["post", "link"], KeyError), "no-leaf"),
        (_change(["origins", "/link"], KeyError), "no-origin"),
        (_change(["origins", "/link", "record"], "urn:uuid:other"), "no-record"),
        (_change(["not_understood", 0, "record"], "urn:uuid:other"), "no-record"),
        (_change(["post", "items"], {"0": {"t": "a"}, "1": {"t": "b/~"}}), "malformed"),
        (_change(["caption"], "words"), "malformed"),
        (_change(["files", 0, "path"], "../evil.jpg"), "malformed"),
        (_change(["files", 0, "index"], True), "malformed"),
        (_change(["files", 0, "context"], "article"), "malformed"),
        (_change(["files", 0, "context"], KeyError), "malformed"),
        (_change(["origins", "/link", "note"], "words"), "malformed"),
        (_change(["origins"], []), "malformed"),
        (_change(["post"], []), "malformed"),
        (_change(["platform"], None), "malformed"),
        (_change(["format"], 1), "malformed"),
        (_change(["post", "x" * 300], 1), "malformed"),
    ],
)
def test_every_change_is_found(change: Callable[[Any], None], kind: str) -> None:
    changed = copy.deepcopy(_built())
    change(changed)
    found = list(document.check(changed, {RECORD: ANSWER}))
    assert kind in {mismatch.kind for mismatch in found}
    assert all(mismatch.checked for mismatch in found)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (_change(["origins", "/link", "transform"], "x-unescape/9"), "unknown-transform"),
        (_change(["format"], "archiver-post/9"), "unknown-format"),
    ],
)
def test_what_a_later_version_made_is_unchecked_not_wrong(change: Callable[[Any], None], kind: str) -> None:
    changed = copy.deepcopy(_built())
    change(changed)
    assert [(found.kind, found.checked) for found in document.check(changed, {RECORD: ANSWER})] == [(kind, False)]


def test_an_answer_that_is_not_json_bears_nothing_out() -> None:
    assert _kinds(_built(), {RECORD: b"<html>"}) == {"unreadable"}
    assert _kinds(_built(), {RECORD: b"[" * 100_000}) == {"unreadable"}
    assert _kinds(_built(), {}) == {"no-record"}


def test_depth_is_bounded() -> None:
    deep: Any = "v"
    for _ in range(900):
        deep = {"a": deep}
    built = _built()
    built["post"] = deep
    assert _kinds(built) == {"malformed"}
    with pytest.raises(FormatError):
        list(document.leaves(deep))


@settings(max_examples=60, deadline=None)
@given(JSON, st.sampled_from(["post", "origins", "not_understood", "files", "id", "platform", "format"]))
def test_an_arbitrary_document_is_judged_without_a_crash(value: Any, name: str) -> None:
    built = _built()
    built[name] = value
    list(document.check(built, {RECORD: ANSWER}))
    list(document.check(value, {RECORD: value}))


@given(JSON)
def test_leaves_cover_the_tree(tree: Any) -> None:
    for pointer, value in document.leaves(tree):
        assert document.transforms.resolve_pointer(tree, pointer) is value
