"""Answer inline queries, one at a time, in the background of questions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from time import monotonic

from bot.i18n.languages import UiLanguage
from bot.inline import views
from bot.inline.pending_queries import PendingQueries
from bot.runtime.executors import Worker
from bot.telegram.chats import ChatPreferences
from bot.telegram.inline import MAX_RESULTS, InlineAnswer
from bot.telegram.rate_limits import UserRateLimiter
from bot.telegram.sender import MessageSender
from bot.telegram.updates import InlineQueryEvent
from index.archive import Archive
from index.dialogue.intents import Intent
from index.models import Quote
from index.questions import InvalidQuestion
from index.stories.models import Story
from index.text.language import detect_language

_BUSY_PAUSE_SECONDS = 0.2
"""How long queries wait before they look again whether questions are waiting."""
_SEARCHED_INTENTS = (Intent.QUESTION, Intent.LATEST)

FindNewestStories = Callable[[UiLanguage], Sequence[Story]]
"""Returns the stories of the newest days of the archive, most important first."""


class InlineQueryHandler:
    """Answers the newest inline query of each person.

    No question waits for one: queries are searched on a pool of low priority, and only while no
    question waits for its turn.
    """

    def __init__(
        self,
        archive: Archive,
        find_newest_stories: FindNewestStories,
        preferences: ChatPreferences,
        sender: MessageSender,
        worker: Worker,
        limiter: UserRateLimiter,
        on_error: Callable[[BaseException], object],
    ) -> None:
        self._archive = archive
        self._find_newest_stories = find_newest_stories
        self._preferences = preferences
        self._sender = sender
        self._worker = worker
        self._limiter = limiter
        self._on_error = on_error
        self._pending = PendingQueries()
        self._work_available = asyncio.Event()

    def submit(self, event: InlineQueryEvent) -> None:
        """Queue a query, unless who typed it exceeds the rate limit."""
        if not self._limiter.take(event.actor.id, monotonic()):
            self._pending.put(event)
            self._work_available.set()

    def forget(self, user_id: int) -> None:
        """Drop what is known of a person."""
        self._pending.forget(user_id)
        self._limiter.forget(user_id)

    async def run(self, is_busy: Callable[[], bool]) -> None:
        """Answer queries until cancelled; none while `is_busy` says that questions wait."""
        while True:
            self._work_available.clear()
            while is_busy():  # noqa: ASYNC110 - nothing tells when questions end
                await asyncio.sleep(_BUSY_PAUSE_SECONDS)
            event = self._pending.take()
            if event is None:
                await self._work_available.wait()
                continue
            try:
                answer = await self._worker.run(partial(self.find_answer, event))
                await self._sender.answer_inline_query(event.inline_query_id, answer)
            except Exception as error:  # noqa: BLE001 - on_error reports it
                self._on_error(error)

    def find_answer(self, event: InlineQueryEvent) -> InlineAnswer:
        """Return the quotes that answer a query, or the leads of the newest stories for none."""
        lang = self._preferences.lang_of(event.actor)
        if not event.text.strip():
            stories = self._find_newest_stories(lang)
            leads = [story.quotes[0] for story in stories if story.quotes]
            return _build_answer(leads, lang, is_personal=True)
        # Who writes in the language of their app shares the results with others who do.
        is_personal = detect_language(event.text) != lang
        try:
            encoded = self._archive.encode_question(event.text)
        except InvalidQuestion:
            return InlineAnswer((), is_personal, views.question_button(lang))
        if encoded.intent not in _SEARCHED_INTENTS:
            return InlineAnswer((), is_personal, views.question_button(lang))
        found = self._archive.answer(encoded, limit=MAX_RESULTS)
        return _build_answer(found.quotes, lang, is_personal=is_personal)


def _build_answer(quotes: Sequence[Quote], lang: UiLanguage, *, is_personal: bool) -> InlineAnswer:
    button = None if quotes else views.no_answer_button(lang)
    return InlineAnswer(views.render_results(quotes, lang), is_personal, button)
