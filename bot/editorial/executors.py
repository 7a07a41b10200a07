"""Where the editors' work is done that takes the archive, so that the event loop never waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Result = TypeVar("_Result")


class EditorialExecutors:
    """Two threads of the editors' own: one for what is quick, one for what takes the model.

    No question waits for either; an embedding beside it costs it a part of the cores.
    """

    def __init__(self) -> None:
        self._lookup_executor = ThreadPoolExecutor(1, "desk")
        self._embedding_executor = ThreadPoolExecutor(1, "publishing")

    def close(self) -> None:
        """Begin nothing more on either."""
        for executor in (self._lookup_executor, self._embedding_executor):
            executor.shutdown(wait=False, cancel_futures=True)

    async def run_lookup(self, work: Callable[[], _Result]) -> _Result:
        """Do what takes milliseconds."""
        return await asyncio.get_running_loop().run_in_executor(self._lookup_executor, work)

    async def run_embedding(self, work: Callable[[], _Result]) -> _Result:
        """Do what takes the model, one after another."""
        return await asyncio.get_running_loop().run_in_executor(self._embedding_executor, work)
