"""The rules for a card as GraphQL serves it: a list of values, each with its name; it makes tables, and no facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from archiver.model import Json
from archiver.platforms.rules import First, Rule, Rules
from archiver.platforms.x_card import CARD, POLL
from archiver.platforms.x_graphql_lookup import elements, text

CARD_HOME: Final = "/card/legacy"
"""Where a post has its card."""
# A card of cards: text that is itself JSON, into which no pointer leads.
_OPAQUE: Final = ("unified_card",)


def card_rules(post: Json) -> tuple[Rules, Rules]:
    """Return the rules for the card of a post and for the poll in it, with pointers relative to the card."""
    numbers: dict[str, int] = {}
    for number, (_, item) in enumerate(elements(post, f"{CARD_HOME}/binding_values")):
        numbers.setdefault(text(item, "/key"), number)
    poll = (rule._replace(pointer=f"/binding_values{rule.pointer}") for rule in POLL if isinstance(rule, Rule))
    return tuple(_placed(CARD, numbers)), tuple(_placed(tuple(poll), numbers))


def opaque(post: Json) -> Iterator[str]:
    """Yield the pointers of those values of a post's card that no rule can lead into."""
    for pointer, item in elements(post, f"{CARD_HOME}/binding_values"):
        if text(item, "/key") in _OPAQUE:
            yield f"{pointer}/value"


def _placed(rules: Rules, numbers: Mapping[str, int]) -> Iterator[Rule | First]:
    for rule in rules:
        if isinstance(rule, Rule) and (pointer := _place(rule.pointer, numbers)) is not None:
            yield rule._replace(pointer=pointer)
        elif isinstance(rule, First):
            pointers = tuple(pointer for place in rule.pointers if (pointer := _place(place, numbers)) is not None)
            yield rule._replace(pointers=pointers)


def _place(pointer: str, numbers: Mapping[str, int]) -> str | None:
    """Return where a value stands in the list that the tables, made for the other service, look up by its name."""
    _, home, *steps = pointer.split("/")
    if home != "binding_values":
        return pointer
    number = numbers.get(steps[0])
    return None if number is None else "/".join(("", home, str(number), "value", *steps[1:]))
