"""Whether a word in Arabic letters and one in Latin letters are the same name, letter by letter.

Sound alone (`index.text.phonetic`) leaves all vowels out: Farage sounds like «فرق». That helps
where what is found is then put in order; where nothing is, it says too little. Here every long
vowel that Arabic writes must stand in the Latin word, at its place, and a name must have four
letters in Arabic, because shorter words are alike to too many others.
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
"""How each letter may be written in English or French."""
_ARABIC_ARTICLE = re.compile("^ال(?=...)")
_LATIN_ARTICLE = re.compile("^[ae]l(?=....)")
_POSSESSIVE = re.compile("(?<=...)s$")
_WORD = re.compile(r"[^\W_]+")


def split_words(text: str) -> list[str]:
    """Return the words of a text as they are written, in order."""
    return _WORD.findall(text)


def is_transliteration(one: str, other: str) -> bool:
    """Say whether two folded words, one in each script, may be one name."""
    if is_arabic(one) == is_arabic(other):
        return False
    arabic, latin = (one, other) if is_arabic(one) else (other, one)
    forms = {latin, _LATIN_ARTICLE.sub("", latin), _POSSESSIVE.sub("", latin)}
    patterns = [compiled for base in unprefixed_forms(arabic) if (compiled := _latin_pattern(base))]
    return any(pattern.fullmatch(form) for pattern in patterns for form in forms)


def looks_like_name(word: str) -> bool:
    """Say whether a word, as it stands in a text, may be a name: a Latin one needs a capital."""
    return word[0].isupper() or is_arabic(fold(word))


@lru_cache(20_000)
def _latin_pattern(arabic: str) -> re.Pattern[str] | None:
    """Return how a folded Arabic word is written in Latin letters; None where it is too short."""
    letters = _ARABIC_ARTICLE.sub("", arabic)
    if len(letters) < _MIN_LETTERS or any(letter not in _LATIN_PATTERNS for letter in letters):
        return None
    has_final_ha = letters[-1] == "ه"
    patterns = [_LATIN_PATTERNS[letter] + _SHORT_VOWELS for letter in letters.removesuffix("ه")]
    if letters[0] == "ا":
        patterns[0] = "[aeiou]+"
    return re.compile("".join(patterns) + ("[aeiou]*(?:h|t)?" if has_final_ha else "h?"))
