"""Which language a text is written in, as far as this archive needs to know."""

from __future__ import annotations

import re

from index.text.spans import word_set

_WORDS = re.compile(r"[^\W\d_]+")
_ELIDED = re.compile(r"\b(?:[cdjlmnst]|qu)['’](?=[^\W\d_])", re.IGNORECASE)
"""A French word before an apostrophe, as in "l'accord" (and not the s of "Salem's")."""
_PERSIAN = frozenset("پچژگ")
_URDU_KURDISH = frozenset("ٹڈڑےںھہۃڵڕێۆە")
"""Letters of Urdu and Kurdish."""
_COMMON_WORDS = {
    "en": word_set(
        "the of and to in that is was for on with as by at from it its are were has have had will "
        "be been he they his their who what when where why which how did does do said"
    ),
    "fr": word_set(
        "le la les de des du et en un une que qui dans pour sur au aux est par où quand comment "
        "pourquoi quel quelle quels quelles ce cette ces sont été avec il elle ils pas ne se sa "
        "son ses leur plus mais ou avoir fait"
    ),
    "other": word_set(
        "el los las del y e por para con una su es como más pero "
        "il lo gli della di che per non sono nel alla anche "
        "der die das und ist von den mit nicht ein eine zu auf wer wann "
        "os da em não um uma ao "
        "het een van dat niet zijn "
        "bir ve için bu ile"
    ),
}
"""Short words, the most frequent of each language; "other" keeps its neighbours apart from it."""
_SAMPLE_LENGTH = 4_000
"""The first characters are enough to tell."""


def primary_subtag(language: str | None) -> str:
    """Return the language of a tag without its region: "ar" of "ar-LY", and "" of none."""
    return (language or "").partition("-")[0]


def detect_language(text: str) -> str | None:
    """Return "ar", "en", "fr" or "fa" for `text`, or None where it is none of these.

    The script decides first, then letters that Arabic does not have, then common short words. A
    foreign name in an Arabic question («من هو Sam Waters؟») leaves it Arabic.
    """
    sample = text[:_SAMPLE_LENGTH]
    letters = sum(map(str.isalpha, sample))
    arabic_letters = sum(map(_is_arabic_letter, sample))
    latin_letters = sum(char.isalpha() and char < "\u0250" for char in sample)
    if arabic_letters > latin_letters and 2 * arabic_letters > letters:
        return _detect_arabic_script(sample, arabic_letters)
    if latin_language := _detect_latin_script(sample) if 2 * latin_letters > letters else None:
        return latin_language
    return _detect_arabic_script(sample, arabic_letters) if 4 * arabic_letters > letters else None


def _is_arabic_letter(char: str) -> bool:
    """Say whether `char` is a letter of the Arabic script, also in the forms that PDFs hold."""
    block = "\u0600" <= char <= "\u06ff" or "\ufb50" <= char <= "\ufdff"
    return (block or "\ufe70" <= char <= "\ufefc") and char.isalpha()


def _detect_arabic_script(sample: str, letters: int) -> str | None:
    if 40 * sum(char in _URDU_KURDISH for char in sample) > letters:
        return None
    return "fa" if 40 * sum(char in _PERSIAN for char in sample) > letters else "ar"


def _detect_latin_script(sample: str) -> str | None:
    words = [word.casefold() for word in _WORDS.findall(sample)]
    counts = {
        language: sum(word in common_words for word in words)
        for language, common_words in _COMMON_WORDS.items()
    }
    counts["fr"] += len(_ELIDED.findall(sample))
    best = max(counts, key=lambda language: counts[language])
    return best if counts[best] and best != "other" else None
