"""From a question's vector to quotes, over one moment of the archive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.article import Quote, Window
from index.errors import ForeignVectors
from index.model.embedder import Embedder
from index.search.choose import choose, quote
from index.search.dense import DenseIndex
from index.search.rank import Ranked, rank
from index.store.moment import Moment
from index.store.rows import Candidate
from index.store.store import Store

DEPTH = 50
"""How many passages dense search hands to ranking at first."""
DEEPEST = 800
"""How many it hands over at the most."""
ARTICLES = 10
"""From how many articles these are to come, where there are as many."""

KEPT = 3_000
"""How many passages with their sentences' vectors are kept in memory: some 20 MB."""


class Retrieved(NamedTuple):
    """Passages in the order of their scores, with what quoting them needs."""

    ranked: list[Ranked]
    candidates: dict[int, Candidate]


class Retriever:
    """Dense search over the archive as it is at each question."""

    def __init__(self, store: Store, embedder: Embedder, folder: Path) -> None:
        self._store = store
        self._embedder = embedder
        self._dense = DenseIndex(store, embedder.dimension, embedder.fingerprint, folder)
        self._seen = -1
        self._known: dict[int, Candidate] = {}

    def save(self) -> None:
        """Save the search cache."""
        self._dense.save()

    @contextmanager
    def moment(self) -> Iterator[Moment]:
        """Give a moment of the archive that the dense index has caught up with.

        Raises `ForeignVectors`.
        """
        while True:
            with self._store.moment() as moment:
                if moment.last_change() == self._seen:
                    yield moment
                    return
            self._dense.follow()
            self._known.clear()
            require_own_vectors(self._store, self._embedder)
            self._seen = self._dense.seq

    def retrieve(
        self, moment: Moment, vector: NDArray[np.float32], window: Window | None, limit: int
    ) -> Retrieved:
        """Return the passages nearest to a question's `vector` (d,), best first.

        Where copies of a passage, or passages of one article, crowd out the rest, it looks deeper.
        """
        among = moment.passage_ids_within(window) if window else None
        reach = min(DEEPEST, self._dense.size if among is None else len(among))
        depth = DEPTH
        while True:
            hits = self._dense.search(vector, depth, among)
            candidates = self._candidates(moment, [hit.passage_id for hit in hits])
            distinct = {candidate.words for candidate in candidates.values()}
            owners = {candidate.article_key for candidate in candidates.values()}
            if depth >= reach or (len(distinct) >= limit and len(owners) >= ARTICLES):
                return Retrieved(rank(vector, hits, candidates), candidates)
            depth *= 2

    def _candidates(self, moment: Moment, passage_ids: Sequence[int]) -> dict[int, Candidate]:
        """Return passages that dense search has just found, from memory since the last change."""
        unknown = [passage_id for passage_id in passage_ids if passage_id not in self._known]
        if unknown:
            self._known |= moment.candidates(self._embedder.fingerprint, unknown)
        found = {each: self._known[each] for each in passage_ids if each in self._known}
        if len(self._known) > KEPT:
            self._known = found
        return found


def quotes(moment: Moment, found: Retrieved, limit: int) -> tuple[Quote, ...]:
    """Return the first `limit` passages that say different things, word for word."""
    choices = choose(found.ranked, found.candidates, limit)
    carriers = moment.carriers(choice.candidate.words for choice in choices)
    articles = moment.articles({key for keys in carriers.values() for key in keys})
    return tuple(quote(choice, articles, carriers[choice.candidate.words]) for choice in choices)


def require_own_vectors(store: Store, embedder: Embedder) -> None:
    """Raise `ForeignVectors` where another model made the vectors of a live article."""
    if store.has_foreign_vectors(embedder.fingerprint):
        raise ForeignVectors(
            f"this archive has articles that were embedded with another model than {embedder.name}",
            "`briefing reembed` embeds them again, or set embedding.model to the one they had",
        )
