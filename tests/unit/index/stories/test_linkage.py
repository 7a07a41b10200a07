"""Average linkage: clusters of articles from the probabilities of pairs."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from index.stories.linkage import average_linkage
from index.stories.similarity import ScoredPairs


def pairs(*scored: tuple[int, int, float]) -> ScoredPairs:
    first, second, probabilities = zip(*scored, strict=True) if scored else ((), (), ())
    return ScoredPairs(np.array(first, int), np.array(second, int), np.array(probabilities, float))


def test_two_clusters_merge_if_their_articles_are_similar_on_average() -> None:
    chain = pairs((0, 1, 0.9), (1, 2, 0.9), (2, 3, 0.9))
    assert average_linkage(4, chain, 0.5) == [[0, 1], [2, 3]]
    assert average_linkage(4, chain, 0.2) == [[0, 1, 2, 3]]


def test_one_pair_that_is_similar_by_chance_merges_nothing() -> None:
    two = [(0, 1, 0.9), (0, 2, 0.9), (1, 2, 0.9), (3, 4, 0.9), (3, 5, 0.9), (4, 5, 0.9)]
    assert average_linkage(6, pairs(*two, (2, 3, 0.8)), 0.5) == [[0, 1, 2], [3, 4, 5]]


def test_without_pairs_each_article_is_a_story_of_its_own() -> None:
    assert average_linkage(3, pairs(), 0.5) == [[0], [1], [2]]


PROBABILITIES = st.lists(
    st.floats(0.001, 0.999, allow_subnormal=False), min_size=45, max_size=45, unique=True
)


@given(st.integers(2, 10), PROBABILITIES, st.floats(0.05, 0.95))
def test_the_clusters_are_those_of_scipys_average_linkage(
    count: int, drawn: list[float], threshold: float
) -> None:
    first, second = np.triu_indices(count, 1)
    probabilities = np.array(drawn[: len(first)])
    distances = np.zeros((count, count))
    distances[first, second] = distances[second, first] = 1 - probabilities
    tree = linkage(squareform(distances), "average")
    if (np.abs(tree[:, 2] - (1 - threshold)) < 1e-9).any():
        return  # whether clusters at the very threshold merge is a matter of rounding
    labels = fcluster(tree, 1 - threshold, "distance")
    expected = sorted([*map(int, np.flatnonzero(labels == label))] for label in set(labels))
    assert average_linkage(count, ScoredPairs(first, second, probabilities), threshold) == expected


@given(
    st.integers(1, 30),
    st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29), st.floats(0.02, 1)), max_size=80),
)
def test_each_article_is_in_one_cluster_whatever_the_pairs(
    count: int, drawn: list[tuple[int, int, float]]
) -> None:
    scored = {(a, b): p for a, b, p in drawn if a < b < count}
    clusters = average_linkage(count, pairs(*((*pair, p) for pair, p in scored.items())), 0.4)
    assert sorted(index for cluster in clusters for index in cluster) == list(range(count))
