"""From a question to ranked passages, over one moment of the archive."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.embeddings.embedder import Embedder
from index.errors import EmbeddingModelMismatch
from index.models import DateWindow
from index.search.bm25_index import ELSEWHERE, Bm25Index, QueryTerm
from index.search.calibration import Calibration
from index.search.cross_lingual import CrossLingualScorer
from index.search.dense_index import DenseIndex
from index.search.passage_cache import PassageCache
from index.search.query_expansion import expand_query
from index.search.scoring import RankingQuery, ScoredPassage, in_order, rank
from index.search.term_overlap import QueryTermStats
from index.storage.article_store import ArticleStore
from index.storage.records import CandidatePassage
from index.storage.snapshot import Snapshot
from index.text.gazetteer import Gazetteer

INITIAL_DEPTH = 30
"""How many passages dense search, and word search, each hand to ranking at first."""
DEEPEST = 800
"""How many each hands over at the most."""
ARTICLES = 10
"""From how many articles these are to come, where there are as many."""

CACHE_SIZE = 8_000
"""How many passages with their sentences' vectors are kept in memory: some 50 MB."""


class QueryEmbedding(NamedTuple):
    """What of a question is searched for: its words, their vector (d,) and their language."""

    words: str
    vector: NDArray[np.float32]
    language: str | None


class RetrievalResult(NamedTuple):
    """Passages in the order of their scores, with what quoting them needs."""

    ranked: list[ScoredPassage]
    candidates: dict[int, CandidatePassage]
    searched: int
    """Out of how many passages they were chosen."""


class RescoreResult(NamedTuple):
    """Some passages in the order of their scores, and the words that were looked for in them."""

    ranked: list[ScoredPassage]
    wording: QueryTermStats


class Retriever:
    """Search by meaning, words and names over the archive as it is at each question."""

    def __init__(
        self,
        store: ArticleStore,
        embedder: Embedder,
        names: Gazetteer,
        folder: Path,
        second: Callable[[], Embedder | None],
    ) -> None:
        """Open the indexes; `second` gives the second encoder when it is first needed, if any."""
        self._store = store
        self._embedder = embedder
        self.names = names
        self._dense = DenseIndex(store, embedder.dimension, embedder.fingerprint, folder)
        self._lexical = Bm25Index(store, folder)
        self._across = CrossLingualScorer(second)
        self.calibration = Calibration.of_model(embedder.fingerprint, embedder.dimension)
        self._seen = -1
        self._turn = Lock()
        self._known = PassageCache[CandidatePassage](CACHE_SIZE)

    def save(self) -> None:
        """Save the search caches."""
        self._dense.save()
        self._lexical.save()

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Give a moment of the archive that both indexes have caught up with, to one thread a time.

        Whoever does not want others to wait keeps it short. Raises `EmbeddingModelMismatch`.
        """
        with self._turn:
            while True:
                with self._store.moment() as moment:
                    if moment.last_change() == self._seen:
                        yield moment
                        return
                self._dense.follow()
                self._lexical.follow()
                self._known.forget()
                require_own_vectors(self._store, self._embedder)
                self._across.forget()
                self._seen = min(self._dense.seq, self._lexical.seq)

    def retrieve(
        self, moment: Snapshot, sense: QueryEmbedding, window: DateWindow | None, limit: int
    ) -> RetrievalResult:
        """Return the passages that fit a question best, best first.

        Where copies of a passage, or passages of one article, crowd out the rest, it looks deeper.
        """
        among = self._dense.passages_of(moment.articles_within(window)) if window else None
        searched = self._dense.size if among is None else len(among)
        if not searched:
            return RetrievalResult([], {}, 0)
        centred = self.calibration.centred_question(sense.vector, sense.language)
        sought = expand_query(sense.words, self.names, moment)
        depth = INITIAL_DEPTH
        while True:
            near = self._dense.search(centred, depth, among)
            worded = self._lexical.search(sought, depth, among)
            ids = dict.fromkeys([hit.passage_id for hit in near] + [hit for hit, _ in worded.hits])
            candidates = self._candidates(moment, list(ids))
            distinct = {candidate.words for candidate in candidates.values()}
            owners = {candidate.article_key for candidate in candidates.values()}
            enough = len(distinct) >= limit and len(owners) >= ARTICLES
            if enough or depth >= min(DEEPEST, searched):
                break
            depth *= 2
        wording = self._wording(sought, worded.rarity)
        across = self._across.score(moment, sense.words, sense.language, candidates)
        asked = RankingQuery(sense.vector, centred, sense.language, wording, searched, across)
        ranked = rank(asked, list(candidates.values()), self.calibration)
        return RetrievalResult(ranked, candidates, searched)

    def passages_of(
        self, moment: Snapshot, article_ids: Collection[str]
    ) -> dict[int, CandidatePassage]:
        """Return the passages of these articles, those of an article in the order of its text.

        Articles that are not there, or were removed, have none.
        """
        records = map(self._store.record, article_ids)
        keys = [record.key for record in records if record]
        found = self._dense.passages_of(np.array(keys, np.int64))
        return self._candidates(moment, np.sort(found).tolist())

    def rescore(
        self,
        moment: Snapshot,
        sense: QueryEmbedding,
        candidates: Mapping[int, CandidatePassage],
        searched: int,
    ) -> RescoreResult:
        """Rank these passages alone for a question, as if they were among `searched`.

        How rare its words are is told by the whole archive.
        """
        sought = expand_query(sense.words, self.names, moment)
        wording = self._wording(sought, self._lexical.search(sought, 1).rarity)
        centred = self.calibration.centred_question(sense.vector, sense.language)
        across = self._across.score(moment, sense.words, sense.language, candidates)
        asked = RankingQuery(sense.vector, centred, sense.language, wording, searched, across)
        return RescoreResult(rank(asked, list(candidates.values()), self.calibration), wording)

    def newest(self, moment: Snapshot, window: DateWindow | None, limit: int) -> RetrievalResult:
        """Return the first passages of the articles published last, the newest first."""
        ids = moment.newest_passages(window, limit)
        candidates = self._candidates(moment, ids)
        order = [candidates[each] for each in ids if each in candidates]
        return RetrievalResult(in_order(order), candidates, len(order))

    def _wording(self, sought: Sequence[QueryTerm], rarity: NDArray[np.float64]) -> QueryTermStats:
        index = self._lexical
        return QueryTermStats(sought, rarity, index.size + ELSEWHERE, index.average_length)

    def _candidates(
        self, moment: Snapshot, passage_ids: Sequence[int]
    ) -> dict[int, CandidatePassage]:
        """Return passages that a search has just found."""
        return self._known.of(
            passage_ids, lambda unknown: moment.candidates(self._embedder.fingerprint, unknown)
        )


def require_own_vectors(store: ArticleStore, embedder: Embedder) -> None:
    """Raise `EmbeddingModelMismatch` where another model made the vectors of a live article."""
    if store.has_foreign_vectors(embedder.fingerprint):
        raise EmbeddingModelMismatch(
            f"this archive has articles that were embedded with another model than {embedder.name}",
            "`briefing reembed` embeds them again, or set embedding.model to the one they had",
        )
