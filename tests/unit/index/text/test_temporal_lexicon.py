"""Every name of a month, weekday, unit and number is read by everything that reads dates."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from index.text.dates.leading import read_leading_date
from index.text.dates.parser import read_date
from index.text.number_words import words_and_numbers
from index.text.temporal_lexicon import MONTHS, UNITS, WEEKDAYS, split_names
from index.text.time_expressions.resolver import Period, extract_time_window

NOW = datetime.fromisoformat("2026-03-05T14:20:00+02:00")  # a Thursday

CALENDARS = {
    "international": "يناير|فبراير|مارس|أبريل|مايو|يونيو|يوليو|أغسطس|سبتمبر|أكتوبر|نوفمبر|ديسمبر",
    "levantine": "كانون الثاني|شباط|آذار|نيسان|أيار|حزيران|تموز|آب|أيلول|تشرين الأول|"
    "تشرين الثاني|كانون الأول",
    "tunisian": "جانفي|فيفري|مارس|أفريل|ماي|جوان|جويلية|أوت|سبتمبر|أكتوبر|نوفمبر|ديسمبر",
    "libyan": "أي النار|النوار|الربيع|الطير|الماء|الصيف|ناصر|هانيبال|الفاتح|التمور|الحرث|الكانون",
    "english": "January|February|March|April|May|June|July|August|September|October|November|"
    "December",
    "french": "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|"
    "décembre",
}
MOROCCAN = "يناير|فبراير|مارس|أبريل|ماي|يونيو|يوليوز|غشت|شتنبر|أكتوبر|نونبر|دجنبر"
"""Read in printed dates only."""


def numbered(*calendars: str) -> list[tuple[str, int]]:
    return [
        (name, number)
        for calendar in calendars
        for number, name in enumerate(calendar.split("|"), start=1)
    ]


@pytest.mark.parametrize(("name", "month"), numbered(*CALENDARS.values(), MOROCCAN))
def test_every_month_name_is_read_in_a_date(name: str, month: int) -> None:
    assert read_date(f"14 {name} 2009", now=NOW) == (date(2009, month, 14), True, ())
    leading = read_leading_date(f"14 {name} 2009", 0)
    assert leading is not None
    assert leading.published == date(2009, month, 14)


@pytest.mark.parametrize(("name", "month"), numbered(*CALENDARS.values()))
def test_every_month_name_is_read_in_a_question(name: str, month: int) -> None:
    day = date(2009, month, 14)
    assert extract_time_window(f"ماذا حدث في 14 {name} 2009؟", NOW.date()).period == Period(
        day, day
    )


@pytest.mark.parametrize("spelling", ["ديسمبر", "ديسيمبر", "دسمبر", "ديسنبر", "دجنبر"])
def test_every_spelling_of_december_is_read(spelling: str) -> None:
    assert read_date(f"4 {spelling} 2016", now=NOW) == (date(2016, 12, 4), True, ())


@pytest.mark.parametrize(
    ("name", "month"),
    [(name, number) for number, row in enumerate(MONTHS, 1) for name in split_names(*row)],
)
def test_every_name_in_the_table_is_read_in_a_date(name: str, month: int) -> None:
    assert read_date(f"4 {name} 2016", now=NOW) == (date(2016, month, 4), True, ())


@pytest.mark.parametrize("name", ["الماء", "الصيف", "ناصر", "الفاتح"])
def test_libyan_month_names_without_a_year_are_other_words(name: str) -> None:
    assert read_date(f"4 {name}", now=NOW) is None
    assert extract_time_window(f"ماذا حدث في {name}؟", NOW.date()).period is None


@pytest.mark.parametrize(
    ("name", "weekday"),
    [(name, number) for number, row in enumerate(WEEKDAYS) for name in split_names(*row)],
)
def test_every_weekday_name_settles_an_ambiguous_date(name: str, weekday: int) -> None:
    day = date(2015, 6, 1 + weekday)  # 1 June 2015 was a Monday
    assert day.weekday() == weekday
    assert read_date(f"{name} 0{day.day}/06/2015", now=NOW) == (day, True, ())


@pytest.mark.parametrize("number", range(7))
def test_full_weekday_names_are_read_in_questions_and_as_tokens(number: int) -> None:
    for name in split_names(WEEKDAYS[number].full):
        assert words_and_numbers(name) == [f"#day{number + 1}"]
        period = extract_time_window(f"ماذا حدث يوم {name}؟", NOW.date()).period
        assert period is not None
        assert period.since is not None
        assert period.since.weekday() == number


@pytest.mark.parametrize("unit", ["day", "week", "month", "year"])
def test_arabic_plurals_of_units_are_read_in_dates_and_questions(unit: str) -> None:
    for name in split_names(UNITS[unit].plural):
        if not name.isascii():
            assert read_date(f"منذ 3 {name}", now=NOW) is not None
            assert extract_time_window(f"ماذا حدث منذ 3 {name}؟", NOW.date()).period is not None
