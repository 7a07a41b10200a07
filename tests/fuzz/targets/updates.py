"""Updates as Telegram sends them."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bot.telegram.invitation_tokens import hash_tokens
from bot.telegram.message_content import parse_message_content
from bot.telegram.updates import BotIdentity, parse_update
from tests.fixtures.sample_updates import BOT, ROBOT, SAMPLES

SEEDS = tuple(json.dumps(sample).encode() for sample in SAMPLES)
_ME = BotIdentity(ROBOT["id"], BOT)


def evaluation_seeds() -> Iterator[bytes]:
    """Yield seeds from the evaluation data: it has no updates."""
    return iter(())


def run(data: bytes) -> None:
    """Parse an update."""
    try:
        update = json.loads(data)
    except (ValueError, RecursionError):
        return
    if isinstance(update, dict):
        update = hash_tokens(update)
        parse_message_content(update.get("message"))
    parse_update(update, _ME)
