"""Send planned deliveries, each at most once, within Telegram's rate limits.

A delivery is marked as being sent immediately before its API call. A delivery that cannot have
arrived is sent again; one that may have arrived is marked as in doubt and never sent unasked.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from weakref import WeakValueDictionary

from bot.digest.payloads import EditionPayload
from bot.digest.renderer import NothingToSend, PayloadRenderer
from bot.digest.store.deliveries import DeliveryOutbox, DeliveryRow
from bot.telegram.api import RETRYABLE, SendOutcome, is_muted, is_too_long, is_topic_error
from bot.telegram.call_limiter import Priority
from bot.telegram.message import OutgoingMessage
from bot.telegram.reply_delivery import retry_until_stored
from bot.telegram.sender import MessageSender, SendResult
from bot.telegram.shielded_calls import MarkStarted, ShieldedCalls
from bot.telegram.transport import ServerError
from bot.telegram.updates import ReplyTarget
from index.clock import Clock

logger = logging.getLogger(__name__)

MAX_IN_FLIGHT = 200
"""Concurrent deliveries: enough to go on while Telegram throttles some chats."""
POLL_INTERVAL_SECONDS = 15.0
_RETRY_DELAY_SECONDS = 10.0


class _AlreadyClaimed(Exception):
    """Another worker sends the delivery, or it is not planned any more."""


UnreachableCallback = Callable[[int], Awaitable[None]]
"""Called with the id of a chat that the bot may not write to."""


class DeliveryWorker:
    """Sends planned deliveries."""

    def __init__(
        self,
        deliveries: DeliveryOutbox,
        renderer: PayloadRenderer,
        sender: MessageSender,
        on_unreachable: UnreachableCallback,
        clock: Clock,
        on_error: Callable[[BaseException], object],
        *,
        poll_interval: float = POLL_INTERVAL_SECONDS,
    ) -> None:
        """Initialise the worker; `on_error` receives unexpected errors."""
        self._deliveries = deliveries
        self._renderer = renderer
        self._sender = sender
        self._on_unreachable = on_unreachable
        self._clock = clock
        self._on_error = on_error
        self._poll_interval = poll_interval
        self._chat_locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        """By chat id: the deliveries of a chat are sent in the planned order."""
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._shielded_calls = ShieldedCalls[DeliveryRow | None]()
        self._wake_event = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """Check for planned deliveries now."""
        self._wake_event.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            self._wake_event.clear()
            free_slots = MAX_IN_FLIGHT - len(self._tasks)
            planned = (
                await self._deliveries.next_planned(free_slots, set(self._tasks))
                if free_slots
                else []
            )
            for delivery in planned:
                task = asyncio.create_task(self._deliver(delivery))
                self._tasks[delivery.number] = task
                task.add_done_callback(partial(self._on_task_done, delivery.number))
            if len(planned) == free_slots or not planned:
                await self._wait_for_work()

    async def stop(self, seconds: float) -> None:
        """Stop starting deliveries, and wait at most `seconds` for those being sent."""
        self._stopping = True
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        await self._shielded_calls.stop(seconds)

    async def _wait_for_work(self) -> None:
        try:
            async with asyncio.timeout(self._poll_interval):
                await self._wake_event.wait()
        except TimeoutError:
            return

    def _on_task_done(self, delivery_number: int, task: asyncio.Task[None]) -> None:
        del self._tasks[delivery_number]
        self._wake_event.set()
        if not task.cancelled() and (error := task.exception()):
            self._on_error(error)

    async def _deliver(self, delivery: DeliveryRow) -> None:
        """Send a delivery, with retries, until it may have arrived or must not be sent any more."""
        async with self._chat_locks.setdefault(delivery.chat, asyncio.Lock()):
            await self._send(delivery)

    async def _send(self, delivery: DeliveryRow) -> None:
        try:
            while not self._is_late(delivery):
                assert delivery.content is not None, "a planned delivery has a content"
                message = await self._renderer.render(delivery.content)
                replanned = await self._shielded_calls.run(
                    partial(self._attempt, delivery, message)
                )
                if replanned is None:
                    return
                delivery = replanned
            await self._deliveries.mark_skipped(delivery, "late")
        except NothingToSend as error:
            await self._deliveries.mark_skipped(delivery, error.reason)
        except _AlreadyClaimed:
            return
        except Exception:
            await asyncio.sleep(_RETRY_DELAY_SECONDS)
            raise

    def _is_late(self, delivery: DeliveryRow) -> bool:
        return delivery.until is not None and self._clock() >= datetime.fromisoformat(
            delivery.until
        )

    async def _attempt(
        self, delivery: DeliveryRow, message: OutgoingMessage, mark_started: MarkStarted
    ) -> DeliveryRow | None:
        """Try once and record the outcome; return the delivery if it is planned again."""
        claimed = False

        async def claim() -> None:
            nonlocal claimed
            if self._stopping:
                raise asyncio.CancelledError
            if self._is_late(delivery):
                raise NothingToSend("late")
            mark_started()
            if not await self._deliveries.claim(delivery):
                raise _AlreadyClaimed
            claimed = True

        try:
            send_result = await self._sender.post(
                ReplyTarget(delivery.chat, delivery.thread),
                message,
                claim,
                priority=Priority.BROADCAST,
            )
        except Exception:
            if claimed:
                await retry_until_stored(lambda: self._deliveries.mark_in_doubt(delivery))
            raise
        return await self._record_outcome(delivery, send_result)

    async def _record_outcome(
        self, delivery: DeliveryRow, send_result: SendResult
    ) -> DeliveryRow | None:
        outcome, error = send_result.outcome, send_result.error
        if isinstance(error, ServerError):
            outcome = SendOutcome.UNKNOWN  # after a server error the message may have arrived
        if outcome in RETRYABLE:
            await retry_until_stored(lambda: self._deliveries.mark_planned(delivery))
            return delivery
        if outcome is SendOutcome.FORBIDDEN and delivery.thread and is_topic_error(error):
            await retry_until_stored(lambda: self._deliveries.clear_thread(delivery))
            return delivery._replace(thread=None)
        if outcome is SendOutcome.REJECTED and is_too_long(error):
            return await retry_until_stored(lambda: self._shorten(delivery))
        if outcome is SendOutcome.SENT:
            await retry_until_stored(lambda: self._deliveries.mark_sent(delivery))
        elif outcome is SendOutcome.UNKNOWN:
            await retry_until_stored(lambda: self._deliveries.mark_in_doubt(delivery))
        elif outcome is SendOutcome.FORBIDDEN and not is_muted(error):
            await retry_until_stored(lambda: self._deliveries.mark_failed(delivery, "blocked"))
            await retry_until_stored(lambda: self._on_unreachable(delivery.chat))
        else:
            await retry_until_stored(lambda: self._deliveries.mark_failed(delivery, "refused"))
        return None

    async def _shorten(self, delivery: DeliveryRow) -> DeliveryRow | None:
        """Plan an edition that is too long for Telegram with fewer stories, and return it.

        Anything else that is too long has failed.
        """
        assert delivery.content is not None, "a planned delivery has a content"
        edition = await self._renderer.load_content(delivery.content)
        shorter = edition.shorten() if isinstance(edition, EditionPayload) else None
        if shorter is None:
            await self._deliveries.mark_failed(delivery, "refused")
            return None
        return await self._deliveries.replace_content(delivery, shorter)
