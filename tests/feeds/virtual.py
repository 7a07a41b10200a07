"""Time that passes only while everybody rests, hosts that nobody has to register, and a keeper."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import trafilatura  # noqa: F401 - it warns when it is first loaded, and within a test that fails
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.feeds.keeper import Keeper
from bot.feeds.pages import Readers
from bot.settings import load_settings
from bot.store.writing import Writing
from index.archive import Archive
from index.sources.documents import read_document
from index.sources.feed_reading import read_feed

START = datetime(2026, 2, 5, 9, 0, tzinfo=UTC)
HERE = Readers(read_feed, read_document)
"""Our own pages are read in this process, which costs a tenth of another one's start."""
PATIENCE = 0.4
"""Seconds: how long a silent server keeps a test waiting."""


class VirtualTime:
    """A clock, and the resting that moves it: to the first time that somebody rests until."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now
        self.busy: Callable[[], int] = lambda: 0
        """How many are at work or rest, beside the one who gives out the work."""
        self.moved: Callable[[datetime], None] = lambda now: None
        self._resting: list[tuple[datetime, asyncio.Future[None]]] = []

    def __call__(self) -> datetime:
        return self._now

    def move(self, **by: float) -> None:
        """Let time pass for everybody."""
        self._to(self._now + timedelta(**by))

    async def rest(self, until: datetime) -> None:
        """Wait until then."""
        if until <= self._now:
            return
        loop = asyncio.get_running_loop()
        mine = (until, loop.create_future())
        self._resting.append(mine)
        loop.call_soon(self._look)
        try:
            await mine[1]
        finally:
            if mine in self._resting:
                self._resting.remove(mine)

    def _look(self) -> None:
        if len(self._resting) > self.busy():
            self._first()

    def _first(self) -> None:
        if self._resting:
            self._to(max(self._now, min(until for until, _ in self._resting)))

    def _to(self, now: datetime) -> None:
        self._now = now
        self.moved(now)
        for until, future in self._resting:
            if until <= now and not future.done():
                future.set_result(None)


class Anywhere(AbstractResolver):
    """Finds every host on this machine."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host, host="127.0.0.1", port=port, family=family, proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        pass


@contextmanager
def keeping(
    archive: Archive,
    writing: Writing,
    time: VirtualTime,
    folder: Path,
    failures: list[BaseException],
    *,
    readers: Readers = HERE,
    **feeds: Any,
) -> Iterator[Keeper]:
    """A keeper whose time is virtual; `feeds` are settings."""
    settings = {f"BRIEFING_FEEDS_{name.upper()}": str(value) for name, value in feeds.items()}
    settings |= {"BRIEFING_DATA_DIR": str(folder), "BRIEFING_FETCHING_ALLOW_LOOPBACK": "true"}
    keeper = Keeper(
        load_settings(settings, dotenv=Path("none")),
        archive,
        writing,
        failed=failures.append,
        clock=time,
        rest=time.rest,
        resolver=Anywhere(),
        patience=PATIENCE,
        readers=readers,
        chance=Random(4),
        attentive=timedelta(days=365),
    )
    courtesy = keeper.control._courtesy

    def busy() -> int:
        locks = [*courtesy._turns.values(), *courtesy._reading.values()]
        waiting = sum(len(lock._waiters or ()) for lock in locks)
        return len(keeper.poller._tasks) - waiting

    time.busy = busy
    try:
        yield keeper
    finally:
        keeper.close()
