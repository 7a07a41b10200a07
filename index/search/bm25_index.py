"""Lexical search: BM25 over the passages' words, kept up to date from the database's change log.

The score is Robertson's BM25 with k1 = 1.2 and b = 0.75 (Robertson and Zaragoza, "The Probabilistic
Relevance Framework: BM25 and Beyond", 2009), with the IDF given in `Bm25Result.idf`.

The index has two segments. The main segment is built once and never modified. Articles changed
since then are masked in the main segment and indexed in a small second segment, which is rebuilt at
every change. When the second segment grows too large, the whole index is rebuilt. Like the dense
index it is only a cache: a cache file that does not match the archive is ignored.
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
"""IDF is computed as if the archive had this many more passages without any query term. Otherwise
the subject of a one-article archive would have an IDF near zero, because every passage names it."""
CACHE_NAME = "lexical.cache"
MAX_INCREMENTAL_CHANGES = 500
"""With more changes than this to apply, a full rebuild is faster."""
MAX_UNMERGED_CHANGES = 2_000
"""Maximum number of passages, or of changed articles, in the second segment before a rebuild."""
_FORMAT = 1
_ARRAY_DTYPES = (np.int64, np.int64, np.uint16, np.int64, np.int32, np.uint8)
"""The dtypes of the arrays in `Postings`, in field order."""


class TermSource(ChangeLog, Protocol):
    """The store, as the source of the passages' words."""

    def last_change(self) -> int:
        """Return the sequence number of the newest change."""

    def changes_after(self, seq: int) -> list[Change]:
        """Return the changes after sequence number `seq`."""

    def passage_terms(self, article_keys: Iterable[int] | None = None) -> Iterator[PassageTerms]:
        """Yield batches of the words of live articles' passages, ordered by passage id."""


class QueryTerm(NamedTuple):
    """One query term: a word or a multi-word name, in all of its spellings."""

    spellings: tuple[tuple[NDArray[np.int32], ...], ...]
    """Each spelling is a sequence of groups of word ids; ids in a group are distinct. A passage
    contains a spelling if it contains a word of every group: New York is two groups, in any
    order."""


class Bm25Result(NamedTuple):
    """The result of a lexical search."""

    hits: list[tuple[int, float]]
    """(passage id, score), best first; ties go to the older passage."""
    idf: NDArray[np.float64]
    """(terms,): log(1 + (N - n + 0.5) / (n + 0.5)) of each query term, where n passages contain the
    term and N is the number of passages plus `IDF_EXTRA_PASSAGES`."""


class Bm25Index:
    """Exact BM25 search. Not thread-safe."""

    def __init__(self, source: TermSource, folder: Path) -> None:
        """Load the index from the cache in `folder` or, if it does not match, from `source`."""
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
        """Apply the changes that any process made since the last call."""
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
        """Return the `depth` best passages that contain any query term, and the terms' IDF.

        Words of a passage's context count as its own, but do not add to its length. `allowed_ids`
        restricts the hits to these passage ids; the IDF is always that of the whole archive.
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

    def articles_about(self, terms: Sequence[QueryTerm]) -> NDArray[np.int64]:
        """Return the keys (n,) of the articles about a topic, given as terms.

        Their first passage or at least half of their passages contain every term, in their text or
        in the title.
        """
        keys = [
            segment.articles_about(segment.term_frequencies(terms))
            for segment in self._segments
            if segment.live_count
        ]
        return np.concatenate([np.empty(0, np.int64), *keys])

    def articles_naming(self, terms: Sequence[QueryTerm]) -> NDArray[np.int64]:
        """Return the keys (n,) of the articles with a passage that contains every term."""
        keys = [
            segment.articles_naming(segment.term_frequencies(terms))
            for segment in self._segments
            if segment.live_count
        ]
        return np.concatenate([np.empty(0, np.int64), *keys])

    def count_passages(self, term_ids: NDArray[np.int32]) -> NDArray[np.int64]:
        """Return the number of passages (n,) that hold each of n words, in text or context.

        Passages removed since the last rebuild count, too.
        """
        return sum(
            (segment.postings.count_rows(term_ids) for segment in self._segments),
            np.zeros(len(term_ids), np.int64),
        )

    @property
    def size(self) -> int:
        """The number of passages."""
        return sum(segment.live_count for segment in self._segments)

    @property
    def average_length(self) -> float:
        """The mean length of a passage, in words."""
        return sum(segment.live_length for segment in self._segments) / max(self.size, 1)

    def save(self) -> None:
        """Write the cache file if the index changed since it was last read or written."""
        if self._saved_seq == self.seq:
            return
        recent = np.array(sorted(self._changed_keys), np.int64)
        if self._cache_file.write(self.seq, [*self._segments[0].postings, recent]):
            self._saved_seq = self.seq

    def _rebuild(self) -> None:
        # Read the sequence number first: a change made meanwhile is applied twice, never lost.
        seq = self._source.last_change()
        main = _Segment(build_postings(self._source.passage_terms()))
        self._changed_keys = set()
        self._set_segments(main)
        self.seq = seq

    def _set_segments(self, main: _Segment) -> None:
        """Mask the articles changed since `main` was built, and index them in a second segment."""
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
"""The distinct rows that contain a term, and how often each contains it."""
_NO_ROWS: _RowFrequencies = (np.empty(0, np.int32), np.empty(0, np.float32))


class _Segment:
    """Postings of n passages, with a mask of live rows and length normalisation."""

    length_norms: NDArray[np.float32]
    """(n,): BM25's k1 * (1 - b + b * length / average length)"""

    def __init__(self, postings: Postings) -> None:
        self.postings = postings
        self.size = len(postings.passage_ids)
        self._last_positions = np.empty(self.size, np.int32)
        self.hide([])

    def hide(self, article_keys: Sequence[int]) -> None:
        """Mask the passages of these articles, and unmask all others."""
        self._is_live = ~np.isin(self.postings.article_keys, np.array(article_keys, np.int64))
        self.live_count = int(self._is_live.sum())
        self.live_length = int(self.postings.lengths[self._is_live].sum(dtype=np.int64))

    def term_frequencies(self, terms: Sequence[QueryTerm]) -> list[_RowFrequencies]:
        """Return the rows that contain each term; a multi-word spelling has frequency 1."""
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

    def articles_about(self, term_frequencies: Sequence[_RowFrequencies]) -> NDArray[np.int64]:
        """Return the keys (n,) of the articles of which enough passages contain every term."""
        if not term_frequencies:
            return np.empty(0, np.int64)
        rows = reduce(self._intersect, (rows for rows, _ in term_frequencies))
        if not len(rows):
            return np.empty(0, np.int64)
        keys, first_rows, articles, sizes = np.unique(
            self.postings.article_keys, return_index=True, return_inverse=True, return_counts=True
        )
        counts = np.bincount(articles.take(rows), minlength=len(keys))
        return keys[np.isin(first_rows, rows) | ((counts > 0) & (2 * counts >= sizes))]

    def articles_naming(self, term_frequencies: Sequence[_RowFrequencies]) -> NDArray[np.int64]:
        """Return the keys (n,) of the articles with a passage that contains every term."""
        if not term_frequencies:
            return np.empty(0, np.int64)
        rows = reduce(self._intersect, (rows for rows, _ in term_frequencies))
        return np.unique(self.postings.article_keys.take(rows))

    def _merge_spellings(self, spellings: Iterable[Sequence[_RowFrequencies]]) -> _RowFrequencies:
        """Return the rows that contain any spelling; `spellings` has the rows of each's groups."""
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
        """Return the BM25 score of every row, (n,); 0 for rows without a query term."""
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
        """Return the ids and scores of the best rows, unordered: `depth` of them, or more on ties.

        Rows with score 0 are never returned.
        """
        # Drop zero scores first: np.partition of many equal numbers takes a hundred times as long.
        rows = np.flatnonzero(scores > 0)
        if allowed_ids is not None:
            rows = rows.compress(np.isin(self.postings.passage_ids.take(rows), allowed_ids))
        row_scores = scores.take(rows)
        if len(rows) > depth:
            min_score = np.partition(row_scores, len(rows) - depth)[len(rows) - depth]
            rows = rows.compress(row_scores >= min_score)
        return self.postings.passage_ids.take(rows), scores.take(rows)

    def _group_frequencies(self, groups: Sequence[NDArray[np.int32]]) -> list[_RowFrequencies]:
        """Return, for each group, the rows that contain any of its words."""
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
        """Sum the frequencies of duplicate rows, without sorting."""
        positions = np.arange(len(rows), dtype=np.int32)
        self._last_positions[rows] = positions
        last_positions = self._last_positions.take(rows)
        sums = np.zeros(len(rows), np.float32)
        np.add.at(sums, last_positions, frequencies)
        distinct = np.flatnonzero(last_positions == positions)
        return rows.take(distinct), sums.take(distinct)


def _merge_single_words(term: QueryTerm) -> list[tuple[NDArray[np.int32], ...]]:
    """Return the term's spellings, with all one-word spellings merged into one group.

    Their frequencies then add up where a passage contains several of them.
    """
    single_groups = [spelling[0] for spelling in term.spellings if len(spelling) == 1]
    multi_groups = [spelling for spelling in term.spellings if len(spelling) > 1]
    if len(single_groups) > 1:
        single_groups = [np.unique(np.concatenate(single_groups))]
    return [*((group,) for group in single_groups), *multi_groups]
