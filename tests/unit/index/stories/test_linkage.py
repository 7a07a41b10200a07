"""Groups of articles, from how likely each two report one event."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from index.stories.linkage import average_linkage
from index.stories.similarity import ScoredPairs


def pairs(*known: tuple[int, int, float]) -> ScoredPairs:
    one, other, likely = zip(*known, strict=True) if known else ((), (), ())
    return ScoredPairs(np.array(one, int), np.array(other, int), np.array(likely, float))


def test_two_groups_are_one_where_their_articles_are_alike_on_average() -> None:
    chain = pairs((0, 1, 0.9), (1, 2, 0.9), (2, 3, 0.9))
    assert average_linkage(4, chain, 0.5) == [[0, 1], [2, 3]]
    assert average_linkage(4, chain, 0.2) == [[0, 1, 2, 3]]


def test_one_pair_that_is_alike_by_chance_joins_nothing() -> None:
    two = [(0, 1, 0.9), (0, 2, 0.9), (1, 2, 0.9), (3, 4, 0.9), (3, 5, 0.9), (4, 5, 0.9)]
    assert average_linkage(6, pairs(*two, (2, 3, 0.8)), 0.5) == [[0, 1, 2], [3, 4, 5]]


def test_without_pairs_each_article_is_a_story_of_its_own() -> None:
    assert average_linkage(3, pairs(), 0.5) == [[0], [1], [2]]


LIKELY = st.lists(
    st.floats(0.001, 0.999, allow_subnormal=False), min_size=45, max_size=45, unique=True
)


@given(st.integers(2, 10), LIKELY, st.floats(0.05, 0.95))
def test_the_groups_are_those_of_scipys_average_linkage(
    count: int, likely: list[float], joined: float
) -> None:
    one, other = np.triu_indices(count, 1)
    known = np.array(likely[: len(one)])
    full = np.zeros((count, count))
    full[one, other] = full[other, one] = 1 - known
    tree = linkage(squareform(full), "average")
    if (np.abs(tree[:, 2] - (1 - joined)) < 1e-9).any():
        return  # whether equals are joined is a matter of rounding
    labels = fcluster(tree, 1 - joined, "distance")
    wanted = sorted([*map(int, np.flatnonzero(labels == label))] for label in set(labels))
    assert average_linkage(count, ScoredPairs(one, other, known), joined) == wanted


@given(
    st.integers(1, 30),
    st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29), st.floats(0.02, 1)), max_size=80),
)
def test_each_article_is_in_one_group_whatever_the_pairs(
    count: int, drawn: list[tuple[int, int, float]]
) -> None:
    known = {(a, b): p for a, b, p in drawn if a < b < count}
    groups = average_linkage(count, pairs(*((*pair, p) for pair, p in known.items())), 0.4)
    assert sorted(each for group in groups for each in group) == list(range(count))
