"""Count dated articles by week, month or year (pure functions)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

MAX_WEEKS, MAX_MONTHS = 26, 60
"""A longer range is counted by the next longer unit."""


class PeriodUnit(StrEnum):
    """The length of the periods in which articles are counted."""

    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class PeriodCount(NamedTuple):
    """A period, by its first day, and the number of articles published in it."""

    start: date
    article_count: int


class PeriodCounts(NamedTuple):
    """The articles of each period in a range, those without articles included."""

    unit: PeriodUnit
    counts: tuple[PeriodCount, ...]


def count_by_period(articles_by_day: Mapping[date, int]) -> PeriodCounts:
    """Count articles by week if they lie within `MAX_WEEKS`, else by month, else by year."""
    if not articles_by_day:
        return PeriodCounts(PeriodUnit.MONTH, ())
    unit = _choose_unit(min(articles_by_day), max(articles_by_day))
    counts: Counter[date] = Counter()
    for day, article_count in articles_by_day.items():
        counts[_period_start(day, unit)] += article_count
    starts = [min(counts)]
    while starts[-1] < max(counts):
        starts.append(_next_start(starts[-1], unit))
    return PeriodCounts(unit, tuple(PeriodCount(start, counts[start]) for start in starts))


def _choose_unit(first: date, last: date) -> PeriodUnit:
    if (last - first).days < 7 * MAX_WEEKS:
        return PeriodUnit.WEEK
    months = 12 * (last.year - first.year) + last.month - first.month + 1
    return PeriodUnit.MONTH if months <= MAX_MONTHS else PeriodUnit.YEAR


def _period_start(day: date, unit: PeriodUnit) -> date:
    match unit:
        case PeriodUnit.WEEK:
            return day - timedelta(days=day.weekday())
        case PeriodUnit.MONTH:
            return day.replace(day=1)
        case PeriodUnit.YEAR:
            return day.replace(month=1, day=1)


def _next_start(start: date, unit: PeriodUnit) -> date:
    longest = {PeriodUnit.WEEK: 7, PeriodUnit.MONTH: 31, PeriodUnit.YEAR: 366}[unit]
    return _period_start(start + timedelta(days=longest), unit)
