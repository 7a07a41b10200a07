"""Calendar dates that stand in a folded text: «17 جانفي 2017», "02/05/2016", «15/5/1439 هـ»."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from enum import Enum, auto
from functools import cache
from typing import NamedTuple

from index.text.dates.hijri import FIRST_HIJRI_YEAR, LAST_HIJRI_YEAR, hijri_days
from index.text.dates.lexicon import HIJRI_MONTH, HIJRI_MONTHS, LIBYAS_OWN, MONTH, MONTHS, spelled

_FIRST, _LAST = 1600, 2200
"""A year outside these is a misprint, or a number that is no year."""
_TWO_DIGITS_FROM = 1990
"""With two digits, years before this are too unlikely to be offered as another reading."""

_DAY = r"(?<![\d:.h])(?P<day>\d{1,2})(?:er|st|nd|rd|th|e)?"
_AGAIN = rf"(?:\s?[(/\-–]?\s?(?:او )?(?P<again>(?:{MONTH}))\.?\s?\)?)?"
_MONTH = rf"(?P<month>(?:{MONTH}))\.?{_AGAIN}(?![^\W\d])"
_TO_MONTH = r"[\s\-/.,،_]{0,3}(?:of |de |d['’]|من شهر |من |شهر )?(?<![^\W\d])"
_TO_YEAR = (
    r"[\s\-/.,،()]{0,4}(?:عام |لعام |سنه |لسنه |de |in |of )?"
    r"(?:\d{4}\s?و\.\s?ر\.?[\s\-–/(،,]{0,4})?"
)
"""Libya's law gazette wrote the year since the Prophet's death first: «1378 و.ر 2010 مسيحي»."""
_YEAR = (
    r"(?P<year>\d{4}(?!\s?و\.\s?ر)|['’]\d{2}|(?<=[-/.])\d{2}|"
    r"\d{2}(?=\s\d{1,2}:\d{2}|\s?\Z))(?![\d:])"
)
_GREGORIAN = r"(?:\s?(?:م|ميلادي|ميلاديه|افرنجي|مسيحي)(?!\w))?"
_HIJRI = r"(?P<hijri>\s?(?:ه|هجري|هجريه|هجرية|a\.?h\.?|h\.?)(?!\w))?"
_TO_DAY = r"\s?(?:-|–|/|الي|حتي|و|to|et|and|au|&)\s?"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?\s(?:[a-z]{3,4}\s|[+-]\d{4}\s)?"


class CalendarKind(Enum):
    """How a date was written."""

    GREGORIAN = auto()
    HIJRI = auto()
    YEARLESS = auto()


class DateMention(NamedTuple):
    """A date in a text: the days it may mean, the likeliest first, and where it stands."""

    start: int
    end: int
    kind: CalendarKind
    days: tuple[date, ...]
    clock_at: int
    """Where its time of day would begin."""


_Reader = Callable[[re.Match[str], date], "tuple[CalendarKind, tuple[date, ...]]"]


def find_dates(text: str, today: date) -> list[DateMention]:
    """Return the dates that stand in the folded `text`, in its order; impossible ones are none."""
    taken = bytearray(len(text))
    found = []
    for pattern, reader in _forms():
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(taken[start:end]):
                continue
            # An impossible date is not read in another way: «31 فبراير 2016» is not «فبراير 2016».
            taken[start:end] = b"\1" * (end - start)
            kind, days = reader(match, today)
            if days:
                inside = match.start("clock") if match.groupdict().get("clock") else end
                found.append(DateMention(start, end, kind, days, inside))
    return sorted(found)


def _only(*possible: tuple[int, int, int]) -> tuple[date, ...]:
    """Return the dates of those (year, month, day) that are dates, each once, in their order."""
    return tuple(dict.fromkeys(_dates(possible)))


def _dates(possible: tuple[tuple[int, int, int], ...]) -> Iterator[date]:
    for year, month, day in possible:
        if _FIRST <= year <= _LAST:
            try:
                yield date(year, month, day)
            except ValueError:
                continue


def _year_first(match: re.Match[str], _: date) -> tuple[CalendarKind, tuple[date, ...]]:
    year, month, day = int(match["year"]), int(match["m"]), int(match["d"])
    if FIRST_HIJRI_YEAR <= year <= LAST_HIJRI_YEAR:
        return CalendarKind.HIJRI, hijri_days(year, month, day)
    return CalendarKind.GREGORIAN, _only((year, month, day))


def _week(match: re.Match[str], _: date) -> tuple[CalendarKind, tuple[date, ...]]:
    try:
        day = date.fromisocalendar(int(match["year"]), int(match["week"]), int(match["d"]))
    except ValueError:
        return CalendarKind.GREGORIAN, ()
    return CalendarKind.GREGORIAN, _only((day.year, day.month, day.day))


def _day_of_year(match: re.Match[str], _: date) -> tuple[CalendarKind, tuple[date, ...]]:
    year, count = int(match["year"]), int(match["d"])
    try:
        day = date.fromordinal(date(year, 1, 1).toordinal() + count - 1)
    except (ValueError, OverflowError):
        return CalendarKind.GREGORIAN, ()
    return CalendarKind.GREGORIAN, (day,) if day.year == year and _FIRST <= year <= _LAST else ()


def _hijri_named(match: re.Match[str], _: date) -> tuple[CalendarKind, tuple[date, ...]]:
    month = HIJRI_MONTHS[spelled(match["month"])]
    return CalendarKind.HIJRI, hijri_days(int(match["year"]), month, int(match["day"]))


def _named(match: re.Match[str], today: date) -> tuple[CalendarKind, tuple[date, ...]]:
    said = match.groupdict()
    month = MONTHS[spelled(match["month"])]
    if said.get("again") and MONTHS[spelled(match["again"])] != month:
        return CalendarKind.GREGORIAN, ()
    days = [int(match["day"])]
    if said.get("first"):
        days.insert(0, int(match["first"]))
    year = match["year"].lstrip("'’")
    full = int(year) if len(year) == 4 else _century(int(year), today)
    return CalendarKind.GREGORIAN, _only(*((full, month, day) for day in days))


def _yearless(match: re.Match[str], today: date) -> tuple[CalendarKind, tuple[date, ...]]:
    name = spelled(match["month"])
    again = match.groupdict().get("again")
    if name in LIBYAS_OWN or (again and MONTHS[spelled(again)] != MONTHS[name]):
        return CalendarKind.YEARLESS, ()
    # Eight years back hold a 29 February, and each day on most weekdays.
    years = range(today.year, today.year - 9, -1)
    days = _only(*((year, MONTHS[name], int(match["day"])) for year in years))
    return CalendarKind.YEARLESS, tuple(day for day in days if day <= today)


def _numeric(match: re.Match[str], today: date) -> tuple[CalendarKind, tuple[date, ...]]:
    first, second, year = int(match["d"]), int(match["m"]), int(match["year"])
    short = len(match["year"]) == 2
    if match["hijri"] and short:
        year += 1400
    if FIRST_HIJRI_YEAR <= year <= LAST_HIJRI_YEAR:
        days = hijri_days(year, second, first)
        return CalendarKind.HIJRI, days or hijri_days(year, first, second)
    if not short:
        return CalendarKind.GREGORIAN, _only((year, second, first), (year, first, second))
    full, turned = _century(year, today), _century(first, today)
    days = _only((full, second, first), (full, first, second))
    others = _only((turned, second, year))
    likely = tuple(day for day in others if _TWO_DIGITS_FROM <= day.year <= today.year)
    return CalendarKind.GREGORIAN, tuple(dict.fromkeys(days + likely))


def _century(year: int, today: date) -> int:
    full = today.year - today.year % 100 + year
    return full if full <= today.year + 1 else full - 100


_BY = r"\s?(?P<by>[-/.–\\])\s?(?P<m>\d{1,2})\s?(?P=by)\s?"
_NO_MORE = r"(?!\d|:|(?P=by)\d{1,4}(?!\d?:)|\s?و\.\s?ر)"
_YEAR_BY = (
    rf"(?<![\d.])(?P<year>\d{{4}}){_BY}(?P<d>\d{{1,2}})(?!\d|(?P=by)\d)(?:{_GREGORIAN}{_HIJRI})"
)
_DAY_BY = (
    rf"(?<![\d.:/-])(?P<d>\d{{1,2}}){_BY}(?P<year>\d{{4}}|\d{{2}}){_NO_MORE}{_HIJRI}{_GREGORIAN}"
)
_RUN_ON = r"(?P<year>\d{4})(?P<m>\d{2})(?P<d>\d{2})"
_TO_ZONE = r"(?:(?P<clock>\d{4}(?:\d\d)?)(?:z|[+-]\d\d'?\d\d'?)?)?"
_WEEK = r"(?<!\w)(?P<year>\d{4})-?w(?P<week>\d{2})-?(?P<d>\d)(?![\d-])"
_LUNAR = (
    rf"{_DAY}{_TO_MONTH}(?P<month>(?:{HIJRI_MONTH}))(?!\w){_TO_YEAR}(?P<year>\d{{4}})(?!\d){_HIJRI}"
)
_DAY_FIRST = (
    rf"(?<![\d:.h/])(?:(?P<first>\d{{1,2}}){_TO_DAY})?"
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
_NAMED_DAY = rf"(?<!\w){_MONTH}\s?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\w:.])"


@cache
def _forms() -> tuple[tuple[re.Pattern[str], _Reader], ...]:
    """Return what is written and who reads it; the earlier form wins where two overlap.

    Compiling them takes a tenth of a second, which who only asks the archive need not wait for.
    """
    return tuple(
        (re.compile(pattern), reader)
        for pattern, reader in (
            (_YEAR_BY, _year_first),
            (rf"(?<!\w){_RUN_ON}(?=t\d{{2}})", _year_first),
            (rf"\A(?:d:)?{_RUN_ON}{_TO_ZONE}\Z", _year_first),
            (_WEEK, _week),
            (r"\A(?P<year>\d{4})-(?P<d>\d{3})(?=t\d{2}|\Z)", _day_of_year),
            (_LUNAR, _hijri_named),
            (_DAY_FIRST, _named),
            (_YEAR_FIRST, _named),
            (_YEAR_THEN_DAY, _named),
            (_YEAR_LAST, _named),
            (_MONTH_FIRST, _named),
            (_DAY_BY, _numeric),
            (f"{_DAY}{_TO_MONTH}{_MONTH}{_NO_YEAR}", _yearless),
            (_NAMED_DAY, _yearless),
        )
    )
