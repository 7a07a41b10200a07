"""Fetch updates by long polling, and confirm them to Telegram only after they were recorded."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

from telegram.error import Conflict, InvalidToken, TelegramError

from bot.telegram.api import TelegramApi, retry_delay
from bot.telegram.rate_limits import Backoff
from index.errors import StoreError

logger = logging.getLogger(__name__)

_MIN_INTERVAL_SECONDS = 0.05
"""Shortest time between two calls: under load one call then brings several updates."""


async def poll(
    client: TelegramApi,
    record: Callable[[list[dict[str, Any]]], Awaitable[None]],
    *,
    poll_timeout: int,
    timeout_margin: float,
) -> None:
    """Fetch updates for ever and pass them to `record`, oldest first.

    The next call, which confirms them to Telegram, follows when `record` has returned; if `record`
    fails, they are fetched again. A call may last `poll_timeout` seconds and is cancelled
    `timeout_margin` seconds after that. Raises `InvalidToken` if the token is revoked.
    """
    offset: int | None = None
    backoff = Backoff()
    while True:
        started_at = monotonic()
        try:
            async with asyncio.timeout(poll_timeout + timeout_margin):
                updates = _check_updates(await client.fetch_raw_updates(offset, poll_timeout))
            if updates:
                await record(updates)
                offset = max(update["update_id"] for update in updates) + 1
            await asyncio.sleep(started_at + _MIN_INTERVAL_SECONDS - monotonic())
        except InvalidToken:
            # A gateway's 404 looks the same: getMe raises this again only if the token is revoked.
            await client.get_me()
            await asyncio.sleep(backoff.next_delay())
        except (TelegramError, TimeoutError, StoreError) as error:
            wait = retry_delay(error, backoff)
            logger.warning(
                "Fetching updates failed, again in %.1f s: %s", wait, _describe_error(error)
            )
            await asyncio.sleep(wait)
        else:
            backoff.reset()


def _check_updates(result: Any) -> list[dict[str, Any]]:
    """Return the updates that have an id in the result of getUpdates. Raises `TelegramError`."""
    if not isinstance(result, list):
        raise TelegramError("the result of getUpdates is no list")
    updates = [
        update
        for update in result
        if isinstance(update, dict) and _is_update_id(update.get("update_id"))
    ]
    if result and not updates:
        raise TelegramError("updates without a usable update_id")
    return updates


def _is_update_id(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**62


def _describe_error(error: Exception) -> str:
    if isinstance(error, Conflict):
        return "another process fetches updates with the same token; stop one of the two"
    return str(error) or "no answer in time"
