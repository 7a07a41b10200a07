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

_ALONE = 0.1
"""The lead of a passage where no other article was found."""
_NEAREST = 10
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


def features(ranked: Sequence[ScoredPassage], searched: int) -> AnswerabilityFeatures:
    """Return the features of an order of passages, best first, out of so many searched.

    `ranked` must not be empty.
    """
    best = ranked[0]
    others = (each.score for each in ranked if each.article_key != best.article_key)
    top = [each.score for each in ranked[:_NEAREST]]
    return AnswerabilityFeatures(
        sentence=best.sentence_cosine,
        passage=best.passage_cosine,
        second=best.second_cosine,
        plain=max(each.plain_cosine for each in ranked),
        words=best.words,
        words_in_sentence=best.words_in_sentence,
        rarest_missing=best.rarest_missing,
        lead=best.score - next(others, best.score - _ALONE),
        height=best.score - sum(top) / len(top),
        size=log10(max(searched, 1)),
    )


def named(found: AnswerabilityFeatures, *, own_language: bool) -> dict[str, float]:
    """Return the features by the names under which they have weights."""
    kind = "own" if own_language else "other"
    return {f"{kind}.{name}": value for name, value in found._asdict().items()} | {kind: 1.0}


def evidence(
    found: AnswerabilityFeatures, rule: AnswerabilityWeights, *, own_language: bool
) -> float:
    """Return the decision's score, a log-odds: what is above zero is an answer."""
    values = named(found, own_language=own_language)
    return rule.bias + sum(rule.weights.get(name, 0.0) * value for name, value in values.items())
