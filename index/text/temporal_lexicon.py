"""Names of months, weekdays, units of time and numbers in Arabic, English and French.

The single table behind every reader of dates and times. Names stand here as newspapers print
them, alternatives divided by "|"; `number_by_name` and `unit_by_name` fold them. A reader selects
the columns whose names are unambiguous in the kind of text that it reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from index.text.normalise import fold


class MonthNames(NamedTuple):
    """Names of one Gregorian month."""

    full: str
    """International, Levantine, Tunisian and Algerian, English and French names."""
    abbreviated: str
    libyan: str
    """Libya's own names of 1969-2011. Most are everyday words, such as «الماء» (water)."""
    variants: str
    """Moroccan and Mauritanian names, rarer abbreviations, and common misspellings."""


class WeekdayNames(NamedTuple):
    """Names of one weekday."""

    full: str
    variants: str
    """Dialect spellings and misspellings of the full names."""
    short: str
    """Abbreviations, and Arabic names without their article: "sun" and «أحد» are other words."""


class UnitNames(NamedTuple):
    """Names of one unit of time."""

    singular: str
    accusative: str
    """The Arabic form after numbers above ten: «15 يوما»."""
    plural: str
    dual: str
    abbreviated: str


MONTHS = (
    MonthNames(
        "يناير|كانون الثاني|جانفي|january|janvier",
        "jan|janv",
        "أي النار|اينار",
        "ينائر|كانون ثاني|كانون ثان|جنفي",
    ),
    MonthNames(
        "فبراير|شباط|فيفري|february|février",
        "feb|févr",
        "النوار|نوار",
        "فبرائر|فيفرير|fév|febr|febuary",
    ),
    MonthNames("مارس|آذار|march|mars", "mar", "الربيع", "مارت"),
    MonthNames("أبريل|نيسان|أفريل|april|avril", "apr|avr", "الطير", "أبرل|ابرايل"),
    MonthNames("مايو|أيار|ماي|may|mai", "", "الماء", "ماية"),
    MonthNames("يونيو|حزيران|جوان|june|juin", "jun", "الصيف", "يونيه|يونيوه|حزيزان"),
    MonthNames("يوليو|تموز|جويلية|july|juillet", "jul|juil", "ناصر", "يوليه|يوليوز|جولية|جويليا"),
    MonthNames("أغسطس|آب|أوت|august|août", "aug", "هانيبال", "أوغسطس|اغسطوس|أغشت|غشت"),
    MonthNames(
        "سبتمبر|أيلول|september|septembre", "sept|sep", "الفاتح", "سيبتمبر|ستمبر|شتنبر|سبتنبر"
    ),
    MonthNames(
        "أكتوبر|تشرين الأول|october|octobre",
        "oct",
        "التمور|الثمور",
        "أوكتوبر|اكتوبير|تشرين أول|تشرين الاؤل|أكطوبر",
    ),
    MonthNames(
        "نوفمبر|تشرين الثاني|november|novembre",
        "nov",
        "الحرث",
        "نونبر|نوفنبر|نوفمير|تشرين ثاني|تشرين ثان",
    ),
    MonthNames(
        "ديسمبر|كانون الأول|december|décembre",
        "dec|déc",
        "الكانون",
        "ديسيمبر|دجنبر|ديسنبر|دسمبر|كانون أول",
    ),
)
"""January to December."""

WEEKDAYS = (
    WeekdayNames("الاثنين|monday|lundi", "الاتنين", "اثنين|mon|lun"),
    WeekdayNames("الثلاثاء|tuesday|mardi", "الثلاثا|الثلثاء|التلاتاء", "ثلاثاء|tues|tue|mar"),
    WeekdayNames("الأربعاء|wednesday|mercredi", "الأربعا", "أربعاء|weds|wed|mer"),
    WeekdayNames("الخميس|thursday|jeudi", "", "خميس|thurs|thur|thu|jeu"),
    WeekdayNames("الجمعة|friday|vendredi", "", "جمعة|fri|ven"),
    WeekdayNames("السبت|saturday|samedi", "", "سبت|sat|sam"),
    WeekdayNames("الأحد|sunday|dimanche", "", "أحد|sun|dim"),
)
"""Monday first, as `date.weekday` counts."""

UNITS = {
    "second": UnitNames(
        "ثانية|second|seconde", "", "ثواني|ثوان|seconds|secondes", "ثانيتين", "sec|secs"
    ),
    "minute": UnitNames("دقيقة|minute", "", "دقائق|دقايق|minutes", "دقيقتين", "min|mins"),
    "hour": UnitNames("ساعة|hour|heure", "", "ساعات|hours|heures", "ساعتين", "h|hr|hrs"),
    "day": UnitNames("يوم|day|jour", "يوما", "أيام|days|jours", "يومين|يومان", "d|j"),
    "week": UnitNames(
        "أسبوع|week|semaine", "أسبوعا", "أسابيع|weeks|semaines", "أسبوعين|أسبوعان", ""
    ),
    "month": UnitNames("شهر|month|mois", "شهرا", "أشهر|شهور|months", "شهرين|شهران", ""),
    "year": UnitNames(
        "عام|سنة|year|an|année",
        "عاما",
        "أعوام|سنوات|سنين|years|ans|années",
        "عامين|عامان|سنتين|سنتان",
        "",
    ),
}

CARDINALS = {
    0: "صفر|zero|zéro",
    1: "واحد|واحدة|one|un|une",
    2: "اثنان|اثنين|اثنتان|اثنتين|two|deux",
    3: "ثلاث|ثلاثة|three|trois",
    4: "أربع|أربعة|four|quatre",
    5: "خمس|خمسة|five|cinq",
    6: "ست|ستة|six",
    7: "سبع|سبعة|seven|sept",
    8: "ثمان|ثماني|ثمانية|eight|huit",
    9: "تسع|تسعة|nine|neuf",
    10: "عشر|عشرة|ten|dix",
    11: "eleven|onze",
    12: "twelve|douze",
    13: "thirteen|treize",
    14: "fourteen|quatorze",
    15: "fifteen|quinze",
    16: "sixteen|seize",
    17: "seventeen",
    18: "eighteen",
    19: "nineteen",
    20: "عشرون|عشرين|twenty|vingt",
    30: "ثلاثون|ثلاثين|thirty|trente",
    40: "أربعون|أربعين|forty|quarante",
    50: "خمسون|خمسين|fifty|cinquante",
    60: "ستون|ستين|sixty|soixante",
    70: "سبعون|سبعين|seventy",
    80: "ثمانون|ثمانين|eighty",
    90: "تسعون|تسعين|ninety",
    100: "مئة|مائة|مئات|hundred|hundreds|cent|cents",
    200: "مئتان|مئتين|مئتا|مئتي|مائتان|مائتين|مائتا|مائتي",
    300: "ثلاثمئة|ثلاثمائة",
    400: "أربعمئة|أربعمائة",
    500: "خمسمئة|خمسمائة",
    600: "ستمئة|ستمائة",
    700: "سبعمئة|سبعمائة",
    800: "ثمانمئة|ثمانمائة|ثمانيمئة|ثمانيمائة",
    900: "تسعمئة|تسعمائة",
    1_000: "ألف|ألفا|آلاف|thousand|thousands|mille",
    2_000: "ألفان|ألفين|ألفي",
    1_000_000: "مليون|مليونا|ملايين|million|millions",
    2_000_000: "مليونان|مليونين|مليوني",
    1_000_000_000: "مليار|مليارا|مليارات|بليون|billion|billions|milliard|milliards",
    2_000_000_000: "ملياران|مليارين|ملياري",
}
"""Cardinal numbers of one word."""
COUNT_VARIANTS = {
    1: "a|an",
    3: "تلات|تلاتة",
    8: "تمانية",
    11: "أحد عشر|إحدى عشرة",
    12: "اثنا عشر|اثني عشر|اثنتي عشرة|اثنتا عشرة",
}
"""Further words for counts of units: English articles, dialect spellings, two-word numbers."""
ORDINALS = {
    1: "أول|أولى|first|premier|première",
    2: "ثاني|ثان|ثانية|second|deuxième",
    3: "ثالث|ثالثة|third|troisième",
    4: "رابع|رابعة|fourth|quatrième",
    5: "خامس|خامسة|fifth|cinquième",
    6: "سادس|سادسة|sixth|sixième",
    7: "سابع|سابعة|seventh|septième",
    8: "ثامن|ثامنة|eighth|huitième",
    9: "تاسع|تاسعة|ninth|neuvième",
    10: "عاشر|عاشرة|tenth|dixième",
}
"""Ordinal numbers; the first name is the Arabic masculine."""


def split_names(*columns: str) -> list[str]:
    """Return the folded names in `columns`, each a list divided by "|" or empty."""
    return [fold(name) for column in columns if column for name in column.split("|")]


def number_by_name(rows: Iterable[str], *, first: int = 1) -> dict[str, int]:
    """Return the number of each folded name in `rows`, which are numbered from `first`."""
    return {name: number for number, row in enumerate(rows, first) for name in split_names(row)}


def with_article(names: Iterable[str]) -> list[str]:
    """Return the Arabic ones of `names` with the definite article «ال» before them."""
    return [f"ال{name}" for name in names if not name.isascii()]


def build_alternation(names: Iterable[str], *, space: str = " ") -> str:
    """Return a pattern that matches any of `names`, the longest first.

    `space` is the pattern that stands for each space in a name.
    """
    longest_first = sorted(set(names), key=lambda name: (-len(name), name))
    return "|".join(re.escape(name).replace(r"\ ", space) for name in longest_first)


MONTH_NUMBERS: Mapping[str, int] = number_by_name(
    "|".join(filter(None, (month.full, month.abbreviated, month.libyan))) for month in MONTHS
)
"""Months by folded name, 1 to 12, without the spelling variants."""
COUNTS: Mapping[str, int] = {
    name: number
    for number in range(1, 13)
    for name in split_names(CARDINALS[number], COUNT_VARIANTS.get(number, ""))
}
"""Numbers from 1 to 12 by folded name."""
