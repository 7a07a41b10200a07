"""Put the articles about a topic in order of time, with the best quote of each event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from index.answering import EncodedQuestion, answer_with_trace, choose_window
from index.models import DateWindow, Quote, SearchScope
from index.research.name_profile import MAX_ARTICLES, quote_name
from index.research.period_counts import PeriodCounts, count_by_period
from index.search.event_grouping import EVENT_GAP, publication_day
from index.search.quote_selection import SelectedPassage, build_quotes
from index.search.retriever import QueryEmbedding, Retriever
from index.storage.snapshot import Snapshot
from index.text.boilerplate import BoilerplateRules
from index.text.gazetteer import Gazetteer
from index.text.segmentation.sentences import split_sentences
from index.text.spans import Span
from index.text.terms import content_words, stem_variants

ARTICLES_PER_EVENT = 5
"""Maximum number of articles of an event that are read for its best quote."""
MAX_ANSWERING_QUOTES = 40
"""Maximum number of quotes of a topic that no article names in its own words."""


class TopicTimeline(NamedTuple):
    """A part of the events of a topic, the oldest first, and all its articles by period."""

    topic: str
    window: DateWindow | None
    """The time that the topic names, if any."""
    quotes: tuple[Quote, ...]
    """The best quote of each event of this part."""
    event_count: int
    """The number of all events."""
    days: tuple[date, ...]
    """The days of publication of all articles about the topic, in order."""
    names_topic: bool = True
    """Whether the articles name the topic in its own words; otherwise they only may be about it."""

    @property
    def periods(self) -> PeriodCounts:
        """The number of articles about the topic in each period."""
        return count_by_period(Counter(self.days))


def find_topic_timeline(
    retriever: Retriever,
    encoded: EncodedQuestion,
    boilerplate: BoilerplateRules,
    first_event: int,
    limit: int,
) -> TopicTimeline:
    """Return `limit` events of a topic from the one at `first_event` on.

    A topic that no article names in its own words, such as one in another language, has the quotes
    that answer it as a question. Raises `EmbeddingModelMismatch`.
    """
    embedding, gazetteer = encoded.embedding, retriever.gazetteer
    person = gazetteer.find_entry_spelled(embedding.text)
    if person is not None and gazetteer.kind(person) != "person":
        person = None
    with retriever.snapshot() as snapshot:
        window = choose_window(None, encoded.timed_question, snapshot)
        scope = SearchScope(window, encoded.sources)
        dated_keys = retriever.find_articles_about(snapshot, embedding, scope)
        keys = [] if person is None else [key for key, _ in dated_keys[-MAX_ARTICLES:]]
        articles = snapshot.articles(keys)
    if person is not None:  # without the snapshot, for which questions wait
        found = [
            (day, quote)
            for key, day in dated_keys
            if key in articles
            and (quote := quote_name(articles[key], person, gazetteer, boilerplate))
        ]
        return _build_timeline(embedding.text, window, found, first_event, limit)
    days = [day for _, day in dated_keys]
    events = group_events(days)
    if not events:
        found = _find_answering_quotes(retriever, encoded, window)
        timeline = _build_timeline(embedding.text, window, found, first_event, limit)
        return timeline._replace(names_topic=False)
    keys_by_event = [
        [dated_keys[index][0] for index in event]
        for event in events[first_event : first_event + limit]
    ]
    with retriever.snapshot() as snapshot:
        quotes = _quote_events(retriever, snapshot, embedding, keys_by_event)
    highlighted = tuple(highlight_topic(quote, embedding.text, gazetteer) for quote in quotes)
    return TopicTimeline(embedding.text, window, highlighted, len(events), tuple(days))


def group_events(days: Sequence[date]) -> list[list[int]]:
    """Return the indices of the articles of each event, given their days, the oldest first.

    An event lasts at most `EVENT_GAP`, from the first article that tells it.
    """
    events: list[list[int]] = []
    for index, day in enumerate(days):
        if not events or day - days[events[-1][0]] > EVENT_GAP:
            events.append([])
        events[-1].append(index)
    return events


def highlight_topic(quote: Quote, topic: str, gazetteer: Gazetteer) -> Quote:
    """Return a quote with its first sentence about the topic as the best one.

    The best sentence stays if it names the topic itself, or if no sentence does.
    """
    sentences = [Span(*quote.highlight), *split_sentences(quote.text)]
    best = next(
        (span for span in sentences if _names_topic(span.slice(quote.text), topic, gazetteer)),
        sentences[0],
    )
    return quote.model_copy(update={"highlight": (best.start, best.end)})


def _names_topic(sentence: str, topic: str, gazetteer: Gazetteer) -> bool:
    """Return whether a sentence has the known names of a topic, and all its other words."""
    mentions = gazetteer.find_mentions(topic)
    names = {mention.entry_index for mention in mentions}
    name_words = {word for mention in mentions for word in mention.words}
    stems = {stem for word in content_words(sentence) for stem in stem_variants(word)}
    return names <= set(gazetteer.find_entry_indices(sentence)) and all(
        not stems.isdisjoint(stem_variants(word))
        for word in content_words(topic)
        if word not in name_words
    )


def _quote_events(
    retriever: Retriever,
    snapshot: Snapshot,
    embedding: QueryEmbedding,
    events: Sequence[Sequence[int]],
) -> tuple[Quote, ...]:
    """Return the best quote of each event, given the keys of its articles."""
    keys = [key for event in events for key in event[:ARTICLES_PER_EVENT]]
    if not keys:
        return ()
    result = retriever.rank_articles(snapshot, embedding, keys)
    scored_by_article = {scored.article_key: scored for scored in result.ranked}
    selection = []
    for event in events:
        candidates = [scored_by_article[key] for key in event if key in scored_by_article]
        if candidates:
            best = max(candidates, key=lambda scored: scored.score)
            selection.append(SelectedPassage(best, result.candidates[best.passage_id]))
    return build_quotes(snapshot, selection)


def _find_answering_quotes(
    retriever: Retriever, encoded: EncodedQuestion, window: DateWindow | None
) -> list[tuple[date, Quote]]:
    """Return the best quote of each dated article that answers a topic as a question, by day."""
    answer = answer_with_trace(retriever, encoded, MAX_ANSWERING_QUOTES, window).answer
    by_article: dict[str, tuple[date, Quote]] = {}
    for quote in sorted(answer.quotes, key=lambda quote: quote.score, reverse=True):
        if day := publication_day(quote):
            by_article.setdefault(quote.article.id, (day, quote))
    return sorted(by_article.values(), key=lambda pair: pair[0])


def _build_timeline(
    topic: str,
    window: DateWindow | None,
    found: Sequence[tuple[date, Quote]],
    first_event: int,
    limit: int,
) -> TopicTimeline:
    """Return a part of the timeline of quotes, one an article, given with their days in order."""
    days = [day for day, _ in found]
    events = group_events(days)
    quotes = tuple(
        max((found[index][1] for index in event), key=lambda quote: quote.score)
        for event in events[first_event : first_event + limit]
    )
    return TopicTimeline(topic, window, quotes, len(events), tuple(days))
