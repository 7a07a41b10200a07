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
from index.text.language import primary
from index.text.spans import Span

SENTENCE_WEIGHT = 0.5
"""How much of a passage's cosine is its best sentence's: see docs/evaluation.md, "The unit"."""
WORDS_WEIGHT = 0.44
"""What finding every word of the question adds to the score. This and the next three were chosen
on one half of the articles, near where `bench/retrieval/fit_ranking.py` puts them: see
docs/evaluation.md, "What each part brings"."""
WORDS_ACROSS = 0.7
"""The same across languages."""
SECOND_WEIGHT = 0.25
"""What the second encoder's cosine adds across languages."""
SECOND_TYPICAL = 0.43
"""That encoder's cosine of a question and a passage that answers it: what lies below takes away
from the score, and a passage without such a cosine loses and gains nothing."""
OWN_LANGUAGE = 0.008
"""What a passage in the question's language has ahead of its equals in others."""
PLAIN_MEAN, PLAIN_SPREAD = 0.8, 2.9
"""Plain cosines lie about this mean, and closer together than centred ones by this factor."""
FEW = 30
"""In an archive of so many passages centred cosines count as much as plain ones."""

_Floats = NDArray[np.float64]


class RankingQuery(NamedTuple):
    """A question as ranking needs it: its vector (d,), plain and centred; language and words."""

    plain: NDArray[np.float32]
    centred: NDArray[np.float32]
    language: str | None
    wording: QueryTermStats
    searched: int
    """Among how many passages it is asked."""
    across: Mapping[int, float]
    """The second encoder's cosines, by the ids of passages in other languages."""


class ScoredPassage(NamedTuple):
    """A passage with its score and best sentence (an offset into the article), and what made it."""

    passage_id: int
    article_key: int
    score: float
    best: Span
    own_language: bool
    passage_cosine: float
    sentence_cosine: float
    plain_cosine: float
    second_cosine: float
    """How far it lies above the typical one; 0 where there is none."""
    relevance: float
    words: float
    words_in_sentence: float
    rarest_missing: float


class _CosineMatrix(NamedTuple):
    """Of n passages, (n,) each: their own cosines and their best sentences', centred and plain."""

    passage: NDArray[np.float32]
    sentence: NDArray[np.float32]
    plain_passage: NDArray[np.float32]
    plain_sentence: NDArray[np.float32]
    best: NDArray[np.intp]
    """Which of all their sentences, one passage after another, is the best by centred cosine."""


def rank(
    asked: RankingQuery, candidates: Sequence[CandidatePassage], calibration: Calibration
) -> list[ScoredPassage]:
    """Order passages by their score, best first; ties go to the older passage."""
    if not candidates:
        return []
    counts = np.array([len(each.sentences) for each in candidates])
    firsts = np.cumsum(counts) - counts
    cosines = _cosines(asked, candidates, calibration, counts, firsts)
    found = term_overlaps(asked.wording, candidates)
    relevance = np.array([each.relevance for each in found])
    own = _own(asked, candidates)
    second = _second(asked, candidates)
    score = _scores(asked, cosines, relevance, second, own)
    ids = [each.passage_id for each in candidates]
    spans = np.concatenate([each.sentences for each in candidates])[cosines.best].tolist()
    in_passage = (cosines.best - firsts).tolist()
    rows = list(
        zip(
            ids,
            (each.article_key for each in candidates),
            score.tolist(),
            (Span(*span) for span in spans),
            own.tolist(),
            cosines.passage.tolist(),
            cosines.sentence.tolist(),
            cosines.plain_sentence.tolist(),
            second.tolist(),
            (each.relevance for each in found),
            (each.share for each in found),
            (each.share_by_sentence[at] for each, at in zip(found, in_passage, strict=True)),
            (each.rarest_missing for each in found),
            strict=True,
        )
    )
    return [ScoredPassage(*rows[at]) for at in np.lexsort((np.array(ids), -score)).tolist()]


def _scores(
    asked: RankingQuery,
    cosines: _CosineMatrix,
    relevance: _Floats,
    second: _Floats,
    own: NDArray[np.bool_],
) -> _Floats:
    centred = _mean(cosines.passage, cosines.sentence)
    plain = _mean(cosines.plain_passage, cosines.plain_sentence)
    many = asked.searched / (asked.searched + FEW)
    meaning = many * centred + (1 - many) * PLAIN_SPREAD * (plain - PLAIN_MEAN)
    across = WORDS_WEIGHT + many * (WORDS_ACROSS - WORDS_WEIGHT)
    worded = np.where(own, WORDS_WEIGHT, across) * relevance
    heard = many * SECOND_WEIGHT * second
    return np.asarray(meaning + worded + heard + OWN_LANGUAGE * own, np.float64)


def _own(asked: RankingQuery, candidates: Sequence[CandidatePassage]) -> NDArray[np.bool_]:
    """Return which passages are in the question's language, (n,)."""
    languages = [each.language for each in candidates]
    mine = {each for each in set(languages) if primary(each) == primary(asked.language)}
    return np.array([each in mine for each in languages])


def _second(asked: RankingQuery, candidates: Sequence[CandidatePassage]) -> _Floats:
    """Return how far the second encoder's cosines lie above the typical one, (n,)."""
    found = (asked.across.get(each.passage_id, SECOND_TYPICAL) for each in candidates)
    return np.fromiter(found, np.float64, len(candidates)) - SECOND_TYPICAL


def _cosines(
    asked: RankingQuery,
    candidates: Sequence[CandidatePassage],
    calibration: Calibration,
    counts: NDArray[np.int64],
    firsts: NDArray[np.int64],
) -> _CosineMatrix:
    rows = language_rows([each.language for each in candidates])
    sentences = np.concatenate([each.sentence_vectors for each in candidates])
    passages = np.array([each.vector for each in candidates])
    of_sentences = calibration.centred_cosines(asked.centred, sentences, np.repeat(rows, counts))
    highest = np.maximum.reduceat(of_sentences, firsts)
    best = np.zeros(len(candidates), np.intp)
    equal = np.flatnonzero(of_sentences == np.repeat(highest, counts))[::-1]
    best[np.repeat(np.arange(len(candidates)), counts)[equal]] = equal  # the first is set last
    return _CosineMatrix(
        calibration.centred_cosines(asked.centred, passages, rows),
        highest,
        passages @ asked.plain,
        np.maximum.reduceat(sentences @ asked.plain, firsts),
        best,
    )


def _mean(of_passage: NDArray[np.float32], of_sentence: NDArray[np.float32]) -> _Floats:
    mean = (1 - SENTENCE_WEIGHT) * of_passage + SENTENCE_WEIGHT * of_sentence
    return np.asarray(mean, np.float64)


def in_order(candidates: Sequence[CandidatePassage]) -> list[ScoredPassage]:
    """Return passages in the order that they are given, marked at their first sentences."""
    return [
        ScoredPassage(
            passage_id=each.passage_id,
            article_key=each.article_key,
            score=0.0,
            best=Span(*each.sentences[0].tolist()),
            own_language=True,
            passage_cosine=0.0,
            sentence_cosine=0.0,
            plain_cosine=0.0,
            second_cosine=0.0,
            relevance=0.0,
            words=0.0,
            words_in_sentence=0.0,
            rarest_missing=0.0,
        )
        for each in candidates
    ]
