"""Vectors in lists of near ones: FAISS's inverted files, in half precision, as the store has them.

In one list everything is compared with a question. In many, a question is compared with the lists'
centres first, and then with what lies in the nearest lists.
"""

from __future__ import annotations

import math

import faiss
import numpy as np
from numpy.typing import NDArray

from index.storage.records import Vectors

SAMPLES_PER_LIST = 32
"""From how many vectors for each list the centres are made."""
KMEANS_ITERATIONS = 6
"""How often the centres are moved to the middle of what is nearest to them: more changes little."""
SEED = 1

IvfIndex = faiss.IndexIVFScalarQuantizer


def build_flat_index(dimension: int) -> IvfIndex:
    """Return one empty list."""
    return _build_empty(np.zeros((1, dimension), np.float32))


def build_ivf(ivf: IvfIndex, list_count: int) -> IvfIndex:
    """Return the same vectors in `list_count` lists, whose centres are made from a sample of them.

    The same vectors in the same lists give the same ones.
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

    `allowed_ids` restricts the search to these ids. Of as many vectors as there are lists all are
    compared, of four times as many half, of a hundred times as many a tenth: the fewer there are,
    the farther away are the lists of the nearest. Where these lists hold too few, all are read.
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
    """Return the middles (count, d) of groups of near vectors, from a sample of all."""
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
    assert kmeans.centroids is not None, "they were made by train"
    return kmeans.centroids


def _build_empty(centroids: Vectors) -> IvfIndex:
    """Return empty lists around these centres (n, d)."""
    count, dimension = centroids.shape
    quantizer = faiss.IndexFlatIP(dimension)
    quantizer.add(centroids)
    scalar_type = faiss.ScalarQuantizer.QT_fp16
    # False: whole vectors are kept, not what is left of them beside their centre.
    ivf = IvfIndex(quantizer, dimension, count, scalar_type, faiss.METRIC_INNER_PRODUCT, False)
    ivf.train(centroids)
    return ivf


def _read_list(ivf: IvfIndex, list_index: int) -> tuple[NDArray[np.int64], NDArray[np.float16]]:
    """Return what is in one list: ids (n,) and vectors (n, d), which the list still owns."""
    inverted_lists = ivf.invlists
    assert inverted_lists is not None, "lists made by _empty or read from a file have them"
    size = inverted_lists.list_size(list_index)
    if size == 0:
        return np.empty(0, np.int64), np.empty((0, ivf.d), np.float16)
    codes = faiss.rev_swig_ptr(inverted_lists.get_codes(list_index), size * ivf.code_size)
    ids = faiss.rev_swig_ptr(inverted_lists.get_ids(list_index), size)
    return ids, codes.view(np.float16).reshape(size, ivf.d)


def _build_selector(ids: NDArray[np.int64]) -> faiss.IDSelector:
    """Return what lets these ids through: one bit for each id up to the greatest."""
    is_allowed = np.zeros(int(ids.max()) + 1, np.bool_)
    is_allowed[ids] = True
    bits = np.packbits(is_allowed, bitorder="little")
    return faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg, arg-type]
