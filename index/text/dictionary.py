"""Words of Arabic, English and French with their frequency in general text.

A word that the archive lacks is misspelled only if the language lacks it, too. Of the Arabic words
of one archive that another lacks, this dictionary knows 85 %; of misspelled ones it takes 15 % for
words. The lists are those of `pyspellchecker`. Words are kept as hashes, which needs less than half
the memory.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.text.normalise import fold
from index.text.terms import is_arabic, without_affix

_LATIN_LANGUAGES = ("en", "fr")
_FINAL_YA = ("ى", "ي")
_RARE_SHARE = 0.1
"""A spelling is rare if less than this share of the word's occurrences have it."""
_ARTICLE, _FEMININE, _ADVERBIAL = "ال", "ه", "ا"


class WordFrequencies:
    """How often words occur. Two words share a hash of 64 bits once in 10^8 dictionaries."""

    def __init__(self, words: Sequence[str], frequencies: Sequence[int]) -> None:
        """Store a frequency for each word; those of a word that is listed twice are added up."""
        hashes = np.fromiter(map(hash, words), np.int64, len(words))
        self._hashes: NDArray[np.int64]
        self._hashes, places = np.unique(hashes, return_inverse=True)
        self._counts = np.zeros(len(self._hashes), np.int64)
        np.add.at(self._counts, places, np.array(frequencies, np.int64))

    def __contains__(self, word: str) -> bool:
        return self[word] > 0

    def __getitem__(self, word: str) -> int:
        """Return the frequency of a word, 0 if it is unknown."""
        place = int(np.searchsorted(self._hashes, hash(word)))
        is_found = place < len(self._hashes) and self._hashes[place] == hash(word)
        return int(self._counts[place]) if is_found else 0


class Dictionary(NamedTuple):
    """The words of one script."""

    frequencies: WordFrequencies
    """By folded word."""
    spellings: Mapping[str, tuple[str, ...]]
    """The spellings of folded Arabic words that are not rare, the most frequent first, unless the
    folded word itself is the only one: «المدينة» of «المدينه»."""


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
    return load_dictionary(arabic=True).spellings.get(folded, (folded,))[0]


def usual_spelling(word: str) -> str:
    """Return an Arabic word with the hamzas and the ending that it usually has.

    A spelling that is not rare, and a word that the dictionary lacks, is returned as it is; so are
    ى and ي, which tell the name «علي» from the preposition «على».
    """
    dictionary = load_dictionary(arabic=True)
    folded = fold(word)
    if folded not in dictionary.frequencies:
        return word
    spellings = dictionary.spellings.get(folded, (folded,))
    is_usual = word in spellings or spellings[0].replace(*_FINAL_YA) == word.replace(*_FINAL_YA)
    return word if is_usual else spellings[0]


def load_dictionaries() -> None:
    """Load all words, so that no question waits for them."""
    for arabic in (True, False):
        load_dictionary(arabic=arabic)


@lru_cache(2)
def load_dictionary(*, arabic: bool) -> Dictionary:
    """Return the words of Arabic, or of English and French."""
    if not arabic:
        lists = [_read_word_list(language) for language in _LATIN_LANGUAGES]
        words = [word for listed in lists for word in _fold_words(listed)]
        frequencies = [frequency for listed in lists for frequency in listed.values()]
        return Dictionary(WordFrequencies(words, frequencies), {})
    word_frequencies, spelling_lines = _read_arabic()
    rows = map(str.split, spelling_lines.splitlines())
    return Dictionary(word_frequencies, {folded: tuple(words) for folded, *words in rows})


def _read_arabic() -> tuple[WordFrequencies, str]:
    """Return the frequencies, and a line for each folded word with its usual spellings.

    As one text they do not keep the memory of the whole list from being released.
    """
    listed = _read_word_list("ar")
    folded_words = _fold_words(listed)
    frequencies = WordFrequencies(folded_words, list(listed.values()))
    spellings: dict[str, list[str]] = {}
    for folded, word in zip(folded_words, listed, strict=True):
        if word != folded:
            spellings.setdefault(folded, [folded] if folded in listed else []).append(word)
    lines = []
    for folded, words in spellings.items():
        words.sort(key=lambda word: -listed[word])
        min_frequency = _RARE_SHARE * sum(map(listed.__getitem__, words))
        lines.append(" ".join([folded, *(word for word in words if listed[word] >= min_frequency)]))
    return frequencies, "\n".join(lines)


def _read_word_list(language: str) -> dict[str, int]:
    """Return the words of a list of pyspellchecker with their frequencies.

    The file is read as it is: the package's own loader takes four times as long.
    """
    path = files("spellchecker") / "resources" / f"{language}.json.gz"
    return dict(json.loads(gzip.decompress(path.read_bytes())))


def _fold_words(words: Iterable[str]) -> list[str]:
    """Return the words folded, letter by letter: they have no combining marks."""
    text = "\n".join(words)
    return text.translate({ord(char): fold(char) for char in set(text) - {"\n"}}).split("\n")
