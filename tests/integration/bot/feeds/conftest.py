"""What the tests of feeds share: a keeper in virtual time over an archive of its own, and a site."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bot.feeds.services import FeedServices
from bot.feeds.store.feeds import FollowedFeed
from bot.runtime.db_writer import DatabaseWriter
from index.archive import Archive
from index.embeddings.embedder import Embedder
from index.models import Article
from index.storage.database import Database
from index.text.boilerplate import BoilerplateRules
from tests.fakes.web.site import Site
from tests.fixtures.sample_articles import TRIPOLI
from tests.fixtures.virtual_time import REQUEST_SECONDS, VirtualTime, run_feed_services

_Result = TypeVar("_Result")


class FeedHarness:
    """An editor who follows feeds, and the archive that they fill."""

    def __init__(self, archive: Archive, folder: Path) -> None:
        self.archive = archive
        self.time = VirtualTime()
        self.failures: list[BaseException] = []
        self.request_seconds = REQUEST_SECONDS
        self._folder = folder

    def run(self, work: Callable[[FeedServices], Awaitable[_Result]], **feeds: Any) -> _Result:
        """Do `work(keeper)` on a loop of its own; each time is like a restart."""

        async def act() -> _Result:
            database = Database(self._folder)
            writing = DatabaseWriter(database)
            try:
                with run_feed_services(
                    self.archive,
                    writing,
                    self.time,
                    self._folder,
                    self.failures,
                    request_seconds=self.request_seconds,
                    **feeds,
                ) as services:
                    return await work(services)
            finally:
                await writing.close()
                database.close()

        return asyncio.run(act())

    def follow(self, address: str, **chosen: Any) -> int:
        """Follow a feed, and bring what is in it."""
        from bot.feeds.store.feeds import FeedOptions

        async def work(services: FeedServices) -> int:
            feed = await services.feed_manager.add(address, "nadia", FeedOptions(**chosen))
            await services.poller.run(until=self.time() + timedelta(minutes=2))
            return feed.number

        number: int = self.run(work)
        self.well()
        return number

    def later(self, **by: float) -> None:
        """Let time pass while feeds are followed."""
        until = self.time() + timedelta(**by)
        self.run(lambda services: services.poller.run(until=until))
        self.time.move(seconds=max(0.0, (until - self.time()).total_seconds()))
        self.well()

    def feed(self, number: int = 1) -> FollowedFeed:
        return self.run(lambda services: services.feed_manager.feeds.get(number))

    def well(self) -> None:
        """Nothing happened that should not."""
        if self.failures:
            raise self.failures[0]

    @property
    def articles(self) -> list[Article]:
        """The articles in the order in which they came."""
        return sorted(self.archive.articles(), key=lambda each: each.number)

    @property
    def titles(self) -> list[str | None]:
        return [each.title for each in self.articles]


@pytest.fixture
def harness(
    tmp_path: Path,
    embedder: Embedder,
    boilerplate: BoilerplateRules,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[FeedHarness]:
    monkeypatch.setattr("bot.runtime.db_writer._PAUSE_SECONDS", 0)
    folder = tmp_path / "archive"
    with Archive(folder, lambda: embedder, zone=TRIPOLI, boilerplate=boilerplate) as archive:
        made = FeedHarness(archive, folder)
        archive._clock = made.time
        archive._store._clock = made.time
        yield made


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running
