"""Whether what came out of a PDF is language, or signs that only look like it on paper."""

from __future__ import annotations

import re

from index.text.normalise import fold
from index.text.spans import words

_ENOUGH_WORDS = 12
"""Of fewer words nothing is said."""
_ENOUGH_FOR_COMMON = 80
"""So many words of Arabic have some of the commonest among them."""
_WORD = re.compile(r"[^\W\d_]+")
_ARABIC = re.compile("[\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff]")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]+")
_VOWEL = re.compile(r"[aeiouyàâäáãåæèéêëìíîïòóôöõøœùúûü]", re.IGNORECASE)
_ACCENTED = re.compile(r"[À-ÿ¡-¿]")
_COMMON = frozenset(
    map(
        fold,
        words(
            "في من على إلى الى عن أن ان هذا هذه التي الذي مع كان قال بعد قبل كما أو لا ما ثم هو هي "
            "و در به از که را این با است کے کی میں ہے"
        ),
    )
)
_NEVER_FIRST = ("ة", "ى", "ء")
"""Letters with which no Arabic word begins, and with which many end."""


def is_doubtful(text: str) -> bool:
    """Say whether a text's letters are not what a reader of the page would see."""
    found = _WORD.findall(text)
    arabic = [word for word in found if _ARABIC.match(word)]
    latin = [word for word in found if _LATIN.fullmatch(word)]
    if len(arabic) >= len(latin):
        return _is_doubtful_arabic(arabic)
    return _is_doubtful_latin(latin, text)


def _is_doubtful_arabic(found: list[str]) -> bool:
    """Say so of letters that stand apart, of words from behind, and of words that are none."""
    if len(found) < _ENOUGH_WORDS:
        return False
    if sum(map(len, found)) < 1.7 * len(found):
        return True
    reversed_words = sum(word.startswith(_NEVER_FIRST) or word.endswith("لا") for word in found)
    right_words = sum(word.endswith(_NEVER_FIRST) or word.startswith("ال") for word in found)
    if reversed_words > max(3, 2 * right_words):
        return True
    folded = map(fold, found)
    return len(found) >= _ENOUGH_FOR_COMMON and not any(word in _COMMON for word in folded)


def _is_doubtful_latin(found: list[str], text: str) -> bool:
    """Say so of words without vowels, and of Arabic bytes that were read as accented letters."""
    long = [word for word in found if len(word) >= 3 and not word.isupper()]
    if len(long) >= _ENOUGH_WORDS and sum(map(_has_vowel, long)) < 0.7 * len(long):
        return True
    letters = sum(map(len, found))
    return len(found) >= _ENOUGH_WORDS and len(_ACCENTED.findall(text)) > 0.3 * letters


def _has_vowel(word: str) -> bool:
    return _VOWEL.search(word) is not None
