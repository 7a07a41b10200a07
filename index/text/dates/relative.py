"""Parse dates relative to the time of reading: «منذ 3 ساعات», «أمس», "2 days ago", "hier"."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import NamedTuple

from index.text.dates.name_patterns import WEEKDAY_BY_NAME, strip_spaces
from index.text.temporal_lexicon import (
    COUNTS,
    UNITS,
    build_alternation,
    number_by_name,
    split_names,
)

_UNIT_LENGTHS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=30),
    "year": timedelta(days=365),
}
_UNIT_BY_NAME = {
    name: unit
    for unit, names in UNITS.items()
    for name in split_names(names.singular, names.accusative, names.plural, names.abbreviated)
}
_UNIT_BY_DUAL = {name: unit for unit, names in UNITS.items() for name in split_names(names.dual)}
_NUMBERS = {strip_spaces(name): number for name, number in COUNTS.items()}
_COUNT = rf"(?P<count>\d{{1,3}}|(?:{build_alternation(COUNTS, space=' ?')})(?!\w))"
_ARABIC = build_alternation(name for name in _UNIT_BY_NAME if not name.isascii())
_LATIN = build_alternation(name for name in _UNIT_BY_NAME if name.isascii())
_ABOUT = (
    r"(?P<about>(?:حوالي|نحو|قرابه|اكثر من|اقل من|about|around|almost|nearly|over|more than|"
    r"less than|environ|pres de|plus de) )?"
)
_AND = r"(?:\s?[,،]\s?|\s(?:و|and |et )?\s?)"
_ARABIC_AMOUNT = (
    rf"(?:{_COUNT}\s?(?P<unit>{_ARABIC})|(?P<dual>{build_alternation(_UNIT_BY_DUAL)})|"
    rf"(?P<single_unit>{_ARABIC})(?: واحده?)?)(?!\w)"
)
_AMOUNT = rf"{_COUNT}\s?(?P<unit>{_LATIN})(?!\w)"


def _smaller_amount(units: str) -> str:
    return rf"(?:{_AND}(?P<smaller_count>\d{{1,3}})\s?(?P<smaller_unit>{units})(?!\w))?"


_AGO = (
    re.compile(rf"(?<!\w)(?:منذ|قبل|من)\s{_ABOUT}{_ARABIC_AMOUNT}{_smaller_amount(_ARABIC)}"),
    re.compile(rf"(?<!\w){_ABOUT}{_AMOUNT}{_smaller_amount(_LATIN)}\sago(?!\w)"),
    re.compile(rf"(?<!\w)il y a {_ABOUT}{_AMOUNT}{_smaller_amount(_LATIN)}"),
)
"""A count with its unit, and optionally a smaller unit: "2 days, 3 hours ago"."""
_TODAY = (
    "اليوم|هذا اليوم|الليلة|صباح اليوم|مساء اليوم|ظهر اليوم|فجر اليوم|عصر اليوم|today|"
    "aujourd'hui|aujourd’hui|ce matin|ce soir|this morning|this evening|tonight"
)
_YESTERDAY = (
    "أمس|يوم أمس|الأمس|بالأمس|البارحة|مساء أمس|صباح أمس|ليلة أمس|ظهر أمس|فجر أمس|"
    "yesterday|hier|hier soir|last night"
)
_BEFORE_YESTERDAY = (
    "أول أمس|أمس الأول|أول من أمس|قبل أمس|أول البارحة|day before yesterday|"
    "the day before yesterday|avant-hier|avant hier"
)
_DAYS_AGO_BY_PHRASE = number_by_name((_TODAY, _YESTERDAY, _BEFORE_YESTERDAY), first=0)
_DAYS_AGO = {strip_spaces(phrase): days for phrase, days in _DAYS_AGO_BY_PHRASE.items()}
_DAY = re.compile(rf"(?P<day>{build_alternation(_DAYS_AGO_BY_PHRASE, space=' ?')})(?!\w)")
_NOW = re.compile(
    r"(?:(?:منذ |قبل )(?:لحظات|لحظه|قليل|ثوان|ثواني)|الان|just now|moments? ago|"
    r"a (?:few )?moments? ago|a l['’]instant)(?!\w)"
)
_ARABIC_DAY = build_alternation(name for name in WEEKDAY_BY_NAME if not name.isascii())
_LATIN_DAY = build_alternation(name for name in WEEKDAY_BY_NAME if name.isascii())
_LAST = re.compile(
    rf"(?:(?P<arabic>{_ARABIC_DAY})\s(?:الماضيه?|الفائت|المنصرم)"
    rf"|last (?P<english>{_LATIN_DAY})|(?P<french>{_LATIN_DAY}) dernier"
    r"|(?P<week>الاسبوع (?:الماضي|الفائت)|last week|la semaine derniere)"
    r"|(?P<month>الشهر (?:الماضي|الفائت)|last month|le mois dernier))(?!\w)"
)


class RelativeDate(NamedTuple):
    """A date before now at `[start:end]`, with its possible meanings, the likeliest first."""

    readings: tuple[date | datetime, ...]
    certain: bool
    start: int
    end: int
    has_count: bool
    """Whether the text gives a number of units, rather than a word such as «اليوم»."""


def find_relative_date(text: str, start: int, now: datetime) -> RelativeDate | None:
    """Return the relative date in folded `text`: «منذ …» anywhere, words like «أمس» at `start`.

    Sources round counts down: "3 hours ago" may be nearly four hours, and "2 days ago" three
    calendar days. The result is certain if rounding cannot change the day.
    """
    for pattern in _AGO:
        if match := pattern.search(text):
            return _read_ago(match, now)
    if match := _NOW.match(text, start):
        return RelativeDate((now,), True, *match.span(), has_count=False)
    if match := _DAY.match(text, start):
        elapsed = timedelta(days=_DAYS_AGO[strip_spaces(match["day"])])
        return RelativeDate((now.date() - elapsed,), True, *match.span(), has_count=False)
    return _read_last(match, now.date()) if (match := _LAST.match(text, start)) else None


def _read_ago(match: re.Match[str], now: datetime) -> RelativeDate:
    groups = match.groupdict()
    unit = (
        _UNIT_BY_DUAL.get(groups.get("dual") or "")
        or _UNIT_BY_NAME[groups["unit"] or groups.get("single_unit") or "day"]
    )
    count_text = groups["count"]
    if count_text is None:
        count = 2 if groups.get("dual") else 1
    else:
        count = _NUMBERS.get(strip_spaces(count_text)) or int(count_text)
    smaller_unit = _UNIT_BY_NAME[groups["smaller_unit"]] if groups["smaller_unit"] else "second"
    rounding = _UNIT_LENGTHS[smaller_unit if groups["smaller_unit"] else unit]
    elapsed = (
        count * _UNIT_LENGTHS[unit]
        + int(groups["smaller_count"] or 0) * _UNIT_LENGTHS[smaller_unit]
    )
    if rounding < _UNIT_LENGTHS["day"]:
        instant, earliest = now - elapsed, now - elapsed - rounding
        # With a word such as «نحو» (about) the count may be rounded up as well.
        latest = min(now, instant + rounding) if groups["about"] else instant
        same_day = earliest.date() == instant.date() == latest.date()
        return RelativeDate(
            (instant,) if same_day else (instant, earliest), same_day, *match.span(), has_count=True
        )
    today = now.date()
    if unit in {"month", "year"}:
        months = count * (12 if unit == "year" else 1)
        return RelativeDate(
            (_subtract_months(today, months),), False, *match.span(), has_count=True
        )
    return RelativeDate(
        (today - elapsed, today - elapsed - _UNIT_LENGTHS["day"]),
        False,
        *match.span(),
        has_count=True,
    )


def _subtract_months(today: date, months: int) -> date:
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    for day in range(today.day, 27, -1):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    return date(year, month + 1, min(today.day, 28))


def _read_last(match: re.Match[str], today: date) -> RelativeDate:
    if match["week"]:
        return RelativeDate((today - timedelta(days=7),), False, *match.span(), has_count=False)
    if match["month"]:
        return RelativeDate((_subtract_months(today, 1),), False, *match.span(), has_count=False)
    weekday = (match["arabic"] or match["english"] or match["french"]).replace(" ", "")
    days_back = (today.weekday() - WEEKDAY_BY_NAME[weekday] - 1) % 7 + 1
    return RelativeDate((today - timedelta(days=days_back),), False, *match.span(), has_count=False)
