"""Delivery: a reply reaches Telegram once, and the inbox knows what became of it."""

from __future__ import annotations

import asyncio

from telegram.error import Forbidden, TelegramError

from bot.store.inbox import Inbox, Outcome
from bot.store.people import People
from bot.telegram.client import AGAIN, Fate
from bot.telegram.incoming import Update
from bot.telegram.reply import Reply
from bot.telegram.send import Sender, Sent

_OUTCOMES = {
    Fate.SENT: Outcome.SENT,
    Fate.FORBIDDEN: Outcome.FORBIDDEN,
    Fate.REJECTED: Outcome.REJECTED,
}


class Delivery:
    """Sends replies, each at most once, and as often as it takes while none can have arrived."""

    def __init__(self, inbox: Inbox, people: People, sender: Sender) -> None:
        self._inbox = inbox
        self._people = people
        self._sender = sender
        self._attempts: set[asyncio.Task[Sent]] = set()

    async def settle(self, update: Update, reply: Reply | None) -> TelegramError | None:
        """Send the reply and note it; return the error of a reply that Telegram refused.

        Cancelled between two attempts, it leaves the update waiting; an attempt itself goes on to
        its end, because only then is it known.
        """
        if reply is None:
            await self._inbox.done(Outcome.IGNORED, update.id)
            return None
        while True:
            await self._sender.turn(update.wants.place.chat)
            attempt = asyncio.create_task(self._attempt(update, reply))
            self._attempts.add(attempt)
            attempt.add_done_callback(self._attempts.discard)
            sent = await asyncio.shield(attempt)
            if sent.fate not in AGAIN:
                break
        if reply.leaves is not None and sent.fate is Fate.SENT:
            await self._sender.leave_buttons(update.wants.place, reply.leaves)
        return sent.error if sent.fate is Fate.REJECTED else None

    async def stop(self, seconds: float) -> None:
        """Wait at most so long for what is on its way."""
        if self._attempts:
            await asyncio.wait(self._attempts, timeout=seconds)

    async def _attempt(self, update: Update, reply: Reply) -> Sent:
        place = update.wants.place
        sent = await self._sender.edit(place, reply.screen) if reply.edits else None
        if sent is None or sent.fate is Fate.GONE:
            await self._inbox.sending(update.id, reply.given)
            sent = await self._sender.post(place, reply.screen)
        if sent.fate in AGAIN:
            await self._inbox.not_sent(update.id)
        elif sent.fate is Fate.UNKNOWN:
            await self._inbox.unknown(update.id)
        else:
            await self._inbox.done(_OUTCOMES[sent.fate], update.id)
        if isinstance(sent.error, Forbidden):
            await self._people.reachable(place.chat, yes=False)
        return sent
