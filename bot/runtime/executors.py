"""The threads of the process: every pool is made here, with what may run in it.

The event loop waits for no disk, no model and no parser: it hands the work to one of these pools.
The archive itself keeps three more kinds of threads, which its own modules name: the workers of
the encoder (`index.embeddings.onnx_embedder`), name resolution (`index.ingest.http.resolver`) and
the timer that ends a sandbox (`index.ingest.sandbox`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from index.thread_priority import lower_thread_priority

_Result = TypeVar("_Result")


class Worker:
    """A pool of threads for one kind of work."""

    def __init__(self, name: str, *, threads: int = 1, background: bool = False) -> None:
        """Name the threads; those in the background yield the processor to all others."""
        self._pool = ThreadPoolExecutor(
            threads, name, initializer=lower_thread_priority if background else None
        )

    async def run(self, work: Callable[[], _Result]) -> _Result:
        """Run `work` in the pool and return its result. Raises what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self, *, wait: bool = False) -> None:
        """Start nothing more, and wait for what is running where `wait` says so."""
        self._pool.shutdown(wait=wait, cancel_futures=True)


class Executors:
    """The pools of one process. A pool starts its threads when it is first used."""

    def __init__(self) -> None:
        self.inference = Worker("inference")
        """Encodes the questions of readers, one at a time."""
        self.lookup = Worker("lookup")
        """Searches the archive for readers, while the next question is encoded."""
        self.editions = Worker("editions")
        """Builds editions that a reader waits for."""
        self.time_zones = Worker("time zones")
        """Finds time zones by name or coordinates."""
        self.editor_lookup = Worker("editor lookup")
        """Reads the archive for editors: milliseconds each."""
        self.publishing = Worker("publishing")
        """Embeds and stores what editors publish."""
        self.imports = Worker("imports", threads=2)
        """Reads documents and pages that editors send, each in a sandbox."""
        self.approvals = Worker("approvals")
        """Stores the articles of feeds that editors approve."""
        self.planning = Worker("edition planning", background=True)
        """Builds the editions of the daily digest."""
        self.alerts = Worker("alerts", background=True)
        """Matches new articles with what chats watch."""
        self.feed_items = Worker("feed items", background=True)
        """Embeds and stores the articles of feeds."""
        self.feed_pages = Worker("feed pages", background=True)
        """Parses feeds and their pages, and compares them with what is known."""

    def close(self) -> None:
        """Start nothing more, and wait for the pools that use the archive for readers."""
        awaited = (self.inference, self.lookup, self.editions, self.planning, self.alerts)
        for worker in vars(self).values():
            worker.close()
        for worker in awaited:
            worker.close(wait=True)
