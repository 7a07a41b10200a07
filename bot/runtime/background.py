"""Work that lasts: it is begun again whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


async def run_forever(
    work: Callable[[], Awaitable[object]],
    failed: Callable[[BaseException], object],
    begin_again: float,
) -> None:
    """Do `work` for ever, with so many seconds between an end and the next beginning.

    Where it breaks off, `failed` is told why.
    """
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - the log and the owners are told
            failed(error)
        await asyncio.sleep(begin_again)
