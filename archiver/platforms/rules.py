"""Tables of rules that take an answer to the normalised post, and what reads by them; they guess at nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from archiver.errors import FormatError
from archiver.model import Fact, Json
from archiver.platforms import transforms
from archiver.platforms.pointer import at, join, parse


class Rule(NamedTuple):
    """One place in the answer to one place in the post, both relative to what the rule is applied to.

    Where several rules of a table have one path, the first that fits takes it.

    Attributes:
        path: where the value goes, a JSON pointer.
        pointer: where it comes from, a JSON pointer.
        transform: name and version of the transformation.
        type: what the value has to be in the end.
        derived: made from values that have rules of their own, so that a failure is no further loss.
    """

    path: str
    pointer: str
    transform: str = "as-is/1"
    type: type = str
    derived: bool = False


class Each(NamedTuple):
    """Rules for the elements of an array, which make an array of the post, or continue one of the same path.

    Attributes:
        path: where the elements go, a JSON pointer.
        pointer: where the array is, a JSON pointer.
        rules: for each element, relative to it.
        most: how many elements are read; far more than any post has, and few enough for a forged one to cost little.
    """

    path: str
    pointer: str
    rules: Rules
    most: int = 500


class First(NamedTuple):
    """Rules for the first of several places that says something; it makes one element of an array of the post.

    Attributes:
        path: where the element goes: a JSON pointer of the array.
        pointers: the places, JSON pointers, the preferred one first.
        rules: for the place, relative to it.
    """

    path: str
    pointers: tuple[str, ...]
    rules: Rules


class Within(NamedTuple):
    """Rules for a member, relative to it; nothing is looked for where the member is not there.

    Attributes:
        path: where its values go, a JSON pointer.
        pointer: where the member is, a JSON pointer.
        rules: for the member.
    """

    path: str
    pointer: str
    rules: Rules


Rules = tuple[Rule | Each | First | Within, ...]
Known = dict[str, "Known"]
_REST: Final = "**"


def read(rules: Rules, served: Json, record: str, path: str = "", pointer: str = "") -> Iterator[Fact | str]:
    """Yield a fact for each rule that fits, and the pointer of each value that does not fit its rule.

    Args:
        rules: the table.
        served: the part of the decoded answer that the table is applied to.
        record: WARC-Record-ID of the answer.
        path: where in the post the table's values go.
        pointer: where in the answer `served` stands.
    """
    taken: set[str] = set()
    places: Counter[str] = Counter()
    for rule in rules:
        if isinstance(rule, Rule):
            if rule.path not in taken:
                found = tuple(_value(rule, served, record, path, pointer))
                taken.update(rule.path for item in found if isinstance(item, Fact))
                yield from found
        elif isinstance(rule, Within):
            member = at(served, rule.pointer)
            if member is not None:
                yield from read(rule.rules, member, record, path + rule.path, pointer + rule.pointer)
        else:
            for place, element in _elements(rule, served):
                to = f"{path}{rule.path}/{places[rule.path]}"
                found = tuple(read(rule.rules, element, record, to, pointer + place))
                yield from found
                # An element that says nothing takes no place, so that the array of facts has no gap.
                says_something = any(isinstance(item, Fact) for item in found)
                places[rule.path] += says_something
                if says_something and isinstance(rule, First):
                    break
            if isinstance(rule, Each) and len(_array(rule, served)) > rule.most:
                yield join(pointer + rule.pointer, rule.most)


def _value(rule: Rule, served: Json, record: str, path: str, pointer: str) -> Iterator[Fact | str]:
    value = at(served, rule.pointer)
    if value is None:
        return
    place = pointer + rule.pointer
    try:
        made = transforms.TRANSFORMS[rule.transform](value)
    except FormatError:
        made = None
    if made is not None and type(made) is rule.type:
        yield Fact(path=path + rule.path, value=made, record=record, pointer=place, transform=rule.transform)
    elif not rule.derived:
        yield place


def _elements(rule: Each | First, served: Json) -> Iterator[tuple[str, Json]]:
    """Yield the elements that a rule is about, each with its pointer inside what is read."""
    if isinstance(rule, First):
        yield from ((place, at(served, place)) for place in rule.pointers)
    else:
        items = _array(rule, served)[: rule.most]
        yield from ((join(rule.pointer, number), item) for number, item in enumerate(items))


def _array(rule: Each, served: Json) -> list[Json]:
    items = at(served, rule.pointer)
    return items if isinstance(items, list) else []


def known(rules: Rules, pointer: str = "") -> Iterator[str]:
    """Yield the pointers of everything that a table reads; "*" stands for any element of an array."""
    for rule in rules:
        if isinstance(rule, Each):
            yield from known(rule.rules, f"{pointer}{rule.pointer}/*")
        elif isinstance(rule, First):
            for place in rule.pointers:
                yield from known(rule.rules, pointer + place)
        elif isinstance(rule, Within):
            yield from known(rule.rules, pointer + rule.pointer)
        elif not rule.derived:
            yield pointer + rule.pointer


def as_tree(pointers: Iterable[str]) -> Known:
    """Return known pointers as the tree that `beyond` compares with; "**" stands for every other member."""
    root: Known = {}
    for pointer in pointers:
        place = root
        for step in parse(pointer):
            place = place.setdefault(step, {})
    return root


def beyond(value: Json, known: Known, pointer: str = "") -> Iterator[str]:
    """Yield the pointers of what is in no table, each at the highest place from which nothing is known."""
    if not known or value is None or value == {} or value == []:
        return
    if isinstance(value, dict) and "*" not in known:
        for name, member in value.items():
            if name in known and name != _REST:
                yield from beyond(member, known[name], join(pointer, name))
            elif _REST not in known:
                yield join(pointer, name)
    elif isinstance(value, list) and "*" in known:
        for number, item in enumerate(value):
            yield from beyond(item, known["*"], join(pointer, number))
    else:
        yield pointer
