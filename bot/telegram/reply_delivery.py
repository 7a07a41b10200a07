"""Deliver each reply to Telegram at most once, and record the outcome in the inbox."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from telegram.error import Forbidden, TelegramError

from bot.telegram.api import RETRYABLE, SendOutcome
from bot.telegram.chats import ChatPreferences
from bot.telegram.inbox import Inbox, UpdateOutcome
from bot.telegram.rate_limits import Backoff
from bot.telegram.reply import Reply
from bot.telegram.sender import MessageSender, SendResult
from bot.telegram.shielded_calls import MarkStarted, ShieldedCalls
from bot.telegram.updates import IncomingUpdate, QuestionEvent, ReplyTarget
from index.errors import StoreError

logger = logging.getLogger(__name__)

_Result = TypeVar("_Result")
_EDIT_RETRY_SECONDS = 1.0


class ReplyDelivery:
    """Sends replies; repeats an attempt only if it cannot have arrived."""

    def __init__(self, inbox: Inbox, preferences: ChatPreferences, sender: MessageSender) -> None:
        self.sender = sender
        self._inbox = inbox
        self._preferences = preferences
        self._shielded_calls = ShieldedCalls[SendResult]()
        self._stopping = False

    async def deliver(self, update: IncomingUpdate, reply: Reply) -> TelegramError | None:
        """Send a reply and record its outcome; return Telegram's error if it rejects the reply.

        The reply to an edited question replaces the reply to the question before the edit.
        If this is cancelled before an attempt's call leaves, the update stays waiting; a call that
        has left runs to its end, because only then is its outcome known. After a rejection the
        caller delivers another reply, or calls `close_without_reply`.
        """
        if isinstance(update.event, QuestionEvent) and update.event.is_edited:
            reply = await self._as_edit(update.event.target, reply)
        while True:
            result = await self._shielded_calls.run(partial(self._attempt, update, reply))
            if reply.edits and result.outcome is SendOutcome.UNKNOWN:
                await asyncio.sleep(_EDIT_RETRY_SECONDS)
            elif result.outcome not in RETRYABLE:
                break
        if reply.remaining_buttons is not None and result.outcome is SendOutcome.SENT:
            await self.sender.set_buttons(update.event.target, reply.remaining_buttons)
        return result.error if result.outcome is SendOutcome.REJECTED else None

    async def close_without_reply(self, outcome: UpdateOutcome, *updates: IncomingUpdate) -> None:
        """Record that updates are done and get no reply."""
        ids = [update.id for update in updates]
        if ids:
            await retry_until_stored(lambda: self._inbox.mark_done(outcome, *ids))

    async def stop(self, timeout: float) -> None:
        """Begin no further call, and wait at most `timeout` seconds for running ones."""
        self._stopping = True
        await self._shielded_calls.stop(timeout)

    async def _as_edit(self, target: ReplyTarget, reply: Reply) -> Reply:
        """Return a reply that replaces the earlier reply to the message `target.message_id`."""
        if target.message_id is None or reply.attachment:
            return reply
        earlier_id = await self._inbox.find_reply_message(target.chat_id, target.message_id)
        if earlier_id is None:
            return reply
        return reply._replace(edits=True, edited_message_id=earlier_id)

    async def _attempt(
        self, update: IncomingUpdate, reply: Reply, mark_started: MarkStarted
    ) -> SendResult:
        target = update.event.target
        edited = target._replace(message_id=reply.edited_message_id or target.message_id)

        async def before_edit() -> None:
            mark_started()
            if state := reply.answer_state:
                await retry_until_stored(lambda: self._inbox.store_answer_state(update.id, state))

        result = await self.sender.edit(edited, reply.message, before_edit) if reply.edits else None
        if result is None or result.outcome is SendOutcome.GONE:
            result = await self._post(update, reply, mark_started)
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
                lambda: self._inbox.mark_done(
                    UpdateOutcome.SENT,
                    update.id,
                    continues=continues,
                    reply_message_id=result.message_id or reply.edited_message_id,
                )
            )
        elif result.outcome is SendOutcome.FORBIDDEN:
            await retry_until_stored(
                lambda: self._inbox.mark_done(UpdateOutcome.FORBIDDEN, update.id)
            )
        return result

    async def _post(
        self, update: IncomingUpdate, reply: Reply, mark_started: MarkStarted
    ) -> SendResult:
        """Send the reply; mark the update as being sent right before the call leaves."""

        async def before_call() -> None:
            if self._stopping:
                raise asyncio.CancelledError
            mark_started()
            answer_state = reply.answer_state
            if answer_state:
                answer_state = answer_state.model_copy(
                    update={"chat": self.sender.current_chat_id(answer_state.chat)}
                )
            await retry_until_stored(lambda: self._inbox.mark_sending(update.id, answer_state))

        return await self.sender.post(
            update.event.target, reply.message, before_call, reply.attachment
        )


async def retry_until_stored(write: Callable[[], Awaitable[_Result]]) -> _Result:
    """Repeat a write until the database accepts it, as its fact has happened; return its result."""
    backoff = Backoff()
    while True:
        try:
            return await write()
        except StoreError as error:
            wait = backoff.next_delay()
            logger.warning("Writing to the database failed, again in %.1f s: %s", wait, error)
            await asyncio.sleep(wait)
