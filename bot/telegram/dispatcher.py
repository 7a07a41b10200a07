"""Dispatch updates: route each one, apply rate limits, queue it, handle it and deliver its reply.

An update that searches the archive waits for the turn of its chat; every other update is handled
at once, whatever the length of that queue. Replies are delivered outside the queue, so that a chat
that Telegram throttles delays no other chat.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from time import monotonic
from typing import NamedTuple

from bot.i18n.languages import UiLanguage
from bot.i18n.translations import translator
from bot.runtime.tasks import BackgroundTasks
from bot.telegram.chats import ChatPreferences
from bot.telegram.error_reporter import ErrorReporter
from bot.telegram.fair_queue import MAX_QUEUED_PER_CHAT, FairQueue
from bot.telegram.inbox import UpdateOutcome
from bot.telegram.rate_limits import UserRateLimiter
from bot.telegram.reply import Reply, say
from bot.telegram.reply_delivery import ReplyDelivery
from bot.telegram.routing import Limit, Queue, Route, Router
from bot.telegram.sender import MessageSender
from bot.telegram.updates import ButtonEvent, IncomingUpdate, NonTextEvent, ReactionEvent

_MAX_CONCURRENCY = 4
"""The number of queued updates handled concurrently: enough to keep every thread busy."""
_NOTICE_INTERVAL_SECONDS = 30.0
"""A sender is told at most once in this time why the bot does not answer."""


class UserLimits(NamedTuple):
    """The rate limits of one user."""

    questions: UserRateLimiter
    commands: UserRateLimiter


ReplyHook = Callable[[IncomingUpdate, Reply, UiLanguage], Awaitable[Reply]]
"""Returns the reply to deliver, which may add to the handler's reply."""


class _QueuedUpdate(NamedTuple):
    update: IncomingUpdate
    route: Route


class UpdateDispatcher:
    """Handles updates from their routing to the delivery of their replies."""

    def __init__(
        self,
        router: Router,
        reply_hook: ReplyHook,
        delivery: ReplyDelivery,
        preferences: ChatPreferences,
        limits: UserLimits,
        tasks: BackgroundTasks,
        error_reporter: ErrorReporter,
    ) -> None:
        self._router = router
        self._reply_hook = reply_hook
        self._delivery = delivery
        self._sender: MessageSender = delivery.sender
        self._preferences = preferences
        self._limits = limits
        self._tasks = tasks
        self._error_reporter = error_reporter
        self._queue: FairQueue[_QueuedUpdate] = FairQueue()
        self._work_available = asyncio.Event()
        self._slots = asyncio.Semaphore(_MAX_CONCURRENCY)
        self._noticed_until: dict[tuple[int, int | None], float] = {}

    async def dispatch(self, updates: Iterable[IncomingUpdate], *, recovered: bool = False) -> None:
        """Start handling updates.

        `recovered` updates were accepted before a restart; no limits apply to them.
        """
        refused = [update for update in updates if not self._accept(update, recovered=recovered)]
        await self._delivery.close_without_reply(UpdateOutcome.LIMITED, *refused)

    def has_waiting_questions(self) -> bool:
        """Return whether an update that searches the archive waits for its turn."""
        return len(self._queue) > 0

    def forget(self, user_id: int) -> None:
        """Drop what is remembered of a person: the rate limits, and the notices of their chat."""
        self._limits.questions.forget(user_id)
        self._limits.commands.forget(user_id)
        self._noticed_until = {
            recipient: until
            for recipient, until in self._noticed_until.items()
            if user_id not in recipient
        }

    async def run(self) -> None:
        """Handle queued updates, one chat after another, until cancelled."""
        while True:
            await self._slots.acquire()
            while (queued_item := self._queue.next_item()) is None:
                self._work_available.clear()
                await self._work_available.wait()
            self._tasks.spawn(self._process_queued(*queued_item))

    def _accept(self, update: IncomingUpdate, *, recovered: bool) -> bool:
        """Route an update and start handling it; return False if it is refused without a notice."""
        event, route = update.event, self._router.route(update)
        limit = route.limit if route else Limit.COMMANDS
        wait = 0.0 if recovered else self._take(update, limit)
        translations = translator(self._preferences.lang_of(event.actor))
        _ = translations.gettext
        if wait:
            return limit is Limit.QUESTIONS and self._send_notice(
                update,
                # Translators: {seconds}: a number of seconds.
                _(
                    "That is a lot of questions in a short time. You can ask again in {seconds} s."
                ).format(seconds=int(wait) + 1),
            )
        if isinstance(event, ButtonEvent) and not (route and route.answers_press):
            notice = _(route.notice) if route and route.notice else None
            self._tasks.spawn(self._sender.answer_callback_query(event.callback_query_id, notice))
        if route is None:
            if isinstance(event, NonTextEvent):
                return self._send_notice(
                    update, _("I can read only text. Please write your question in words.")
                )
            self._tasks.spawn(self._delivery.close_without_reply(UpdateOutcome.IGNORED, update))
            return True
        if route.queue is Queue.NONE:
            if route.shows_typing:
                self._tasks.spawn(self._sender.show_typing(event.target))
            if route.shows_upload:
                self._tasks.spawn(self._sender.show_upload(event.target))
            self._tasks.spawn(self._process(update, route))
            return True
        queued_update = _QueuedUpdate(update, route)
        if not self._queue.enqueue(event.target.chat_id, queued_update, ignore_limit=recovered):
            return limit is Limit.QUESTIONS and self._send_notice(
                update,
                # Translators: {waiting}: a number of questions.
                translations.ngettext(
                    "You have {waiting} question waiting. I will answer it first; then "
                    "please send the later ones again.",
                    "You have {waiting} questions waiting. I will answer them first; then "
                    "please send the later ones again.",
                    MAX_QUEUED_PER_CHAT,
                ).format(waiting=MAX_QUEUED_PER_CHAT),
            )
        self._work_available.set()
        if not isinstance(event, ReactionEvent):
            self._tasks.spawn(self._sender.show_typing(event.target))
        return True

    def _take(self, update: IncomingUpdate, limit: Limit) -> float:
        """Count an update against a rate limit of its sender; return the seconds to wait, or 0."""
        if limit is Limit.NONE or update.event.actor is None:
            return 0.0
        limiter = self._limits.questions if limit is Limit.QUESTIONS else self._limits.commands
        return limiter.take(update.event.actor.id, monotonic())

    def _send_notice(self, update: IncomingUpdate, text: str) -> bool:
        """Tell a sender why there is no answer; return False if they were told recently."""
        now = monotonic()
        notice_key = (update.event.target.chat_id, update.event.actor and update.event.actor.id)
        self._noticed_until = {
            recipient: until for recipient, until in self._noticed_until.items() if until > now
        }
        if notice_key in self._noticed_until:
            return False
        self._noticed_until[notice_key] = now + _NOTICE_INTERVAL_SECONDS
        self._tasks.spawn(self._deliver(update, say(text)))
        return True

    async def _process_queued(self, chat_id: int, queued_update: _QueuedUpdate) -> None:
        update, route = queued_update
        try:
            try:
                reply = await self._handle(update, route)
            finally:
                self._slots.release()
            await self._deliver(update, reply, route.outcome)
        finally:
            self._queue.task_done(chat_id)
            self._work_available.set()

    async def _process(self, update: IncomingUpdate, route: Route) -> None:
        await self._deliver(update, await self._handle(update, route), route.outcome)

    async def _handle(self, update: IncomingUpdate, route: Route) -> Reply | None:
        try:
            lang = self._preferences.lang_of(update.event.actor)
            reply = await route.handler(update, lang)
            if reply and reply.notice is None:
                reply = await self._reply_hook(update, reply, lang)
        except Exception as error:
            if update.event.actor is None:
                raise  # no reply is expected: the update is handled again at the next start
            reply = self._build_failure_reply(update, error)
        notice = reply.notice if reply else None
        if isinstance(update.event, ButtonEvent) and route.answers_press:
            self._tasks.spawn(
                self._sender.answer_callback_query(update.event.callback_query_id, notice)
            )
        return reply if notice is None else None

    async def _deliver(
        self,
        update: IncomingUpdate,
        reply: Reply | None,
        outcome_without_reply: UpdateOutcome = UpdateOutcome.IGNORED,
    ) -> None:
        if reply is None:
            await self._delivery.close_without_reply(outcome_without_reply, update)
            return
        rejection = await self._delivery.deliver(update, reply)
        if rejection and await self._delivery.deliver(
            update, self._build_failure_reply(update, rejection)
        ):
            await self._delivery.close_without_reply(UpdateOutcome.REJECTED, update)

    def _build_failure_reply(self, update: IncomingUpdate, error: Exception) -> Reply:
        reference = self._error_reporter.report(error)
        # Translators: {reference}: the identifier of the error in the log.
        template = translator(self._preferences.lang_of(update.event.actor)).gettext(
            "Something went wrong on my side and I could not answer. Reference: {reference}"
        )
        return say(template.format(reference=reference))
