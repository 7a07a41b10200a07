"""Dense search: FAISS over the passages' vectors, following the database's log of changes.

The index is a cache. It remembers the last change it applied, so one rule serves a restart, a
second process and a removed article: apply what came since. It may be saved to a file, which
names the archive, the model and that change; a file that does not fit, or is damaged, is ignored
and the index is built again from the vectors in the database, without embedding anything.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import faiss
import numpy as np
from numpy.typing import NDArray

from index.store.rows import Change, Vectors

logger = logging.getLogger(__name__)

CACHE_NAME = "dense.cache"
REBUILD_BEYOND = 500
"""With more changes than this to apply, reading every vector again is quicker."""


class VectorSource(Protocol):
    """Where the vectors are kept: the store."""

    store_id: str

    def last_change(self) -> int:
        """Return the number of the newest change."""

    def stamp(self, seq: int) -> str | None:
        """Return what tells change `seq` from another that had its number."""

    def changes_after(self, seq: int) -> list[Change]:
        """Return what changed after `seq`."""

    def passage_vectors(
        self, fingerprint: str, article_keys: Sequence[int] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], Vectors]:
        """Return passages' ids, their articles' keys, and vectors (n, d)."""


class Hit(NamedTuple):
    """A passage found, with the cosine of its vector and the question's."""

    passage_id: int
    score: float


class DenseIndex:
    """Exact search by cosine. Ids are the database's and are never handed out twice."""

    def __init__(
        self, source: VectorSource, dimension: int, fingerprint: str, folder: Path
    ) -> None:
        """Build the index from the cache in `folder` or, without a fitting one, from `source`."""
        self._source = source
        self._dimension = dimension
        self._fingerprint = fingerprint
        self._label = {"store": source.store_id, "model": fingerprint, "dimension": dimension}
        self._cache = folder / CACHE_NAME
        self._index: faiss.Index
        self._passages_of: dict[int, list[int]] = {}
        self.seq = 0
        self._saved_at = -1
        if self._load():
            self._saved_at = self.seq
        else:
            self._rebuild()

    def follow(self) -> None:
        """Apply the changes made since the last call, by this process or any other."""
        if self._source.last_change() == self.seq:
            return
        changes = self._source.changes_after(self.seq)
        if not changes or len(changes) > REBUILD_BEYOND:
            self._rebuild()
            return
        keys = {change.article_key for change in changes}
        gone = [passage for key in keys for passage in self._passages_of.pop(key, [])]
        if gone:
            self._index.remove_ids(faiss.IDSelectorBatch(np.array(gone, np.int64)))
        self._add(*self._source.passage_vectors(self._fingerprint, sorted(keys)))
        self.seq = changes[-1].seq

    def search(
        self, vector: NDArray[np.float32], depth: int, among: NDArray[np.int64] | None = None
    ) -> list[Hit]:
        """Return the `depth` nearest passages to `vector` (d,), best first.

        `among` restricts the search to these passage ids.
        """
        depth = min(depth, self._index.ntotal)
        if depth == 0 or (among is not None and len(among) == 0):
            return []
        only = None
        if among is not None:
            selector = faiss.IDSelectorBatch(among)  # kept by name: the parameters only point to it
            only = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        scores, ids = self._index.search(vector[None, :], depth, params=only)
        return [
            Hit(int(passage_id), float(score))
            for passage_id, score in zip(ids[0], scores[0], strict=True)
            if passage_id >= 0
        ]

    @property
    def size(self) -> int:
        """How many passages there are."""
        return int(self._index.ntotal)

    def save(self) -> None:
        """Write the cache, unless nothing changed since it was last read or written.

        A cache that cannot be written costs time at the next start, and nothing else.
        """
        if self._saved_at == self.seq:
            return
        body = faiss.serialize_index(self._index).tobytes() + self._owners().tobytes()
        label = {
            **self._label,
            "seq": self.seq,
            "stamp": self._source.stamp(self.seq),
            "passages": self._index.ntotal,
            "sha256": hashlib.sha256(body).hexdigest(),
        }
        partial = self._cache.with_name(f"{CACHE_NAME}.{os.getpid()}")
        try:
            for left_by_a_killed_process in self._cache.parent.glob(f"{CACHE_NAME}.*"):
                left_by_a_killed_process.unlink(missing_ok=True)
            partial.write_bytes(json.dumps(label).encode() + b"\n" + body)
            partial.replace(self._cache)
        except OSError as error:
            partial.unlink(missing_ok=True)
            logger.warning("The search cache was not saved (%s); it is made again.", error.strerror)
        else:
            self._saved_at = self.seq

    def _rebuild(self) -> None:
        # The number is read before the vectors: what changes in between is applied twice, not lost.
        self.seq = self._source.last_change()
        self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(self._dimension))
        self._passages_of = {}
        self._add(*self._source.passage_vectors(self._fingerprint))

    def _add(
        self, ids: NDArray[np.int64], article_keys: NDArray[np.int64], vectors: Vectors
    ) -> None:
        if len(ids):
            self._index.add_with_ids(vectors, ids)
            for passage_id, key in zip(ids.tolist(), article_keys.tolist(), strict=True):
                self._passages_of.setdefault(key, []).append(passage_id)

    def _owners(self) -> NDArray[np.int64]:
        """Return (n, 2): every passage's id and its article's key."""
        pairs = [(p, key) for key, owned in self._passages_of.items() for p in owned]
        return np.array(pairs, np.int64).reshape(-1, 2)

    def _load(self) -> bool:
        """Read the cache; say whether there was one that is whole and fits."""
        try:
            first, _, body = self._cache.read_bytes().partition(b"\n")
        except FileNotFoundError:
            return False
        except OSError as error:
            logger.warning("The search cache cannot be read (%s); built again.", error.strerror)
            return False
        try:
            label = json.loads(first)
            whole = label["sha256"] == hashlib.sha256(body).hexdigest()
            if whole and self._fits(label):
                self._unpack(body, int(label["passages"]))
                self.seq = int(label["seq"])
                return True
        except (ValueError, KeyError, TypeError, RuntimeError):
            whole = False
        if not whole:
            logger.warning("The search cache %s is damaged; built again.", self._cache)
        return False

    def _fits(self, label: dict[str, Any]) -> bool:
        """Say whether a cache is of this archive and model, in a state that the archive had."""
        own = all(label[name] == value for name, value in self._label.items())
        return own and label["stamp"] == self._source.stamp(label["seq"])

    def _unpack(self, body: bytes, passages: int) -> None:
        split = len(body) - 2 * np.dtype(np.int64).itemsize * passages
        index = faiss.deserialize_index(np.frombuffer(body[:split], np.uint8))
        owners: dict[int, list[int]] = {}
        for passage_id, key in np.frombuffer(body[split:], np.int64).reshape(-1, 2).tolist():
            owners.setdefault(key, []).append(passage_id)
        self._index, self._passages_of = index, owners
