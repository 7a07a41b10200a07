"""The desk: what comes in is recorded, waits its turn, is answered, and is answered once.

What needs the archive waits for its chat's turn; everything else is answered at once, however long
that queue is. Sending has no part in the queue: a chat that Telegram holds back holds back nobody
else.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Iterable
from time import monotonic
from typing import Any, Protocol

from bot.i18n.catalogue import STRINGS
from bot.telegram.chats import ChatPreferences
from bot.telegram.error_reporter import ErrorReporter
from bot.telegram.fair_queue import MAX_QUEUED_PER_CHAT, FairQueue
from bot.telegram.inbox import Inbox, UpdateOutcome, build_incoming_record
from bot.telegram.rate_limits import UserRateLimiter
from bot.telegram.reply import Reply, ReplyHandler, say
from bot.telegram.reply_delivery import ReplyDelivery
from bot.telegram.sender import MessageSender
from bot.telegram.updates import (
    BotIdentity,
    ButtonEvent,
    ChatMigratedEvent,
    IncomingUpdate,
    MembershipEvent,
    NonTextEvent,
    QuestionEvent,
    parse_update,
)

_MAX_CONCURRENCY = 4
"""Turns that are thought about: so many that no thread has to wait for the next."""
_NOTICE_INTERVAL_SECONDS = 30.0
"""Who asks too much, or sends an album of pictures, is told so once in this time."""


class ChatObserver(Protocol):
    """Those who are sent things unasked, by chat."""

    async def migrate_chat(self, old_chat_id: int, new_chat_id: int) -> None:
        """Follow a group that has become another chat."""

    async def unsubscribe(self, chat_id: int, reason: str) -> bool:
        """Send a chat nothing more unasked; say whether it got something."""


class UpdateDispatcher:
    """Lets updates in, gives every chat its turns, and answers."""

    def __init__(
        self,
        me: BotIdentity,
        reply_handler: ReplyHandler,
        inbox: Inbox,
        preferences: ChatPreferences,
        sender: MessageSender,
        error_reporter: ErrorReporter,
        chat_observer: ChatObserver,
        *,
        question_limiter: UserRateLimiter,
        command_limiter: UserRateLimiter,
    ) -> None:
        self._me = me
        self._reply_handler = reply_handler
        self._inbox = inbox
        self._preferences = preferences
        self._sender = sender
        self._reply_delivery = ReplyDelivery(inbox, preferences, sender)
        self._error_reporter = error_reporter
        self._chat_observer = chat_observer
        self._question_limiter = question_limiter
        self._command_limiter = command_limiter
        self._queue: FairQueue[IncomingUpdate] = FairQueue()
        self._work_available = asyncio.Event()
        self._slots = asyncio.Semaphore(_MAX_CONCURRENCY)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._noticed_until: dict[tuple[int, int | None], float] = {}

    async def receive(self, raw_updates: list[dict[str, Any]]) -> None:
        """Record updates as JSON gave them, then begin with those that had not come before."""
        parsed = {
            raw_update["update_id"]: (raw_update, parse_update(raw_update, self._me))
            for raw_update in raw_updates
        }
        records = [
            build_incoming_record(
                raw_update, event.target.chat_id if event else None, is_relevant=event is not None
            )
            for raw_update, event in parsed.values()
        ]
        new_ids = await self._inbox.record(records)
        await self._accept_all(
            IncomingUpdate(update_id, event)
            for update_id, (_, event) in parsed.items()
            if event and update_id in new_ids
        )

    async def resume(self) -> int:
        """Begin again with what the last run left waiting; return how many sends are unknown."""
        waiting_payloads, in_doubt_count = await self._inbox.recover()
        events = {
            raw_update["update_id"]: parse_update(raw_update, self._me)
            for raw_update in map(json.loads, waiting_payloads)
        }
        ignored_ids = [update_id for update_id, event in events.items() if event is None]
        await self._inbox.mark_done(UpdateOutcome.IGNORED, *ignored_ids)
        pending_updates = (
            IncomingUpdate(update_id, event) for update_id, event in events.items() if event
        )
        await self._accept_all(pending_updates, recovered=True)
        return in_doubt_count

    async def run(self) -> None:
        """Give every chat its turns, for ever."""
        while True:
            await self._slots.acquire()
            while (queued_item := self._queue.next_item()) is None:
                self._work_available.clear()
                await self._work_available.wait()
            self.spawn(self._process_queued(*queued_item))

    async def stop(self, timeout: float) -> None:
        """Begin nothing more, and give what is being sent so long to arrive.

        What was not sent stays in the inbox, for the next start.
        """
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._reply_delivery.stop(timeout)

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        """Do something beside everything else; what goes wrong in it is reported."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._on_task_done)

    def _on_task_done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._error_reporter.report(error)

    async def _accept_all(
        self, updates: Iterable[IncomingUpdate], *, recovered: bool = False
    ) -> None:
        """Let updates in; `recovered` those that had been let in before a crash, without limits."""
        refused_ids = [
            update.id for update in updates if not self._accept(update, recovered=recovered)
        ]
        if refused_ids:
            await self._inbox.mark_done(UpdateOutcome.LIMITED, *refused_ids)

    def _accept(self, update: IncomingUpdate, *, recovered: bool) -> bool:
        """Begin with an update; say no where it is refused without a word."""
        event = update.event
        if isinstance(event, MembershipEvent | ChatMigratedEvent):
            self.spawn(self._record_chat_change(update.id, event))
            return True
        is_editorial = self._reply_handler.is_editorial(update)
        is_question = isinstance(event, QuestionEvent) and not is_editorial
        rate_limiter = self._question_limiter if is_question else self._command_limiter
        wait = 0.0 if recovered else rate_limiter.take(event.actor.id, monotonic())
        strings = STRINGS[self._reply_handler.lang(update)]
        if wait:
            return is_question and self._send_notice(
                update, strings["slow down"].format(seconds=int(wait) + 1)
            )
        if isinstance(event, ButtonEvent):
            self.spawn(self._sender.answer_callback_query(event.callback_query_id))
        if isinstance(event, NonTextEvent) and not (is_editorial or event.location):
            return self._send_notice(update, strings["wordless"])
        if not self._reply_handler.needs_archive(update):
            if is_editorial and not isinstance(event, ButtonEvent):
                self.spawn(self._sender.show_typing(event.target))
            self.spawn(self._process(update))
            return True
        if not self._queue.enqueue(event.target.chat_id, update, ignore_limit=recovered):
            return is_question and self._send_notice(
                update, strings["queue full"].format(waiting=MAX_QUEUED_PER_CHAT)
            )
        self._work_available.set()
        self.spawn(self._sender.show_typing(event.target))
        return True

    def _send_notice(self, update: IncomingUpdate, text: str) -> bool:
        """Tell someone why they get no answer, unless they have just been told."""
        now = monotonic()
        notice_key = (update.event.target.chat_id, update.event.actor and update.event.actor.id)
        self._noticed_until = {
            recipient: until for recipient, until in self._noticed_until.items() if until > now
        }
        if notice_key in self._noticed_until:
            return False
        self._noticed_until[notice_key] = now + _NOTICE_INTERVAL_SECONDS
        self.spawn(self._deliver(update, say(text)))
        return True

    async def _record_chat_change(
        self, update_id: int, event: MembershipEvent | ChatMigratedEvent
    ) -> None:
        """Note what became of a chat; the briefing follows it, or ends."""
        chat_id = event.target.chat_id
        if isinstance(event, ChatMigratedEvent):
            await self._chat_observer.migrate_chat(chat_id, event.new_chat_id)
        else:
            await self._preferences.set_reachable(chat_id, reachable=event.reachable)
            if not event.reachable:
                await self._chat_observer.unsubscribe(chat_id, "blocked")
        await self._inbox.mark_done(UpdateOutcome.NOTED, update_id)

    async def _process_queued(self, chat_id: int, update: IncomingUpdate) -> None:
        try:
            try:
                reply = await self._build_reply(update)
            finally:
                self._slots.release()
            await self._deliver(update, reply)
        finally:
            self._queue.task_done(chat_id)
            self._work_available.set()

    async def _process(self, update: IncomingUpdate) -> None:
        await self._deliver(update, await self._build_reply(update))

    async def _build_reply(self, update: IncomingUpdate) -> Reply | None:
        try:
            return await self._reply_handler.reply(update)
        except Exception as error:  # noqa: BLE001 - the user, the log and the owners are told
            return self._build_failure_reply(update, error)

    async def _deliver(self, update: IncomingUpdate, reply: Reply | None) -> None:
        rejection = await self._reply_delivery.deliver(update, reply)
        if rejection and await self._reply_delivery.deliver(
            update, self._build_failure_reply(update, rejection)
        ):
            await self._reply_delivery.give_up(update)

    def _build_failure_reply(self, update: IncomingUpdate, error: Exception) -> Reply:
        reference = self._error_reporter.report(error)
        template = STRINGS[self._reply_handler.lang(update)]["failed"]
        return say(template.format(reference=reference))
