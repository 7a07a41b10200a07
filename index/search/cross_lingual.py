"""Score passages in other languages than the question's with a second encoder.

Within one language the main model ranks as well on its own. Across languages two encoders of
different families make different errors, and their cosines are added (see
`index.search.scoring`). If all candidates are in the question's language, the second encoder is
not used. See docs/decisions/second-encoder.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from index.embeddings.embedder import Embedder
from index.search.passage_cache import PassageCache
from index.storage.records import CandidatePassage
from index.storage.snapshot import Snapshot
from index.text.language import primary_subtag

_Vector = NDArray[np.float32]
_EmbedderLoader = Callable[[], Embedder | None]

CACHE_SIZE = 3_000
"""Number of passage vectors cached in memory between changes: some 6 MB."""


class CrossLingualScorer:
    """The second encoder with a cache of one archive's vectors.

    `load_embedder` loads the encoder, or returns None if there is none.
    """

    def __init__(self, load_embedder: _EmbedderLoader) -> None:
        self._load_embedder = load_embedder
        self._vector_cache = PassageCache[_Vector](CACHE_SIZE)

    def clear_cache(self) -> None:
        """Drop the cached vectors: the archive changed."""
        self._vector_cache.clear()

    def score(
        self,
        snapshot: Snapshot,
        question: str,
        language: str | None,
        candidates: Mapping[int, CandidatePassage],
    ) -> dict[int, float]:
        """Return the question's cosines with the candidates in other languages, by passage id.

        Passages that have no vector of the second encoder are left out.
        """
        question_language = primary_subtag(language)
        passage_ids = [
            passage_id
            for passage_id, candidate in candidates.items()
            if primary_subtag(candidate.language) != question_language
        ]
        embedder = self._load_embedder() if passage_ids else None
        if embedder is None:
            return {}
        vectors = self._vector_cache.get_or_load(
            passage_ids,
            lambda missing: snapshot.read_cross_lingual_vectors(embedder.fingerprint, missing),
        )
        if not vectors:
            return {}
        (question_vector,) = embedder.embed_questions([question])
        cosines = np.array([*vectors.values()]) @ question_vector
        return dict(zip(vectors, cosines.tolist(), strict=True))
