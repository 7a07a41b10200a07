"""Compare a question with passages token by token (pure functions).

Each token of the question looks for the token of the passage that is nearest to it. A passage's
match is the mean of these cosines, weighted by the importance of the question's tokens (Khattab and
Zaharia, "ColBERT", SIGIR 2020, whose sum has equal weights). What a passage does not say itself may
stand in the one before it, because a paragraph often continues without repeating who or where: a
share of the cosine there counts, if it is higher. The mean over the tokens of one
sentence says which sentence of the passage the question is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.embeddings.token_vectors import TokenVectors
from index.search.term_overlap import find_preceding
from index.storage.records import CandidatePassage
from index.storage.token_vectors import PackedTokens, unpack

PRECEDING_SHARE = 0.8
"""The share of the cosines of the preceding passage that counts."""
_IMPORTANT_SHARE = 0.5
"""`least` looks at the most important tokens that together have this share of the importance."""


class TokenMatch(NamedTuple):
    """How well a passage matches a question's tokens; weighted means of cosines."""

    passage: float
    sentences: tuple[float, ...]
    """One per sentence; -1 for a sentence without tokens."""
    least: float
    """The lowest best cosine among the question's most important tokens."""


def match_tokens(
    question: TokenVectors,
    candidates: Sequence[CandidatePassage],
    tokens: Sequence[PackedTokens],
) -> list[TokenMatch]:
    """Return the match of each candidate, whose tokens are given in the same order."""
    if not candidates:
        return []
    counts = np.array([len(each.packed) for each in tokens])
    starts = np.cumsum(counts) - counts
    vectors = unpack(np.concatenate([each.packed for each in tokens]))
    cosines = question.vectors @ vectors.T
    best = np.maximum.reduceat(cosines, starts, axis=1)
    best = _inherit(best, find_preceding(candidates))
    passage_means = question.importance @ best
    least = best[_most_important(question.importance)].min(axis=0)
    sentence_means = _sentence_means(question, cosines, candidates, tokens)
    matches, first = [], 0
    for index, candidate in enumerate(candidates):
        last = first + len(candidate.sentences)
        matches.append(
            TokenMatch(
                float(passage_means[index]), tuple(sentence_means[first:last]), float(least[index])
            )
        )
        first = last
    return matches


def _inherit(best: NDArray[np.float32], preceding: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return the best cosines (q, n) of passages, with a share of those of the passages before."""
    inherited = np.where(preceding >= 0, PRECEDING_SHARE * best[:, preceding], -1.0)
    return np.asarray(np.maximum(best, inherited), np.float32)


def _most_important(importance: NDArray[np.float32]) -> NDArray[np.intp]:
    """Return the indexes of the most important tokens, with `_IMPORTANT_SHARE` of the sum."""
    order = np.argsort(-importance, kind="stable")
    count = int(np.searchsorted(np.cumsum(importance[order]), _IMPORTANT_SHARE)) + 1
    return order[:count]


def _sentence_means(
    question: TokenVectors,
    cosines: NDArray[np.float32],
    candidates: Sequence[CandidatePassage],
    tokens: Sequence[PackedTokens],
) -> list[float]:
    """Return the weighted mean of the best cosines within each sentence, passage after passage.

    `cosines` are (q, all tokens). A token belongs to the sentence in which it ends.
    """
    bounds, starts, first_token = [], [], 0
    for candidate, passage_tokens in zip(candidates, tokens, strict=True):
        token_ends = candidate.start + passage_tokens.spans[:, 1]
        own_bounds = np.searchsorted(token_ends, candidate.sentences[:, 1], side="right")
        bounds.append(first_token + own_bounds)
        starts.append(first_token + np.concatenate([[0], own_bounds[:-1]]))
        first_token += len(token_ends)
    sentence_starts, sentence_ends = np.concatenate(starts), np.concatenate(bounds)
    best = np.maximum.reduceat(cosines, np.minimum(sentence_starts, first_token - 1), axis=1)
    means = question.importance @ best
    means[sentence_starts == sentence_ends] = -1.0
    return [float(mean) for mean in means]
