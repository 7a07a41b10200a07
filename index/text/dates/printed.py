"""A source's date as it is printed: «الأربعاء 4 فبراير 2026 12:51 مساءً», "4 May 2026, 12:51"."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import NamedTuple

from index.text.normalise import fold
from index.text.spans import word_set

MIN_YEAR, MAX_YEAR = 1000, 9000
"""A date outside these years is none."""

_MONTHS = (
    "يناير|كانون الثاني|جانفي|اي النار|january|jan|janvier|janv",
    "فبراير|شباط|فيفري|النوار|february|feb|février|févr",
    "مارس|اذار|الربيع|march|mar|mars",
    "ابريل|نيسان|افريل|الطير|april|apr|avril|avr",
    "مايو|ايار|ماي|الماء|may|mai",
    "يونيو|حزيران|جوان|الصيف|june|jun|juin",
    "يوليو|تموز|جويلية|ناصر|july|jul|juillet|juil",
    "اغسطس|اب|اوت|هانيبال|august|aug|août",
    "سبتمبر|ايلول|الفاتح|september|sept|sep|septembre",
    "اكتوبر|تشرين الاول|التمور|october|oct|octobre",
    "نوفمبر|تشرين الثاني|الحرث|november|nov|novembre",
    "ديسمبر|كانون الاول|الكانون|december|dec|décembre|déc",
)
"""January to December: international, Levantine, Maghrebi, Libya's own (1969-2011), then Latin."""
MONTH_NUMBERS = {
    fold(name): number for number, names in enumerate(_MONTHS, 1) for name in names.split("|")
}
_WEEKDAYS = {
    fold(name)
    for name in word_set(
        "الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد",
        "monday tuesday wednesday thursday friday saturday sunday",
        "lundi mardi mercredi jeudi vendredi samedi dimanche",
    )
}
_AFTER_NOON = {"مساء", "م", "pm", "p.m", "p.m."}
_BEFORE_NOON = {"صباحا", "ص", "am", "a.m", "a.m."}

_DATE = re.compile(
    r"(?P<weekday>[^\W\d_]+[،,.]?\s+)?"
    r"(?P<day>\d{1,2})(?:er|st|nd|rd|th)?\s+"
    r"(?P<month>[^\W\d_]+(?:\s+(?:الثاني|الأول|الاول|النار))?)\.?[،,/]?\s+"
    r"(?P<year>\d{4})(?!\d)"
    r"(?:[،,]?\s*(?:[-–|]\s*|الساعة\s+|at\s+|à\s+)?"
    r"(?P<hour>\d{1,2})[:h](?P<minute>\d{2})(?!\d)"
    r"(?P<half>\s*(?:مساءً|مساءًا|مساء|صباحاً|صباحًا|صباحا|[مص](?!\w)|[AaPp]\.?[Mm]\b\.?))?)?"
)


class PrintedDate(NamedTuple):
    """A date read from text, and where the reading stopped (an offset into that text)."""

    published: date | datetime
    has_weekday: bool
    end: int


def read_printed_date(text: str, start: int = 0) -> PrintedDate | None:
    """Return the date that stands at `text[start:]`, or None where none does.

    Day, month by name, and year must be there; the weekday and the time of day may be. A time
    without a zone stays without one.
    """
    match = _DATE.match(text, start)
    if not match:
        return None
    weekday = fold(match["weekday"] or "").rstrip(".,،")
    month = MONTH_NUMBERS.get(fold(match["month"]))
    if month is None or (weekday and weekday not in _WEEKDAYS):
        return None
    if not MIN_YEAR <= int(match["year"]) <= MAX_YEAR:
        return None
    try:
        day = date(int(match["year"]), month, int(match["day"]))
        if match["hour"] is None:
            return PrintedDate(day, bool(weekday), match.end())
        hour = _to_24_hours(int(match["hour"]), fold(match["half"] or ""))
        time_of_day = time(hour, int(match["minute"]))
    except ValueError:
        return None
    return PrintedDate(datetime.combine(day, time_of_day), bool(weekday), match.end())


def _to_24_hours(hour: int, day_half: str) -> int:
    if day_half in _AFTER_NOON and hour < 12:
        return hour + 12
    if day_half in _BEFORE_NOON and hour == 12:
        return 0
    return hour
