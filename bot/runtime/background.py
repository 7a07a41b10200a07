"""Run work for the life of the process, and restart it after it ends or fails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


async def run_forever(
    work: Callable[[], Awaitable[object]],
    on_error: Callable[[BaseException], object],
    restart_delay: float,
) -> None:
    """Run `work` repeatedly until cancelled, `restart_delay` seconds after each end.

    Exceptions are passed to `on_error`.
    """
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - on_error reports it
            on_error(error)
        await asyncio.sleep(restart_delay)
