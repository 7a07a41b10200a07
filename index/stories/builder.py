"""Build the ranked stories of a publication window or of a range of changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

import scipy.sparse as sp

from index.embeddings.embedder import Embedder
from index.models import Article, ChangeRange, DateWindow, Quote, to_instant
from index.search.calibration import Calibration, language_rows
from index.storage.article_store import ArticleStore
from index.storage.records import CandidatePassage
from index.storage.snapshot import Snapshot
from index.stories.features import ArticleFeatures, extract_features
from index.stories.linkage import average_linkage
from index.stories.models import Story
from index.stories.quote_selection import LeadPassage, SelectedLead, pick_medoid, select_quotes
from index.stories.ranking import explain_rank
from index.stories.similarity import MAX_GAP_DAYS, ScoredPairs, likely_pairs, select_model
from index.text.gazetteer import Gazetteer
from index.text.spans import Span


class ClusteringContext(NamedTuple):
    """The store and models that stories are built with."""

    store: ArticleStore
    calibration: Calibration
    gazetteer: Gazetteer
    zone: ZoneInfo

    @classmethod
    def for_embedder(
        cls, store: ArticleStore, embedder: Embedder, gazetteer: Gazetteer, zone: ZoneInfo
    ) -> Self:
        """Return the context for an embedding model's vectors."""
        calibration = Calibration.load_for_model(embedder.fingerprint, embedder.dimension)
        return cls(store, calibration, gazetteer, zone)


class Cluster(NamedTuple):
    """The articles of one story that were published in the window, earliest first."""

    indices: list[int]
    """Their rows in the `ArticleFeatures`."""
    centralities: list[float]
    """The sum of each one's similarities to the others."""
    continues: bool
    """Whether the story has articles outside the window."""


def build_stories(
    context: ClusteringContext, window: DateWindow, language: str | None = None
) -> list[Story]:
    """Return the stories of the articles published in a window, best ranked first.

    `language` is the reader's: an almost equally central article in it represents a story. Articles
    published up to `MAX_GAP_DAYS` before the window are clustered as well, to recognise stories
    that continue.
    """
    clustering_input = context.store.clustering_input(
        _extend_backwards(window, context.zone), context.calibration.fingerprint
    )
    features = extract_features(clustering_input, context.calibration, context.zone)
    is_in_window = [
        _is_published_in(window, article, context.zone) for article in features.articles
    ]
    return _build_ranked_stories(context, features, is_in_window, language)


def build_stories_for_changes(
    context: ClusteringContext, change_range: ChangeRange, language: str | None = None
) -> list[Story]:
    """Return the stories of the articles added in a range of changes, as `build_stories` does.

    A story continues if one of its articles had been added before the range.
    """
    window = DateWindow(since=change_range.published_since)
    preceding_window = _extend_backwards(window, context.zone)
    clustering_input, new_keys = context.store.clustering_input_for_changes(
        change_range, preceding_window, context.calibration.fingerprint
    )
    features = extract_features(clustering_input, context.calibration, context.zone)
    is_in_window = [
        int(key) in new_keys
        and (article.published is None or _is_published_in(window, article, context.zone))
        for key, article in zip(features.keys, features.articles, strict=True)
    ]
    return _build_ranked_stories(context, features, is_in_window, language)


def _build_ranked_stories(
    context: ClusteringContext,
    features: ArticleFeatures,
    is_in_window: Sequence[bool],
    language: str | None,
) -> list[Story]:
    """Build and rank the stories of all clusters that have an article in the window."""
    clusters = _build_clusters(features, is_in_window, context)
    first_passage_ids = [
        features.first_passage_ids[index] for cluster in clusters for index in cluster.indices
    ]
    last_day = max((features.days[cluster.indices].max() for cluster in clusters), default=0)
    with context.store.snapshot() as snapshot:
        passages = snapshot.candidates(context.calibration.fingerprint, first_passage_ids)
        builder = _StoryBuilder(
            context, features, passages, date.fromordinal(max(int(last_day), 1)), language
        )
        built = [builder.build(snapshot, cluster) for cluster in clusters]
    stories = [story for story in built if story]
    return sorted(
        stories,
        key=lambda story: (story.rank_explanation.score, story.rank_explanation.newest_day),
        reverse=True,
    )


def _build_clusters(
    features: ArticleFeatures, is_in_window: Sequence[bool], context: ClusteringContext
) -> list[Cluster]:
    model = select_model(context.calibration.fingerprint)
    count = len(features.keys)
    pairs = likely_pairs(features, model)
    similarities = _symmetric_matrix(pairs, count)
    clusters = []
    for members in average_linkage(count, pairs, model.joined):
        indices = [index for index in members if is_in_window[index]]
        if indices:
            sums = similarities[indices][:, indices].sum(axis=1)
            centralities = sums.ravel().astype(float).tolist()
            clusters.append(Cluster(indices, centralities, continues=len(members) > len(indices)))
    return clusters


def _symmetric_matrix(pairs: ScoredPairs, count: int) -> sp.csr_array:
    upper = sp.coo_array((pairs.probabilities, (pairs.first, pairs.second)), (count, count)).tocsr()
    return sp.csr_array(upper + upper.T)


class _StoryBuilder:
    """Builds stories from clusters."""

    def __init__(
        self,
        context: ClusteringContext,
        features: ArticleFeatures,
        passages: Mapping[int, CandidatePassage],
        last_day: date,
        language: str | None,
    ) -> None:
        self._context = context
        self._features = features
        self._passages = passages
        self._last_day = last_day
        self._language_row = language_rows([language])[0] if language else None

    def build(self, snapshot: Snapshot, cluster: Cluster) -> Story | None:
        """Return a cluster's story; None if all its articles were removed meanwhile."""
        features = self._features
        available = [
            (index, centrality)
            for index, centrality in zip(cluster.indices, cluster.centralities, strict=True)
            if features.first_passage_ids[index] in self._passages
        ]
        if not available:
            return None
        indices, centralities = (
            [index for index, _ in available],
            [centrality for _, centrality in available],
        )
        articles = [features.articles[index] for index in indices]
        leads = [self._lead_passage(index) for index in indices]
        is_own_language = [features.languages[index] == self._language_row for index in indices]
        medoid = pick_medoid(centralities, is_own_language)
        preferred = sorted(
            range(len(indices)),
            key=lambda position: (not is_own_language[position], -centralities[position]),
        )
        selected_leads = select_quotes(leads, medoid, preferred)
        carriers = snapshot.articles_by_passage(
            features.first_passage_ids[indices[selected.lead_index]] for selected in selected_leads
        )
        quotes = tuple(
            self._build_quote(
                indices[selected.lead_index],
                selected,
                carriers,
                centralities[selected.lead_index] / len(indices),
            )
            for selected in selected_leads
        )
        others = sorted(set(range(len(indices))) - {medoid}, reverse=True)
        ordered = [articles[medoid], *(articles[position] for position in others)]
        published = [article.published for article in articles if article.published is not None]
        days = [
            date.fromordinal(int(features.days[index]))
            for index, article in zip(indices, articles, strict=True)
            if article.published is not None
        ]
        return Story(
            headline=articles[medoid].headline,
            articles=tuple(ordered),
            sources=tuple(dict.fromkeys(article.source for article in ordered if article.source)),
            quotes=quotes,
            since=published[0] if published else None,
            until=published[-1] if published else None,
            days=(days[0], days[-1]) if days else None,
            continues=cluster.continues,
            rank_explanation=explain_rank(
                articles,
                [lead.text for lead in leads],
                [lead.digest for lead in leads],
                date.fromordinal(int(features.days[indices[-1]])),
                self._last_day,
                self._context.gazetteer,
            ),
        )

    def _lead_passage(self, index: int) -> LeadPassage:
        article, passage = self._features.articles[index], self._first_passage(index)
        spans = [Span(start, end) for start, end in passage.sentences.tolist()]
        sentences = tuple(
            Span(span.start - passage.start, span.end - passage.start) for span in spans
        )
        text = article.text[passage.start : passage.end]
        return LeadPassage(article.source, text, sentences, passage.text_digest)

    def _first_passage(self, index: int) -> CandidatePassage:
        return self._passages[self._features.first_passage_ids[index]]

    def _build_quote(
        self,
        index: int,
        selected: SelectedLead,
        carriers: Mapping[int, Mapping[int, Article]],
        score: float,
    ) -> Quote:
        """Return a quote of the first passage; `score` is the article's mean similarity."""
        article, passage = self._features.articles[index], self._first_passage(index)
        key = int(self._features.keys[index])
        carrying = carriers.get(passage.passage_id, {})
        return Quote(
            text=article.text[passage.start : passage.end],
            start=passage.start,
            end=passage.end,
            highlight=(selected.sentence.start, selected.sentence.end),
            score=round(score, 6),
            article=article,
            also=tuple(
                other_article for other_key, other_article in carrying.items() if other_key != key
            ),
        )


def _extend_backwards(window: DateWindow, zone: ZoneInfo) -> DateWindow:
    """Return the window extended by the `MAX_GAP_DAYS` in which its stories may have begun."""
    if window.since is None:
        return window
    first = to_instant(window.since, zone).astimezone(zone).date()
    return DateWindow(since=first - timedelta(days=MAX_GAP_DAYS), until=window.until)


def _is_published_in(window: DateWindow, article: Article, zone: ZoneInfo) -> bool:
    """Return whether an article was published in a window, as `row_mapping.published_within`.

    An undated article is only in an unbounded window.
    """
    since = to_instant(window.since, zone) if window.since is not None else None
    until = to_instant(window.until, zone, end_of_day=True) if window.until is not None else None
    published = article.published
    if published is None:
        return since is None and until is None
    if isinstance(published, datetime):
        instant = to_instant(published, zone)
        return (since is None or instant >= since) and (until is None or instant <= until)
    return (since is None or published >= since.astimezone(zone).date()) and (
        until is None or published <= until.astimezone(zone).date()
    )
