"""How likely two articles report one event: pure.

A logistic model of how near they are in meaning and in words. Both are needed: two battles of one
war are near in meaning, and share the names of the war but not those of the day. Across languages
words say nothing, so there the vectors decide alone, with weights of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from index.stories.features import ArticleFeatures

MAX_GAP_DAYS = 3
"""Days: articles further apart are of two stories, unless others stand between them."""
LEAST = 0.02
"""Pairs less likely than this count as not alike at all."""
_ROWS = 256
"""So many articles are compared with the others at a time."""
_FITTED = Path(__file__).parent / "fitted.json"


class ScoredPairs(NamedTuple):
    """Pairs of articles that may report one event."""

    one: NDArray[np.int64]
    other: NDArray[np.int64]
    """Their places in the reports; `one` is the earlier."""
    likely: NDArray[np.float64]
    """The probability that they do."""


class LogisticWeights(BaseModel):
    """A logistic model: its bias, and what each likeness counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bias: float
    lead: float = 0
    mean: float = 0
    words: float = 0
    lead_words: float = 0


class SimilarityModel(BaseModel):
    """When two articles report one event, and when a group of them is one story."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    same_language: LogisticWeights
    across: LogisticWeights | None
    """None where vectors say nothing: articles in two languages are then never one story."""
    joined: float
    """The least mean probability between two groups at which they are one."""


class FittedModels(BaseModel):
    """Models fitted by `bench/stories/clustering.py`: with a model's vectors, and words alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fingerprint: str
    fitted_on: str
    rule: SimilarityModel
    words_alone: SimilarityModel


def rule_of(fingerprint: str) -> SimilarityModel:
    """Return the rule for a model's vectors; for another model than the fitted one, of words."""
    fitted = _fitted()
    return fitted.rule if fingerprint == fitted.fingerprint else fitted.words_alone


@cache
def _fitted() -> FittedModels:
    return FittedModels.model_validate_json(_FITTED.read_bytes())


def features(
    reports: ArticleFeatures, rows: slice, columns: slice
) -> dict[str, NDArray[np.float64]]:
    """Return each likeness (r, c) of some articles with others."""
    return {
        "lead": reports.leads[rows] @ reports.leads[columns].T,
        "mean": reports.means[rows] @ reports.means[columns].T,
        "words": (reports.words[rows] @ reports.words[columns].T).toarray(),
        "lead_words": (reports.lead_words[rows] @ reports.lead_words[columns].T).toarray(),
    }


def likely_pairs(reports: ArticleFeatures, rule: SimilarityModel) -> ScoredPairs:
    """Return the pairs of articles that may report one event."""
    found = list(_blocks(reports, rule))
    if not found:
        none = np.empty(0, np.int64)
        return ScoredPairs(none, none, np.empty(0))
    return ScoredPairs(*(np.concatenate(each) for each in zip(*found, strict=True)))


def _blocks(reports: ArticleFeatures, rule: SimilarityModel) -> Iterator[ScoredPairs]:
    days = reports.days
    for start in range(0, len(days), _ROWS):
        end = min(start + _ROWS, len(days))
        last = int(np.searchsorted(days, days[end - 1] + MAX_GAP_DAYS, "right"))
        rows, columns = slice(start, end), slice(start, last)
        likely = _likely(reports, rule, rows, columns)
        near = days[None, columns] - days[rows, None] <= MAX_GAP_DAYS
        later = np.arange(start, last)[None] > np.arange(start, end)[:, None]
        one, other = np.nonzero((likely >= LEAST) & near & later)
        yield ScoredPairs(one + start, other + start, likely[one, other])


def _likely(
    reports: ArticleFeatures, rule: SimilarityModel, rows: slice, columns: slice
) -> NDArray[np.float64]:
    alike = features(reports, rows, columns)
    own = reports.languages[rows, None] == reports.languages[None, columns]
    across = _logistic(rule.across, alike) if rule.across else np.zeros_like(alike["words"])
    return np.where(own, _logistic(rule.same_language, alike), across)


def _logistic(
    weights: LogisticWeights, alike: dict[str, NDArray[np.float64]]
) -> NDArray[np.float64]:
    odds = weights.bias + sum(getattr(weights, name) * each for name, each in alike.items())
    return np.asarray(1 / (1 + np.exp(-odds)), np.float64)
