"""Offering: what may not have arrived is offered with the next reply to its reader."""

from __future__ import annotations

import logging

from bot.digest.store.deliveries import DeliveryOutbox, DeliveryRow
from bot.i18n.catalogue import UiLanguage, shown_date
from bot.i18n.digest_strings import BRIEFING
from bot.telegram.message import Button
from bot.telegram.reply import Reply, ReplyHandler
from bot.telegram.updates import IncomingUpdate
from index.errors import StoreError
from index.models import parse_iso_date

logger = logging.getLogger(__name__)

_MOST = 3
"""So many are offered with one reply."""


class InDoubtOffers:
    """Replies as another does, with a button for what is parked."""

    def __init__(self, replies: ReplyHandler, ledger: DeliveryOutbox) -> None:
        self._replies = replies
        self._ledger = ledger

    def lang(self, update: IncomingUpdate) -> UiLanguage:
        """Return the language in which to speak to whoever sent the update."""
        return self._replies.lang(update)

    def needs_archive(self, update: IncomingUpdate) -> bool:
        """Say whether the reply takes the archive, and so waits for its turn."""
        return self._replies.needs_archive(update)

    def is_editorial(self, update: IncomingUpdate) -> bool:
        """Say whether it is an editor's work."""
        return self._replies.is_editorial(update)

    async def reply(self, update: IncomingUpdate) -> Reply | None:
        """Return the reply to an update; None where it needs none."""
        reply = await self._replies.reply(update)
        place = update.wants.place
        if reply is None or place.channel or not self._ledger.may_offer(place.chat):
            return reply
        try:
            parked = await self._ledger.offer(place.chat, update.id, _MOST)
        except StoreError as error:
            logger.warning("What is parked was not offered: %s", error)
            return reply
        rows = tuple((_button(each, self.lang(update)),) for each in parked)
        screen = reply.screen._replace(buttons=(*reply.screen.buttons, *rows))
        return reply._replace(screen=screen)


def _button(of: DeliveryRow, lang: UiLanguage) -> Button:
    words = BRIEFING[lang]
    if of.kind != "edition":
        return Button(words["parked alert"], f"parked:{of.number}")
    day = shown_date(parse_iso_date(of.of), lang)
    return Button(words["parked"].format(day=day), f"parked:{of.number}")
