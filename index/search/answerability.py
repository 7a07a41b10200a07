"""Whether the best passage answers the question, or is only the nearest: pure, no input or output.

One decision per answer. A logistic model of a few plain features, each with a weight for passages
in the question's language and another for passages in a different one, because both the cosines
and the words mean less across languages. It is fitted by `bench/retrieval/fit_answerability.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log10
from typing import NamedTuple

from index.search.calibration import AnswerabilityWeights
from index.search.scoring import ScoredPassage

_DEFAULT_LEAD = 0.1
"""The lead of a passage where no other article was found."""
_TOP_COUNT = 10
"""Over so many of the best passages "how high the first stands" is measured."""


class AnswerabilityFeatures(NamedTuple):
    """What the decision looks at, of the best passage unless it says otherwise."""

    sentence: float
    """Its best sentence's cosine, centred."""
    passage: float
    """Its own cosine, centred."""
    second: float
    """How far the second encoder's cosine lies above the typical one, across languages."""
    plain: float
    """The highest cosine of any sentence found, as the model gives it."""
    words: float
    """The share of the question's words, by rarity, that it or its context holds."""
    words_in_sentence: float
    """The same of its best sentence and its context."""
    rarest_missing: float
    """The rarest word of the question that it does not hold, as a share of the rarest possible."""
    lead: float
    """How far its score lies above the best passage's of any other article."""
    height: float
    """How far its score lies above the mean of the best ten."""
    size: float
    """The decimal logarithm of how many passages were searched: among more, one is nearer."""


def extract_features(ranked: Sequence[ScoredPassage], searched_count: int) -> AnswerabilityFeatures:
    """Return the features of an order of passages, best first, out of so many searched.

    `ranked` must not be empty.
    """
    best = ranked[0]
    other_scores = (scored.score for scored in ranked if scored.article_key != best.article_key)
    top_scores = [scored.score for scored in ranked[:_TOP_COUNT]]
    return AnswerabilityFeatures(
        sentence=best.sentence_cosine,
        passage=best.passage_cosine,
        second=best.cross_lingual_cosine,
        plain=max(scored.plain_cosine for scored in ranked),
        words=best.term_coverage,
        words_in_sentence=best.sentence_term_coverage,
        rarest_missing=best.rarest_missing,
        lead=best.score - next(other_scores, best.score - _DEFAULT_LEAD),
        height=best.score - sum(top_scores) / len(top_scores),
        size=log10(max(searched_count, 1)),
    )


def name_features(features: AnswerabilityFeatures, *, same_language: bool) -> dict[str, float]:
    """Return the features by the names under which they have weights."""
    prefix = "own" if same_language else "other"
    return {f"{prefix}.{name}": value for name, value in features._asdict().items()} | {prefix: 1.0}


def answer_log_odds(
    features: AnswerabilityFeatures, weights: AnswerabilityWeights, *, same_language: bool
) -> float:
    """Return the decision's score, a log-odds: what is above zero is an answer."""
    values = name_features(features, same_language=same_language)
    return weights.bias + sum(
        weights.weights.get(name, 0.0) * value for name, value in values.items()
    )
