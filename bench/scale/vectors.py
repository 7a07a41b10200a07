"""Big sets of vectors as an archive would have them, from the vectors of a small one.

The first are real: passages that were embedded. Those beyond them are real ones with noise as large
as the distance from that vector to its nearest neighbour that is no copy of it, so that a
neighbourhood is as crowded as it would be with more of the same news.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from index.storage.records import Vectors

COPY = 0.02
"""Two vectors nearer to one another than this say the same: it is no distance to take for noise."""
BATCH = 10_000


def stored(databases: Iterable[Path]) -> Vectors:
    """Return the vectors (n, d) of all passages in these archives' databases, oldest first.

    The databases are only read; one that is being written to is read as of this moment.
    """
    found = []
    for path in databases:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        rows = connection.execute("SELECT vector FROM passages ORDER BY id")
        found += [np.frombuffer(blob, "<f2").astype(np.float32) for (blob,) in rows]
        connection.close()
    return np.array(found, np.float32)


def enlarged(real: Vectors, count: int, seed: int = 1) -> Vectors:
    """Return `count` unit vectors (count, d): the `real` ones, then noisy copies of them.

    The same `seed` gives the same vectors. Of more real ones than `count`, the first are taken.
    """
    made = np.empty((count, real.shape[1]), np.float32)
    made[: len(real)] = real[:count]
    distances = to_the_nearest(real)
    random = np.random.default_rng(seed)
    for start in range(len(real), count, BATCH):
        of = random.integers(len(real), size=min(BATCH, count - start))
        noise = random.standard_normal((len(of), real.shape[1]), np.float32)
        made[start : start + len(of)] = moved(real[of], distances[of], noise)
    return made


def moved(vectors: Vectors, distances: NDArray[np.float32], noise: Vectors) -> Vectors:
    """Return unit vectors (n, d): these, each moved so far (n,) in the direction of its noise."""
    noisy = vectors + noise * (distances / np.linalg.norm(noise, axis=1))[:, None]
    return np.asarray(noisy / np.linalg.norm(noisy, axis=1, keepdims=True), np.float32)


def to_the_nearest(vectors: Vectors) -> NDArray[np.float32]:
    """Return each unit vector's distance (n,) to its nearest neighbour that is no copy of it."""
    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(vectors)
    cosines, _ = flat.search(vectors, min(50, len(vectors)))
    distances = np.sqrt(np.maximum(0, 2 - 2 * cosines))
    distances[distances < COPY] = np.inf
    nearest = distances.min(axis=1)
    nearest[np.isinf(nearest)] = np.median(nearest)  # it has nothing but copies around it
    return np.asarray(nearest, np.float32)
