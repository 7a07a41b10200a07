"""What owners are shown of the briefing: who gets it, and what became of what was sent."""

from __future__ import annotations

from collections.abc import Sequence

from bot.digest.store.deliveries import DeliveryCounts, DeliveryRow
from bot.i18n.catalogue import UiLanguage, shown_number
from bot.i18n.digest_strings import BRIEFING
from bot.telegram.message import OutgoingMessage, joined, trusted_text

MAX_IN_DOUBT = 20
"""So many of those that may not have arrived are listed; `briefing digest ledger` has all."""


def delivered(
    counted: DeliveryCounts, parked: Sequence[DeliveryRow], lang: UiLanguage
) -> OutgoingMessage:
    """Lay out the counts, and what may not have arrived."""
    words = BRIEFING[lang]
    counts = {state: shown_number(count, lang) for state, count in counted.by_state.items()}
    subscribers = shown_number(counted.subscribers, lang)
    lines = [trusted_text(words["status"].format(subscribers=subscribers, **counts))]
    if parked:
        lines.append(trusted_text(words["status parked"]))
    lines += [
        trusted_text(f"\u2066{each.number}: {each.kind} {each.of}, chat {each.chat}\u2069")
        for each in parked
    ]
    return OutgoingMessage(joined(lines, "\n"))
