"""Vectors without a database, for the tests of dense search."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.errors import StoreError
from index.search.dense_index import MAX_FLAT_SIZE, DenseIndex, Hit
from tests.fakes.change_log import ChangeLog

DIMENSION = 8
FEW = 64
"""More passages than this are kept in lists, in a test of that form."""


def unit(seed: int) -> NDArray[np.float32]:
    vector = np.random.default_rng(seed).normal(size=DIMENSION)
    half = (vector / np.linalg.norm(vector)).astype(np.float16)  # as the store keeps them
    return half.astype(np.float32)


class FakeVectorStore(ChangeLog):
    """Vectors by article, and the log of what changed: what the store is to the index."""

    def __init__(self, small: int = MAX_FLAT_SIZE) -> None:
        super().__init__()
        self.small = small
        self.reads: list[int] = []
        self.fails_at_read: int | None = None
        if small != MAX_FLAT_SIZE:
            for key in range(1000, 1020):
                self.put(key, *range(5 * key, 5 * key + 5))

    def put(self, key: int, *seeds: int) -> list[int]:
        return self.place(key, [unit(seed) for seed in seeds])

    def place(self, key: int, vectors: list[NDArray[np.float32]]) -> list[int]:
        return self.hold(key, vectors)

    def passage_vectors(
        self, fingerprint: str, article_keys: Iterable[int]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
        article_keys = set(article_keys)
        self.reads.append(len(article_keys))
        if self.fails_at_read == len(self.reads):
            raise StoreError("the disk could not be read", "Try again")
        rows = [
            (passage, key, vector)
            for key in sorted(article_keys & set(self.articles))
            for passage, vector in self.articles[key].items()
        ]
        return (
            np.array([row[0] for row in rows], np.int64),
            np.array([row[1] for row in rows], np.int64),
            np.array([row[2] for row in rows], np.float32).reshape(-1, DIMENSION),
        )

    def vectors(self) -> dict[int, NDArray[np.float32]]:
        return {p: vector for owned in self.articles.values() for p, vector in owned.items()}

    def ids(self) -> set[int]:
        return set(self.vectors())

    def nearest(
        self, vector: NDArray[np.float32], depth: int, among: set[int] | None = None
    ) -> list[Hit]:
        """What a search has to find, worked out the plain way."""
        hits = [
            Hit(passage, float(own @ vector))
            for passage, own in self.vectors().items()
            if among is None or passage in among
        ]
        return sorted(hits, key=lambda hit: -hit.score)[:depth]


def opened(store: FakeVectorStore, folder: Path, fingerprint: str = "model") -> DenseIndex:
    index = DenseIndex(store, DIMENSION, fingerprint, folder, store.small)
    assert (index._ivf.nlist > 1) == (index.size > store.small)
    return index


def found(index: DenseIndex) -> set[int]:
    return {hit.passage_id for hit in index.search(unit(0), 10_000)}


def topics(count: int, each: int) -> list[list[NDArray[np.float32]]]:
    """Vectors as news has them: several near one another on each topic."""
    random = np.random.default_rng(3)
    made = []
    for centre in random.normal(size=(count, DIMENSION)):
        around = centre + 0.25 * random.normal(size=(each, DIMENSION))
        around /= np.linalg.norm(around, axis=1, keepdims=True)
        made.append(list(around.astype(np.float16).astype(np.float32)))
    return made
