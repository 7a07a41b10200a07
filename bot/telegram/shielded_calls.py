"""Attempts that go on to their end: only then is it known what became of them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Generic, TypeVar

_Result = TypeVar("_Result")


class ShieldedCalls(Generic[_Result]):
    """Calls that are made, and are not cancelled with whoever waits for them."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[_Result]] = set()

    async def run(self, call: Coroutine[Any, Any, _Result]) -> _Result:
        """Make one and return what it returns; cancelled meanwhile, it is still made."""
        task = asyncio.create_task(call)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)

    async def stop(self, timeout: float) -> None:
        """Wait at most so long for those under way, then end them."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=timeout)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
