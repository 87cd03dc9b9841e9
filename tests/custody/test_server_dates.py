"""A server's Date is read in the three forms of HTTP, by a rule that does not change with a library or the day."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archiver.custody.server_dates import server_date

STARTED = datetime(2026, 11, 23, 1, 35, 12, 500000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        ("Mon, 23 Nov 2026 01:35:13 GMT", 0),
        ("Mon, 23 Nov 2026 01:35:14 GMT", 2),
        ("Monday, 23-Nov-26 01:35:12 GMT", 0),
        ("Mon Nov 23 01:35:10 2026", -2),
        ("Sun Nov  1 01:35:12 2026", -22 * 86400),
    ],
)
def test_each_form_is_read_and_halves_go_to_the_even(date: str, seconds: int) -> None:
    found = server_date("urn:uuid:1", date, STARTED)
    assert found is not None
    assert (found.record, found.date, found.seconds) == ("urn:uuid:1", date, seconds)


@pytest.mark.parametrize(("year", "meant"), [("76", 2076), ("77", 1977), ("00", 2000)])
def test_a_year_of_two_digits_is_at_most_fifty_years_ahead(year: str, meant: int) -> None:
    found = server_date("", f"Monday, 23-Nov-{year} 01:35:12 GMT", STARTED)
    assert found is not None
    assert abs(found.seconds / 86400 / 365.25 - (meant - 2026)) < 0.1


@pytest.mark.parametrize(
    "date",
    [
        None,
        "",
        "Mon, 23 Nov 2026 01:35:13 +0000",
        "Mon, 23 Nov 2026 01:35:60 GMT",
        "Mon, 31 Feb 2026 01:35:13 GMT",
        "Mon, 23 Nov 0000 01:35:13 GMT",
        "Mon, 23 nov 2026 01:35:13 GMT",
        "Mon, ２３ Nov 2026 01:35:13 GMT",
        "Mon, 23 Nov 2026 01:35:13 GMT ",
        "23 Nov 2026 01:35:13 GMT",
    ],
)
def test_what_is_in_no_form_of_http_is_none(date: str | None) -> None:
    assert server_date("", date, STARTED) is None
