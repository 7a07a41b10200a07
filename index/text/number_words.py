"""The numbers of a text, and its weekdays and months, whether in digits or in words.

For telling whether two texts give the same figures, so a number is a mark, not a value: «ثلاثة»,
«الثالث», "three", «٣» and "3" have one mark; «ثلاثة وعشرين» has two, those of 3 and of 20.
"""

from __future__ import annotations

import re
from functools import lru_cache

from index.text.normalise import fold
from index.text.spans import word_set

NUMBER_TOKEN_PREFIX = "#"  # noqa: S105 - no secret
"""What a mark begins with; no word does."""
_WORD = re.compile(r"\d+|[^\W\d_]+")
_HAMZA_SEATS = str.maketrans({"ؤ": "و", "ئ": "ي", "ء": None})
"""Hamzas that `fold` leaves alone. People write مسؤول and مسئول, شؤون and شئون for one word."""

_NUMBERS = {
    "0": "صفر|zero|zéro",
    "1": "واحد|واحدة|أول|أولى|one|first|une|un|premier|première",
    "2": "اثنان|اثنين|اثنا|اثني|اثنتان|اثنتين|اثنتا|اثنتي|ثان|ثاني|ثانية|two|second|deux|deuxième",
    "3": "ثلاث|ثلاثة|ثالث|ثالثة|three|third|trois|troisième",
    "4": "أربع|أربعة|رابع|رابعة|four|fourth|quatre|quatrième",
    "5": "خمس|خمسة|خامس|خامسة|five|fifth|cinq|cinquième",
    "6": "ست|ستة|سادس|سادسة|six|sixth|sixième",
    "7": "سبع|سبعة|سابع|سابعة|seven|seventh|sept|septième",
    "8": "ثمان|ثماني|ثمانية|ثامن|ثامنة|eight|eighth|huit|huitième",
    "9": "تسع|تسعة|تاسع|تاسعة|nine|ninth|neuf|neuvième",
    "10": "عشرات|عشر|عشرة|عاشر|عاشرة|ten|tenth|dix|dixième",
    "11": "eleven|onze",
    "12": "twelve|douze",
    "13": "thirteen|treize",
    "14": "fourteen|quatorze",
    "15": "fifteen|quinze",
    "16": "sixteen|seize",
    "17": "seventeen",
    "18": "eighteen",
    "19": "nineteen",
    "20": "عشرون|عشرين|twenty|vingt",
    "30": "ثلاثون|ثلاثين|thirty|trente",
    "40": "أربعون|أربعين|forty|quarante",
    "50": "خمسون|خمسين|fifty|cinquante",
    "60": "ستون|ستين|sixty|soixante",
    "70": "سبعون|سبعين|seventy",
    "80": "ثمانون|ثمانين|eighty",
    "90": "تسعون|تسعين|ninety",
    "100": "مئة|مائة|مئات|hundred|hundreds|cent|cents",
    "200": "مئتان|مئتين|مئتا|مئتي|مائتان|مائتين|مائتا|مائتي",
    "300": "ثلاثمئة|ثلاثمائة",
    "400": "أربعمئة|أربعمائة",
    "500": "خمسمئة|خمسمائة",
    "600": "ستمئة|ستمائة",
    "700": "سبعمئة|سبعمائة",
    "800": "ثمانمئة|ثمانمائة|ثمانيمئة|ثمانيمائة",
    "900": "تسعمئة|تسعمائة",
    "1000": "ألف|ألفا|آلاف|thousand|thousands|mille",
    "2000": "ألفان|ألفين|ألفي",
    "1000000": "مليون|مليونا|ملايين|million|millions",
    "2000000": "مليونان|مليونين|مليوني",
    "1000000000": "مليار|مليارا|مليارات|بليون|billion|billions|milliard|milliards",
    "2000000000": "ملياران|مليارين|ملياري",
    "half": "نصف|half|moitié",
    "third": "ثلث",
    "quarter": "ربع|quarter|quart",
}
_DAYS = (
    "الاثنين|monday|lundi",
    "الثلاثاء|tuesday|mardi",
    "الأربعاء|wednesday|mercredi",
    "الخميس|thursday|jeudi",
    "الجمعة|friday|vendredi",
    "السبت|saturday|samedi",
    "الأحد|sunday|dimanche",
)
_MONTHS = (
    "يناير|كانون_الثاني|جانفي|january|jan|janvier",
    "فبراير|شباط|فيفري|february|feb|février",
    "مارس|آذار|march|mars",
    "أبريل|إبريل|نيسان|أفريل|april|avril",
    "مايو|أيار|mai",
    "يونيو|حزيران|جوان|june|juin",
    "يوليو|تموز|جويلية|july|juillet",
    "أغسطس|أوت|august|août",
    "سبتمبر|أيلول|september|septembre",
    "أكتوبر|تشرين_الأول|october|octobre",
    "نوفمبر|تشرين_الثاني|november|novembre",
    "ديسمبر|كانون_الأول|december|décembre",
)
"""Names that are hardly ever anything else: not «آب» (father), «الماء» (water) or "may"."""


def _fold_hamzas(word: str) -> str:
    return fold(word).translate(_HAMZA_SEATS)


_NUMBER_TOKENS = {
    _fold_hamzas(name): f"{NUMBER_TOKEN_PREFIX}{mark}"
    for group in (
        _NUMBERS.items(),
        ((f"day{number}", names) for number, names in enumerate(_DAYS, 1)),
        ((f"month{number}", names) for number, names in enumerate(_MONTHS, 1)),
    )
    for mark, names in group
    for name in names.split("|")
}
_FIRST_WORDS_OF_PAIRS = {name.split("_")[0] for name in _NUMBER_TOKENS if "_" in name}
_PREFIX_LETTERS = ("و", "ف", "ب", "ل", "ك")
_NOT_NUMBERS = word_set("لست وست بست كست فست لسبع كربع")
"""What a letter before a number looks like, and is a word of its own («لست»: I am not)."""


def words_and_numbers(text: str) -> list[str]:
    """Return the words of `text` in order, folded, without punctuation, numbers as their marks.

    A weekday or a month that is named has a mark as well.
    """
    tokens: list[str] = []
    for word in _WORD.findall(fold(text).translate(_HAMZA_SEATS)):
        if word[0].isdigit():
            tokens.append(NUMBER_TOKEN_PREFIX + (word.lstrip("0") or "0"))
            continue
        previous = tokens[-1].removeprefix("و") if tokens else ""
        if previous in _FIRST_WORDS_OF_PAIRS and (
            token := _NUMBER_TOKENS.get(f"{previous}_{word}")
        ):
            tokens[-1] = token
            continue
        tokens.append(_find_number_token(word) or word)
    return tokens


@lru_cache(20_000)
def _find_number_token(word: str) -> str | None:
    """Return the mark of a folded word, which may have «and», «in», «for» or «the» before it."""
    if word in _NOT_NUMBERS:
        return None
    forms = [word]
    if word.startswith(_PREFIX_LETTERS):
        forms.append(word[1:])
    for form in forms:
        if token := _NUMBER_TOKENS.get(form):
            return token
        if form.startswith("ال") and (token := _NUMBER_TOKENS.get(form[2:])):
            return token
    if word.startswith("لل"):
        return _NUMBER_TOKENS.get("ال" + word[2:]) or _NUMBER_TOKENS.get(word[2:])
    return None


def is_number_token(word: str) -> bool:
    """Say whether a word of `words_and_numbers` is a mark."""
    return word.startswith(NUMBER_TOKEN_PREFIX)


def same_numbers(first: list[str], second: list[str]) -> bool:
    """Say whether two lists of words agree in their marks, in order.

    A number that one of them leaves out is no disagreement; nor is one that is written otherwise
    ("1,200", "1 200", "1200").
    """
    first_numbers, second_numbers = (
        [word for word in words if is_number_token(word)] for words in (first, second)
    )
    shorter, longer = sorted((first_numbers, second_numbers), key=len)
    remaining = iter(longer)
    return all(token in remaining for token in shorter) or _join_digits(
        first_numbers
    ) == _join_digits(second_numbers)


def _join_digits(tokens: list[str]) -> str:
    return "".join(tokens).replace(NUMBER_TOKEN_PREFIX, "")
