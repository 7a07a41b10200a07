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
SMALL = 65_536
"""Up to how many passages each is compared with a question. Of more, lists are made: one for every
32 of these."""
BATCH_SIZE = 256
"""The vectors of how many articles are read at once: some two thousand passages, a few MB."""
CHUNK = 1 << 20


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
        small: int = SMALL,
    ) -> None:
        """Build the index from the cache in `folder` or, without a fitting one, from `source`.

        More than `small` passages are kept in lists.
        """
        self._source = source
        self._dimension = dimension
        self._fingerprint = fingerprint
        self._small = small
        self._label = {
            "store": source.store_id,
            "model": fingerprint,
            "dimension": dimension,
            "small": small,
        }
        self._cache = folder / CACHE_NAME
        self.seq: int
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
        if not changes:  # the log went back
            self._rebuild()
            return
        keys = _articles(changes)
        self._drop(keys)
        for some in _divided(keys):
            self._add(some)
            if self.size > max(self._small, 2 * self._arranged):
                self._arrange()
        self.seq = changes[-1].seq

    def search(
        self, vector: NDArray[np.float32], depth: int, among: NDArray[np.int64] | None = None
    ) -> list[Hit]:
        """Return the `depth` nearest passages to `vector` (d,), best first.

        `among` restricts the search to these passage ids. In lists, one in a hundred of the
        nearest may be missed; what is found has its exact cosine.
        """
        found = faiss_ivf.nearest(self._lists, vector, depth, among)
        return [
            Hit(passage_id, cosine)
            for passage_id, cosine in zip(*(part.tolist() for part in found), strict=True)
        ]

    def passages_of(self, article_keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the ids of the passages of these articles."""
        return self._ids[np.isin(self._keys, article_keys)]

    @property
    def size(self) -> int:
        """How many passages there are."""
        return int(self._lists.ntotal)

    def save(self) -> None:
        """Write the cache, unless nothing changed since it was last read or written."""
        if self._saved_at == self.seq:
            return
        if write_atomically(self._cache, self._write):
            self._saved_at = self.seq

    def _clear(self) -> None:
        self._lists = faiss_ivf.flat_index(self._dimension)
        self._arranged = 0
        """Of how many passages the lists were made; 0 while there is one list."""
        self._ids = np.empty(0, np.int64)
        self._keys = np.empty(0, np.int64)
        """Every passage's id, and its article's key."""
        self.seq = 0

    def _rebuild(self) -> None:
        """Follow the log from its beginning.

        The articles are read in parts, in no order, so that the lists can be made of the first
        parts and are right for all of them. What is changed meanwhile is applied once more.
        """
        self._clear()
        changes = self._source.changes_after(0)
        parts = list(_divided(_articles(changes)))
        for part in np.random.default_rng(faiss_ivf.SEED).permutation(len(parts)):
            self._add(parts[part])
            if not self._arranged and self.size > self._small:
                self._arrange()
        if self._arranged:
            self._arranged = self.size
        self.seq = changes[-1].seq if changes else 0

    def _arrange(self) -> None:
        self._lists = faiss_ivf.build_ivf(self._lists, self._small // faiss_ivf.EXAMPLES)
        self._arranged = self.size

    def _drop(self, article_keys: Sequence[int]) -> None:
        gone = np.isin(self._keys, article_keys)
        if gone.any():
            self._lists.remove_ids(faiss.IDSelectorBatch(self._ids[gone]))
            self._ids, self._keys = self._ids[~gone], self._keys[~gone]

    def _add(self, article_keys: Sequence[int]) -> None:
        """Add what these articles have now."""
        ids, keys, vectors = self._source.passage_vectors(self._fingerprint, article_keys)
        if len(ids):
            self._lists.add_with_ids(vectors, ids)
            self._ids = np.concatenate([self._ids, ids])
            self._keys = np.concatenate([self._keys, keys])

    def _write(self, file: BinaryIO) -> None:
        """Write a line of JSON, the passages' ids, their articles' keys, the lists, and a hash."""
        label = {
            **self._label,
            "seq": self.seq,
            "stamp": self._source.stamp(self.seq),
            "passages": self.size,
            "arranged": self._arranged,
        }
        digest = hashlib.sha256()

        def write(part: bytes) -> None:
            digest.update(part)
            file.write(part)

        write(json.dumps(label).encode() + b"\n")
        write(self._ids.tobytes())
        write(self._keys.tobytes())
        faiss.write_index(self._lists, faiss.PyCallbackIOWriter(write))  # type: ignore[attr-defined]
        file.write(digest.digest())

    def _load(self) -> bool:
        """Read the cache; say whether there was one that is whole and fits."""
        try:
            with self._cache.open("rb") as file:
                if _is_whole(file):
                    return self._read(file)
        except FileNotFoundError:
            return False
        except OSError as error:
            logger.warning("The search cache cannot be read (%s); built again.", error.strerror)
            return False
        except (ValueError, KeyError, TypeError, RuntimeError):
            logger.warning("The search cache %s is of another form; built again.", self._cache)
            return False
        logger.warning("The search cache %s is damaged; built again.", self._cache)
        return False

    def _read(self, file: BinaryIO) -> bool:
        """Read a cache that is whole, if it fits."""
        label = json.loads(file.readline())
        if not self._fits(label):
            return False
        passages = int(label["passages"])
        owners = np.frombuffer(file.read(2 * 8 * passages), np.int64)
        self._ids, self._keys = owners.reshape(2, passages)
        reader = faiss.PyCallbackIOReader(file.read)  # type: ignore[attr-defined]
        self._lists = cast("faiss_ivf.Lists", faiss.read_index(reader))
        self._arranged, self.seq = int(label["arranged"]), int(label["seq"])
        return True

    def _fits(self, label: dict[str, Any]) -> bool:
        """Say whether a cache is of this archive and model, in a state that the archive had."""
        own = all(label[name] == value for name, value in self._label.items())
        return own and label["stamp"] == self._source.stamp(label["seq"])


def _articles(changes: Iterable[Change]) -> list[int]:
    return sorted({change.article_key for change in changes})


def _divided(keys: Sequence[int]) -> Iterable[Sequence[int]]:
    """Divide articles into parts whose vectors can be read at once."""
    return (keys[start : start + BATCH_SIZE] for start in range(0, len(keys), BATCH_SIZE))


def _is_whole(file: BinaryIO) -> bool:
    """Say whether a file ends with the hash of the rest, and go back to its beginning."""
    digest, known = hashlib.sha256(), b""
    while part := file.read(CHUNK):
        digest.update((known + part)[: -digest.digest_size])
        known = (known + part)[-digest.digest_size :]
    file.seek(0)
    return known == digest.digest()
