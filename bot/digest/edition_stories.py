"""Find and cache the stories of editions, on executors of their own."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from datetime import date, timedelta
from functools import lru_cache, partial
from threading import Lock
from typing import NamedTuple, TypeVar

from bot.digest.payloads import EditionPayload
from bot.i18n.languages import UiLanguage
from bot.runtime.executors import Executors
from index.answering import EncodedQuestion
from index.archive import Archive
from index.models import ChangeRange, DateWindow
from index.questions import InvalidQuestion
from index.stories.models import Story

_CACHE_SIZE = 48
"""Cached editions; readers wait for an edition only once as long as its articles do not change."""
_TOPIC_CACHE_SIZE = 5_000
_Result = TypeVar("_Result")
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class DateRange(NamedTuple):
    """The days of a requested edition; both ends inclusive."""

    since: date
    until: date

    @property
    def window(self) -> DateWindow:
        """The days as a window of publication dates."""
        return DateWindow(since=self.since, until=self.until)


class _CachedStories(NamedTuple):
    stories: list[Story]
    seq: int
    """The archive's change up to which these stories are known to be current."""


class EditionStories:
    """Finds and caches the stories of editions."""

    def __init__(self, archive: Archive, executors: Executors) -> None:
        self._archive = archive
        self._executors = executors
        self._cache_lock = Lock()
        self._stories_in_range = lru_cache(_CACHE_SIZE)(self._find_stories)
        self._edition_cache: OrderedDict[tuple[ChangeRange, UiLanguage], _CachedStories] = (
            OrderedDict()
        )
        self._topic_cache: OrderedDict[Hashable, tuple[list[Story], list[Story]]] = OrderedDict()
        """All stories of an edition, and those that its topics select."""
        self.encode_topic = lru_cache(_TOPIC_CACHE_SIZE)(
            partial(archive.encode_question, literal=True)
        )
        """Encodes a topic, with a cache. Raises `InvalidQuestion`."""

    async def run_interactive(self, work: Callable[[], _Result]) -> _Result:
        """Run work for which a reader waits."""
        return await self._executors.editions.run(work)

    async def run_in_background(self, work: Callable[[], _Result]) -> _Result:
        """Run work for which no reader waits."""
        return await self._executors.planning.run(work)

    def stories_in_range(self, date_range: DateRange, lang: UiLanguage) -> list[Story]:
        """Return the stories of a range of days in the current archive."""
        newest_log = self._archive.read_log(limit=1)
        return self._stories_in_range(date_range, lang, newest_log[0].number if newest_log else 0)

    def newest_stories(self, lang: UiLanguage) -> list[Story]:
        """Return the stories of the archive's last day with articles and the day before it."""
        last_day = self._archive.stats().until
        if last_day is None:
            return []
        return self.stories_in_range(DateRange(last_day - timedelta(days=1), last_day), lang)

    def stories_for_edition(self, edition: EditionPayload) -> list[Story]:
        """Return all stories of an edition; its first message shows the first of them.

        The stories of a range of changes are computed once per language, and again when one of
        their articles is changed or removed; the topics of the edition then filter them.
        """
        stories = self._load_stories(edition.change_range, edition.language)
        if not (edition.include or edition.exclude):
            return stories
        cache_key = edition.change_range, edition.language, edition.include, edition.exclude
        with self._cache_lock:
            cached = self._topic_cache.get(cache_key)
        if cached is None or cached[0] is not stories:
            cached = stories, self._filter_by_topics(edition, stories)
            with self._cache_lock:
                _put_in_cache(self._topic_cache, cache_key, cached, _TOPIC_CACHE_SIZE)
        return cached[1]

    def _load_stories(self, change_range: ChangeRange, lang: UiLanguage) -> list[Story]:
        with self._cache_lock:
            cached = self._edition_cache.get((change_range, lang))
        seq = self._archive.last_change()
        if cached and cached.seq != seq:
            changed_numbers = self._archive.changed_articles_since(cached.seq)
            article_numbers = {
                article.number for story in cached.stories for article in story.articles
            }
            cached = None if changed_numbers & article_numbers else cached._replace(seq=seq)
        if cached is None:
            cached = _CachedStories(
                self._archive.stories_in_change_range(change_range, language=lang), seq
            )
        with self._cache_lock:
            _put_in_cache(self._edition_cache, (change_range, lang), cached, _CACHE_SIZE)
        return cached.stories

    def _find_stories(
        self, date_range: DateRange, lang: UiLanguage, _log_number: int
    ) -> list[Story]:
        """Find the stories; `_log_number`, the newest log entry, only serves as a cache key."""
        return self._archive.stories(date_range.window, language=lang)

    def _filter_by_topics(self, edition: EditionPayload, stories: Sequence[Story]) -> list[Story]:
        """Return the stories that match an included topic, if any is given, and no excluded one."""
        ids_by_topic = self._match_topics([*edition.include, *edition.exclude], stories)
        included = ids_by_topic[: len(edition.include)]
        excluded = ids_by_topic[len(edition.include) :]
        return [
            story
            for story in stories
            if (
                not included
                or any(_has_any_article(story, article_ids) for article_ids in included)
            )
            and not any(_has_any_article(story, article_ids) for article_ids in excluded)
        ]

    def _match_topics(
        self, topics: Sequence[str], stories: Sequence[Story]
    ) -> list[frozenset[str]]:
        """Return the ids of the articles that match each topic; none for an invalid topic."""
        encoded_topics: list[EncodedQuestion | None] = []
        for topic in topics:
            try:
                encoded_topics.append(self.encode_topic(topic))
            except InvalidQuestion:
                encoded_topics.append(None)
        article_ids = [article.id for story in stories for article in story.articles]
        valid_topics = [encoded for encoded in encoded_topics if encoded]
        matches = iter(self._archive.match_standing_queries(valid_topics, article_ids))
        return [frozenset(next(matches)) if encoded else frozenset() for encoded in encoded_topics]


def _put_in_cache(
    cache: OrderedDict[_Key, _Value], key: _Key, value: _Value, max_size: int
) -> None:
    """Add an entry to an LRU cache, and evict the oldest one if it is full."""
    cache[key] = value
    cache.move_to_end(key)
    if len(cache) > max_size:
        cache.popitem(last=False)


def _has_any_article(story: Story, article_ids: frozenset[str]) -> bool:
    return any(article.id in article_ids for article in story.articles)
