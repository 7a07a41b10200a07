"""Score and rank candidate passages (pure functions).

A passage's score is the mean of its own cosine and its best sentence's cosine, plus its weighted
lexical relevance (IDF-weighted share of the question's words). For a question whose words occur
nowhere the relevance is zero for every passage.

Cosines are centred (see `index.search.calibration`), with a weight that grows with the number of
passages searched: among the few passages of one article, the difference from the language's mean
says little.

A passage in another language than the question's also gets a second encoder's cosine, if there is
one, and its lexical relevance has a larger weight, because only names and numbers can match there.
Both effects grow with the number of passages, because the names of a single article occur in all
of its passages.

The passages that come first are compared with the question token by token
(`index.search.late_interaction`): their match is added to the score, and helps to choose the best
sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.search.calibration import Calibration, language_rows
from index.search.late_interaction import TokenMatch
from index.search.term_overlap import QueryTermStats, TermOverlap, term_overlaps
from index.storage.records import CandidatePassage
from index.text.language import primary_subtag
from index.text.spans import Span

SENTENCE_WEIGHT = 0.5
"""Weight of the best sentence in a passage's mean cosine: docs/evaluation.md, "The unit"."""
LEXICAL_WEIGHT = 0.44
"""Weight of the lexical relevance. This and the next three values were chosen on one half of the
articles, close to what `bench/retrieval/fit_ranking.py` fits: see docs/evaluation.md, "What each
part brings"."""
CROSS_LINGUAL_LEXICAL_WEIGHT = 0.7
"""Weight of the lexical relevance across languages."""
CROSS_LINGUAL_WEIGHT = 0.25
"""Weight of the second encoder's cosine across languages."""
TYPICAL_CROSS_LINGUAL_COSINE = 0.43
"""The second encoder's typical cosine of a question and a passage that answers it. It is
subtracted from the cosine, so that lower cosines reduce the score and a passage without a cosine
neither gains nor loses."""
TOKEN_WEIGHT, CROSS_LINGUAL_TOKEN_WEIGHT = 0.8, 1.45
"""Weight of the token match, in the question's language and in another."""
TYPICAL_TOKEN_MATCH, TYPICAL_CROSS_LINGUAL_TOKEN_MATCH = 0.73, 0.635
"""The typical match of a passage that answers. It is subtracted from the match, so that passages in
different languages can be compared."""
SAME_LANGUAGE_BONUS = 0.008
"""Added to the score of passages in the question's language."""
PLAIN_MEAN, PLAIN_SPREAD = 0.8, 2.9
"""Mean of the uncentred cosines, and the factor that scales them to the spread of centred ones."""
SMALL_ARCHIVE_SIZE = 30
"""With this many passages searched, centred and uncentred cosines have equal weights."""

_Floats = NDArray[np.float64]


class RankingQuery(NamedTuple):
    """A question prepared for ranking; the vectors are (d,)."""

    vector: NDArray[np.float32]
    centred_vector: NDArray[np.float32]
    language: str | None
    term_stats: QueryTermStats
    searched_count: int
    """The number of passages searched."""
    cross_lingual_cosines: Mapping[int, float]
    """The second encoder's cosines with passages in other languages, by passage id."""


class ScoredPassage(NamedTuple):
    """A passage with its score, best sentence (a span of the article) and the score's features."""

    passage_id: int
    article_key: int
    score: float
    best_sentence: Span
    same_language: bool
    passage_cosine: float
    sentence_cosine: float
    plain_cosine: float
    cross_lingual_cosine: float
    """The second encoder's cosine minus `TYPICAL_CROSS_LINGUAL_COSINE`; 0 if there is none."""
    token_match: float
    """The token match minus the typical one. This and the next two are 0 if no passage has a
    match, and the mean of the others if only this one has none."""
    sentence_token_match: float
    """The match of the best sentence minus the passage's: how much of the question it holds."""
    least_token_match: float
    """The lowest match of an important token minus the passage's."""
    relevance: float
    """This and the next three are defined in `TermOverlap`."""
    term_coverage: float
    sentence_term_coverage: float
    rarest_missing: float


class _CandidateCosines(NamedTuple):
    """Cosines of n passages and of their best sentences, centred and uncentred ("plain"): (n,)."""

    passage: NDArray[np.float32]
    sentence: NDArray[np.float32]
    plain_passage: NDArray[np.float32]
    plain_sentence: NDArray[np.float32]
    best_index: NDArray[np.intp]
    """Index of each passage's best sentence by centred cosine, into all sentences in order."""
    all_sentences: NDArray[np.float32]
    """The centred cosines of all sentences in order."""


class CandidateScores(NamedTuple):
    """The scores of n candidates (n,) and their parts, before any token match."""

    candidates: Sequence[CandidatePassage]
    scores: _Floats
    offsets: NDArray[np.int64]
    """(n,): index of each passage's first sentence among all sentences in order"""
    cosines: _CandidateCosines
    overlaps: Sequence[TermOverlap]
    same_language: NDArray[np.bool_]
    cross_lingual: _Floats

    def best_ids(self, count: int) -> list[int]:
        """Return the ids of the `count` passages with the highest scores, best first."""
        ids = [candidate.passage_id for candidate in self.candidates]
        return [ids[index] for index in np.lexsort((np.array(ids), -self.scores))[:count]]


def score_candidates(
    query: RankingQuery, candidates: Sequence[CandidatePassage], calibration: Calibration
) -> CandidateScores:
    """Score candidates (at least one) by cosines, words and the second encoder."""
    counts = np.array([len(candidate.sentences) for candidate in candidates])
    offsets = np.cumsum(counts) - counts
    cosines = _compute_cosines(query, candidates, calibration, counts, offsets)
    overlaps = term_overlaps(query.term_stats, candidates)
    relevance = np.array([overlap.relevance for overlap in overlaps])
    same_language = _same_language_mask(query, candidates)
    cross_lingual = _cross_lingual_excess(query, candidates)
    scores = _combine_scores(query, cosines, relevance, cross_lingual, same_language)
    return CandidateScores(
        candidates, scores, offsets, cosines, overlaps, same_language, cross_lingual
    )


def rank(
    query: RankingQuery, candidates: Sequence[CandidatePassage], calibration: Calibration
) -> list[ScoredPassage]:
    """Score the candidates, without token matches, and return them best first."""
    return rank_scored(score_candidates(query, candidates, calibration)) if candidates else []


def rank_scored(
    scored: CandidateScores, token_matches: Mapping[int, TokenMatch] = MappingProxyType({})
) -> list[ScoredPassage]:
    """Add the token matches, by passage id, to the scores, and return the passages best first.

    Ties go to the older passage.
    """
    candidates, cosines = scored.candidates, scored.cosines
    best_index = _choose_sentences(scored, token_matches)
    tokens = _token_features(scored, token_matches)
    weights = np.where(scored.same_language, TOKEN_WEIGHT, CROSS_LINGUAL_TOKEN_WEIGHT)
    scores = scored.scores + weights * tokens[:, 0]
    passage_ids = [candidate.passage_id for candidate in candidates]
    spans = np.concatenate([candidate.sentences for candidate in candidates])[best_index].tolist()
    best_in_passage = (best_index - scored.offsets).tolist()
    rows = list(
        zip(
            passage_ids,
            (candidate.article_key for candidate in candidates),
            scores.tolist(),
            (Span(*span) for span in spans),
            scored.same_language.tolist(),
            cosines.passage.tolist(),
            cosines.sentence.tolist(),
            cosines.plain_sentence.tolist(),
            scored.cross_lingual.tolist(),
            *tokens.T.tolist(),
            (overlap.relevance for overlap in scored.overlaps),
            (overlap.coverage for overlap in scored.overlaps),
            (
                overlap.sentence_coverages[index]
                for overlap, index in zip(scored.overlaps, best_in_passage, strict=True)
            ),
            (overlap.rarest_missing for overlap in scored.overlaps),
            strict=True,
        )
    )
    return [
        ScoredPassage(*rows[index])
        for index in np.lexsort((np.array(passage_ids), -scores)).tolist()
    ]


def _combine_scores(
    query: RankingQuery,
    cosines: _CandidateCosines,
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
    """Return a mask (n,) of the passages in the question's language."""
    languages = [candidate.language for candidate in candidates]
    matching = {
        language
        for language in set(languages)
        if primary_subtag(language) == primary_subtag(query.language)
    }
    return np.array([language in matching for language in languages])


def _cross_lingual_excess(query: RankingQuery, candidates: Sequence[CandidatePassage]) -> _Floats:
    """Return the second encoder's cosines minus the typical one, (n,); 0 where there is none."""
    cosines = (
        query.cross_lingual_cosines.get(candidate.passage_id, TYPICAL_CROSS_LINGUAL_COSINE)
        for candidate in candidates
    )
    return np.fromiter(cosines, np.float64, len(candidates)) - TYPICAL_CROSS_LINGUAL_COSINE


def _token_features(scored: CandidateScores, token_matches: Mapping[int, TokenMatch]) -> _Floats:
    """Return the token features of `ScoredPassage`, (n, 3).

    A passage without a match has the mean features of the others.
    """
    candidates = scored.candidates
    features = np.zeros((len(candidates), 3))
    has_match = np.zeros(len(candidates), bool)
    for row, (candidate, is_same) in enumerate(zip(candidates, scored.same_language, strict=True)):
        match = token_matches.get(candidate.passage_id)
        if match is None:
            continue
        typical = TYPICAL_TOKEN_MATCH if is_same else TYPICAL_CROSS_LINGUAL_TOKEN_MATCH
        has_match[row] = True
        features[row] = (
            match.passage - typical,
            max(match.sentences) - match.passage,
            match.least - match.passage,
        )
    if has_match.any():
        features[~has_match] = features[has_match].mean(axis=0)
    return features


def _choose_sentences(
    scored: CandidateScores, token_matches: Mapping[int, TokenMatch]
) -> NDArray[np.intp]:
    """Return the best sentences' indexes, (n,).

    The best one has the highest sum of token match and cosine or, without matches, cosine.
    """
    chosen = scored.cosines.best_index.copy()
    for row, candidate in enumerate(scored.candidates):
        match = token_matches.get(candidate.passage_id)
        if match is not None and len(match.sentences) > 1:
            first = scored.offsets[row]
            own_cosines = scored.cosines.all_sentences[first : first + len(match.sentences)]
            chosen[row] = first + int(np.argmax(own_cosines + match.sentences))
    return chosen


def _compute_cosines(
    query: RankingQuery,
    candidates: Sequence[CandidatePassage],
    calibration: Calibration,
    counts: NDArray[np.int64],
    offsets: NDArray[np.int64],
) -> _CandidateCosines:
    rows = language_rows([candidate.language for candidate in candidates])
    sentence_vectors = np.concatenate([candidate.sentence_vectors for candidate in candidates])
    passage_vectors = np.array([candidate.vector for candidate in candidates])
    sentence_cosines = calibration.centred_cosines(
        query.centred_vector, sentence_vectors, np.repeat(rows, counts)
    )
    best_cosines = np.maximum.reduceat(sentence_cosines, offsets)
    best_index = np.zeros(len(candidates), np.intp)
    ties = np.flatnonzero(sentence_cosines == np.repeat(best_cosines, counts))[::-1]
    # `ties` is reversed, so that the first of equal sentences is assigned last
    best_index[np.repeat(np.arange(len(candidates)), counts)[ties]] = ties
    return _CandidateCosines(
        calibration.centred_cosines(query.centred_vector, passage_vectors, rows),
        best_cosines,
        passage_vectors @ query.vector,
        np.maximum.reduceat(sentence_vectors @ query.vector, offsets),
        best_index,
        sentence_cosines,
    )


def _weighted_mean(
    passage_cosines: NDArray[np.float32], sentence_cosines: NDArray[np.float32]
) -> _Floats:
    mean = (1 - SENTENCE_WEIGHT) * passage_cosines + SENTENCE_WEIGHT * sentence_cosines
    return np.asarray(mean, np.float64)


def without_scores(candidates: Sequence[CandidatePassage]) -> list[ScoredPassage]:
    """Return passages in the given order with zero scores, their first sentence as the best."""
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
            token_match=0.0,
            sentence_token_match=0.0,
            least_token_match=0.0,
            relevance=0.0,
            term_coverage=0.0,
            sentence_term_coverage=0.0,
            rarest_missing=0.0,
        )
        for candidate in candidates
    ]
