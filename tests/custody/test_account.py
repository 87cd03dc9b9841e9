"""What a manifest says is counted from what was recorded, and claims are compared without opinion."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archiver.custody.account import compare_claims, egress, server_dates, summarise
from archiver.custody.manifest import Input
from archiver.exchange_records import RecordedExchange
from archiver.model import Claim, Connection, Exchange, Fact, Place

NOON = datetime(2025, 3, 8, 12, 0, 0, tzinfo=UTC)


def fact(path: str, value: str) -> Fact:
    return Fact(path=path, value=value, record="urn:uuid:0", pointer="/x", transform="as-is/1")


def claimed(**values: str) -> Input:
    return Input(input="link", place=Place(kind="argument"), claim=Claim(**values))


def recorded(date: str = "", proxied: bool | None = None) -> RecordedExchange:
    connection = Connection(id="urn:uuid:1", opened=NOON, origin="x.com:443", address=None, proxied=bool(proxied))
    exchange = Exchange(
        purpose="syndication",
        method="GET",
        url="https://x.com/",
        started=NOON,
        ended=NOON,
        fields=(("Date", date),) if date else (),
        connection=None if proxied is None else connection,
    )
    return RecordedExchange(exchange=exchange, records=())


def test_claims_are_compared_once_each_and_authors_without_regard_to_case() -> None:
    facts = [fact("/author/handle", "Somebody"), fact("/created", "2025-03-08T09:00:00Z")]
    inputs = [claimed(handle="SOMEBODY", day="2025-03-08"), claimed(handle="other"), claimed(handle="other"), claimed()]
    found = {(item.what, item.claimed): (item.came, item.agrees) for item in compare_claims(inputs, facts, "")}
    assert found == {
        ("author", "SOMEBODY"): ("Somebody", True),
        ("author", "other"): ("Somebody", False),
        ("day", "2025-03-08"): ("2025-03-08", True),
    }


def test_nothing_is_compared_with_what_did_not_come() -> None:
    assert compare_claims([claimed(handle="somebody", day="2025-03-08")], [], "") == ()


def test_the_day_of_a_post_that_is_gone_is_the_one_in_its_id() -> None:
    (found,) = compare_claims([claimed(handle="somebody", day="2025-03-09")], [], "2025-03-08T09:12:44.123Z")
    assert (found.what, found.came, found.agrees) == ("day", "2025-03-08", False)


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        ("Sat, 08 Mar 2025 12:00:07 GMT", 7),
        ("Sat, 08 Mar 2025 11:00:00 GMT", -3600),
        ("Saturday, 08-Mar-25 12:00:00 GMT", 0),
    ],
)
def test_a_servers_date_stands_beside_the_local_clock(date: str, seconds: int) -> None:
    (found,) = server_dates([recorded(date)])
    assert (found.date, found.local, found.seconds) == (date, "2025-03-08T12:00:00.000000Z", seconds)


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Sat, 99 Mar 2025 12:00:00 GMT", "\x1b[2J", "Sat, 08 Mar 999999 12:00:00 GMT"]
)
def test_a_date_that_is_none_is_left_out(date: str) -> None:
    assert server_dates([recorded(date)]) == ()


@pytest.mark.parametrize(
    ("ways", "expected"),
    [([], "none"), ([None], "none"), ([True, None], "proxy"), ([False], "direct"), ([True, False], "mixed")],
)
def test_egress_is_what_the_connections_were(ways: list[bool | None], expected: str) -> None:
    assert egress([recorded(proxied=way) for way in ways]) == expected


def test_a_summary_has_what_there_is() -> None:
    facts = [
        fact("/text", "words"),
        fact("/media/0/kind", "photo"),
        fact("/media/1/kind", "video"),
        fact("/quoted/text", "no"),
    ]
    summary = summarise(facts)
    assert (summary.text, summary.media, summary.author) == ("words", 2, "")
