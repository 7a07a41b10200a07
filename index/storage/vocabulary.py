"""The words of passages, each stored once under a number, with its stem and how it may sound."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
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
"""So many words alike are looked at, those that have been stored longest."""
_BATCH_SIZE = 500
_NUMBER = np.dtype("<i4")


def bind_array(name: str) -> Select[tuple[Any]]:
    """Give the values in a parameter, for IN: however many, it is one statement, compiled once."""
    values = func.json_each(bindparam(name, type_=JSON)).table_valued("value")
    return select(values.c.value)


_IDS = select(words.c.word, words.c.id).where(words.c.word.in_(bindparam("words", expanding=True)))
_OF_A_STEM = (
    select(words.c.id, words.c.stem.label("key"), true().label("by_stem"))
    .where(words.c.stem.in_(bind_array("stems")))
    .order_by(words.c.id)
    .limit(MAX_SIMILAR_TERMS)
    .subquery()
)
_OF_A_SOUND = (
    select(sounds.c.word_id, sounds.c.sound, false())
    .where(sounds.c.sound.in_(bind_array("sounds")))
    .order_by(sounds.c.word_id, sounds.c.sound)
    .limit(MAX_SIMILAR_TERMS)
    .subquery()
)
_ALIKE = union_all(select(_OF_A_STEM), select(_OF_A_SOUND))


class SimilarTerms(NamedTuple):
    """The ids of stored words that are like those sought."""

    by_stem: Mapping[str, Sequence[int]]
    by_sound: Mapping[str, Sequence[int]]


def store_terms(connection: Connection, passages: Collection[tuple[int, PassageTokens]]) -> None:
    """Store the words of passages, each given with its id, within the caller's transaction."""
    lists = [[said.context, *said.sentences] for _, said in passages]
    ids = _learned(connection, chain.from_iterable(chain.from_iterable(lists)))
    rows = [
        {
            "passage_id": passage_id,
            "words": np.array([ids[w] for part in parts for w in part], _NUMBER).tobytes(),
            "counts": np.array([len(part) for part in parts], _NUMBER).tobytes(),
        }
        for (passage_id, _), parts in zip(passages, lists, strict=True)
    ]
    if rows:
        connection.execute(insert(terms), rows)


def _learned(connection: Connection, said: Iterable[str]) -> dict[str, int]:
    """Return the ids of words; those that are new are stored. Writers take turns."""
    distinct = list(dict.fromkeys(said))
    ids = _known(connection, distinct)
    new = [word for word in distinct if word not in ids]
    if not new:
        return ids
    connection.execute(insert(words), [{"word": word, "stem": stem(word)} for word in new])
    learned = _known(connection, new)
    keys = [{"sound": key, "word_id": learned[word]} for word in new for key in phonetic_keys(word)]
    if keys:
        connection.execute(insert(sounds), keys)
    return ids | learned


def _known(connection: Connection, distinct: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for first in range(0, len(distinct), _BATCH_SIZE):
        some = {"words": distinct[first : first + _BATCH_SIZE]}
        found.update(connection.execute(_IDS, some).all())
    return found


def words_like(
    connection: Connection, stems: Collection[str], keys: Collection[str]
) -> SimilarTerms:
    """Return stored words of one of these stems, and those of one of these sounds.

    Of each kind only the oldest `MAX_SIMILAR_TERMS` are looked at.
    """
    given = {"stems": list(stems), "sounds": list(keys)}
    by_stem: dict[str, list[int]] = {}
    by_sound: dict[str, list[int]] = {}
    for number, key, is_stem in connection.execute(_ALIKE, given).all():
        (by_stem if is_stem else by_sound).setdefault(key, []).append(number)
    return SimilarTerms(by_stem, by_sound)
