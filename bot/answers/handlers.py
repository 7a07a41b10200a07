"""Handle readers' questions, commands and the buttons under answers."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from bot.answers import commands, questions, small_talk
from bot.answers.callbacks import (
    AnswerCallback,
    LanguageCallback,
    NewsCallback,
    PartCallback,
    QuoteCallback,
)
from bot.answers.deep_links import QuoteLink
from bot.answers.examples import ExampleQuestions
from bot.answers.quote_actions import QuoteActions
from bot.i18n.languages import UiLanguage, match_ui_language
from bot.i18n.phrases import expired_answer_text, question_error_text
from bot.i18n.translations import translator
from bot.runtime.executors import Executors
from bot.telegram.chats import ChatPreferences
from bot.telegram.inbox import AnswerState, Conversation, Inbox, QuotedPassage
from bot.telegram.reply import Reply, say
from bot.telegram.routing import Limit, Queue, Route
from bot.telegram.updates import (
    ButtonEvent,
    CommandEvent,
    IncomingEvent,
    IncomingUpdate,
    QuestionEvent,
)
from index.answering import EncodedQuestion
from index.archive import Archive
from index.clock import Clock
from index.dialogue.intents import Intent
from index.questions import InvalidQuestion, split_questions
from index.text.language import detect_language

_MIN_LATIN_WORDS = 3
"""In fewer words of Latin letters, such as a name, the language of a message cannot be told."""
_CONTINUATIONS = {
    "more": questions.more_quotes,
    "nearest": questions.nearest_passages,
    "latest": questions.nearest_passages,
}
"""The function that continues an answer, by the action of its button; others search again."""


def _writer_language(text: str, default: UiLanguage) -> UiLanguage:
    """Return the language of a message, or `default` if it is too short to tell."""
    language = detect_language(text)
    if language != "ar" and len(text.split()) < _MIN_LATIN_WORDS:
        return default
    return match_ui_language(language, default)


class AnswerHandlers:
    """Answers readers. One question is encoded while the previous one is searched."""

    def __init__(
        self,
        archive: Archive,
        inbox: Inbox,
        preferences: ChatPreferences,
        executors: Executors,
        quote_actions: QuoteActions,
        subscribe_data: str,
        clock: Clock,
    ) -> None:
        self._archive = archive
        self._inbox = inbox
        self._preferences = preferences
        self._executors = executors
        self._quote_actions = quote_actions
        self._examples = ExampleQuestions(archive)
        self._subscribe_data = subscribe_data
        self._clock = clock

    def find_route(self, event: IncomingEvent) -> Route | None:
        """Return the route of a question, of a command, or of a button under an answer."""
        match event:
            case QuestionEvent():
                return Route(partial(self._answer_question, event), Queue.CHAT, Limit.QUESTIONS)
            case CommandEvent():
                return self._find_command_route(event)
            case ButtonEvent():
                return self._find_button_route(event)
        return None

    def _find_command_route(self, event: CommandEvent) -> Route:
        match event.name:
            case "about":
                return Route(self._describe_archive, Queue.CHAT)
            case "new":
                return Route(partial(self._forget_conversation, event), Queue.CHAT)
            case "latest" | "today" | "week":
                return Route(partial(self._show_news, event), Queue.CHAT, Limit.QUESTIONS)
            case "language":
                return Route(partial(self._handle_language_command, event))
            case "start" if link := QuoteLink.parse(event.argument):
                return Route(partial(self._open_link, event, link), Queue.CHAT)
            case "start":
                return Route(partial(self._welcome, event), Queue.CHAT)
        return Route(partial(self._handle_other_command, event))

    def _find_button_route(self, event: ButtonEvent) -> Route | None:
        match event.callback:
            case LanguageCallback() as callback:
                return Route(partial(self._set_language, event, callback))
            case AnswerCallback() as callback:
                return Route(partial(self._continue_answer, event, callback), Queue.CHAT)
            case NewsCallback():
                return Route(partial(self._show_news, event), Queue.CHAT, Limit.QUESTIONS)
            case PartCallback() as callback:
                return Route(partial(self._answer_part, event, callback), Queue.CHAT)
            case QuoteCallback() as callback:
                return Route(partial(self._show_quote, event, callback), Queue.CHAT)
        return None

    async def _answer_question(
        self, event: QuestionEvent, update: IncomingUpdate, lang: UiLanguage
    ) -> Reply:
        """Answer a question in its own language."""
        lang = _writer_language(event.text, lang)
        waited = self._clock() - event.sent_at
        chat_id = event.target.chat_id
        conversation = await self._find_conversation(event)
        encode = partial(
            self._archive.encode_question,
            after=(conversation.question,) if conversation else (),
            related_articles=conversation.article_ids if conversation else (),
        )
        try:
            encoded = [
                await self._executors.inference.run(partial(encode, part))
                for part in split_questions(event.text)
            ]
        except InvalidQuestion as error:
            return say(question_error_text(error, lang))
        if len(encoded) == 1 and encoded[0].intent in small_talk.REPLIED_INTENTS:
            intent = encoded[0].intent
            return await self._executors.lookup.run(
                partial(self._reply_to_small_talk, intent, lang, update.id, chat_id)
            )
        if len(encoded) > 1:
            return await self._executors.lookup.run(
                lambda: questions.answer_several(
                    self._archive, encoded, event.text, lang, update.id, chat_id, waited=waited
                )
            )
        return await self._executors.lookup.run(
            lambda: questions.answer_question(
                self._archive,
                encoded[0],
                lang,
                update.id,
                chat_id,
                waited=waited,
                actor_id=event.actor.id,
                conversation=conversation,
            )
        )

    def _reply_to_small_talk(
        self, intent: Intent, lang: UiLanguage, update_id: int, chat_id: int
    ) -> Reply:
        return small_talk.reply_to(intent, self._examples.draw(lang), lang, update_id, chat_id)

    async def _find_conversation(self, event: QuestionEvent) -> Conversation | None:
        """Return what a question may lean on: the answer that it replies to, or the last one."""
        chat_id = event.target.chat_id
        if event.replied_message_id is not None:
            state = await self._inbox.find_answer_in_message(chat_id, event.replied_message_id)
            if state and state.question:
                article_ids = tuple(passage.article_id for passage in state.shown[:1])
                return Conversation(state.understood or state.question, article_ids)
        return await self._inbox.find_conversation(chat_id, event.actor.id)

    async def _show_news(
        self,
        event: ButtonEvent | CommandEvent,
        update: IncomingUpdate,
        lang: UiLanguage,
    ) -> Reply:
        """Answer the button for the latest news, or /latest, /today or /week with its topic."""
        command, topic = (
            (event.name, event.argument) if isinstance(event, CommandEvent) else ("latest", "")
        )
        try:
            encoded = await self._executors.inference.run(
                partial(
                    self._archive.encode_question, small_talk.news_question(command, topic, lang)
                )
            )
        except InvalidQuestion as error:
            return say(question_error_text(error, lang))
        return await self._executors.lookup.run(
            lambda: questions.answer_question(
                self._archive,
                encoded,
                lang,
                update.id,
                event.target.chat_id,
                waited=timedelta(0),
                actor_id=event.actor.id,
            )
        )

    async def _answer_part(
        self, event: ButtonEvent, callback: PartCallback, update: IncomingUpdate, lang: UiLanguage
    ) -> Reply | None:
        """Answer one question of a message with several; None if there is no such question."""
        state = await self._inbox.find_answer_state_of_chat(
            callback.update_id, event.target.chat_id
        )
        if state is None:
            return say(expired_answer_text(lang))
        parts = split_questions(state.question)
        if callback.part >= len(parts):
            return None
        encoded = await self._executors.inference.run(
            partial(self._archive.encode_question, parts[callback.part])
        )
        return await self._executors.lookup.run(
            lambda: questions.answer_question(
                self._archive,
                encoded,
                lang,
                update.id,
                state.chat,
                waited=timedelta(0),
                actor_id=event.actor.id,
                repeats_question=True,
            )
        )

    async def _forget_conversation(
        self, event: CommandEvent, _: IncomingUpdate, lang: UiLanguage
    ) -> Reply:
        await self._inbox.forget_conversation(event.target.chat_id, event.actor.id)
        return say(translator(lang).gettext("Done: your next question starts a new conversation."))

    async def _describe_archive(self, _: IncomingUpdate, lang: UiLanguage) -> Reply:
        return await self._executors.lookup.run(partial(questions.about, self._archive, lang))

    async def _handle_other_command(
        self, event: CommandEvent, _: IncomingUpdate, lang: UiLanguage
    ) -> Reply:
        return commands.reply_to_command(event.name, lang)

    async def _handle_language_command(
        self, event: CommandEvent, _: IncomingUpdate, lang: UiLanguage
    ) -> Reply:
        requested_lang = commands.parse_language(event.argument)
        if requested_lang is None:
            return commands.ask_for_language(lang)
        await self._preferences.set_lang(event.actor.id, requested_lang)
        return commands.confirm_language(requested_lang, edits=False)

    async def _set_language(
        self, event: ButtonEvent, callback: LanguageCallback, *_: object
    ) -> Reply:
        await self._preferences.set_lang(event.actor.id, callback.lang)
        return commands.confirm_language(callback.lang, edits=event.target.is_private)

    async def _continue_answer(
        self,
        event: ButtonEvent,
        callback: AnswerCallback,
        update: IncomingUpdate,
        lang: UiLanguage,
    ) -> Reply | None:
        state = await self._inbox.find_answer_state_of_chat(
            callback.update_id, event.target.chat_id
        )
        if state is None:
            return say(expired_answer_text(lang))
        if state.continued_by not in (None, update.id):
            return None
        lang = state.lang or lang
        changed = questions.change_search(state, callback)
        encoded = await self._encode_again(changed)
        continue_answer = _CONTINUATIONS.get(callback.action, questions.search_again)
        return await self._executors.lookup.run(
            lambda: continue_answer(
                self._archive, encoded, changed, callback.update_id, lang, update.id
            )
        )

    async def _show_quote(
        self, event: ButtonEvent, callback: QuoteCallback, update: IncomingUpdate, lang: UiLanguage
    ) -> Reply | None:
        """Show what a button of a quote asks for; None if there is no such quote."""
        state = await self._inbox.find_answer_state_of_chat(
            callback.update_id, event.target.chat_id
        )
        if state is None:
            return say(expired_answer_text(lang))
        if callback.quote_index >= len(state.shown):
            return None
        lang = state.lang or lang
        passage, actions = state.shown[callback.quote_index], self._quote_actions
        lookup = self._executors.lookup
        match callback.action:
            case "around":
                asked = bool(state.question)
                return await lookup.run(
                    partial(actions.show_context, passage, lang, callback, asked=asked)
                )
            case "page":
                return await lookup.run(partial(actions.show_page, passage, lang, callback))
            case "cite":
                return await lookup.run(partial(actions.show_citation, passage, lang))
        return await self._search_source(state, passage, update, lang)

    async def _search_source(
        self, state: AnswerState, passage: QuotedPassage, update: IncomingUpdate, lang: UiLanguage
    ) -> Reply | None:
        """Ask the question of an answer again, of the source of one quote alone."""
        article = await self._executors.lookup.run(partial(self._archive.find, passage.article_id))
        if article is None or article.source is None or not state.question:
            return None
        source = article.source
        encoded = await self._encode_again(state)
        return await self._executors.lookup.run(
            lambda: questions.search_source(self._archive, encoded, state, source, lang, update.id)
        )

    async def _welcome(
        self, event: CommandEvent, update: IncomingUpdate, lang: UiLanguage
    ) -> Reply:
        chat_id = event.target.chat_id
        return await self._executors.lookup.run(
            lambda: commands.welcome(
                self._examples.draw(lang), self._subscribe_data, lang, update.id, chat_id
            )
        )

    async def _open_link(
        self, event: CommandEvent, link: QuoteLink, update: IncomingUpdate, lang: UiLanguage
    ) -> Reply:
        chat_id = event.target.chat_id
        return await self._executors.lookup.run(
            partial(self._quote_actions.open_link, link, lang, update.id, chat_id)
        )

    async def _encode_again(self, state: AnswerState) -> EncodedQuestion:
        """Encode the question of an answer as it was encoded when it was asked."""
        return await self._executors.inference.run(
            partial(
                self._archive.encode_question,
                state.question,
                literal=state.literal,
                after=state.after,
                related_articles=state.related_articles,
            )
        )
