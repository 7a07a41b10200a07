"""Detect the language of a text: Arabic, English, French or Persian.

Why not py3langid: see docs/decisions/language-detection.md.
"""

from __future__ import annotations

import re

from index.text.spans import word_set

_WORDS = re.compile(r"[^\W\d_]+")
_ELIDED = re.compile(r"\b(?:[cdjlmnst]|qu)['’](?=[^\W\d_])", re.IGNORECASE)
"""An elided French word, as in "l'accord" (and not the s of "Salem's")."""
_PERSIAN_LETTERS = frozenset("پچژگ")
_URDU_KURDISH_LETTERS = frozenset("ٹڈڑےںھہۃڵڕێۆە")
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
"""Frequent short words of each language; "other" covers Spanish, Italian, German, Portuguese,
Dutch and Turkish, so that they are not taken for English or French."""
_SAMPLE_LENGTH = 4_000
"""Only this many characters at the beginning of a text are examined."""


def primary_subtag(language: str | None) -> str:
    """Return the language of a tag without its region: "ar" of "ar-LY", "" of None."""
    return (language or "").partition("-")[0]


def detect_language(text: str) -> str | None:
    """Return "ar", "en", "fr" or "fa" for `text`, or None for other languages and names alone.

    The script decides first; then, in Arabic script, letters that Arabic does not have, and in
    Latin script the counts of common short words. A foreign name in an Arabic question («من هو
    Sam Waters؟») leaves it Arabic.
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
    """Say whether `char` is a letter of the Arabic script, or a presentation form as in PDFs."""
    block = "\u0600" <= char <= "\u06ff" or "\ufb50" <= char <= "\ufdff"
    return (block or "\ufe70" <= char <= "\ufefc") and char.isalpha()


def _detect_arabic_script(sample: str, letters: int) -> str | None:
    if 40 * sum(char in _URDU_KURDISH_LETTERS for char in sample) > letters:
        return None
    return "fa" if 40 * sum(char in _PERSIAN_LETTERS for char in sample) > letters else "ar"


def _detect_latin_script(sample: str) -> str | None:
    words = [word.casefold() for word in _WORDS.findall(sample)]
    counts = {
        language: sum(word in common_words for word in words)
        for language, common_words in _COMMON_WORDS.items()
    }
    counts["fr"] += len(_ELIDED.findall(sample))
    best = max(counts, key=lambda language: counts[language])
    return best if counts[best] and best != "other" else None
