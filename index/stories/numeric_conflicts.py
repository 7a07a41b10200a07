"""Extract the counted figures of a text and detect contradictions between two texts.

Precision is preferred over recall, because a contradicting quote is selected before one that adds
something. Only numbers directly before the counted noun are used; years, dates, scores, ordinals
and numbers of several words are ignored. Pure functions, no I/O.
"""

from __future__ import annotations

import re
from collections import defaultdict
from fractions import Fraction

from index.text.normalise import fold
from index.text.number_words import NUMBER_TOKEN_PREFIX, is_number_token, words_and_numbers
from index.text.terms import content_words, stem

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+|[%٪]|[-–:/]")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3}){2,}")
_YEARS = range(1_900, 2_101)
_JOINERS = frozenset("-–:/")
"""A number next to one of these is part of a score, a date or a range."""
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
"""Folded. One and two are left out, because they often mean «the one» and «the second»."""
_SCALES = frozenset(("#1000", "#1000000", "#1000000000"))
"""The number tokens of words that multiply the number before them: ألف, million, milliards."""


def extract_figures(text: str) -> dict[str, set[Fraction]]:
    """Return the numbers in `text`, by the stem of the counted noun ("%" for percentages)."""
    tokens = _TOKEN.findall(fold(text))
    values_by_unit: dict[str, set[Fraction]] = defaultdict(set)
    index = 0
    while index < len(tokens):
        value, end = _parse_number(tokens, index)
        if value is not None and (unit := _parse_unit(tokens, end)):
            values_by_unit[unit].add(value)
        index = end
    return dict(values_by_unit)


def have_conflicting_figures(first: str, second: str) -> bool:
    """Return whether two texts count the same thing and share no number for it."""
    first_figures, second_figures = extract_figures(first), extract_figures(second)
    return any(
        first_figures[unit].isdisjoint(second_figures[unit])
        for unit in first_figures.keys() & second_figures
    )


def _parse_number(tokens: list[str], index: int) -> tuple[Fraction | None, int]:
    """Return the comparable number at token `index`, or None, and the index after it."""
    token, previous = tokens[index], tokens[index - 1] if index else ""
    end = index + 1
    if token[0].isdigit():
        value = _parse_digits(token)
    elif token in _CARDINALS:
        value = Fraction(_CARDINALS[token])
    else:
        return None, end
    if (
        previous in _JOINERS
        or _is_number(previous)
        or (tokens[end : end + 1] or [""])[0] in _JOINERS
    ):
        return None, end
    scale = _number_token(tokens[end]) if end < len(tokens) else None
    if scale in _SCALES:
        return value * int(scale.removeprefix(NUMBER_TOKEN_PREFIX)), end + 1
    return (None if value in _YEARS else value), end


def _parse_digits(token: str) -> Fraction:
    """Parse a number in digits: 1200, 1,200, 1.200.000, 5.5 or 5,5."""
    if _THOUSANDS.fullmatch(token):
        whole, _, part = token.replace(",", "").partition(".") if "," in token else (token, "", "")
        return Fraction(f"{whole}.{part}") if part else Fraction(whole.replace(".", ""))
    parts = re.split("[.,]", token)
    return Fraction(f"{parts[0]}.{parts[1]}") if len(parts) == 2 else Fraction("".join(parts))


def _parse_unit(tokens: list[str], index: int) -> str | None:
    """Return the stem of the word at token `index` if it can be a counted noun."""
    if index >= len(tokens):
        return None
    word = tokens[index]
    if word in "%٪":
        return "%"
    if _is_number(word) or not content_words(word):
        return None
    return stem(word)


def _is_number(token: str) -> bool:
    """Return whether a token is a number in digits or words, a weekday or a month."""
    return _number_token(token) is not None


def _number_token(token: str) -> str | None:
    """Return the normalised form of a token that is a number, a weekday or a month, or None."""
    return next(filter(is_number_token, words_and_numbers(token)), None)
