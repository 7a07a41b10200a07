"""Words of Arabic, English and French with their frequency in general text.

A word that the archive lacks is misspelled only if the language lacks it, too. Of the Arabic words
of one archive that another lacks, this dictionary knows 85 %; of misspelled ones it takes 15 % for
words. The lists are those of `pyspellchecker`.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from pydantic import TypeAdapter

from index.text.normalise import fold
from index.text.terms import is_arabic, without_affix

_WORD_LIST = TypeAdapter(dict[str, int])
_LATIN_LANGUAGES = ("en", "fr")
_FINAL_YA = ("ى", "ي")
_RARE_SHARE = 0.1
"""A spelling is rare if less than this share of the word's occurrences have it."""
_ARTICLE, _FEMININE, _ADVERBIAL = "ال", "ه", "ا"


class Dictionary(NamedTuple):
    """The words of one script."""

    frequencies: Mapping[str, int]
    """By folded word."""
    written: Mapping[str, int]
    """Frequencies of the words as they are written; none for Latin script."""
    spellings: Mapping[str, str]
    """The most frequent spelling of each folded word: «المدينة» of «المدينه»; none for Latin."""


def is_dictionary_word(word: str) -> bool:
    """Return whether a folded word, or for Arabic another form of it, is in the dictionary."""
    frequencies = load_dictionary(arabic=is_arabic(word)).frequencies
    if word in frequencies:
        return True
    if not is_arabic(word):
        return False
    forms = [_ARTICLE + word, word.removesuffix(_ADVERBIAL)]
    for form in without_affix(word):
        forms += [form, form + _FEMININE, _ARTICLE + form]
    return any(form in frequencies for form in forms)


def frequent_spelling(folded: str) -> str:
    """Return the most frequent spelling of a folded Arabic word; itself if it is unknown."""
    return load_dictionary(arabic=True).spellings.get(folded, folded)


def usual_spelling(word: str) -> str:
    """Return an Arabic word with the hamzas and the ending that it usually has.

    A spelling that is not rare, and a word that the dictionary lacks, is returned as it is; so are
    ى and ي, which tell the name «علي» from the preposition «على».
    """
    dictionary = load_dictionary(arabic=True)
    folded = fold(word)
    usual = dictionary.spellings.get(folded)
    if usual is None or usual.replace(*_FINAL_YA) == word.replace(*_FINAL_YA):
        return word
    is_rare = dictionary.written.get(word, 0) < _RARE_SHARE * dictionary.frequencies[folded]
    return usual if is_rare else word


@lru_cache(2)
def load_dictionary(*, arabic: bool) -> Dictionary:
    """Return the words of Arabic, or of English and French."""
    frequencies: dict[str, int] = {}
    written: dict[str, int] = {}
    spellings: dict[str, str] = {}
    for language in ("ar",) if arabic else _LATIN_LANGUAGES:
        listed = _read_word_list(language)
        for folded, (word, frequency) in zip(_fold_words(listed), listed.items(), strict=True):
            frequencies[folded] = frequencies.get(folded, 0) + frequency
            if arabic:
                written[word] = frequency
                if frequency > written.get(spellings.get(folded, ""), 0):
                    spellings[folded] = word
    return Dictionary(frequencies, written, spellings)


def _read_word_list(language: str) -> dict[str, int]:
    """Return the words of a list of pyspellchecker with their frequencies.

    The file is read as it is: the package's own loader takes four times as long.
    """
    path = files("spellchecker") / "resources" / f"{language}.json.gz"
    return _WORD_LIST.validate_json(gzip.decompress(path.read_bytes()))


def _fold_words(words: Iterable[str]) -> list[str]:
    """Return the words folded, letter by letter: they have no combining marks."""
    text = "\n".join(words)
    return text.translate({ord(char): fold(char) for char in set(text) - {"\n"}}).split("\n")
