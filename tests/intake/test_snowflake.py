"""Which ids can be a post, and when they were given out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import FormatError
from archiver.intake.snowflake import snowflake_time

EPOCH_MS = 1288834974657
FIRST = datetime(2010, 11, 4, 22, tzinfo=UTC)


def id_at(moment: datetime) -> str:
    milliseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    return str(milliseconds - EPOCH_MS << 22)


@given(st.datetimes(min_value=FIRST.replace(tzinfo=None), max_value=datetime(2079, 1, 1)))  # noqa: DTZ001
def test_the_time_in_an_id_is_the_millisecond_at_which_it_was_given_out(naive: datetime) -> None:
    moment = naive.replace(tzinfo=UTC, microsecond=naive.microsecond // 1000 * 1000)
    assert snowflake_time(id_at(moment), now=moment) == moment


@pytest.mark.parametrize("id", ["1", "20", "30000000000"])
def test_sequential_ids_have_no_time(id: str) -> None:
    assert snowflake_time(id) is None


def test_the_clock_may_be_a_minute_behind_and_no_more() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    ahead = now + timedelta(seconds=60)
    assert snowflake_time(id_at(ahead), now=now) == ahead
    with pytest.raises(FormatError, match="future"):
        snowflake_time(id_at(ahead + timedelta(milliseconds=1)), now=now)


@pytest.mark.parametrize(
    "id",
    ["", "0", "-1", "+1", "01", " 1", "1\n", "1.0", "1e3", "1_000", "\u0661", "abc",
    "1" * 20, "9" * 10_000, "30000000001",
     "200000000000000", "9223372036854775808", "9999999999999999999"],
)  # fmt: skip
def test_what_no_post_can_have_is_refused(id: str) -> None:
    with pytest.raises(FormatError):
        snowflake_time(id, now=datetime(2100, 1, 1, tzinfo=UTC))


def test_the_machines_clock_is_the_default() -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    with pytest.raises(FormatError, match="future"):
        snowflake_time(id_at(tomorrow))
