"""When a feed is asked again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.poll_schedule import (
    CHANGE_HISTORY,
    MAX_POLL_INTERVAL,
    MIN_POLL_INTERVAL,
    compute_poll_interval,
    is_dead,
    next_poll_after_failure,
    next_poll_after_success,
    parse_retry_after,
)

NOW = datetime(2026, 2, 5, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
spans = st.timedeltas(timedelta(), timedelta(days=60))


@given(st.lists(spans, max_size=40), spans, st.none() | st.integers(0, 10_080))
def test_a_feed_is_left_alone_for_five_minutes_at_least_and_a_day_at_most(
    ago: list[timedelta], since: timedelta, minutes: int | None
) -> None:
    wait = compute_poll_interval([NOW - each for each in ago], NOW - since, NOW, minutes)
    assert MIN_POLL_INTERVAL <= wait <= MAX_POLL_INTERVAL


@pytest.mark.parametrize(
    ("every", "least", "most"),
    [
        (timedelta(minutes=4), MIN_POLL_INTERVAL, MIN_POLL_INTERVAL),
        (HOUR, timedelta(minutes=20), timedelta(minutes=40)),
        (DAY / 2, 4 * HOUR, 8 * HOUR),
        (3 * DAY, DAY, DAY),
    ],
)
def test_a_feed_is_asked_about_twice_in_the_time_in_which_it_changes(
    every: timedelta, least: timedelta, most: timedelta
) -> None:
    changes = [NOW - n * every for n in range(1, 20) if n * every < CHANGE_HISTORY]
    assert least <= compute_poll_interval(changes, NOW - 60 * DAY, NOW) <= most


def test_a_feed_that_falls_silent_is_asked_more_and_more_rarely() -> None:
    busy = [NOW - n * HOUR / 4 for n in range(20)]
    waits = [
        compute_poll_interval(busy, NOW - 9 * DAY, NOW + after)
        for after in (HOUR, DAY, 3 * DAY, 14 * DAY)
    ]
    assert waits == sorted(waits)
    assert waits[0] < HOUR
    assert waits[-1] == DAY


def test_a_feed_that_wakes_up_is_asked_often_within_a_few_changes() -> None:
    woken = [NOW - n * HOUR / 2 for n in range(13)]
    assert compute_poll_interval(woken, NOW - 60 * DAY, NOW) < HOUR


def test_a_feed_that_says_how_long_it_stays_the_same_is_believed_up_to_an_hour() -> None:
    busy = [NOW - n * HOUR / 12 for n in range(20)]
    waits = [
        compute_poll_interval(busy, NOW - 9 * DAY, NOW, minutes)
        for minutes in (None, 30, 60, 1_440)
    ]
    assert waits == [MIN_POLL_INTERVAL, HOUR / 2, HOUR, HOUR]


@given(st.timedeltas(MIN_POLL_INTERVAL, MAX_POLL_INTERVAL), st.integers())
def test_a_feed_is_asked_a_little_later_than_planned_and_never_sooner(
    wait: timedelta, seed: int
) -> None:
    at = next_poll_after_success(NOW, wait, Random(seed))
    assert wait <= at - NOW <= min(wait * 1.2, MAX_POLL_INTERVAL)


@given(
    st.integers(1, 10_000),
    st.none() | st.timedeltas(timedelta(), timedelta(days=400)),
    st.integers(),
)
def test_the_wait_after_failures_doubles_up_to_a_day_and_is_never_shorter_than_told(
    failures: int, retry_after: timedelta | None, seed: int
) -> None:
    wait = next_poll_after_failure(NOW, failures, Random(seed), retry_after) - NOW
    usual = min(MIN_POLL_INTERVAL * 2 ** min(failures - 1, 12), MAX_POLL_INTERVAL)
    assert wait >= max(usual, min(retry_after or timedelta(), timedelta(days=7)))
    assert wait <= max(DAY, min(retry_after or timedelta(), timedelta(days=7)))


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("120", timedelta(minutes=2)),
        (" 0 ", timedelta()),
        (format_datetime(NOW + HOUR, usegmt=True), HOUR),
        (format_datetime(NOW - HOUR, usegmt=True), timedelta()),
        ("99999999", timedelta(days=7)),
        (None, None),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("٣٠", None),
        ("1" * 5_000, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(said: str | None, wait: timedelta | None) -> None:
    assert parse_retry_after(said, NOW) == wait


@given(st.text(max_size=60))
def test_no_retry_after_breaks_anything(said: str) -> None:
    wait = parse_retry_after(said, NOW)
    assert wait is None or timedelta() <= wait <= timedelta(days=7)


@pytest.mark.parametrize(
    ("since", "failures", "dead"),
    [(2 * DAY, 3, True), (2 * DAY, 2, False), (HOUR, 9, False), (None, 0, False)],
)
def test_a_feed_is_dead_after_a_day_of_several_failures(
    since: timedelta | None, failures: int, dead: bool
) -> None:
    assert is_dead(NOW - since if since else None, failures, NOW) is dead
