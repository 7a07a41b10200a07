"""Dates said relative to the moment of reading: «منذ 3 ساعات», «أمس», "2 days ago", "hier"."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import NamedTuple

from index.text.dates.lexicon import WEEKDAYS, any_of, numbered, spelled

_UNITS = {
    "second": "ثانيه|ثواني|ثوان|second|seconds|sec|secs|seconde|secondes",
    "minute": "دقيقه|دقائق|دقايق|minute|minutes|min|mins",
    "hour": "ساعه|ساعات|hour|hours|hr|hrs|h|heure|heures",
    "day": "يوم|يوما|ايام|day|days|d|jour|jours|j",
    "week": "اسبوع|اسبوعا|اسابيع|week|weeks|semaine|semaines",
    "month": "شهر|شهرا|اشهر|شهور|month|months|mois",
    "year": "سنه|عام|عاما|سنوات|اعوام|سنين|year|years|an|ans|annee|annees",
}
_STEPS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=30),
    "year": timedelta(days=365),
}
_UNIT = {name: unit for unit, names in _UNITS.items() for name in names.split("|")}
_PAIRS = {
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
    spelled(name): number
    for name, number in numbered(
        *("واحد|واحدة|one|a|an|une|un", "اثنين|two|deux", "ثلاث|ثلاثة|three|trois"),
        *("أربع|أربعة|four|quatre", "خمس|خمسة|five|cinq", "ست|ستة|six", "سبع|سبعة|seven|sept"),
        *("ثمان|ثماني|ثمانية|eight|huit", "تسع|تسعة|nine|neuf", "عشر|عشرة|ten|dix"),
    ).items()
}
_COUNT = rf"(?P<count>\d{{1,3}}|(?:{any_of(_NUMBERS)})(?!\w))"
_ARABIC = any_of(name for name in _UNIT if not name.isascii())
_LATIN = any_of(name for name in _UNIT if name.isascii())
_ABOUT = (
    r"(?P<about>(?:حوالي|نحو|قرابه|اكثر من|اقل من|about|around|almost|nearly|over|more than|"
    r"less than|environ|pres de|plus de) )?"
)
_AND = r"(?:\s?[,،]\s?|\s(?:و|and |et )?\s?)"
_ARABIC_AMOUNT = (
    rf"(?:{_COUNT}\s?(?P<unit>{_ARABIC})|(?P<pair>{any_of(_PAIRS)})|"
    rf"(?P<one>{_ARABIC})(?: واحده?)?)(?!\w)"
)
_AMOUNT = rf"{_COUNT}\s?(?P<unit>{_LATIN})(?!\w)"


def _more(units: str) -> str:
    return rf"(?:{_AND}(?P<more>\d{{1,3}})\s?(?P<part>{units})(?!\w))?"


_AGO = (
    re.compile(rf"(?<!\w)(?:منذ|قبل|من)\s{_ABOUT}{_ARABIC_AMOUNT}{_more(_ARABIC)}"),
    re.compile(rf"(?<!\w){_ABOUT}{_AMOUNT}{_more(_LATIN)}\sago(?!\w)"),
    re.compile(rf"(?<!\w)il y a {_ABOUT}{_AMOUNT}{_more(_LATIN)}"),
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
    spelled(name): number - 1
    for name, number in numbered(_TODAY, _YESTERDAY, _BEFORE_YESTERDAY).items()
}
_DAY = re.compile(rf"(?P<day>{any_of(numbered(_TODAY, _YESTERDAY, _BEFORE_YESTERDAY))})(?!\w)")
_NOW = re.compile(
    r"(?:(?:منذ |قبل )(?:لحظات|لحظه|قليل|ثوان|ثواني)|الان|just now|moments? ago|"
    r"a (?:few )?moments? ago|a l['’]instant)(?!\w)"
)
_ARABIC_DAY = any_of(name for name in WEEKDAYS if not name.isascii())
_LATIN_DAY = any_of(name for name in WEEKDAYS if name.isascii())
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
    counted: bool
    """Whether a number of units is said, and not a word such as «اليوم»."""


def relative_date(text: str, start: int, now: datetime) -> RelativeDate | None:
    """Return what the folded `text` says of now: «منذ …» anywhere, a word such as «أمس» at `start`.

    A count is rounded down by who wrote it: "3 hours ago" may be nearly four, and "2 days ago"
    three calendar days back. It is certain where that makes no other day.
    """
    for form in _AGO:
        if found := form.search(text):
            return _ago(found, now)
    if found := _NOW.match(text, start):
        return RelativeDate((now,), True, *found.span(), counted=False)
    if found := _DAY.match(text, start):
        back = timedelta(days=_DAYS_BACK[spelled(found["day"])])
        return RelativeDate((now.date() - back,), True, *found.span(), counted=False)
    return _last(found, now.date()) if (found := _LAST.match(text, start)) else None


def _ago(found: re.Match[str], now: datetime) -> RelativeDate:
    said = found.groupdict()
    unit = _PAIRS.get(said.get("pair") or "") or _UNIT[said["unit"] or said.get("one") or "day"]
    written = said["count"]
    count = 2 if said.get("pair") else 1 if written is None else _NUMBERS.get(written, 0)
    count = count or int(written or 0)
    part = _UNIT[said["part"]] if said["part"] else "second"
    step = _STEPS[part if said["part"] else unit]
    back = count * _STEPS[unit] + int(said["more"] or 0) * _STEPS[part]
    if step < _STEPS["day"]:
        moment, earlier = now - back, now - back - step
        # A word such as «نحو» rounds up as well as down.
        later = min(now, moment + step) if said["about"] else moment
        same_day = earlier.date() == moment.date() == later.date()
        return RelativeDate(
            (moment,) if same_day else (moment, earlier), same_day, *found.span(), counted=True
        )
    today = now.date()
    if unit in {"month", "year"}:
        months = count * (12 if unit == "year" else 1)
        return RelativeDate((_months_before(today, months),), False, *found.span(), counted=True)
    return RelativeDate(
        (today - back, today - back - _STEPS["day"]), False, *found.span(), counted=True
    )


def _months_before(today: date, months: int) -> date:
    years, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    for day in range(today.day, 27, -1):
        try:
            return date(years, month + 1, day)
        except ValueError:
            continue
    return date(years, month + 1, min(today.day, 28))


def _last(found: re.Match[str], today: date) -> RelativeDate:
    if found["week"]:
        return RelativeDate((today - timedelta(days=7),), False, *found.span(), counted=False)
    if found["month"]:
        return RelativeDate((_months_before(today, 1),), False, *found.span(), counted=False)
    name = (found["arabic"] or found["english"] or found["french"]).replace(" ", "")
    back = (today.weekday() - WEEKDAYS[name] - 1) % 7 + 1
    return RelativeDate((today - timedelta(days=back),), False, *found.span(), counted=False)
