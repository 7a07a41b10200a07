"""Postings: for each word id, the passages that contain it and how often, as flat arrays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.storage.records import PassageTerms

Rows = NDArray[np.int32]
"""Indexes of passages into the arrays of a `Postings`."""

MAX_TERM_FREQUENCY = 255
"""Term frequencies are capped here, to fit into one byte."""
_MAX_PASSAGE_LENGTH = 65_535
"""Passage lengths are capped here, to fit into two bytes."""


class Postings(NamedTuple):
    """Inverted index of n passages: word w's postings are `starts[w]` to `starts[w + 1]`."""

    passage_ids: NDArray[np.int64]
    """(n,), ascending"""
    article_keys: NDArray[np.int64]
    """(n,)"""
    lengths: NDArray[np.uint16]
    """(n,): number of the passage's own words, without those of its context"""
    starts: NDArray[np.int64]
    """(w + 1,): offsets into `rows` and `counts`, by word id"""
    rows: Rows
    """(p,): the passages that contain the word, ascending for each word"""
    counts: NDArray[np.uint8]
    """(p,): how often each of them contains it"""

    def count_rows(self, term_ids: NDArray[np.int32]) -> NDArray[np.int64]:
        """Return the number of passages (n,) that contain each of n words."""
        starts = self.starts.take(term_ids, mode="clip")
        # "clip" gives an unknown word id 0 rows
        return self.starts.take(term_ids + 1, mode="clip") - starts

    def rows_of_terms(
        self, term_ids: NDArray[np.int32]
    ) -> tuple[Rows, NDArray[np.uint8], NDArray[np.int64]]:
        """Return the postings of these words: rows, counts, and the number of rows per word.

        The rows of one word follow those of the word before it.
        """
        starts = self.starts.take(term_ids, mode="clip")
        row_counts = self.count_rows(term_ids)
        positions = np.repeat(starts - row_counts.cumsum() + row_counts, row_counts)
        positions += np.arange(len(positions))
        return self.rows.take(positions), self.counts.take(positions), row_counts


def build_postings(batches: Iterable[PassageTerms]) -> Postings:
    """Invert batches of passages with their words, ordered by passage id.

    Counts batch by batch, then moves the postings to their final positions once the number of
    postings per word is known. Peak memory is twice the size of the result.
    """
    passage_ids, article_keys, lengths, batch_postings = [], [], [], []
    all_rows, all_counts = bytearray(), bytearray()  # grow in place, without fragmenting memory
    passage_count = term_count = 0
    for batch in batches:
        passage_ids.append(batch.passage_ids)
        article_keys.append(batch.article_keys)
        lengths.append(np.minimum(batch.lengths, _MAX_PASSAGE_LENGTH).astype(np.uint16))
        batch_terms, rows, counts = _count_batch(batch, passage_count)
        batch_postings.append(batch_terms)
        all_rows += rows.data
        all_counts += counts.data
        passage_count += len(batch.passage_ids)
        term_count = max(term_count, int(batch.terms.max(initial=-1)) + 1)
    starts = np.zeros(term_count + 1, np.int64)
    for batch_terms in batch_postings:
        starts[batch_terms.term_ids + 1] += batch_terms.row_counts
    np.cumsum(starts, out=starts)
    next_free = starts[:-1].copy()
    rows, counts = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.uint8)
    consumed = 0
    for batch_terms in batch_postings:
        ends = np.cumsum(batch_terms.row_counts)
        batch_slice = slice(consumed, consumed + int(ends.max(initial=0)))
        positions = np.arange(batch_slice.stop - consumed)
        positions += np.repeat(
            next_free[batch_terms.term_ids] - ends + batch_terms.row_counts, batch_terms.row_counts
        )
        rows[positions] = np.frombuffer(all_rows, np.int32)[batch_slice]
        counts[positions] = np.frombuffer(all_counts, np.uint8)[batch_slice]
        next_free[batch_terms.term_ids] += batch_terms.row_counts
        consumed = batch_slice.stop
    return Postings(
        np.concatenate([np.empty(0, np.int64), *passage_ids]),
        np.concatenate([np.empty(0, np.int64), *article_keys]),
        np.concatenate([np.empty(0, np.uint16), *lengths]),
        starts,
        rows,
        counts,
    )


class _BatchPostings(NamedTuple):
    """The distinct words of a batch, ascending, and the number of rows that contain each."""

    term_ids: NDArray[np.int32]
    row_counts: NDArray[np.int32]


def _count_batch(
    batch: PassageTerms, first_row: int
) -> tuple[_BatchPostings, Rows, NDArray[np.uint8]]:
    """Return a batch's words, then the rows and counts of their postings, word after word."""
    row_indexes = np.repeat(np.arange(len(batch.sizes)), batch.sizes)
    pairs, counts = np.unique(batch.terms.astype(np.int64) << 32 | row_indexes, return_counts=True)
    term_ids, row_counts = np.unique((pairs >> 32).astype(np.int32), return_counts=True)
    rows = ((pairs & 0xFFFFFFFF) + first_row).astype(np.int32)
    batch_terms = _BatchPostings(term_ids, row_counts.astype(np.int32))
    return batch_terms, rows, np.minimum(counts, MAX_TERM_FREQUENCY).astype(np.uint8)
