"""Build and search FAISS inverted-file (IVF) indexes of float16 vectors, the store's precision.

With a single list, a question is compared with every vector. With many, it is compared with the
lists' centroids first, and then with the vectors in the nearest lists.
"""

from __future__ import annotations

import math

import faiss
import numpy as np
from numpy.typing import NDArray

from index.storage.records import Vectors

SAMPLES_PER_LIST = 32
"""Number of sampled vectors per list from which the centroids are trained."""
KMEANS_ITERATIONS = 6
"""Number of k-means iterations; more change little."""
SEED = 1
"""Fixed seed, so that the same archive gets the same lists."""

IvfIndex = faiss.IndexIVFScalarQuantizer


def build_flat_index(dimension: int) -> IvfIndex:
    """Return an empty index with a single list."""
    return _build_empty(np.zeros((1, dimension), np.float32))


def build_ivf(ivf: IvfIndex, list_count: int) -> IvfIndex:
    """Return the same vectors in `list_count` lists, with centroids trained on a sample of them.

    Deterministic: the same vectors in the same lists give the same result.
    """
    rebuilt = _build_empty(_train_centroids(ivf, list_count))
    for list_index in range(ivf.nlist):
        ids, vectors = _read_list(ivf, list_index)
        rebuilt.add_with_ids(vectors.astype(np.float32), ids)
    return rebuilt


def search_nearest(
    ivf: IvfIndex,
    vector: NDArray[np.float32],
    depth: int,
    allowed_ids: NDArray[np.int64] | None,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the ids of the `depth` vectors nearest to `vector` (d,), best first, and the cosines.

    `allowed_ids` restricts the search to these ids. The number of lists searched (nprobe) depends
    on the number of candidates, because the fewer there are, the farther away are the nearest
    ones' lists: all lists for as many candidates as lists, half of them for four times as many, a
    tenth for a hundred times as many. If those lists contain too few, all lists are searched.
    """
    candidate_count = ivf.ntotal if allowed_ids is None else len(allowed_ids)
    depth = min(depth, candidate_count)
    if depth == 0:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    selector = None if allowed_ids is None else _build_selector(allowed_ids)
    initial_probes = min(ivf.nlist, math.ceil(ivf.nlist * math.sqrt(ivf.nlist / candidate_count)))
    for probes in (initial_probes, ivf.nlist):
        parameters = faiss.SearchParametersIVF(sel=selector, nprobe=probes)  # type: ignore[call-arg]
        cosines, ids = ivf.search(vector[None, :], depth, params=parameters)
        is_found = ids[0] >= 0
        if is_found.all():
            break
    return ids[0][is_found], cosines[0][is_found]


def _train_centroids(ivf: IvfIndex, list_count: int) -> Vectors:
    """Return k-means centroids (list_count, d), trained on a sample of the vectors."""
    rng = np.random.default_rng(SEED)
    sampling_rate = SAMPLES_PER_LIST * list_count / ivf.ntotal
    sample = []
    for list_index in range(ivf.nlist):
        _, vectors = _read_list(ivf, list_index)
        sample.append(vectors[rng.random(len(vectors)) < sampling_rate])
    kmeans = faiss.Kmeans(
        ivf.d,
        list_count,
        niter=KMEANS_ITERATIONS,
        seed=SEED,
        spherical=True,
        min_points_per_centroid=1,
    )
    kmeans.train(np.concatenate(sample).astype(np.float32))
    assert kmeans.centroids is not None, "train() sets them"
    return kmeans.centroids


def _build_empty(centroids: Vectors) -> IvfIndex:
    """Return an index with empty lists around these centroids (n, d)."""
    count, dimension = centroids.shape
    quantizer = faiss.IndexFlatIP(dimension)
    quantizer.add(centroids)
    scalar_type = faiss.ScalarQuantizer.QT_fp16
    # False (by_residual): store whole vectors, not their differences from the centroids.
    ivf = IvfIndex(quantizer, dimension, count, scalar_type, faiss.METRIC_INNER_PRODUCT, False)
    ivf.train(centroids)
    return ivf


def _read_list(ivf: IvfIndex, list_index: int) -> tuple[NDArray[np.int64], NDArray[np.float16]]:
    """Return one list's ids (n,) and vectors (n, d), as views of memory that the index owns."""
    inverted_lists = ivf.invlists
    assert inverted_lists is not None, "set by _build_empty and by faiss.read_index"
    size = inverted_lists.list_size(list_index)
    if size == 0:
        return np.empty(0, np.int64), np.empty((0, ivf.d), np.float16)
    codes = faiss.rev_swig_ptr(inverted_lists.get_codes(list_index), size * ivf.code_size)
    ids = faiss.rev_swig_ptr(inverted_lists.get_ids(list_index), size)
    return ids, codes.view(np.float16).reshape(size, ivf.d)


def _build_selector(ids: NDArray[np.int64]) -> faiss.IDSelector:
    """Return a selector of these ids: a bitmap with one bit for each id up to the largest."""
    is_allowed = np.zeros(int(ids.max()) + 1, np.bool_)
    is_allowed[ids] = True
    bits = np.packbits(is_allowed, bitorder="little")
    return faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg, arg-type]
