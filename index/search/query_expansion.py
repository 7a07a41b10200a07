"""From a question to what is looked for by words: every stored word that may be one of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from index.search.bm25_index import QueryTerm
from index.storage.snapshot import Snapshot
from index.storage.vocabulary import SimilarTerms
from index.text.gazetteer import Gazetteer
from index.text.phonetic import cross_script_key, phonetic_keys
from index.text.terms import variants, word_list

MAX_WORDS = 40
"""So many different words of a question are looked for; those after them are left out."""


def expand_query(question: str, names: Gazetteer, moment: Snapshot) -> list[QueryTerm]:
    """Return what `question` looks for: each of its known names, and each of its other words.

    A name is found under all its spellings, in every language. Another word is found under its
    stem and, in the other script, by its sound, because it may be a name that no list has.
    """
    mentioned = names.mentions(question)
    in_names = {word for mention in mentioned for word in mention.words}
    others = [word for word in dict.fromkeys(word_list(question)) if word not in in_names]
    others = others[:MAX_WORDS]
    spelled = {mention.entry: _spellings(names, mention.entry) for mention in mentioned}
    in_spellings = {word for each in spelled.values() for spelling in each for word in spelling}
    alike = moment.words_like(
        {stem for word in (*others, *in_spellings) for stem in variants(word)},
        {cross_script_key(key) for word in others for key in phonetic_keys(word)},
    )
    named = [_name(spellings, alike) for spellings in spelled.values()]
    plain = [_word(word, alike) for word in others]
    return named + plain


def _spellings(names: Gazetteer, entry: int) -> list[list[str]]:
    return list(filter(None, map(word_list, names.spellings(entry))))


def _name(spellings: Iterable[Sequence[str]], alike: SimilarTerms) -> QueryTerm:
    known = [tuple(_ids(_forms(word, alike)) for word in spelling) for spelling in spellings]
    return QueryTerm(tuple(groups for groups in known if all(map(len, groups))))


def _word(word: str, alike: SimilarTerms) -> QueryTerm:
    by_sound = (alike.by_sound.get(cross_script_key(key), ()) for key in phonetic_keys(word))
    ids = _forms(word, alike).union(*by_sound)
    return QueryTerm(((_ids(ids),),) if ids else ())


def _forms(word: str, alike: SimilarTerms) -> set[int]:
    """Return the ids of the stored words that may be forms of `word`."""
    return {number for stem in variants(word) for number in alike.by_stem.get(stem, ())}


def _ids(numbers: Iterable[int]) -> NDArray[np.int32]:
    return np.array(sorted(numbers), np.int32)
