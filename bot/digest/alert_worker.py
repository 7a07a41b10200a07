"""Watching: what comes into the archive is looked at once, and whoever watches for it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.digest.alert_policy import SAME_STORY, STILL_NEWS, alerts
from bot.digest.edition_planner import PUBLISHED
from bot.digest.store.watches import Watch, WatchStore
from bot.telegram.chats import ChatPreferences
from index.answering import EncodedQuestion
from index.archive import Archive
from index.clock import Clock
from index.models import Article, ChangeRange, to_instant
from index.questions import InvalidQuestion
from index.storage.records import ArticleArrival
from index.thread_priority import lower_thread_priority

BATCH_SIZE = 20
"""Articles that are looked at together."""
IN_A_SUMMARY = 30
"""Alerts of which a summary tells."""
LOOK_AGAIN_SECONDS = 10.0
_Result = TypeVar("_Result")


class AlertWorker:
    """Looks at what comes, and plans alerts and summaries."""

    def __init__(
        self,
        alerts: WatchStore,
        people: ChatPreferences,
        archive: Archive,
        zone: ZoneInfo,
        clock: Clock,
        planned: Callable[[], None],
        *,
        summary_hour: int,
        look_again: float = LOOK_AGAIN_SECONDS,
    ) -> None:
        """`planned` is called when there is something to deliver.

        `summary_hour` is that of a chat's day; `zone` is of those that have chosen none.
        """
        self._alerts = alerts
        self._people = people
        self._archive = archive
        self._zone = zone
        self._clock = clock
        self._planned = planned
        self._summary_hour = summary_hour
        self._look_again = look_again
        self._summed: set[tuple[int, str]] = set()
        """The chats and days that have had their summary: what comes later waits for the next."""
        self._understood: dict[str, EncodedQuestion] = {}
        self._lane = ThreadPoolExecutor(1, "watching", initializer=lower_thread_priority)

    def close(self) -> None:
        """Begin nothing more."""
        self._lane.shutdown(cancel_futures=True)

    async def run(self) -> None:
        """Watch for ever."""
        while True:
            looked_at = await self.process_arrivals()
            await self.plan_summaries()
            if looked_at < BATCH_SIZE:
                await asyncio.sleep(self._look_again)

    async def process_arrivals(self) -> int:
        """Look at the articles that came next; return how many they were."""
        after = await self._alerts.cursor()
        if after is None:  # what was there before anybody could watch is no news
            newest = await self._do(self._archive.last_change)
            await self._alerts.enter([], newest)
            return 0
        came = await self._do(lambda: self._archive.arrivals(after=after, limit=BATCH_SIZE))
        if not came:
            return 0
        watched = [
            each._replace(language=self._people.language(each.chat) or each.language)
            for each in await self._alerts.all()
        ]
        now = self._clock()
        news = [each.article for each in came if self._is_news(each, now)]
        found = await self._do(lambda: self._found(watched, news)) if watched and news else []
        made = []
        if found:
            chats = {watch.chat for watch, _ in found}
            told = await self._alerts.alerted(chats, now - SAME_STORY)
            zones = await self._alerts.zones(chats, self._zone)
            numbers = {number for _, number in found}
            story = await self._do(lambda: self._stories(numbers, now))
            made = alerts(found, told, story, zones, now)
        await self._alerts.enter(made, came[-1].seq)
        if made:
            self._planned()
        return len(came)

    async def plan_summaries(self) -> None:
        """Plan the summaries of those for whose day it is time."""
        waiting = await self._alerts.gathered()
        if not waiting:
            return
        zones = await self._alerts.zones(waiting, self._zone)
        now = self._clock()
        local = {chat: now.astimezone(zone) for chat, zone in zones.items()}
        days = {
            chat: there.date().isoformat()
            for chat, there in local.items()
            if there.hour >= self._summary_hour
        }
        self._summed &= set(days.items())
        days = {chat: day for chat, day in days.items() if (chat, day) not in self._summed}
        if days and await self._alerts.sum_up(days, now + STILL_NEWS, IN_A_SUMMARY):
            self._planned()
        self._summed |= set(days.items())

    def _is_news(self, came: ArticleArrival, now: datetime) -> bool:
        if came.quiet:
            return False
        published = came.article.published
        if published is None:
            return True
        return to_instant(published, self._zone, end_of_day=True) >= now - PUBLISHED

    def _found(self, watched: Sequence[Watch], news: Sequence[Article]) -> list[tuple[Watch, int]]:
        """Return which articles are about what is watched, in the order in which they came."""
        asked = self._asked(watched)
        matched = dict(
            zip(
                asked,
                self._archive.match_standing_queries([*asked.values()], [each.id for each in news]),
                strict=True,
            )
        )
        return [
            (watch, article.number)
            for article in news
            for watch in watched
            if article.id in matched.get(watch.said, {})
        ]

    def _asked(self, watched: Sequence[Watch]) -> dict[str, EncodedQuestion]:
        """Understand what is watched: each thing once, for as long as it is."""
        known = self._understood
        self._understood = {}
        for said in dict.fromkeys(watch.said for watch in watched):
            with suppress(InvalidQuestion):
                self._understood[said] = known.get(said) or self._archive.understand(said)
        return self._understood

    def _stories(self, numbers: Collection[int], now: datetime) -> dict[int, frozenset[int]]:
        """Return the numbers of the articles of the stories that these articles are of."""
        after = self._archive.change_before(now - SAME_STORY)
        since = (now - SAME_STORY - PUBLISHED).astimezone(self._zone).date()
        came = ChangeRange(after, self._archive.last_change(), since)
        found: dict[int, frozenset[int]] = {}
        for story in self._archive.stories_in_change_range(came):
            together = frozenset(each.number for each in story.articles)
            found |= dict.fromkeys(together & set(numbers), together)
        return found

    async def _do(self, work: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._lane, work)
