"""Words that dates are written with, folded: months, weekdays, hours of the day, labels, zones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from index.text.dates.printed import MONTH_NUMBERS
from index.text.normalise import fold


def number_by_name(*names: str) -> Mapping[str, int]:
    """Return the number, from one, of each folded name in lists divided by bars."""
    return {
        fold(name): number
        for number, synonyms in enumerate(names, 1)
        for name in synonyms.split("|")
    }


def build_alternation(names: Iterable[str]) -> str:
    """Return a pattern of `names`, the longest first, that spans white space as it is written."""
    longest_first = sorted(set(names), key=lambda name: (-len(name), name))
    return "|".join(re.escape(name).replace(r"\ ", r"\s?") for name in longest_first)


def strip_spaces(name: str) -> str:
    """Return `name` as the tables hold it, whatever white space it was written with."""
    return name.replace(" ", "")


MONTHS = {
    strip_spaces(name): number
    for name, number in {
        **MONTH_NUMBERS,
        **number_by_name(
            "ينائر|كانون ثاني|كانون ثان|جنفي|اينار",
            "فبرائر|فيفرير|نوار|fevrier|fevr|fev|febr|febuary",
            "آذار|مارت|mars",
            "أبرل|ابرايل|avril|avr",
            "أيار|ماية",
            "يونيه|يونيوه|حزيزان|juin",
            "يوليه|يوليوز|جولية|جويليا",
            "أوغسطس|اغسطوس|أغشت|غشت|اغشت|آب|aout",
            "سيبتمبر|ستمبر|شتنبر|أيلول|سبتنبر|septembre",
            "أوكتوبر|اكتوبير|تشرين أول|تشرين اول|تشرين الاؤل|أكطوبر|الثمور|octobre",
            "نونبر|نوفنبر|نوفمير|تشرين ثاني|تشرين ثان|novembre",
            "دجنبر|ديسنبر|دسمبر|كانون أول|ديسيمبرmbre",
        ),
    }.items()
}
"""Gregorian months without white space: also Morocco's, Mauritania's, and common misspellings."""
MONTH_PATTERN = build_alternation(
    [*MONTH_NUMBERS, "كانون ثاني", "كانون ثان", "كانون اول", "تشرين اول", "تشرين ثاني"]
    + [name for name in MONTHS if name not in {strip_spaces(known) for known in MONTH_NUMBERS}]
)
_LIBYAN_MONTH_NAMES = (
    "أي النار|اينار|النوار|نوار|الربيع|الطير|الماء|الصيف|ناصر|هانيبال|الفاتح|التمور|الثمور|الحرث|"
    "الكانون"
)
LIBYAN_MONTHS = frozenset(strip_spaces(name) for name in number_by_name(_LIBYAN_MONTH_NAMES))
"""Months of 1969-2011 that are everyday words as well: a date of them has a year."""

_HIJRI_MONTH_NUMBERS = number_by_name(
    "محرم|المحرم|محرم الحرام|muharram|mouharram|mouharam",
    "صفر|صفر الخير|safar",
    "ربيع الأول|ربيع أول|ربيع الاولي|ربيع الأنور|rabi al-awwal|rabi i|rabi al awwal|"
    "rabi' al-awwal|rabia al awal|rabi ul-awwal|rabi' i",
    "ربيع الثاني|ربيع الآخر|ربيع ثاني|ربيع ثان|rabi al-thani|rabi ii|rabi' al-thani|"
    "rabi al-akhir|rabi al thani|rabi' ii|rabi' al-akhir|rabia ath-thani|rabi ath-thani",
    "جمادى الأولى|جماد الأولى|جمادى الأول|جماد الأول|جمادى اولى|جماد أول|jumada al-ula|"
    "jumada al-awwal|jumada i|jumada al-oula|joumada al oula|joumada i|jumada al ula",
    "جمادى الآخرة|جمادى الثانية|جمادى الثاني|جماد الثاني|جماد الآخر|جماد الآخرة|جمادى الأخرى|"
    "جماد ثاني|جمادى الآخر|jumada al-akhirah|jumada al-akhira|jumada al-thani|jumada ii|"
    "joumada ii|jumada al-thaniyah|joumada al thania|jumada al akhira",
    "رجب|رجب الفرد|رجب الأصب|رجب المرجب|rajab|radjab",
    "شعبان|شعبان المعظم|shaban|sha'ban|sha‘ban|shaaban|chaabane|chaaban",
    "رمضان|رمضان المبارك|رمضان المعظم|ramadan|ramadhan|ramadhane",
    "شوال|شوال المكرم|shawwal|chawwal|shawal",
    "ذو القعدة|ذي القعدة|ذا القعدة|القعدة|ذو العقدة|dhu al-qidah|dhu al-qadah|dhul-qadah|"
    "dhu al-qi'dah|dhu al-qa'dah|dhul qadah|dhou al qida|dhul-qidah|zul-qaada",
    "ذو الحجة|ذي الحجة|ذا الحجة|الحجة|dhu al-hijjah|dhul-hijjah|dhul hijjah|dhou al hijja|"
    "dhu al-hijja|dhul hijja|zul-hijja",
)
HIJRI_MONTHS = {strip_spaces(name): number for name, number in _HIJRI_MONTH_NUMBERS.items()}
HIJRI_MONTH_PATTERN = build_alternation(_HIJRI_MONTH_NUMBERS)

WEEKDAYS = {
    name: number - 1
    for name, number in number_by_name(
        "الاثنين|الإثنين|الأثنين|اثنين|الاتنين|monday|mon|lundi|lun",
        "الثلاثاء|ثلاثاء|الثلاثا|الثلثاء|tuesday|tues|tue|mardi|mar",
        "الأربعاء|أربعاء|الاربعا|wednesday|weds|wed|mercredi|mer",
        "الخميس|خميس|thursday|thurs|thur|thu|jeudi|jeu",
        "الجمعة|جمعة|friday|fri|vendredi|ven",
        "السبت|سبت|saturday|sat|samedi|sam",
        "الأحد|أحد|sunday|sun|dimanche|dim",
    ).items()
}
"""Monday is 0, as `date.weekday` says."""
WEEKDAY_PATTERN = build_alternation(WEEKDAYS)

_ORDINAL_UNITS = (
    *("الأول", "الثاني", "الثالث", "الرابع", "الخامس"),
    *("السادس", "السابع", "الثامن", "التاسع", "العاشر"),
)
_COMPOUND_UNITS = ["الحادي", *_ORDINAL_UNITS[1:9]]
_ORDINALS = number_by_name(
    *_ORDINAL_UNITS,
    *(f"{unit} عشر" for unit in _COMPOUND_UNITS),
    "العشرين|العشرون",
    *(f"{unit} والعشرين|{unit} والعشرون" for unit in _COMPOUND_UNITS),
    "الثلاثين|الثلاثون",
    "الحادي والثلاثين|الحادي والثلاثون",
)
_ORDINAL_DAY = re.compile(rf"(?<!\w)(?P<day>{build_alternation(_ORDINALS)})(?= من )|\bpremier(?= )")
_ORDINALS_WITHOUT_SPACES = {strip_spaces(name): number for name, number in _ORDINALS.items()}


def ordinals_to_digits(text: str) -> str:
    """Return the folded `text` with days that are spelled out in digits: «الرابع من مايو»."""
    return _ORDINAL_DAY.sub(
        lambda match: str(
            _ORDINALS_WITHOUT_SPACES[strip_spaces(match["day"])] if match["day"] else 1
        ),
        text,
    )
