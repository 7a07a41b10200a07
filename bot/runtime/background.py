"""Work that lasts: it is begun again whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


async def run_forever(
    work: Callable[[], Awaitable[object]],
    on_error: Callable[[BaseException], object],
    restart_delay: float,
) -> None:
    """Do `work` for ever, with so many seconds between an end and the next beginning.

    Where it breaks off, `on_error` is told why.
    """
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - the log and the owners are told
            on_error(error)
        await asyncio.sleep(restart_delay)
