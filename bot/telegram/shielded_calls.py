"""Run calls that must not be cancelled once they have begun."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

_Result = TypeVar("_Result")

MarkStarted = Callable[[], None]
"""Declares that a call has begun."""


class ShieldedCalls(Generic[_Result]):
    """Runs calls so that cancelling the caller ends only those that have not begun.

    Only a call that ran to its end has a known outcome.
    """

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[_Result]] = set()

    async def run(self, call: Callable[[MarkStarted], Coroutine[Any, Any, _Result]]) -> _Result:
        """Return the result of `call`, which calls its argument when it begins.

        If this coroutine is cancelled later than that, the call goes on; if earlier, it is
        cancelled too.
        """
        started = False

        def mark_started() -> None:
            nonlocal started
            started = True

        task = asyncio.create_task(call(mark_started))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if not started:
                task.cancel()
            raise

    async def stop(self, timeout: float) -> None:
        """Wait at most `timeout` seconds for running calls, then cancel them."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=timeout)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
