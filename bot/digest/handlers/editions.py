"""Editions: /digest now, or of a day, and what their buttons lead to."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.answers.callbacks import MAX_EDITION_WINDOW, EditionCallback, SentEditionCallback
from bot.answers.views import held
from bot.digest.edition_stories import DateRange, EditionStories
from bot.digest.payloads import EditionPayload
from bot.digest.renderer import PayloadRenderer
from bot.digest.views import chart
from bot.digest.views import edition as screens
from bot.i18n.catalogue import WORDS, UiLanguage
from bot.i18n.digest_strings import BRIEFING
from bot.telegram.message import OutgoingMessage
from bot.telegram.reply import Attachment, Reply, say
from index.archive import Archive
from index.clock import Clock
from index.models import DateWindow, parse_iso_date, to_instant
from index.stories.models import Story
from index.text.dates.parser import read_date

NOW = "now"
WEEK = timedelta(days=6)
"""From the first day of a chart to its last."""
IN_A_CHART = 8
"""Names, and as many places."""
_CHARTS = 16
"""Charts that are kept: many readers of an edition ask for the same."""


class EditionHandlers:
    """Shows editions to who asks."""

    def __init__(
        self,
        archive: Archive,
        editions: EditionStories,
        faces: PayloadRenderer,
        zone: ZoneInfo,
        clock: Clock,
    ) -> None:
        self._archive = archive
        self._editions = editions
        self._faces = faces
        self._zone = zone
        self._clock = clock
        self._drawn = lru_cache(_CHARTS)(self._draw)

    async def command(self, argument: str, lang: UiLanguage) -> Reply:
        """Answer /digest now, of yesterday and today, or /digest and a day."""
        days = self._days(argument.strip())
        if days is None:
            return say(WORDS[lang]["digest how"])
        return await self._editions.do(lambda: self._told(days, 0, lang))

    async def tapped(
        self, wish: EditionCallback, lang: UiLanguage, *, private: bool
    ) -> Reply | None:
        """Turn to other stories, or tell one in full; in a group everybody keeps the first ones."""
        days = DateRange(wish.since, wish.until)
        if wish.what == "edition":
            told = await self._editions.do(lambda: self._told(days, wish.number, lang))
            return told._replace(edits=private)
        return await self._editions.do(
            lambda: _whole(self._editions.of_days(days, lang), wish.number, lang)
        )

    async def of_briefing(
        self, wish: SentEditionCallback, lang: UiLanguage, *, private: bool
    ) -> Reply | None:
        """Do the same for an edition that subscribers got, or draw its week's chart."""
        of = await self._faces.content(wish.content)
        if not isinstance(of, EditionPayload):
            return say(BRIEFING[lang]["parked gone"])
        match wish.what:
            case "chart":
                return await self._editions.do(lambda: self._chart(of, lang))
            case "story":
                return await self._editions.do(
                    lambda: _whole(self._editions.of_news(of), wish.number, lang)
                )
        turned = await self._editions.do(lambda: self._turned(of, wish))
        return Reply(turned, edits=private)

    def _days(self, said: str) -> DateRange | None:
        today = self._clock().astimezone(self._zone).date()
        if not said or said.casefold() == NOW:
            return DateRange(today - MAX_EDITION_WINDOW, today)
        try:
            named = parse_iso_date(said)
        except ValueError:
            read = read_date(said, now=self._clock().astimezone(self._zone))
            if read is None or not read.certain:
                return None
            named = read.published
        day = to_instant(named, self._zone).astimezone(self._zone).date()
        return DateRange(day, day)

    def _told(self, days: DateRange, first: int, lang: UiLanguage) -> Reply:
        found = self._editions.of_days(days, lang)
        if not found:
            holds = held(self._archive.holdings(), lang)
            return Reply(screens.nothing(days.window, holds, lang))
        first = first if first < len(found) else 0
        data = f"{days.since}:{days.until}"
        return Reply(screens.edition(found, first, days.window, lang, data))

    def _turned(self, of: EditionPayload, wish: SentEditionCallback) -> OutgoingMessage:
        found = self._editions.of_news(of)
        first = wish.number if wish.number < len(found) else 0
        return screens.briefing(found, first, of, of.language, str(wish.content))

    def _chart(self, of: EditionPayload, lang: UiLanguage) -> Reply:
        drawn = self._drawn(of.day, lang)
        return drawn or say(BRIEFING[lang]["no chart"])

    def _draw(self, day: date, lang: UiLanguage) -> Reply | None:
        """Draw the week up to a day, as the archive has it when it is first asked for."""
        week = DateWindow(since=day - WEEK, until=day)
        found = self._archive.mentions(week, IN_A_CHART)
        picture = chart.picture(found, week, lang)
        if picture is None:
            return None
        caption = OutgoingMessage(chart.caption(found, week, lang))
        return Reply(caption, document=Attachment(f"{day}.png", picture, picture=True))


def _whole(stories: list[Story], article: int, lang: UiLanguage) -> Reply:
    for story in stories:
        if any(each.number == article for each in story.articles):
            return Reply(screens.whole(story, lang))
    return say(WORDS[lang]["gone"])
