"""Across languages: what a second encoder says of a question and passages in other languages.

The model proper ranks passages of the question's own language as well alone. Where languages
differ, two encoders of different families are wrong in different places, and their cosines are
added (see `rank`). Where all that was found is in the question's language, the second has no turn.
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
"""So many passages' vectors are kept in memory between changes: some 6 MB."""


class CrossLingualScorer:
    """The second encoder beside one archive.

    `load_embedder` loads it, or says that there is none.
    """

    def __init__(self, load_embedder: _EmbedderLoader) -> None:
        self._load_embedder = load_embedder
        self._vector_cache = PassageCache[_Vector](CACHE_SIZE)

    def clear_cache(self) -> None:
        """Take note of a change."""
        self._vector_cache.clear()

    def score(
        self,
        snapshot: Snapshot,
        question: str,
        language: str | None,
        candidates: Mapping[int, CandidatePassage],
    ) -> dict[int, float]:
        """Return the cosines with a question's words of the passages that are in other languages.

        Those that the second encoder has not seen are missing.
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
