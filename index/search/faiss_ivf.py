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

EXAMPLES = 32
"""From how many vectors for each list the centres are made."""
ROUNDS = 6
"""How often the centres are moved to the middle of what is nearest to them: more changes little."""
SEED = 1

Lists = faiss.IndexIVFScalarQuantizer


def flat_index(dimension: int) -> Lists:
    """Return one empty list."""
    return _empty(np.zeros((1, dimension), np.float32))


def build_ivf(lists: Lists, count: int) -> Lists:
    """Return the same vectors in `count` lists, whose centres are made from a sample of them.

    The same vectors in the same lists give the same ones.
    """
    made = _empty(_centres(lists, count))
    for each in range(lists.nlist):
        ids, vectors = _content(lists, each)
        made.add_with_ids(vectors.astype(np.float32), ids)
    return made


def nearest(
    lists: Lists,
    vector: NDArray[np.float32],
    depth: int,
    among: NDArray[np.int64] | None,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the ids of the `depth` vectors nearest to `vector` (d,), best first, and the cosines.

    `among` restricts the search to these ids. Of as many vectors as there are lists all are
    compared, of four times as many half, of a hundred times as many a tenth: the fewer there are,
    the farther away are the lists of the nearest. Where these lists hold too few, all are read.
    """
    choices = lists.ntotal if among is None else len(among)
    depth = min(depth, choices)
    if depth == 0:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    only = None if among is None else _only(among)
    some = min(lists.nlist, math.ceil(lists.nlist * math.sqrt(lists.nlist / choices)))
    for probes in (some, lists.nlist):
        how = faiss.SearchParametersIVF(sel=only, nprobe=probes)  # type: ignore[call-arg]
        cosines, ids = lists.search(vector[None, :], depth, params=how)
        found = ids[0] >= 0
        if found.all():
            break
    return ids[0][found], cosines[0][found]


def _centres(lists: Lists, count: int) -> Vectors:
    """Return the middles (count, d) of groups of near vectors, from a sample of all."""
    random = np.random.default_rng(SEED)
    share = EXAMPLES * count / lists.ntotal
    sample = []
    for each in range(lists.nlist):
        _, vectors = _content(lists, each)
        sample.append(vectors[random.random(len(vectors)) < share])
    groups = faiss.Kmeans(
        lists.d, count, niter=ROUNDS, seed=SEED, spherical=True, min_points_per_centroid=1
    )
    groups.train(np.concatenate(sample).astype(np.float32))
    assert groups.centroids is not None, "they were made by train"
    return groups.centroids


def _empty(centres: Vectors) -> Lists:
    """Return empty lists around these centres (n, d)."""
    count, dimension = centres.shape
    coarse = faiss.IndexFlatIP(dimension)
    coarse.add(centres)
    half = faiss.ScalarQuantizer.QT_fp16
    # False: whole vectors are kept, not what is left of them beside their centre.
    lists = Lists(coarse, dimension, count, half, faiss.METRIC_INNER_PRODUCT, False)
    lists.train(centres)
    return lists


def _content(lists: Lists, each: int) -> tuple[NDArray[np.int64], NDArray[np.float16]]:
    """Return what is in one list: ids (n,) and vectors (n, d), which the list still owns."""
    held = lists.invlists
    assert held is not None, "lists made by _empty or read from a file have them"
    size = held.list_size(each)
    if size == 0:
        return np.empty(0, np.int64), np.empty((0, lists.d), np.float16)
    codes = faiss.rev_swig_ptr(held.get_codes(each), size * lists.code_size)
    ids = faiss.rev_swig_ptr(held.get_ids(each), size)
    return ids, codes.view(np.float16).reshape(size, lists.d)


def _only(ids: NDArray[np.int64]) -> faiss.IDSelector:
    """Return what lets these ids through: one bit for each id up to the greatest."""
    chosen = np.zeros(int(ids.max()) + 1, np.bool_)
    chosen[ids] = True
    bits = np.packbits(chosen, bitorder="little")
    return faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg, arg-type]
