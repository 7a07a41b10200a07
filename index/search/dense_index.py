"""Dense search: FAISS over the passages' vectors, following the database's log of changes.

The index is a cache. It remembers the last change it applied, so one rule serves a restart, a
second process, a removed article and the first build: apply what came since. It may be saved to a
file, which names the archive, the model and that change; a file that does not fit, or is damaged,
is ignored and the log is followed from its beginning, without embedding anything.

A small archive is compared with each question as a whole, passage by passage. A greater one is kept
in lists of near vectors, which are made anew each time that it has doubled.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol, cast

import faiss
import numpy as np
from numpy.typing import NDArray

from index.search import faiss_ivf
from index.search.cache_file import write_atomically
from index.storage.records import Change, Vectors

logger = logging.getLogger(__name__)

CACHE_NAME = "dense.cache"
MAX_FLAT_SIZE = 65_536
"""Up to how many passages each is compared with a question. Of more, lists are made: one for every
32 of these."""
BATCH_SIZE = 256
"""The vectors of how many articles are read at once: some two thousand passages, a few MB."""
CHUNK_BYTES = 1 << 20


class VectorSource(Protocol):
    """Where the vectors are kept: the store."""

    store_id: str

    def last_change(self) -> int:
        """Return the number of the newest change."""

    def change_timestamp(self, seq: int) -> str | None:
        """Return what tells change `seq` from another that had its number."""

    def changes_after(self, seq: int) -> list[Change]:
        """Return what changed after `seq`."""

    def passage_vectors(
        self, fingerprint: str, article_keys: Sequence[int]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], Vectors]:
        """Return the ids of these articles' passages, the articles' keys, and vectors (n, d)."""


class Hit(NamedTuple):
    """A passage found, with the cosine of its vector and the question's."""

    passage_id: int
    score: float


class DenseIndex:
    """Search by cosine. Ids are the database's and are never handed out twice."""

    def __init__(
        self,
        source: VectorSource,
        dimension: int,
        fingerprint: str,
        folder: Path,
        max_flat_size: int = MAX_FLAT_SIZE,
    ) -> None:
        """Build the index from the cache in `folder` or, without a fitting one, from `source`.

        More than `max_flat_size` passages are kept in lists.
        """
        self._source = source
        self._dimension = dimension
        self._fingerprint = fingerprint
        self._max_flat_size = max_flat_size
        self._label = {
            "store": source.store_id,
            "model": fingerprint,
            "dimension": dimension,
            "small": max_flat_size,
        }
        self._cache_path = folder / CACHE_NAME
        self.seq: int
        self._saved_seq = -1
        if self._load():
            self._saved_seq = self.seq
        else:
            self._rebuild()

    def catch_up(self) -> None:
        """Apply the changes made since the last call, by this process or any other."""
        if self._source.last_change() == self.seq:
            return
        changes = self._source.changes_after(self.seq)
        if not changes:  # the log went back
            self._rebuild()
            return
        article_keys = _changed_article_keys(changes)
        self._remove(article_keys)
        for batch in _batches(article_keys):
            self._add(batch)
            if self.size > max(self._max_flat_size, 2 * self._clustered_size):
                self._rebuild_lists()
        self.seq = changes[-1].seq

    def search(
        self, vector: NDArray[np.float32], depth: int, allowed_ids: NDArray[np.int64] | None = None
    ) -> list[Hit]:
        """Return the `depth` nearest passages to `vector` (d,), best first.

        `allowed_ids` restricts the search to these passage ids. In lists, one in a hundred of the
        nearest may be missed; what is found has its exact cosine.
        """
        nearest = faiss_ivf.search_nearest(self._ivf, vector, depth, allowed_ids)
        return [
            Hit(passage_id, cosine)
            for passage_id, cosine in zip(*(column.tolist() for column in nearest), strict=True)
        ]

    def passage_ids_of(self, article_keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the ids of the passages of these articles."""
        return self._passage_ids[np.isin(self._article_keys, article_keys)]

    @property
    def size(self) -> int:
        """How many passages there are."""
        return int(self._ivf.ntotal)

    def save(self) -> None:
        """Write the cache, unless nothing changed since it was last read or written."""
        if self._saved_seq == self.seq:
            return
        if write_atomically(self._cache_path, self._write):
            self._saved_seq = self.seq

    def _clear(self) -> None:
        self._ivf = faiss_ivf.build_flat_index(self._dimension)
        self._clustered_size = 0
        """Of how many passages the lists were made; 0 while there is one list."""
        self._passage_ids = np.empty(0, np.int64)
        self._article_keys = np.empty(0, np.int64)
        """Every passage's id, and its article's key."""
        self.seq = 0

    def _rebuild(self) -> None:
        """Follow the log from its beginning.

        The articles are read in parts, in no order, so that the lists can be made of the first
        parts and are right for all of them. What is changed meanwhile is applied once more.
        """
        self._clear()
        changes = self._source.changes_after(0)
        batches = list(_batches(_changed_article_keys(changes)))
        for index in np.random.default_rng(faiss_ivf.SEED).permutation(len(batches)):
            self._add(batches[index])
            if not self._clustered_size and self.size > self._max_flat_size:
                self._rebuild_lists()
        if self._clustered_size:
            self._clustered_size = self.size
        self.seq = changes[-1].seq if changes else 0

    def _rebuild_lists(self) -> None:
        self._ivf = faiss_ivf.build_ivf(
            self._ivf, self._max_flat_size // faiss_ivf.SAMPLES_PER_LIST
        )
        self._clustered_size = self.size

    def _remove(self, article_keys: Sequence[int]) -> None:
        is_removed = np.isin(self._article_keys, article_keys)
        if is_removed.any():
            self._ivf.remove_ids(faiss.IDSelectorBatch(self._passage_ids[is_removed]))
            self._passage_ids, self._article_keys = (
                self._passage_ids[~is_removed],
                self._article_keys[~is_removed],
            )

    def _add(self, article_keys: Sequence[int]) -> None:
        """Add what these articles have now."""
        ids, keys, vectors = self._source.passage_vectors(self._fingerprint, article_keys)
        if len(ids):
            self._ivf.add_with_ids(vectors, ids)
            self._passage_ids = np.concatenate([self._passage_ids, ids])
            self._article_keys = np.concatenate([self._article_keys, keys])

    def _write(self, file: BinaryIO) -> None:
        """Write a line of JSON, the passages' ids, their articles' keys, the lists, and a hash."""
        label = {
            **self._label,
            "seq": self.seq,
            "stamp": self._source.change_timestamp(self.seq),
            "passages": self.size,
            "arranged": self._clustered_size,
        }
        digest = hashlib.sha256()

        def write(part: bytes) -> None:
            digest.update(part)
            file.write(part)

        write(json.dumps(label).encode() + b"\n")
        write(self._passage_ids.tobytes())
        write(self._article_keys.tobytes())
        faiss.write_index(self._ivf, faiss.PyCallbackIOWriter(write))  # type: ignore[attr-defined]
        file.write(digest.digest())

    def _load(self) -> bool:
        """Read the cache; say whether there was one that is whole and fits."""
        try:
            with self._cache_path.open("rb") as file:
                if _has_valid_digest(file):
                    return self._read(file)
        except FileNotFoundError:
            return False
        except OSError as error:
            logger.warning("The search cache cannot be read (%s); built again.", error.strerror)
            return False
        except (ValueError, KeyError, TypeError, RuntimeError):
            logger.warning("The search cache %s is of another form; built again.", self._cache_path)
            return False
        logger.warning("The search cache %s is damaged; built again.", self._cache_path)
        return False

    def _read(self, file: BinaryIO) -> bool:
        """Read a cache that is whole, if it fits."""
        label = json.loads(file.readline())
        if not self._fits(label):
            return False
        passage_count = int(label["passages"])
        id_rows = np.frombuffer(file.read(2 * 8 * passage_count), np.int64)
        self._passage_ids, self._article_keys = id_rows.reshape(2, passage_count)
        reader = faiss.PyCallbackIOReader(file.read)  # type: ignore[attr-defined]
        self._ivf = cast("faiss_ivf.IvfIndex", faiss.read_index(reader))
        self._clustered_size, self.seq = int(label["arranged"]), int(label["seq"])
        return True

    def _fits(self, label: dict[str, Any]) -> bool:
        """Say whether a cache is of this archive and model, in a state that the archive had."""
        is_matching = all(label[name] == value for name, value in self._label.items())
        return is_matching and label["stamp"] == self._source.change_timestamp(label["seq"])


def _changed_article_keys(changes: Iterable[Change]) -> list[int]:
    return sorted({change.article_key for change in changes})


def _batches(article_keys: Sequence[int]) -> Iterable[Sequence[int]]:
    """Divide articles into parts whose vectors can be read at once."""
    return (
        article_keys[start : start + BATCH_SIZE]
        for start in range(0, len(article_keys), BATCH_SIZE)
    )


def _has_valid_digest(file: BinaryIO) -> bool:
    """Say whether a file ends with the hash of the rest, and go back to its beginning."""
    digest, stored_digest = hashlib.sha256(), b""
    while chunk := file.read(CHUNK_BYTES):
        digest.update((stored_digest + chunk)[: -digest.digest_size])
        stored_digest = (stored_digest + chunk)[-digest.digest_size :]
    file.seek(0)
    return stored_digest == digest.digest()
