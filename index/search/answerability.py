"""Decide whether a passage answers the question or is only one of the nearest (pure functions).

One decision is made per quote, by a logistic model over a few features. Each feature has one
weight for passages in the question's language and another for passages in a different language,
because cosines and word matches are less informative across languages. The model is fitted by
`bench/retrieval/fit_answerability.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log10
from typing import NamedTuple

from index.search.calibration import AnswerabilityWeights
from index.search.scoring import ScoredPassage

_DEFAULT_LEAD = 0.1
"""The `lead` feature when the search returned no second article."""
_TOP_COUNT = 10
"""The `height` feature compares the best passage with the mean of this many best passages."""


class AnswerabilityFeatures(NamedTuple):
    """Features of a passage (unless noted). The field names are keys in `fitted/*.json`."""

    sentence: float
    """Centred cosine of its best sentence."""
    passage: float
    """Centred cosine of the whole passage."""
    second: float
    """Across languages: the second encoder's cosine minus its typical value."""
    plain: float
    """The highest uncentred sentence cosine of all ranked passages."""
    words: float
    """IDF-weighted share of the question's words found in the passage or its context."""
    words_in_sentence: float
    """The same share for its best sentence with the context."""
    rarest_missing: float
    """IDF of the rarest question word missing from it, relative to the highest possible IDF."""
    token: float
    """The token match minus the typical one."""
    token_sentence: float
    """The token match of its best sentence minus that of the passage."""
    token_least: float
    """The lowest match of an important token of the question minus the passage's match."""
    lacks_requested: float
    """1 if the passage holds nothing of a type that the question asks for, else 0."""
    lead: float
    """Its score minus the score of the best passage of any other article."""
    height: float
    """Its score minus the mean score of the ten best passages."""
    size: float
    """log10 of the number of passages searched: the nearest of more passages is nearer."""


def extract_features(
    ranked: Sequence[ScoredPassage],
    passage: ScoredPassage,
    searched_count: int,
    *,
    lacks_requested: bool,
) -> AnswerabilityFeatures:
    """Return the features of a passage of a ranking (best first) of `searched_count` passages."""
    other_scores = (scored.score for scored in ranked if scored.article_key != passage.article_key)
    top_scores = [scored.score for scored in ranked[:_TOP_COUNT]]
    return AnswerabilityFeatures(
        sentence=passage.sentence_cosine,
        passage=passage.passage_cosine,
        second=passage.cross_lingual_cosine,
        plain=max(scored.plain_cosine for scored in ranked),
        words=passage.term_coverage,
        words_in_sentence=passage.sentence_term_coverage,
        rarest_missing=passage.rarest_missing,
        token=passage.token_match,
        token_sentence=passage.sentence_token_match,
        token_least=passage.least_token_match,
        lacks_requested=float(lacks_requested),
        lead=passage.score - next(other_scores, passage.score - _DEFAULT_LEAD),
        height=passage.score - sum(top_scores) / len(top_scores),
        size=log10(max(searched_count, 1)),
    )


def name_features(features: AnswerabilityFeatures, *, same_language: bool) -> dict[str, float]:
    """Return the features keyed by weight name: `own.…` in the same language, else `other.…`.

    The bare prefix is the intercept of its group and is always 1.
    """
    prefix = "own" if same_language else "other"
    return {f"{prefix}.{name}": value for name, value in features._asdict().items()} | {prefix: 1.0}


def answer_log_odds(
    features: AnswerabilityFeatures, weights: AnswerabilityWeights, *, same_language: bool
) -> float:
    """Return the log-odds that the best passage answers the question; it does when positive."""
    values = name_features(features, same_language=same_language)
    return weights.bias + sum(
        weights.weights.get(name, 0.0) * value for name, value in values.items()
    )
