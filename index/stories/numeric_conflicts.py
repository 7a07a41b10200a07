"""The figures that a text gives, and whether two texts give different ones: pure.

It prefers to miss a contradiction: what is taken for one is quoted before what is new. So only
numbers count that stand right before what they count; years, dates, scores and ordinals do not, nor
do numbers of several words.
"""

from __future__ import annotations

import re
from collections import defaultdict
from fractions import Fraction

from index.text.normalise import fold
from index.text.number_words import MARK, is_mark, marked_words
from index.text.terms import stem, word_list

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+|[%٪]|[-–:/]")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3}){2,}")
_YEARS = range(1_900, 2_101)
_TIED = frozenset("-–:/")
"""A number beside one of these is part of a score, a date or a range."""
_CARDINALS = {
    word: number
    for number, words in enumerate(
        (
            "ثلاثه ثلاث three trois",
            "اربعه اربع four quatre",
            "خمسه خمس five cinq",
            "سته ست six",
            "سبعه سبع seven sept",
            "ثمانيه ثماني ثمان eight huit",
            "تسعه تسع nine neuf",
            "عشره ten dix",
            "eleven onze",
            "twelve douze",
            "thirteen treize",
            "fourteen quatorze",
            "fifteen quinze",
            "sixteen seize",
        ),
        3,
    )
    for word in words.split()
}
"""Folded. One and two are left out: they are «the one» and «the second» as often."""
_SCALES = frozenset(("#1000", "#1000000", "#1000000000"))
"""The marks of words that multiply the number before them: ألف, million, milliards."""


def figures(text: str) -> dict[str, set[Fraction]]:
    """Return the numbers that `text` gives, by the stem of what is counted."""
    tokens = _TOKEN.findall(fold(text))
    found: dict[str, set[Fraction]] = defaultdict(set)
    place = 0
    while place < len(tokens):
        value, after = _number(tokens, place)
        if value is not None and (counted := _counted(tokens, after)):
            found[counted].add(value)
        place = after
    return dict(found)


def contradict(one: str, other: str) -> bool:
    """Say whether two texts count the same thing and come to different numbers."""
    counted, otherwise = figures(one), figures(other)
    return any(counted[each].isdisjoint(otherwise[each]) for each in counted.keys() & otherwise)


def _number(tokens: list[str], place: int) -> tuple[Fraction | None, int]:
    """Return the number that stands there, if it is one to be compared, and where it ends."""
    token, before = tokens[place], tokens[place - 1] if place else ""
    after = place + 1
    if token[0].isdigit():
        value = _digits(token)
    elif token in _CARDINALS:
        value = Fraction(_CARDINALS[token])
    else:
        return None, after
    if before in _TIED or _is_number(before) or (tokens[after : after + 1] or [""])[0] in _TIED:
        return None, after
    scale = _mark(tokens[after]) if after < len(tokens) else None
    if scale in _SCALES:
        return value * int(scale.removeprefix(MARK)), after + 1
    return (None if value in _YEARS else value), after


def _digits(token: str) -> Fraction:
    """Read 1200, 1,200, 1.200.000, 5.5 or 5,5."""
    if _THOUSANDS.fullmatch(token):
        whole, _, part = token.replace(",", "").partition(".") if "," in token else (token, "", "")
        return Fraction(f"{whole}.{part}") if part else Fraction(whole.replace(".", ""))
    parts = re.split("[.,]", token)
    return Fraction(f"{parts[0]}.{parts[1]}") if len(parts) == 2 else Fraction("".join(parts))


def _counted(tokens: list[str], place: int) -> str | None:
    """Return the stem of the word that stands there, if it can be what is counted."""
    if place >= len(tokens):
        return None
    word = tokens[place]
    if word in "%٪":
        return "%"
    if _is_number(word) or not word_list(word):
        return None
    return stem(word)


def _is_number(token: str) -> bool:
    """Say whether a token is a number in digits or words, a weekday or a month."""
    return _mark(token) is not None


def _mark(token: str) -> str | None:
    """Return the mark of a token that is a number, a weekday or a month."""
    return next(filter(is_mark, marked_words(token)), None)
