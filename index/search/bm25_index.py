"""Search by words: BM25 over the passages' words, following the database's log of changes.

The score is Robertson's, with k1 = 1.2 and b = 0.75: a word counts the more, the fewer passages
hold it and the more often this one does, and the less, the longer the passage is.

Most passages lie in arrays that are made in one go and then left alone; those of articles changed
since lie in a second, small set of arrays, which is made again at every change, and hides them in
the first. Where the second grows too large, both are made anew. As with dense search all of this is
a cache: a file that does not fit is ignored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from index.search.cache_file import CacheFile, ChangeLog
from index.search.postings import Postings, Rows, postings
from index.storage.records import Change, PassageTerms

K1 = 1.2
B = 0.75
ELSEWHERE = 100
"""So many more passages are thought of that hold nothing of what is sought: in an archive of one
article the word that it is about would say nothing, because all of its passages hold it."""
CACHE_NAME = "lexical.cache"
REBUILD_BEYOND = 500
"""With more changes than this to apply, reading everything again is quicker."""
MAX_UNMERGED_CHANGES = 2_000
"""So many passages, or changed articles, are kept apart at the most."""
_FORMAT = 1
_KINDS = (np.int64, np.int64, np.uint16, np.int64, np.int32, np.uint8)
"""Of what kind the numbers of each array in `Postings` are."""


class TermSource(ChangeLog, Protocol):
    """Where the words are kept: the store."""

    def last_change(self) -> int:
        """Return the number of the newest change."""

    def changes_after(self, seq: int) -> list[Change]:
        """Return what changed after `seq`."""

    def passage_terms(self, article_keys: Iterable[int] | None = None) -> Iterator[PassageTerms]:
        """Give the words of live articles' passages, in the order of their ids."""


class QueryTerm(NamedTuple):
    """Something a passage may hold: a word, or several together, in any of its spellings."""

    spellings: tuple[tuple[NDArray[np.int32], ...], ...]
    """Each is a sequence of groups of ids of words, distinct in each group. A passage holds a
    spelling where it holds a word of every group: New York is two groups, in any order."""


class Bm25Result(NamedTuple):
    """What a search by words found."""

    hits: list[tuple[int, float]]
    """Passages' ids with their scores, best first; of equal ones the older passage first."""
    rarity: NDArray[np.float64]
    """How much holding it says, for each thing sought: log(1 + (N - n + 0.5) / (n + 0.5)), where n
    of all N passages hold it, and N has `ELSEWHERE` more than there are."""


class Bm25Index:
    """Exact search by BM25. One thread at a time may use it."""

    def __init__(self, source: TermSource, folder: Path) -> None:
        """Build the index from the cache in `folder` or, without a fitting one, from `source`."""
        self._source = source
        self._kept = CacheFile(folder / CACHE_NAME, source, format=_FORMAT)
        self._recent: set[int] = set()
        self._parts: tuple[_Segment, ...] = ()
        self.seq = 0
        self._saved_at = -1
        cached = self._kept.read()
        if cached:
            self.seq, arrays = cached
            *main, recent = map(np.ndarray.view, arrays, (*_KINDS, np.int64))
            self._recent = set(recent.tolist())
            self._divide(_Segment(Postings(*main)))
            self._saved_at = self.seq
        else:
            self._rebuild()

    def follow(self) -> None:
        """Apply the changes made since the last call, by this process or any other."""
        if self._source.last_change() == self.seq:
            return
        changes = self._source.changes_after(self.seq)
        if not changes or len(changes) > REBUILD_BEYOND:
            self._rebuild()
            return
        self._recent |= {change.article_key for change in changes}
        self._divide(self._parts[0])
        if max(len(self._recent), self._parts[1].size) > MAX_UNMERGED_CHANGES:
            self._rebuild()
        else:
            self.seq = changes[-1].seq

    def search(
        self, sought: Sequence[QueryTerm], depth: int, among: NDArray[np.int64] | None = None
    ) -> Bm25Result:
        """Return the `depth` best passages that hold any of what is sought, and its rarity.

        Context counts as the passage's, but makes it no longer. `among` restricts the hits, not
        the rarity, to these passage ids.
        """
        parts = [part for part in self._parts if part.shown] or self._parts[:1]
        held = [part.holding(sought) for part in parts]
        n = np.array([sum(len(rows) for rows, _ in one) for one in zip(*held, strict=True)])
        rarity = np.log1p((self.size + ELSEWHERE - n + 0.5) / (n + 0.5))
        best = [
            part.best(part.scores(found, rarity), depth, among)
            for part, found in zip(parts, held, strict=True)
        ]
        ids = np.concatenate([ids for ids, _ in best])
        score = np.concatenate([score for _, score in best])
        order = np.lexsort((ids, -score))[:depth]
        hits = list(zip(ids[order].tolist(), score[order].tolist(), strict=True))
        return Bm25Result(hits, rarity)

    @property
    def size(self) -> int:
        """How many passages there are."""
        return sum(part.shown for part in self._parts)

    @property
    def average_length(self) -> float:
        """Of how many words a passage is, on average."""
        return sum(part.length for part in self._parts) / max(self.size, 1)

    def save(self) -> None:
        """Write the cache, unless nothing changed since it was last read or written."""
        if self._saved_at == self.seq:
            return
        recent = np.array(sorted(self._recent), np.int64)
        if self._kept.write(self.seq, [*self._parts[0].postings, recent]):
            self._saved_at = self.seq

    def _rebuild(self) -> None:
        # The number is read before the words: what changes in between is applied twice, not lost.
        seq = self._source.last_change()
        main = _Segment(postings(self._source.passage_terms()))
        self._recent = set()
        self._divide(main)
        self.seq = seq

    def _divide(self, main: _Segment) -> None:
        """Hide in `main` what changed since it was made, and read that anew."""
        keys = sorted(self._recent)
        recent = _Segment(postings(self._source.passage_terms(keys) if keys else ()))
        main.hide(keys)
        self._parts = (main, recent)
        for part in self._parts:
            relative = part.postings.lengths.astype(np.float32) / max(self.average_length, 1)
            part.norms = K1 * (1 - B + B * relative)


_Holding = tuple[Rows, NDArray[np.float32]]
"""Rows that hold something, each once, and how often."""
_NOTHING: _Holding = (np.empty(0, np.int32), np.empty(0, np.float32))


class _Segment:
    """Postings with what a search over them needs."""

    norms: NDArray[np.float32]
    """(n,): what a passage's length does to its score"""

    def __init__(self, its_postings: Postings) -> None:
        self.postings = its_postings
        self.size = len(its_postings.passage_ids)
        self._last = np.empty(self.size, np.int32)
        self.hide([])

    def hide(self, article_keys: Sequence[int]) -> None:
        """Leave the passages of these articles out, and no others."""
        self._live = ~np.isin(self.postings.article_keys, np.array(article_keys, np.int64))
        self.shown = int(self._live.sum())
        self.length = int(self.postings.lengths[self._live].sum(dtype=np.int64))

    def holding(self, sought: Sequence[QueryTerm]) -> list[_Holding]:
        """Return the rows that hold each of these; several words together are there once."""
        spellings = [_spellings(each) for each in sought]
        groups = [group for each in spellings for spelling in each for group in spelling]
        found = iter(self._any_of(groups))
        return [self._holding([[next(found) for _ in one] for one in each]) for each in spellings]

    def _holding(self, spellings: Iterable[Sequence[_Holding]]) -> _Holding:
        """Return the rows that hold any of these spellings, each given as its groups' rows."""
        found = []
        for groups in spellings:
            if len(groups) > 1:
                rows = reduce(self._in_both, (rows for rows, _ in groups))
                found.append((rows, np.ones(len(rows), np.float32)))
            else:
                found.append(groups[0])
        if len(found) < 2:
            return found[0] if found else _NOTHING
        return self._summed(
            np.concatenate([rows for rows, _ in found]),
            np.concatenate([often for _, often in found]),
        )

    def scores(self, held: Sequence[_Holding], rarity: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return every row's score: the sum of what each thing that it holds is worth."""
        scores = np.zeros(self.size, np.float32)
        for (rows, often), rare in zip(held, rarity.astype(np.float32), strict=True):
            np.add.at(scores, rows, rare * often / (often + self.norms.take(rows)))
        return scores

    def best(
        self, scores: NDArray[np.float32], depth: int, among: NDArray[np.int64] | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the ids and scores of the best rows, in no order: `depth`, or more that tie."""
        # Without those that hold nothing: to part many equal numbers takes a hundred times as long.
        rows = np.flatnonzero(scores > 0)
        if among is not None:
            rows = rows.compress(np.isin(self.postings.passage_ids.take(rows), among))
        found = scores.take(rows)
        if len(rows) > depth:
            least = np.partition(found, len(rows) - depth)[len(rows) - depth]
            rows = rows.compress(found >= least)
        return self.postings.passage_ids.take(rows), scores.take(rows)

    def _any_of(self, groups: Sequence[NDArray[np.int32]]) -> list[_Holding]:
        """Return the rows that hold any word of each group."""
        words = np.concatenate([np.empty(0, np.int32), *groups])
        rows, counts, widths = self.postings.of_words(words)
        bounds = np.append(0, widths).cumsum().take(np.cumsum([0, *map(len, groups)]))
        if self.shown < self.size:
            live = self._live.take(rows)
            rows, counts = rows.compress(live), counts.compress(live)
            bounds = np.append(0, live).cumsum().take(bounds)
        often = counts.astype(np.float32)
        return [
            (rows[first:last], often[first:last])
            if len(group) == 1
            else self._summed(rows[first:last], often[first:last])
            for group, (first, last) in zip(groups, pairwise(bounds.tolist()), strict=True)
        ]

    def _in_both(self, rows: Rows, others: Rows) -> Rows:
        there = np.zeros(self.size, np.bool_)
        there[others] = True
        return rows.take(np.flatnonzero(there.take(rows)))

    def _summed(self, rows: Rows, often: NDArray[np.float32]) -> _Holding:
        """Add up what rows that come several times have, without putting them in order."""
        count = np.arange(len(rows), dtype=np.int32)
        self._last[rows] = count
        last = self._last.take(rows)
        sums = np.zeros(len(rows), np.float32)
        np.add.at(sums, last, often)
        chosen = np.flatnonzero(last == count)
        return rows.take(chosen), sums.take(chosen)


def _spellings(sought: QueryTerm) -> list[tuple[NDArray[np.int32], ...]]:
    """Return its spellings, those of one word taken as one: a passage may hold several of them."""
    alone = [spelling[0] for spelling in sought.spellings if len(spelling) == 1]
    together = [spelling for spelling in sought.spellings if len(spelling) > 1]
    if len(alone) > 1:
        alone = [np.unique(np.concatenate(alone))]
    return [*((group,) for group in alone), *together]
