"""Handle /digest with an argument (now, or a day) and the buttons of editions."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.digest.callbacks import MAX_EDITION_WINDOW, EditionCallback, SentEditionCallback
from bot.digest.edition_stories import DateRange, EditionStories
from bot.digest.payloads import EditionPayload
from bot.digest.renderer import PayloadRenderer
from bot.digest.views.chart import render_chart, render_chart_caption
from bot.digest.views.edition import (
    render_edition_page,
    render_nothing_published,
    render_sent_edition_page,
    render_story,
)
from bot.i18n.languages import UiLanguage
from bot.i18n.phrases import archive_stats_text
from bot.i18n.translations import translator
from bot.telegram.message import OutgoingMessage
from bot.telegram.reply import Attachment, Reply, say
from index.archive import Archive
from index.clock import Clock
from index.dialogue.summary_requests import find_summary_period
from index.models import DateWindow, parse_iso_date, to_instant
from index.stories.models import Story
from index.text.dates.parser import read_date

NOW_ARGUMENT = "now"
CHART_PERIOD = timedelta(days=6)
"""From the first day of a chart to its last: a week in all."""
MAX_CHART_ENTITIES = 8
"""Maximum of names, and of places, in a chart."""
_CHART_CACHE_SIZE = 16
"""Cached charts; many readers of an edition request the same one."""


class EditionHandlers:
    """Shows requested editions, their stories and their charts."""

    def __init__(
        self,
        archive: Archive,
        edition_stories: EditionStories,
        renderer: PayloadRenderer,
        zone: ZoneInfo,
        clock: Clock,
    ) -> None:
        self._archive = archive
        self._edition_stories = edition_stories
        self._renderer = renderer
        self._zone = zone
        self._clock = clock
        self._cached_chart_reply = lru_cache(_CHART_CACHE_SIZE)(self._render_chart_reply)

    async def handle_command(self, argument: str, lang: UiLanguage) -> Reply:
        """Answer /digest now (yesterday and today) or /digest with a day."""
        date_range = self._parse_date_range(argument.strip())
        if date_range is None:
            return say(
                translator(lang).gettext(
                    "/digest now shows the news of yesterday and today, and /digest "
                    "2026-02-04 the news of that day."
                )
            )
        return await self.show_days(date_range, lang)

    def find_summary_days(self, message: str) -> DateRange | None:
        """Return the days that a message in words wants in brief, as many as an edition has."""
        today = self._clock().astimezone(self._zone).date()
        period = find_summary_period(message, today)
        if period is None or period.since is None or period.until is None:
            return None
        is_short = period.until - period.since <= MAX_EDITION_WINDOW
        return DateRange(period.since, period.until) if is_short else None

    async def show_days(self, date_range: DateRange, lang: UiLanguage) -> Reply:
        """Show the first stories of some days."""
        return await self._edition_stories.run_interactive(
            lambda: self._render_page(date_range, 0, lang)
        )

    async def handle_callback(
        self, callback: EditionCallback, lang: UiLanguage, *, private: bool
    ) -> Reply | None:
        """Show another page of an edition, or a story in full.

        A page replaces the message only in private chats; other members of a group still read it.
        """
        date_range = DateRange(callback.since, callback.until)
        if callback.action == "edition":
            reply = await self._edition_stories.run_interactive(
                lambda: self._render_page(date_range, callback.number, lang)
            )
            return reply._replace(edits=private)
        return await self._edition_stories.run_interactive(
            lambda: _story_reply(
                self._edition_stories.stories_in_range(date_range, lang), callback.number or 0, lang
            )
        )

    async def handle_sent_edition_callback(
        self, callback: SentEditionCallback, lang: UiLanguage, *, private: bool
    ) -> Reply | None:
        """Show a page or a story of a delivered edition, or the chart of its week."""
        edition = await self._renderer.load_content(callback.content_number)
        if not isinstance(edition, EditionPayload):
            return say(translator(lang).gettext("That is no longer available."))
        match callback.action:
            case "chart":
                return await self._edition_stories.run_interactive(
                    lambda: self._chart_reply(edition, lang)
                )
            case "story":
                return await self._edition_stories.run_interactive(
                    lambda: _story_reply(
                        self._edition_stories.stories_for_edition(edition),
                        callback.number or 0,
                        lang,
                    )
                )
        message = await self._edition_stories.run_interactive(
            lambda: self._render_sent_edition_page(edition, callback)
        )
        return Reply(message, edits=private)

    def _parse_date_range(self, text: str) -> DateRange | None:
        today = self._clock().astimezone(self._zone).date()
        if not text or text.casefold() == NOW_ARGUMENT:
            return DateRange(today - MAX_EDITION_WINDOW, today)
        try:
            requested_day = parse_iso_date(text)
        except ValueError:
            parsed = read_date(text, now=self._clock().astimezone(self._zone))
            if parsed is None or not parsed.certain:
                return None
            requested_day = parsed.published
        day = to_instant(requested_day, self._zone).astimezone(self._zone).date()
        return DateRange(day, day)

    def _render_page(self, date_range: DateRange, first_index: int, lang: UiLanguage) -> Reply:
        stories = self._edition_stories.stories_in_range(date_range, lang)
        if not stories:
            archive_summary = archive_stats_text(self._archive.stats(), lang)
            return Reply(render_nothing_published(date_range.window, archive_summary, lang))
        first_index = first_index if first_index < len(stories) else 0
        return Reply(
            render_edition_page(stories, first_index, date_range.since, date_range.until, lang)
        )

    def _render_sent_edition_page(
        self, edition: EditionPayload, callback: SentEditionCallback
    ) -> OutgoingMessage:
        stories = self._edition_stories.stories_for_edition(edition)
        position = callback.number or 0
        first_index = position if position < len(stories) else 0
        return render_sent_edition_page(
            stories, first_index, edition, edition.language, callback.content_number
        )

    def _chart_reply(self, edition: EditionPayload, lang: UiLanguage) -> Reply:
        reply = self._cached_chart_reply(edition.day, lang)
        return reply or say(
            translator(lang).gettext("No known names were mentioned in that week's news.")
        )

    def _render_chart_reply(self, day: date, lang: UiLanguage) -> Reply | None:
        """Draw the chart of the week that ends with a day; the result is cached from then on."""
        week = DateWindow(since=day - CHART_PERIOD, until=day)
        counts = self._archive.count_entities(week, MAX_CHART_ENTITIES)
        png = render_chart(counts, week, lang)
        if png is None:
            return None
        caption = OutgoingMessage(render_chart_caption(counts, week, lang))
        return Reply(caption, attachment=Attachment(f"{day}.png", png, is_photo=True))


def _story_reply(stories: list[Story], article_number: int, lang: UiLanguage) -> Reply:
    for story in stories:
        if any(article.number == article_number for article in story.articles):
            return Reply(render_story(story, lang))
    return say(
        translator(lang).gettext("The article has been changed or removed since that answer.")
    )
