"""Normalise the numbers, weekdays and months of a text, in digits or words, to tokens.

The tokens tell whether two texts give the same figures, so they are not values: «ثلاثة»,
«الثالث», "three", «٣» and "3" have the same token; «ثلاثة وعشرين» has two, of 3 and of 20.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from index.text.normalise import fold
from index.text.spans import word_set
from index.text.temporal_lexicon import CARDINALS, MONTHS, ORDINALS, WEEKDAYS, split_names

NUMBER_TOKEN_PREFIX = "#"  # noqa: S105 - no secret
"""First character of a number token; no word begins with it."""
_WORD = re.compile(r"\d+|[^\W\d_]+")
_HAMZA_SEATS = str.maketrans({"ؤ": "و", "ئ": "ي", "ء": None})
"""Hamzas that `fold` keeps. Spellings vary: مسؤول and مسئول, شؤون and شئون are the same words."""

_FRACTIONS = {"half": "نصف|half|moitié", "third": "ثلث", "quarter": "ربع|quarter|quart"}
_OTHER_FORMS = {2: "اثنا|اثني|اثنتا|اثنتي", 10: "عشرات"}
"""Words of compound numbers («اثنا عشر») and plurals."""
_AMBIGUOUS_MONTHS = frozenset(split_names("آب|ماي|may"))
"""Months that are common words as well: «آب» is also "father". So are Libya's («الماء»: water)."""
_ABBREVIATED_MONTHS = {1: "jan", 2: "feb"}


def _fold_hamzas(word: str) -> str:
    return fold(word).translate(_HAMZA_SEATS)


def _token_names() -> Iterator[tuple[str, str]]:
    """Yield a token and a name that it stands for."""
    for names_by_number in (CARDINALS, ORDINALS, _OTHER_FORMS):
        for number, names in names_by_number.items():
            yield from ((str(number), name) for name in names.split("|"))
    for fraction, names in _FRACTIONS.items():
        yield from ((fraction, name) for name in names.split("|"))
    for number, weekday in enumerate(WEEKDAYS, 1):
        yield from ((f"day{number}", name) for name in split_names(weekday.full))
    for number, month in enumerate(MONTHS, 1):
        for name in split_names(month.full, _ABBREVIATED_MONTHS.get(number, "")):
            if name not in _AMBIGUOUS_MONTHS:
                yield f"month{number}", name.replace(" ", "_")


_NUMBER_TOKENS = {
    _fold_hamzas(name): f"{NUMBER_TOKEN_PREFIX}{token}" for token, name in _token_names()
}
_FIRST_WORDS_OF_PAIRS = {name.split("_")[0] for name in _NUMBER_TOKENS if "_" in name}
_PREFIX_LETTERS = ("و", "ف", "ب", "ل", "ك")
_NOT_NUMBERS = word_set("لست وست بست كست فست لسبع كربع")
"""Words that look like a number with a prefix, such as «لست» (I am not)."""


def words_and_numbers(text: str) -> list[str]:
    """Return the folded words of `text` in order, without punctuation.

    Numbers, weekdays and months are replaced by their tokens.
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
    """Return the token of a folded word, without its Arabic prefix or article if it has one."""
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
    """Say whether a word of `words_and_numbers` is a number token."""
    return word.startswith(NUMBER_TOKEN_PREFIX)


def same_numbers(first: list[str], second: list[str]) -> bool:
    """Say whether the number tokens of two word lists agree, in order.

    A number that one list omits is no disagreement; nor is another notation ("1,200", "1 200",
    "1200").
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
