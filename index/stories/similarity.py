"""Estimate the probability that two articles report one event, with a logistic model.

The features are cosines of embeddings and of tf-idf vectors. Both are needed: two battles of one
war are close in meaning and share the war's names, but not the names of the day. Across languages
words are not comparable, so a separate model uses the embeddings only. No I/O but the weights file.
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
"""Days: two articles further apart are not paired, but others between them can link them."""
MIN_PROBABILITY = 0.02
"""Less probable pairs are dropped and count as 0."""
_BATCH_SIZE = 256
"""Articles compared with the others at a time."""
_MODELS_FILE = Path(__file__).parent / "fitted.json"


class ScoredPairs(NamedTuple):
    """Pairs of articles that may report one event."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    """Rows in the `ArticleFeatures`, (m,) each; `first` is the earlier article."""
    probabilities: NDArray[np.float64]
    """(m,): the probability that the pair reports one event."""


class LogisticWeights(BaseModel):
    """A logistic model: its bias, and one weight per key of `pair_similarities`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bias: float
    lead: float = 0
    mean: float = 0
    words: float = 0
    lead_words: float = 0


class SimilarityModel(BaseModel):
    """Weights for pairs in one language and across languages, and the clustering threshold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    same_language: LogisticWeights
    across: LogisticWeights | None
    """None if vectors are not used: articles in two languages are then never one story."""
    joined: float
    """The minimum mean probability at which two clusters merge."""


class FittedModels(BaseModel):
    """Models fitted by `bench/stories/clustering.py`: with an embedding model, and words only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fingerprint: str
    fitted_on: str
    rule: SimilarityModel
    words_alone: SimilarityModel


def select_model(fingerprint: str) -> SimilarityModel:
    """Return the model fitted for this fingerprint; the words-only model for any other."""
    models = _load_models()
    return models.rule if fingerprint == models.fingerprint else models.words_alone


@cache
def _load_models() -> FittedModels:
    return FittedModels.model_validate_json(_MODELS_FILE.read_bytes())


def pair_similarities(
    features: ArticleFeatures, rows: slice, columns: slice
) -> dict[str, NDArray[np.float64]]:
    """Return each similarity (r, c) of the articles `rows` with the articles `columns`.

    The keys are the weights of `LogisticWeights`.
    """
    return {
        "lead": features.lead_vectors[rows] @ features.lead_vectors[columns].T,
        "mean": features.mean_vectors[rows] @ features.mean_vectors[columns].T,
        "words": (features.tfidf[rows] @ features.tfidf[columns].T).toarray(),
        "lead_words": (features.lead_tfidf[rows] @ features.lead_tfidf[columns].T).toarray(),
    }


def likely_pairs(features: ArticleFeatures, model: SimilarityModel) -> ScoredPairs:
    """Return the pairs at most `MAX_GAP_DAYS` apart with at least `MIN_PROBABILITY`."""
    blocks = list(_score_blocks(features, model))
    if not blocks:
        empty = np.empty(0, np.int64)
        return ScoredPairs(empty, empty, np.empty(0))
    return ScoredPairs(*(np.concatenate(arrays) for arrays in zip(*blocks, strict=True)))


def _score_blocks(features: ArticleFeatures, model: SimilarityModel) -> Iterator[ScoredPairs]:
    days = features.days
    for start in range(0, len(days), _BATCH_SIZE):
        end = min(start + _BATCH_SIZE, len(days))
        stop = int(np.searchsorted(days, days[end - 1] + MAX_GAP_DAYS, "right"))
        rows, columns = slice(start, end), slice(start, stop)
        probabilities = _compute_probabilities(features, model, rows, columns)
        is_near = days[None, columns] - days[rows, None] <= MAX_GAP_DAYS
        is_later = np.arange(start, stop)[None] > np.arange(start, end)[:, None]
        first, second = np.nonzero((probabilities >= MIN_PROBABILITY) & is_near & is_later)
        yield ScoredPairs(first + start, second + start, probabilities[first, second])


def _compute_probabilities(
    features: ArticleFeatures, model: SimilarityModel, rows: slice, columns: slice
) -> NDArray[np.float64]:
    similarities = pair_similarities(features, rows, columns)
    is_same_language = features.languages[rows, None] == features.languages[None, columns]
    cross_lingual = (
        _logistic(model.across, similarities)
        if model.across
        else np.zeros_like(similarities["words"])
    )
    return np.where(is_same_language, _logistic(model.same_language, similarities), cross_lingual)


def _logistic(
    weights: LogisticWeights, similarities: dict[str, NDArray[np.float64]]
) -> NDArray[np.float64]:
    log_odds = weights.bias + sum(
        getattr(weights, name) * values for name, values in similarities.items()
    )
    return np.asarray(1 / (1 + np.exp(-log_odds)), np.float64)
