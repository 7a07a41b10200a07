"""Poll the feeds of an archive in one process at a time, and restart polling after errors."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from bot.runtime.background import run_forever
from index.storage.archive_folder import PRIVATE_FILE_MODE

logger = logging.getLogger(__name__)

_LOCK_POLL_SECONDS = 3.0
_RESTART_DELAY_SECONDS = 30.0


def polling_lock(folder: Path) -> FileLock:
    """Return the lock that a process must hold to poll the feeds of the archive in `folder`."""
    return FileLock(folder / "feeds.lock", mode=PRIVATE_FILE_MODE)


async def run_exclusively(
    folder: Path,
    work: Callable[[], Awaitable[None]],
    on_error: Callable[[BaseException], object],
    *,
    lock_poll_interval: float = _LOCK_POLL_SECONDS,
    restart_delay: float = _RESTART_DELAY_SECONDS,
) -> None:
    """Run `work` forever, in only one process per archive folder at a time.

    Work that raises is restarted after `restart_delay` seconds, and the error goes to `on_error`.
    """
    async with _hold_lock(folder, lock_poll_interval):
        await run_forever(work, on_error, restart_delay)


@asynccontextmanager
async def _hold_lock(folder: Path, lock_poll_interval: float) -> AsyncIterator[None]:
    """Wait for the lock and hold it; the operating system releases the lock of a killed process."""
    lock = polling_lock(folder)
    warned = False
    while True:
        try:
            lock.acquire(blocking=False)
        except Timeout:
            if not warned:
                logger.warning("Another process polls the feeds; waiting for its lock.")
            warned = True
            await asyncio.sleep(lock_poll_interval)
        else:
            break
    try:
        yield
    finally:
        lock.release()
