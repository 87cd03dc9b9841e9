"""Times on disk: one form, UTC, and never a guess."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver import times
from archiver.errors import FormatError

ZONES = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
LATE = datetime(2026, 11, 24, 1, 5, 6, 7, tzinfo=timezone(timedelta(hours=3)))
MOMENTS = st.builds(
    lambda zone, distance: LATE.astimezone(zone) + distance,
    ZONES,
    st.timedeltas(timedelta(days=-20_000), timedelta(days=1_000_000)),
)


@given(MOMENTS)
def test_a_time_of_any_zone_reads_back_as_the_same_moment(moment):
    text = times.to_warc_date(moment)
    assert times.parse(text) == moment
    assert times.parse(text).tzinfo == UTC
    assert len(text) == 27


def test_the_forms_are_in_utc_whatever_the_zone():
    assert times.to_warc_date(LATE) == "2026-11-23T22:05:06.000007Z"
    assert times.to_compact(LATE) == "20261123T220506Z"
    assert times.to_day(LATE) == "2026-11-23"


@pytest.mark.parametrize("write", [times.to_warc_date, times.to_compact, times.to_day])
def test_a_time_without_a_zone_is_refused(write):
    with pytest.raises(ValueError, match="without a zone"):
        write(LATE.replace(tzinfo=None))


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T01:35:12Z",
        "2026-11-23T01:35:12.123Z",
        "2026-11-23T01:35:12.1234567Z",
        "2026-11-23T01:35:12.123456+00:00",
        "2026-11-23T01:35:12.123456",
        "2026-11-23 01:35:12.123456Z",
        "2026-11-23T01:35:12.123456z",
        "2026-11-23T01:35:12.123456Z\n",
        "2026-13-23T01:35:12.123456Z",
        "2026-02-29T01:35:12.123456Z",
        "2026-11-23T24:00:00.000001Z",
        "2026-11-23T01:35:60.000000Z",
        "0000-11-23T01:35:12.123456Z",
        "٢٠٢٦-١١-٢٣T٠١:٣٥:١٢.١٢٣٤٥٦Z",
        "",
    ],
)
def test_any_other_form_is_refused(text):
    with pytest.raises(FormatError):
        times.parse(text)


@given(st.text(max_size=40))
def test_text_is_read_or_refused_and_nothing_else(text):
    with pytest.raises(FormatError):
        times.parse(text)
