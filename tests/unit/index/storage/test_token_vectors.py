"""Token vectors are stored with four bits a value."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.embeddings.token_vectors import TokenVectors
from index.storage.token_vectors import MAX_TOKENS, merge_neighbours, pack, unpack


def random_vectors(count: int, seed: int, dimension: int = 128) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


@given(st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_a_vector_is_read_back_in_unit_length_and_near_to_what_it_was(
    count: int, seed: int
) -> None:
    vectors = random_vectors(count, seed)
    packed = pack(vectors)
    assert packed.shape == (count, 64)
    read = unpack(packed)
    assert np.linalg.norm(read, axis=1) == pytest.approx(1, abs=1e-5)
    assert (read * vectors).sum(axis=1).min() > 0.97


def test_a_vector_of_zeros_is_read_back_as_zeros() -> None:
    assert not unpack(pack(np.zeros((1, 8), np.float32))).any()


@given(st.integers(1, 3 * MAX_TOKENS))
def test_at_most_256_tokens_are_stored_and_they_cover_the_same_text(count: int) -> None:
    spans = np.array([(3 * index, 3 * index + 2) for index in range(count)], np.int32)
    vectors = random_vectors(count, count, dimension=8)
    importance = np.full(count, 1 / count, np.float32)
    merged, merged_spans = merge_neighbours(TokenVectors(vectors, importance, spans))
    assert len(merged) == len(merged_spans) <= MAX_TOKENS
    assert (merged_spans[0, 0], merged_spans[-1, 1]) == (spans[0, 0], spans[-1, 1])
    assert (merged_spans[1:, 0] > merged_spans[:-1, 1]).all()
    assert merged.sum(axis=0) == pytest.approx(vectors.sum(axis=0), abs=1e-3)
