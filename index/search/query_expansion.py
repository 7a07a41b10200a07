"""Expand a question into query terms: all stored words that may be forms of its words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from index.search.bm25_index import QueryTerm
from index.storage.snapshot import Snapshot
from index.storage.vocabulary import SimilarTerms
from index.text.gazetteer import Gazetteer
from index.text.phonetic import cross_script_key, phonetic_keys
from index.text.terms import content_words, stem_variants

MAX_QUERY_WORDS = 40
"""Only this many distinct words of a question are searched; the rest are ignored."""


def expand_query(
    question: str, gazetteer: Gazetteer, snapshot: Snapshot, *, by_sound: bool = True
) -> list[QueryTerm]:
    """Return the query terms of `question`: one per gazetteer name, then one per other word.

    A name matches all its spellings, in every language. Any other word matches by its stem and, in
    the other script, by its phonetic key, because it may be a name missing from the gazetteer.
    Without `by_sound` words match by their stems alone.
    """
    mentions = gazetteer.find_mentions(question)
    name_words = {word for mention in mentions for word in mention.words}
    other_words = [
        word for word in dict.fromkeys(content_words(question)) if word not in name_words
    ]
    other_words = other_words[:MAX_QUERY_WORDS]
    spellings_by_entry = {
        mention.entry_index: _split_spellings(gazetteer, mention.entry_index)
        for mention in mentions
    }
    spelling_words = {
        word
        for spellings in spellings_by_entry.values()
        for spelling in spellings
        for word in spelling
    }
    similar = snapshot.similar_terms(
        {stem for word in (*other_words, *spelling_words) for stem in stem_variants(word)},
        {cross_script_key(key) for word in other_words for key in phonetic_keys(word) if by_sound},
    )
    name_terms = [_build_name_term(spellings, similar) for spellings in spellings_by_entry.values()]
    word_terms = [_build_word_term(word, similar) for word in other_words]
    return name_terms + word_terms


def _split_spellings(gazetteer: Gazetteer, entry: int) -> list[list[str]]:
    return list(filter(None, map(content_words, gazetteer.spellings(entry))))


def _build_name_term(spellings: Iterable[Sequence[str]], similar: SimilarTerms) -> QueryTerm:
    id_groups = [
        tuple(_to_id_array(_find_form_ids(word, similar)) for word in spelling)
        for spelling in spellings
    ]
    return QueryTerm(tuple(groups for groups in id_groups if all(map(len, groups))))


def _build_word_term(word: str, similar: SimilarTerms) -> QueryTerm:
    by_sound = (similar.by_sound.get(cross_script_key(key), ()) for key in phonetic_keys(word))
    ids = _find_form_ids(word, similar).union(*by_sound)
    return QueryTerm(((_to_id_array(ids),),) if ids else ())


def _find_form_ids(word: str, similar: SimilarTerms) -> set[int]:
    """Return the ids of the stored words that share a stem variant with `word`."""
    return {term_id for stem in stem_variants(word) for term_id in similar.by_stem.get(stem, ())}


def _to_id_array(term_ids: Iterable[int]) -> NDArray[np.int32]:
    return np.array(sorted(term_ids), np.int32)
