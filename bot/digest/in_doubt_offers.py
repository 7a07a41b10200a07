"""Offer deliveries in doubt with the next reply to their chat."""

from __future__ import annotations

import logging

from bot.digest.callbacks import InDoubtCallback
from bot.digest.store.deliveries import DeliveryOutbox, DeliveryRow
from bot.i18n.formats import date_text
from bot.i18n.languages import UiLanguage
from bot.i18n.translations import translator
from bot.telegram.message import Button
from bot.telegram.reply import Reply
from bot.telegram.updates import IncomingUpdate
from index.errors import StoreError
from index.models import parse_iso_date

logger = logging.getLogger(__name__)

_MAX_OFFERS = 3
"""How many deliveries one reply offers."""


class InDoubtOffers:
    """Adds buttons for deliveries in doubt to the replies of their chat."""

    def __init__(self, deliveries: DeliveryOutbox) -> None:
        self._deliveries = deliveries

    async def add_to_reply(self, update: IncomingUpdate, reply: Reply, lang: UiLanguage) -> Reply:
        """Return the reply with a button for each delivery that may not have arrived."""
        target = update.event.target
        if target.is_channel or not self._deliveries.may_have_offers(target.chat_id):
            return reply
        try:
            in_doubt = await self._deliveries.claim_offers(target.chat_id, update.id, _MAX_OFFERS)
        except StoreError as error:
            logger.warning("Deliveries in doubt were not offered: %s", error)
            return reply
        rows = tuple((_offer_button(delivery, lang),) for delivery in in_doubt)
        message = reply.message._replace(buttons=(*reply.message.buttons, *rows))
        return reply._replace(message=message)


def _offer_button(delivery: DeliveryRow, lang: UiLanguage) -> Button:
    _ = translator(lang).gettext
    callback_data = InDoubtCallback(number=delivery.number).pack()
    if delivery.kind != "edition":
        # Translators: Button.
        return Button(_("Alert not received? Show it"), callback_data)
    day = date_text(parse_iso_date(delivery.of), lang)
    return Button(
        # Translators: Button. {day}: a date.
        _("Digest of {day} not received? Show it").format(day=day),
        callback_data,
    )
