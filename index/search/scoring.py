"""From candidates to an order: pure, no input or output.

A passage's score is the mean of its own cosine and its best sentence's, and a share of the
question's words by their rarity. Cosines are centred (see `calibration`) the more, the more
passages there are: among the few of one article, what sets it apart from its language says little.
A question none of whose words is anywhere loses nothing: the share is zero for every passage alike.
A passage in another language than the question's has a second encoder's cosine besides, where
there is one, and its words count for more, because only names and numbers can be found there: both
the more, too, the more passages there are, because the names of one article are in all of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.search.calibration import Calibration, language_rows
from index.search.term_overlap import QueryTermStats, term_overlaps
from index.storage.records import CandidatePassage
from index.text.language import primary_subtag
from index.text.spans import Span

SENTENCE_WEIGHT = 0.5
"""How much of a passage's cosine is its best sentence's: see docs/evaluation.md, "The unit"."""
LEXICAL_WEIGHT = 0.44
"""What finding every word of the question adds to the score. This and the next three were chosen
on one half of the articles, near where `bench/retrieval/fit_ranking.py` puts them: see
docs/evaluation.md, "What each part brings"."""
CROSS_LINGUAL_LEXICAL_WEIGHT = 0.7
"""The same across languages."""
CROSS_LINGUAL_WEIGHT = 0.25
"""What the second encoder's cosine adds across languages."""
TYPICAL_CROSS_LINGUAL_COSINE = 0.43
"""That encoder's cosine of a question and a passage that answers it: what lies below takes away
from the score, and a passage without such a cosine loses and gains nothing."""
SAME_LANGUAGE_BONUS = 0.008
"""What a passage in the question's language has ahead of its equals in others."""
PLAIN_MEAN, PLAIN_SPREAD = 0.8, 2.9
"""Plain cosines lie about this mean, and closer together than centred ones by this factor."""
SMALL_ARCHIVE_SIZE = 30
"""In an archive of so many passages centred cosines count as much as plain ones."""

_Floats = NDArray[np.float64]


class RankingQuery(NamedTuple):
    """A question as ranking needs it: its vector (d,), plain and centred; language and words."""

    vector: NDArray[np.float32]
    centred_vector: NDArray[np.float32]
    language: str | None
    term_stats: QueryTermStats
    searched_count: int
    """Among how many passages it is asked."""
    cross_lingual_cosines: Mapping[int, float]
    """The second encoder's cosines, by the ids of passages in other languages."""


class ScoredPassage(NamedTuple):
    """A passage with its score and best sentence (an offset into the article), and what made it."""

    passage_id: int
    article_key: int
    score: float
    best_sentence: Span
    same_language: bool
    passage_cosine: float
    sentence_cosine: float
    plain_cosine: float
    cross_lingual_cosine: float
    """How far it lies above the typical one; 0 where there is none."""
    relevance: float
    term_coverage: float
    sentence_term_coverage: float
    rarest_missing: float


class _CosineMatrix(NamedTuple):
    """Of n passages, (n,) each: their own cosines and their best sentences', centred and plain."""

    passage: NDArray[np.float32]
    sentence: NDArray[np.float32]
    plain_passage: NDArray[np.float32]
    plain_sentence: NDArray[np.float32]
    best_index: NDArray[np.intp]
    """Which of all their sentences, one passage after another, is the best by centred cosine."""


def rank(
    query: RankingQuery, candidates: Sequence[CandidatePassage], calibration: Calibration
) -> list[ScoredPassage]:
    """Order passages by their score, best first; ties go to the older passage."""
    if not candidates:
        return []
    counts = np.array([len(candidate.sentences) for candidate in candidates])
    offsets = np.cumsum(counts) - counts
    cosines = _compute_cosines(query, candidates, calibration, counts, offsets)
    overlaps = term_overlaps(query.term_stats, candidates)
    relevance = np.array([overlap.relevance for overlap in overlaps])
    same_language = _same_language_mask(query, candidates)
    cross_lingual = _cross_lingual_excess(query, candidates)
    scores = _combine_scores(query, cosines, relevance, cross_lingual, same_language)
    passage_ids = [candidate.passage_id for candidate in candidates]
    spans = np.concatenate([candidate.sentences for candidate in candidates])[
        cosines.best_index
    ].tolist()
    best_in_passage = (cosines.best_index - offsets).tolist()
    rows = list(
        zip(
            passage_ids,
            (candidate.article_key for candidate in candidates),
            scores.tolist(),
            (Span(*span) for span in spans),
            same_language.tolist(),
            cosines.passage.tolist(),
            cosines.sentence.tolist(),
            cosines.plain_sentence.tolist(),
            cross_lingual.tolist(),
            (overlap.relevance for overlap in overlaps),
            (overlap.coverage for overlap in overlaps),
            (
                overlap.sentence_coverages[index]
                for overlap, index in zip(overlaps, best_in_passage, strict=True)
            ),
            (overlap.rarest_missing for overlap in overlaps),
            strict=True,
        )
    )
    return [
        ScoredPassage(*rows[index])
        for index in np.lexsort((np.array(passage_ids), -scores)).tolist()
    ]


def _combine_scores(
    query: RankingQuery,
    cosines: _CosineMatrix,
    relevance: _Floats,
    cross_lingual: _Floats,
    same_language: NDArray[np.bool_],
) -> _Floats:
    centred = _weighted_mean(cosines.passage, cosines.sentence)
    plain = _weighted_mean(cosines.plain_passage, cosines.plain_sentence)
    size_weight = query.searched_count / (query.searched_count + SMALL_ARCHIVE_SIZE)
    semantic = size_weight * centred + (1 - size_weight) * PLAIN_SPREAD * (plain - PLAIN_MEAN)
    lexical_weight = LEXICAL_WEIGHT + size_weight * (CROSS_LINGUAL_LEXICAL_WEIGHT - LEXICAL_WEIGHT)
    lexical = np.where(same_language, LEXICAL_WEIGHT, lexical_weight) * relevance
    second_encoder = size_weight * CROSS_LINGUAL_WEIGHT * cross_lingual
    return np.asarray(
        semantic + lexical + second_encoder + SAME_LANGUAGE_BONUS * same_language, np.float64
    )


def _same_language_mask(
    query: RankingQuery, candidates: Sequence[CandidatePassage]
) -> NDArray[np.bool_]:
    """Return which passages are in the question's language, (n,)."""
    languages = [candidate.language for candidate in candidates]
    matching = {
        language
        for language in set(languages)
        if primary_subtag(language) == primary_subtag(query.language)
    }
    return np.array([language in matching for language in languages])


def _cross_lingual_excess(query: RankingQuery, candidates: Sequence[CandidatePassage]) -> _Floats:
    """Return how far the second encoder's cosines lie above the typical one, (n,)."""
    cosines = (
        query.cross_lingual_cosines.get(candidate.passage_id, TYPICAL_CROSS_LINGUAL_COSINE)
        for candidate in candidates
    )
    return np.fromiter(cosines, np.float64, len(candidates)) - TYPICAL_CROSS_LINGUAL_COSINE


def _compute_cosines(
    query: RankingQuery,
    candidates: Sequence[CandidatePassage],
    calibration: Calibration,
    counts: NDArray[np.int64],
    offsets: NDArray[np.int64],
) -> _CosineMatrix:
    rows = language_rows([candidate.language for candidate in candidates])
    sentence_vectors = np.concatenate([candidate.sentence_vectors for candidate in candidates])
    passage_vectors = np.array([candidate.vector for candidate in candidates])
    sentence_cosines = calibration.centred_cosines(
        query.centred_vector, sentence_vectors, np.repeat(rows, counts)
    )
    best_cosines = np.maximum.reduceat(sentence_cosines, offsets)
    best_index = np.zeros(len(candidates), np.intp)
    ties = np.flatnonzero(sentence_cosines == np.repeat(best_cosines, counts))[::-1]
    best_index[np.repeat(np.arange(len(candidates)), counts)[ties]] = ties  # the first is set last
    return _CosineMatrix(
        calibration.centred_cosines(query.centred_vector, passage_vectors, rows),
        best_cosines,
        passage_vectors @ query.vector,
        np.maximum.reduceat(sentence_vectors @ query.vector, offsets),
        best_index,
    )


def _weighted_mean(
    passage_cosines: NDArray[np.float32], sentence_cosines: NDArray[np.float32]
) -> _Floats:
    mean = (1 - SENTENCE_WEIGHT) * passage_cosines + SENTENCE_WEIGHT * sentence_cosines
    return np.asarray(mean, np.float64)


def without_scores(candidates: Sequence[CandidatePassage]) -> list[ScoredPassage]:
    """Return passages in the order that they are given, marked at their first sentences."""
    return [
        ScoredPassage(
            passage_id=candidate.passage_id,
            article_key=candidate.article_key,
            score=0.0,
            best_sentence=Span(*candidate.sentences[0].tolist()),
            same_language=True,
            passage_cosine=0.0,
            sentence_cosine=0.0,
            plain_cosine=0.0,
            cross_lingual_cosine=0.0,
            relevance=0.0,
            term_coverage=0.0,
            sentence_term_coverage=0.0,
            rarest_missing=0.0,
        )
        for candidate in candidates
    ]
