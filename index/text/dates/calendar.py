"""Find calendar dates in folded text: «17 جانفي 2017», "02/05/2016", «15/5/1439 هـ»."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from enum import Enum, auto
from functools import cache
from typing import NamedTuple

from index.text.dates.hijri import MAX_HIJRI_YEAR, MIN_HIJRI_YEAR, hijri_days
from index.text.dates.name_patterns import (
    HIJRI_MONTH_BY_NAME,
    HIJRI_MONTH_PATTERN,
    LIBYAN_MONTHS,
    MONTH_BY_NAME,
    MONTH_PATTERN,
    strip_spaces,
)

_MIN_YEAR, _MAX_YEAR = 1600, 2200
"""A number outside these is a misprint or not a year."""
_MIN_TWO_DIGIT_YEAR = 1990
"""In year-month-day order, two-digit years before this are too unlikely to be offered."""

_DAY = r"(?<![\d:.h])(?P<day>\d{1,2})(?:er|st|nd|rd|th|e)?"
_SECOND_MONTH_NAME = rf"(?:\s?[(/\-–]?\s?(?:او )?(?P<second_month>(?:{MONTH_PATTERN}))\.?\s?\)?)?"
_MONTH = rf"(?P<month>(?:{MONTH_PATTERN}))\.?{_SECOND_MONTH_NAME}(?![^\W\d])"
_TO_MONTH = r"[\s\-/.,،_]{0,3}(?:of |de |d['’]|من شهر |من |شهر )?(?<![^\W\d])"
_TO_YEAR = (
    r"[\s\-/.,،()]{0,4}(?:عام |لعام |سنه |لسنه |de |in |of )?"
    r"(?:\d{4}\s?و\.\s?ر\.?[\s\-–/(،,]{0,4})?"
)
"""Libya's law gazette printed the year since the Prophet's death first: «1378 و.ر 2010 مسيحي»."""
_YEAR = (
    r"(?P<year>\d{4}(?!\s?و\.\s?ر)|['’]\d{2}|(?<=[-/.])\d{2}|"
    r"\d{2}(?=\s\d{1,2}:\d{2}|\s?\Z))(?![\d:])"
)
_GREGORIAN = r"(?:\s?(?:م|ميلادي|ميلاديه|افرنجي|مسيحي)(?!\w))?"
_HIJRI = r"(?P<hijri>\s?(?:ه|هجري|هجريه|هجرية|a\.?h\.?|h\.?)(?!\w))?"
_TO_DAY = r"\s?(?:-|–|/|الي|حتي|و|to|et|and|au|&)\s?"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?\s(?:[a-z]{3,4}\s|[+-]\d{4}\s)?"


class CalendarKind(Enum):
    """Calendar in which a date is written, or that it has no year."""

    GREGORIAN = auto()
    HIJRI = auto()
    YEARLESS = auto()


class DateMention(NamedTuple):
    """A date in a text, at `[start:end]`, with its possible days, the likeliest first."""

    start: int
    end: int
    kind: CalendarKind
    days: tuple[date, ...]
    clock_start: int
    """Offset at which a time of day for this date would begin."""


_Reader = Callable[[re.Match[str], date], "tuple[CalendarKind, tuple[date, ...]]"]


def find_dates(text: str, today: date) -> list[DateMention]:
    """Return the dates in the folded `text`, in text order, without impossible ones.

    `today` completes years of two digits and dates without a year.
    """
    taken = bytearray(len(text))
    mentions = []
    for pattern, reader in _date_patterns():
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(taken[start:end]):
                continue
            # An impossible date blocks other patterns: «31 فبراير 2016» is not «فبراير 2016».
            taken[start:end] = b"\1" * (end - start)
            kind, days = reader(match, today)
            if days:
                clock_start = match.start("clock") if match.groupdict().get("clock") else end
                mentions.append(DateMention(start, end, kind, days, clock_start))
    return sorted(mentions)


def _valid_dates(*candidates: tuple[int, int, int]) -> tuple[date, ...]:
    """Return the valid dates among (year, month, day) `candidates`, without repeats, in order."""
    return tuple(dict.fromkeys(_iter_valid_dates(candidates)))


def _iter_valid_dates(candidates: tuple[tuple[int, int, int], ...]) -> Iterator[date]:
    for year, month, day in candidates:
        if _MIN_YEAR <= year <= _MAX_YEAR:
            try:
                yield date(year, month, day)
            except ValueError:
                continue


def _read_year_first(match: re.Match[str], _: date) -> tuple[CalendarKind, tuple[date, ...]]:
    year, month, day = int(match["year"]), int(match["m"]), int(match["d"])
    if MIN_HIJRI_YEAR <= year <= MAX_HIJRI_YEAR:
        return CalendarKind.HIJRI, hijri_days(year, month, day)
    return CalendarKind.GREGORIAN, _valid_dates((year, month, day))


def _read_iso_week(match: re.Match[str], _: date) -> tuple[CalendarKind, tuple[date, ...]]:
    try:
        day = date.fromisocalendar(int(match["year"]), int(match["week"]), int(match["d"]))
    except ValueError:
        return CalendarKind.GREGORIAN, ()
    return CalendarKind.GREGORIAN, _valid_dates((day.year, day.month, day.day))


def _read_day_of_year(match: re.Match[str], _: date) -> tuple[CalendarKind, tuple[date, ...]]:
    year, day_number = int(match["year"]), int(match["d"])
    try:
        day = date.fromordinal(date(year, 1, 1).toordinal() + day_number - 1)
    except (ValueError, OverflowError):
        return CalendarKind.GREGORIAN, ()
    return CalendarKind.GREGORIAN, (
        day,
    ) if day.year == year and _MIN_YEAR <= year <= _MAX_YEAR else ()


def _read_hijri(match: re.Match[str], _: date) -> tuple[CalendarKind, tuple[date, ...]]:
    month = HIJRI_MONTH_BY_NAME[strip_spaces(match["month"])]
    return CalendarKind.HIJRI, hijri_days(int(match["year"]), month, int(match["day"]))


def _read_named_month(match: re.Match[str], today: date) -> tuple[CalendarKind, tuple[date, ...]]:
    groups = match.groupdict()
    month = MONTH_BY_NAME[strip_spaces(match["month"])]
    if groups.get("second_month") and MONTH_BY_NAME[strip_spaces(match["second_month"])] != month:
        return CalendarKind.GREGORIAN, ()
    days = [int(match["day"])]
    if groups.get("first_day"):
        days.insert(0, int(match["first_day"]))
    year = match["year"].lstrip("'’")
    full_year = int(year) if len(year) == 4 else _expand_year(int(year), today)
    return CalendarKind.GREGORIAN, _valid_dates(*((full_year, month, day) for day in days))


def _read_yearless(match: re.Match[str], today: date) -> tuple[CalendarKind, tuple[date, ...]]:
    month_name = strip_spaces(match["month"])
    second_name = match.groupdict().get("second_month")
    if month_name in LIBYAN_MONTHS or (
        second_name and MONTH_BY_NAME[strip_spaces(second_name)] != MONTH_BY_NAME[month_name]
    ):
        return CalendarKind.YEARLESS, ()
    # The last nine years contain a 29 February, and put every day on most weekdays.
    years = range(today.year, today.year - 9, -1)
    days = _valid_dates(*((year, MONTH_BY_NAME[month_name], int(match["day"])) for year in years))
    return CalendarKind.YEARLESS, tuple(day for day in days if day <= today)


def _read_numeric(match: re.Match[str], today: date) -> tuple[CalendarKind, tuple[date, ...]]:
    first, second, year = int(match["d"]), int(match["m"]), int(match["year"])
    has_two_digit_year = len(match["year"]) == 2
    if match["hijri"] and has_two_digit_year:
        year += 1400
    if MIN_HIJRI_YEAR <= year <= MAX_HIJRI_YEAR:
        days = hijri_days(year, second, first)
        return CalendarKind.HIJRI, days or hijri_days(year, first, second)
    if not has_two_digit_year:
        return CalendarKind.GREGORIAN, _valid_dates((year, second, first), (year, first, second))
    full_year, reversed_year = _expand_year(year, today), _expand_year(first, today)
    days = _valid_dates((full_year, second, first), (full_year, first, second))
    reversed_days = _valid_dates((reversed_year, second, year))
    likely_reversed = tuple(
        day for day in reversed_days if _MIN_TWO_DIGIT_YEAR <= day.year <= today.year
    )
    return CalendarKind.GREGORIAN, tuple(dict.fromkeys(days + likely_reversed))


def _expand_year(year: int, today: date) -> int:
    full_year = today.year - today.year % 100 + year
    return full_year if full_year <= today.year + 1 else full_year - 100


_NUMERIC_MONTH = r"\s?(?P<separator>[-/.–\\])\s?(?P<m>\d{1,2})\s?(?P=separator)\s?"
_NUMERIC_END = r"(?!\d|:|(?P=separator)\d{1,4}(?!\d?:)|\s?و\.\s?ر)"
_NUMERIC_YEAR_FIRST = (
    rf"(?<![\d.])(?P<year>\d{{4}}){_NUMERIC_MONTH}(?P<d>\d{{1,2}})(?!\d|(?P=separator)\d)"
    rf"(?:{_GREGORIAN}{_HIJRI})"
)
_NUMERIC_DAY_FIRST = (
    rf"(?<![\d.:/-])(?P<d>\d{{1,2}}){_NUMERIC_MONTH}(?P<year>\d{{4}}|\d{{2}})"
    rf"{_NUMERIC_END}{_HIJRI}{_GREGORIAN}"
)
_COMPACT_DATE = r"(?P<year>\d{4})(?P<m>\d{2})(?P<d>\d{2})"
_COMPACT_TIME = r"(?:(?P<clock>\d{4}(?:\d\d)?)(?:z|[+-]\d\d'?\d\d'?)?)?"
_ISO_WEEK = r"(?<!\w)(?P<year>\d{4})-?w(?P<week>\d{2})-?(?P<d>\d)(?![\d-])"
_HIJRI_DATE = (
    rf"{_DAY}{_TO_MONTH}(?P<month>(?:{HIJRI_MONTH_PATTERN}))(?!\w)"
    rf"{_TO_YEAR}(?P<year>\d{{4}})(?!\d){_HIJRI}"
)
_DAY_FIRST = (
    rf"(?<![\d:.h/])(?:(?P<first_day>\d{{1,2}}){_TO_DAY})?"
    rf"{_DAY}{_TO_MONTH}{_MONTH}{_TO_YEAR}{_YEAR}{_GREGORIAN}"
)
_NO_YEAR = r"(?!\w|[\s,،/.-]{0,3}\d{3}|\s\d\d(?![\d:h]))"
_YEAR_FIRST = rf"(?<!\d)(?P<year>\d{{4}})[\s\-/.,،]{{1,3}}{_MONTH}[\s\-/.,،]{{1,3}}{_DAY}(?![\d:])"
_YEAR_THEN_DAY = rf"(?<!\d)(?P<year>\d{{4}})[\s,،]{{1,3}}{_DAY}\s{_MONTH}{_NO_YEAR}"
_YEAR_LAST = rf"(?<!\w){_MONTH}\s?(?P<day>\d{{1,2}})\s(?P<clock>{_CLOCK})(?P<year>\d{{4}})(?!\d)"
_MONTH_FIRST = (
    rf"(?<!\w){_MONTH}[\s\-/]{{0,2}}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?"
    rf"[\s\-/,،]{{1,3}}(?:of )?(?P<year>\d{{4}})(?![\d:]){_GREGORIAN}"
)
_MONTH_AND_DAY = rf"(?<!\w){_MONTH}\s?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\w:.])"


@cache
def _date_patterns() -> tuple[tuple[re.Pattern[str], _Reader], ...]:
    """Return the date patterns and their readers; where two matches overlap, the earlier wins.

    Compiled on first use, because compiling takes 0.1 s and searches do not need the patterns.
    """
    return tuple(
        (re.compile(pattern), reader)
        for pattern, reader in (
            (_NUMERIC_YEAR_FIRST, _read_year_first),
            (rf"(?<!\w){_COMPACT_DATE}(?=t\d{{2}})", _read_year_first),
            (rf"\A(?:d:)?{_COMPACT_DATE}{_COMPACT_TIME}\Z", _read_year_first),
            (_ISO_WEEK, _read_iso_week),
            (r"\A(?P<year>\d{4})-(?P<d>\d{3})(?=t\d{2}|\Z)", _read_day_of_year),
            (_HIJRI_DATE, _read_hijri),
            (_DAY_FIRST, _read_named_month),
            (_YEAR_FIRST, _read_named_month),
            (_YEAR_THEN_DAY, _read_named_month),
            (_YEAR_LAST, _read_named_month),
            (_MONTH_FIRST, _read_named_month),
            (_NUMERIC_DAY_FIRST, _read_numeric),
            (f"{_DAY}{_TO_MONTH}{_MONTH}{_NO_YEAR}", _read_yearless),
            (_MONTH_AND_DAY, _read_yearless),
        )
    )
