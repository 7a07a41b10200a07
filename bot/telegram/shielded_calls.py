"""Attempts that go on to their end: only then is it known what became of them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Generic, TypeVar

_Result = TypeVar("_Result")


class ShieldedCalls(Generic[_Result]):
    """Calls that are made, and are not cancelled with whoever waits for them."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[_Result]] = set()

    async def make(self, attempt: Coroutine[Any, Any, _Result]) -> _Result:
        """Make one and return what it returns; cancelled meanwhile, it is still made."""
        task = asyncio.create_task(attempt)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def stop(self, seconds: float) -> None:
        """Wait at most so long for those under way, then end them."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=seconds)
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
