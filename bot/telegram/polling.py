"""Polling: Telegram is told that an update has come only after it was recorded."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

from telegram.error import Conflict, InvalidToken, TelegramError

from bot.telegram.api import TelegramApi, wait_after
from bot.telegram.rate_limits import Backoff
from index.errors import StoreError

logger = logging.getLogger(__name__)

_MIN_SECONDS = 0.05
"""From one call to the next: under load several updates come in one, and are recorded in one."""


async def poll(
    client: TelegramApi,
    record: Callable[[list[dict[str, Any]]], Awaitable[None]],
    *,
    seconds: int,
    patience: float,
) -> None:
    """Fetch updates for ever and hand them to `record`, oldest first.

    The next call, which lets Telegram forget them, is made when `record` has returned; where it
    fails they are fetched again. A poll that stalls is broken off `patience` seconds after it
    should have ended. Raises `InvalidToken` when the token is revoked.
    """
    offset: int | None = None
    backoff = Backoff()
    while True:
        begun = monotonic()
        try:
            async with asyncio.timeout(seconds + patience):
                updates = _with_ids(await client.raw_updates(offset, seconds))
            if updates:
                await record(updates)
                offset = max(update["update_id"] for update in updates) + 1
            await asyncio.sleep(begun + _MIN_SECONDS - monotonic())
        except InvalidToken:
            # A gateway's 404 looks the same: the token is lost only if Telegram says so again.
            await client.get_me()
            await asyncio.sleep(backoff.next())
        except (TelegramError, TimeoutError, StoreError) as error:
            wait = wait_after(error, backoff)
            logger.warning("Fetching updates failed, again in %.1f s: %s", wait, _said(error))
            await asyncio.sleep(wait)
        else:
            backoff.reset()


def _with_ids(found: Any) -> list[dict[str, Any]]:
    """Return the updates in what Telegram sent. Raises `TelegramError` where there can be none."""
    if not isinstance(found, list):
        raise TelegramError("an answer to getUpdates that is no list")
    updates = [each for each in found if isinstance(each, dict) and _is_id(each.get("update_id"))]
    if found and not updates:
        raise TelegramError("updates without a usable update_id")
    return updates


def _is_id(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**62


def _said(error: Exception) -> str:
    if isinstance(error, Conflict):
        return "another process fetches updates with the same token; stop one of the two"
    return str(error) or "no answer in time"
