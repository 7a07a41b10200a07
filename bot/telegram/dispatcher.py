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

from bot.i18n.catalogue import WORDS
from bot.telegram.chats import ChatPreferences
from bot.telegram.error_reporter import ErrorReporter
from bot.telegram.fair_queue import MAX_QUEUED_PER_CHAT, FairQueue
from bot.telegram.inbox import Inbox, UpdateOutcome, arrival
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
_TOLD_AGAIN_SECONDS = 30.0
"""Who asks too much, or sends an album of pictures, is told so once in this time."""


class ChatObserver(Protocol):
    """Those who are sent things unasked, by chat."""

    async def moved(self, old: int, new: int) -> None:
        """Follow a group that has become another chat."""

    async def end(self, chat: int, why: str) -> bool:
        """Send a chat nothing more unasked; say whether it got something."""


class UpdateDispatcher:
    """Lets updates in, gives every chat its turns, and answers."""

    def __init__(
        self,
        me: BotIdentity,
        replies: ReplyHandler,
        inbox: Inbox,
        people: ChatPreferences,
        sender: MessageSender,
        report: ErrorReporter,
        followers: ChatObserver,
        *,
        questions: UserRateLimiter,
        others: UserRateLimiter,
    ) -> None:
        self._me = me
        self._replies = replies
        self._inbox = inbox
        self._people = people
        self._sender = sender
        self._delivery = ReplyDelivery(inbox, people, sender)
        self._report = report
        self._followers = followers
        self._questions = questions
        self._others = others
        self._turns: FairQueue[IncomingUpdate] = FairQueue()
        self._something = asyncio.Event()
        self._slots = asyncio.Semaphore(_MAX_CONCURRENCY)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._told: dict[tuple[int, int | None], float] = {}

    async def receive(self, raw: list[dict[str, Any]]) -> None:
        """Record updates as JSON gave them, then begin with those that had not come before."""
        updates = {each["update_id"]: (each, parse_update(each, self._me)) for each in raw}
        arrivals = [
            arrival(each, wants.place.chat if wants else None, wanted=wants is not None)
            for each, wants in updates.values()
        ]
        new = await self._inbox.record(arrivals)
        await self._begin(
            IncomingUpdate(update_id, wants)
            for update_id, (_, wants) in updates.items()
            if wants and update_id in new
        )

    async def resume(self) -> int:
        """Begin again with what the last run left waiting; return how many sends are unknown."""
        left, unknown = await self._inbox.recover()
        updates = {
            each["update_id"]: parse_update(each, self._me) for each in map(json.loads, left)
        }
        nothing = [update_id for update_id, wants in updates.items() if wants is None]
        await self._inbox.done(UpdateOutcome.IGNORED, *nothing)
        wanted = (IncomingUpdate(update_id, wants) for update_id, wants in updates.items() if wants)
        await self._begin(wanted, again=True)
        return unknown

    async def work(self) -> None:
        """Give every chat its turns, for ever."""
        while True:
            await self._slots.acquire()
            while (turn := self._turns.next_item()) is None:
                self._something.clear()
                await self._something.wait()
            self.spawn(self._take_turn(*turn))

    async def stop(self, seconds: float) -> None:
        """Begin nothing more, and give what is being sent so long to arrive.

        What was not sent stays in the inbox, for the next start.
        """
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._delivery.stop(seconds)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do something beside everything else; what goes wrong in it is reported."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._report.failed(error)

    async def _begin(self, updates: Iterable[IncomingUpdate], *, again: bool = False) -> None:
        """Let updates in; `again` those that had been let in before a crash, without limits."""
        refused = [update.id for update in updates if not self._let_in(update, again=again)]
        if refused:
            await self._inbox.done(UpdateOutcome.LIMITED, *refused)

    def _let_in(self, update: IncomingUpdate, *, again: bool) -> bool:
        """Begin with an update; say no where it is refused without a word."""
        wants = update.wants
        if isinstance(wants, MembershipEvent | ChatMigratedEvent):
            self.spawn(self._note(update.id, wants))
            return True
        work = self._replies.is_editorial(update)
        asks = isinstance(wants, QuestionEvent) and not work
        limits = self._questions if asks else self._others
        wait = 0.0 if again else limits.take(wants.person.id, monotonic())
        words = WORDS[self._replies.lang(update)]
        if wait:
            return asks and self._tell(update, words["slow down"].format(seconds=int(wait) + 1))
        if isinstance(wants, ButtonEvent):
            self.spawn(self._sender.answer_callback_query(wants.query))
        if isinstance(wants, NonTextEvent) and not (work or wants.location):
            return self._tell(update, words["wordless"])
        if not self._replies.needs_archive(update):
            if work and not isinstance(wants, ButtonEvent):
                self.spawn(self._sender.typing(wants.place))
            self.spawn(self._answer(update))
            return True
        if not self._turns.enqueue(wants.place.chat, update, always=again):
            return asks and self._tell(
                update, words["queue full"].format(waiting=MAX_QUEUED_PER_CHAT)
            )
        self._something.set()
        self.spawn(self._sender.typing(wants.place))
        return True

    def _tell(self, update: IncomingUpdate, words: str) -> bool:
        """Tell someone why they get no answer, unless they have just been told."""
        now = monotonic()
        key = (update.wants.place.chat, update.wants.person and update.wants.person.id)
        self._told = {each: until for each, until in self._told.items() if until > now}
        if key in self._told:
            return False
        self._told[key] = now + _TOLD_AGAIN_SECONDS
        self.spawn(self._settle(update, say(words)))
        return True

    async def _note(self, update_id: int, wants: MembershipEvent | ChatMigratedEvent) -> None:
        """Note what became of a chat; the briefing follows it, or ends."""
        chat = wants.place.chat
        if isinstance(wants, ChatMigratedEvent):
            await self._followers.moved(chat, wants.to)
        else:
            await self._people.reachable(chat, yes=wants.yes)
            if not wants.yes:
                await self._followers.end(chat, "blocked")
        await self._inbox.done(UpdateOutcome.NOTED, update_id)

    async def _take_turn(self, chat: int, update: IncomingUpdate) -> None:
        try:
            try:
                reply = await self._reply(update)
            finally:
                self._slots.release()
            await self._settle(update, reply)
        finally:
            self._turns.task_done(chat)
            self._something.set()

    async def _answer(self, update: IncomingUpdate) -> None:
        await self._settle(update, await self._reply(update))

    async def _reply(self, update: IncomingUpdate) -> Reply | None:
        try:
            return await self._replies.reply(update)
        except Exception as error:  # noqa: BLE001 - the user, the log and the owners are told
            return self._failed(update, error)

    async def _settle(self, update: IncomingUpdate, reply: Reply | None) -> None:
        refused = await self._delivery.deliver(update, reply)
        if refused and await self._delivery.deliver(update, self._failed(update, refused)):
            await self._delivery.give_up(update)

    def _failed(self, update: IncomingUpdate, error: Exception) -> Reply:
        reference = self._report.failed(error)
        words = WORDS[self._replies.lang(update)]["failed"]
        return say(words.format(reference=reference))
