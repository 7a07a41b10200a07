"""Write to the database from the event loop: one thread, and many operations per commit."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection

from bot.runtime.executors import Worker
from index.storage.database import Database

_PAUSE_SECONDS = 0.02
"""The shortest time between two commits."""
_Result = TypeVar("_Result")


class _WriteRequest(NamedTuple):
    operation: Callable[[Connection], Any]
    future: asyncio.Future[Any]


class DatabaseWriter:
    """Runs write operations on a thread of its own, each atomically, in the order of the calls.

    Operations that arrive together, or while a transaction is running, share the next transaction;
    a pause between commits limits their rate. Many updates so share one commit, and each call still
    returns only once its own operation is on the disk. If an operation fails, the batch is rolled
    back and each of its operations is retried in a transaction of its own.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._worker = Worker("database writer")
        self._reader = Worker("database reader")
        self._pending: deque[_WriteRequest] = deque()
        self._task: asyncio.Task[None] | None = None
        self._next_commit_at = 0.0

    async def __call__(self, operation: Callable[[Connection], _Result]) -> _Result:
        """Run `operation` in a transaction and return its result. Raises what it raises."""
        loop = asyncio.get_running_loop()
        request = _WriteRequest(operation, loop.create_future())
        self._pending.append(request)
        if self._task is None or self._task.done():
            self._task = loop.create_task(self._write_pending())
        result: _Result = await request.future
        return result

    async def read(self, operation: Callable[[Connection], _Result]) -> _Result:
        """Run `operation` in a read transaction of its own, which waits for no write.

        It sees every write that was awaited before. Raises what it raises.
        """
        return await self._reader.run(partial(self._read, operation))

    async def close(self) -> None:
        """Finish the pending operations and stop the thread."""
        if self._task is not None:
            await self._task
        self._worker.close(wait=True)
        self._reader.close(wait=True)

    async def _write_pending(self) -> None:
        loop = asyncio.get_running_loop()
        while self._pending:
            await asyncio.sleep(self._next_commit_at - loop.time())
            self._next_commit_at = loop.time() + _PAUSE_SECONDS
            requests = list(self._pending)
            self._pending.clear()
            results = await self._worker.run(partial(self._write_batch, requests))
            for request, (result, error) in zip(requests, results, strict=True):
                if request.future.cancelled():
                    continue
                if error is None:
                    request.future.set_result(result)
                else:
                    request.future.set_exception(error)

    def _read(self, operation: Callable[[Connection], _Result]) -> _Result:
        with self._database.read_transaction() as connection:
            return operation(connection)

    def _write_batch(self, requests: list[_WriteRequest]) -> list[tuple[Any, Exception | None]]:
        try:
            with self._database.write_transaction() as connection:
                return [(request.operation(connection), None) for request in requests]
        except Exception as error:  # noqa: BLE001 - the caller receives it
            if len(requests) == 1:
                return [(None, error)]
            return [self._write_batch([request])[0] for request in requests]
