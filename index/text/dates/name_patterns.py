"""Patterns and lookup tables of the month, weekday and Hijri month names in printed dates.

The tables hold folded names without spaces, because sources print «كانون الثاني» with and without
one; the patterns allow both.
"""

from __future__ import annotations

from index.text.temporal_lexicon import (
    MONTHS,
    WEEKDAYS,
    build_alternation,
    number_by_name,
    split_names,
)


def strip_spaces(name: str) -> str:
    """Return `name` as the tables hold it, whatever white space it was written with."""
    return "".join(name.split())


def _without_spaces(numbers: dict[str, int]) -> dict[str, int]:
    return {strip_spaces(name): number for name, number in numbers.items()}


_MONTH_NUMBERS = number_by_name("|".join(filter(None, month)) for month in MONTHS)
MONTH_BY_NAME = _without_spaces(_MONTH_NUMBERS)
"""Gregorian months, 1 to 12, under every name of the lexicon."""
MONTH_PATTERN = build_alternation(_MONTH_NUMBERS, space=r"\s?")
LIBYAN_MONTHS = frozenset(
    strip_spaces(name) for month in MONTHS for name in split_names(month.libyan)
)
"""Months of 1969-2011 that are everyday words as well: a date with one must have a year."""

WEEKDAY_BY_NAME = number_by_name(("|".join(filter(None, weekday)) for weekday in WEEKDAYS), first=0)
"""Weekdays from Monday, which is 0 as in `date.weekday`."""
WEEKDAY_PATTERN = build_alternation(WEEKDAY_BY_NAME)

_HIJRI_MONTH_NUMBERS = number_by_name(
    (
        "محرم|المحرم|محرم الحرام|muharram|mouharram|mouharam",
        "صفر|صفر الخير|safar",
        (
            "ربيع الأول|ربيع أول|ربيع الاولي|ربيع الأنور|rabi al-awwal|rabi i|rabi al awwal|"
            "rabi' al-awwal|rabia al awal|rabi ul-awwal|rabi' i"
        ),
        (
            "ربيع الثاني|ربيع الآخر|ربيع ثاني|ربيع ثان|rabi al-thani|rabi ii|rabi' al-thani|"
            "rabi al-akhir|rabi al thani|rabi' ii|rabi' al-akhir|rabia ath-thani|rabi ath-thani"
        ),
        (
            "جمادى الأولى|جماد الأولى|جمادى الأول|جماد الأول|جمادى اولى|جماد أول|jumada al-ula|"
            "jumada al-awwal|jumada i|jumada al-oula|joumada al oula|joumada i|jumada al ula"
        ),
        (
            "جمادى الآخرة|جمادى الثانية|جمادى الثاني|جماد الثاني|جماد الآخر|جماد الآخرة|"
            "جمادى الأخرى|جماد ثاني|جمادى الآخر|jumada al-akhirah|jumada al-akhira|"
            "jumada al-thani|jumada ii|joumada ii|jumada al-thaniyah|"
            "joumada al thania|jumada al akhira"
        ),
        "رجب|رجب الفرد|رجب الأصب|رجب المرجب|rajab|radjab",
        "شعبان|شعبان المعظم|shaban|sha'ban|sha‘ban|shaaban|chaabane|chaaban",
        "رمضان|رمضان المبارك|رمضان المعظم|ramadan|ramadhan|ramadhane",
        "شوال|شوال المكرم|shawwal|chawwal|shawal",
        (
            "ذو القعدة|ذي القعدة|ذا القعدة|القعدة|ذو العقدة|dhu al-qidah|dhu al-qadah|dhul-qadah|"
            "dhu al-qi'dah|dhu al-qa'dah|dhul qadah|dhou al qida|dhul-qidah|zul-qaada"
        ),
        (
            "ذو الحجة|ذي الحجة|ذا الحجة|الحجة|dhu al-hijjah|dhul-hijjah|dhul hijjah|dhou al hijja|"
            "dhu al-hijja|dhul hijja|zul-hijja"
        ),
    )
)
HIJRI_MONTH_BY_NAME = _without_spaces(_HIJRI_MONTH_NUMBERS)
HIJRI_MONTH_PATTERN = build_alternation(_HIJRI_MONTH_NUMBERS, space=r"\s?")
