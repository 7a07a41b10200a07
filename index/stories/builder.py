"""The stories of a window, or of what came: read, grouped, told and put in order."""

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
from index.stories.features import ArticleFeatures, reports_of
from index.stories.linkage import average_linkage
from index.stories.models import Story
from index.stories.quote_selection import LeadPassage, SelectedLead, pick_medoid, select_quotes
from index.stories.ranking import explain_rank
from index.stories.similarity import MAX_GAP_DAYS, ScoredPairs, likely_pairs, rule_of
from index.text.gazetteer import Gazetteer
from index.text.spans import Span


class ClusteringContext(NamedTuple):
    """What stories are made with."""

    store: ArticleStore
    calibration: Calibration
    names: Gazetteer
    zone: ZoneInfo

    @classmethod
    def of(cls, store: ArticleStore, embedder: Embedder, names: Gazetteer, zone: ZoneInfo) -> Self:
        """Return them for the vectors of a model."""
        calibration = Calibration.of_model(embedder.fingerprint, embedder.dimension)
        return cls(store, calibration, names, zone)


class Cluster(NamedTuple):
    """The articles of one story that were published in the window, the earliest first."""

    places: list[int]
    """Where they stand in the reports."""
    central: list[float]
    """How much each is like the others."""
    continues: bool


def stories(of: ClusteringContext, window: DateWindow, language: str | None = None) -> list[Story]:
    """Return the stories of what was published in a window, the one to be told first first.

    `language` is the reader's: among equals what stands for a story is in it. What was published
    shortly before the window is read as well: a story that was told there goes on.
    """
    read = of.store.reported(_with_before(window, of.zone), of.calibration.fingerprint)
    reports = reports_of(read, of.calibration, of.zone)
    inside = [_published_in(window, each, of.zone) for each in reports.articles]
    return _told(of, reports, inside, language)


def news(of: ClusteringContext, came: ChangeRange, language: str | None = None) -> list[Story]:
    """Return the stories of what came between two changes, as `stories` does of a window.

    A story goes on where something of it had come before.
    """
    published = DateWindow(since=came.since)
    before = _with_before(published, of.zone)
    read, fresh = of.store.reported_news(came, before, of.calibration.fingerprint)
    reports = reports_of(read, of.calibration, of.zone)
    inside = [
        int(key) in fresh and (each.published is None or _published_in(published, each, of.zone))
        for key, each in zip(reports.keys, reports.articles, strict=True)
    ]
    return _told(of, reports, inside, language)


def _told(
    of: ClusteringContext, reports: ArticleFeatures, inside: Sequence[bool], language: str | None
) -> list[Story]:
    """Tell the groups of reports that have something inside, of what is inside."""
    groups = _groups(reports, inside, of)
    firsts = [reports.firsts[place] for group in groups for place in group.places]
    last = max((reports.days[group.places].max() for group in groups), default=0)
    with of.store.moment() as moment:
        passages = moment.candidates(of.calibration.fingerprint, firsts)
        telling = _StoryBuilder(
            of, reports, passages, date.fromordinal(max(int(last), 1)), language
        )
        found = [telling.story(moment, group) for group in groups]
    told = [each for each in found if each]
    return sorted(told, key=lambda each: (each.why.score, each.why.newest), reverse=True)


def _groups(
    reports: ArticleFeatures, inside: Sequence[bool], of: ClusteringContext
) -> list[Cluster]:
    rule = rule_of(of.calibration.fingerprint)
    count = len(reports.keys)
    pairs = likely_pairs(reports, rule)
    likely = _matrix(pairs, count)
    found = []
    for group in average_linkage(count, pairs, rule.joined):
        places = [place for place in group if inside[place]]
        if places:
            central = likely[places][:, places].sum(axis=1).ravel().tolist()
            found.append(Cluster(places, central, continues=len(group) > len(places)))
    return found


def _matrix(pairs: ScoredPairs, count: int) -> sp.csr_array:
    half = sp.coo_array((pairs.likely, (pairs.one, pairs.other)), (count, count)).tocsr()
    return sp.csr_array(half + half.T)


class _StoryBuilder:
    """Tells groups as stories."""

    def __init__(
        self,
        of: ClusteringContext,
        reports: ArticleFeatures,
        passages: Mapping[int, CandidatePassage],
        last: date,
        language: str | None,
    ) -> None:
        self._of = of
        self._reports = reports
        self._passages = passages
        self._last = last
        self._own = language_rows([language])[0] if language else None

    def story(self, moment: Snapshot, group: Cluster) -> Story | None:
        """Return a group's story; None where all of its articles have gone meanwhile."""
        reports = self._reports
        there = [
            (place, central)
            for place, central in zip(group.places, group.central, strict=True)
            if reports.firsts[place] in self._passages
        ]
        if not there:
            return None
        places, central = [place for place, _ in there], [each for _, each in there]
        articles = [reports.articles[place] for place in places]
        leads = [self._lead(place) for place in places]
        own = [reports.languages[place] == self._own for place in places]
        first = pick_medoid(central, own)
        near = sorted(range(len(places)), key=lambda each: (not own[each], -central[each]))
        quoted = select_quotes(leads, first, near)
        carriers = moment.carriers(reports.firsts[places[each.place]] for each in quoted)
        quotes = tuple(
            self._quote(places[each.place], each, carriers, central[each.place] / len(places))
            for each in quoted
        )
        others = sorted(set(range(len(places))) - {first}, reverse=True)
        ordered = [articles[first], *(articles[each] for each in others)]
        dated = [each.published for each in articles if each.published is not None]
        days = [
            date.fromordinal(int(reports.days[place]))
            for place, each in zip(places, articles, strict=True)
            if each.published is not None
        ]
        return Story(
            headline=articles[first].headline,
            articles=tuple(ordered),
            sources=tuple(dict.fromkeys(each.source for each in ordered if each.source)),
            quotes=quotes,
            since=dated[0] if dated else None,
            until=dated[-1] if dated else None,
            days=(days[0], days[-1]) if days else None,
            continues=group.continues,
            why=explain_rank(
                articles,
                [lead.text for lead in leads],
                [lead.digest for lead in leads],
                date.fromordinal(int(reports.days[places[-1]])),
                self._last,
                self._of.names,
            ),
        )

    def _lead(self, place: int) -> LeadPassage:
        article, passage = self._reports.articles[place], self._passage(place)
        spans = [Span(start, end) for start, end in passage.sentences.tolist()]
        inside = tuple(Span(each.start - passage.start, each.end - passage.start) for each in spans)
        text = article.text[passage.start : passage.end]
        return LeadPassage(article.source, text, inside, passage.words)

    def _passage(self, place: int) -> CandidatePassage:
        return self._passages[self._reports.firsts[place]]

    def _quote(
        self,
        place: int,
        of: SelectedLead,
        carriers: Mapping[int, Mapping[int, Article]],
        score: float,
    ) -> Quote:
        """Quote a passage; its score is how much its article is like the others, on average."""
        article, passage = self._reports.articles[place], self._passage(place)
        key = int(self._reports.keys[place])
        others = carriers.get(passage.passage_id, {})
        return Quote(
            text=article.text[passage.start : passage.end],
            start=passage.start,
            end=passage.end,
            highlight=(of.sentence.start, of.sentence.end),
            score=round(score, 6),
            article=article,
            also=tuple(each for other, each in others.items() if other != key),
        )


def _with_before(window: DateWindow, zone: ZoneInfo) -> DateWindow:
    """Return a window with the days before it in which a story of it may have begun."""
    if window.since is None:
        return window
    first = to_instant(window.since, zone).astimezone(zone).date()
    return DateWindow(since=first - timedelta(days=MAX_GAP_DAYS), until=window.until)


def _published_in(window: DateWindow, of: Article, zone: ZoneInfo) -> bool:
    """Say whether an article was published in a window, as the database tells it."""
    since = to_instant(window.since, zone) if window.since is not None else None
    until = to_instant(window.until, zone, end_of_day=True) if window.until is not None else None
    published = of.published
    if published is None:
        return since is None and until is None
    if isinstance(published, datetime):
        at = to_instant(published, zone)
        return (since is None or at >= since) and (until is None or at <= until)
    return (since is None or published >= since.astimezone(zone).date()) and (
        until is None or published <= until.astimezone(zone).date()
    )
