"""Writing from the event loop, which never waits for the disk: one thread, few commits."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection

from index.storage.database import Database

_PAUSE_SECONDS = 0.02
"""The least time between two commits."""
_Result = TypeVar("_Result")


class _WriteRequest(NamedTuple):
    act: Callable[[Connection], Any]
    done: asyncio.Future[Any]


class DatabaseWriter:
    """Does things in the database, each wholly or not at all, in the order they were asked for.

    What is asked for at once, or while a transaction is being written, goes together into the next
    one, and under load there are only so many in a second: many updates share one commit, and each
    still waits until its own is on the disk.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._thread = ThreadPoolExecutor(1, "writing")
        self._waiting: deque[_WriteRequest] = deque()
        self._task: asyncio.Task[None] | None = None
        self._next = 0.0

    async def __call__(self, act: Callable[[Connection], _Result]) -> _Result:
        """Do `act` in a transaction and return what it returns. Raises what it raises."""
        loop = asyncio.get_running_loop()
        job = _WriteRequest(act, loop.create_future())
        self._waiting.append(job)
        if self._task is None or self._task.done():
            self._task = loop.create_task(self._write_all())
        result: _Result = await job.done
        return result

    async def close(self) -> None:
        """Finish what was asked for."""
        if self._task is not None:
            await self._task
        self._thread.shutdown()

    async def _write_all(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            await asyncio.sleep(self._next - loop.time())
            self._next = loop.time() + _PAUSE_SECONDS
            jobs = list(self._waiting)
            self._waiting.clear()
            results = await loop.run_in_executor(self._thread, self._write, jobs)
            for job, (result, error) in zip(jobs, results, strict=True):
                if job.done.cancelled():
                    continue
                if error is None:
                    job.done.set_result(result)
                else:
                    job.done.set_exception(error)

    def _write(self, jobs: list[_WriteRequest]) -> list[tuple[Any, Exception | None]]:
        try:
            with self._database.writing() as connection:
                return [(job.act(connection), None) for job in jobs]
        except Exception as error:  # noqa: BLE001 - whoever asked for it gets it
            if len(jobs) == 1:
                return [(None, error)]
            return [self._write([job])[0] for job in jobs]
