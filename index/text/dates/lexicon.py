"""Words that dates are written with, folded: months, weekdays, hours of the day, labels, zones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from index.text.dates.printed import MONTH_NUMBERS
from index.text.normalise import fold


def numbered(*names: str) -> Mapping[str, int]:
    """Return the number, from one, of each folded name in lists divided by bars."""
    return {fold(name): number for number, same in enumerate(names, 1) for name in same.split("|")}


def any_of(names: Iterable[str]) -> str:
    """Return a pattern of `names`, the longest first, that spans white space as it is written."""
    longest_first = sorted(set(names), key=lambda name: (-len(name), name))
    return "|".join(re.escape(name).replace(r"\ ", r"\s?") for name in longest_first)


def spelled(name: str) -> str:
    """Return `name` as the tables hold it, whatever white space it was written with."""
    return name.replace(" ", "")


MONTHS = {
    spelled(name): number
    for name, number in {
        **MONTH_NUMBERS,
        **numbered(
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
MONTH = any_of(
    [*MONTH_NUMBERS, "كانون ثاني", "كانون ثان", "كانون اول", "تشرين اول", "تشرين ثاني"]
    + [name for name in MONTHS if name not in {spelled(known) for known in MONTH_NUMBERS}]
)
_OF_LIBYA = (
    "أي النار|اينار|النوار|نوار|الربيع|الطير|الماء|الصيف|ناصر|هانيبال|الفاتح|التمور|الثمور|الحرث|"
    "الكانون"
)
LIBYAS_OWN = frozenset(spelled(name) for name in numbered(_OF_LIBYA))
"""Months of 1969-2011 that are everyday words as well: a date of them has a year."""

_HIJRI = numbered(
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
HIJRI_MONTHS = {spelled(name): number for name, number in _HIJRI.items()}
HIJRI_MONTH = any_of(_HIJRI)

WEEKDAYS = {
    name: number - 1
    for name, number in numbered(
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
WEEKDAY = any_of(WEEKDAYS)

_UNITS = (
    *("الأول", "الثاني", "الثالث", "الرابع", "الخامس"),
    *("السادس", "السابع", "الثامن", "التاسع", "العاشر"),
)
_FIRST = ["الحادي", *_UNITS[1:9]]
_ORDINALS = numbered(
    *_UNITS,
    *(f"{unit} عشر" for unit in _FIRST),
    "العشرين|العشرون",
    *(f"{unit} والعشرين|{unit} والعشرون" for unit in _FIRST),
    "الثلاثين|الثلاثون",
    "الحادي والثلاثين|الحادي والثلاثون",
)
_ORDINAL = re.compile(rf"(?<!\w)(?P<day>{any_of(_ORDINALS)})(?= من )|\bpremier(?= )")
_ORDINALS_SPELLED = {spelled(name): number for name, number in _ORDINALS.items()}


def in_digits(text: str) -> str:
    """Return the folded `text` with days that are spelled out in digits: «الرابع من مايو»."""
    return _ORDINAL.sub(
        lambda found: str(_ORDINALS_SPELLED[spelled(found["day"])] if found["day"] else 1), text
    )
