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
from index.search.bm25_index import IDF_EXTRA_PASSAGES, Bm25Index, QueryTerm
from index.search.calibration import Calibration
from index.search.cross_lingual import CrossLingualScorer
from index.search.dense_index import DenseIndex
from index.search.passage_cache import PassageCache
from index.search.query_expansion import expand_query
from index.search.scoring import RankingQuery, ScoredPassage, rank, without_scores
from index.search.term_overlap import QueryTermStats
from index.storage.article_store import ArticleStore
from index.storage.records import CandidatePassage
from index.storage.snapshot import Snapshot
from index.text.gazetteer import Gazetteer

INITIAL_DEPTH = 30
"""How many passages dense search, and word search, each hand to ranking at first."""
MAX_DEPTH = 800
"""How many each hands over at the most."""
MIN_ARTICLES = 10
"""From how many articles these are to come, where there are as many."""

CACHE_SIZE = 8_000
"""How many passages with their sentences' vectors are kept in memory: some 50 MB."""


class QueryEmbedding(NamedTuple):
    """What of a question is searched for: its words, their vector (d,) and their language."""

    text: str
    vector: NDArray[np.float32]
    language: str | None


class RetrievalResult(NamedTuple):
    """Passages in the order of their scores, with what quoting them needs."""

    ranked: list[ScoredPassage]
    candidates: dict[int, CandidatePassage]
    searched_count: int
    """Out of how many passages they were chosen."""


class RescoreResult(NamedTuple):
    """Some passages in the order of their scores, and the words that were looked for in them."""

    ranked: list[ScoredPassage]
    term_stats: QueryTermStats


class Retriever:
    """Search by meaning, words and names over the archive as it is at each question."""

    def __init__(
        self,
        store: ArticleStore,
        embedder: Embedder,
        gazetteer: Gazetteer,
        folder: Path,
        load_cross_lingual: Callable[[], Embedder | None],
    ) -> None:
        """Open the indexes.

        `load_cross_lingual` gives the second encoder when it is first needed, if any.
        """
        self._store = store
        self._embedder = embedder
        self.gazetteer = gazetteer
        self._dense = DenseIndex(store, embedder.dimension, embedder.fingerprint, folder)
        self._bm25 = Bm25Index(store, folder)
        self._cross_lingual = CrossLingualScorer(load_cross_lingual)
        self.calibration = Calibration.load_for_model(embedder.fingerprint, embedder.dimension)
        self._synced_seq = -1
        self._lock = Lock()
        self._passage_cache = PassageCache[CandidatePassage](CACHE_SIZE)

    def save(self) -> None:
        """Save the search caches."""
        self._dense.save()
        self._bm25.save()

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Give a moment of the archive that both indexes have caught up with, to one thread a time.

        Whoever does not want others to wait keeps it short. Raises `EmbeddingModelMismatch`.
        """
        with self._lock:
            while True:
                with self._store.snapshot() as snapshot:
                    if snapshot.last_change() == self._synced_seq:
                        yield snapshot
                        return
                self._dense.catch_up()
                self._bm25.catch_up()
                self._passage_cache.clear()
                require_matching_model(self._store, self._embedder)
                self._cross_lingual.clear_cache()
                self._synced_seq = min(self._dense.seq, self._bm25.seq)

    def retrieve(
        self, snapshot: Snapshot, embedding: QueryEmbedding, window: DateWindow | None, limit: int
    ) -> RetrievalResult:
        """Return the passages that fit a question best, best first.

        Where copies of a passage, or passages of one article, crowd out the rest, it looks deeper.
        """
        allowed_ids = (
            self._dense.passage_ids_of(snapshot.article_keys_within(window)) if window else None
        )
        searched_count = self._dense.size if allowed_ids is None else len(allowed_ids)
        if not searched_count:
            return RetrievalResult([], {}, 0)
        centred_vector = self.calibration.centre_question(embedding.vector, embedding.language)
        terms = expand_query(embedding.text, self.gazetteer, snapshot)
        depth = INITIAL_DEPTH
        while True:
            dense_hits = self._dense.search(centred_vector, depth, allowed_ids)
            bm25_result = self._bm25.search(terms, depth, allowed_ids)
            passage_ids = dict.fromkeys(
                [dense_hit.passage_id for dense_hit in dense_hits]
                + [passage_id for passage_id, _ in bm25_result.hits]
            )
            candidates = self._load_candidates(snapshot, list(passage_ids))
            distinct_texts = {candidate.text_digest for candidate in candidates.values()}
            article_keys = {candidate.article_key for candidate in candidates.values()}
            is_enough = len(distinct_texts) >= limit and len(article_keys) >= MIN_ARTICLES
            if is_enough or depth >= min(MAX_DEPTH, searched_count):
                break
            depth *= 2
        term_stats = self._build_term_stats(terms, bm25_result.idf)
        cross_lingual_cosines = self._cross_lingual.score(
            snapshot, embedding.text, embedding.language, candidates
        )
        query = RankingQuery(
            embedding.vector,
            centred_vector,
            embedding.language,
            term_stats,
            searched_count,
            cross_lingual_cosines,
        )
        ranked = rank(query, list(candidates.values()), self.calibration)
        return RetrievalResult(ranked, candidates, searched_count)

    def load_passages(
        self, snapshot: Snapshot, article_ids: Collection[str]
    ) -> dict[int, CandidatePassage]:
        """Return the passages of these articles, those of an article in the order of its text.

        Articles that are not there, or were removed, have none.
        """
        records = map(self._store.find_record, article_ids)
        article_keys = [record.key for record in records if record]
        passage_ids = self._dense.passage_ids_of(np.array(article_keys, np.int64))
        return self._load_candidates(snapshot, np.sort(passage_ids).tolist())

    def rescore(
        self,
        snapshot: Snapshot,
        embedding: QueryEmbedding,
        candidates: Mapping[int, CandidatePassage],
        searched_count: int,
    ) -> RescoreResult:
        """Rank these passages alone for a question, as if they were among `searched_count`.

        How rare its words are is told by the whole archive.
        """
        terms = expand_query(embedding.text, self.gazetteer, snapshot)
        term_stats = self._build_term_stats(terms, self._bm25.search(terms, 1).idf)
        centred_vector = self.calibration.centre_question(embedding.vector, embedding.language)
        cross_lingual_cosines = self._cross_lingual.score(
            snapshot, embedding.text, embedding.language, candidates
        )
        query = RankingQuery(
            embedding.vector,
            centred_vector,
            embedding.language,
            term_stats,
            searched_count,
            cross_lingual_cosines,
        )
        return RescoreResult(rank(query, list(candidates.values()), self.calibration), term_stats)

    def load_newest(
        self, snapshot: Snapshot, window: DateWindow | None, limit: int
    ) -> RetrievalResult:
        """Return the first passages of the articles published last, the newest first."""
        passage_ids = snapshot.newest_passage_ids(window, limit)
        candidates = self._load_candidates(snapshot, passage_ids)
        ordered = [candidates[passage_id] for passage_id in passage_ids if passage_id in candidates]
        return RetrievalResult(without_scores(ordered), candidates, len(ordered))

    def _build_term_stats(
        self, terms: Sequence[QueryTerm], idf: NDArray[np.float64]
    ) -> QueryTermStats:
        index = self._bm25
        return QueryTermStats(terms, idf, index.size + IDF_EXTRA_PASSAGES, index.average_length)

    def _load_candidates(
        self, snapshot: Snapshot, passage_ids: Sequence[int]
    ) -> dict[int, CandidatePassage]:
        """Return passages that a search has just found."""
        return self._passage_cache.get_or_load(
            passage_ids, lambda missing: snapshot.candidates(self._embedder.fingerprint, missing)
        )


def require_matching_model(store: ArticleStore, embedder: Embedder) -> None:
    """Raise `EmbeddingModelMismatch` where another model made the vectors of a live article."""
    if store.has_foreign_vectors(embedder.fingerprint):
        raise EmbeddingModelMismatch(
            f"this archive has articles that were embedded with another model than {embedder.name}",
            "`briefing reembed` embeds them again, or set embedding.model to the one they had",
        )
