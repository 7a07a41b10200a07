"""Render the delivery status of the digest for owners."""

from __future__ import annotations

from collections.abc import Sequence

from bot.digest.store.deliveries import DeliveryCounts, DeliveryRow
from bot.i18n.formats import number_text
from bot.i18n.languages import UiLanguage
from bot.i18n.translations import translator
from bot.telegram.message import OutgoingMessage, join_html, trusted_text

MAX_IN_DOUBT = 20
"""Maximum of listed deliveries in doubt; `briefing digest ledger` lists all."""


def render_delivery_status(
    counts: DeliveryCounts, in_doubt: Sequence[DeliveryRow], lang: UiLanguage
) -> OutgoingMessage:
    """Render the counts by state, and the deliveries in doubt."""
    _ = translator(lang).gettext
    counts_by_state = {state: number_text(count, lang) for state, count in counts.by_state.items()}
    subscribers = number_text(counts.subscribers, lang)
    lines = [
        trusted_text(
            # Translators: {subscribers}: a number of subscribers; the others: numbers of
            # messages.
            _(
                "Subscribers: {subscribers}\n"
                "waiting {planned} · being sent {sending} · sent {sent} · refused {failed} "
                "· left out {skipped} · in doubt {parked}"
            ).format(subscribers=subscribers, **counts_by_state)
        )
    ]
    if in_doubt:
        lines.append(trusted_text(_("In doubt (`briefing digest resend` sends one again):")))
    lines += [
        trusted_text(
            f"\u2066{delivery.number}: {delivery.kind} {delivery.of}, chat {delivery.chat}\u2069"
        )
        for delivery in in_doubt
    ]
    return OutgoingMessage(join_html(lines, "\n"))
