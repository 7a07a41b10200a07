"""Dense search: FAISS over the passages' vectors, kept up to date from the database's change log.

The index is a cache. It records the last change that it applied, so a restart, a second process, a
removed article and the first build are all handled alike: apply the changes since then. It can be
saved to a file, which names the archive, the model and that change. A file that does not match or
is damaged is ignored and the log is replayed from its beginning, without embedding anything.

In a small archive a question is compared with every passage. A larger one is clustered into
inverted lists (IVF), which are rebuilt each time the archive has doubled.
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
from index.search.cache_file import ChangeLog, write_atomically
from index.storage.records import Change, Vectors

logger = logging.getLogger(__name__)

CACHE_NAME = "dense.cache"
MAX_FLAT_SIZE = 65_536
"""Maximum number of passages for exhaustive search. A larger index is clustered into one list for
every 32 of these."""
BATCH_SIZE = 256
"""Number of articles whose vectors are read at once: some two thousand passages, a few MB."""
CHUNK_BYTES = 1 << 20
"""Size of the reads when a cache file is hashed."""


class VectorSource(ChangeLog, Protocol):
    """The store, as the source of the passages' vectors."""

    def last_change(self) -> int:
        """Return the sequence number of the newest change."""

    def changes_after(self, seq: int) -> list[Change]:
        """Return the changes after sequence number `seq`."""

    def passage_vectors(
        self, fingerprint: str, article_keys: Sequence[int]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], Vectors]:
        """Return these articles' passage ids (n,), article keys (n,) and vectors (n, d)."""


class Hit(NamedTuple):
    """A passage with the cosine of its vector and the question's."""

    passage_id: int
    score: float


class DenseIndex:
    """Search by cosine. Ids are those of the database, which never reuses an id."""

    def __init__(
        self,
        source: VectorSource,
        dimension: int,
        fingerprint: str,
        folder: Path,
        max_flat_size: int = MAX_FLAT_SIZE,
    ) -> None:
        """Load the index from the cache in `folder` or, if it does not match, from `source`.

        `max_flat_size` is the maximum number of passages for exhaustive search.
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
        if self._load_cache():
            self._saved_seq = self.seq
        else:
            self._rebuild()

    def catch_up(self) -> None:
        """Apply the changes that any process made since the last call."""
        if self._source.last_change() == self.seq:
            return
        changes = self._source.changes_after(self.seq)
        if not changes:  # the log is shorter than before: a backup was restored
            self._rebuild()
            return
        article_keys = _changed_article_keys(changes)
        self._remove_articles(article_keys)
        for batch in _batches(article_keys):
            self._add_articles(batch)
            if self.size > max(self._max_flat_size, 2 * self._clustered_size):
                self._rebuild_lists()
        self.seq = changes[-1].seq

    def search(
        self, vector: NDArray[np.float32], depth: int, allowed_ids: NDArray[np.int64] | None = None
    ) -> list[Hit]:
        """Return the `depth` nearest passages to `vector` (d,), best first.

        `allowed_ids` restricts the search to these passage ids. A clustered index may miss one in
        a hundred of the nearest; the cosines of those it returns are exact.
        """
        nearest = faiss_ivf.search_nearest(self._ivf, vector, depth, allowed_ids)
        return [
            Hit(passage_id, cosine)
            for passage_id, cosine in zip(*(column.tolist() for column in nearest), strict=True)
        ]

    def passage_ids_of(self, article_keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the ids of these articles' passages."""
        return self._passage_ids[np.isin(self._article_keys, article_keys)]

    @property
    def size(self) -> int:
        """The number of passages."""
        return int(self._ivf.ntotal)

    def save(self) -> None:
        """Write the cache file if the index changed since it was last read or written."""
        if self._saved_seq == self.seq:
            return
        if write_atomically(self._cache_path, self._write_cache):
            self._saved_seq = self.seq

    def _clear(self) -> None:
        self._ivf = faiss_ivf.build_flat_index(self._dimension)
        self._clustered_size = 0
        """Number of passages when the lists were last built; 0 while there is a single list."""
        self._passage_ids = np.empty(0, np.int64)
        self._article_keys = np.empty(0, np.int64)
        """(n,): the key of each passage's article"""
        self.seq = 0

    def _rebuild(self) -> None:
        """Replay the log from its beginning.

        The articles are read in batches in random order, so that lists built from the first
        batches suit all of them. Changes made meanwhile are applied once more.
        """
        self._clear()
        changes = self._source.changes_after(0)
        batches = list(_batches(_changed_article_keys(changes)))
        for index in np.random.default_rng(faiss_ivf.SEED).permutation(len(batches)):
            self._add_articles(batches[index])
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

    def _remove_articles(self, article_keys: Sequence[int]) -> None:
        is_removed = np.isin(self._article_keys, article_keys)
        if is_removed.any():
            self._ivf.remove_ids(faiss.IDSelectorBatch(self._passage_ids[is_removed]))
            self._passage_ids, self._article_keys = (
                self._passage_ids[~is_removed],
                self._article_keys[~is_removed],
            )

    def _add_articles(self, article_keys: Sequence[int]) -> None:
        """Add the current passages of these articles."""
        ids, keys, vectors = self._source.passage_vectors(self._fingerprint, article_keys)
        if len(ids):
            self._ivf.add_with_ids(vectors, ids)
            self._passage_ids = np.concatenate([self._passage_ids, ids])
            self._article_keys = np.concatenate([self._article_keys, keys])

    def _write_cache(self, file: BinaryIO) -> None:
        """Write a line of JSON, the passage ids, the article keys, the lists and a SHA-256."""
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

    def _load_cache(self) -> bool:
        """Load the cache file; return whether it was intact and matched the archive."""
        try:
            with self._cache_path.open("rb") as file:
                if _has_valid_digest(file):
                    return self._read_cache(file)
        except FileNotFoundError:
            return False
        except OSError as error:
            logger.warning("Cannot read the search cache (%s); rebuilding it.", error.strerror)
            return False
        except (ValueError, KeyError, TypeError, RuntimeError):
            logger.warning(
                "The search cache %s has another format; rebuilding it.", self._cache_path
            )
            return False
        logger.warning("The search cache %s is damaged; rebuilding it.", self._cache_path)
        return False

    def _read_cache(self, file: BinaryIO) -> bool:
        """Read an intact cache file; return whether it matched the archive."""
        label = json.loads(file.readline())
        if not self._matches_archive(label):
            return False
        passage_count = int(label["passages"])
        id_rows = np.frombuffer(file.read(2 * 8 * passage_count), np.int64)
        self._passage_ids, self._article_keys = id_rows.reshape(2, passage_count)
        reader = faiss.PyCallbackIOReader(file.read)  # type: ignore[attr-defined]
        self._ivf = cast("faiss_ivf.IvfIndex", faiss.read_index(reader))
        self._clustered_size, self.seq = int(label["arranged"]), int(label["seq"])
        return True

    def _matches_archive(self, label: dict[str, Any]) -> bool:
        """Return whether a cache belongs to this archive and model, at a change that it had."""
        is_matching = all(label[name] == value for name, value in self._label.items())
        return is_matching and label["stamp"] == self._source.change_timestamp(label["seq"])


def _changed_article_keys(changes: Iterable[Change]) -> list[int]:
    return sorted({change.article_key for change in changes})


def _batches(article_keys: Sequence[int]) -> Iterable[Sequence[int]]:
    """Split article keys into batches whose vectors are read at once."""
    return (
        article_keys[start : start + BATCH_SIZE]
        for start in range(0, len(article_keys), BATCH_SIZE)
    )


def _has_valid_digest(file: BinaryIO) -> bool:
    """Return whether a file ends with the SHA-256 of the rest, and rewind it."""
    digest, stored_digest = hashlib.sha256(), b""
    while chunk := file.read(CHUNK_BYTES):
        digest.update((stored_digest + chunk)[: -digest.digest_size])
        stored_digest = (stored_digest + chunk)[-digest.digest_size :]
    file.seek(0)
    return stored_digest == digest.digest()
