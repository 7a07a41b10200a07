"""The courier: what the ledger has planned reaches its chat at most once, and is paced.

A line is marked as being sent when nothing stands before its call any more. What cannot have
arrived is sent again; what may have is parked, and nobody sends it unasked.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from weakref import WeakValueDictionary

from bot.digest.renderer import NothingToSend, PayloadRenderer
from bot.digest.store.deliveries import DeliveryOutbox, DeliveryRow
from bot.telegram.api import AGAIN, SendOutcome, is_muted, is_of_topic
from bot.telegram.message import OutgoingMessage
from bot.telegram.reply_delivery import retry_until_stored
from bot.telegram.sender import MessageSender, SendResult
from bot.telegram.shielded_calls import ShieldedCalls
from bot.telegram.transport import ServerError
from bot.telegram.updates import ReplyTarget
from index.clock import Clock

logger = logging.getLogger(__name__)

MAX_IN_FLIGHT = 200
"""Deliveries that are taken in hand: so many that some chats may be held back by Telegram."""
MAX_CONCURRENT_SENDS = 12
"""Messages that are on their way at once: answers have some lines of their own."""
LOOK_AGAIN_SECONDS = 15.0
_BEGIN_AGAIN_SECONDS = 10.0


class _AlreadyClaimed(Exception):
    """Somebody else sends it, or nobody is to any more."""


Unreachable = Callable[[int], Awaitable[None]]
"""Is told of a chat that the bot may not write to."""


class DeliveryWorker:
    """Sends what is planned."""

    def __init__(
        self,
        ledger: DeliveryOutbox,
        faces: PayloadRenderer,
        sender: MessageSender,
        unreachable: Unreachable,
        clock: Clock,
        failed: Callable[[BaseException], object],
        *,
        look_again: float = LOOK_AGAIN_SECONDS,
    ) -> None:
        """`failed` is told of what should not happen."""
        self._ledger = ledger
        self._faces = faces
        self._sender = sender
        self._unreachable = unreachable
        self._clock = clock
        self._failed = failed
        self._look_again = look_again
        self._lines = asyncio.Semaphore(MAX_CONCURRENT_SENDS)
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        """By chat: what is planned for one reaches it in that order."""
        self._in_hand: dict[int, asyncio.Task[None]] = {}
        self._attempts = ShieldedCalls[SendOutcome]()
        self._something = asyncio.Event()
        self._stopping = False

    def poke(self) -> None:
        """Look for what is planned now."""
        self._something.set()

    async def run(self) -> None:
        """Deliver for ever."""
        while True:
            self._something.clear()
            room = MAX_IN_FLIGHT - len(self._in_hand)
            found = await self._ledger.planned(room, set(self._in_hand)) if room else []
            for each in found:
                task = asyncio.create_task(self._deliver(each))
                self._in_hand[each.number] = task
                task.add_done_callback(partial(self._done, each.number))
            if len(found) == room or not found:
                await self._pause()

    async def stop(self, seconds: float) -> None:
        """Begin nothing more, and wait at most so long for what is on its way."""
        self._stopping = True
        for task in self._in_hand.values():
            task.cancel()
        await asyncio.gather(*self._in_hand.values(), return_exceptions=True)
        await self._attempts.stop(seconds)

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._look_again):
                await self._something.wait()
        except TimeoutError:
            return

    def _done(self, number: int, task: asyncio.Task[None]) -> None:
        del self._in_hand[number]
        self._something.set()
        if not task.cancelled() and (error := task.exception()):
            self._failed(error)

    async def _deliver(self, of: DeliveryRow) -> None:
        """Send one until it may have arrived, or it is not to be sent any more."""
        async with self._turns.setdefault(of.chat, asyncio.Lock()):
            await self._send(of)

    async def _send(self, of: DeliveryRow) -> None:
        assert of.content is not None, "what is planned has a content"
        try:
            while not self._is_late(of):
                screen = await self._faces.screen(of.content)
                await self._sender.wait_for_broadcast_slot(of.chat)
                if self._is_late(of):
                    break
                fate = await self._attempts.make(self._attempt(of, screen))
                if fate is SendOutcome.GONE:
                    of = of._replace(thread=None)
                elif fate not in AGAIN:
                    return
            await self._ledger.skip(of, "late")
        except NothingToSend as nothing:
            await self._ledger.skip(of, nothing.why)
        except _AlreadyClaimed:
            return
        except Exception:
            await asyncio.sleep(_BEGIN_AGAIN_SECONDS)
            raise

    def _is_late(self, of: DeliveryRow) -> bool:
        return of.until is not None and self._clock() >= datetime.fromisoformat(of.until)

    async def _attempt(self, of: DeliveryRow, screen: OutgoingMessage) -> SendOutcome:
        """Try once, and note what became of it; GONE is the forum's topic that it was for."""
        begun = False

        async def begin() -> None:
            nonlocal begun
            if self._stopping:
                raise asyncio.CancelledError
            if not await self._ledger.claim(of):
                raise _AlreadyClaimed
            begun = True

        try:
            async with self._lines:
                sent = await self._sender.post(ReplyTarget(of.chat, of.thread), screen, begin)
        except Exception:
            if begun:
                await retry_until_stored(lambda: self._ledger.mark_in_doubt(of))
            raise
        return await self._noted(of, sent)

    async def _noted(self, of: DeliveryRow, sent: SendResult) -> SendOutcome:
        fate = sent.fate
        if isinstance(sent.error, ServerError):
            fate = SendOutcome.UNKNOWN  # even Telegram's own word is not relied upon
        elif fate is SendOutcome.FORBIDDEN and of.thread and is_of_topic(sent.error):
            fate = SendOutcome.GONE
        if fate in AGAIN:
            await retry_until_stored(lambda: self._ledger.put_back(of))
        elif fate is SendOutcome.GONE:
            await retry_until_stored(lambda: self._ledger.leave_topic(of))
        elif fate is SendOutcome.SENT:
            await retry_until_stored(lambda: self._ledger.sent(of))
        elif fate is SendOutcome.UNKNOWN:
            await retry_until_stored(lambda: self._ledger.mark_in_doubt(of))
        elif fate is SendOutcome.FORBIDDEN and not is_muted(sent.error):
            await retry_until_stored(lambda: self._ledger.fail(of, "blocked"))
            await retry_until_stored(lambda: self._unreachable(of.chat))
        else:
            await retry_until_stored(lambda: self._ledger.fail(of, "refused"))
        return fate
