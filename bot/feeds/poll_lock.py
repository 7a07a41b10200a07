"""Running: one process at a time follows the feeds of an archive, and goes on whatever happens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from filelock import Timeout

from bot.feeds.poll_turn import polling_lock
from bot.runtime.background import run_forever

logger = logging.getLogger(__name__)

_LOCK_POLL_SECONDS = 3.0
_RESTART_DELAY_SECONDS = 30.0


async def run_exclusively(
    folder: Path,
    work: Callable[[], Awaitable[None]],
    on_error: Callable[[BaseException], object],
    *,
    lock_poll_interval: float = _LOCK_POLL_SECONDS,
    restart_delay: float = _RESTART_DELAY_SECONDS,
) -> None:
    """Do `work` for ever, as the one process that does over the archive in `folder`.

    Work that breaks off is begun again after `restart_delay` seconds, and `on_error` is told why.
    """
    async with _hold_lock(folder, lock_poll_interval):
        await run_forever(work, on_error, restart_delay)


@asynccontextmanager
async def _hold_lock(folder: Path, lock_poll_interval: float) -> AsyncIterator[None]:
    """Wait until no other process holds the lock, which a process that is killed gives up."""
    lock = polling_lock(folder)
    warned = False
    while True:
        try:
            lock.acquire(blocking=False)
        except Timeout:
            if not warned:
                logger.warning("Another process follows the feeds: waiting for its end.")
            warned = True
            await asyncio.sleep(lock_poll_interval)
        else:
            break
    try:
        yield
    finally:
        lock.release()
