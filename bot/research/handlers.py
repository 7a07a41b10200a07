"""Handle /who, /timeline and /archive, their buttons, and messages that ask for a timeline."""

from __future__ import annotations

from functools import partial

from bot.answers.callbacks import OverviewCallback
from bot.answers.questions import quoted_passages
from bot.i18n.languages import UiLanguage
from bot.i18n.phrases import expired_answer_text, question_error_text
from bot.i18n.translations import translator
from bot.research.callbacks import AskedNameCallback, NameCallback, TimelineCallback
from bot.research.views.names import profile_title, render_name_profile, render_unknown_name
from bot.research.views.overview import render_overview
from bot.research.views.timelines import (
    EVENTS_PER_MESSAGE,
    render_no_timeline,
    render_timeline,
    render_timeline_chart,
    timeline_context_buttons,
)
from bot.runtime.executors import Executors
from bot.telegram.inbox import AnswerState, Inbox
from bot.telegram.reply import Reply, say
from bot.telegram.routing import FindRoute, Limit, Queue, Route
from bot.telegram.updates import (
    ButtonEvent,
    CommandEvent,
    IncomingEvent,
    IncomingUpdate,
    QuestionEvent,
)
from index.archive import Archive
from index.clock import Clock
from index.dialogue.timeline_requests import find_timeline_topic
from index.questions import InvalidQuestion, clean_question
from index.research.topic_timeline import TopicTimeline

COMMANDS = frozenset(("who", "timeline", "archive"))


class ResearchHandlers:
    """Shows profiles of names, timelines of topics and the overview of the archive."""

    def __init__(
        self,
        archive: Archive,
        inbox: Inbox,
        executors: Executors,
        find_other_route: FindRoute,
        clock: Clock,
    ) -> None:
        """`find_other_route` finds the routes of the command /watch and of questions."""
        self._archive = archive
        self._inbox = inbox
        self._executors = executors
        self._find_other_route = find_other_route
        self._clock = clock

    def find_route(self, event: IncomingEvent) -> Route | None:
        """Return the route of an event that asks for a profile, a timeline or the overview."""
        match event:
            case CommandEvent(name="archive") | ButtonEvent(callback=OverviewCallback()):
                return Route(self._show_overview, shows_upload=True)
            case CommandEvent(name=name) if name in COMMANDS:
                return Route(partial(self._handle_command, event), Queue.CHAT, Limit.QUESTIONS)
            case QuestionEvent(text=text) if topic := find_timeline_topic(text):
                handler = partial(self._show_timeline, event, topic)
                return Route(handler, Queue.CHAT, Limit.QUESTIONS)
            case ButtonEvent(callback=NameCallback(name=name)):
                handler = partial(self._show_name, event, name)
                return Route(handler, Queue.CHAT, Limit.QUESTIONS)
            case ButtonEvent(callback=AskedNameCallback() as asked):
                return Route(partial(self._pass_on, event, asked), Queue.CHAT, Limit.QUESTIONS)
            case ButtonEvent(callback=TimelineCallback() as callback):
                continuation = partial(self._continue_timeline, event, callback)
                return Route(continuation, Queue.CHAT, Limit.QUESTIONS)
        return None

    async def _show_overview(self, _: IncomingUpdate, lang: UiLanguage) -> Reply:
        return await self._executors.editions.run(
            lambda: render_overview(self._archive.overview(), lang)
        )

    async def _handle_command(
        self, event: CommandEvent, update: IncomingUpdate, lang: UiLanguage
    ) -> Reply:
        _ = translator(lang).gettext
        if event.name == "who":
            if not event.argument:
                return say(_("Write a name after the command, such as: /who Khalifa Haftar"))
            return await self._show_name(event, event.argument, update, lang)
        if not event.argument:
            return say(_("Write a topic after the command, such as: /timeline Derna"))
        return await self._show_timeline(event, event.argument, update, lang)

    async def _show_name(
        self,
        event: CommandEvent | ButtonEvent,
        name: str,
        update: IncomingUpdate,
        lang: UiLanguage,
    ) -> Reply:
        try:
            cleaned = clean_question(name)
        except InvalidQuestion as error:
            return say(question_error_text(error, lang))
        return await self._executors.editions.run(
            lambda: self._build_name_reply(_new_state(event, cleaned), lang, update.id)
        )

    def _build_name_reply(self, state: AnswerState, lang: UiLanguage, update_id: int) -> Reply:
        profile = self._archive.find_name_profile(state.question)
        state = state.model_copy(update={"question": profile_title(profile, lang)})
        if not profile.article_count:
            return Reply(render_unknown_name(profile, lang, update_id), state)
        rendered = render_name_profile(profile, lang, update_id, self._archive.find_names)
        shown = quoted_passages(profile.quotes[: rendered.quote_count])
        return Reply(rendered.message, state.model_copy(update={"shown": shown}))

    async def _pass_on(
        self,
        event: ButtonEvent,
        callback: AskedNameCallback,
        update: IncomingUpdate,
        lang: UiLanguage,
    ) -> Reply | None:
        """Watch the name of a profile as /watch does, or answer it as a question."""
        state = await self._inbox.find_answer_state_of_chat(
            callback.update_id, event.target.chat_id
        )
        if state is None:
            return say(expired_answer_text(lang))
        asked = (
            CommandEvent(event.actor, event.target, "watch", state.question)
            if callback.action == "follow"
            else QuestionEvent(event.actor, event.target, state.question, self._clock())
        )
        route = self._find_other_route(asked)
        return await route.handler(update, lang) if route else None

    async def _show_timeline(
        self,
        event: CommandEvent | QuestionEvent,
        topic: str,
        update: IncomingUpdate,
        lang: UiLanguage,
    ) -> Reply:
        try:
            timeline = await self._find_timeline(topic, 0)
        except InvalidQuestion as error:
            return say(question_error_text(error, lang))
        return _build_timeline_reply(timeline, 0, _new_state(event, topic), lang, update.id)

    async def _continue_timeline(
        self,
        event: ButtonEvent,
        callback: TimelineCallback,
        update: IncomingUpdate,
        lang: UiLanguage,
    ) -> Reply | None:
        """Show the later events of a timeline once, its picture, or the timeline of a profile."""
        state = await self._inbox.find_answer_state_of_chat(
            callback.update_id, event.target.chat_id
        )
        if state is None:
            return say(expired_answer_text(lang))
        first_event = callback.first_event
        if first_event and state.continued_by not in (None, update.id):
            return None
        timeline = await self._find_timeline(state.question, first_event)
        if callback.action == "periods" and timeline.days:
            return await self._executors.editions.run(
                partial(render_timeline_chart, timeline, lang)
            )
        next_state = _new_state(event, state.question)
        if not first_event:
            return _build_timeline_reply(timeline, 0, next_state, lang, update.id)
        next_state = next_state.model_copy(update={"continues": callback.update_id})
        reply = _build_timeline_reply(timeline, first_event, next_state, lang, update.id)
        shown_count = len(state.shown)
        remaining_buttons = timeline_context_buttons(
            first_event - shown_count, shown_count, lang, callback.update_id
        )
        return reply._replace(remaining_buttons=remaining_buttons)

    async def _find_timeline(self, topic: str, first_event: int) -> TopicTimeline:
        """Return a part of the timeline of a topic. Raises `InvalidQuestion`.

        The spelling of the topic is corrected only where no article names it as it is written.
        """
        as_written = await self._search_timeline(topic, first_event, literal=True)
        if as_written.days and as_written.names_topic:
            return as_written
        corrected = await self._search_timeline(topic, first_event, literal=False)
        return corrected if corrected.days else as_written

    async def _search_timeline(
        self, topic: str, first_event: int, *, literal: bool
    ) -> TopicTimeline:
        encoded = await self._executors.inference.run(
            partial(self._archive.encode_question, topic, literal=literal)
        )
        return await self._executors.editions.run(
            partial(
                self._archive.find_topic_timeline,
                encoded,
                first_event=first_event,
                limit=EVENTS_PER_MESSAGE,
            )
        )


def _new_state(
    event: CommandEvent | QuestionEvent | ButtonEvent, name_or_topic: str
) -> AnswerState:
    """Return the state of a reply about a name or a topic, without its passages."""
    return AnswerState(
        chat=event.target.chat_id, question=name_or_topic, shown=(), actor=event.actor.id
    )


def _build_timeline_reply(
    timeline: TopicTimeline,
    first_event: int,
    state: AnswerState,
    lang: UiLanguage,
    update_id: int,
) -> Reply:
    """Return the reply that shows a part of a timeline, and says so if there is none."""
    if not timeline.quotes:
        return Reply(render_no_timeline(state.question, lang))
    rendered = render_timeline(timeline, first_event, lang, update_id)
    shown = quoted_passages(timeline.quotes[: rendered.quote_count])
    return Reply(rendered.message, state.model_copy(update={"shown": shown}))
