"""From candidates to an order: pure, no input or output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.search.dense import Hit
from index.store.rows import Candidate
from index.text.spans import Span

SENTENCE_WEIGHT = 0.5
"""How much of a passage's score is its best sentence's: see docs/evaluation.md, "The unit"."""


class Ranked(NamedTuple):
    """A passage with its score (a cosine) and its best sentence (an offset into the article)."""

    passage_id: int
    article_key: int
    score: float
    best: Span


def rank(
    question: NDArray[np.float32], hits: Iterable[Hit], candidates: Mapping[int, Candidate]
) -> list[Ranked]:
    """Order passages by the mean of their own cosine and their best sentence's, best first.

    `question` is the question's vector (d,). Passages that are no longer there are left out; ties
    go to the older passage, so that the same question has the same answer twice.
    """
    ranked = []
    for hit in hits:
        candidate = candidates.get(hit.passage_id)
        if candidate is None:
            continue
        cosines = candidate.sentence_vectors @ question
        best = int(np.argmax(cosines))
        score = (1 - SENTENCE_WEIGHT) * hit.score + SENTENCE_WEIGHT * float(cosines[best])
        ranked.append(
            Ranked(hit.passage_id, candidate.article_key, score, candidate.passage.sentences[best])
        )
    return sorted(ranked, key=lambda found: (-found.score, found.passage_id))
