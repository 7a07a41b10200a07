"""Compare Arabic words with Arabic typed in Latin letters, as in a chat ("7aftar", "man iltaqa").

Nobody types it twice alike: short vowels come and go, one Latin letter stands for several Arabic
ones, and digits stand for letters that look like them (7 for ح, 3 for ع). So a Latin word is
aligned with Arabic ones, and the cheapest alignment wins.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice, product

from index.text.normalise import fold
from index.text.phonetic import consonant_keys

MAX_WORD_LENGTH = 24
"""Longer words are not compared."""
_MAX_KEY_FORMS = 6
_LETTERS = {
    "b": "ب", "p": "ب", "t": "تطثة", "th": "ثتذ", "j": "ج", "dj": "ج", "g": "جغقك", "h": "هحة",
    "kh": "خ", "5": "خ", "7": "ح", "d": "دضذ", "dh": "ذضظد", "r": "ر", "z": "زذظس", "s": "سصث",
    "sh": "ش", "ch": "شك", "9": "قص", "8": "قغ", "6": "ط", "3": "ع", "2": "ءاؤئ", "gh": "غ",
    "4": "ذ", "f": "ف", "v": "ف", "ph": "ف", "q": "قك", "k": "كق", "c": "كس", "l": "ل", "m": "م",
    "n": "ن", "w": "و", "x": "ك", "y": "ي", "a": "اعهءي", "e": "ايه", "i": "ياعئ", "o": "وؤاع",
    "u": "وؤع", "ou": "وؤ", "oo": "و", "ee": "ي", "aa": "اع",
}  # fmt: skip
"""The Arabic letters, folded, that a Latin spelling may stand for, the likeliest first."""
_SPELLING = re.compile("|".join(sorted(_LETTERS, key=lambda spelling: -len(spelling))))
_VOWELS = frozenset("aeiou")
_INITIAL_VOWEL, _ARTICLE = "ا", "ال"
_DIGIT_LETTERS = {"2": "a", "3": "a", "4": "dh", "5": "kh", "6": "t", "7": "h", "8": "q", "9": "q"}
_OTHER_READINGS = {"9": ("q", "s"), "8": ("q", "gh"), "z": ("z", "d"), "g": ("k", "j")}
_WITH_DIGIT = re.compile(r"[a-z]*[23456789][a-z]+|[a-z]{2,}[3579]")
"""A word with a digit for a letter; not "g20", "mi6" or "covid19"."""
_MIN_LETTERS = 3
"""A word with fewer letters may be a number or a name: "3rd", "MI6"."""

_LIKELY_LETTERS, _UNLIKELY_LETTER = 2, 0.1
"""The letters after the first two cost a little."""
_SHORT_VOWEL, _DOUBLED_CONSONANT = 0.15, 0.1
_MISSING_LONG_VOWEL, _MISSING_WEAK_LETTER = 0.6, 0.4
_OTHER_LETTER, _MISSING_ARTICLE = 1.3, 0.1
"""Costs of an alignment: of a Latin vowel without an Arabic letter, of the second of two equal
consonants, of و ا ي and of ع ء ه without a Latin letter, of any other difference, and of the
article."""


def has_digit_letter(word: str) -> bool:
    """Return whether a folded word has a digit for an Arabic letter, as "7aftar" has."""
    return sum(map(str.isalpha, word)) >= _MIN_LETTERS and bool(_WITH_DIGIT.fullmatch(word))


def romanised_keys(word: str) -> tuple[str, ...]:
    """Return the phonetic keys under which the Arabic word of a Latin spelling may be stored."""
    readings = [
        _OTHER_READINGS.get(char, (_DIGIT_LETTERS.get(char, char),))
        for char in word[:MAX_WORD_LENGTH]
    ]
    forms = map("".join, islice(product(*readings), _MAX_KEY_FORMS))
    return tuple(dict.fromkeys(key for form in forms for key in consonant_keys(form)))


def alignment_cost(latin: str, arabic: str) -> float:
    """Return how much two folded words differ: 0 if every letter of one stands for the other's.

    The Latin word may lack the article of the Arabic one.
    """
    cost = _align(latin, arabic)
    if arabic.startswith(_ARTICLE) and len(arabic) > len(_ARTICLE) + 1:
        cost = min(cost, _align(latin, arabic.removeprefix(_ARTICLE)) + _MISSING_ARTICLE)
    return cost


def _align(latin: str, arabic: str) -> float:
    """Return the cost of the cheapest alignment (Needleman and Wunsch, 1970)."""
    spellings = _split_spellings(latin[:MAX_WORD_LENGTH])
    arabic = arabic[:MAX_WORD_LENGTH]
    costs = [0.0]
    for letter in arabic:
        costs.append(costs[-1] + _missing_cost(letter))
    for index, spelling in enumerate(spellings):
        skipped = _skipped_cost(spelling, spellings[index - 1] if index else "")
        next_costs = [costs[0] + skipped]
        for place, letter in enumerate(arabic, 1):
            matched = _match_cost(spelling, letter)
            next_costs.append(
                min(
                    costs[place - 1] + matched,
                    costs[place] + skipped,
                    next_costs[-1] + _missing_cost(letter),
                )
            )
        costs = next_costs
    return costs[-1]


def transliterate(latin: str) -> str:
    """Return the likeliest Arabic spelling of a folded word, without its short vowels."""
    spellings = _split_spellings(latin)
    letters = []
    for index, spelling in enumerate(spellings):
        if spelling in _VOWELS and index == 0:
            letters.append(_INITIAL_VOWEL)
            continue
        is_short_vowel = spelling in _VOWELS and index < len(spellings) - 1
        is_doubled = index > 0 and spelling == spellings[index - 1] and spelling not in _VOWELS
        if not is_short_vowel and not is_doubled:
            letters.append(_LETTERS[spelling][0])
    return "".join(letters)


@lru_cache(1_000)
def _split_spellings(latin: str) -> tuple[str, ...]:
    return tuple(_SPELLING.findall(fold(latin)))


def _match_cost(spelling: str, letter: str) -> float:
    place = _LETTERS[spelling].find(letter)
    if place < 0:
        return _OTHER_LETTER
    return 0.0 if place < _LIKELY_LETTERS else _UNLIKELY_LETTER


def _skipped_cost(spelling: str, previous: str) -> float:
    if spelling in _VOWELS:
        return _SHORT_VOWEL
    return _DOUBLED_CONSONANT if spelling == previous else _OTHER_LETTER


def _missing_cost(letter: str) -> float:
    if letter in "اوي":
        return _MISSING_LONG_VOWEL
    return _MISSING_WEAK_LETTER if letter in "عءهئؤ" else _OTHER_LETTER
