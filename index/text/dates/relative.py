"""Dates said relative to the moment of reading: «منذ 3 ساعات», «أمس», "2 days ago", "hier"."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import NamedTuple

from index.text.dates.lexicon import WEEKDAYS, build_alternation, number_by_name, strip_spaces

_UNITS = {
    "second": "ثانيه|ثواني|ثوان|second|seconds|sec|secs|seconde|secondes",
    "minute": "دقيقه|دقائق|دقايق|minute|minutes|min|mins",
    "hour": "ساعه|ساعات|hour|hours|hr|hrs|h|heure|heures",
    "day": "يوم|يوما|ايام|day|days|d|jour|jours|j",
    "week": "اسبوع|اسبوعا|اسابيع|week|weeks|semaine|semaines",
    "month": "شهر|شهرا|اشهر|شهور|month|months|mois",
    "year": "سنه|عام|عاما|سنوات|اعوام|سنين|year|years|an|ans|annee|annees",
}
_UNIT_LENGTHS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=30),
    "year": timedelta(days=365),
}
_UNIT_BY_NAME = {name: unit for unit, names in _UNITS.items() for name in names.split("|")}
_DUALS = {
    "ثانيتين": "second",
    "دقيقتين": "minute",
    "ساعتين": "hour",
    "يومين": "day",
    "اسبوعين": "week",
    "شهرين": "month",
    "عامين": "year",
    "سنتين": "year",
}
_NUMBERS = {
    strip_spaces(name): number
    for name, number in number_by_name(
        *("واحد|واحدة|one|a|an|une|un", "اثنين|two|deux", "ثلاث|ثلاثة|three|trois"),
        *("أربع|أربعة|four|quatre", "خمس|خمسة|five|cinq", "ست|ستة|six", "سبع|سبعة|seven|sept"),
        *("ثمان|ثماني|ثمانية|eight|huit", "تسع|تسعة|nine|neuf", "عشر|عشرة|ten|dix"),
    ).items()
}
_COUNT = rf"(?P<count>\d{{1,3}}|(?:{build_alternation(_NUMBERS)})(?!\w))"
_ARABIC = build_alternation(name for name in _UNIT_BY_NAME if not name.isascii())
_LATIN = build_alternation(name for name in _UNIT_BY_NAME if name.isascii())
_ABOUT = (
    r"(?P<about>(?:حوالي|نحو|قرابه|اكثر من|اقل من|about|around|almost|nearly|over|more than|"
    r"less than|environ|pres de|plus de) )?"
)
_AND = r"(?:\s?[,،]\s?|\s(?:و|and |et )?\s?)"
_ARABIC_AMOUNT = (
    rf"(?:{_COUNT}\s?(?P<unit>{_ARABIC})|(?P<pair>{build_alternation(_DUALS)})|"
    rf"(?P<one>{_ARABIC})(?: واحده?)?)(?!\w)"
)
_AMOUNT = rf"{_COUNT}\s?(?P<unit>{_LATIN})(?!\w)"


def _smaller_amount(units: str) -> str:
    return rf"(?:{_AND}(?P<more>\d{{1,3}})\s?(?P<part>{units})(?!\w))?"


_AGO = (
    re.compile(rf"(?<!\w)(?:منذ|قبل|من)\s{_ABOUT}{_ARABIC_AMOUNT}{_smaller_amount(_ARABIC)}"),
    re.compile(rf"(?<!\w){_ABOUT}{_AMOUNT}{_smaller_amount(_LATIN)}\sago(?!\w)"),
    re.compile(rf"(?<!\w)il y a {_ABOUT}{_AMOUNT}{_smaller_amount(_LATIN)}"),
)
"""The count and its unit, and a smaller one with it: "2 days, 3 hours ago"."""
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
_DAYS_BACK = {
    strip_spaces(name): number - 1
    for name, number in number_by_name(_TODAY, _YESTERDAY, _BEFORE_YESTERDAY).items()
}
_DAY = re.compile(
    rf"(?P<day>{build_alternation(number_by_name(_TODAY, _YESTERDAY, _BEFORE_YESTERDAY))})(?!\w)"
)
_NOW = re.compile(
    r"(?:(?:منذ |قبل )(?:لحظات|لحظه|قليل|ثوان|ثواني)|الان|just now|moments? ago|"
    r"a (?:few )?moments? ago|a l['’]instant)(?!\w)"
)
_ARABIC_DAY = build_alternation(name for name in WEEKDAYS if not name.isascii())
_LATIN_DAY = build_alternation(name for name in WEEKDAYS if name.isascii())
_LAST = re.compile(
    rf"(?:(?P<arabic>{_ARABIC_DAY})\s(?:الماضيه?|الفائت|المنصرم)"
    rf"|last (?P<english>{_LATIN_DAY})|(?P<french>{_LATIN_DAY}) dernier"
    r"|(?P<week>الاسبوع (?:الماضي|الفائت)|last week|la semaine derniere)"
    r"|(?P<month>الشهر (?:الماضي|الفائت)|last month|le mois dernier))(?!\w)"
)


class RelativeDate(NamedTuple):
    """A moment before now: the readings, the likeliest first, whether it is sure, and its place."""

    readings: tuple[date | datetime, ...]
    certain: bool
    start: int
    end: int
    has_count: bool
    """Whether a number of units is said, and not a word such as «اليوم»."""


def find_relative_date(text: str, start: int, now: datetime) -> RelativeDate | None:
    """Return what the folded `text` says of now: «منذ …» anywhere, a word such as «أمس» at `start`.

    A count is rounded down by who wrote it: "3 hours ago" may be nearly four, and "2 days ago"
    three calendar days back. It is certain where that makes no other day.
    """
    for pattern in _AGO:
        if match := pattern.search(text):
            return _read_ago(match, now)
    if match := _NOW.match(text, start):
        return RelativeDate((now,), True, *match.span(), has_count=False)
    if match := _DAY.match(text, start):
        elapsed = timedelta(days=_DAYS_BACK[strip_spaces(match["day"])])
        return RelativeDate((now.date() - elapsed,), True, *match.span(), has_count=False)
    return _read_last(match, now.date()) if (match := _LAST.match(text, start)) else None


def _read_ago(match: re.Match[str], now: datetime) -> RelativeDate:
    groups = match.groupdict()
    unit = (
        _DUALS.get(groups.get("pair") or "")
        or _UNIT_BY_NAME[groups["unit"] or groups.get("one") or "day"]
    )
    count_text = groups["count"]
    count = 2 if groups.get("pair") else 1 if count_text is None else _NUMBERS.get(count_text, 0)
    count = count or int(count_text or 0)
    smaller_unit = _UNIT_BY_NAME[groups["part"]] if groups["part"] else "second"
    rounding = _UNIT_LENGTHS[smaller_unit if groups["part"] else unit]
    elapsed = count * _UNIT_LENGTHS[unit] + int(groups["more"] or 0) * _UNIT_LENGTHS[smaller_unit]
    if rounding < _UNIT_LENGTHS["day"]:
        instant, earliest = now - elapsed, now - elapsed - rounding
        # A word such as «نحو» rounds up as well as down.
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
    days_back = (today.weekday() - WEEKDAYS[weekday] - 1) % 7 + 1
    return RelativeDate((today - timedelta(days=days_back),), False, *match.span(), has_count=False)
