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
from index.search.postings import Postings, Rows, build_postings
from index.storage.records import Change, PassageTerms

K1 = 1.2
B = 0.75
IDF_EXTRA_PASSAGES = 100
"""So many more passages are thought of that hold nothing of what is sought: in an archive of one
article the word that it is about would say nothing, because all of its passages hold it."""
CACHE_NAME = "lexical.cache"
MAX_INCREMENTAL_CHANGES = 500
"""With more changes than this to apply, reading everything again is quicker."""
MAX_UNMERGED_CHANGES = 2_000
"""So many passages, or changed articles, are kept apart at the most."""
_FORMAT = 1
_ARRAY_DTYPES = (np.int64, np.int64, np.uint16, np.int64, np.int32, np.uint8)
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
    idf: NDArray[np.float64]
    """How much holding it says, for each thing sought: log(1 + (N - n + 0.5) / (n + 0.5)), where n
    of all N passages hold it, and N has `IDF_EXTRA_PASSAGES` more than there are."""


class Bm25Index:
    """Exact search by BM25. One thread at a time may use it."""

    def __init__(self, source: TermSource, folder: Path) -> None:
        """Build the index from the cache in `folder` or, without a fitting one, from `source`."""
        self._source = source
        self._cache_file = CacheFile(folder / CACHE_NAME, source, format=_FORMAT)
        self._changed_keys: set[int] = set()
        self._segments: tuple[_Segment, ...] = ()
        self.seq = 0
        self._saved_seq = -1
        cached = self._cache_file.read()
        if cached:
            self.seq, arrays = cached
            *main, recent = map(np.ndarray.view, arrays, (*_ARRAY_DTYPES, np.int64))
            self._changed_keys = set(recent.tolist())
            self._set_segments(_Segment(Postings(*main)))
            self._saved_seq = self.seq
        else:
            self._rebuild()

    def catch_up(self) -> None:
        """Apply the changes made since the last call, by this process or any other."""
        if self._source.last_change() == self.seq:
            return
        changes = self._source.changes_after(self.seq)
        if not changes or len(changes) > MAX_INCREMENTAL_CHANGES:
            self._rebuild()
            return
        self._changed_keys |= {change.article_key for change in changes}
        self._set_segments(self._segments[0])
        if max(len(self._changed_keys), self._segments[1].size) > MAX_UNMERGED_CHANGES:
            self._rebuild()
        else:
            self.seq = changes[-1].seq

    def search(
        self, terms: Sequence[QueryTerm], depth: int, allowed_ids: NDArray[np.int64] | None = None
    ) -> Bm25Result:
        """Return the `depth` best passages that hold any of what is sought, and its rarity.

        Context counts as the passage's, but makes it no longer. `allowed_ids` restricts the hits,
        not the rarity, to these passage ids.
        """
        segments = [segment for segment in self._segments if segment.live_count] or self._segments[
            :1
        ]
        segment_frequencies = [segment.term_frequencies(terms) for segment in segments]
        document_frequencies = np.array(
            [
                sum(len(rows) for rows, _ in term_rows)
                for term_rows in zip(*segment_frequencies, strict=True)
            ]
        )
        idf = np.log1p(
            (self.size + IDF_EXTRA_PASSAGES - document_frequencies + 0.5)
            / (document_frequencies + 0.5)
        )
        top_rows = [
            segment.top_rows(segment.score_rows(frequencies, idf), depth, allowed_ids)
            for segment, frequencies in zip(segments, segment_frequencies, strict=True)
        ]
        passage_ids = np.concatenate([segment_ids for segment_ids, _ in top_rows])
        scores = np.concatenate([segment_scores for _, segment_scores in top_rows])
        order = np.lexsort((passage_ids, -scores))[:depth]
        hits = list(zip(passage_ids[order].tolist(), scores[order].tolist(), strict=True))
        return Bm25Result(hits, idf)

    @property
    def size(self) -> int:
        """How many passages there are."""
        return sum(segment.live_count for segment in self._segments)

    @property
    def average_length(self) -> float:
        """Of how many words a passage is, on average."""
        return sum(segment.live_length for segment in self._segments) / max(self.size, 1)

    def save(self) -> None:
        """Write the cache, unless nothing changed since it was last read or written."""
        if self._saved_seq == self.seq:
            return
        recent = np.array(sorted(self._changed_keys), np.int64)
        if self._cache_file.write(self.seq, [*self._segments[0].postings, recent]):
            self._saved_seq = self.seq

    def _rebuild(self) -> None:
        # The number is read before the words: what changes in between is applied twice, not lost.
        seq = self._source.last_change()
        main = _Segment(build_postings(self._source.passage_terms()))
        self._changed_keys = set()
        self._set_segments(main)
        self.seq = seq

    def _set_segments(self, main: _Segment) -> None:
        """Hide in `main` what changed since it was made, and read that anew."""
        changed_keys = sorted(self._changed_keys)
        recent = _Segment(
            build_postings(self._source.passage_terms(changed_keys) if changed_keys else ())
        )
        main.hide(changed_keys)
        self._segments = (main, recent)
        for segment in self._segments:
            relative_lengths = segment.postings.lengths.astype(np.float32) / max(
                self.average_length, 1
            )
            segment.length_norms = K1 * (1 - B + B * relative_lengths)


_RowFrequencies = tuple[Rows, NDArray[np.float32]]
"""Rows that hold something, each once, and how often."""
_NO_ROWS: _RowFrequencies = (np.empty(0, np.int32), np.empty(0, np.float32))


class _Segment:
    """Postings with what a search over them needs."""

    length_norms: NDArray[np.float32]
    """(n,): what a passage's length does to its score"""

    def __init__(self, postings: Postings) -> None:
        self.postings = postings
        self.size = len(postings.passage_ids)
        self._last_positions = np.empty(self.size, np.int32)
        self.hide([])

    def hide(self, article_keys: Sequence[int]) -> None:
        """Leave the passages of these articles out, and no others."""
        self._is_live = ~np.isin(self.postings.article_keys, np.array(article_keys, np.int64))
        self.live_count = int(self._is_live.sum())
        self.live_length = int(self.postings.lengths[self._is_live].sum(dtype=np.int64))

    def term_frequencies(self, terms: Sequence[QueryTerm]) -> list[_RowFrequencies]:
        """Return the rows that hold each of these; several words together are there once."""
        spellings = [_merge_single_words(term) for term in terms]
        groups = [
            group
            for term_spellings in spellings
            for spelling in term_spellings
            for group in spelling
        ]
        group_rows = iter(self._group_frequencies(groups))
        return [
            self._merge_spellings(
                [[next(group_rows) for _ in spelling] for spelling in term_spellings]
            )
            for term_spellings in spellings
        ]

    def _merge_spellings(self, spellings: Iterable[Sequence[_RowFrequencies]]) -> _RowFrequencies:
        """Return the rows that hold any of these spellings, each given as its groups' rows."""
        spelling_rows = []
        for groups in spellings:
            if len(groups) > 1:
                rows = reduce(self._intersect, (rows for rows, _ in groups))
                spelling_rows.append((rows, np.ones(len(rows), np.float32)))
            else:
                spelling_rows.append(groups[0])
        if len(spelling_rows) < 2:
            return spelling_rows[0] if spelling_rows else _NO_ROWS
        return self._sum_frequencies(
            np.concatenate([rows for rows, _ in spelling_rows]),
            np.concatenate([frequencies for _, frequencies in spelling_rows]),
        )

    def score_rows(
        self, term_frequencies: Sequence[_RowFrequencies], idf: NDArray[np.float64]
    ) -> NDArray[np.float32]:
        """Return every row's score: the sum of what each thing that it holds is worth."""
        scores = np.zeros(self.size, np.float32)
        for (rows, frequencies), term_idf in zip(
            term_frequencies, idf.astype(np.float32), strict=True
        ):
            np.add.at(
                scores, rows, term_idf * frequencies / (frequencies + self.length_norms.take(rows))
            )
        return scores

    def top_rows(
        self, scores: NDArray[np.float32], depth: int, allowed_ids: NDArray[np.int64] | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the ids and scores of the best rows, in no order: `depth`, or more that tie."""
        # Without those that hold nothing: to part many equal numbers takes a hundred times as long.
        rows = np.flatnonzero(scores > 0)
        if allowed_ids is not None:
            rows = rows.compress(np.isin(self.postings.passage_ids.take(rows), allowed_ids))
        row_scores = scores.take(rows)
        if len(rows) > depth:
            min_score = np.partition(row_scores, len(rows) - depth)[len(rows) - depth]
            rows = rows.compress(row_scores >= min_score)
        return self.postings.passage_ids.take(rows), scores.take(rows)

    def _group_frequencies(self, groups: Sequence[NDArray[np.int32]]) -> list[_RowFrequencies]:
        """Return the rows that hold any word of each group."""
        term_ids = np.concatenate([np.empty(0, np.int32), *groups])
        rows, counts, row_counts = self.postings.rows_of_terms(term_ids)
        bounds = np.append(0, row_counts).cumsum().take(np.cumsum([0, *map(len, groups)]))
        if self.live_count < self.size:
            is_live = self._is_live.take(rows)
            rows, counts = rows.compress(is_live), counts.compress(is_live)
            bounds = np.append(0, is_live).cumsum().take(bounds)
        frequencies = counts.astype(np.float32)
        return [
            (rows[first:last], frequencies[first:last])
            if len(group) == 1
            else self._sum_frequencies(rows[first:last], frequencies[first:last])
            for group, (first, last) in zip(groups, pairwise(bounds.tolist()), strict=True)
        ]

    def _intersect(self, rows: Rows, other_rows: Rows) -> Rows:
        is_present = np.zeros(self.size, np.bool_)
        is_present[other_rows] = True
        return rows.take(np.flatnonzero(is_present.take(rows)))

    def _sum_frequencies(self, rows: Rows, frequencies: NDArray[np.float32]) -> _RowFrequencies:
        """Add up what rows that come several times have, without putting them in order."""
        positions = np.arange(len(rows), dtype=np.int32)
        self._last_positions[rows] = positions
        last_positions = self._last_positions.take(rows)
        sums = np.zeros(len(rows), np.float32)
        np.add.at(sums, last_positions, frequencies)
        distinct = np.flatnonzero(last_positions == positions)
        return rows.take(distinct), sums.take(distinct)


def _merge_single_words(term: QueryTerm) -> list[tuple[NDArray[np.int32], ...]]:
    """Return its spellings, those of one word taken as one: a passage may hold several of them."""
    single_groups = [spelling[0] for spelling in term.spellings if len(spelling) == 1]
    multi_groups = [spelling for spelling in term.spellings if len(spelling) > 1]
    if len(single_groups) > 1:
        single_groups = [np.unique(np.concatenate(single_groups))]
    return [*((group,) for group in single_groups), *multi_groups]
