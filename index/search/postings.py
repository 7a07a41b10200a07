"""Which passages hold a word, and how often: arrays that are read by the word's number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.storage.records import PassageTerms

Rows = NDArray[np.int32]
"""Places of passages in the arrays of a `Postings`."""

MAX_TERM_FREQUENCY = 255
"""A word that stands more often in a passage counts as so many: its number is to fit a byte."""
_LONGEST = 65_535


class Postings(NamedTuple):
    """The words of n passages, by word: those of word w lie from `starts[w]` to `starts[w + 1]`."""

    passage_ids: NDArray[np.int64]
    """(n,), ascending"""
    article_keys: NDArray[np.int64]
    """(n,)"""
    lengths: NDArray[np.uint16]
    """(n,): how many words are the passage's own, not of what is embedded before it"""
    starts: NDArray[np.int64]
    """(w + 1,)"""
    rows: Rows
    """(p,): passages that hold the word, ascending for each word"""
    counts: NDArray[np.uint8]
    """(p,): how often they do"""

    def of_words(
        self, words: NDArray[np.int32]
    ) -> tuple[Rows, NDArray[np.uint8], NDArray[np.int64]]:
        """Return the rows that hold each of these words, one word after another.

        With them comes how often each does, and for each word how many rows are its own.
        """
        starts = self.starts.take(words, mode="clip")
        widths = self.starts.take(words + 1, mode="clip") - starts  # 0 where a word is unknown
        places = np.repeat(starts - widths.cumsum() + widths, widths)
        places += np.arange(len(places))
        return self.rows.take(places), self.counts.take(places), widths


def postings(batches: Iterable[PassageTerms]) -> Postings:
    """Turn passages with their words, in the order of their ids, into words with their passages.

    What is counted batch by batch is put into its place once it is known how much room each word
    takes: at its most this holds twice what it returns.
    """
    ids, keys, lengths, runs = [], [], [], []
    all_rows, all_counts = bytearray(), bytearray()  # grow in place, and leave no gaps behind
    passages = words = 0
    for batch in batches:
        ids.append(batch.passage_ids)
        keys.append(batch.article_keys)
        lengths.append(np.minimum(batch.lengths, _LONGEST).astype(np.uint16))
        run, rows, counts = _counted(batch, passages)
        runs.append(run)
        all_rows += rows.data
        all_counts += counts.data
        passages += len(batch.passage_ids)
        words = max(words, int(batch.terms.max(initial=-1)) + 1)
    starts = np.zeros(words + 1, np.int64)
    for run in runs:
        starts[run.words + 1] += run.widths
    np.cumsum(starts, out=starts)
    free = starts[:-1].copy()
    rows, counts = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.uint8)
    done = 0
    for run in runs:
        behind = np.cumsum(run.widths)
        new = slice(done, done + int(behind.max(initial=0)))
        places = np.arange(new.stop - done)
        places += np.repeat(free[run.words] - behind + run.widths, run.widths)
        rows[places] = np.frombuffer(all_rows, np.int32)[new]
        counts[places] = np.frombuffer(all_counts, np.uint8)[new]
        free[run.words] += run.widths
        done = new.stop
    return Postings(
        np.concatenate([np.empty(0, np.int64), *ids]),
        np.concatenate([np.empty(0, np.int64), *keys]),
        np.concatenate([np.empty(0, np.uint16), *lengths]),
        starts,
        rows,
        counts,
    )


class _BatchPostings(NamedTuple):
    """The words of a batch, ascending, and how many of its rows hold each."""

    words: NDArray[np.int32]
    widths: NDArray[np.int32]


def _counted(batch: PassageTerms, first_row: int) -> tuple[_BatchPostings, Rows, NDArray[np.uint8]]:
    """Return the words, the rows that hold each, one word after another, and how often they do."""
    row = np.repeat(np.arange(len(batch.sizes)), batch.sizes)
    pairs, counts = np.unique(batch.terms.astype(np.int64) << 32 | row, return_counts=True)
    words, widths = np.unique((pairs >> 32).astype(np.int32), return_counts=True)
    rows = ((pairs & 0xFFFFFFFF) + first_row).astype(np.int32)
    run = _BatchPostings(words, widths.astype(np.int32))
    return run, rows, np.minimum(counts, MAX_TERM_FREQUENCY).astype(np.uint8)
