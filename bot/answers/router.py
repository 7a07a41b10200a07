"""What a reader's update gets back: the way from a question, a command or a button to its reply."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from bot.answers import commands, questions
from bot.answers.callbacks import AnswerCallback, parse_answer_callback
from bot.digest.handlers.router import DigestRouter
from bot.i18n.catalogue import STRINGS, UiLanguage, match_ui_language
from bot.i18n.phrases import question_error_text
from bot.telegram.chats import ChatPreferences
from bot.telegram.inbox import AnswerState, Inbox
from bot.telegram.reply import Reply, say
from bot.telegram.updates import ButtonEvent, CommandEvent, IncomingUpdate, QuestionEvent
from index.answering import EncodedQuestion
from index.archive import Archive
from index.clock import Clock
from index.questions import InvalidQuestion

_Result = TypeVar("_Result")
_CONTINUATIONS = {
    "more": questions.more_quotes,
    "nearest": questions.nearest_passages,
    "all": questions.search_all_dates,
}
"""The buttons that go on from an answer. Each answer is gone on from once."""


class ReaderRouter:
    """Replies to readers. One thread has the model, and another one everything else of the archive.

    While one question is looked up, the next one is embedded.
    """

    def __init__(
        self,
        archive: Archive,
        inbox: Inbox,
        preferences: ChatPreferences,
        digest_router: DigestRouter,
        *,
        default_lang: UiLanguage,
        allow_full_text: bool,
        clock: Clock,
    ) -> None:
        self._archive = archive
        self._inbox = inbox
        self._preferences = preferences
        self._default_lang = default_lang
        self._allow_full_text = allow_full_text
        self._clock = clock
        self._digest_router = digest_router
        self._inference_executor = ThreadPoolExecutor(1, "inference")
        self._lookup_executor = ThreadPoolExecutor(1, "lookup")

    def close(self) -> None:
        """Begin nothing more on either thread, and wait for what they are doing."""
        for executor in (self._inference_executor, self._lookup_executor):
            executor.shutdown(cancel_futures=True)

    def lang(self, update: IncomingUpdate) -> UiLanguage:
        """Return the language that someone chose, else Telegram's of them, else the bot's own."""
        actor = update.event.actor
        if actor is None:
            return self._default_lang
        chosen = self._preferences.get_lang(actor.id)
        return chosen or match_ui_language(actor.language, self._default_lang)

    def lang_for_user(self, user_id: int) -> UiLanguage:
        """Return the language that someone chose who sends nothing just now, else our own."""
        return self._preferences.get_lang(user_id) or self._default_lang

    def needs_archive(self, update: IncomingUpdate) -> bool:
        """Say whether the reply is looked up, and so waits for its turn; the briefing does not."""
        event = update.event
        if isinstance(event, CommandEvent):
            return event.name == "about"
        return isinstance(event, QuestionEvent) or (
            isinstance(event, ButtonEvent)
            and isinstance(parse_answer_callback(event.callback_data), AnswerCallback)
        )

    def is_editorial(self, update: IncomingUpdate) -> bool:  # noqa: ARG002 - a reader has none
        """Say whether it is an editor's work."""
        return False

    async def reply(self, update: IncomingUpdate) -> Reply | None:
        """Return the reply to an update; None where it needs none."""
        lang = self.lang(update)
        if self._digest_router.accepts(update.event):
            return await self._digest_router.reply(update.event, lang)
        match update.event:
            case QuestionEvent() as event:
                return await self._answer_question(update.id, event, lang)
            case CommandEvent(name="about"):
                return await self.run_lookup(lambda: questions.about(self._archive, lang))
            case CommandEvent(name="language") as event:
                return await self._handle_language_command(event, lang)
            case CommandEvent() as event:
                return commands.reply_to_command(event.name, lang)
            case ButtonEvent() as event:
                return await self._handle_callback(update.id, event, lang)
        return None

    async def _answer_question(
        self, update_id: int, event: QuestionEvent, lang: UiLanguage
    ) -> Reply:
        waited = self._clock() - event.sent_at
        try:
            encoded = await self.encode_question(event.text)
        except InvalidQuestion as fault:
            return say(question_error_text(fault, lang))
        return await self.run_lookup(
            lambda: questions.answer_question(
                self._archive, encoded, lang, update_id, event.target.chat_id, waited=waited
            )
        )

    async def _handle_language_command(self, event: CommandEvent, lang: UiLanguage) -> Reply:
        requested_lang = commands.parse_language(event.argument)
        if requested_lang is None:
            return commands.ask_for_language(lang)
        await self._preferences.set_lang(event.actor.id, requested_lang)
        return commands.confirm_language(requested_lang, edits=False)

    async def _handle_callback(
        self, update_id: int, event: ButtonEvent, lang: UiLanguage
    ) -> Reply | None:
        callback = parse_answer_callback(event.callback_data)
        if callback is None:
            return None
        if not isinstance(callback, AnswerCallback):
            await self._preferences.set_lang(event.actor.id, callback)
            return commands.confirm_language(callback, edits=event.target.is_private)
        state = await self._inbox.find_answer_state(callback.update_id)
        if state is None or state.chat != event.target.chat_id:
            return say(STRINGS[lang]["forgotten"])
        if callback.quote_index is not None:
            return await self.run_lookup(lambda: self._show_quote(callback, state, lang))
        if state.continued_by not in (None, update_id):
            return None
        encoded = await self.encode_question(state.question)
        continue_answer = _CONTINUATIONS[callback.action]
        return await self.run_lookup(
            lambda: continue_answer(
                self._archive, encoded, state, callback.update_id, lang, update_id
            )
        )

    def _show_quote(
        self, callback: AnswerCallback, state: AnswerState, lang: UiLanguage
    ) -> Reply | None:
        """Return what is wanted of one quote of an answer; None where that cannot be had."""
        if callback.quote_index is None or callback.quote_index >= len(state.shown):
            return None
        passage = state.shown[callback.quote_index]
        callback_prefix = f"page:{callback.update_id}:{callback.quote_index}"
        if callback.action == "around":
            full_text = callback_prefix if self._allow_full_text else None
            return questions.quote_context(self._archive, passage, lang, full_text=full_text)
        if not self._allow_full_text:
            return None
        turns_page = callback.page is not None
        return questions.article_page(
            self._archive, passage, callback.page or 0, lang, callback_prefix, edits=turns_page
        )

    async def encode_question(self, question: str) -> EncodedQuestion:
        """Understand a question on the thread that has the model. Raises `InvalidQuestion`."""
        return await asyncio.get_running_loop().run_in_executor(
            self._inference_executor, self._archive.encode_question, question
        )

    async def run_lookup(self, work: Callable[[], _Result]) -> _Result:
        """Do what searches the archive, on the thread that does."""
        return await asyncio.get_running_loop().run_in_executor(self._lookup_executor, work)
