"""The archive's words with the number of passages that hold each, to correct questions by."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from index.storage.snapshot import Snapshot
from index.text.terms import is_arabic

MIN_SCRIPT_SHARE = 0.2
"""The archive is written in a script if at least this share of its words are."""
MAX_SIMILAR = 40
"""Maximum number of similar words that are returned for one word."""


class LexiconWord(NamedTuple):
    """A folded word of the archive."""

    word: str
    passage_count: int
    edits: int = 0
    """Letters added, dropped, changed or swapped with their neighbour, from the word asked for."""


class Lexicon:
    """The archive's words. Not thread-safe.

    Words are only ever added to the database, so each one is read once.
    """

    def __init__(self, count_passages: Callable[[NDArray[np.int32]], NDArray[np.int64]]) -> None:
        """`count_passages` returns the number of passages (n,) that hold each of n word ids."""
        self._count_passages = count_passages
        self._ids: list[int] = []
        self._words: list[str] = []
        self._arabic_count = 0

    def catch_up(self, snapshot: Snapshot) -> None:
        """Read the words stored since the last call."""
        for word_id, word in snapshot.words_after(self._ids[-1] if self._ids else 0):
            self._ids.append(word_id)
            self._words.append(word)
            self._arabic_count += is_arabic(word)

    def is_main_script(self, *, arabic: bool) -> bool:
        """Return whether enough of the words are in a script for an absence to mean something."""
        count = self._arabic_count if arabic else len(self._words) - self._arabic_count
        return count > 0 and count >= MIN_SCRIPT_SHARE * len(self._words)

    def find_similar(self, word: str, max_edits: int) -> list[LexiconWord]:
        """Return the words that at most `max_edits` edits turn into `word`, the nearest first."""
        matches = process.extract(
            word, self._words, scorer=OSA.distance, score_cutoff=max_edits, limit=MAX_SIMILAR
        )
        ids = np.array([self._ids[index] for _, _, index in matches], np.int32)
        counts = self._count_passages(ids).tolist()
        return [
            LexiconWord(match, count, int(edits))
            for (match, edits, _), count in zip(matches, counts, strict=True)
            if count
        ]

    def find(self, word_ids: Iterable[int]) -> list[LexiconWord]:
        """Return the words with these ids that passages hold."""
        ids = np.array(sorted(set(word_ids)), np.int32)
        indexes = np.searchsorted(np.array(self._ids, np.int32), ids)
        counts = self._count_passages(ids).tolist()
        return [
            LexiconWord(self._words[index], count)
            for index, count in zip(indexes.tolist(), counts, strict=True)
            if count
        ]

    def counts(self, words: Collection[str], snapshot: Snapshot) -> dict[str, int]:
        """Return the number of passages that hold each of these words, 0 if none does."""
        ids = snapshot.word_ids(words)
        counted = self._count_passages(np.array(list(ids.values()), np.int32)).tolist()
        return dict.fromkeys(words, 0) | dict(zip(ids, counted, strict=True))
