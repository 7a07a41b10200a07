"""Match each new article once against the watched topics, and plan alerts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import datetime

from bot.digest.alert_policy import MAX_ALERT_DELAY, SAME_STORY_PERIOD, plan_alerts
from bot.digest.edition_planner import MAX_PUBLICATION_AGE
from bot.digest.options import PlanningOptions
from bot.digest.store.watches import Watch, WatchStore
from bot.runtime.executors import Worker
from bot.telegram.chats import ChatPreferences
from index.answering import EncodedQuestion
from index.archive import Archive
from index.clock import LocalTime
from index.models import Article, ChangeRange, to_instant
from index.questions import InvalidQuestion
from index.storage.records import ArticleArrival

BATCH_SIZE = 20
"""Articles per batch."""
MAX_SUMMARY_ALERTS = 30
"""Alerts listed in one summary."""
POLL_INTERVAL_SECONDS = 10.0


class AlertWorker:
    """Processes new articles, and plans alerts and summaries."""

    def __init__(
        self,
        watches: WatchStore,
        preferences: ChatPreferences,
        archive: Archive,
        local_time: LocalTime,
        worker: Worker,
        on_work_planned: Callable[[], None],
        options: PlanningOptions,
    ) -> None:
        """Initialise the worker.

        `on_work_planned` is called when there is something to deliver. `options.hour` is the local
        hour of a chat's daily summary; the zone of `local_time` applies to chats that chose none.
        """
        self._watches = watches
        self._preferences = preferences
        self._archive = archive
        self._clock, self._zone = local_time
        self._on_work_planned = on_work_planned
        self._summary_hour, self._poll_interval = options.hour, options.poll_interval
        self._summarized_days: set[tuple[int, str]] = set()
        """Chats and days whose summary is planned: later alerts wait for the next day's summary."""
        self._encoded_topics: dict[str, EncodedQuestion] = {}
        self._worker = worker

    def forget(self, chat_id: int) -> None:
        """Drop what is remembered of a chat."""
        self._summarized_days = {day for day in self._summarized_days if day[0] != chat_id}

    async def run(self) -> None:
        """Process articles and plan summaries until cancelled."""
        while True:
            arrival_count = await self.process_arrivals()
            await self.plan_summaries()
            if arrival_count < BATCH_SIZE:
                await asyncio.sleep(self._poll_interval)

    async def process_arrivals(self) -> int:
        """Process the next batch of new articles; return its size."""
        after_seq = await self._watches.read_cursor()
        if after_seq is None:  # articles from before the first run are no news
            last_seq = await self._worker.run(self._archive.last_change)
            await self._watches.record_alerts([], last_seq)
            return 0
        arrivals = await self._worker.run(
            lambda: self._archive.arrivals(after=after_seq, limit=BATCH_SIZE)
        )
        if not arrivals:
            return 0
        watches = [
            watch._replace(language=self._preferences.get_lang(watch.chat_id) or watch.language)
            for watch in await self._watches.list_all()
        ]
        now = self._clock()
        news_articles = [arrival.article for arrival in arrivals if self._is_news(arrival, now)]
        matches = (
            await self._worker.run(lambda: self._find_matches(watches, news_articles))
            if watches and news_articles
            else []
        )
        planned_alerts = []
        if matches:
            chat_ids = {watch.chat_id for watch, _ in matches}
            past_alerts = await self._watches.alerts_since(chat_ids, now - SAME_STORY_PERIOD)
            zones = await self._watches.load_zones(chat_ids, self._zone)
            article_numbers = {number for _, number in matches}
            story_articles = await self._worker.run(
                lambda: self._find_story_articles(article_numbers, now)
            )
            planned_alerts = plan_alerts(matches, past_alerts, story_articles, zones, now)
        await self._watches.record_alerts(planned_alerts, arrivals[-1].seq)
        if planned_alerts:
            self._on_work_planned()
        return len(arrivals)

    async def plan_summaries(self) -> None:
        """Plan the summaries of chats whose summary hour has passed."""
        chat_ids = await self._watches.chats_with_deferred()
        if not chat_ids:
            return
        zones = await self._watches.load_zones(chat_ids, self._zone)
        now = self._clock()
        local_times = {chat_id: now.astimezone(zone) for chat_id, zone in zones.items()}
        days = {
            chat_id: local_time.date().isoformat()
            for chat_id, local_time in local_times.items()
            if local_time.hour >= self._summary_hour
        }
        self._summarized_days &= set(days.items())
        days = {
            chat_id: day
            for chat_id, day in days.items()
            if (chat_id, day) not in self._summarized_days
        }
        if days and await self._watches.plan_summaries(
            days, now + MAX_ALERT_DELAY, MAX_SUMMARY_ALERTS
        ):
            self._on_work_planned()
        self._summarized_days |= set(days.items())

    def _is_news(self, arrival: ArticleArrival, now: datetime) -> bool:
        if arrival.suppress_alerts:
            return False
        published = arrival.article.published
        if published is None:
            return True
        return to_instant(published, self._zone, end_of_day=True) >= now - MAX_PUBLICATION_AGE

    def _find_matches(
        self, watches: Sequence[Watch], articles: Sequence[Article]
    ) -> list[tuple[Watch, int]]:
        """Return pairs of a watch and the number of an article about it, ordered by article."""
        encoded_topics = self._encode_topics(watches)
        matches_by_topic = dict(
            zip(
                encoded_topics,
                self._archive.match_standing_queries(
                    [*encoded_topics.values()], [article.id for article in articles]
                ),
                strict=True,
            )
        )
        return [
            (watch, article.number)
            for article in articles
            for watch in watches
            if article.id in matches_by_topic.get(watch.topic, {})
        ]

    def _encode_topics(self, watches: Sequence[Watch]) -> dict[str, EncodedQuestion]:
        """Return the encoded topics of the watches; cache them as long as they are watched."""
        previous = self._encoded_topics
        self._encoded_topics = {}
        for topic in dict.fromkeys(watch.topic for watch in watches):
            with suppress(InvalidQuestion):
                self._encoded_topics[topic] = previous.get(topic) or self._archive.encode_question(
                    topic, literal=True
                )
        return self._encoded_topics

    def _find_story_articles(
        self, article_numbers: Collection[int], now: datetime
    ) -> dict[int, frozenset[int]]:
        """Map each article that is in a story to the numbers of all articles of that story."""
        after_seq = self._archive.last_change_before(now - SAME_STORY_PERIOD)
        since = (now - SAME_STORY_PERIOD - MAX_PUBLICATION_AGE).astimezone(self._zone).date()
        change_range = ChangeRange(after_seq, self._archive.last_change(), since)
        stories_by_article: dict[int, frozenset[int]] = {}
        for story in self._archive.stories_in_change_range(change_range):
            story_numbers = frozenset(article.number for article in story.articles)
            stories_by_article |= dict.fromkeys(story_numbers & set(article_numbers), story_numbers)
        return stories_by_article
