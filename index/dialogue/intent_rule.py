"""Decide what a message is for from its vector, where the lexicon does not know all of its words.

A multinomial logistic model over the vector of the embedding model and the features of the
lexicon, fitted for one model by `bench/retrieval/fit_intents.py`.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from index.dialogue.intents import (
    MAX_WORDS,
    Intent,
    IntentFeatures,
    detect_intent,
    extract_intent_features,
)
from index.text.gazetteer import Gazetteer
from index.text.time_expressions.resolver import find_news_topic

FITTED = Path(__file__).parent / "fitted"
MIN_SMALL_TALK, MIN_SMALL_TALK_UNKNOWN, MIN_SMALL_TALK_NAMED = 0.5, 0.8, 0.95
"""A message is no question from this probability on; with words that the lexicon lacks, from the
second one on; one that greets or thanks and has a name ("hello from Tripoli"), from the third one
on: a question taken for small talk is worse than a greeting that is searched."""
_NUMBER = re.compile(r"(?<![^\W_])\d+(?![^\W\d_])")
"""A digit inside a word stands for a letter: "mar7ba"."""
_MAX_TOPIC_WORDS = 3
"""So many words may name a topic ("rain", "Noran's port"), which is searched."""
_COUNTRY = frozenset(("libya", "libye", "ليبيا"))
FEATURE_SCALE = 0.3
"""What the features of the lexicon are multiplied by, beside a vector of length 1."""


class IntentRule(BaseModel):
    """The rule of one model. `fitted/<fingerprint>.json` holds it."""

    model_config = ConfigDict(frozen=True)

    intents: tuple[Intent, ...]
    mean: tuple[float, ...]
    """(d,): the mean vector of messages."""
    weights: tuple[tuple[float, ...], ...]
    """(i, d + f): by intent, of the vector and the features."""
    biases: tuple[float, ...]

    @classmethod
    def load_for_model(cls, fingerprint: str) -> IntentRule | None:
        """Return the rule fitted for a model, or None."""
        path = FITTED / f"{fingerprint}.json"
        return cls.model_validate_json(path.read_bytes()) if path.exists() else None

    def classify(self, message: str, vector: NDArray[np.float32], gazetteer: Gazetteer) -> Intent:
        """Return what a message with this vector (d,) is for.

        One that has a number, asks for news of a topic or may itself be a topic is a question
        unless the lexicon says otherwise, and so is one with a name that neither greets nor thanks.
        """
        intent = detect_intent(message)
        if intent is not Intent.QUESTION or _is_long_or_numeric(message):
            return intent
        features = extract_intent_features(message)
        if features.unknown_words > 0 and (
            find_news_topic(message) is not None or _may_be_topic(message, features)
        ):
            return Intent.QUESTION
        probabilities = self._compute_probabilities(vector, features)
        question = self.intents.index(Intent.QUESTION)
        threshold = _choose_threshold(features, has_name=_names_anything(message, gazetteer))
        if threshold is None or 1 - probabilities[question] < threshold:
            return Intent.QUESTION
        probabilities[question] = -1
        return self.intents[int(probabilities.argmax())]

    def _compute_probabilities(
        self, vector: NDArray[np.float32], features: IntentFeatures
    ) -> NDArray[np.float64]:
        """Return the probability of each intent, (i,)."""
        values = np.concatenate(
            [vector - np.array(self.mean), FEATURE_SCALE * np.array(features, np.float64)]
        )
        scores = np.array(self.weights) @ values + np.array(self.biases)
        probabilities = np.exp(scores - scores.max())
        return np.asarray(probabilities / probabilities.sum(), np.float64)


def _is_long_or_numeric(message: str) -> bool:
    return len(message.split()) > MAX_WORDS or bool(_NUMBER.search(message))


def _may_be_topic(message: str, features: IntentFeatures) -> bool:
    """Return whether a message is a few words of which the lexicon knows no phrase."""
    return features.phrase_share == 0 and len(message.split()) <= _MAX_TOPIC_WORDS


def _choose_threshold(features: IntentFeatures, *, has_name: bool) -> float | None:
    """Return the probability from which on a message is no question; None if it always is one."""
    if has_name:
        return MIN_SMALL_TALK_NAMED if features.greeting or features.thanks else None
    return MIN_SMALL_TALK_UNKNOWN if features.unknown_words else MIN_SMALL_TALK


def _names_anything(message: str, gazetteer: Gazetteer) -> bool:
    """Return whether a message names a person, a body or a place other than the country."""
    return any(
        not _COUNTRY.intersection(word.removeprefix("ب") for word in mention.words)
        for mention in gazetteer.find_mentions(message)
    )
