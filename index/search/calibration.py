"""Calibration of the embedding model: mean vectors by language, and answerability weights.

The model embeds texts of one language close together, and questions close to questions, whatever
their content: all cosines lie between 0.70 and 0.90. Subtracting the mean of the language's
questions from a question, and the mean of the language's passages from a passage, leaves what they
are about. The means and the weights of the answerability model are fitted by
`bench/retrieval/fit_answerability.py` for one model, identified by its fingerprint, and stored in
`fitted/`. Other models have no calibration, and nothing is subtracted.
"""

from __future__ import annotations

import logging
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from index.text.language import primary_subtag

logger = logging.getLogger(__name__)

LANGUAGES = ("ar", "en", "fr")
"""The languages with fitted means; texts in any other language use the mean of these means."""
CENTRING_STRENGTH = 0.7
"""The fraction of a mean that is subtracted. Subtracting all of it is better across languages and
worse where a whole archive is about one country: docs/evaluation.md, "What each part brings"."""
_FITTED_FOLDER = Path(__file__).parent / "fitted"

MeanVector = Annotated[tuple[float, ...], Field(min_length=1)]


class AnswerabilityWeights(BaseModel):
    """Bias and weights (by feature name) of the logistic answerability model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bias: float
    weights: dict[str, float]


class Calibration(BaseModel):
    """Fitted values for one embedding model; means are vectors (d,) by language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fingerprint: str
    fitted_on: str
    questions: dict[str, MeanVector]
    passages: dict[str, MeanVector]
    evidence: AnswerabilityWeights | None
    """The rule of `index.standing_queries`, and of archives without token vectors."""
    answers: AnswerabilityWeights | None = None
    """The rule by which `index.answering` shows a quote."""
    sure: AnswerabilityWeights | None = None
    """The rule by which it is sure of the best quote."""

    @model_validator(mode="after")
    def _has_every_language(self) -> Self:
        for means in (self.questions, self.passages):
            if set(means) != set(LANGUAGES) or len({len(mean) for mean in means.values()}) != 1:
                raise ValueError(f"needs one mean of one length for each of {LANGUAGES}")
        return self

    @classmethod
    def load_for_model(
        cls, fingerprint: str, dimension: int, folder: Path = _FITTED_FOLDER
    ) -> Calibration:
        """Return the calibration fitted for this fingerprint, or a neutral one with a warning."""
        for path in sorted(folder.glob("*.json")):
            calibration = cls.model_validate_json(path.read_bytes())
            if calibration.fingerprint == fingerprint:
                return calibration
        logger.warning(
            "No calibration was fitted for this embedding model: the bot always quotes the nearest "
            "passages and never says that it found no answer. To fit one, run "
            "bench/retrieval/fit_answerability.py."
        )
        return cls.neutral(fingerprint, dimension)

    @classmethod
    def neutral(cls, fingerprint: str, dimension: int) -> Calibration:
        """Return a calibration that changes nothing."""
        zero_means = dict.fromkeys(LANGUAGES, (0.0,) * dimension)
        return cls(
            fingerprint=fingerprint,
            fitted_on="nothing",
            questions=zero_means,
            passages=zero_means,
            evidence=None,
        )

    def centre_question(
        self, vector: NDArray[np.float32], language: str | None
    ) -> NDArray[np.float32]:
        """Return a question's vector (d,) minus its language's mean, scaled to unit length."""
        centred = vector - self._question_means[_language_row(language)]
        return np.asarray(centred / max(float(np.linalg.norm(centred)), 1e-6), np.float32)

    def centred_cosines(
        self,
        question: NDArray[np.float32],
        vectors: NDArray[np.float32],
        rows: NDArray[np.int64],
    ) -> NDArray[np.float32]:
        """Return the cosines (n,) of a centred question with unit vectors (n, d), once centred.

        `rows` (n,) are the vectors' rows from `language_rows`. No centred copy of the vectors is
        made: |p - m|² = 1 - 2 p·m + |m|².
        """
        means = self._passage_means
        products = vectors @ np.vstack([question, means]).T
        mean_products = np.take_along_axis(products[:, 1:], rows[:, None], axis=1)[:, 0]
        squared_lengths = 1 - 2 * mean_products + self._passage_squared_norms[rows]
        centred_products = products[:, 0] - (means @ question)[rows]
        return np.asarray(centred_products / np.sqrt(np.maximum(squared_lengths, 1e-6)), np.float32)

    @property
    def dimension(self) -> int:
        """The dimension d of the vectors."""
        return len(self.passages[LANGUAGES[0]])

    def centre_passages(
        self, vectors: NDArray[np.float32], rows: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Return passages' vectors (n, d) minus their languages' means, scaled to unit length.

        `rows` (n,) are the vectors' rows from `language_rows`.
        """
        centred = vectors - self._passage_means[rows]
        length = np.linalg.norm(centred, axis=1, keepdims=True)
        return np.asarray(centred / np.maximum(length, 1e-6), np.float32)

    @cached_property
    def _question_means(self) -> NDArray[np.float32]:
        return CENTRING_STRENGTH * _stack_means(self.questions)

    @cached_property
    def _passage_means(self) -> NDArray[np.float32]:
        return CENTRING_STRENGTH * _stack_means(self.passages)

    @cached_property
    def _passage_squared_norms(self) -> NDArray[np.float32]:
        return np.asarray((self._passage_means**2).sum(axis=1), np.float32)


def language_rows(languages: list[str | None]) -> NDArray[np.int64]:
    """Return the row (n,) of each language tag's mean; other languages have the last row."""
    rows = {language: _language_row(language) for language in set(languages)}
    return np.array([rows[language] for language in languages], np.int64)


def _language_row(language: str | None) -> int:
    base_language = primary_subtag(language)
    return LANGUAGES.index(base_language) if base_language in LANGUAGES else len(LANGUAGES)


def _stack_means(means: dict[str, MeanVector]) -> NDArray[np.float32]:
    """Return the means of the three languages and, as the last row, their mean: (4, d)."""
    stacked = np.array([means[language] for language in LANGUAGES], np.float32)
    return np.vstack([stacked, stacked.mean(axis=0)])
