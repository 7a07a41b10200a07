"""Across languages: what a second encoder says of a question and passages in other languages.

The model proper ranks passages of the question's own language as well alone. Where languages
differ, two encoders of different families are wrong in different places, and their cosines are
added (see `rank`). An archive of one language, asked in that language, never needs the second one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from index.model.embedder import Embedder
from index.store.moment import Moment
from index.store.rows import Candidate
from index.text.language import primary

_Vector = NDArray[np.float32]
_Second = Callable[[], Embedder | None]

KEPT = 3_000
"""So many passages' vectors are kept in memory between changes: some 6 MB."""


class Across:
    """The second encoder beside one archive. `second` loads it, or says that there is none."""

    def __init__(self, second: _Second) -> None:
        self._second = second
        self._languages: frozenset[str] = frozenset()
        self._known: dict[int, _Vector | None] = {}

    def follow(self, languages: Iterable[str | None]) -> None:
        """Take note of a change: the languages that articles are in now."""
        self._languages = frozenset(map(primary, languages))
        self._known.clear()

    def question(self, words: str, language: str | None) -> _Vector | None:
        """Return a question's vector (e,), or None where all articles are in its language."""
        if self._languages <= {primary(language)}:
            return None
        second = self._second()
        return second.embed_questions([words])[0] if second else None

    def cosines(
        self,
        moment: Moment,
        question: _Vector | None,
        language: str | None,
        candidates: Mapping[int, Candidate],
    ) -> dict[int, float]:
        """Return the cosines of the passages in other languages; those without one are missing."""
        second = self._second() if question is not None else None
        if second is None or question is None:
            return {}
        own = primary(language)
        ids = [each for each, found in candidates.items() if primary(found.language) != own]
        new = [passage_id for passage_id in ids if passage_id not in self._known]
        if new:
            if len(self._known) > KEPT:
                self._known.clear()
                new = ids
            made = moment.second_vectors(second.fingerprint, new)
            self._known.update((passage_id, made.get(passage_id)) for passage_id in new)
        vectors = {each: vector for each in ids if (vector := self._known[each]) is not None}
        if not vectors:
            return {}
        found = np.array([*vectors.values()]) @ question
        return dict(zip(vectors, found.tolist(), strict=True))
