"""A question is compared with passages token by token."""

from __future__ import annotations

import numpy as np
import pytest

from index.embeddings.token_vectors import TokenVectors
from index.search.late_interaction import match_tokens
from index.search.scoring import (
    CROSS_LINGUAL_TOKEN_WEIGHT,
    TOKEN_WEIGHT,
    rank,
    rank_scored,
    score_candidates,
)
from index.storage.token_vectors import PackedTokens, pack
from tests.fixtures.candidate_passages import UNKNOWN, asked, candidate

X, Y, Z, NOTHING = np.eye(4, dtype=np.float32)


def question(*vectors: np.ndarray, importance: tuple[float, ...] = ()) -> TokenVectors:
    weights = np.array(importance or [1 / len(vectors)] * len(vectors), np.float32)
    return TokenVectors(np.stack(vectors), weights, np.zeros((len(vectors), 2), np.int32))


def tokens(*placed: tuple[int, np.ndarray]) -> PackedTokens:
    """Return tokens that end at the given offsets of the passage."""
    ends = np.array([end for end, _ in placed], np.int32)
    return PackedTokens(pack(np.stack([v for _, v in placed])), np.stack([ends - 1, ends], axis=1))


def test_each_token_of_the_question_counts_with_its_nearest_token_and_its_importance() -> None:
    asked_for = question(X, Y, importance=(0.75, 0.25))
    passages = [candidate(1, 0.5), candidate(2, 0.5)]
    first, second = match_tokens(asked_for, passages, [tokens((3, Z), (6, X)), tokens((3, Y))])
    assert (first.passage, second.passage) == pytest.approx((0.75, 0.25))


def test_a_sentence_is_matched_with_the_tokens_that_end_in_it() -> None:
    passage = candidate(1, 0.5, 0.5, 0.5)  # sentences at 0-9, 10-19 and 20-29
    (match,) = match_tokens(question(X), [passage], [tokens((9, Y), (12, X), (19, Z))])
    assert match.sentences == pytest.approx((0, 1, -1))


def test_the_least_match_is_that_of_the_most_important_tokens() -> None:
    asked_for = question(X, Y, Z, importance=(0.4, 0.35, 0.25))
    (match,) = match_tokens(asked_for, [candidate(1, 0.5)], [tokens((3, X), (6, Z))])
    assert match.least == pytest.approx(0)
    (match,) = match_tokens(asked_for, [candidate(1, 0.5)], [tokens((3, X), (6, Y))])
    assert match.least == pytest.approx(1)


def test_no_passages_have_no_matches() -> None:
    assert match_tokens(question(X), [], []) == []


@pytest.mark.parametrize(
    ("language", "weight"), [("ar", TOKEN_WEIGHT), ("fr", CROSS_LINGUAL_TOKEN_WEIGHT)]
)
def test_a_better_token_match_lifts_a_passage_by_its_weight(language: str, weight: float) -> None:
    passages = [candidate(1, 0.5, language=language), candidate(2, 0.5, language=language)]
    stored = [tokens((3, X), (6, Z)), tokens((3, X), (6, Y))]
    matches = match_tokens(question(X, Y), passages, stored)
    scored = score_candidates(asked(), passages, UNKNOWN)
    first, second = rank_scored(scored, {1: matches[0], 2: matches[1]})
    assert (first.passage_id, second.passage_id) == (2, 1)
    assert first.score - second.score == pytest.approx(0.5 * weight)


def test_the_best_sentence_has_the_highest_sum_of_token_match_and_cosine() -> None:
    passage = candidate(1, 0.9, 0.1)
    (match,) = match_tokens(question(X), [passage], [tokens((3, Y), (13, X))])
    scored = score_candidates(asked(), [passage], UNKNOWN)
    assert rank_scored(scored)[0].best_sentence.start == 0
    assert rank_scored(scored, {1: match})[0].best_sentence.start == 10


def test_a_passage_without_tokens_is_ranked_as_before() -> None:
    passage = candidate(1, 0.9)
    (scored,) = rank(asked(), [passage], UNKNOWN)
    assert (scored.token_match, scored.sentence_token_match, scored.least_token_match) == (0, 0, 0)
