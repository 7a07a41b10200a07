"""Running: one process at a time follows the feeds of an archive, and goes on whatever happens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from filelock import Timeout

from bot.feeds.poll_turn import polling_turn
from bot.runtime.background import run_forever

logger = logging.getLogger(__name__)

_LOOK_AGAIN_SECONDS = 3.0
_BEGIN_AGAIN_SECONDS = 30.0


async def follow(
    folder: Path,
    work: Callable[[], Awaitable[None]],
    failed: Callable[[BaseException], object],
    *,
    look_again: float = _LOOK_AGAIN_SECONDS,
    begin_again: float = _BEGIN_AGAIN_SECONDS,
) -> None:
    """Do `work` for ever, as the one process that does over the archive in `folder`.

    Work that breaks off is begun again after `begin_again` seconds, and `failed` is told why.
    """
    async with _alone(folder, look_again):
        await run_forever(work, failed, begin_again)


@asynccontextmanager
async def _alone(folder: Path, look_again: float) -> AsyncIterator[None]:
    """Wait until no other process holds the lock, which a process that is killed gives up."""
    lock = polling_turn(folder)
    told = False
    while True:
        try:
            lock.acquire(blocking=False)
        except Timeout:
            if not told:
                logger.warning("Another process follows the feeds: waiting for its end.")
            told = True
            await asyncio.sleep(look_again)
        else:
            break
    try:
        yield
    finally:
        lock.release()
