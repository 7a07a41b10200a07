"""Editions: /digest tells a day's news, or the last two days', as stories."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import lru_cache
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from bot.reader.taps import LONGEST_EDITION, EditionWish
from bot.screens import edition as screens
from bot.screens.answer import held
from bot.telegram.reply import Reply, say
from bot.words import WORDS, Tongue
from index.archive import Archive
from index.article import Window, instant, moment
from index.clock import Clock
from index.stories.story import Story
from index.text.date_reading import read_date

NOW = "now"
_KEPT = 24
"""So many editions are kept: as long as the archive does not change, nobody waits for one twice."""
_Result = TypeVar("_Result")


class Days(NamedTuple):
    """The days of an edition, both in it."""

    since: date
    until: date

    @property
    def window(self) -> Window:
        """The days, as a window on what was published."""
        return Window(since=self.since, until=self.until)


class Editions:
    """Tells editions, on a thread of their own: questions do not wait for them."""

    def __init__(self, archive: Archive, zone: ZoneInfo, clock: Clock) -> None:
        self._archive = archive
        self._zone = zone
        self._clock = clock
        self._lane = ThreadPoolExecutor(1, "editions")
        self._kept = lru_cache(_KEPT)(self._found)

    def close(self) -> None:
        """Begin nothing more."""
        self._lane.shutdown(cancel_futures=True)

    async def command(self, argument: str, tongue: Tongue) -> Reply:
        """Answer /digest: of yesterday and today, or of the day that is named."""
        days = self._days(argument.strip())
        if days is None:
            return say(WORDS[tongue]["digest how"])
        return await self._do(lambda: self._told(days, 0, tongue))

    async def tapped(self, wish: EditionWish, tongue: Tongue, *, private: bool) -> Reply | None:
        """Turn to other stories, or tell one in full; in a group everybody keeps the first ones."""
        days = Days(wish.since, wish.until)
        if wish.what == "edition":
            told = await self._do(lambda: self._told(days, wish.number, tongue))
            return told._replace(edits=private)
        return await self._do(lambda: self._whole(days, wish.number, tongue))

    def _days(self, said: str) -> Days | None:
        today = self._clock().astimezone(self._zone).date()
        if not said or said.casefold() == NOW:
            return Days(today - LONGEST_EDITION, today)
        try:
            named = moment(said)
        except ValueError:
            read = read_date(said, now=self._clock().astimezone(self._zone))
            if read is None or not read.certain:
                return None
            named = read.published
        day = instant(named, self._zone).astimezone(self._zone).date()
        return Days(day, day)

    def _told(self, days: Days, first: int, tongue: Tongue) -> Reply:
        found = self._stories(days, tongue)
        if not found:
            holds = held(self._archive.holdings(), tongue)
            return Reply(screens.nothing(days.window, holds, tongue))
        first = first if first < len(found) else 0
        data = f"{days.since}:{days.until}"
        return Reply(screens.edition(found, first, days.window, tongue, data))

    def _whole(self, days: Days, article: int, tongue: Tongue) -> Reply:
        for story in self._stories(days, tongue):
            if any(each.number == article for each in story.articles):
                return Reply(screens.whole(story, tongue))
        return say(WORDS[tongue]["gone"])

    def _stories(self, days: Days, tongue: Tongue) -> list[Story]:
        newest = self._archive.log(limit=1)
        return self._kept(days, tongue, newest[0].number if newest else 0)

    def _found(self, days: Days, tongue: Tongue, _newest: int) -> list[Story]:
        """Find the stories as of the newest line of the log."""
        return self._archive.stories(days.window, language=tongue)

    async def _do(self, work: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._lane, work)
