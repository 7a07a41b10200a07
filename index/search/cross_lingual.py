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
from index.text.language import primary

_Vector = NDArray[np.float32]
_Second = Callable[[], Embedder | None]

CACHE_SIZE = 3_000
"""So many passages' vectors are kept in memory between changes: some 6 MB."""


class CrossLingualScorer:
    """The second encoder beside one archive. `second` loads it, or says that there is none."""

    def __init__(self, second: _Second) -> None:
        self._second = second
        self._known = PassageCache[_Vector](CACHE_SIZE)

    def forget(self) -> None:
        """Take note of a change."""
        self._known.forget()

    def score(
        self,
        moment: Snapshot,
        words: str,
        language: str | None,
        candidates: Mapping[int, CandidatePassage],
    ) -> dict[int, float]:
        """Return the cosines with a question's words of the passages that are in other languages.

        Those that the second encoder has not seen are missing.
        """
        own = primary(language)
        ids = [each for each, found in candidates.items() if primary(found.language) != own]
        second = self._second() if ids else None
        if second is None:
            return {}
        vectors = self._known.of(
            ids, lambda unknown: moment.second_vectors(second.fingerprint, unknown)
        )
        if not vectors:
            return {}
        (question,) = second.embed_questions([words])
        found = np.array([*vectors.values()]) @ question
        return dict(zip(vectors, found.tolist(), strict=True))
