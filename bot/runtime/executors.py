"""The thread pools of the process, and the kind of work that each one runs.

The event loop never waits for the disk, a model or a parser: it hands such work to one of these
pools. The archive has three more kinds of threads, defined in its own modules: the workers of the
encoder (`index.embeddings.onnx_embedder`), name resolution (`index.ingest.http.resolver`) and
the timer that stops a sandbox (`index.ingest.sandbox`).
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
        """Name the threads; those of a `background` pool run at low priority."""
        self._pool = ThreadPoolExecutor(
            threads, name, initializer=lower_thread_priority if background else None
        )

    async def run(self, work: Callable[[], _Result]) -> _Result:
        """Run `work` in the pool and return its result. Raises what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self, *, wait: bool = False) -> None:
        """Cancel the queued work; if `wait` is set, wait for the running work."""
        self._pool.shutdown(wait=wait, cancel_futures=True)


class Executors:
    """The pools of one process. A pool starts its threads when it is first used."""

    def __init__(self) -> None:
        self.inference = Worker("inference")
        """Encodes the questions of readers, one at a time."""
        self.lookup = Worker("lookup")
        """Searches the archive for readers, while the next question is encoded."""
        self.inline = Worker("inline queries", background=True)
        """Answers inline queries."""
        self.editions = Worker("editions")
        """Builds editions, profiles and timelines that a reader asked for, and draws charts."""
        self.time_zones = Worker("time zones")
        """Finds time zones by name or coordinates."""
        self.editor_lookup = Worker("editor lookup")
        """Reads the archive for editors: milliseconds each."""
        self.publishing = Worker("publishing")
        """Embeds and stores the articles that editors publish."""
        self.imports = Worker("imports", threads=2)
        """Reads documents and pages that editors send, each in a sandbox."""
        self.approvals = Worker("approvals")
        """Stores the articles of feeds that editors approve."""
        self.planning = Worker("edition planning", background=True)
        """Builds the editions of the daily digest."""
        self.alerts = Worker("alerts", background=True)
        """Matches new articles with the watches of chats."""
        self.feed_items = Worker("feed items", background=True)
        """Embeds and stores the articles of feeds."""
        self.feed_pages = Worker("feed pages", background=True)
        """Parses feeds and their pages, and compares them with the stored items."""

    def close(self) -> None:
        """Cancel the queued work of all pools; wait for those that use the archive for readers."""
        awaited = {
            self.inference,
            self.lookup,
            self.inline,
            self.editions,
            self.planning,
            self.alerts,
        }
        for worker in sorted(vars(self).values(), key=awaited.__contains__):
            worker.close(wait=worker in awaited)
