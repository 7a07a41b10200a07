"""Detect PDF text that is garbled because the fonts map glyphs to wrong characters."""

from __future__ import annotations

import re

from index.text.normalise import fold
from index.text.spans import word_set

_MIN_WORDS = 12
"""A text of fewer words is not judged."""
_MIN_WORDS_FOR_COMMON = 80
"""An Arabic text of so many words has at least one of `_COMMON_WORDS`."""
_WORD = re.compile(r"[^\W\d_]+")
_ARABIC = re.compile("[\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff]")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]+")
_VOWEL = re.compile(r"[aeiouyàâäáãåæèéêëìíîïòóôöõøœùúûü]", re.IGNORECASE)
_ACCENTED = re.compile(r"[À-ÿ¡-¿]")
_COMMON_WORDS = frozenset(
    map(
        fold,
        word_set(
            "في من على إلى الى عن أن ان هذا هذه التي الذي مع كان قال بعد قبل كما أو لا ما ثم هو هي "
            "و در به از که را این با است کے کی میں ہے"
        ),
    )
)
_NEVER_WORD_INITIAL = ("ة", "ى", "ء")
"""Letters that begin no Arabic word and end many."""


def is_garbled(text: str) -> bool:
    """Return whether a text's letters differ from those that the page shows."""
    tokens = _WORD.findall(text)
    arabic = [word for word in tokens if _ARABIC.match(word)]
    latin = [word for word in tokens if _LATIN.fullmatch(word)]
    if len(arabic) >= len(latin):
        return _is_garbled_arabic(arabic)
    return _is_garbled_latin(latin, text)


def _is_garbled_arabic(arabic_words: list[str]) -> bool:
    """Return whether words are single letters, reversed, or without any common word among them."""
    if len(arabic_words) < _MIN_WORDS:
        return False
    if sum(map(len, arabic_words)) < 1.7 * len(arabic_words):
        return True
    reversed_words = sum(
        word.startswith(_NEVER_WORD_INITIAL) or word.endswith("لا") for word in arabic_words
    )
    plausible_words = sum(
        word.endswith(_NEVER_WORD_INITIAL) or word.startswith("ال") for word in arabic_words
    )
    if reversed_words > max(3, 2 * plausible_words):
        return True
    folded_words = map(fold, arabic_words)
    return len(arabic_words) >= _MIN_WORDS_FOR_COMMON and not any(
        word in _COMMON_WORDS for word in folded_words
    )


def _is_garbled_latin(latin_words: list[str], text: str) -> bool:
    """Return whether words lack vowels, or are Arabic bytes decoded as accented letters."""
    long_words = [word for word in latin_words if len(word) >= 3 and not word.isupper()]
    if len(long_words) >= _MIN_WORDS and sum(map(_has_vowel, long_words)) < 0.7 * len(long_words):
        return True
    letter_count = sum(map(len, latin_words))
    return len(latin_words) >= _MIN_WORDS and len(_ACCENTED.findall(text)) > 0.3 * letter_count


def _has_vowel(word: str) -> bool:
    return _VOWEL.search(word) is not None
