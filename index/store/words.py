"""The words of passages, each stored once under a number, with its stem and how it may sound."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import chain

import numpy as np
from sqlalchemy import Connection, bindparam, insert, select

from index.store.rows import WordRow
from index.store.tables import sounds, terms, words
from index.text.sound import sounds as heard
from index.text.terms import PassageWords, bases, stem

MOST_ALIKE = 2_000
"""So many words alike are looked at, those that have been stored longest."""
_AT_ONCE = 500
_NUMBER = np.dtype("<i4")

_IDS = select(words.c.word, words.c.id).where(words.c.word.in_(bindparam("words", expanding=True)))
_OF_A_STEM = (
    select(words.c.id, words.c.word, words.c.stem)
    .where(words.c.stem.in_(bindparam("stems", expanding=True)))
    .order_by(words.c.id)
    .limit(MOST_ALIKE)
)
_OF_A_SOUND = (
    select(words.c.id, words.c.word, words.c.stem, sounds.c.sound)
    .join_from(sounds, words)
    .where(sounds.c.sound.in_(bindparam("sounds", expanding=True)))
    .order_by(sounds.c.word_id, sounds.c.sound)
    .limit(MOST_ALIKE)
)


def store_terms(connection: Connection, passages: Collection[tuple[int, PassageWords]]) -> None:
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
    keys = [{"sound": key, "word_id": learned[word]} for word in new for key in _keys(word)]
    if keys:
        connection.execute(insert(sounds), keys)
    return ids | learned


def _keys(word: str) -> set[str]:
    """Return how a word may sound, with and without what may be a prefix."""
    return {key for base in bases(word) for key in heard(base)}


def _known(connection: Connection, distinct: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for first in range(0, len(distinct), _AT_ONCE):
        some = {"words": distinct[first : first + _AT_ONCE]}
        found.update(connection.execute(_IDS, some).all())
    return found


def words_like(
    connection: Connection, stems: Collection[str], keys: Collection[str]
) -> list[WordRow]:
    """Return stored words of one of these stems or one of these sounds, oldest first."""
    found: dict[int, WordRow] = {}
    if stems:
        for row in connection.execute(_OF_A_STEM, {"stems": list(stems)}):
            found[row[0]] = WordRow(*row, ())
    if keys:
        for number, word, its_stem, sound in connection.execute(
            _OF_A_SOUND, {"sounds": list(keys)}
        ):
            shared = found[number].sounds if number in found else ()
            found[number] = WordRow(number, word, its_stem, (*shared, sound))
    return sorted(found.values())
