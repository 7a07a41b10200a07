"""Delivery: a reply reaches Telegram once, and the inbox knows what became of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from telegram.error import Forbidden, TelegramError

from bot.telegram.api import RETRYABLE, SendOutcome
from bot.telegram.chats import ChatPreferences
from bot.telegram.inbox import Inbox, UpdateOutcome
from bot.telegram.rate_limits import Backoff
from bot.telegram.reply import Reply
from bot.telegram.sender import MessageSender, SendResult
from bot.telegram.shielded_calls import ShieldedCalls
from bot.telegram.updates import IncomingUpdate
from index.errors import StoreError

logger = logging.getLogger(__name__)

_EDIT_RETRY_SECONDS = 1.0


class ReplyDelivery:
    """Sends replies, each at most once, and as often as it takes while none can have arrived."""

    def __init__(self, inbox: Inbox, preferences: ChatPreferences, sender: MessageSender) -> None:
        self.sender = sender
        self._inbox = inbox
        self._preferences = preferences
        self._sender = sender
        self._shielded_calls = ShieldedCalls[SendResult]()
        self._stopping = False

    async def deliver(self, update: IncomingUpdate, reply: Reply) -> TelegramError | None:
        """Send the reply and note it; return the error of a reply that Telegram refused.

        Cancelled between two attempts, it leaves the update waiting; an attempt itself goes on to
        its end, because only then is it known. What was refused is for the caller to deliver in
        another form, or to `close_without_reply`.
        """
        while True:
            await self._sender.wait_for_slot(update.event.target.chat_id)
            result = await self._shielded_calls.run(self._attempt(update, reply))
            if reply.edits and result.outcome is SendOutcome.UNKNOWN:
                await asyncio.sleep(_EDIT_RETRY_SECONDS)
            elif result.outcome not in RETRYABLE:
                break
        if reply.remaining_buttons is not None and result.outcome is SendOutcome.SENT:
            await self._sender.set_buttons(update.event.target, reply.remaining_buttons)
        return result.error if result.outcome is SendOutcome.REJECTED else None

    async def close_without_reply(self, outcome: UpdateOutcome, *updates: IncomingUpdate) -> None:
        """Record that updates are done and get no reply."""
        ids = [update.id for update in updates]
        if ids:
            await retry_until_stored(lambda: self._inbox.mark_done(outcome, *ids))

    async def stop(self, timeout: float) -> None:
        """Begin nothing more, and wait at most so long for what is on its way."""
        self._stopping = True
        await self._shielded_calls.stop(timeout)

    async def _attempt(self, update: IncomingUpdate, reply: Reply) -> SendResult:
        target = update.event.target
        result = await self._sender.edit(target, reply.message) if reply.edits else None
        if result is None or result.outcome is SendOutcome.GONE:
            result = await self._post(update, reply)
        elif result.outcome in RETRYABLE or result.outcome is SendOutcome.UNKNOWN:
            return result
        if isinstance(result.error, Forbidden):
            await retry_until_stored(
                lambda: self._preferences.set_reachable(target.chat_id, reachable=False)
            )
        if result.outcome in RETRYABLE:
            await retry_until_stored(lambda: self._inbox.mark_waiting(update.id))
        elif result.outcome is SendOutcome.UNKNOWN:
            await retry_until_stored(lambda: self._inbox.mark_in_doubt(update.id))
        elif result.outcome is SendOutcome.SENT:
            continues = reply.answer_state.continues if reply.answer_state else None
            await retry_until_stored(
                lambda: self._inbox.mark_done(UpdateOutcome.SENT, update.id, continues=continues)
            )
        elif result.outcome is SendOutcome.FORBIDDEN:
            await retry_until_stored(
                lambda: self._inbox.mark_done(UpdateOutcome.FORBIDDEN, update.id)
            )
        return result

    async def _post(self, update: IncomingUpdate, reply: Reply) -> SendResult:
        """Send the reply; it is marked only when a line is free, and nothing stands before it."""

        async def before_call() -> None:
            if self._stopping:
                raise asyncio.CancelledError
            answer_state = reply.answer_state
            if answer_state:
                answer_state = answer_state.model_copy(
                    update={"chat": self._sender.current_chat_id(answer_state.chat)}
                )
            await retry_until_stored(lambda: self._inbox.mark_sending(update.id, answer_state))

        return await self._sender.post(
            update.event.target, reply.message, before_call, reply.attachment
        )


async def retry_until_stored(write: Callable[[], Awaitable[None]]) -> None:
    """Write a note, however often the database has to be asked: what it says is so."""
    backoff = Backoff()
    while True:
        try:
            await write()
        except StoreError as error:
            wait = backoff.next_delay()
            logger.warning("A note was not taken, again in %.1f s: %s", wait, error)
            await asyncio.sleep(wait)
        else:
            return
