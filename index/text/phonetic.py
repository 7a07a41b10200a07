"""Compute phonetic keys that match names across the Arabic and Latin scripts.

A key is the word's consonants in classes that both scripts distinguish: حفتر, Haftar and Hifter
are all `hftr`. Vowels, the article, doubled consonants and ع are left out, because spellings differ
in them. Some Latin letters are ambiguous (the g of Geneva, the last s of Guterres), so a word has
up to three keys; two words may be the same name if they share one.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice, product

from index.text.normalise import fold
from index.text.terms import is_arabic, unprefixed_forms

MAX_KEYS = 3
"""Maximum keys of a word, the likeliest first."""
_SHORT_KEY_LENGTH = 3
"""A key of fewer consonants also marks a vowel at the beginning and end of the word."""

_ARABIC_SOUNDS = {
    letter: sound
    for letters, sound in (
        ("بپ", "b"),
        ("تطث", "t"),
        ("جژ", "j"),
        ("حخه", "h"),
        ("دذضظ", "d"),
        ("ر", "r"),
        ("ز", "z"),
        ("سص", "s"),
        ("شچ", "x"),
        ("فڤ", "f"),
        ("قكغگ", "k"),
        ("ل", "l"),
        ("م", "m"),
        ("ن", "n"),
    )
    for letter in letters
}
"""The class of every Arabic letter that is pronounced as a consonant."""
_VOWELS = "aeiouwy"
_LATIN_SOUNDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("tch|sch|sh", ("x",)),
    ("ch", ("x", "k")),
    ("(?<=[aou])ugh$", ("",)),
    ("(?<=n)g(?=t)", ("",)),
    ("(?<=.)th", ("t", "th")),
    ("th|t", ("t",)),
    ("dh|d", ("d",)),
    ("dj|j", ("j",)),
    ("ph|f|v", ("f",)),
    ("kh", ("h",)),
    ("gh|ck|qu|k|q", ("k",)),
    ("g(?=[eiy])", ("k", "j")),
    ("c(?=[eiy])", ("s",)),
    ("c|g", ("k",)),
    (f"(?<=[{_VOWELS}])s(?=[{_VOWELS}])", ("s", "z")),
    ("s$", ("s", "x")),
    ("z$", ("z", "s", "x")),
    ("h$", ("", "h")),
    (f"(?<=.)h(?![{_VOWELS}])", ("h", "")),
    ("b|p", ("b",)),
    ("x", ("ks",)),
    *((letter, (letter,)) for letter in "hlmnrsz"),
)
"""Patterns of Latin spelling, tried in this order, and their possible classes."""
_LATIN_SPELLING = re.compile("|".join(f"({written})" for written, _ in _LATIN_SOUNDS))

_LETTERS = re.compile("[^a-z\u0621-\u064aپچژڤگ]")
_ARABIC_ARTICLE = re.compile("^ال(?=...)")
_LATIN_ARTICLE = re.compile("^[ae]l(?=....)")
_DOUBLED = re.compile(rf"([^{_VOWELS}])\1+")
_ARABIC_ABD = re.compile("^عبدال")
_LATIN_ABD = re.compile(f"^abd[{_VOWELS}]+l(?=[^{_VOWELS}])")
"""Abdel-, whose l is assimilated in Abdessalam although عبدالسلام has it."""


@lru_cache(20_000)
def phonetic_keys(word: str) -> tuple[str, ...]:
    """Return the keys of a folded word with and without possible prefixes, without repeats.

    Keys of Arabic words are in capitals: `cross_script_key` converts between the scripts.
    """
    keys = dict.fromkeys(key for form in unprefixed_forms(word) for key in consonant_keys(form))
    return tuple(key.upper() if is_arabic(word) else key for key in keys)


def cross_script_key(key: str) -> str:
    """Return the key that the same name has in the other script."""
    return key.swapcase()


def consonant_keys(word: str) -> tuple[str, ...]:
    """Return the keys of `word`, in letters from a to z, the likeliest first.

    A word with fewer than two consonants, or in neither script, has no key: it would match too
    many others. A name of two words can be passed as one ("New York", نيويورك).
    """
    letters = _LETTERS.sub("", fold(word))
    if not letters:
        return ()
    keys = _latin_keys(letters) if letters[0].isascii() else (_arabic_key(letters),)
    return tuple(dict.fromkeys(key for key in keys if key))[:MAX_KEYS]


def _arabic_key(letters: str) -> str:
    name = _ARABIC_ABD.sub("عبد", _ARABIC_ARTICLE.sub("", letters))
    name = name.replace("تش", "چ").replace("لله", "له")
    consonants = "".join(_ARABIC_SOUNDS.get(letter, "") for letter in name.removesuffix("ه"))
    return _build_key(
        consonants, starts_with_vowel=name[0] in "اوؤيئءع", ends_with_vowel=name[-1] in "اويئءهع"
    )


def _latin_keys(letters: str) -> list[str]:
    name = _DOUBLED.sub(r"\1", _LATIN_ARTICLE.sub("", letters))
    name = _LATIN_ABD.sub("abd ", name)
    sounds = [
        _LATIN_SOUNDS[match.lastindex - 1][1]
        for match in _LATIN_SPELLING.finditer(name)
        if match.lastindex
    ]
    starts_with_vowel = name[0] in _VOWELS
    keys = []
    for reading in islice(product(*sounds), 2 * MAX_KEYS):
        consonants = "".join(reading)
        if name[-1] == "e":
            possible_endings = [False, True]
        else:
            possible_endings = [name[-1] in _VOWELS or (name[-1] == "h" and reading[-1:] == ("",))]
        keys += [
            _build_key(consonants, starts_with_vowel, ends_with_vowel)
            for ends_with_vowel in possible_endings
        ]
    return keys


def _build_key(consonants: str, starts_with_vowel: bool, ends_with_vowel: bool) -> str:
    """Return the key, or "" if it has fewer than two consonants."""
    if len(consonants) < 2:
        return ""
    if len(consonants) >= _SHORT_KEY_LENGTH:
        return consonants
    return "a" * starts_with_vowel + consonants + "a" * ends_with_vowel
