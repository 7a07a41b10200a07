"""Store each distinct word of the passages once, with an id, its stem and its phonetic keys."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import (
    JSON,
    Connection,
    Select,
    bindparam,
    false,
    func,
    insert,
    select,
    true,
    union_all,
)

from index.storage.schema import sounds, terms, words
from index.text.phonetic import phonetic_keys
from index.text.terms import PassageTokens, stem

MAX_SIMILAR_TERMS = 2_000
"""Words returned per kind of similarity, the first stored first."""
_BATCH_SIZE = 500
_INT32 = np.dtype("<i4")


def bind_array(name: str) -> Select[tuple[Any]]:
    """Return a subquery over a JSON array parameter, for IN.

    The statement is compiled once for any number of values.
    """
    values = func.json_each(bindparam(name, type_=JSON)).table_valued("value")
    return select(values.c.value)


_SELECT_IDS = select(words.c.word, words.c.id).where(
    words.c.word.in_(bindparam("words", expanding=True))
)
_WORDS_BY_STEM = (
    select(words.c.id, words.c.stem.label("key"), true().label("by_stem"))
    .where(words.c.stem.in_(bind_array("stems")))
    .order_by(words.c.id)
    .limit(MAX_SIMILAR_TERMS)
    .subquery()
)
_WORDS_BY_SOUND = (
    select(sounds.c.word_id, sounds.c.sound, false())
    .where(sounds.c.sound.in_(bind_array("sounds")))
    .order_by(sounds.c.word_id, sounds.c.sound)
    .limit(MAX_SIMILAR_TERMS)
    .subquery()
)
_SELECT_SIMILAR = union_all(select(_WORDS_BY_STEM), select(_WORDS_BY_SOUND))


class SimilarTerms(NamedTuple):
    """The ids of stored words that are similar to the query's words."""

    by_stem: Mapping[str, Sequence[int]]
    by_sound: Mapping[str, Sequence[int]]
    """By phonetic key."""


def store_terms(connection: Connection, passages: Collection[tuple[int, PassageTokens]]) -> None:
    """Store the words of passages, given as (passage id, tokens), in the caller's transaction."""
    token_lists = [[tokens.context, *tokens.sentences] for _, tokens in passages]
    ids = _ensure_word_ids(connection, chain.from_iterable(chain.from_iterable(token_lists)))
    rows = [
        {
            "passage_id": passage_id,
            "words": np.array([ids[word] for part in parts for word in part], _INT32).tobytes(),
            "counts": np.array([len(part) for part in parts], _INT32).tobytes(),
        }
        for (passage_id, _), parts in zip(passages, token_lists, strict=True)
    ]
    if rows:
        connection.execute(insert(terms), rows)


def _ensure_word_ids(connection: Connection, tokens: Iterable[str]) -> dict[str, int]:
    """Return the ids of words, storing new ones. Safe because only one transaction writes."""
    distinct = list(dict.fromkeys(tokens))
    ids = find_word_ids(connection, distinct)
    new_words = [word for word in distinct if word not in ids]
    if not new_words:
        return ids
    connection.execute(insert(words), [{"word": word, "stem": stem(word)} for word in new_words])
    new_ids = find_word_ids(connection, new_words)
    keys = [
        {"sound": key, "word_id": new_ids[word]}
        for word in new_words
        for key in phonetic_keys(word)
    ]
    if keys:
        connection.execute(insert(sounds), keys)
    return ids | new_ids


def find_word_ids(connection: Connection, distinct: Sequence[str]) -> dict[str, int]:
    """Return the ids of those of these distinct words that are stored."""
    ids: dict[str, int] = {}
    for start in range(0, len(distinct), _BATCH_SIZE):
        parameters = {"words": distinct[start : start + _BATCH_SIZE]}
        ids.update(connection.execute(_SELECT_IDS, parameters).all())
    return ids


def similar_terms(
    connection: Connection, stems: Collection[str], sound_keys: Collection[str]
) -> SimilarTerms:
    """Return ids of stored words by stem and by phonetic key.

    Each kind is limited to `MAX_SIMILAR_TERMS` words, the first stored first.
    """
    parameters = {"stems": list(stems), "sounds": list(sound_keys)}
    by_stem: dict[str, list[int]] = {}
    by_sound: dict[str, list[int]] = {}
    for word_id, key, is_stem in connection.execute(_SELECT_SIMILAR, parameters).all():
        (by_stem if is_stem else by_sound).setdefault(key, []).append(word_id)
    return SimilarTerms(by_stem, by_sound)


def words_after(connection: Connection, word_id: int) -> Iterator[tuple[int, str]]:
    """Yield the ids and words stored after the word with this id, in order of their ids."""
    query = select(words.c.id, words.c.word).where(words.c.id > word_id).order_by(words.c.id)
    for row in connection.execute(query):
        yield row[0], row[1]
