"""The stories of editions, found on a thread of their own and kept."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import lru_cache
from threading import Lock
from typing import NamedTuple, TypeVar

from bot.digest.payloads import EditionPayload
from bot.i18n.catalogue import UiLanguage
from index.answering import EncodedQuestion
from index.archive import Archive
from index.models import ChangeRange, DateWindow
from index.questions import InvalidQuestion
from index.stories.models import Story
from index.thread_priority import lower_thread_priority

_CACHE_SIZE = 48
"""So many editions are kept: nobody waits for one twice, as long as nothing of it changes."""
_KEPT_TOPICS = 5_000
_Result = TypeVar("_Result")
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class DateRange(NamedTuple):
    """The days of an edition that somebody asks for, both in it."""

    since: date
    until: date

    @property
    def window(self) -> DateWindow:
        """The days, as a window on what was published."""
        return DateWindow(since=self.since, until=self.until)


class _CachedStories(NamedTuple):
    stories: list[Story]
    seq: int
    """The change up to which nothing of them had changed."""


class EditionStories:
    """Finds the stories of editions."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._lane = ThreadPoolExecutor(1, "editions")
        self._background = ThreadPoolExecutor(1, "briefing", initializer=lower_thread_priority)
        self._keeping = Lock()
        self._of_days = lru_cache(_CACHE_SIZE)(self._found)
        self._of_news: OrderedDict[tuple[ChangeRange, UiLanguage], _CachedStories] = OrderedDict()
        self._of_topics: OrderedDict[Hashable, tuple[list[Story], list[Story]]] = OrderedDict()
        """The stories that were chosen from, and those that were."""
        self.understood = lru_cache(_KEPT_TOPICS)(archive.understand)
        """Understands a topic, once. Raises `InvalidQuestion`."""

    def close(self) -> None:
        """Begin nothing more."""
        for each in (self._lane, self._background):
            each.shutdown(cancel_futures=True)

    async def do(self, work: Callable[[], _Result]) -> _Result:
        """Do what takes stories, and somebody waits for."""
        return await asyncio.get_running_loop().run_in_executor(self._lane, work)

    async def prepare(self, work: Callable[[], _Result]) -> _Result:
        """Do what takes stories, and nobody waits for."""
        return await asyncio.get_running_loop().run_in_executor(self._background, work)

    def of_days(self, days: DateRange, lang: UiLanguage) -> list[Story]:
        """Return the stories of days, as the archive has them now."""
        newest = self._archive.log(limit=1)
        return self._of_days(days, lang, newest[0].number if newest else 0)

    def of_news(self, of: EditionPayload) -> list[Story]:
        """Return the stories of an edition: all of them, the first ones being what it shows.

        They are found once for a language, and again where an article of theirs was changed or
        removed; topics choose among them.
        """
        found = self._current(of.news, of.language)
        if not (of.include or of.exclude):
            return found
        key = of.news, of.language, of.include, of.exclude
        with self._keeping:
            kept = self._of_topics.get(key)
        if kept is None or kept[0] is not found:
            kept = found, self._chosen(of, found)
            with self._keeping:
                _keep(self._of_topics, key, kept, _KEPT_TOPICS)
        return kept[1]

    def _current(self, news: ChangeRange, lang: UiLanguage) -> list[Story]:
        with self._keeping:
            kept = self._of_news.get((news, lang))
        seq = self._archive.last_change()
        if kept and kept.seq != seq:
            changed = self._archive.changed_since(kept.seq)
            numbers = {each.number for story in kept.stories for each in story.articles}
            kept = None if changed & numbers else kept._replace(seq=seq)
        if kept is None:
            kept = _CachedStories(self._archive.stories_in_change_range(news, language=lang), seq)
        with self._keeping:
            _keep(self._of_news, (news, lang), kept, _CACHE_SIZE)
        return kept.stories

    def _found(self, days: DateRange, lang: UiLanguage, _newest: int) -> list[Story]:
        """Find the stories as of the newest line of the log."""
        return self._archive.stories(days.window, language=lang)

    def _chosen(self, of: EditionPayload, found: Sequence[Story]) -> list[Story]:
        """Leave out what is not to be told."""
        about = self._about([*of.include, *of.exclude], found)
        included, excluded = about[: len(of.include)], about[len(of.include) :]
        return [
            story
            for story in found
            if (not included or any(_is_of(story, each) for each in included))
            and not any(_is_of(story, each) for each in excluded)
        ]

    def _about(self, topics: Sequence[str], found: Sequence[Story]) -> list[frozenset[str]]:
        """Return the ids of the articles that each topic is about."""
        understood: list[EncodedQuestion | None] = []
        for topic in topics:
            try:
                understood.append(self.understood(topic))
            except InvalidQuestion:
                understood.append(None)
        ids = [article.id for story in found for article in story.articles]
        asked = [each for each in understood if each]
        matched = iter(self._archive.match_standing_queries(asked, ids))
        return [frozenset(next(matched)) if each else frozenset() for each in understood]


def _keep(where: OrderedDict[_Key, _Value], key: _Key, value: _Value, most: int) -> None:
    """Keep something, and what was used last beside it."""
    where[key] = value
    where.move_to_end(key)
    if len(where) > most:
        where.popitem(last=False)


def _is_of(story: Story, ids: frozenset[str]) -> bool:
    return any(article.id in ids for article in story.articles)
