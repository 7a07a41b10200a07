"""Retrieve and rank the passages for a question, over one snapshot of the archive."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.dialogue.follow_ups import FollowUp, resolve_follow_up
from index.dialogue.intent_rule import IntentRule
from index.dialogue.intents import Intent, detect_intent
from index.embeddings.embedder import Embedder
from index.embeddings.token_vectors import TokenVectors, token_fingerprint
from index.errors import EmbeddingModelMismatch
from index.models import SearchScope
from index.search.bm25_index import IDF_EXTRA_PASSAGES, Bm25Index, QueryTerm
from index.search.calibration import Calibration
from index.search.cross_lingual import CrossLingualScorer
from index.search.dense_index import DenseIndex
from index.search.late_interaction import TokenMatch, match_tokens
from index.search.lexicon import Lexicon
from index.search.passage_cache import PassageCache
from index.search.query_expansion import expand_query
from index.search.scoring import (
    CandidateScores,
    RankingQuery,
    ScoredPassage,
    rank,
    rank_scored,
    score_candidates,
    without_scores,
)
from index.search.source_filter import SourceMention, find_source, mentions_source
from index.search.spelling import SpellingCorrector
from index.search.term_overlap import QueryTermStats
from index.storage.article_store import ArticleStore
from index.storage.records import CandidatePassage
from index.storage.snapshot import Snapshot
from index.storage.token_vectors import PackedTokens
from index.text.gazetteer import Gazetteer

INITIAL_DEPTH = 30
"""Number of candidates that dense and lexical search each return at first."""
MAX_DEPTH = 800
"""Maximum number of candidates that each returns."""
MIN_ARTICLES = 10
"""Search deeper while the candidates come from fewer articles than this."""

RELATED_BONUS = 0.1
"""What is added to the score of a passage whose article answered the question that this one leans
on: a follow-up is answered by the same article two times in three."""
MAX_RELATED = 40
"""Maximum number of passages of related articles that are ranked beside those found."""
NEWEST_PER_QUOTE = 3
"""Number of newest articles that are read for each quote: copies of one another are quoted once."""
TOKEN_DEPTH = 20
"""Number of candidates that are compared with the question token by token."""
CACHE_SIZE = 8_000
"""Number of passages, with their sentence vectors, cached in memory: some 50 MB."""


TOKEN_CACHE_SIZE = 2_000
"""Number of passages whose token vectors are cached in memory: some 16 MB."""


class QueryEmbedding(NamedTuple):
    """The searched part of a question: its text, the text's vector (d,) and its language."""

    text: str
    vector: NDArray[np.float32]
    language: str | None
    tokens: TokenVectors | None = None
    related_articles: tuple[str, ...] = ()
    """The ids of the articles that answered the question which this one leans on."""


class RetrievalResult(NamedTuple):
    """Ranked passages, best first, with the data needed to quote them."""

    ranked: list[ScoredPassage]
    candidates: dict[int, CandidatePassage]
    """By passage id."""
    searched_count: int
    """The number of passages searched."""
    has_token_matches: bool = False
    """Whether passages were compared with the question token by token."""


class RescoreResult(NamedTuple):
    """Given passages, ranked, and the query terms with which they were scored."""

    ranked: list[ScoredPassage]
    term_stats: QueryTermStats


class Retriever:
    """Hybrid search (dense, lexical, names) over the current state of the archive."""

    def __init__(
        self,
        store: ArticleStore,
        embedder: Embedder,
        gazetteer: Gazetteer,
        folder: Path,
        load_cross_lingual: Callable[[], Embedder | None],
    ) -> None:
        """Open the indexes.

        `load_cross_lingual` returns the second encoder, or None if there is none; it is called
        when the encoder is first needed.
        """
        self._store = store
        self._embedder = embedder
        self.gazetteer = gazetteer
        self._dense = DenseIndex(store, embedder.dimension, embedder.fingerprint, folder)
        self._bm25 = Bm25Index(store, folder)
        self._cross_lingual = CrossLingualScorer(load_cross_lingual)
        self._spelling = SpellingCorrector(gazetteer, Lexicon(self._bm25.count_passages))
        self.calibration = Calibration.load_for_model(embedder.fingerprint, embedder.dimension)
        self._intent_rule = IntentRule.load_for_model(embedder.fingerprint)
        self._synced_seq = -1
        self._lock = Lock()
        self._passage_cache = PassageCache[CandidatePassage](CACHE_SIZE)
        self._token_cache = PassageCache[PackedTokens](TOKEN_CACHE_SIZE)
        self._sources: list[str] | None = None

    def save(self) -> None:
        """Write the cache files of both indexes."""
        self._dense.save()
        self._bm25.save()

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Open a snapshot of the archive with which both indexes are in sync.

        Only one thread at a time has one; the others wait, so hold it briefly. Raises
        `EmbeddingModelMismatch`.
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
                self._token_cache.clear()
                self._sources = None
                require_matching_model(self._store, self._embedder)
                self._cross_lingual.clear_cache()
                self._synced_seq = min(self._dense.seq, self._bm25.seq)

    def correct_spelling(self, question: str) -> str | None:
        """Return the question with its spelling corrected, or None if nothing is misspelled.

        Raises `EmbeddingModelMismatch`.
        """
        with self.snapshot() as snapshot:
            return self._spelling.correct(question, snapshot)

    def find_source(self, question: str) -> SourceMention | None:
        """Return the sources that a question names, or None. Raises `EmbeddingModelMismatch`."""
        if not mentions_source(question):
            return None
        with self.snapshot() as snapshot:
            return find_source(question, self.list_sources(snapshot))

    def resolve_follow_up(
        self, question: str, earlier: Sequence[str], today: date
    ) -> FollowUp | None:
        """Return a follow-up with what it lacks, or None if the question stands alone."""
        return resolve_follow_up(question, earlier, self.gazetteer, today)

    def classify_intent(self, message: str, vector: NDArray[np.float32]) -> Intent:
        """Return what a message with this vector (d,) is for.

        A model without a fitted rule has the lexicon alone.
        """
        if self._intent_rule is None:
            return detect_intent(message)
        return self._intent_rule.classify(message, vector, self.gazetteer)

    def list_sources(self, snapshot: Snapshot) -> list[str]:
        """Return the names of the sources of all articles, each once."""
        if self._sources is None:
            self._sources = snapshot.sources()
        return self._sources

    def retrieve(
        self, snapshot: Snapshot, embedding: QueryEmbedding, scope: SearchScope, limit: int
    ) -> RetrievalResult:
        """Return the candidates for a question in `scope`, ranked best first.

        Doubles the search depth while copies of a passage, or passages of one article, crowd out
        the rest.
        """
        allowed_ids = (
            None
            if scope.is_everything
            else self._dense.passage_ids_of(snapshot.article_keys_within(scope))
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
            candidates |= self._load_related(snapshot, embedding, allowed_ids)
            distinct_texts = {candidate.text_digest for candidate in candidates.values()}
            article_keys = {candidate.article_key for candidate in candidates.values()}
            is_enough = len(distinct_texts) >= limit and len(article_keys) >= MIN_ARTICLES
            if is_enough or depth >= min(MAX_DEPTH, searched_count):
                break
            depth *= 2
        term_stats = self._build_term_stats(terms, bm25_result.idf)
        return self._rank_candidates(snapshot, embedding, term_stats, candidates, searched_count)

    def retrieve_newest(
        self, snapshot: Snapshot, embedding: QueryEmbedding, scope: SearchScope, limit: int
    ) -> RetrievalResult | None:
        """Return the newest articles about a topic, each by its best passage, newest first.

        None if no article in `scope` names the topic in its title, its first passage or half of its
        passages.
        """
        terms = expand_query(embedding.text, self.gazetteer, snapshot)
        keys = self._bm25.articles_about(terms).tolist()
        newest = snapshot.newest_articles(keys, scope, limit * NEWEST_PER_QUOTE)
        if not newest:
            return None
        return self._rank_articles(snapshot, embedding, terms, newest)

    def retrieve_newest_on_subject(
        self, snapshot: Snapshot, embedding: QueryEmbedding, scope: SearchScope, limit: int
    ) -> RetrievalResult | None:
        """Return the newest articles on the subject of a question, as `retrieve_newest` does.

        They are about the whole question or, if none is, about the known names that it mentions.
        """
        about = self.retrieve_newest(snapshot, embedding, scope, limit)
        if about:
            return about
        mentions = self.gazetteer.locate_mentions(embedding.text)
        names = " · ".join(mention.span.slice(embedding.text) for mention in mentions)
        return self.retrieve_newest(snapshot, embedding._replace(text=names), scope, limit)

    def find_articles_about(
        self, snapshot: Snapshot, embedding: QueryEmbedding, scope: SearchScope
    ) -> list[tuple[int, date]]:
        """Return the keys and days of the dated articles about a topic, the oldest first.

        They name it in their title, first passage or half of their passages, in its own words.
        """
        terms = expand_query(embedding.text, self.gazetteer, snapshot, by_sound=False)
        keys = self._bm25.articles_about(terms).tolist()
        return [(key, day) for key, day in snapshot.publication_days(keys, scope) if day]

    def rank_articles(
        self, snapshot: Snapshot, embedding: QueryEmbedding, article_keys: Sequence[int]
    ) -> RetrievalResult:
        """Return these articles, each by its best passage for a topic, in the same order."""
        terms = expand_query(embedding.text, self.gazetteer, snapshot)
        return self._rank_articles(snapshot, embedding, terms, article_keys)

    def find_articles_naming(
        self, snapshot: Snapshot, name: str, *, by_sound: bool = False
    ) -> list[tuple[int, date | None]]:
        """Return the keys and days of the articles with a passage that has all words of a name.

        A known name has all its spellings; of another one the words may match `by_sound` in the
        other script. Undated articles come first, then the oldest.
        """
        terms = expand_query(name, self.gazetteer, snapshot, by_sound=by_sound)
        keys = self._bm25.articles_naming(terms).tolist()
        return snapshot.publication_days(keys, SearchScope())

    def load_passages(
        self, snapshot: Snapshot, article_ids: Collection[str]
    ) -> dict[int, CandidatePassage]:
        """Return the passages of these articles by id, in text order within an article.

        Unknown and removed articles have none.
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
        """Rank only these passages for a question, as if found among `searched_count` passages.

        The IDF of its words is that of the whole archive.
        """
        terms = expand_query(embedding.text, self.gazetteer, snapshot)
        term_stats = self._build_term_stats(terms, self._bm25.search(terms, 1).idf)
        centred_vector = self.calibration.centre_question(embedding.vector, embedding.language)
        query = self._build_query(
            snapshot, embedding, centred_vector, term_stats, candidates, searched_count
        )
        ranked = rank(query, list(candidates.values()), self.calibration)
        return RescoreResult(ranked, term_stats)

    def load_newest(self, snapshot: Snapshot, scope: SearchScope, limit: int) -> RetrievalResult:
        """Return the first passages of the most recently published articles, newest first."""
        passage_ids = snapshot.newest_passage_ids(scope, limit)
        candidates = self._load_candidates(snapshot, passage_ids)
        ordered = [candidates[passage_id] for passage_id in passage_ids if passage_id in candidates]
        return RetrievalResult(without_scores(ordered), candidates, len(ordered))

    def _rank_articles(
        self,
        snapshot: Snapshot,
        embedding: QueryEmbedding,
        terms: Sequence[QueryTerm],
        article_keys: Sequence[int],
    ) -> RetrievalResult:
        """Return these articles, each by its best passage, in the same order."""
        passage_ids = self._dense.passage_ids_of(np.array(article_keys, np.int64))
        candidates = self._load_candidates(snapshot, np.sort(passage_ids).tolist())
        term_stats = self._build_term_stats(terms, self._bm25.search(terms, 1).idf)
        result = self._rank_candidates(
            snapshot, embedding, term_stats, candidates, self._dense.size
        )
        best_by_article: dict[int, ScoredPassage] = {}
        for scored in result.ranked:
            best_by_article.setdefault(scored.article_key, scored)
        ordered = [best_by_article[key] for key in article_keys if key in best_by_article]
        return result._replace(ranked=ordered)

    def _rank_candidates(
        self,
        snapshot: Snapshot,
        embedding: QueryEmbedding,
        term_stats: QueryTermStats,
        candidates: Mapping[int, CandidatePassage],
        searched_count: int,
    ) -> RetrievalResult:
        centred_vector = self.calibration.centre_question(embedding.vector, embedding.language)
        query = self._build_query(
            snapshot, embedding, centred_vector, term_stats, candidates, searched_count
        )
        scored = score_candidates(query, list(candidates.values()), self.calibration)
        matches = self._match_tokens(snapshot, scored, embedding.tokens, candidates)
        ranked = _prefer_related(
            rank_scored(scored, matches), candidates, embedding.related_articles
        )
        return RetrievalResult(ranked, dict(candidates), searched_count, bool(matches))

    def _load_related(
        self,
        snapshot: Snapshot,
        embedding: QueryEmbedding,
        allowed_ids: NDArray[np.int64] | None,
    ) -> dict[int, CandidatePassage]:
        """Return the passages of the related articles by id, among those that are allowed."""
        if not embedding.related_articles:
            return {}
        related = self.load_passages(snapshot, embedding.related_articles)
        allowed = related if allowed_ids is None else frozenset(allowed_ids.tolist())
        first_ids = [passage_id for passage_id in related if passage_id in allowed]
        return {passage_id: related[passage_id] for passage_id in first_ids[:MAX_RELATED]}

    def _build_query(
        self,
        snapshot: Snapshot,
        embedding: QueryEmbedding,
        centred_vector: NDArray[np.float32],
        term_stats: QueryTermStats,
        candidates: Mapping[int, CandidatePassage],
        searched_count: int,
    ) -> RankingQuery:
        """Return the query, with the second encoder's cosines of candidates in other languages."""
        cross_lingual_cosines = self._cross_lingual.score(
            snapshot, embedding.text, embedding.language, candidates
        )
        return RankingQuery(
            embedding.vector,
            centred_vector,
            embedding.language,
            term_stats,
            searched_count,
            cross_lingual_cosines,
        )

    def _match_tokens(
        self,
        snapshot: Snapshot,
        scored: CandidateScores,
        tokens: TokenVectors | None,
        candidates: Mapping[int, CandidatePassage],
    ) -> dict[int, TokenMatch]:
        """Return the token matches of the candidates with the highest scores, by passage id."""
        model = token_fingerprint(self._embedder)
        if tokens is None or model is None:
            return {}
        stored = self._token_cache.get_or_load(
            scored.best_ids(TOKEN_DEPTH),
            lambda missing: snapshot.read_token_vectors(model, missing),
        )
        matches = match_tokens(
            tokens, [candidates[passage_id] for passage_id in stored], list(stored.values())
        )
        return dict(zip(stored, matches, strict=True))

    def _build_term_stats(
        self, terms: Sequence[QueryTerm], idf: NDArray[np.float64]
    ) -> QueryTermStats:
        index = self._bm25
        return QueryTermStats(terms, idf, index.size + IDF_EXTRA_PASSAGES, index.average_length)

    def _load_candidates(
        self, snapshot: Snapshot, passage_ids: Sequence[int]
    ) -> dict[int, CandidatePassage]:
        """Return these passages by id, from the cache or the snapshot."""
        return self._passage_cache.get_or_load(
            passage_ids, lambda missing: snapshot.candidates(self._embedder.fingerprint, missing)
        )


def _prefer_related(
    ranked: list[ScoredPassage],
    candidates: Mapping[int, CandidatePassage],
    related_articles: Collection[str],
) -> list[ScoredPassage]:
    """Rank the passages of related articles higher by `RELATED_BONUS`."""
    if not related_articles:
        return ranked
    scored = [
        each._replace(score=each.score + RELATED_BONUS)
        if candidates[each.passage_id].article_id in related_articles
        else each
        for each in ranked
    ]
    return sorted(scored, key=lambda each: -each.score)


def require_matching_model(store: ArticleStore, embedder: Embedder) -> None:
    """Raise `EmbeddingModelMismatch` if a live article has vectors of another model."""
    if store.has_foreign_vectors(embedder.fingerprint):
        raise EmbeddingModelMismatch(
            f"this archive has articles that were embedded with another model than {embedder.name}",
            "Run `briefing reembed` to embed them again, or set embedding.model to their model",
        )
