"""Days as X prints them, in the languages in which it prints them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.intake.dates import leading_day, parse_day


@pytest.mark.parametrize(
    "text",
    ["March 8, 2025", "8 March 2025", "Mar 8, 2025", "MARCH 8 2025", "10:15 PM · Mar 8, 2025", "2025-03-08",
    "2025-03-08T10:15:00.000Z",
     "2025年3月8日", "3月 8, 2025", "午後10:15 · 2025年3月8日", "2025년 3월 8일", "٨ مارس ٢٠٢٥", "8 مارس، 2025",
     "مارس 8, 2025", "8 آذار 2025",
     "\u200f٨ مارس ٢٠٢٥\u200f", "8 березня 2025 р.", "8 марта 2025 г.", "8 марта 2025", "8 mars 2025",
     "8. März 2025", "8 de marzo de 2025",
     "8 de março de 2025", "8 marzo 2025", "8 Mart 2025", "8 maart 2025", "8 marca 2025", "8 במרץ 2025",
     "۸ مارس ۲۰۲۵", "(March 8, 2025)",
     "Ma\u0308rz 8, 2025"],
)  # fmt: skip
def test_one_day_in_many_languages(text: str) -> None:
    assert parse_day(text) == "2025-03-08"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("كانون الثاني 8, 2025", "2025-01-08"),
        ("8 تشرين الثاني 2025", "2025-11-08"),
        ("31 décembre 2024", "2024-12-31"),
        ("1 ağustos 2024", "2024-08-01"),
        ("2 листопада 2024 р.", "2024-11-02"),
        ("29 février 2024", "2024-02-29"),
        ("5 mai 2021", "2021-05-05"),
    ],
)
def test_other_days(text: str, day: str) -> None:
    assert parse_day(text) == day


@pytest.mark.parametrize(
    "text",
    ["", "March", "March 8", "2025", "3/8/25", "08.03.2025", "March 8, 25", "February 30, 2025", "March 8 9, 2025",
    "March April 8, 2025",
     "on March 8, 2025", "March 8, 2025 in Homs", "8 März 20255", "月8 2025", "كانون 8, 2025",
     "March 8, 2025" + " " * 100 + "x"],
)  # fmt: skip
def test_what_is_no_one_day(text: str) -> None:
    assert parse_day(text) is None


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        (" March 8, 2025 Rising prices", " March 8, 2025"),
        (" March 8, 2025 10 people", " March 8, 2025"),
        (" [March 8, 2025](https://x.com)", " [March 8, 2025]"),
        (": 8 mars 2025", ": 8 mars 2025"),
    ],
)
def test_a_day_at_the_start_of_a_text(text: str, taken: str) -> None:
    assert leading_day(text) == ("2025-03-08", len(taken))


def test_no_day_at_the_start_of_a_text() -> None:
    assert leading_day("Rising prices, March 8, 2025") is None


@given(st.dates(), st.sampled_from(["%Y-%m-%d", "%B %d, %Y", "%d %b %Y"]))
def test_english_and_iso_days_are_read_back(day: object, pattern: str) -> None:
    written = day.strftime(pattern)  # type: ignore[attr-defined]
    year = f"{day.year:04d}"  # type: ignore[attr-defined]
    if year in written:
        assert parse_day(written) == str(day)


@given(st.text(alphabet=st.characters(categories=("N", "L", "P", "Z")), max_size=90))
def test_any_text_is_a_day_or_none(text: str) -> None:
    assert parse_day(text) is None or len(parse_day(text) or "") == 10
