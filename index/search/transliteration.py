"""Decide letter by letter whether an Arabic and a Latin word are spellings of the same name.

Phonetic keys (`index.text.phonetic`) drop all vowels, so that Farage matches «فرق». That is good
enough for candidates that are ranked afterwards, but too weak where a match alone decides. Here
every long vowel written in Arabic must occur in the Latin word at its place, and a name must have
at least four Arabic letters, because shorter words match too many others.
"""

from __future__ import annotations

import re
from functools import lru_cache

from index.text.normalise import fold
from index.text.terms import is_arabic, unprefixed_forms

_MIN_LETTERS = 4
_SHORT_VOWELS = "[aeiouy]*"
_LATIN_PATTERNS = {
    letter: written
    for letters, written in (
        ("ا", "[ae]+"),
        ("و", "(?:[aou]+w?|w)(?:gh)?"),
        ("يئ", "[iyej]+"),
        ("ؤ", "[ou]+"),
        ("ع", "[aeiou]*"),
        ("ء", ""),
        ("بپ", "[bp]+"),
        ("تط", "t+h?"),
        ("ث", "(?:th|s|t)"),
        ("جژ", "(?:d?j|d?g|zh)"),
        ("ح", "h+"),
        ("ه", "h+"),
        ("خ", "(?:kh|ch|h)"),
        ("ذظ", "(?:dh|d|th|z)"),
        ("دض", "d+h?"),
        ("ر", "r+h?"),
        ("ز", "[zs]+"),
        ("سص", "(?:s+|c|z)"),
        ("شچ", "(?:sch|sh|ch|t?ch|s)"),
        ("غ", "gh?"),
        ("فڤ", "(?:f+|ph|v)"),
        ("ق", "(?:gh|q|k|g|c)"),
        ("كگ", "(?:ck|ch|k+|c+|q|g)"),
        ("ل", "l+"),
        ("م", "m+"),
        ("ن", "n+"),
    )
    for letter in letters
}
"""Pattern of the Latin spellings, English or French, of each Arabic letter."""
_ARABIC_ARTICLE = re.compile("^ال(?=...)")
_LATIN_ARTICLE = re.compile("^[ae]l(?=....)")
_POSSESSIVE = re.compile("(?<=...)s$")
_WORD = re.compile(r"[^\W_]+")


def split_words(text: str) -> list[str]:
    """Return the words of a text in order, unfolded."""
    return _WORD.findall(text)


def is_transliteration(one: str, other: str) -> bool:
    """Return whether two folded words, one in each script, may be spellings of one name."""
    if is_arabic(one) == is_arabic(other):
        return False
    arabic, latin = (one, other) if is_arabic(one) else (other, one)
    forms = {latin, _LATIN_ARTICLE.sub("", latin), _POSSESSIVE.sub("", latin)}
    patterns = [compiled for base in unprefixed_forms(arabic) if (compiled := _latin_pattern(base))]
    return any(pattern.fullmatch(form) for pattern in patterns for form in forms)


def looks_like_name(word: str) -> bool:
    """Return whether a word may be a name: it is Arabic or begins with a capital letter."""
    return word[0].isupper() or is_arabic(fold(word))


@lru_cache(20_000)
def _latin_pattern(arabic: str) -> re.Pattern[str] | None:
    """Return the pattern of a folded Arabic word's Latin spellings.

    None if the word is too short or has a letter without a pattern.
    """
    letters = _ARABIC_ARTICLE.sub("", arabic)
    if len(letters) < _MIN_LETTERS or any(letter not in _LATIN_PATTERNS for letter in letters):
        return None
    has_final_ha = letters[-1] == "ه"
    patterns = [_LATIN_PATTERNS[letter] + _SHORT_VOWELS for letter in letters.removesuffix("ه")]
    if letters[0] == "ا":
        patterns[0] = "[aeiou]+"
    return re.compile("".join(patterns) + ("[aeiou]*(?:h|t)?" if has_final_ha else "h?"))
