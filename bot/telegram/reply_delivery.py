"""Delivery: a reply reaches Telegram once, and the inbox knows what became of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from telegram.error import Forbidden, TelegramError

from bot.telegram.api import AGAIN, SendOutcome
from bot.telegram.chats import ChatPreferences
from bot.telegram.inbox import Inbox, UpdateOutcome
from bot.telegram.rate_limits import Backoff
from bot.telegram.reply import Reply
from bot.telegram.sender import MessageSender, SendResult
from bot.telegram.shielded_calls import ShieldedCalls
from bot.telegram.updates import IncomingUpdate
from index.errors import StoreError

logger = logging.getLogger(__name__)

_EDIT_AGAIN_SECONDS = 1.0


class ReplyDelivery:
    """Sends replies, each at most once, and as often as it takes while none can have arrived."""

    def __init__(self, inbox: Inbox, people: ChatPreferences, sender: MessageSender) -> None:
        self._inbox = inbox
        self._people = people
        self._sender = sender
        self._attempts = ShieldedCalls[SendResult]()
        self._stopping = False

    async def deliver(self, update: IncomingUpdate, reply: Reply | None) -> TelegramError | None:
        """Send the reply and note it; return the error of a reply that Telegram refused.

        Cancelled between two attempts, it leaves the update waiting; an attempt itself goes on to
        its end, because only then is it known. What was refused is for the caller to settle anew,
        or to `give_up`.
        """
        if reply is None:
            await retry_until_stored(lambda: self._inbox.done(UpdateOutcome.IGNORED, update.id))
            return None
        while True:
            await self._sender.wait_for_slot(update.wants.place.chat)
            sent = await self._attempts.make(self._attempt(update, reply))
            if reply.edits and sent.fate is SendOutcome.UNKNOWN:
                await asyncio.sleep(_EDIT_AGAIN_SECONDS)
            elif sent.fate not in AGAIN:
                break
        if reply.leaves is not None and sent.fate is SendOutcome.SENT:
            await self._sender.leave_buttons(update.wants.place, reply.leaves)
        return sent.error if sent.fate is SendOutcome.REJECTED else None

    async def give_up(self, update: IncomingUpdate) -> None:
        """Note that Telegram takes no reply to an update."""
        await retry_until_stored(lambda: self._inbox.done(UpdateOutcome.REJECTED, update.id))

    async def stop(self, seconds: float) -> None:
        """Begin nothing more, and wait at most so long for what is on its way."""
        self._stopping = True
        await self._attempts.stop(seconds)

    async def _attempt(self, update: IncomingUpdate, reply: Reply) -> SendResult:
        place = update.wants.place
        sent = await self._sender.edit(place, reply.screen) if reply.edits else None
        if sent is None or sent.fate is SendOutcome.GONE:
            sent = await self._post(update, reply)
        elif sent.fate in AGAIN or sent.fate is SendOutcome.UNKNOWN:
            return sent
        if isinstance(sent.error, Forbidden):
            await retry_until_stored(lambda: self._people.reachable(place.chat, yes=False))
        if sent.fate in AGAIN:
            await retry_until_stored(lambda: self._inbox.not_sent(update.id))
        elif sent.fate is SendOutcome.UNKNOWN:
            await retry_until_stored(lambda: self._inbox.mark_in_doubt(update.id))
        elif sent.fate is SendOutcome.SENT:
            continues = reply.given.continues if reply.given else None
            await retry_until_stored(
                lambda: self._inbox.done(UpdateOutcome.SENT, update.id, continues=continues)
            )
        elif sent.fate is SendOutcome.FORBIDDEN:
            await retry_until_stored(lambda: self._inbox.done(UpdateOutcome.FORBIDDEN, update.id))
        return sent

    async def _post(self, update: IncomingUpdate, reply: Reply) -> SendResult:
        """Send the reply; it is marked only when a line is free, and nothing stands before it."""

        async def begin() -> None:
            if self._stopping:
                raise asyncio.CancelledError
            given = reply.given
            if given:
                given = given.model_copy(update={"chat": self._sender.current_chat_id(given.chat)})
            await retry_until_stored(lambda: self._inbox.sending(update.id, given))

        return await self._sender.post(update.wants.place, reply.screen, begin, reply.document)


async def retry_until_stored(write: Callable[[], Awaitable[None]]) -> None:
    """Write a note, however often the database has to be asked: what it says is so."""
    backoff = Backoff()
    while True:
        try:
            await write()
        except StoreError as error:
            wait = backoff.next()
            logger.warning("A note was not taken, again in %.1f s: %s", wait, error)
            await asyncio.sleep(wait)
        else:
            return
