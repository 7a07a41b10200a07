"""What a reader's update gets back: the way from a question, a command or a button to its reply."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from bot.answers import commands, questions
from bot.answers.callbacks import AnswerCallback, wish
from bot.digest.handlers.router import DigestRouter
from bot.i18n.catalogue import WORDS, UiLanguage, ui_language_of
from bot.i18n.phrases import bad_question
from bot.telegram.chats import ChatPreferences
from bot.telegram.inbox import AnswerState, Inbox
from bot.telegram.reply import Reply, say
from bot.telegram.updates import ButtonEvent, CommandEvent, IncomingUpdate, QuestionEvent
from index.answering import EncodedQuestion
from index.archive import Archive
from index.clock import Clock
from index.questions import InvalidQuestion

_Result = TypeVar("_Result")
_GOING_ON = {
    "more": questions.more_quotes,
    "nearest": questions.nearest,
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
        people: ChatPreferences,
        briefing: DigestRouter,
        *,
        language: UiLanguage,
        full_text: bool,
        clock: Clock,
    ) -> None:
        self._archive = archive
        self._inbox = inbox
        self._people = people
        self._language = language
        self._full_text = full_text
        self._clock = clock
        self._briefing = briefing
        self._inference = ThreadPoolExecutor(1, "inference")
        self._lookup = ThreadPoolExecutor(1, "lookup")

    def close(self) -> None:
        """Begin nothing more on either thread, and wait for what they are doing."""
        for thread in (self._inference, self._lookup):
            thread.shutdown(cancel_futures=True)

    def lang(self, update: IncomingUpdate) -> UiLanguage:
        """Return the language that someone chose, else Telegram's of them, else the bot's own."""
        person = update.wants.person
        if person is None:
            return self._language
        chosen = self._people.language(person.id)
        return chosen or ui_language_of(person.language, self._language)

    def ui_language_of(self, person: int) -> UiLanguage:
        """Return the language that someone chose who sends nothing just now, else our own."""
        return self._people.language(person) or self._language

    def needs_archive(self, update: IncomingUpdate) -> bool:
        """Say whether the reply is looked up, and so waits for its turn; the briefing does not."""
        wants = update.wants
        if isinstance(wants, CommandEvent):
            return wants.name == "about"
        return isinstance(wants, QuestionEvent) or (
            isinstance(wants, ButtonEvent) and isinstance(wish(wants.data), AnswerCallback)
        )

    def is_editorial(self, update: IncomingUpdate) -> bool:  # noqa: ARG002 - a reader has none
        """Say whether it is an editor's work."""
        return False

    async def reply(self, update: IncomingUpdate) -> Reply | None:
        """Return the reply to an update; None where it needs none."""
        lang = self.lang(update)
        if self._briefing.takes(update.wants):
            return await self._briefing.reply(update.wants, lang)
        match update.wants:
            case QuestionEvent() as asked:
                return await self._asked(update.id, asked, lang)
            case CommandEvent(name="about"):
                return await self.look_up(lambda: questions.about(self._archive, lang))
            case CommandEvent(name="language") as command:
                return await self._language_command(command, lang)
            case CommandEvent() as command:
                return commands.command(command.name, lang)
            case ButtonEvent() as tapped:
                return await self._tapped(update.id, tapped, lang)
        return None

    async def _asked(self, update_id: int, asked: QuestionEvent, lang: UiLanguage) -> Reply:
        waited = self._clock() - asked.at
        try:
            understood = await self.understand(asked.text)
        except InvalidQuestion as fault:
            return say(bad_question(fault, lang))
        return await self.look_up(
            lambda: questions.ask(
                self._archive, understood, lang, update_id, asked.place.chat, waited=waited
            )
        )

    async def _language_command(self, command: CommandEvent, lang: UiLanguage) -> Reply:
        wanted = commands.named_language(command.argument)
        if wanted is None:
            return commands.choose_language(lang)
        await self._people.choose_language(command.person.id, wanted)
        return commands.language_chosen(wanted, edits=False)

    async def _tapped(self, update_id: int, tapped: ButtonEvent, lang: UiLanguage) -> Reply | None:
        wanted = wish(tapped.data)
        if wanted is None:
            return None
        if not isinstance(wanted, AnswerCallback):
            await self._people.choose_language(tapped.person.id, wanted)
            return commands.language_chosen(wanted, edits=tapped.place.private)
        given = await self._inbox.given(wanted.key)
        if given is None or given.chat != tapped.place.chat:
            return say(WORDS[lang]["forgotten"])
        if wanted.place is not None:
            return await self.look_up(lambda: self._at(wanted, given, lang))
        if given.continued_by not in (None, update_id):
            return None
        understood = await self.understand(given.question)
        act = _GOING_ON[wanted.what]
        return await self.look_up(
            lambda: act(self._archive, understood, given, wanted.key, lang, update_id)
        )

    def _at(self, wanted: AnswerCallback, given: AnswerState, lang: UiLanguage) -> Reply | None:
        """Return what is wanted of one quote of an answer; None where that cannot be had."""
        if wanted.place is None or wanted.place >= len(given.shown):
            return None
        shown = given.shown[wanted.place]
        data = f"page:{wanted.key}:{wanted.place}"
        if wanted.what == "around":
            full_text = data if self._full_text else None
            return questions.around(self._archive, shown, lang, full_text=full_text)
        if not self._full_text:
            return None
        turned = wanted.page is not None
        return questions.page(self._archive, shown, wanted.page or 0, lang, data, edits=turned)

    async def understand(self, question: str) -> EncodedQuestion:
        """Understand a question on the thread that has the model. Raises `InvalidQuestion`."""
        return await asyncio.get_running_loop().run_in_executor(
            self._inference, self._archive.understand, question
        )

    async def look_up(self, work: Callable[[], _Result]) -> _Result:
        """Do what searches the archive, on the thread that does."""
        return await asyncio.get_running_loop().run_in_executor(self._lookup, work)
