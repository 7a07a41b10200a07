"""Measure which of a question's words a passage contains (pure functions).

Words in the passage itself are weighted by BM25, together with their occurrences in its context.
Words missing from the passage may occur in its context or in the passage before it, because a
paragraph often continues without repeating who or where; such a word is not normalised by the
passage's length.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from math import log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.search.bm25_index import K1, B, QueryTerm
from index.storage.records import CandidatePassage

PRECEDING_WEIGHT = 0.4
"""Weight of a word's occurrences in the preceding passage, for a passage that does not contain the
word itself. Chosen on one half of the articles: docs/evaluation.md, "What each part brings"."""
_LOW_BITS_MASK = 0xFFFF


class QueryTermStats(NamedTuple):
    """A question's k query terms, with statistics of the archive."""

    terms: Sequence[QueryTerm]
    idf: NDArray[np.float64]
    """(k,)"""
    passage_count: int
    """Number of passages, as the IDF counts them (with `IDF_EXTRA_PASSAGES`)."""
    average_length: float
    """Mean length of a passage, in words."""


class TermOverlap(NamedTuple):
    """A question's words in one passage and its context; shares are weighted by IDF."""

    relevance: float
    """BM25 score divided by the total IDF of the question's words."""
    coverage: float
    """Share of the question's words that the passage or its context contains."""
    sentence_coverages: tuple[float, ...]
    """The same share for each sentence with the context."""
    rarest_missing: float
    """IDF of the rarest word that is missing, divided by the highest possible IDF."""


def term_overlaps(
    stats: QueryTermStats, candidates: Sequence[CandidatePassage]
) -> list[TermOverlap]:
    """Return the overlap of each candidate with the question's words."""
    total_idf = float(stats.idf.sum())
    if total_idf == 0:
        return [
            TermOverlap(0.0, 0.0, (0.0,) * len(candidate.sentences), 0.0)
            for candidate in candidates
        ]
    part_sizes = np.concatenate([candidate.term_counts for candidate in candidates])
    part_counts = np.array([len(candidate.term_counts) for candidate in candidates])
    offsets = np.cumsum(part_counts) - part_counts
    group_counts = _count_groups(stats.terms, candidates, part_sizes)
    context_counts = group_counts[offsets]
    with_context = group_counts + np.repeat(context_counts, part_counts, axis=0)
    passage_counts = np.add.reduceat(group_counts, offsets, axis=0)
    frequencies = _term_frequencies(
        stats.terms, np.concatenate([passage_counts, passage_counts - context_counts, with_context])
    )
    total_frequencies, own_frequencies, part_frequencies = np.split(
        frequencies, [len(candidates), 2 * len(candidates)]
    )
    part_coverage = (part_frequencies > 0) @ stats.idf / total_idf
    lengths = np.add.reduceat(part_sizes, offsets) - part_sizes[offsets]
    weighted_frequencies = _weight_frequencies(
        own_frequencies, total_frequencies, lengths / max(stats.average_length, 1.0), candidates
    )
    relevance = (weighted_frequencies / (weighted_frequencies + K1)) @ stats.idf / total_idf
    coverage = (total_frequencies > 0) @ stats.idf / total_idf
    rarest_missing = np.where(total_frequencies > 0, 0.0, stats.idf).max(axis=1)
    rarest_missing /= log(1 + (stats.passage_count + 0.5) / 0.5)
    part_coverages, spans = (
        part_coverage.tolist(),
        zip(offsets.tolist(), part_counts.tolist(), strict=True),
    )
    sentence_coverages = [
        tuple(part_coverages[first + 1 : first + count]) for first, count in spans
    ]
    return list(
        map(
            TermOverlap,
            relevance.tolist(),
            coverage.tolist(),
            sentence_coverages,
            rarest_missing.tolist(),
        )
    )


def _weight_frequencies(
    own_frequencies: NDArray[np.int64],
    total_frequencies: NDArray[np.int64],
    relative_lengths: NDArray[np.float64],
    candidates: Sequence[CandidatePassage],
) -> NDArray[np.float64]:
    """Return the term frequencies that BM25 uses, normalised by length: (n, terms).

    `own_frequencies` (n, terms) are without the context, `total_frequencies` with it, and
    `relative_lengths` (n,) are relative to the average length.
    """
    preceding = find_preceding(candidates)[:, None]
    preceding_frequencies = np.where(preceding >= 0, own_frequencies[preceding[:, 0]], 0)
    inherited = total_frequencies - own_frequencies + PRECEDING_WEIGHT * preceding_frequencies
    normalised = total_frequencies / (1 - B + B * relative_lengths)[:, None]
    return np.where(own_frequencies > 0, normalised, inherited)


def find_preceding(candidates: Sequence[CandidatePassage]) -> NDArray[np.intp]:
    """Return the index in `candidates` of each one's preceding passage, (n,); -1 if not there.

    The lead of an untitled article is the context of the passages after it, so it never counts as
    their preceding passage.
    """
    index_by_id = {candidate.passage_id: index for index, candidate in enumerate(candidates)}
    preceding_indexes = (index_by_id.get(candidate.passage_id - 1, -1) for candidate in candidates)
    return np.array(
        [
            index if index >= 0 and _continues(candidate, candidates[index]) else -1
            for index, candidate in zip(preceding_indexes, candidates, strict=True)
        ],
        np.intp,
    )


def _continues(passage: CandidatePassage, preceding: CandidatePassage) -> bool:
    preceding_is_context = passage.term_counts[0] > 0 and preceding.term_counts[0] == 0
    return passage.article_key == preceding.article_key and not preceding_is_context


def _count_groups(
    query_terms: Sequence[QueryTerm],
    candidates: Sequence[CandidatePassage],
    part_sizes: NDArray[np.int32],
) -> NDArray[np.int64]:
    """Return the frequency of each group in each part (context or sentence): (parts, groups).

    Groups are numbered through all spellings of all query terms, in order. `part_sizes` (parts,)
    are the parts' lengths in words.
    """
    groups = [group for term in query_terms for group in chain.from_iterable(term.spellings)]
    query_ids = np.concatenate([*groups, np.empty(0, np.int32)])
    group_indexes = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    order = np.argsort(query_ids, kind="stable")
    query_ids, group_indexes = query_ids[order], group_indexes[order]
    term_ids = np.concatenate([candidate.terms for candidate in candidates])
    positions = _prefilter_positions(query_ids, term_ids)
    found_ids = term_ids.take(positions)
    low = np.searchsorted(query_ids, found_ids, "left")
    match_counts = np.searchsorted(query_ids, found_ids, "right") - low
    part_indexes = np.searchsorted(np.cumsum(part_sizes), positions, "right")
    offsets = np.arange(int(match_counts.sum())) - np.repeat(
        np.cumsum(match_counts) - match_counts, match_counts
    )
    cells = (
        np.repeat(part_indexes * len(groups), match_counts)
        + group_indexes[np.repeat(low, match_counts) + offsets]
    )
    counts = np.bincount(cells, minlength=len(part_sizes) * len(groups))
    return np.asarray(counts, np.int64).reshape(len(part_sizes), len(groups))


def _prefilter_positions(
    query_ids: NDArray[np.int32], term_ids: NDArray[np.int32]
) -> NDArray[np.intp]:
    """Return the positions of all `term_ids` that are among `query_ids`, and of a few others.

    A table of the ids' low 16 bits rejects most of them: searching for each takes ten times as
    long.
    """
    present = np.zeros(_LOW_BITS_MASK + 1, np.bool_)
    present[query_ids & _LOW_BITS_MASK] = True
    return np.flatnonzero(present.take(term_ids & _LOW_BITS_MASK))


def _term_frequencies(
    query_terms: Sequence[QueryTerm], group_counts: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the frequency of each query term in each row of `group_counts`: (rows, terms).

    A multi-group spelling has frequency 1 if all of its groups occur, else 0.
    """
    frequencies = np.zeros((len(group_counts), len(query_terms)), np.int64)
    groups_per_spelling = np.array(
        [len(spelling) for term in query_terms for spelling in term.spellings], np.intp
    )
    offsets = np.cumsum(groups_per_spelling) - groups_per_spelling
    spelling_counts = np.minimum.reduceat(group_counts, offsets, axis=1)
    np.minimum(spelling_counts, 1, out=spelling_counts, where=groups_per_spelling > 1)
    spellings_per_term = np.array([len(term.spellings) for term in query_terms])
    with_spellings = np.flatnonzero(spellings_per_term)
    frequencies[:, with_spellings] = np.add.reduceat(
        spelling_counts,
        (np.cumsum(spellings_per_term) - spellings_per_term)[with_spellings],
        axis=1,
    )
    return frequencies
