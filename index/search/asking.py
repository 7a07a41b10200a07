"""From a question to what is looked for by words: every stored word that may be one of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from index.search.lexical import Sought
from index.store.moment import Moment
from index.store.rows import WordRow
from index.text.names import Names
from index.text.sound import sounds
from index.text.terms import bases, is_arabic, variants, word_list

MOST_WORDS = 40
"""So many different words of a question are looked for; those after them are left out."""

_Ids = NDArray[np.int32]


def sought_in(question: str, names: Names, moment: Moment) -> list[Sought]:
    """Return what `question` looks for: each of its known names, and each of its other words.

    A name is found under all its spellings, in every language. Another word is found under its
    stem and, in the other script, by its sound, because it may be a name that no list has.
    """
    mentioned = names.mentions(question)
    in_names = {word for mention in mentioned for word in mention.words}
    others = [word for word in dict.fromkeys(word_list(question)) if word not in in_names]
    others = others[:MOST_WORDS]
    spelled = {
        mention.entry: list(filter(None, map(word_list, names.spellings(mention.entry))))
        for mention in mentioned
    }
    in_spellings = {word for each in spelled.values() for spelling in each for word in spelling}
    heard = {word: {key for base in bases(word) for key in sounds(base)} for word in others}
    found = moment.words_like(
        {stem for word in (*others, *in_spellings) for stem in variants(word)},
        {key for keys in heard.values() for key in keys},
    )
    by_stem = _by_stem(found)
    named = [_name(spellings, by_stem) for spellings in spelled.values()]
    plain = [_word(word, heard[word], by_stem, found) for word in others]
    return named + plain


def _name(spellings: Iterable[Sequence[str]], by_stem: Mapping[str, _Ids]) -> Sought:
    known = [tuple(_stored(word, by_stem) for word in spelling) for spelling in spellings]
    whole = [groups for groups in known if all(len(group) for group in groups)]
    return Sought(tuple(whole))


def _word(
    word: str, keys: set[str], by_stem: Mapping[str, _Ids], found: Iterable[WordRow]
) -> Sought:
    alike = [
        row.id for row in found if keys & set(row.sounds) and is_arabic(row.word) != is_arabic(word)
    ]
    ids = np.union1d(_stored(word, by_stem), np.array(alike, np.int32)).astype(np.int32)
    return Sought(((ids,),) if len(ids) else ())


def _stored(word: str, by_stem: Mapping[str, _Ids]) -> _Ids:
    """Return the ids of the stored words that may be forms of `word`."""
    alike = [by_stem[stem] for stem in variants(word) if stem in by_stem]
    return np.unique(np.concatenate([*alike, np.empty(0, np.int32)])).astype(np.int32)


def _by_stem(found: Iterable[WordRow]) -> Mapping[str, _Ids]:
    ids: dict[str, list[int]] = defaultdict(list)
    for row in found:
        ids[row.stem].append(row.id)
    return {stem: np.array(numbers, np.int32) for stem, numbers in ids.items()}
