"""Numbers of articles by week, month or year."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from index.research.period_counts import PeriodUnit, count_by_period

DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))


def test_a_short_range_is_counted_by_week_a_longer_one_by_month_and_the_longest_by_year() -> None:
    first = date(2026, 1, 7)
    for last, unit in (
        (date(2026, 6, 30), PeriodUnit.WEEK),
        (date(2030, 12, 31), PeriodUnit.MONTH),
        (date(2031, 1, 1), PeriodUnit.YEAR),
    ):
        assert count_by_period({first: 1, last: 2}).unit is unit


def test_a_period_without_articles_is_counted_as_none() -> None:
    counts = count_by_period({date(2026, 1, 7): 1, date(2026, 1, 8): 1, date(2026, 1, 21): 3})
    assert [tuple(count) for count in counts.counts] == [
        (date(2026, 1, 5), 2),
        (date(2026, 1, 12), 0),
        (date(2026, 1, 19), 3),
    ]


@given(st.dictionaries(DAYS, st.integers(1, 9), max_size=9))
def test_every_article_is_counted_once_in_periods_that_follow_one_another(
    articles_by_day: dict[date, int],
) -> None:
    counts = count_by_period(articles_by_day).counts
    assert sum(count.article_count for count in counts) == sum(articles_by_day.values())
    starts = [count.start for count in counts]
    assert starts == sorted(set(starts))
