"""Offering: what may not have arrived is offered with the next reply to its reader."""

from __future__ import annotations

import logging

from bot.digest.store.deliveries import DeliveryOutbox, DeliveryRow
from bot.i18n.catalogue import UiLanguage, date_text
from bot.i18n.digest_strings import BRIEFING
from bot.telegram.message import Button
from bot.telegram.reply import Reply, ReplyHandler
from bot.telegram.updates import IncomingUpdate
from index.errors import StoreError
from index.models import parse_iso_date

logger = logging.getLogger(__name__)

_MAX_OFFERS = 3
"""So many are offered with one reply."""


class InDoubtOffers:
    """Replies as another does, with a button for what is parked."""

    def __init__(self, handler: ReplyHandler, deliveries: DeliveryOutbox) -> None:
        self._handler = handler
        self._deliveries = deliveries

    def lang(self, update: IncomingUpdate) -> UiLanguage:
        """Return the language in which to speak to whoever sent the update."""
        return self._handler.lang(update)

    def needs_archive(self, update: IncomingUpdate) -> bool:
        """Say whether the reply takes the archive, and so waits for its turn."""
        return self._handler.needs_archive(update)

    def is_editorial(self, update: IncomingUpdate) -> bool:
        """Say whether it is an editor's work."""
        return self._handler.is_editorial(update)

    async def reply(self, update: IncomingUpdate) -> Reply | None:
        """Return the reply to an update; None where it needs none."""
        reply = await self._handler.reply(update)
        target = update.event.target
        if (
            reply is None
            or target.is_channel
            or not self._deliveries.may_have_offers(target.chat_id)
        ):
            return reply
        try:
            in_doubt = await self._deliveries.claim_offers(target.chat_id, update.id, _MAX_OFFERS)
        except StoreError as error:
            logger.warning("What is parked was not offered: %s", error)
            return reply
        rows = tuple((_offer_button(delivery, self.lang(update)),) for delivery in in_doubt)
        message = reply.message._replace(buttons=(*reply.message.buttons, *rows))
        return reply._replace(message=message)


def _offer_button(delivery: DeliveryRow, lang: UiLanguage) -> Button:
    words = BRIEFING[lang]
    if delivery.kind != "edition":
        return Button(words["parked alert"], f"parked:{delivery.number}")
    day = date_text(parse_iso_date(delivery.of), lang)
    return Button(words["parked"].format(day=day), f"parked:{delivery.number}")
