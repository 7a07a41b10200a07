"""The source's own day and clock of a date that it gives in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.text.dates.days import to_source_local_time

at = datetime.fromisoformat
INSTANT = at("2023-11-09T04:30:20Z")


@pytest.mark.parametrize(
    ("instant", "shown", "own"),
    [
        (INSTANT, at("2023-11-08T23:30"), at("2023-11-08T23:30:20-05:00")),
        (INSTANT, at("2023-11-08T23:20-05:00"), at("2023-11-08T23:30:20-05:00")),
        (INSTANT, at("2023-11-08T23:37"), date(2023, 11, 8)),
        (INSTANT, date(2023, 11, 8), date(2023, 11, 8)),
        (INSTANT, date(2023, 11, 9), INSTANT),
        (INSTANT, at("2023-11-09T04:31Z"), INSTANT),
        (at("2023-11-09T12:30Z"), date(2023, 11, 8), at("2023-11-09T12:30Z")),
        (at("2018-05-04T00:30+02:00"), date(2018, 5, 3), at("2018-05-04T00:30+02:00")),
    ],
    ids=[
        "a time tells the zone",
        "a zone is stated",
        "another time tells the day",
        "a day",
        "the same day",
        "UTC is stated",
        "a day that it is nowhere",
        "an instant that is not in UTC",
    ],
)
def test_an_instant_is_in_the_clock_of_its_source(
    instant: datetime, shown: date | datetime, own: date | datetime
) -> None:
    assert str(to_source_local_time(instant, shown)) == str(own)


@settings(max_examples=50)
@given(
    st.datetimes(at("2000-01-01"), at("2030-01-01")).map(lambda value: value.replace(tzinfo=UTC)),
    st.integers(-48, 56),
)
def test_the_clock_of_every_time_zone_is_found(instant: datetime, quarter_hours: int) -> None:
    own = instant.astimezone(timezone(timedelta(minutes=15 * quarter_hours)))
    assert to_source_local_time(instant, own.replace(tzinfo=None)).isoformat() == own.isoformat()
